"""`offerPlace`: the first place that is free in the family's order, kept until the family answers. It decides nothing about the plan."""

from __future__ import annotations

from uuid import UUID

import strawberry

from graphql_api import inputs, placing, register
from graphql_api.acting import Asked
from graphql_api.context import Context
from graphql_api.types import placed, results
from statute import placing as core
from statute.types import Fault, Kind
from store import inclusion, places

NO_ORDER = "The family has not said what it wants, and need not: then no place is offered in its order."
HAS_PLACE = "A place is kept for this child, or taken. Another is offered when that one was declined."


@strawberry.input(description="An offer to be made now.")
class OfferPlaceInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    case_id: strawberry.ID = strawberry.field(description=inputs.CASE)
    expected_preferences: int = strawberry.field(
        description="The version of the family's order that the caller had seen; stale: PlacesConflict."
    )
    days: int = strawberry.field(
        default=placing.USUAL_DAYS, description="For how many days the place is kept; never beyond the council's own last day in law."
    )


async def offer_place(context: Context, given: OfferPlaceInput) -> placed.OfferedPlace:
    """Offer it, keep it, and record on the case that it was offered."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with context.read() as reading:
        stood = await placing.stand(context, reading, given.case_id, placing.RANKED)
        if not isinstance(stood, placing.Stand):
            return stood
        denied = stood.denied(reading, placing.COUNCIL)
        if denied is not None:
            return denied
        by = reading.standing.actor.person_id
        key = inputs.journal_key(by, given.key)
        kept, order = await inclusion.list_of(reading.session, stood.case_id), await places.order_of(reading.session, stood.case_id)
        known = await places.offer_by_key(reading.session, stood.case_id, key)
    if not 1 <= given.days <= placing.MOST_DAYS:
        return results.invalid(Fault("days", "is out of bounds", "a place is kept for a while", f"give 1 to {placing.MOST_DAYS}"))
    if kept is None:
        return results.Refused(say=placing.NO_LIST, citations=[])
    if known is None:  # whether the case is at a stage at which a place is offered: whichever it will be
        would = [act for one in (order.settings if order else ())[:1] for act in _offered(given, stood, str(one))]
        if (no := await placing.checked(context, would)) is not None:
            return no
    async with register.writing(context) as reading:
        session, now, today = reading.session, reading.standing.now, reading.standing.today
        await places.hold_case(session, stood.case_id)
        order, known = await places.order_of(session, stood.case_id), await places.offer_by_key(session, stood.case_id, key)
        if known is None and order is not None and order.version != given.expected_preferences:
            return placed.PlacesConflict(say="The family gave another order since. Look at it again.", version=order.version)
        until = placing.kept_until(stood.process, stood.state, today, given.days)
        asked = places.Asked(stood.case_id, key, core.Phase(kept.content["phase"]), kept.entry, by, until)
        try:
            made = await places.make_offer(session, asked, now)
        except places.NoOrder:
            return results.Refused(say=NO_ORDER, citations=[])
        except places.HasPlace:
            return results.Refused(say=HAS_PLACE, citations=[])
    if (no_ := await placing.record(context, _offered(given, stood, made.content["setting"]))) is not None:
        return no_
    return placed.PlaceOffered(offer=placed.offer_of(context, made, now), replayed=made.replayed)


def _offered(given: OfferPlaceInput, stood: placing.Stand, setting: str) -> list[Asked]:
    """What is recorded on the case; nothing where no place was free."""
    if not setting or not placing.known(stood, "place_offered"):
        return []
    return [placing.asked("offerPlace", given.key, stood.case_id, Kind.HAPPENED, "place_offered", UUID(setting))]
