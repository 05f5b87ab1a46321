"""What the acts on places answer, and how what is stored becomes what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid, cursor, global_id
from graphql_api.types.law import Citation, citations
from graphql_api.types.paging import PageInfo, after_of, bounded, number_of, page_info
from graphql_api.types.places import (
    Capacity,
    InclusionLine,
    InclusionLineConnection,
    InclusionLineEdge,
    InclusionPlan,
    ListEntry,
    ListEntryConnection,
    ListEntryEdge,
    ListReason,
    Phase,
    PlacedChild,
    PlacementGround,
    PlaceOffer,
    PlaceRound,
    PlaceStatus,
    PreferenceAnswer,
    PreferenceOutcome,
    Preferences,
    SettingCategory,
    StatedGround,
    TailoredList,
)
from graphql_api.types.results import Denied, Invalid, NotFound, Refused, Unavailable
from statute import types as core
from statute.offering import Judgement
from store import inclusion, places


@strawberry.type(description="It changed since the version that was given. Nothing changed now.")
class PlacesConflict:
    say: str = strawberry.field(description="What to do.")
    version: int = strawberry.field(description="The version now.")


@strawberry.type(description="The plan is published.")
class InclusionPlanPublished:
    plan: InclusionPlan = strawberry.field(description="The plan.")
    replayed: bool = strawberry.field(description="Whether it had been published before, with the same content.")


@strawberry.type(description="The capacity is recorded.")
class CapacityRecorded:
    capacity: Capacity = strawberry.field(description="The capacity.")
    replayed: bool = strawberry.field(description="Whether it had been recorded before.")


@strawberry.type(description="The list is built.")
class TailoredListBuilt:
    list: TailoredList = strawberry.field(description="The list.")
    replayed: bool = strawberry.field(description="Whether it had been built before, under the same key.")


@strawberry.type(description="The family's order is kept.")
class PreferencesRanked:
    preferences: Preferences = strawberry.field(description="The order.")
    replayed: bool = strawberry.field(description="Whether it had been kept before, under the same key.")


@strawberry.type(description="The offer is made, or every preference is answered where there was no place.")
class PlaceOffered:
    offer: PlaceOffer = strawberry.field(description="The offer.")
    replayed: bool = strawberry.field(description="Whether it had been made before, under the same key.")


@strawberry.type(description="The grounds are kept.")
class GroundsStated:
    grounds: list[StatedGround] = strawberry.field(description="The grounds that hold now.")
    replayed: bool = strawberry.field(description="Whether they had been stated before.")


@strawberry.type(description="The family's answer to an offer is kept.")
class PlaceAnswered:
    offer: PlaceOffer = strawberry.field(description="The offer.")
    say: str = strawberry.field(description="What that means in law.")


@strawberry.type(description="What a round would be, or is.")
class RoundShown:
    round: PlaceRound = strawberry.field(description="The round.")
    replayed: bool = strawberry.field(description="Whether it had been confirmed before.")


@strawberry.type(description="What would be is not what was shown any more. Nothing changed.")
class RoundMoved:
    say: str = strawberry.field(description="What to do.")
    round: PlaceRound = strawberry.field(description="What would be now.")


No = Refused | Denied | Invalid | NotFound
PublishedPlan = InclusionPlanPublished | PlacesConflict | No
RecordedCapacity = CapacityRecorded | PlacesConflict | No
BuiltList = TailoredListBuilt | Unavailable | No
RankedPreferences = PreferencesRanked | Unavailable | No
OfferedPlace = PlaceOffered | PlacesConflict | Unavailable | No
StatedGrounds = GroundsStated | Unavailable | No
AnsweredPlace = PlaceAnswered | Unavailable | No
RanRound = RoundShown | RoundMoved | Unavailable | No

PublishPlanResult = Annotated[PublishedPlan, strawberry.union("PublishPlanResult", description="What became of publishing a plan.")]
CapacityResult = Annotated[RecordedCapacity, strawberry.union("CapacityResult", description="What became of recording a capacity.")]
ListResult = Annotated[BuiltList, strawberry.union("ListResult", description="What became of building a list.")]
PreferencesResult = Annotated[RankedPreferences, strawberry.union("PreferencesResult", description="What became of a family's order.")]
OfferResult = Annotated[OfferedPlace, strawberry.union("OfferResult", description="What became of offering a place.")]
GroundsResult = Annotated[StatedGrounds, strawberry.union("GroundsResult", description="What became of stating grounds.")]
AnswerResult = Annotated[AnsweredPlace, strawberry.union("AnswerResult", description="What became of answering an offer.")]
RoundResult = Annotated[RanRound, strawberry.union("RoundResult", description="What became of a round.")]


def capacity_of(one: inclusion.Capacity) -> Capacity:
    """A capacity as it is shown."""
    return Capacity(version=one.version, places=one.places, free=one.free, as_of=one.as_of)


def plan_of(
    context: Context, plan: inclusion.Plan, known: Mapping[tuple[UUID, str], inclusion.Capacity], first: int | None, after: str | None
) -> InclusionPlan:
    """A plan with a page of its lines."""
    edges = []
    shown, begin, ends = _page(plan.lines, first, after)
    for n, line in enumerate(shown, begin):
        room = known.get((UUID(line.setting), line.phase.value))
        node = InclusionLine(
            context=context,
            key=UUID(line.setting),
            phase=Phase[line.phase.name],
            first_year=line.first_year,
            last_year=line.last_year,
            category=SettingCategory[line.category.name],
            mainstream=line.mainstream,
            needs=sorted(line.needs),
            capacity=capacity_of(room) if room else None,
        )
        edges.append(InclusionLineEdge(node=node, cursor=cursor(n)))
    lines = InclusionLineConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)
    return InclusionPlan(version=plan.version, reach_metres=plan.reach, digest=plan.digest, published_at=plan.published_at, lines=lines)


@dataclass(frozen=True)
class Family:
    """What a case has besides its list, as of a moment."""

    order: places.Order | None
    made: list[places.Made]
    grounds: Mapping[str, Judgement]
    now: datetime


def list_of(
    context: Context,
    kept: inclusion.Kept,
    family: Family | None,
    first: int | None = None,
    after: str | None = None,
    *,
    only: frozenset[str] = frozenset(),
) -> TailoredList:
    """A list with a page of its entries; without what is the family's, only the lines of some settings."""
    content = kept.content
    entries = [one for one in content["entries"] if family is not None or one["setting"] in only]
    shown, begin, ends = _page(entries, first, after)
    edges = [ListEntryEdge(node=_entry(context, one), cursor=cursor(n)) for n, one in enumerate(shown, begin)]
    return TailoredList(
        version=kept.version,
        built_at=kept.built_at,
        plan_version=kept.plan_version,
        rule=kept.rule,
        digest=kept.digest,
        phase=Phase[content["phase"].upper()],
        entry=kept.entry,
        say=content["say"],
        citations=_cites(content["cites"]),
        entries=ListEntryConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends),
        preferences=preferences_of(context, family.order) if family is not None and family.order else None,
        grounds=grounds_of(context, family.grounds) if family is not None else [],
        offers=[offer_of(context, one, family.now) for one in family.made] if family is not None else [],
    )


