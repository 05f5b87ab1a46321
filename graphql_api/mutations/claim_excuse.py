"""`claimExcuse`: A statutory ground with its dates and evidence: it disapplies a limit, and never extends it."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs
from graphql_api.acting import Asked, act
from graphql_api.context import Context
from graphql_api.types.results import Result
from statute.types import Kind


@strawberry.input(description="A statutory ground with its dates and evidence: it disapplies a limit, and never extends it.")
class ClaimExcuseInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    deadline: str = strawberry.field(description="The limit, as in the definition.")
    ground: str = strawberry.field(description="The ground, as in the definition.")
    item: str | None = strawberry.field(default=None, description=inputs.ITEM)
    on: date | None = strawberry.field(default=None, description=inputs.ON)
    facts: list[inputs.FactInput] = strawberry.field(default_factory=list, description=inputs.FACTS)
    expected_version: int | None = strawberry.field(default=None, description=inputs.EXPECTED)


async def claim_excuse(context: Context, given: ClaimExcuseInput) -> Result:
    """A statutory ground with its dates and evidence: it disapplies a limit, and never extends it."""
    return await act(
        context,
        Asked(
            "claimExcuse",
            Kind.EXCUSED,
            given.key,
            given.case_id,
            given.deadline,
            item=given.item,
            outcome=given.ground,
            expected_version=given.expected_version,
            on=given.on,
            facts=tuple(given.facts),
        ),
    )
