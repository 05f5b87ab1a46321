"""`addMediator`: somebody who can be assigned as mediation adviser or mediator, with who accredits them and who employs them."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, mediating, register
from graphql_api.context import Context
from graphql_api.types import results
from graphql_api.types.mediator import MediatorOutcome
from statute.types import Fault
from tenants.mediators import Step


@strawberry.input(description="Somebody for the register of mediators.")
class AddMediatorInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    person_id: strawberry.ID = strawberry.field(description="Who: a person with the role mediation_adviser.")
    accreditation: mediating.AccreditationInput = strawberry.field(description="By whom they are accredited and employed.")


async def add_mediator(context: Context, given: AddMediatorInput) -> MediatorOutcome:
    """Add them once; who is employed by a council or a health body is refused."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        may = mediating.may_keep(reading)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        person = await mediating.subject_of(reading, given.person_id)
        if person is None:
            return results.NotFound(say=mediating.NO_PERSON)
        faults: list[Fault] = []
        held = mediating.accreditation_of(faults, given.accreditation, reading.standing.today)
        if (fault := mediating.not_an_adviser(person)) is not None:
            faults.append(fault)
        if faults:
            return results.invalid(*faults)
        return await mediating.record(context, reading, given.key, person, 0, Step.ADDED, held, "")
