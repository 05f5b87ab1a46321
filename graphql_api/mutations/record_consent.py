"""`recordConsent`: what a family said to taking part in a pilot that asks it. Taken back, the child's open cases return to the standard route."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs, piloting, register
from graphql_api.context import Context
from graphql_api.types import piloted, results
from graphql_api.types.revisions import read_revision
from policies import enforcer
from policies.actions import Act, Object
from statute.types import Fault
from store import pilots, revisions

NO_CHILD = "There is no such child here, or none that you may see."


@strawberry.input(description="A family's answer. It can be changed at any time.")
class RecordConsentInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    child_id: strawberry.ID = strawberry.field(description="The child.")
    pilot: str = strawberry.field(description="The name of the pilot.")
    given: bool = strawberry.field(description="Whether the family takes part.")
    on: date | None = strawberry.field(default=None, description="The day on which it said so; left out: today.")


async def record(context: Context, given: RecordConsentInput) -> piloted.ConsentOutcome:
    """Record it once by (person, key). Without a yes on record a case opens under the law alone."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing, child_id = reading.standing, register.key_in("Child", given.child_id)
        stands = await enforcer.facts_of_child(reading.session, standing.actor, child_id, standing.today) if child_id else None
        if stands is None or child_id is None:
            return results.NotFound(say=NO_CHILD)
        may = enforcer.decide(standing.actor, Object.PILOT, Act.CONSENT, stands)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        pilot = piloting.pilot_named(given.pilot)
        if pilot is None:
            return results.NotFound(say=piloting.NO_PILOT)
        on = given.on or standing.today
        if pilot.consent != "family":
            return results.Refused(say=f"{pilot.title} asks no family: what it promises holds for everybody in it.", citations=[])
        if on > standing.today:
            return results.invalid(Fault("on", "lies ahead", "an answer is recorded once it was given", "give today or an earlier day"))
        event = piloting.event_id(reading, "recordConsent", given.key)
        new = await pilots.answer(
            reading.session, event, child_id, pilot.name, given=given.given, on=on, recorded_by=standing.actor.person_id
        )
        if not new and await pilots.said(reading.session, event) != (child_id, pilot.name, given.given, on):
            return results.invalid(register.KEY_USED)
        if new and not given.given:
            await revisions.ask(
                reading.session,
                "consent",
                pilot.name,
                moment=standing.now,
                why="The family took its consent back.",
                asked_by=standing.actor.person_id,
                without={pilot.name: pilot.flag},
                child_id=child_id,
                revision_id=event,
            )
        asked_for = await read_revision(context, reading, event)
        return piloted.ConsentRecorded(given=given.given, revision=asked_for, replayed=not new)
