"""`killPilot`: one act that switches a pilot off at once and returns every open case under it to the standard route, dates and rights intact."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, piloting, register
from graphql_api.context import Context
from graphql_api.types import piloted, results
from graphql_api.types.pilots import known, pilot_of
from graphql_api.types.revisions import read_revision
from policies.actions import Act, Object
from statute.types import Fault
from store import flags, revisions


@strawberry.input(description="A pilot is to end for every case, now.")
class KillPilotInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    pilot: str = strawberry.field(description="Its name.")
    why: str = strawberry.field(description="Why. Every family whose case is returned reads it: name nobody.")


async def kill(context: Context, given: KillPilotInput) -> piloted.KillOutcome:
    """Kill it once by (person, key). The worker moves the cases; this answers as soon as it is asked for."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing, faults = reading.standing, list[Fault]()
        if (no := piloting.denied(reading, Object.PILOT, Act.KILL)) is not None:
            return no
        why, pilot = piloting.reason_of(faults, "why", given.why), piloting.pilot_named(given.pilot)
        if pilot is None:
            return results.NotFound(say=piloting.NO_PILOT)
        if faults:
            return results.invalid(*faults)
        event = piloting.event_id(reading, "killPilot", given.key)
        asked = piloting.fingerprint("killPilot", pilot.name, why)
        before = await piloting.seen_before(reading, event, asked)
        if isinstance(before, results.Invalid):
            return before
        if before is None:
            await flags.only_one(reading.session, pilot.flag)
            await flags.kill(reading.session, pilot.flag, pilot.variant)
            await flags.note(reading.session, piloting.done(reading, event, "killed", pilot.name, why, asked, variant=pilot.variant))
            await revisions.ask(
                reading.session,
                "kill",
                pilot.name,
                moment=standing.now,
                why=why,
                asked_by=standing.actor.person_id,
                without={pilot.name: pilot.flag},
                revision_id=event,
            )
        asked_for = await read_revision(context, reading, event)
        if asked_for is None:
            return results.NotFound(say=piloting.NO_PILOT)
        seen = pilot_of(context, pilot, await known(reading), standing.today)
        return piloted.PilotKilled(pilot=seen, revision=asked_for, replayed=before is not None)
