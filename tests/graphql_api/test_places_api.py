"""Places over HTTP: who may do what, what a pinned flag lets be done, and that nobody sees another child's."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from graphql_api.identifiers import global_id
from statute.placing import Phase
from store import people, places
from store.inclusion import Room
from store.journal import Party
from store.session import Database
from store.tables import case_file, case_party
from tests.graphql_api.clerk import paths
from tests.graphql_api.conftest import Api
from tests.graphql_api.placement import (
    DECIDER,
    ENTRY,
    OFFICER,
    PARENT,
    SENCO,
    TODAY,
    built,
    child,
    council,
    do,
    hired,
    line,
    pilot_case,
    ranked,
    shown,
    tell,
)  # fmt: skip
from tests.graphql_api.test_child_and_timeline import statements
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
HERE = global_id("Setting", WESTSHIRE.setting.id)


async def test_an_administrator_publishes_the_plan_and_of_two_at_once_one_is_told(reader: Api, database: Database) -> None:
    admin = await hired(database, "la_administrator")
    given = {"expectedVersion": 0, "lines": [line(HERE, 400_000, needs=["ASD"])]}
    answers = await asyncio.gather(
        do(reader, "publishInclusionPlan", admin, **given), do(reader, "publishInclusionPlan", admin, **given, reachMetres=1)
    )
    assert sorted(one["__typename"] for one in answers) == ["InclusionPlanPublished", "PlacesConflict"]
    [first] = [one for one in answers if one["__typename"] == "InclusionPlanPublished"]
    assert (first["replayed"], first["plan"]["version"]) == (False, 1)
    reach = first["plan"]["reachMetres"]
    assert (await do(reader, "publishInclusionPlan", admin, **given, reachMetres=reach))["replayed"]
    for by in (OFFICER, PARENT, SENCO, DECIDER):
        assert (await do(reader, "publishInclusionPlan", by, **given))["__typename"] == "Denied"
    query = "{ inclusionPlan(entry: 2027) { version lines { nodes { needs setting { name } capacity { places } } } } }"
    lines = (await reader.ask(WESTSHIRE, PARENT, query))["inclusionPlan"]["lines"]["nodes"]
    assert lines == [{"needs": ["ASD"], "setting": {"name": WESTSHIRE.setting.name}, "capacity": None}]
    assert (await reader.ask(NORTHMOOR, NORTHMOOR.caseworker, query))["inclusionPlan"] is None


async def test_everything_wrong_with_a_plan_is_told_at_once(reader: Api, database: Database) -> None:
    admin = await hired(database, "la_administrator")
    there = global_id("Setting", NORTHMOOR.setting.id)
    bad = [line(there, 400_000), line(HERE, 900_000, needs=["AUT"]), line(HERE, 400_000, firstYear=9, lastYear=7)]
    answer = await do(reader, "publishInclusionPlan", admin, expectedVersion=-1, reachMetres=-1, lines=bad)
    assert sorted(paths(answer)) == [
        "expectedVersion", "lines.0.settingId", "lines.1.at", "lines.1.needs", "lines.2", "lines.2.firstYear", "reachMetres",
    ]  # fmt: skip


async def test_a_capacity_is_told_by_who_works_there_or_by_the_council(reader: Api, database: Database) -> None:
    answer = await tell(reader, HERE, 3, SENCO)
    assert answer == {"__typename": "CapacityRecorded", "replayed": False, "capacity": {"version": 1, "places": 3, "free": 3}}
    assert (await tell(reader, HERE, 4, await hired(database, "la_manager"), 1))["capacity"]["version"] == 2
    assert await tell(reader, HERE, 9, SENCO, 1) == {
        "__typename": "PlacesConflict", "say": "Somebody told since. Look at it, and tell again what is so.", "version": 2,
    }  # fmt: skip
    other = people.Setting(uuid4(), "Elsewhere", None, "academy")
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_setting(session, other)
    for by, key in ((SENCO, str(other.id)), (PARENT, HERE), (DECIDER, HERE)):
        assert (await tell(reader, key, 1, by))["__typename"] == "Denied"
    assert (await tell(reader, global_id("Setting", NORTHMOOR.setting.id), 1))["__typename"] == "NotFound"
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert paths(await tell(reader, HERE, -1, version=-1, asOf=ahead, entry=1900)) == ["entry", "places", "asOf", "expectedVersion"]


async def test_only_a_case_that_is_pinned_to_a_pilot_has_a_list(reader: Api, database: Database) -> None:
    made = await council(reader, database)
    case_id = await pilot_case(database, "off")
    answer = await built(reader, case_id)
    assert answer["__typename"] == "Refused"
    assert "its flag tailored_list is pinned to off" in answer["say"]
    assert (await ranked(reader, case_id, made.ids[0], by=PARENT))["__typename"] == "Refused"
    advisory = await pilot_case(database, "advisory", WESTSHIRE.children[1])
    assert (await built(reader, advisory))["__typename"] == "TailoredListBuilt"
    assert (await ranked(reader, advisory, made.ids[0]))["__typename"] == "PreferencesRanked"
    answer = await do(reader, "offerPlace", caseId=str(advisory), expectedPreferences=1)
    assert answer["__typename"] == "Refused"
    assert "pinned to advisory, and this needs ranked" in answer["say"]


async def test_a_list_is_shown_to_the_family_and_the_council_with_a_reason_for_every_setting(reader: Api, database: Database) -> None:
    made = await council(reader, database, 1, 0, 2)
    case_id = await pilot_case(database, "advisory")
    key = uuid4().hex
    answer = await built(reader, case_id, key=key)
    found = answer["list"]
    assert [one["setting"]["name"] for one in found["entries"]["nodes"]] == ["Special School", "Plain School", "Far School"]
    assert [(one["rank"], one["distanceMetres"], one["free"]) for one in found["entries"]["nodes"]] == [
        (1, 2000, 2),
        (2, 1000, 1),
        (3, 9000, 0),
    ]
    assert all(one["reasons"] for one in found["entries"]["nodes"])
    assert "You may ask for any school or college" in found["say"]
    assert {"pinpoint": "s.38(3)"} in found["citations"]
    assert await shown(reader, PARENT, case_id) == await shown(reader, OFFICER, case_id) == found
    assert (await built(reader, case_id, key=key)) == {**answer, "replayed": True}
    assert paths(await built(reader, case_id, key=key, year=8)) == ["key"]
    assert (await built(reader, case_id, PARENT))["__typename"] == "Denied"
    assert (await built(reader, case_id, await hired(database, "ops")))["__typename"] == "NotFound"
    assert paths(await built(reader, case_id, need="AUT", year=99, entry=1)) == ["entry", "need", "year"]
    assert made.ids


async def test_nobody_sees_the_list_of_another_child_and_a_setting_only_its_own_line(reader: Api, database: Database) -> None:
    made = await council(reader, database)
    mine, other = await pilot_case(database, "ranked"), await pilot_case(database, "ranked", WESTSHIRE.children[1])
    for case_id in (mine, other):
        await built(reader, case_id)
        assert (await ranked(reader, case_id, made.ids[1]))["__typename"] == "PreferencesRanked"
    assert await shown(reader, PARENT, mine) is not None
    assert await shown(reader, PARENT, other) is None
    assert (await ranked(reader, other, made.ids[0], by=PARENT))["__typename"] == "NotFound"
    assert await shown(reader, SENCO, mine) is None, "the school of the child was not consulted"
    assert await shown(reader, NORTHMOOR.caseworker, mine, NORTHMOOR) is None
    staff = await hired(database, "setting_consulted")
    async with database.tenant(WESTSHIRE.slug) as session:
        relation = people.Relation(uuid4(), staff.id, "works_at", TODAY - timedelta(9), None, made.far.id)
        await people.add_relation(session, relation)
        party = Party("consulted", str(made.far.id), None, made.far.id, TODAY)
        row = {"kind": party.kind, "item": party.item, "setting_id": party.setting_id, "since": party.since}
        await session.execute(case_party.insert().values(tenant=WESTSHIRE.slug, case_id=mine, **row))
    seen = await shown(reader, staff, mine)
    assert seen is not None
    assert [one["setting"]["name"] for one in seen["entries"]["nodes"]] == ["Far School"]
    assert (seen["preferences"], seen["offers"], seen["grounds"]) == (None, [], [])
    assert await shown(reader, staff, other) is None


async def test_a_plan_and_a_list_cost_the_same_statements_however_many_settings_they_have(reader: Api, database: Database) -> None:
    made = await council(reader, database)
    case_id = await pilot_case(database, "ranked")
    await built(reader, case_id)
    await ranked(reader, case_id, made.ids[0])
    plan = "{ inclusionPlan(entry: 2027) { lines { nodes { setting { name } capacity { free } } } } }"
    tailored = "query($id: ID!) { tailoredList(caseId: $id) { entries { nodes { setting { name } } } preferences { settings { name } } } }"
    before = [await statements(reader, database, plan), await statements(reader, database, tailored, id=str(case_id))]
    more = [people.Setting(uuid4(), f"School {n}", None, "academy") for n in range(9)]
    async with database.tenant(WESTSHIRE.slug) as session:
        for one in more:
            await people.add_setting(session, one)
    lines = [line(one, 401_000) for one in more]
    published = await do(reader, "publishInclusionPlan", await hired(database, "la_administrator"), expectedVersion=1, lines=lines)
    assert published["__typename"] == "InclusionPlanPublished"
    await built(reader, case_id)
    await ranked(reader, case_id, *(global_id("Setting", one.id) for one in more))
    after = [await statements(reader, database, plan), await statements(reader, database, tailored, id=str(case_id))]
    assert after == before


async def test_a_family_ranks_what_it_likes_also_what_is_not_on_the_list(reader: Api, database: Database) -> None:
    made = await council(reader, database)
    case_id = await pilot_case(database, "ranked")
    key = uuid4().hex
    answer = await ranked(reader, case_id, HERE, made.ids[0], by=PARENT, mainstream=True, key=key)
    assert answer["preferences"] == {"version": 1, "mainstream": True, "byCouncil": False, "settings": [{"id": HERE}, {"id": made.ids[0]}]}
    assert (await ranked(reader, case_id, HERE, made.ids[0], by=PARENT, mainstream=True, key=key))["replayed"]
    assert paths(await ranked(reader, case_id, HERE, by=PARENT, key=key)) == ["key"]
    assert paths(await ranked(reader, case_id, HERE, HERE, by=PARENT)) == ["settingIds"]
    assert paths(await ranked(reader, case_id, global_id("Setting", NORTHMOOR.setting.id), by=PARENT)) == ["settingIds.0"]
    assert paths(await ranked(reader, case_id, HERE, toldHow=" ")) == ["toldHow"]
    assert (await ranked(reader, case_id, HERE))["preferences"]["byCouncil"]
    assert (await ranked(reader, case_id, HERE, by=await hired(database, "auditor")))["__typename"] == "Denied"


async def test_the_first_free_place_is_offered_and_answered_and_each_preference_has_its_word(reader: Api, database: Database) -> None:
    made = await council(reader, database, 0, 1, 1)
    plain, far, special = made.ids
    case_id = await pilot_case(database, "ranked", due=5)
    offer = {"caseId": str(case_id), "expectedPreferences": 1}
    assert "no list for this case" in (await do(reader, "offerPlace", **offer))["say"]
    await built(reader, case_id)
    assert "need not" in (await do(reader, "offerPlace", **offer))["say"]
    await ranked(reader, case_id, plain, far, special, by=PARENT)
    assert (await do(reader, "offerPlace", caseId=str(case_id), expectedPreferences=9))["__typename"] == "PlacesConflict"
    for by in (PARENT, DECIDER):
        assert (await do(reader, "offerPlace", by, **offer))["__typename"] == "Denied"
    key = uuid4().hex
    answer = await do(reader, "offerPlace", **offer, key=key)
    found = answer["offer"]
    assert (found["status"], found["setting"]["name"]) == ("HELD", "Far School")
    assert [(one["outcome"], one["owed"], one["ground"]) for one in found["answers"]] == [
        ("NO_PLACE", True, None), ("OFFERED", False, None), ("NOT_REACHED", False, None),
    ]  # fmt: skip
    assert "no reason in law" in found["answers"][0]["say"]
    assert datetime.fromisoformat(found["expiresAt"]) <= datetime.combine(TODAY + timedelta(6), datetime.min.time(), UTC), (
        "not beyond the law's day"
    )
    assert (await do(reader, "offerPlace", **offer, key=key)) == {**answer, "replayed": True}
    assert "is kept for this child" in (await do(reader, "offerPlace", **offer))["say"]
    for by in (DECIDER, await hired(database, "auditor")):
        assert (await do(reader, "acceptPlace", by, offerId=found["id"]))["__typename"] == "Denied"
    assert (await do(reader, "acceptPlace", NORTHMOOR.caseworker, place=NORTHMOOR, offerId=found["id"]))["__typename"] == "NotFound"
    assert paths(await do(reader, "acceptPlace", offerId=found["id"])) == ["toldHow"], "the council says how the family told it"
    taken = await do(reader, "acceptPlace", PARENT, offerId=found["id"])
    assert (taken["offer"]["status"], taken["say"].split(",")[0]) == ("TAKEN", "You accepted this place")
    again = await do(reader, "acceptPlace", PARENT, offerId=found["id"])
    assert again["offer"]["status"] == "TAKEN"
    given_up = await do(reader, "declinePlace", PARENT, offerId=found["id"])
    assert given_up["offer"]["status"] == "GIVEN_UP"
    assert "lost nothing" in given_up["say"]
    late = await do(reader, "acceptPlace", PARENT, offerId=found["id"])
    assert (late["__typename"], "nothing else is lost" in late["say"]) == ("Refused", True)


async def test_a_place_can_be_given_up_after_the_case_or_its_pilot_ended_and_not_accepted(reader: Api, database: Database) -> None:
    made = await council(reader, database)
    for closed, flags in ((TODAY, {"tailored_list": "ranked"}), (None, {})):
        case_id = await pilot_case(database, "ranked")
        await built(reader, case_id)
        await ranked(reader, case_id, made.ids[0])
        offer = (await do(reader, "offerPlace", caseId=str(case_id), expectedPreferences=1))["offer"]
        assert offer["status"] == "HELD"
        async with database.tenant(WESTSHIRE.slug) as session:
            state = await session.scalar(select(case_file.c.state).where(case_file.c.id == case_id))
            await session.execute(
                update(case_file).where(case_file.c.id == case_id).values(closed_on=closed, state={**state, "flags": flags})
            )
        assert (await do(reader, "acceptPlace", PARENT, offerId=offer["id"]))["__typename"] == "Refused"
        assert (await do(reader, "declinePlace", PARENT, offerId=offer["id"]))["offer"]["status"] == "GIVEN_UP"


async def test_a_ground_is_stated_by_a_decision_maker_and_shown_to_the_family(reader: Api, database: Database) -> None:
    made = await council(reader, database)
    case_id = await pilot_case(database, "ranked")
    await built(reader, case_id)
    await ranked(reader, case_id, made.ids[2], made.ids[0], by=PARENT)
    stated = {"settingId": made.ids[2], "ground": "UNSUITABLE", "reasons": "It has no classes for this age."}
    for by in (OFFICER, PARENT):
        assert (await do(reader, "stateGrounds", by, caseId=str(case_id), grounds=[stated]))["__typename"] == "Denied"
    assert paths(await do(reader, "stateGrounds", DECIDER, caseId=str(case_id), grounds=[{**stated, "reasons": " "}])) == [
        "grounds.0.reasons"
    ]
    answer = await do(reader, "stateGrounds", DECIDER, caseId=str(case_id), grounds=[stated])
    assert [one["ground"] for one in answer["grounds"]] == ["UNSUITABLE"]
    offered = await do(reader, "offerPlace", caseId=str(case_id), expectedPreferences=1)
    assert [(one["outcome"], one["ground"]) for one in offered["offer"]["answers"]] == [("GROUND", "UNSUITABLE"), ("OFFERED", None)]
    seen = await shown(reader, PARENT, case_id)
    assert seen is not None
    assert seen["grounds"][0]["reasons"] == "It has no classes for this age."
    assert seen["offers"][0]["setting"]["name"] == "Plain School"


async def test_a_round_shows_what_would_be_and_is_confirmed_as_it_was_shown(reader: Api, database: Database) -> None:
    made = await council(reader, database, 1, 1, 0)
    plain, far, _ = made.ids
    cases = {}
    for n, (name, due, ends) in enumerate([("a", 60, -1), ("b", 60, -1), ("alone", 0, -1), ("later", 60, 3), ("off", 60, -1)]):
        cases[name] = await pilot_case(database, "advisory" if name == "off" else "ranked", await child(database, n), due=due, ends=ends)
        await built(reader, cases[name])
        assert (await ranked(reader, cases[name], plain, far))["__typename"] == "PreferencesRanked"
    manager = await hired(database, "la_manager")
    claims = [{"caseId": str(cases["b"]), "settingId": plain, "reason": "sibling"}]
    given = {"name": "2027 secondary", "phase": "SECONDARY", "entry": ENTRY, "reasons": ["sibling"], "claims": claims}
    for by in (OFFICER, PARENT, DECIDER):
        assert (await do(reader, "runRound", by, **given))["__typename"] == "Denied"
    dry = (await do(reader, "runRound", manager, **given))["round"]
    names = {one["caseId"]: (one["setting"] or {}).get("name") for one in dry["placed"]}
    assert names == {global_id("Case", cases["a"]): "Far School", global_id("Case", cases["b"]): "Plain School"}
    assert (dry["alone"], dry["notYet"], dry["leftOut"]) == ([global_id("Case", cases["alone"])], [global_id("Case", cases["later"])], 1)
    said = next(one for one in dry["placed"] if one["caseId"] == global_id("Case", cases["a"]))["answers"][0]["say"]
    assert said.startswith("Its one place in this round goes to children who come before: they have a reason")
    assert (dry["confirmed"], (await shown(reader, manager, cases["a"]) or {})["offers"]) == (False, []), "nothing was kept"
    assert paths(await do(reader, "runRound", manager, **given, dryRun=False)) == ["expectedDigest"]
    await tell(reader, far, 0, version=1)
    moved = await do(reader, "runRound", manager, **given, dryRun=False, expectedDigest=dry["digest"])
    assert moved["__typename"] == "RoundMoved"
    await tell(reader, far, 1, version=2)
    key = uuid4().hex
    kept = await do(reader, "runRound", manager, **given, dryRun=False, expectedDigest=dry["digest"], key=key)
    assert (kept["__typename"], kept["round"]["confirmed"], kept["replayed"]) == ("RoundShown", True, False)
    assert kept["round"]["placed"] == dry["placed"]
    again = await do(reader, "runRound", manager, **given, dryRun=False, expectedDigest=dry["digest"], key=key)
    assert again["replayed"]
    assert again["round"]["placed"] == dry["placed"]
    assert paths(await do(reader, "runRound", manager, **given)) == ["name"], "a draw is not tried again until it suits"
    offer = (await shown(reader, manager, cases["b"]) or {})["offers"][0]
    assert (offer["status"], offer["setting"]["name"]) == ("HELD", "Plain School")
    alone = await do(reader, "offerPlace", caseId=str(cases["alone"]), expectedPreferences=1)
    assert [one["outcome"] for one in alone["offer"]["answers"]] == ["NO_PLACE", "NO_PLACE"]


async def test_a_round_and_offers_at_the_same_moment_give_no_place_twice(reader: Api, database: Database) -> None:
    made = await council(reader, database, 2, 2, 0)
    plain, far, _ = made.ids
    cases = [await pilot_case(database, "ranked", await child(database, n)) for n in range(8)]
    for n, case_id in enumerate(cases):
        await built(reader, case_id)
        await ranked(reader, case_id, *((plain, far) if n % 2 else (far, plain)))
    manager = await hired(database, "la_manager")
    given = {"name": "race", "phase": "SECONDARY", "entry": ENTRY}
    digest = (await do(reader, "runRound", manager, **given))["round"]["digest"]
    answers = await asyncio.gather(
        do(reader, "runRound", manager, **given, dryRun=False, expectedDigest=digest),
        *(do(reader, "offerPlace", caseId=str(one), expectedPreferences=1) for one in cases),
    )
    assert {one["__typename"] for one in answers} <= {"RoundShown", "RoundMoved", "PlaceOffered", "Refused"}, answers
    rooms = [Room(one.id, Phase.SECONDARY, ENTRY) for one in (made.plain, made.far)]
    async with database.tenant(WESTSHIRE.slug) as session:
        held = [(one.setting_id, one.case_id) for one in await places.reserved(session, rooms)]
    assert sorted(setting for setting, _ in held) == sorted([made.plain.id] * 2 + [made.far.id] * 2)
    assert len({case_id for _, case_id in held}) == 4


async def test_a_manager_runs_no_round_for_the_own_child(reader: Api, database: Database) -> None:
    made = await council(reader, database)
    case_id = await pilot_case(database, "ranked")
    await built(reader, case_id)
    await ranked(reader, case_id, made.ids[0])
    parent = await hired(database, "la_manager", "parent")
    given = {"name": "mine", "phase": "SECONDARY", "entry": ENTRY}
    assert len((await do(reader, "runRound", parent, **given))["round"]["placed"]) == 1
    async with database.tenant(WESTSHIRE.slug) as session:
        new = people.Relation(uuid4(), parent.id, "parent", TODAY - timedelta(9), WESTSHIRE.children[0].id, None)
        await people.add_relation(session, new)
    found = (await do(reader, "runRound", parent, **given))["round"]
    assert (found["placed"], found["leftOut"]) == ([], 1)
