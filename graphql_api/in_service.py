"""Whether a council may be acted in: asked once, before every act, so that no new mutation can forget it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import strawberry
from strawberry.extensions import FieldExtension

from graphql_api.context import Reading, context_of
from graphql_api.types.results import Denied
from store import lifecycle

_C = TypeVar("_C", bound=type)


async def denied(reading: Reading) -> Denied | None:
    """Why nobody may act here now; nothing where the council is active, or the person looks after or over the service."""
    tenant = reading.standing.tenant
    if reading.standing.in_service:
        return None
    if tenant.status == lifecycle.CLOSED:
        return Denied(reason=f"{tenant.name} is closed.")
    event = await lifecycle.last(reading.session, "suspended")
    since = f" since {event.at:%-d %B %Y}: {event.why}" if event else ""
    said = "Every limit of the law goes on: give what cannot wait to the council by other means, and the day on which it has it counts."
    return Denied(reason=f"{tenant.name} is suspended{since.rstrip('.')}. {said}")


class InService(FieldExtension):
    """Answers `Denied` in place of the act."""

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        async with context_of(info).read() as reading:
            no = await denied(reading)
        return no or await next_(source, info, **kwargs)


def acting(mutations: _C) -> _C:
    """Put the question before every field of the class of mutations."""
    for field in mutations.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        field.extensions.append(InService())
    return mutations
