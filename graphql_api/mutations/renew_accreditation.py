"""`renewAccreditation`: another span, body, employer or course. It ends a suspension, and says why."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, mediating, register
from graphql_api.context import Context
from graphql_api.types import results
from graphql_api.types.mediator import MediatorOutcome
from statute.types import Fault
from tenants.mediators import Step


@strawberry.input(description="An accreditation that takes the place of the one before, which is kept.")
class RenewAccreditationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    person_id: strawberry.ID = strawberry.field(description="Whose.")
    expected_version: int = strawberry.field(description="The version that the caller had seen; stale: MediatorConflict.")
    accreditation: mediating.AccreditationInput = strawberry.field(description="By whom they are accredited and employed now.")
    why: str = strawberry.field(description="Why: for who reads the register later.")


async def renew_accreditation(context: Context, given: RenewAccreditationInput) -> MediatorOutcome:
    """Add a version. Who is employed by a council or a health body by now is refused."""
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
        held = mediating.accreditation_of(faults, given.accreditation, reading.standing.today)
        why = register.prose_of(faults, "why", given.why)
        if faults:
            return results.invalid(*faults)
        return await mediating.record(context, reading, given.key, person, given.expected_version, Step.RENEWED, held, why)
