"""`allowWebhookHost`: whoever answers for the council says to which hosts anything may go."""

from __future__ import annotations

import re

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context
from graphql_api.types import results
from graphql_api.types import webhook as shown
from policies.actions import Act, Object
from statute.types import Fault
from store import webhooks

_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


@strawberry.input(description="A host to which webhooks may go.")
class AllowWebhookHostInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    host: str = strawberry.field(description="Its full name, for example hooks.westshire.gov.uk; no address, no port, no pattern.")
    why: str = strawberry.field(description="Why, for the record.")


async def allow_webhook_host(context: Context, given: AllowWebhookHostInput) -> shown.Allowed:
    """Allow it; allowed already, nothing changes, whoever did it."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        may = reading.standing.may(Object.WEBHOOK, Act.ALLOW_DESTINATION)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        faults: list[Fault] = []
        why, host = register.prose_of(faults, "why", given.why), given.host.strip().lower()
        if not (_NAME.fullmatch(host) or (context.deps.webhooks_anywhere and host in ("localhost", "127.0.0.1"))):
            faults.append(Fault("host", "is no full name of a host", "it is compared letter by letter", "give it without address or port"))
        if faults:
            return results.invalid(*faults)
        new = await webhooks.allow(reading.session, webhooks.Host(host, reading.standing.person.id, why))
        kept = next(one for one in await webhooks.hosts(reading.session) if one.host == host)
    return shown.WebhookHostAllowed(host=shown.host_of(kept), replayed=not new)
