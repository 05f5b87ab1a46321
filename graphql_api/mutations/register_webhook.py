"""`registerWebhook`: an address of the council's own systems, on a host that another person allowed."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context
from graphql_api.types import results
from graphql_api.types import webhook as shown
from policies.actions import Act, Object
from statute.types import Fault
from store import webhooks

LONGEST = 500


@strawberry.input(description="An address that is to be told of changes.")
class RegisterWebhookInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    url: str = strawberry.field(description="https, on an allowed host; without a name or a password in it.")


async def register_webhook(context: Context, given: RegisterWebhookInput) -> shown.Registered:
    """Once by (person who asks, key); the same key again tells the secret again, which an answer that got lost had in it."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        may = reading.standing.may(Object.WEBHOOK, Act.REGISTER)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        host, wrong = host_of(given.url, anywhere=context.deps.webhooks_anywhere)
        if wrong is not None:
            return results.invalid(wrong)
        if host not in {one.host for one in await webhooks.hosts(reading.session)}:
            why, do = "nothing is sent where nobody allowed it", "let whoever answers for the council allow it (allowWebhookHost)"
            return results.invalid(Fault("url", "is on a host that is not allowed here", why, do))
        key = register.row_id(reading, "webhook", given.key)
        there = await webhooks.listed(reading.session)
        if key not in {one.id for one in there} and sum(one.status == webhooks.ACTIVE for one in there) >= webhooks.MOST:
            return results.invalid(Fault("url", "is one too many", f"at most {webhooks.MOST} are told", "end one first"))
        new = webhooks.Webhook(key, given.url, host, secrets.token_bytes(32), reading.standing.person.id)
        kept = await webhooks.register(reading.session, new)
        if kept.url != given.url:
            return results.invalid(register.KEY_USED)
    return shown.WebhookRegistered(webhook=shown.webhook_of(kept), secret=shown.secret_of(kept))


def host_of(url: str, *, anywhere: bool = False) -> tuple[str, Fault | None]:
    """The host of an address, or what is wrong with it."""
    why, do = "it is told of children's cases", "give an https address without user, password or fragment"
    wrong = Fault("url", "is no address that may be told", why, do)
    if len(url) > LONGEST or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return "", wrong
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "", wrong
    schemes = ("https", "http") if anywhere else ("https",)
    if parts.scheme not in schemes or not host or "@" in parts.netloc or parts.fragment or port == 0:
        return "", wrong
    return host, None
