"""`suspendMediator`: who is suspended is assigned to no case from now on. Cases that they have are for the council to give to another."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, mediating, register
from graphql_api.context import Context
from graphql_api.types import results
from graphql_api.types.mediator import MediatorOutcome
from statute.types import Fault
from tenants.mediators import Step


@strawberry.input(description="A mediator who is to be assigned to no case any more.")
class SuspendMediatorInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    person_id: strawberry.ID = strawberry.field(description="Whom.")
    expected_version: int = strawberry.field(description="The version that the caller had seen; stale: MediatorConflict.")
    why: str = strawberry.field(description="Why: for who reads the register later.")


async def suspend_mediator(context: Context, given: SuspendMediatorInput) -> MediatorOutcome:
    """Add a version that suspends; a renewal ends it."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        may = mediating.may_keep(reading)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        person = await mediating.subject_of(reading, given.person_id)
        if person is None or given.expected_version < 1:
            return results.NotFound(say=mediating.NO_MEDIATOR)
        faults: list[Fault] = []
        why = register.prose_of(faults, "why", given.why)
        if faults:
            return results.invalid(*faults)
        return await mediating.record(context, reading, given.key, person, given.expected_version, Step.SUSPENDED, None, why)
