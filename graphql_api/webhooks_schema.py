"""The part of the schema about webhooks: what `Query` and `Mutation` inherit, so that `schema.py` stays short."""

from __future__ import annotations

import strawberry
from strawberry import Info

from graphql_api.context import context_of
from graphql_api.mutations import allow_webhook_host as allowing
from graphql_api.mutations import end_webhook as ending
from graphql_api.mutations import register_webhook as registering
from graphql_api.types import webhook as shown
from policies.actions import Act, Object
from store import webhooks as store


@strawberry.type(description="What can be asked of webhooks.")
class WebhooksQuery:
    @strawberry.field(description="Where this council's own systems are told of changes; empty for those who may not read it.")
    async def webhooks(self, info: Info) -> list[shown.Webhook]:
        async with context_of(info).read() as reading:
            may = reading.standing.may(Object.WEBHOOK, Act.READ).allowed
            return [shown.webhook_of(one) for one in await store.listed(reading.session)] if may else []

    @strawberry.field(description="The hosts to which webhooks may go; empty for those who may not read it.")
    async def webhook_hosts(self, info: Info) -> list[shown.WebhookHost]:
        async with context_of(info).read() as reading:
            may = reading.standing.may(Object.WEBHOOK, Act.READ).allowed
            return [shown.host_of(one) for one in await store.hosts(reading.session)] if may else []


@strawberry.type(description="What can be done about webhooks.")
class WebhooksMutation:
    @strawberry.mutation(description="Allow a host: for whoever answers for the council. Who registers addresses there is another.")
    async def allow_webhook_host(self, info: Info, input: allowing.AllowWebhookHostInput) -> shown.AllowWebhookHostResult:  # noqa: A002
        return await allowing.allow_webhook_host(context_of(info), input)

    @strawberry.mutation(description="Register an address on an allowed host.")
    async def register_webhook(self, info: Info, input: registering.RegisterWebhookInput) -> shown.RegisterWebhookResult:  # noqa: A002
        return await registering.register_webhook(context_of(info), input)

    @strawberry.mutation(description="End a webhook.")
    async def end_webhook(self, info: Info, input: ending.EndWebhookInput) -> shown.EndWebhookResult:  # noqa: A002
        return await ending.end_webhook(context_of(info), input)
