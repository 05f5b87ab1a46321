"""How people come to stand to a child: an order beats a parent's right, a grant ends by itself, and who said so is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from graphql_api.identifiers import global_id
from graphql_api.mutations.add_relation import SUPPORT_DAYS
from graphql_api.register import CONCERNS_YOU
from store import people
from store.session import Database
from tests.graphql_api.clerk import DECIDER, OFFICER, PARENT, hired, paths, write
from tests.graphql_api.conftest import Api
from tests.graphql_api.lived import FIRST, opened
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
TODAY = datetime.now(UTC).date()
MINE = global_id("Child", WESTSHIRE.children[0].id)
SEES = "{ children { nodes { id } } }"
ORDER = "Prohibited steps order of the Family Court at Westshire, made on 3 November 2026"


def on(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


async def sees(reader: Api, by: people.Person) -> list[str]:
    return [one["id"] for one in (await reader.ask(WESTSHIRE, by, SEES))["children"]["nodes"]]


async def related(reader: Api, to: people.Person, kind: str, by: people.Person = OFFICER, **given: Any) -> dict[str, Any]:
    said = {"childId": MINE, "why": ORDER, **given}
    return await write(reader, "addRelation", by, personId=global_id("Person", to.id), kind=kind, **said)


async def test_whom_an_order_keeps_from_the_record_sees_the_child_no_more_although_a_parent(reader: Api) -> None:
    assert MINE in await sees(reader, PARENT)
    answer = await related(reader, PARENT, "KEPT_FROM_RECORD", until=on(30))
    assert answer["__typename"] == "RelationAdded", answer
    found = answer["relation"]
    assert (found["kind"], found["since"], found["until"]) == ("kept_from_record", on(0), on(30))
    assert found["history"] == [{"what": "added", "until": on(30), "why": ORDER, "by": {"name": OFFICER.name}}]
    assert MINE not in await sees(reader, PARENT)
    lifted = await write(reader, "endRelation", relationId=found["id"], endsOn=on(0), why="The court discharged the order today")
    assert lifted["__typename"] == "RelationEnded"
    assert MINE not in await sees(reader, PARENT), "its last day is a day on which it holds"


async def test_an_order_that_begins_later_or_has_ended_keeps_nobody(reader: Api, database: Database) -> None:
    await related(reader, PARENT, "KEPT_FROM_RECORD", since=on(1))
    await related(reader, PARENT, "KEPT_FROM_RECORD", since=on(-9), until=on(-1))
    assert MINE in await sees(reader, PARENT)


async def test_whom_an_order_keeps_from_the_papers_is_written_to_no_more(reader: Api, database: Database) -> None:
    child = WESTSHIRE.children[0].id

    async def written_to() -> set[Any]:
        async with database.tenant(WESTSHIRE.slug) as session:
            return {one.id for one in await people.family_of(session, child, TODAY)}

    before = await written_to()
    assert PARENT.id in before
    await related(reader, PARENT, "KEPT_FROM_ACTING")
    assert await written_to() == before
    await related(reader, PARENT, "KEPT_FROM_PAPERS")
    assert await written_to() == before - {PARENT.id}
    assert MINE in await sees(reader, PARENT), "that there is a child here is no paper"


async def test_an_order_that_came_between_the_step_and_the_sending_keeps_the_letter_back(reader: Api, database: Database) -> None:
    """The address of one parent in a letter to the other is how families come to harm: the order counts on the day of sending."""
    child = WESTSHIRE.children[0].id
    await related(reader, PARENT, "KEPT_FROM_PAPERS", since=on(0), until=on(3))
    async with database.tenant(WESTSHIRE.slug) as session:

        async def written_to(step: int, sent: int) -> bool:
            family = await people.family_of(session, child, TODAY + timedelta(step), TODAY + timedelta(sent))
            return PARENT.id in {one.id for one in family}

        assert not await written_to(-5, 0), "recorded after the step"
        assert not await written_to(2, 9), "in force on the day of the step"
        assert await written_to(-5, -1), "sent before the order"
        assert await written_to(5, 9), "the order is over"


async def test_whom_an_order_keeps_from_the_papers_knows_of_the_case_and_reads_none_of_them(reader: Api, database: Database) -> None:
    life = await opened(database, FIRST, WESTSHIRE.children[0])
    query = """query($id: ID!) { case(id: $id) { reference letters { notice } provision { version } journal { nodes { name } }
      clocks { name } actions { name } } }"""

    async def read() -> Any:
        return (await reader.ask(WESTSHIRE, PARENT, query, id=str(life.id)))["case"]

    before = await read()
    assert before["journal"]["nodes"]
    await related(reader, PARENT, "KEPT_FROM_PAPERS")
    after = await read()
    assert after["reference"] == before["reference"]
    assert after["clocks"] == before["clocks"]
    assert (after["letters"], after["provision"], after["journal"]["nodes"]) == ([], None, [])
    await related(reader, PARENT, "KEPT_FROM_ACTING")
    assert (await read())["actions"] == []
    await related(reader, PARENT, "KEPT_FROM_RECORD")
    assert await read() is None


async def test_an_order_is_not_lifted_without_a_word(reader: Api) -> None:
    made = await related(reader, PARENT, "KEPT_FROM_ACTING")
    assert paths(await write(reader, "endRelation", relationId=made["relation"]["id"], endsOn=on(0))) == ["why"]


async def test_nobody_records_or_ends_what_concerns_themselves(reader: Api, database: Database) -> None:
    assert await related(reader, OFFICER, "PARENT") == {"__typename": "Denied", "reason": CONCERNS_YOU}
    another = await hired(database, "la_caseworker")
    kin = await related(reader, OFFICER, "PARENT", another)
    assert kin["__typename"] == "RelationAdded"
    answer = await write(reader, "endRelation", relationId=kin["relation"]["id"], endsOn=on(0))
    assert answer == {"__typename": "Denied", "reason": CONCERNS_YOU}, "or they would decide in the case of their own child"


async def test_an_officer_whom_an_order_keeps_away_cannot_lift_it(reader: Api, database: Database) -> None:
    another = await hired(database, "la_caseworker")
    kept = await related(reader, another, "KEPT_FROM_RECORD")
    assert MINE not in await sees(reader, another)
    answer = await write(reader, "endRelation", another, relationId=kept["relation"]["id"], endsOn=on(0), why="x")
    assert answer["__typename"] == "NotFound"


async def test_support_looks_at_a_childs_cases_until_a_day_that_a_manager_gave(reader: Api, database: Database) -> None:
    ops, manager = await hired(database, "ops"), await hired(database, "la_manager")
    assert (await related(reader, ops, "SUPPORT", until=on(3)))["__typename"] == "Denied", "an officer does not answer for the council"
    assert paths(await related(reader, ops, "SUPPORT", manager)) == ["until"]
    assert paths(await related(reader, ops, "SUPPORT", manager, until=on(SUPPORT_DAYS + 1))) == ["until"]
    granted = await related(reader, ops, "SUPPORT", manager, until=on(3), why="Fault 4711: a letter that cannot be opened")
    assert granted["relation"]["until"] == on(3)
    async with database.tenant(WESTSHIRE.slug) as session:
        [held] = await people.list_relations(session, TODAY, person_id=ops.id)
        assert await people.list_relations(session, TODAY + timedelta(4), person_id=ops.id) == [], "it ends by itself"
    assert held.ends_on == TODAY + timedelta(3)
    ended = await write(reader, "endRelation", manager, relationId=granted["relation"]["id"], endsOn=on(0))
    assert ended["__typename"] == "RelationEnded"
    assert (await related(reader, PARENT, "KEPT_FROM_ACTING", manager))["__typename"] == "Denied"


async def test_the_same_again_is_the_same_and_another_under_its_key_is_refused(reader: Api) -> None:
    key = uuid4().hex
    first = await related(reader, PARENT, "KEPT_FROM_ACTING", key=key)
    again = await related(reader, PARENT, "KEPT_FROM_ACTING", key=key)
    assert (again["replayed"], again["relation"]) == (True, first["relation"])
    assert paths(await related(reader, PARENT, "KEPT_FROM_PAPERS", key=key)) == ["key"]
    assert paths(await related(reader, PARENT, "KEPT_FROM_ACTING")) == ["kind"], "the two stand so already"


async def test_what_is_wrong_with_a_relation_is_told(reader: Api) -> None:
    assert paths(await related(reader, PARENT, "KEPT_FROM_ACTING", why=" ")) == ["why"]
    assert paths(await related(reader, PARENT, "PARENT", childId=None)) == ["childId"]
    assert paths(await related(reader, PARENT, "WORKS_AT")) == ["childId", "settingId"]
    assert paths(await related(reader, PARENT, "KEPT_FROM_ACTING", since=on(2), until=on(1))) == ["until"]
    theirs = global_id("Child", NORTHMOOR.children[0].id)
    assert paths(await related(reader, PARENT, "PARENT", childId=theirs)) == ["childId"]
    assert (await related(reader, NORTHMOOR.parent, "PARENT"))["__typename"] == "NotFound"
    for by in (PARENT, DECIDER):
        assert (await related(reader, PARENT, "KEPT_FROM_ACTING", by))["__typename"] == "Denied"


async def test_what_was_done_with_a_relation_is_never_forgotten(reader: Api, database: Database) -> None:
    await related(reader, PARENT, "KEPT_FROM_ACTING")
    for act in ("update waymark.relation_event set why = ''", "delete from waymark.relation_event"):
        with pytest.raises(DBAPIError):
            async with database.tenant(WESTSHIRE.slug) as session:
                await session.execute(text(act))
