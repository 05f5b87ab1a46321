"""`rankPreferences`: what a family wants, in its order: settings of the list or any other. Nothing of the law waits for it."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, placing, register
from graphql_api.context import Context
from graphql_api.types import placed, results
from policies.actions import Object
from statute.types import Fault, Kind
from store import places

MOST_RANKED = 20
LONGEST_HOW = 200


@strawberry.input(description="The family's order. A new one takes the place of the one before, which stays on record.")
class RankPreferencesInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    setting_ids: list[strawberry.ID] = strawberry.field(
        description="The settings, the first first, on the list or not; none: no order any more."
    )
    mainstream: bool = strawberry.field(default=False, description="Whether the family asks for mainstream education, whatever is offered.")
    told_how: str = strawberry.field(
        default="", description="How the family told the council, where the council writes it: by telephone on a day."
    )


def told(faults: list[Fault], capacity: str, told_how: str) -> str:
    """How the family told the council what the council writes for it; a family writes for itself."""
    text = " ".join(told_how.split())
    if capacity != placing.FAMILY and not 0 < len(text) <= LONGEST_HOW:
        why = "the council writes in a family's name only what the family told it"
        faults.append(Fault("toldHow", "is empty or too long", why, f"say how and when, in 1 to {LONGEST_HOW} characters"))
    return "" if capacity == placing.FAMILY else text


async def rank(context: Context, given: RankPreferencesInput) -> placed.RankedPreferences:
    """Keep it, and record on the case that the family said what it wants."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with context.read() as reading:
        stood = await placing.stand(context, reading, given.case_id, placing.ADVISORY, placing.RANKED)
        if not isinstance(stood, placing.Stand):
            return stood
        denied = stood.denied(reading, placing.FAMILY, placing.COUNCIL)
        if denied is not None:
            return denied
        capacity = stood.capacity(placing.FAMILY, placing.COUNCIL)
        key = inputs.journal_key(reading.standing.actor.person_id, given.key)
        keys, faults = await register.named(reading, Object.SETTING, "settingIds", given.setting_ids)
    told_how = told(faults, capacity, given.told_how)
    if len(keys) != len(given.setting_ids) and not faults:
        faults.append(Fault("settingIds", "names one twice", "an order has each once", "leave one of the two out"))
    if len(given.setting_ids) > MOST_RANKED:
        faults.append(Fault("settingIds", "names too many", f"at most {MOST_RANKED} are ranked", "name those that matter most"))
    if faults:
        return results.invalid(*faults)
    said = ", ".join(str(key) for key in keys) or "none"
    act = placing.asked("rankPreferences", given.key, stood.case_id, Kind.HAPPENED, "preferences_given", preferences=said)
    acts = [act] if placing.known(stood, "preferences_given") else []
    if (no := await placing.checked(context, acts)) is not None:
        return no
    async with register.writing(context) as reading:
        session, standing = reading.session, reading.standing
        wanted = places.Order(0, tuple(keys), given.mainstream, standing.actor.person_id, capacity, told_how, standing.now)
        known = await places.order_of(session, stood.case_id, key=key)
        kept = await places.give_order(session, stood.case_id, key, wanted)
        if (kept.settings, kept.mainstream, kept.given_by) != (wanted.settings, wanted.mainstream, wanted.given_by):
            return results.invalid(register.KEY_USED)
    if (no_ := await placing.record(context, acts)) is not None:
        return no_
    return placed.PreferencesRanked(preferences=placed.preferences_of(context, kept), replayed=known is not None)
