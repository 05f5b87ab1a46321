"""`recordCapacity`: how many places a school or college has, as of a moment. It takes no place away that was given."""

from __future__ import annotations

from datetime import datetime

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context
from graphql_api.types import placed, results
from graphql_api.types.places import Phase
from policies import enforcer
from policies.actions import Act, Object
from statute import placing as core
from statute.types import Fault
from store import inclusion

MOST_PLACES = 10_000
FIRST_ENTRY, LAST_ENTRY = 2014, 2100


@strawberry.input(description="How many places a setting has in one phase, for those who begin in the September of a year.")
class RecordCapacityInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    setting_id: strawberry.ID = strawberry.field(description="The school or college.")
    phase: Phase = strawberry.field(description="The phase.")
    entry: int = strawberry.field(description="The year in whose September they begin.")
    places: int = strawberry.field(description="How many places there are, those given already included.")
    as_of: datetime = strawberry.field(description="The moment of which that is told: not after now.")
    expected_version: int = strawberry.field(description="The version that the caller had seen, 0 before the first; stale: PlacesConflict.")


def faulty_entry(entry: int) -> list[Fault]:
    """What is wrong with a year of entry."""
    fits = FIRST_ENTRY <= entry <= LAST_ENTRY
    return [] if fits else [Fault("entry", "is no year of entry", "places are counted by it", f"give {FIRST_ENTRY} to {LAST_ENTRY}")]


async def record(context: Context, given: RecordCapacityInput) -> placed.RecordedCapacity:
    """Record it, or tell that somebody else told since."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        session, standing, key = reading.session, reading.standing, register.key_in("Setting", given.setting_id)
        facts = await register.stands_to_setting(reading, key)
        if facts is None or key is None:
            return results.NotFound(say=register.NO_SETTING)
        may = enforcer.decide(standing.actor, Object.SETTING, Act.RECORD_CAPACITY, facts)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        faults = faulty_entry(given.entry)
        if not 0 <= given.places <= MOST_PLACES:
            faults.append(Fault("places", "is out of bounds", "it is a number of places", f"give 0 to {MOST_PLACES}"))
        if given.as_of.tzinfo is None or given.as_of > standing.now:
            faults.append(
                Fault("asOf", "lies ahead, or has no time zone", "it was true at a moment", "give the moment at which it was counted")
            )
        if given.expected_version < 0:
            faults.append(Fault("expectedVersion", "is less than none", "versions begin with 1", "give 0 before the first"))
        if faults:
            return results.invalid(*faults)
        room = inclusion.Room(key, core.Phase[given.phase.name], given.entry)
        version = await inclusion.tell(session, room, given.places, given.as_of, standing.actor.person_id, given.expected_version)
        now = (await inclusion.capacities(session, [room], room.phase, room.entry, standing.now)).get(key)
        if now is None:
            return placed.PlacesConflict(say="Nobody told yet: expect version 0.", version=0)
        if version is None and (now.version, now.places, now.as_of) != (given.expected_version + 1, given.places, given.as_of):
            return placed.PlacesConflict(say="Somebody told since. Look at it, and tell again what is so.", version=now.version)
    return placed.CapacityRecorded(capacity=placed.capacity_of(now), replayed=version is None)
