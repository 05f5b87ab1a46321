"""`buildTailoredList`: the settings of the local inclusion plan that may suit one child, with a reason for each, in and out. It only advises."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, placing, register
from graphql_api.context import Context
from graphql_api.mutations.publish_inclusion_plan import GridPointInput, off_the_grid, point_of
from graphql_api.mutations.record_capacity import faulty_entry
from graphql_api.types import placed, results
from graphql_api.types.places import Phase
from statute import placing as core
from statute.types import Fault, Kind
from store import inclusion, places

NO_PLAN = "No local inclusion plan is published here yet."


@strawberry.input(description="What a list asks about a child. Where the child lives is used now and kept nowhere.")
class BuildTailoredListInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    phase: Phase = strawberry.field(description="For which phase.")
    year: int = strawberry.field(description="For which year group; 0 is Reception.")
    need: str = strawberry.field(description="The primary need, by its code of the SEN2 return.")
    entry: int = strawberry.field(description="For the places of those who begin in the September of that year.")
    home: GridPointInput | None = strawberry.field(default=None, description="Where distances are counted from. Personal data: not kept.")


async def build(context: Context, given: BuildTailoredListInput) -> placed.BuiltList:
    """Build it from the plan in force and the capacities of this moment, keep it, and record on the case that it was built."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with context.read() as reading:
        stood = await placing.stand(context, reading, given.case_id, placing.ADVISORY, placing.RANKED)
        if not isinstance(stood, placing.Stand):
            return stood
        denied = stood.denied(reading, placing.COUNCIL)
        if denied is not None:
            return denied
        key = inputs.journal_key(reading.standing.actor.person_id, given.key)
    act = placing.asked("buildTailoredList", given.key, stood.case_id, Kind.DONE, "list_built", list_id=key)
    acts = [act] if placing.known(stood, "list_built") else []
    faults = _faults(given)
    if faults:
        return results.invalid(*faults)
    if (no := await placing.checked(context, acts)) is not None:
        return no
    async with register.writing(context) as reading:
        session, standing = reading.session, reading.standing
        await places.hold_case(session, stood.case_id)
        kept = await inclusion.list_of(session, stood.case_id, key)
        replayed = kept is not None
        if kept is None:
            plan = await inclusion.read_plan(session)
            if plan is None:
                return results.Refused(say=NO_PLAN, citations=[])
            phase = core.Phase[given.phase.name]
            known = await inclusion.capacities(session, None, phase, given.entry, standing.now)
            lines = [line for line in plan.lines if line.phase is not phase]
            lines += inclusion.with_places([line for line in plan.lines if line.phase is phase], known)
            need = core.Need(phase, given.year, given.need, point_of(given.home))
            built = core.build_list(need, lines, standing.today, plan.reach)
            by = standing.actor.person_id
            kept = await inclusion.keep_list(session, stood.case_id, key, built, plan.version, given.entry, by, standing.now)
        elif (kept.entry, kept.content["phase"], kept.content["year"], kept.content["need"]) != (
            given.entry, core.Phase[given.phase.name].value, given.year, given.need,
        ):  # fmt: skip
            return results.invalid(register.KEY_USED)
        order = await places.order_of(session, stood.case_id)
        made, grounds = await places.offers_of(session, stood.case_id), await places.grounds_of(session, [stood.case_id])
        family = placed.Family(order, made, grounds.get(stood.case_id, {}), standing.now)
    if (no_ := await placing.record(context, acts)) is not None:
        return no_
    return placed.TailoredListBuilt(list=placed.list_of(context, kept, family), replayed=replayed)


def _faults(given: BuildTailoredListInput) -> list[Fault]:
    faults = faulty_entry(given.entry)
    if given.need not in core.NEEDS:
        faults.append(Fault("need", "is no code", "needs are told by the codes of the SEN2 return", f"use one of {', '.join(core.NEEDS)}"))
    if not -2 <= given.year <= 20:
        faults.append(
            Fault("year", "is no year group", "settings are judged by it", "give the year of the National Curriculum, 0 for Reception")
        )
    if given.home is not None and (why := off_the_grid(given.home)):
        faults.append(Fault("home", why, "distances are counted from it", "give eastings and northings in metres"))
    return faults
