"""Places over HTTP: cases that are pinned to a pilot, a council with a plan, and one document a mutation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec

from graphql_api.identifiers import global_id
from statute.advance import advance
from statute.types import Clock, Event, Kind
from store import people
from store.session import Database
from tests.graphql_api.conftest import Api
from tests.seeds import WESTSHIRE, Place, seed_id
from tests.store.steps import open_case
from workflows import library

OFFICER, PARENT, DECIDER, SENCO = WESTSHIRE.caseworker, WESTSHIRE.parent, WESTSHIRE.decision_maker, WESTSHIRE.senco
ENTRY, TODAY = 2027, datetime.now(UTC).date()
NO = """__typename ... on Refused { say citations { pinpoint } } ... on Denied { reason } ... on NotFound { say }
  ... on Invalid { faults { path what why do } }"""
SETTING = "setting { id name }"
ANSWERS = f"answers {{ preference outcome say owed ground citations {{ pinpoint }} {SETTING} }}"
OFFER = f"offer {{ id status expiresAt {SETTING} {ANSWERS} }}"
PREFERENCES = "preferences { version mainstream byCouncil settings { id } }"
ENTRIES = f"entries {{ nodes {{ listed rank mainstream distanceMetres free asOf {SETTING} reasons {{ name say speaksFor }} }} }}"
OFFERS = f"offers {{ id status expiresAt {SETTING} {ANSWERS} }}"
LIST = (
    f"version rule digest planVersion phase entry say citations {{ pinpoint }} {ENTRIES} {PREFERENCES} "
    f"grounds {{ ground reasons {SETTING} }} {OFFERS}"
)
PLAN = f"plan {{ version reachMetres digest lines {{ nodes {{ {SETTING} needs phase }} }} }}"
ROUND = f"round {{ name digest confirmed alone notYet leftOut placed {{ caseId {SETTING} {ANSWERS} }} }}"
YES = {
    "publishInclusionPlan": f"... on InclusionPlanPublished {{ replayed {PLAN} }} ... on PlacesConflict {{ say version }}",
    "recordCapacity": "... on CapacityRecorded { replayed capacity { version places free } } ... on PlacesConflict { say version }",
    "buildTailoredList": f"... on TailoredListBuilt {{ replayed list {{ {LIST} }} }} ... on Unavailable {{ say }}",
    "rankPreferences": f"... on PreferencesRanked {{ replayed {PREFERENCES} }} ... on Unavailable {{ say }}",
    "stateGrounds": f"... on GroundsStated {{ replayed grounds {{ ground reasons {SETTING} }} }} ... on Unavailable {{ say }}",
    "offerPlace": f"... on PlaceOffered {{ replayed {OFFER} }} ... on PlacesConflict {{ say version }} ... on Unavailable {{ say }}",
    "acceptPlace": f"... on PlaceAnswered {{ say {OFFER} }} ... on Unavailable {{ say }}",
    "declinePlace": f"... on PlaceAnswered {{ say {OFFER} }} ... on Unavailable {{ say }}",
    "runRound": f"... on RoundShown {{ replayed {ROUND} }} ... on RoundMoved {{ say {ROUND} }} ... on Unavailable {{ say }}",
}
INPUTS = {"acceptPlace": "AnswerPlaceInput", "declinePlace": "AnswerPlaceInput"}


async def do(api: Api, mutation: str, by: people.Person = OFFICER, *, place: Place = WESTSHIRE, **given: Any) -> dict[str, Any]:
    """One act; a key is made where none is given."""
    kind = INPUTS.get(mutation, mutation[0].upper() + mutation[1:] + "Input")
    document = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {NO} {YES[mutation]} }} }}"
    answer: dict[str, Any] = (await api.ask(place, by, document, input={"key": uuid4().hex, **given}))[mutation]
    return answer


async def shown(api: Api, by: people.Person, case_id: UUID, place: Place = WESTSHIRE) -> dict[str, Any] | None:
    """The newest list of a case, as this person sees it."""
    query = f"query($id: ID!) {{ tailoredList(caseId: $id) {{ {LIST} }} }}"
    found: dict[str, Any] | None = (await api.ask(place, by, query, id=str(case_id)))["tailoredList"]
    return found


async def hired(database: Database, *roles: str) -> people.Person:
    """Somebody of Westshire in these roles, related to nobody."""
    name = "-".join(roles)
    found = people.Person(seed_id(f"westshire|hired|{name}"), f"A {name}", None, f"hired-{name}", list(roles))
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_person(session, found)
    return found


async def pilot_case(
    database: Database, mode: str, child: people.Child = WESTSHIRE.children[0], *, due: int = 60, ends: int | None = -1
) -> UUID:
    """A case pinned to a variant; its dates in law so many days from today."""
    at = datetime(2026, 1, 6, 9, 30, tzinfo=UTC)
    facts = {"received_on": "2026-01-06", "requested_by": "parent"}
    flags = {"tailored_list": mode} if mode != "off" else {}
    event = Event(Kind.OPENED, "request_received", at.date(), at, "open", capacity="family", facts=facts, flags=flags)
    state = advance(library.get("ehc_plan", 1), None, event, library.england()).state
    clocks = {**state.clocks, "final_plan_sent": Clock(at.date(), TODAY + timedelta(due))}
    if ends is not None:
        clocks["family_window"] = Clock(at.date(), TODAY + timedelta(ends))
    state = replace(state, stage="with_family", clocks=clocks)
    return await open_case(database, state=msgspec.to_builtins(state), stage="with_family", child_id=child.id)


@dataclass(frozen=True)
class Council:
    """A published plan with three schools: two mainstream, one special, and the places of 2027."""

    plain: people.Setting
    far: people.Setting
    special: people.Setting

    @property
    def ids(self) -> list[str]:
        return [global_id("Setting", one.id) for one in (self.plain, self.far, self.special)]


def line(setting: people.Setting | str, easting: int, **more: Any) -> dict[str, Any]:
    key = setting if isinstance(setting, str) else global_id("Setting", setting.id)
    base = {"settingId": key, "phase": "SECONDARY", "firstYear": 7, "lastYear": 11, "category": "ACADEMY", "mainstream": True}
    return {**base, "at": {"easting": easting, "northing": 300_000}, **more}


async def council(api: Api, database: Database, *capacity: int) -> Council:
    """Made through the API by its administrator."""
    made = [people.Setting(uuid4(), name, None, "academy") for name in ("Plain School", "Far School", "Special School")]
    async with database.tenant(WESTSHIRE.slug) as session:
        for one in made:
            await people.add_setting(session, one)
    found = Council(*made)
    special = {"mainstream": False, "needs": ["ASD"], "category": "MAINTAINED_SCHOOL"}
    lines = [line(found.plain, 401_000), line(found.far, 409_000), line(found.special, 402_000, **special)]
    admin = await hired(database, "la_administrator")
    answer = await do(api, "publishInclusionPlan", admin, expectedVersion=0, lines=lines)
    assert answer["__typename"] == "InclusionPlanPublished", answer
    for key, places in zip(found.ids, capacity or (1, 1, 1), strict=True):
        assert (await tell(api, key, places))["__typename"] == "CapacityRecorded"
    return found


async def tell(api: Api, key: str, places: int, by: people.Person = OFFICER, version: int = 0, **more: Any) -> dict[str, Any]:
    as_of = (datetime.now(UTC) - timedelta(minutes=1)).isoformat()
    given = {"settingId": key, "phase": "SECONDARY", "entry": ENTRY, "places": places, "asOf": as_of, "expectedVersion": version}
    return await do(api, "recordCapacity", by, **{**given, **more})


async def built(api: Api, case_id: UUID | str, by: people.Person = OFFICER, **more: Any) -> dict[str, Any]:
    home = {"easting": 400_000, "northing": 300_000}
    given = {"caseId": str(case_id), "phase": "SECONDARY", "year": 7, "need": "ASD", "entry": ENTRY, "home": home}
    return await do(api, "buildTailoredList", by, **{**given, **more})


async def ranked(api: Api, case_id: UUID, *keys: str, by: people.Person = OFFICER, **more: Any) -> dict[str, Any]:
    told = {} if by is PARENT else {"toldHow": "by telephone"}
    return await do(api, "rankPreferences", by, **{"caseId": str(case_id), "settingIds": list(keys), **told, **more})


async def child(database: Database, n: int) -> people.Child:
    """Another child of Westshire."""
    found = people.Child(uuid4(), f"Wendeline{n}", "Waldenmosson", date(2016, 3, 1))
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_child(session, found)
    return found
