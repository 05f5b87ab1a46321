"""`recordEvent`: Something that happened: its name, its facts and the day."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs
from graphql_api.acting import Asked, act
from graphql_api.context import Context
from graphql_api.types.results import Result
from statute.types import Kind


@strawberry.input(description="Something that happened: its name, its facts and the day.")
class RecordEventInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    name: str = strawberry.field(description="As in the definition.")
    item: str | None = strawberry.field(default=None, description=inputs.ITEM)
    about: strawberry.ID | None = strawberry.field(default=None, description="The person or setting that it is directed at.")
    on: date | None = strawberry.field(default=None, description=inputs.ON)
    facts: list[inputs.FactInput] = strawberry.field(default_factory=list, description=inputs.FACTS)
    expected_version: int | None = strawberry.field(default=None, description=inputs.EXPECTED)


async def record_event(context: Context, given: RecordEventInput) -> Result:
    """Something that happened: its name, its facts and the day."""
    return await act(
        context,
        Asked(
            "recordEvent",
            Kind.HAPPENED,
            given.key,
            given.case_id,
            given.name,
            item=given.item,
            about=given.about,
            expected_version=given.expected_version,
            on=given.on,
            facts=tuple(given.facts),
        ),
    )
