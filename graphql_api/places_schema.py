"""The part of the schema about places: what `Query` and `Mutation` inherit, so that `schema.py` stays short."""

from __future__ import annotations

from uuid import UUID

import strawberry
from strawberry import Info

from graphql_api import placing
from graphql_api.context import context_of
from graphql_api.mutations import (
    answer_place,
    build_tailored_list,
    offer_place,
    publish_inclusion_plan,
    rank_preferences,
    record_capacity,
    run_round,
)
from graphql_api.mutations import state_grounds as stating
from graphql_api.types import placed
from graphql_api.types.case import case_key
from graphql_api.types.paging import USUAL
from graphql_api.types.places import InclusionPlan, TailoredList
from policies.actions import Act, Object
from store import inclusion, places


@strawberry.type(description="What can be asked about places.")
class PlacesQuery:
    @strawberry.field(description="The settings of the local inclusion plan in force, with the places of one entry; null before the first.")
    async def inclusion_plan(
        self, info: Info, entry: int | None = None, version: int | None = None, first: int | None = USUAL, after: str | None = None
    ) -> InclusionPlan | None:
        context = context_of(info)
        async with context.read() as reading:
            if not reading.standing.may(Object.SETTING, Act.LIST).allowed:
                return None
            plan = await inclusion.read_plan(reading.session, version)
            known: dict[tuple[UUID, str], inclusion.Capacity] = {}
            if plan is not None and entry is not None:
                known = await inclusion.capacities_of_entry(reading.session, entry, reading.standing.now)
        return placed.plan_of(context, plan, known, first, after) if plan else None

    @strawberry.field(
        description="A child's newest tailored list: all of it for the family and the council, its own line for a setting that was consulted."
    )
    async def tailored_list(
        self, info: Info, case_id: strawberry.ID, first: int | None = USUAL, after: str | None = None
    ) -> TailoredList | None:
        context, key = context_of(info), case_key(case_id)
        if key is None:
            return None
        context.case_id = str(key)
        async with context.read() as reading:
            seen = await placing.own_lines(context, reading, key)
            kept = await inclusion.list_of(reading.session, key) if seen and seen[0] else None
            if seen is None or kept is None:
                return None
            if seen[1] is not None:
                return placed.list_of(context, kept, None, first, after, only=seen[1])
            order, made = await places.order_of(reading.session, key), await places.offers_of(reading.session, key)
            grounds = (await places.grounds_of(reading.session, [key])).get(key, {})
            family = placed.Family(order, made, grounds, reading.standing.now)
        return placed.list_of(context, kept, family, first, after)


@strawberry.type(description="What can be done with places.")
class PlacesMutation:
    @strawberry.mutation(description="Publish the next version of the local inclusion plan's settings.")
    async def publish_inclusion_plan(
        self,
        info: Info,
        input: publish_inclusion_plan.PublishInclusionPlanInput,  # noqa: A002
    ) -> placed.PublishPlanResult:
        return await publish_inclusion_plan.publish(context_of(info), input)

    @strawberry.mutation(description="Say how many places a school or college has, as of a moment: its own staff, or the council.")
    async def record_capacity(self, info: Info, input: record_capacity.RecordCapacityInput) -> placed.CapacityResult:  # noqa: A002
        return await record_capacity.record(context_of(info), input)

    @strawberry.mutation(description="Build a child's tailored list, where the case is in a pilot of lists. It only advises.")
    async def build_tailored_list(self, info: Info, input: build_tailored_list.BuildTailoredListInput) -> placed.ListResult:  # noqa: A002
        return await build_tailored_list.build(context_of(info), input)

    @strawberry.mutation(description="What the family wants, in its order: the family, or the council as the family told it.")
    async def rank_preferences(self, info: Info, input: rank_preferences.RankPreferencesInput) -> placed.PreferencesResult:  # noqa: A002
        return await rank_preferences.rank(context_of(info), input)

    @strawberry.mutation(
        description="State the grounds of CFA s.39(4), with reasons, for preferences that will not be named: a decision maker."
    )
    async def state_grounds(self, info: Info, input: stating.StateGroundsInput) -> placed.GroundsResult:  # noqa: A002
        return await stating.state_grounds(context_of(info), input)

    @strawberry.mutation(description="Offer the first place that is free in the family's order and keep it; only in the ranked pilot.")
    async def offer_place(self, info: Info, input: offer_place.OfferPlaceInput) -> placed.OfferResult:  # noqa: A002
        return await offer_place.offer_place(context_of(info), input)

    @strawberry.mutation(description="Accept a place that is kept: then it is the one that the family asks for.")
    async def accept_place(self, info: Info, input: answer_place.AnswerPlaceInput) -> placed.AnswerResult:  # noqa: A002
        return await answer_place.answer(context_of(info), input, accepted=True)

    @strawberry.mutation(description="Decline a place: nothing is lost, what the family asked for still has to be decided.")
    async def decline_place(self, info: Info, input: answer_place.AnswerPlaceInput) -> placed.AnswerResult:  # noqa: A002
        return await answer_place.answer(context_of(info), input, accepted=False)

    @strawberry.mutation(description="A round of places for many children at once: first what would be, then its confirmation.")
    async def run_round(self, info: Info, input: run_round.RunRoundInput) -> placed.RoundResult:  # noqa: A002
        return await run_round.run_round(context_of(info), input)
