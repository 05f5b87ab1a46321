"""`enrolPilot` and `endEnrolment`: the national pilot authority takes a council into a pilot, or out of it. Nobody who works for the council does."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs, piloting, register
from graphql_api.context import Context, Reading
from graphql_api.mutations.approve_flag import MOVED
from graphql_api.types import piloted, results
from graphql_api.types.pilots import known, pilot_of
from policies.actions import Act, Object, Role
from statute.pilot import Pilot
from statute.types import Fault
from store import flags, pilots
from store.evaluated import groups_of

OF_THE_COUNCIL = frozenset({Role.LA_ADMINISTRATOR, Role.LA_MANAGER, Role.LA_CASEWORKER, Role.DECISION_MAKER})
OWN = "Whoever works for this council does not enrol it: the pilot authority is another body."


@strawberry.input(description="This council is taken into a pilot.")
class EnrolPilotInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    pilot: str = strawberry.field(description="Its name.")
    since: date = strawberry.field(description="The first day: today or later.")
    until: date | None = strawberry.field(default=None, description="The last day; left out: until it is ended.")
    why: str = strawberry.field(description="Why.")


@strawberry.input(description="This council leaves a pilot. Open cases go on as they were opened; `killPilot` returns them.")
class EndEnrolmentInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    pilot: str = strawberry.field(description="Its name.")
    until: date = strawberry.field(description="The last day: yesterday or later.")
    expected_revision: int = strawberry.field(description="The revision that was looked at; stale: EnrolmentConflict.")
    why: str = strawberry.field(description="Why.")


def denied(reading: Reading) -> results.Denied | None:
    """Who may not enrol: whoever has not the role, and whoever has one of the council besides."""
    if (no := piloting.denied(reading, Object.PILOT, Act.ENROL)) is not None:
        return no
    return results.Denied(reason=OWN) if reading.standing.actor.roles & OF_THE_COUNCIL else None


async def enrol(context: Context, given: EnrolPilotInput) -> piloted.EnrolmentOutcome:
    """Enrol once by (person, key)."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing, faults = reading.standing, list[Fault]()
        if (no := denied(reading)) is not None:
            return no
        why, pilot = piloting.reason_of(faults, "why", given.why), piloting.pilot_named(given.pilot)
        if pilot is None:
            return results.NotFound(say=piloting.NO_PILOT)
        event = piloting.event_id(reading, "enrolPilot", given.key)
        asked = piloting.fingerprint("enrolPilot", pilot.name, given.since, given.until, why)
        before = await piloting.seen_before(reading, event, asked)
        if isinstance(before, results.Invalid):
            return before
        if before is not None:
            return await _changed(context, reading, pilot, replayed=True)
        piloting.dated(faults, pilot, given.since, given.until, standing.today)
        faults = [Fault({"startsOn": "since", "endsOn": "until"}.get(one.path, one.path), one.what, one.why, one.do) for one in faults]
        if faults:
            return results.invalid(*faults)
        if pilot.eligible != "any" and pilot.eligible not in groups_of(standing.tenant):
            return results.Refused(say=f"{pilot.title} is for the councils of the {pilot.eligible.replace('_', ' ')}.", citations=[])
        await flags.only_one(reading.session, pilot.flag)
        await pilots.enrol(reading.session, pilots.Enrolment(pilot.name, standing.actor.person_id, given.since, given.until, why))
        await flags.note(reading.session, piloting.done(reading, event, "enrolled", pilot.name, why, asked))
        return await _changed(context, reading, pilot, replayed=False)


async def end(context: Context, given: EndEnrolmentInput) -> piloted.EnrolmentOutcome:
    """End it once: no new case is pinned to what needs it from the day after its last."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing, faults = reading.standing, list[Fault]()
        if (no := denied(reading)) is not None:
            return no
        why, pilot = piloting.reason_of(faults, "why", given.why), piloting.pilot_named(given.pilot)
        if pilot is None:
            return results.NotFound(say=piloting.NO_PILOT)
        if (standing.today - given.until).days > 1:
            faults.append(
                Fault("until", "lies further back than yesterday", "what was pinned since was lawful", "give yesterday or a later day")
            )
        if faults:
            return results.invalid(*faults)
        event = piloting.event_id(reading, "endEnrolment", given.key)
        asked = piloting.fingerprint("endEnrolment", pilot.name, given.until, why)
        before = await piloting.seen_before(reading, event, asked)
        if isinstance(before, results.Invalid):
            return before
        if before is not None:
            return await _changed(context, reading, pilot, replayed=True)
        await flags.only_one(reading.session, pilot.flag)
        now = (await pilots.enrolments(reading.session)).get(pilot.name)
        if now is None:
            return results.Refused(say="This council is not enrolled in it.", citations=[])
        if now.revision != given.expected_revision:
            there = pilot_of(context, pilot, await known(reading), standing.today)
            return piloted.EnrolmentConflict(say=MOVED, pilot=there)
        await pilots.enrol(reading.session, pilots.Enrolment(pilot.name, standing.actor.person_id, now.since, given.until, why))
        await flags.note(reading.session, piloting.done(reading, event, "enrolment_ended", pilot.name, why, asked))
        return await _changed(context, reading, pilot, replayed=False)


async def _changed(context: Context, reading: Reading, pilot: Pilot, *, replayed: bool) -> piloted.EnrolmentChanged:
    seen = pilot_of(context, pilot, await known(reading), reading.standing.today)
    return piloted.EnrolmentChanged(pilot=seen, replayed=replayed)
