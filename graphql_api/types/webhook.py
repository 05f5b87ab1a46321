"""Where a council's own systems are told that a case moved on: what is read, and what an act on it answers."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Annotated

import strawberry

from graphql_api.identifiers import global_id
from graphql_api.types import results
from graphql_api.types.registered import REPLAYED
from store import webhooks as store


@strawberry.type(description="An address that is told of changes: which case and step, its kind and its process. No personal data.")
class Webhook:
    id: strawberry.ID = strawberry.field(description="Its id.")
    url: str = strawberry.field(description="The address.")
    status: str = strawberry.field(description="active, disabled (after days of failures), or ended.")
    registered_at: datetime | None = strawberry.field(description="Since when.")
    told_at: datetime | None = strawberry.field(description="When it was last told something.")
    failing_since: datetime | None = strawberry.field(description="Since when nothing but failures; null: it is well.")
    last_error: str | None = strawberry.field(description="The last failure, as a word or a status.")


@strawberry.type(description="A host to which this council lets its webhooks go.")
class WebhookHost:
    host: str = strawberry.field(description="Its name.")
    why: str = strawberry.field(description="Why.")
    allowed_at: datetime | None = strawberry.field(description="Since when.")


@strawberry.type(description="The address is registered.")
class WebhookRegistered:
    webhook: Webhook = strawberry.field(description="The webhook.")
    secret: str = strawberry.field(description="What its messages are signed with (whsec_...): told to who registered it, and never again.")


@strawberry.type(description="The host is allowed.")
class WebhookHostAllowed:
    host: WebhookHost = strawberry.field(description="The host.")
    replayed: bool = strawberry.field(description=REPLAYED)


@strawberry.type(description="The address is told nothing any more.")
class WebhookEnded:
    webhook: Webhook = strawberry.field(description="The webhook.")
    replayed: bool = strawberry.field(description=REPLAYED)


No = results.Denied | results.Invalid | results.NotFound
Registered = WebhookRegistered | No
Allowed = WebhookHostAllowed | No
Ended = WebhookEnded | No
RegisterWebhookResult = Annotated[
    Registered, strawberry.union("RegisterWebhookResult", description="What became of registering an address.")
]
AllowWebhookHostResult = Annotated[Allowed, strawberry.union("AllowWebhookHostResult", description="What became of allowing a host.")]
EndWebhookResult = Annotated[Ended, strawberry.union("EndWebhookResult", description="What became of ending a webhook.")]


def webhook_of(one: store.Webhook) -> Webhook:
    """A webhook without its secret."""
    key = global_id("Webhook", one.id)
    return Webhook(
        id=key, url=one.url, status=one.status, registered_at=one.registered_at,
        told_at=one.told_at, failing_since=one.failing_since, last_error=one.last_error,
    )  # fmt: skip


def host_of(one: store.Host) -> WebhookHost:
    """A host."""
    return WebhookHost(host=one.host, why=one.why, allowed_at=one.allowed_at)


def secret_of(one: store.Webhook) -> str:
    """As Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(one.secret).decode()
