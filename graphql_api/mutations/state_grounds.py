"""`stateGrounds`: for each preference that will not be named, one of the three grounds of CFA s.39(4), with reasons: a decision maker's, never the list's."""

from __future__ import annotations

from dataclasses import replace

import strawberry

from graphql_api import inputs, placing, register
from graphql_api.acting import Asked
from graphql_api.context import Context
from graphql_api.types import placed, results
from graphql_api.types.places import PlacementGround
from policies.actions import Object
from statute.offering import Ground, Judgement
from statute.types import Fault, Kind
from store import places

LONGEST_REASONS = 4000


@strawberry.input(description="A ground of CFA s.39(4) for one setting and this child: a decision maker's, with reasons.")
class StatedGroundInput:
    setting_id: strawberry.ID = strawberry.field(description="Which setting.")
    ground: PlacementGround = strawberry.field(description="Which of the three.")
    reasons: str = strawberry.field(description="Why, for the family. That no place is free is no reason by itself.")


@strawberry.input(description="All grounds that hold for one child, in the place of those stated before: none withdraws them.")
class StateGroundsInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    grounds: list[StatedGroundInput] = strawberry.field(description="The grounds, one for a setting.")


async def state_grounds(context: Context, given: StateGroundsInput) -> placed.StatedGrounds:
    """Keep them, and record each on the case. A setting against which one is stated is not offered."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with context.read() as reading:
        stood = await placing.stand(context, reading, given.case_id, placing.RANKED)
        if not isinstance(stood, placing.Stand):
            return stood
        denied = stood.denied(reading, placing.DECIDER)
        if denied is not None:
            return denied
        by = str(reading.standing.actor.person_id)
        keys, faults = await register.named(reading, Object.SETTING, "grounds", [one.setting_id for one in given.grounds])
    for n, one in enumerate(given.grounds):
        if not 0 < len(one.reasons.strip()) <= LONGEST_REASONS:
            why = "a ground is a person's decision, and the family may read why"
            faults.append(Fault(f"grounds.{n}.reasons", "is empty or too long", why, f"give 1 to {LONGEST_REASONS} characters"))
    if not faults and len(keys) != len(given.grounds):
        faults.append(Fault("grounds", "names a setting twice", "a ground is stated once for each", "keep one of the two"))
    if faults:
        return results.invalid(*faults)
    judged = {key: Judgement(Ground[one.ground.name], one.reasons.strip(), by) for key, one in zip(keys, given.grounds, strict=True)}
    acts = [_refused(given, stood, str(key), one) for key, one in judged.items()] if placing.known(stood, "preference_refused") else []
    if (no := await placing.checked(context, acts)) is not None:
        return no
    async with register.writing(context) as reading:
        await places.hold_case(reading.session, stood.case_id)
        before = (await places.grounds_of(reading.session, [stood.case_id])).get(stood.case_id, {})
        after = {str(key): one for key, one in judged.items()}
        if before != after:
            await places.state_grounds(reading.session, stood.case_id, judged, reading.standing.now)
    if (no_ := await placing.record(context, acts)) is not None:
        return no_
    return placed.GroundsStated(grounds=placed.grounds_of(context, after), replayed=before == after)


def _refused(given: StateGroundsInput, stood: placing.Stand, setting: str, one: Judgement) -> Asked:
    key = placing.key_for(given.key, setting)
    act = placing.asked("stateGrounds", key, stood.case_id, Kind.DONE, "preference_refused", setting, preference_reasons=one.reasons)
    return replace(act, facts=(*act.facts, placing.choice("preference_ground", one.ground.value)))
