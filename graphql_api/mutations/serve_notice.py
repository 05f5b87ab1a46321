"""`serveNotice`: Confirm that a notice was served, how and when: this is what the law counts."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs
from graphql_api.acting import Asked, act
from graphql_api.context import Context
from graphql_api.types.results import Result
from statute.types import Kind


@strawberry.input(description="Confirm that a notice was served, how and when: this is what the law counts.")
class ServeNoticeInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    name: str = strawberry.field(description="As in the definition.")
    how: str = strawberry.field(description="by_hand, email, portal or first_class_post: the definition says when it is taken to arrive.")
    on: date | None = strawberry.field(default=None, description=inputs.ON)
    facts: list[inputs.FactInput] = strawberry.field(default_factory=list, description=inputs.FACTS)
    expected_version: int | None = strawberry.field(default=None, description=inputs.EXPECTED)


async def serve_notice(context: Context, given: ServeNoticeInput) -> Result:
    """Confirm that a notice was served, how and when: this is what the law counts."""
    return await act(
        context,
        Asked(
            "serveNotice",
            Kind.SERVED,
            given.key,
            given.case_id,
            given.name,
            how=given.how,
            expected_version=given.expected_version,
            on=given.on,
            facts=tuple(given.facts),
        ),
    )
