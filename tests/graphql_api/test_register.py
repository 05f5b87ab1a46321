"""Children and settings come into the register once, complete or not at all, and only by those who may put them there."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event, func, select

from graphql_api.identifiers import global_id, split
from store import people
from store.session import Database
from store.tables import child, setting
from tests.graphql_api.clerk import DECIDER, OFFICER, PARENT, SENCO, elsewhere, hired, paths, upn, write
from tests.graphql_api.conftest import Api
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
HERE = global_id("Setting", WESTSHIRE.setting.id)
TODAY = datetime.now(UTC).date()
ANNA: dict[str, Any] = {"givenName": "Anna", "familyName": "Quillon", "bornOn": "2018-02-03"}
ASH: dict[str, Any] = {"name": "Ash School", "kind": "academy"}


async def counted(database: Database) -> tuple[int, int]:
    """How many children and settings Westshire has."""
    async with database.tenant(WESTSHIRE.slug) as session:
        rows = [await session.scalar(select(func.count()).select_from(table)) for table in (child, setting)]
    return rows[0] or 0, rows[1] or 0


async def test_a_caseworker_adds_a_child_with_a_number_and_a_school(reader: Api, database: Database) -> None:
    answer = await write(reader, "addChild", settingId=HERE, upn=f" {upn(7).lower()} ", **(ANNA | {"givenName": "  Anna \n Lee "}))
    assert answer["__typename"] == "ChildAdded"
    assert not answer["replayed"]
    found = answer["child"]
    assert (found["givenName"], found["familyName"], found["bornOn"], found["upn"]) == ("Anna Lee", "Quillon", "2018-02-03", upn(7))
    assert found["setting"] == {"id": HERE}
    again = await reader.ask(WESTSHIRE, SENCO, "query($id: ID!) { node(id: $id) { ... on Child { givenName } } }", id=found["id"])
    assert again["node"] == {"givenName": "Anna Lee"}


async def test_a_child_may_be_of_no_school_and_have_no_number(reader: Api) -> None:
    found = (await write(reader, "addChild", **ANNA))["child"]
    assert (found["upn"], found["setting"]) == (None, None)


async def test_a_school_adds_children_to_its_own_roll_and_to_no_other(reader: Api, database: Database) -> None:
    other = await elsewhere(database)
    added = await write(reader, "addChild", SENCO, settingId=HERE, **ANNA)
    assert added["child"]["setting"] == {"id": HERE}
    for where in ({"settingId": str(other.id)}, {}, {"settingId": None}):
        denied = await write(reader, "addChild", SENCO, **ANNA, **where)
        assert denied == {"__typename": "Denied", "reason": "This is not for a school or college where you work."}
    assert (await counted(database))[0] == 3


@pytest.mark.parametrize("role", ["parent", "decision_maker", "la_manager", "la_administrator", "setting_consulted", "auditor", "ops"])
async def test_nobody_else_adds_a_child(reader: Api, database: Database, role: str) -> None:
    by = await hired(database, role)
    assert (await write(reader, "addChild", by, **ANNA))["__typename"] == "Denied"
    answer = await write(reader, "addChild", by, settingId=HERE, **ANNA)
    assert answer["__typename"] == ("NotFound" if role == "ops" else "Denied")  # ops know of no school
    assert (await counted(database))[0] == 2


@pytest.mark.parametrize(
    ("role", "may"), [("la_caseworker", True), ("la_administrator", True), ("la_manager", False), ("school_head", False), ("parent", False)]
)
async def test_who_keeps_the_register_adds_settings_and_nobody_else(reader: Api, database: Database, role: str, may: bool) -> None:
    answer = await write(reader, "addSetting", await hired(database, role), urn="999123", **ASH)
    if may:
        assert answer["setting"] == {"id": answer["setting"]["id"], "name": "Ash School", "kind": "academy", "urn": "999123"}
    else:
        assert answer["__typename"] == "Denied"
    assert (await counted(database))[1] == 1 + may


@pytest.mark.parametrize(
    "given", [str(uuid4()), str(NORTHMOOR.setting.id), global_id("Setting", NORTHMOOR.setting.id), HERE.lower(), "x", ""]
)
async def test_another_councils_school_is_as_unknown_as_an_invented_one(reader: Api, database: Database, given: str) -> None:
    invented = await write(reader, "addChild", settingId=str(uuid4()), **ANNA)
    assert invented["__typename"] == "NotFound"
    assert await write(reader, "addChild", settingId=given, **ANNA) == invented
    assert (await counted(database))[0] == 2


async def test_the_same_key_adds_once_however_often_and_at_once_it_comes(reader: Api, database: Database) -> None:
    for mutation, given in (("addChild", ANNA | {"upn": upn(8), "settingId": HERE}), ("addSetting", ASH | {"urn": "999124"})):
        answers = await asyncio.gather(*(write(reader, mutation, key="once", **given) for _ in range(8)))
        assert [answer["replayed"] for answer in answers].count(False) == 1
        for answer in answers:
            assert {**answer, "replayed": True} == {**answers[0], "replayed": True}
    assert await counted(database) == (3, 2)


async def test_a_key_with_another_content_is_refused_and_another_persons_key_is_another_key(reader: Api, database: Database) -> None:
    first = await write(reader, "addChild", key="k", settingId=HERE, **ANNA)
    for changed in ({"givenName": "Anne"}, {"bornOn": "2018-02-04"}, {"upn": upn(9)}):
        assert paths(await write(reader, "addChild", key="k", settingId=HERE, **(ANNA | changed))) == ["key"]
    other = await write(reader, "addChild", SENCO, key="k", settingId=HERE, **ANNA)
    assert other["child"]["id"] != first["child"]["id"]
    school = (await write(reader, "addSetting", key="k", **ASH))["setting"]
    assert (split(school["id"]) or ("", ""))[1] != (split(first["child"]["id"]) or ("", ""))[1]
    assert paths(await write(reader, "addSetting", key="k", **(ASH | {"kind": "special_school"}))) == ["key"]


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"givenName": " "}, ["givenName"]),
        ({"givenName": "", "familyName": "x" * 201, "bornOn": "1899-01-01", "upn": ""}, ["givenName", "familyName", "bornOn", "upn"]),
        ({"familyName": "Bell\x07"}, ["familyName"]),
        ({"bornOn": (TODAY + timedelta(days=2)).isoformat()}, ["bornOn"]),
        ({"bornOn": "0001-01-01"}, ["bornOn"]),
        ({"upn": "12"}, ["upn"]),
        ({"upn": "A" + upn(3)[1:]}, ["upn"]),
        ({"key": " "}, ["key"]),
        ({"key": "k" * 201}, ["key"]),
    ],
)
async def test_a_child_that_cannot_be_is_told_all_that_is_wrong(
    reader: Api, database: Database, changed: dict[str, Any], found: list[str]
) -> None:
    answer = await write(reader, "addChild", **(ANNA | changed))
    assert paths(answer) == found
    assert not changed.get("upn") or changed["upn"] not in str(answer)
    assert (await counted(database))[0] == 2


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({"name": ""}, ["name"]),
        ({"kind": "Grammar School"}, ["kind"]),
        ({"kind": ""}, ["kind"]),
        ({"kind": "a" * 61}, ["kind"]),
        ({"urn": "012345"}, ["urn"]),
        ({"urn": "1234567", "name": " ", "kind": "X"}, ["name", "kind", "urn"]),
        ({"key": ""}, ["key"]),
    ],
)
async def test_a_setting_that_cannot_be_is_told_all_that_is_wrong(
    reader: Api, database: Database, changed: dict[str, Any], found: list[str]
) -> None:
    assert paths(await write(reader, "addSetting", **(ASH | changed))) == found
    assert (await counted(database))[1] == 1


async def test_a_number_that_is_taken_is_told_without_saying_whose_it_is(reader: Api, database: Database) -> None:
    known = WESTSHIRE.children[0]
    answer = await write(reader, "addChild", upn=known.upn, **ANNA)
    assert paths(answer) == ["upn"]
    for word in (known.upn, known.given_name, known.family_name, str(known.id)):
        assert str(word) not in str(answer)
    assert paths(await write(reader, "addSetting", urn=WESTSHIRE.setting.urn, **ASH)) == ["urn"]
    assert await counted(database) == (2, 1)


async def test_two_who_take_one_number_at_once_are_told_apart(reader: Api, database: Database) -> None:
    answers = await asyncio.gather(*(write(reader, "addChild", upn=upn(10), **ANNA) for _ in range(4)))
    assert sorted(answer["__typename"] for answer in answers) == ["ChildAdded", "Invalid", "Invalid", "Invalid"]


async def test_a_number_known_to_another_council_says_nothing_here(reader: Api) -> None:
    assert (await write(reader, "addChild", upn=NORTHMOOR.children[0].upn, **ANNA))["__typename"] == "ChildAdded"
    assert (await write(reader, "addSetting", urn=NORTHMOOR.setting.urn, **ASH))["__typename"] == "SettingAdded"


async def test_what_is_added_here_is_seen_nowhere_else(reader: Api, database: Database) -> None:
    added = await write(reader, "addChild", settingId=HERE, **ANNA)
    school = await write(reader, "addSetting", **ASH)
    query = "query($id: ID!) { node(id: $id) { id } }"
    for found in (added["child"]["id"], school["setting"]["id"]):
        assert (await reader.ask(WESTSHIRE, OFFICER, query, id=found))["node"] == {"id": found}
        assert (await reader.ask(NORTHMOOR, NORTHMOOR.caseworker, query, id=found))["node"] is None
    async with database.tenant(NORTHMOOR.slug) as session:
        assert len(await people.list_children(session)) == 2


async def test_a_caseworker_moves_a_child_to_another_school_to_none_and_back(reader: Api, database: Database) -> None:
    other, key = global_id("Setting", (await elsewhere(database)).id), str(WESTSHIRE.children[0].id)
    for to in (other, None, HERE):
        moved = await write(reader, "moveChild", childId=key, settingId=to)
        assert moved["child"]["setting"] == ({"id": to} if to else None)
        assert not moved["replayed"]
        assert (await write(reader, "moveChild", childId=key, settingId=to))["replayed"]


async def test_the_old_school_no_longer_sees_a_child_that_moved_and_the_new_one_does(reader: Api, database: Database) -> None:
    other, query = await elsewhere(database), "{ children { nodes { id } } }"
    newcomer = await hired(database, "school_head")
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_relation(session, people.Relation(uuid4(), newcomer.id, "works_at", date(2024, 9, 1), None, other.id))
    key = global_id("Child", WESTSHIRE.children[0].id)
    seen = {"id": key}
    assert seen in (await reader.ask(WESTSHIRE, SENCO, query))["children"]["nodes"]
    await write(reader, "moveChild", childId=key, settingId=str(other.id))
    assert seen not in (await reader.ask(WESTSHIRE, SENCO, query))["children"]["nodes"]
    assert (await reader.ask(WESTSHIRE, newcomer, query))["children"]["nodes"] == [seen]


async def test_a_school_neither_takes_another_schools_pupil_nor_gives_its_own_away(reader: Api, database: Database) -> None:
    other, mine = await elsewhere(database), str(WESTSHIRE.children[0].id)
    for to in (str(other.id), None):
        denied = await write(reader, "moveChild", SENCO, childId=mine, settingId=to)
        assert denied == {"__typename": "Denied", "reason": "This is not for a school or college where you work."}
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_relation(session, people.Relation(uuid4(), SENCO.id, "works_at", date(2024, 9, 1), None, other.id))
    moved = await write(reader, "moveChild", SENCO, childId=mine, settingId=str(other.id))  # one who works at both
    assert moved["child"]["setting"] == {"id": global_id("Setting", other.id)}


async def test_who_may_not_move_a_child_finds_out_nothing(reader: Api, database: Database) -> None:
    mine, other = str(WESTSHIRE.children[0].id), await elsewhere(database)
    for by in (PARENT, DECIDER, await hired(database, "la_manager")):
        answers = [await write(reader, "moveChild", by, childId=mine, settingId=to) for to in (str(other.id), str(uuid4()), "x")]
        assert answers[0] == answers[1] == answers[2]
        assert answers[0]["__typename"] == "Denied"
    unknown = [str(uuid4()), str(NORTHMOOR.children[0].id), global_id("Child", NORTHMOOR.children[0].id), "x"]
    told = [await write(reader, "moveChild", childId=one, settingId=HERE) for one in unknown]
    told.append(await write(reader, "moveChild", PARENT, childId=str(WESTSHIRE.children[1].id), settingId=HERE))  # not her child
    assert all(one == told[0] for one in told)
    assert told[0]["__typename"] == "NotFound"


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({}, "settingId"),
        ({"settingId": str(uuid4())}, "settingId"),
        ({"settingId": str(NORTHMOOR.setting.id)}, "settingId"),
        ({"settingId": global_id("Child", WESTSHIRE.setting.id)}, "settingId"),
        ({"settingId": None, "leaves": str(NORTHMOOR.setting.id)}, "leaves"),
        ({"settingId": None, "leaves": "x"}, "leaves"),
        ({"settingId": None, "key": ""}, "key"),
    ],
)
async def test_a_move_that_cannot_be_is_told_why(reader: Api, database: Database, given: dict[str, Any], path: str) -> None:
    mine = WESTSHIRE.children[0].id
    assert paths(await write(reader, "moveChild", childId=str(mine), **given)) == [path]
    async with database.tenant(WESTSHIRE.slug) as session:
        found = await people.read_child(session, mine)
    assert found is not None
    assert found.setting_id == WESTSHIRE.setting.id


async def test_who_says_what_the_child_leaves_undoes_no_later_move(reader: Api, database: Database) -> None:
    other, mine = global_id("Setting", (await elsewhere(database)).id), str(WESTSHIRE.children[0].id)
    given: dict[str, Any] = {"key": "m", "childId": mine, "settingId": other, "leaves": HERE}
    assert not (await write(reader, "moveChild", **given))["replayed"]
    assert (await write(reader, "moveChild", **given))["replayed"]
    await write(reader, "moveChild", childId=mine, settingId=None, leaves=other)
    assert paths(await write(reader, "moveChild", **given)) == ["leaves"]
    assert paths(await write(reader, "moveChild", **(given | {"key": "n", "leaves": "x"}))) == ["leaves"]  # no school is not one misspelt


async def test_a_repetition_after_a_move_answers_the_child_as_it_is_by_then(reader: Api) -> None:
    given = ANNA | {"key": "r", "settingId": HERE}
    added = await write(reader, "addChild", **given)
    await write(reader, "moveChild", childId=added["child"]["id"], settingId=None)
    again = await write(reader, "addChild", **given)
    assert (again["replayed"], again["child"]["id"], again["child"]["setting"]) == (True, added["child"]["id"], None)
    assert (await write(reader, "addChild", SENCO, **given))["child"]["id"] != added["child"]["id"]


async def test_the_schools_and_people_of_many_children_are_no_more_statements(reader: Api, database: Database) -> None:
    said: list[str] = []
    query = "{ children { nodes { setting { name terms { first } relations { person { name } } } relations { kind person { name } } } } }"

    def note(*execution: Any) -> None:
        said.append(execution[2])

    async def statements() -> int:
        said.clear()
        event.listen(database._engine.sync_engine, "before_cursor_execute", note)
        try:
            await reader.ask(WESTSHIRE, OFFICER, query)
        finally:
            event.remove(database._engine.sync_engine, "before_cursor_execute", note)
        return len(said)

    before, other = await statements(), await elsewhere(database)
    for n in range(4):
        await write(reader, "addChild", settingId=(HERE, str(other.id))[n % 2], **(ANNA | {"givenName": f"Anna {'x' * n}"}))
    assert await statements() == before
