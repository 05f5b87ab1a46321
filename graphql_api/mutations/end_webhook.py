"""`endWebhook`: an address is told nothing any more."""

from __future__ import annotations

from dataclasses import replace

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context
from graphql_api.types import results
from graphql_api.types import webhook as shown
from policies.actions import Act, Object
from store import webhooks

NO_WEBHOOK = "There is no such webhook here."


@strawberry.input(description="A webhook that is to end.")
class EndWebhookInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    webhook_id: strawberry.ID = strawberry.field(description="Which.")


async def end_webhook(context: Context, given: EndWebhookInput) -> shown.Ended:
    """End it, and forget what it was still to be told; ended already, nothing changes."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        may = reading.standing.may(Object.WEBHOOK, Act.REGISTER)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        key = register.key_in("Webhook", given.webhook_id)
        found = await webhooks.read(reading.session, key) if key else None
        if found is None:
            return results.NotFound(say=NO_WEBHOOK)
        new = await webhooks.end(reading.session, found.id)
    return shown.WebhookEnded(webhook=shown.webhook_of(replace(found, status=webhooks.ENDED) if new else found), replayed=not new)
