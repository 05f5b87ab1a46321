"""`acceptPlace` and `declinePlace`: the family's answer to an offer. Neither decides on the plan, and who declines has lost nothing."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, placing, register
from graphql_api.context import Context
from graphql_api.mutations.rank_preferences import told
from graphql_api.types import placed, results
from graphql_api.types.law import citations
from statute.types import Fault, Kind
from store import places

NO_PLACE = "No place was free in that offer: there is nothing to answer. Every preference has an answer of its own."
RAN_OUT = "The time in which this place was kept has run out, or it was answered before. Ask for another offer: nothing else is lost."


@strawberry.input(description="An answer to an offer.")
class AnswerPlaceInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    offer_id: strawberry.ID = strawberry.field(description="The offer.")
    told_how: str = strawberry.field(
        default="", description="How the family told the council, where the council writes it: by telephone on a day."
    )


async def answer(context: Context, given: AnswerPlaceInput, *, accepted: bool) -> placed.AnsweredPlace:
    """Keep the answer once, and record it on the case."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    offer_id = placing.offer_key(given.offer_id)
    async with context.read() as reading:
        made = await places.read_offer(reading.session, offer_id) if offer_id else None
        if made is None:
            return results.NotFound(say=placing.NO_OFFER)
        # a place can be given up at any time, also after the case ended or its pilot did: another child may need it
        modes = (placing.RANKED,) if accepted else (placing.RANKED, placing.ADVISORY, placing.OFF)
        stood = await placing.stand(context, reading, str(made.case_id), *modes, ended=not accepted)
        if isinstance(stood, results.NotFound):
            return results.NotFound(say=placing.NO_OFFER)
        if not isinstance(stood, placing.Stand):
            return stood
        denied = stood.denied(reading, placing.FAMILY, placing.COUNCIL)
    if denied is not None:
        return denied
    faults: list[Fault] = []
    told_how = told(faults, stood.capacity(placing.FAMILY, placing.COUNCIL), given.told_how)
    if faults:
        return results.invalid(*faults)
    if made.place is None:
        return results.Refused(say=NO_PLACE, citations=citations(placing.ANSWER_CITES))
    mutation = "acceptPlace" if accepted else "declinePlace"
    act = placing.asked(mutation, given.key, stood.case_id, Kind.HAPPENED, "offer_answered", made.place.setting_id, accepted=accepted)
    acts = [act] if placing.known(stood, "offer_answered") and stood.file.closed_on is None else []
    if (no := await placing.checked(context, acts)) is not None:
        return no
    status = "taken" if accepted else "given_up"
    async with register.writing(context) as reading:
        session, now = reading.session, reading.standing.now
        await places.hold_case(session, stood.case_id)
        place = await places.settle(session, made.id, status, reading.standing.actor.person_id, now, told_how)
        if place is None or place.status != status:
            return results.Refused(say=RAN_OUT, citations=citations(placing.ANSWER_CITES))
        after = await places.read_offer(session, made.id)
    if (no_ := await placing.record(context, acts)) is not None:
        return no_
    say = placing.ANSWERED[0] if accepted else placing.ANSWERED[1]
    return placed.PlaceAnswered(offer=placed.offer_of(context, after or made, now), say=say)
