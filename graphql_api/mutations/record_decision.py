"""`recordDecision`: A decision, its outcome and what it must record."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs
from graphql_api.acting import Asked, act
from graphql_api.context import Context
from graphql_api.types.results import Result
from statute.types import Kind


@strawberry.input(description="A decision, its outcome and what it must record.")
class RecordDecisionInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    name: str = strawberry.field(description="As in the definition.")
    outcome: str = strawberry.field(description="How it went: one of the outcomes of the definition.")
    on: date | None = strawberry.field(default=None, description=inputs.ON)
    facts: list[inputs.FactInput] = strawberry.field(default_factory=list, description=inputs.FACTS)
    expected_version: int | None = strawberry.field(default=None, description=inputs.EXPECTED)


async def record_decision(context: Context, given: RecordDecisionInput) -> Result:
    """A decision, its outcome and what it must record."""
    return await act(
        context,
        Asked(
            "recordDecision",
            Kind.DECIDED,
            given.key,
            given.case_id,
            given.name,
            outcome=given.outcome,
            expected_version=given.expected_version,
            on=given.on,
            facts=tuple(given.facts),
        ),
    )
