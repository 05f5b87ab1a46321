"""`completeTask`: A task, or one of several alike: one adviser's advice, one setting's answer."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs
from graphql_api.acting import Asked, act
from graphql_api.context import Context
from graphql_api.types.results import Result
from statute.types import Kind


@strawberry.input(description="A task, or one of several alike: one adviser's advice, one setting's answer.")
class CompleteTaskInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    name: str = strawberry.field(description="As in the definition.")
    item: str | None = strawberry.field(default=None, description=inputs.ITEM)
    on: date | None = strawberry.field(default=None, description=inputs.ON)
    facts: list[inputs.FactInput] = strawberry.field(default_factory=list, description=inputs.FACTS)
    expected_version: int | None = strawberry.field(default=None, description=inputs.EXPECTED)


async def complete_task(context: Context, given: CompleteTaskInput) -> Result:
    """A task, or one of several alike: one adviser's advice, one setting's answer."""
    return await act(
        context,
        Asked(
            "completeTask",
            Kind.DONE,
            given.key,
            given.case_id,
            given.name,
            item=given.item,
            expected_version=given.expected_version,
            on=given.on,
            facts=tuple(given.facts),
        ),
    )