def grounds_of(context: Context, stated: Mapping[str, Judgement]) -> list[StatedGround]:
    """The grounds of a decision maker, as they are shown."""
    return [
        StatedGround(context=context, key=as_uuid(setting), ground=PlacementGround[one.ground.name], reasons=one.reasons)
        for setting, one in sorted(stated.items())
    ]


def preferences_of(context: Context, order: places.Order) -> Preferences:
    """A family's order as it is shown."""
    return Preferences(
        context=context,
        keys=order.settings,
        version=order.version,
        mainstream=order.mainstream,
        by_council=order.capacity != "family",
        given_at=order.given_at,
    )


def offer_of(context: Context, made: places.Made, now: datetime) -> PlaceOffer:
    """An offer as it is shown: a place whose time ran out shows as lapsed from that moment, whoever looks first."""
    place = made.place
    status = None
    if place is not None:
        status = PlaceStatus.LAPSED if place.status == "held" and not place.stands(now) else PlaceStatus[place.status.upper()]
    return PlaceOffer(
        context=context,
        key=as_uuid(made.content["setting"]),
        id=global_id("PlaceOffer", made.id),
        made_at=made.made_at,
        status=status,
        expires_at=place.expires_at if place else None,
        answers=answers_of(context, made.content["answers"]),
    )


def answers_of(context: Context, given: list[dict[str, Any]]) -> list[PreferenceAnswer]:
    """The answers to a family's preferences."""
    return [
        PreferenceAnswer(
            context=context,
            key=as_uuid(one["setting"]),
            preference=one["preference"],
            outcome=PreferenceOutcome[one["outcome"].upper()],
            say=one["say"],
            ground=PlacementGround[one["ground"].upper()] if one["ground"] else None,
            owed=one["owed"],
            citations=_cites(one["cites"]),
        )
        for one in given
    ]


def round_of(context: Context, name: str, content: Mapping[str, Any], digest: str, *, confirmed: bool, left_out: int) -> PlaceRound:
    """A round as it is shown."""
    placed = [
        PlacedChild(
            context=context,
            key=as_uuid(one["setting"]),
            case_id=global_id("Case", one["case"]),
            answers=answers_of(context, one["answers"]),
        )
        for one in content["placed"]
    ]
    return PlaceRound(
        name=name,
        on=date.fromisoformat(content["on"]),
        digest=digest,
        confirmed=confirmed,
        placed=placed,
        alone=[global_id("Case", one) for one in content["alone"]],
        not_yet=[global_id("Case", one) for one in content["not_yet"]],
        left_out=left_out,
    )


def _entry(context: Context, one: Mapping[str, Any]) -> ListEntry:
    reasons = [
        ListReason(name=each["name"], say=each["say"], speaks_for=each["speaks_for"], citations=_cites(each["cites"]))
        for each in one["reasons"]
    ]
    return ListEntry(
        context=context,
        key=as_uuid(one["setting"]),
        listed=one["listed"],
        rank=one["rank"] or None,
        mainstream=one["mainstream"],
        distance_metres=one["metres"],
        free=one["free"],
        as_of=date.fromisoformat(one["as_of"]) if one["as_of"] else None,
        reasons=reasons,
    )


def _cites(given: list[dict[str, str]]) -> list[Citation]:
    return citations(tuple(core.Citation(one["instrument"], one["pinpoint"], core.Evidence(one["evidence"])) for one in given))


def _page(rows: Any, first: int | None, after: str | None) -> tuple[list[Any], int, PageInfo]:
    """The rows of a page of what is in memory already, the number of the first, and the ends."""
    most, at = bounded(first), after_of(after, 1)
    begin = number_of(at[0]) + 1 if at is not None else 0
    shown = list(rows[begin : begin + most])
    cursors = [cursor(n) for n in range(begin, begin + len(shown))]
    return shown, begin, page_info(cursors, more=len(rows) > begin + most, after=after)
