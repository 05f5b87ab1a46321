"""`breakGlass`: somebody of the council who has no part in a case opens it, with a reason, until the end of the day."""

from __future__ import annotations

from typing import Annotated

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context
from graphql_api.queries.cases import case_by
from graphql_api.types import results
from graphql_api.types.case import Case
from graphql_api.types.registered import REPLAYED
from policies import enforcer
from policies.actions import Act, Object, Scope
from policies.relations import relations_of
from statute.types import Fault
from store import people, relations

NO_CASE = "There is no case of that reference here, or none that you may open."


@strawberry.input(description="A case that is opened in need. Every use is kept for ever, and the managers of the council are told.")
class BreakGlassInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    reference: str = strawberry.field(description="The case's reference, as on a letter.")
    why: str = strawberry.field(description="Why you must see it now, in words that a manager and a family can read. Personal data.")


@strawberry.type(description="The case is open to you until the end of the day: its stage and dates and whose it is, and no paper.")
class GlassBroken:
    case: Case = strawberry.field(description="The case.")
    replayed: bool = strawberry.field(description=REPLAYED)


Broken = GlassBroken | results.Refused | results.Denied | results.Invalid | results.NotFound
BreakGlassResult = Annotated[Broken, strawberry.union("BreakGlassResult", description="What became of opening a case in need.")]


async def break_glass(context: Context, given: BreakGlassInput) -> Broken:
    """Open it once by (person who asks, key): with its reason, or not at all."""

    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing, session = reading.standing, reading.session
        may = standing.may(Object.CASE, Act.BREAK_GLASS)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        faults: list[Fault] = []
        why = register.prose_of(faults, "why", given.why)
        if faults:
            return results.invalid(*faults)
        case = await relations.hold_case(session, given.reference.strip())
        facts = await relations_of(session, standing.actor, Scope.CASE, case.id, standing.today) if case else None
        if case is None or facts is None:
            return results.NotFound(say=NO_CASE)
        may = enforcer.decide(standing.actor, Object.CASE, Act.BREAK_GLASS, facts)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        row, today = register.row_id(reading, "glass", given.key), standing.today
        new = people.Relation(row, standing.actor.person_id, relations.BROKEN, today, case.child_id, None, today)
        first = await relations.break_glass(session, case, new, why, standing.now)
        before = None if first else await people.read_relation(session, row)
        if before is not None and before.child_id != case.child_id:
            return results.invalid(register.KEY_USED)
    found = await case_by(context, str(case.id))
    return results.NotFound(say=NO_CASE) if found is None else GlassBroken(case=found, replayed=not first)
