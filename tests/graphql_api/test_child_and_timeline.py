"""A child's cases and the one timeline across them: only what the caller may read, in one order, and no dearer with more cases."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import event

from graphql_api.identifiers import global_id
from statute.types import Kind
from store import people
from store.session import Database
from tests.graphql_api.conftest import Api
from tests.graphql_api.lived import FIRST, Life, opened
from tests.seeds import NORTHMOOR, SINCE, WESTSHIRE, seed_id
from workflows import library

pytestmark = pytest.mark.stored
PARENT, OFFICER, SENCO = WESTSHIRE.parent, WESTSHIRE.caseworker, WESTSHIRE.senco
CHILD, OTHER = WESTSHIRE.children
QUERY = """query($id: ID!) { node(id: $id) { ... on Child { cases { id openedOn reference }
  timeline { nodes { sequence kind name say on recordedAt capacity caseId caseReference process processTitle } } } } }"""


async def seen(reader: Api, person: people.Person, child: people.Child = CHILD) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (await reader.ask(WESTSHIRE, person, QUERY, id=global_id("Child", child.id)))["node"]
    return found


async def two_lives(database: Database) -> tuple[Life, Life]:
    """Two cases whose days lie between one another."""
    first, second = await opened(database), await opened(database, FIRST + timedelta(days=2))
    await second.step(Kind.DONE, "notify_partners", FIRST + timedelta(days=3))
    await first.step(Kind.DONE, "consult_family", FIRST + timedelta(days=3))
    await first.step(Kind.HAPPENED, "request_withdrawn", FIRST + timedelta(days=9), "family")
    await second.step(Kind.DONE, "consult_family", FIRST + timedelta(days=5))
    return first, second


async def test_all_cases_of_a_child_are_one_timeline_by_the_day_things_happened(reader: Api, database: Database) -> None:
    first, second = await two_lives(database)
    await opened(database, child=OTHER)
    for person in (OFFICER, PARENT):
        found = await seen(reader, person) or {}
        told = [(one["caseId"], one["name"], one["on"]) for one in found["timeline"]["nodes"]]
        one, two = global_id("Case", first.id), global_id("Case", second.id)
        assert told == [
            (one, "request_received", "2026-01-06"),
            (two, "request_received", "2026-01-08"),
            (two, "notify_partners", "2026-01-09"),
            (one, "consult_family", "2026-01-09"),
            (two, "consult_family", "2026-01-11"),
            (one, "request_withdrawn", "2026-01-15"),
        ]


async def test_each_entry_says_of_which_case_and_process_it_is(reader: Api, database: Database) -> None:
    await two_lives(database)
    found = await seen(reader, PARENT) or {}
    references = {case["id"]: case["reference"] for case in found["cases"]}
    assert len(references) == 2
    for entry in found["timeline"]["nodes"]:
        assert entry["caseReference"] == references[entry["caseId"]]
        assert (entry["process"], entry["processTitle"]) == ("ehc_plan", library.get("ehc_plan", 1).title)
        assert entry["say"]


async def test_the_cases_of_a_child_are_listed_with_the_newest_first(reader: Api, database: Database) -> None:
    lives = [await opened(database, FIRST + timedelta(days=day)) for day in (7, 0, 3)]
    await opened(database, child=OTHER)
    found = await seen(reader, PARENT) or {}
    assert [case["id"] for case in found["cases"]] == [global_id("Case", lives[n].id) for n in (0, 2, 1)]


async def test_an_adviser_sees_of_the_childs_cases_only_the_one_where_they_were_asked(reader: Api, database: Database) -> None:
    doctor = people.Person(uuid4(), "A Doctor", None, "doctor", ["health_adviser"])
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_person(session, doctor)
    asked, _ = await (await opened(database)).assess(FIRST), await opened(database, FIRST + timedelta(days=1))
    assert await seen(reader, doctor) is None
    await asked.step(Kind.HAPPENED, "advice_requested", FIRST + timedelta(days=4), item="medical", about=str(doctor.id))
    found = await seen(reader, doctor) or {}
    assert [case["id"] for case in found["cases"]] == [global_id("Case", asked.id)]
    assert found["timeline"]["nodes"] == []


async def test_a_timeline_shows_nobody_more_than_the_journals_do(reader: Api, database: Database) -> None:
    """A school reads the case of its pupil and not its journal; a parent sees nothing of another child."""
    life = await opened(database)
    await opened(database, child=OTHER)
    found = await seen(reader, SENCO) or {}
    assert [case["id"] for case in found["cases"]] == [global_id("Case", life.id)]
    assert found["timeline"]["nodes"] == []
    assert await seen(reader, PARENT, OTHER) is None
    elsewhere = await reader.ask(NORTHMOOR, NORTHMOOR.caseworker, QUERY, id=global_id("Child", CHILD.id))
    assert elsewhere["node"] is None


async def test_a_parent_whose_relation_ended_sees_no_timeline(reader: Api, database: Database) -> None:
    await opened(database)
    async with database.tenant(WESTSHIRE.slug) as session:
        assert await people.end_relation(session, seed_id(f"{PARENT.subject}|parent"), SINCE)
    assert await seen(reader, PARENT) is None


async def statements(reader: Api, database: Database, query: str, **given: Any) -> int:
    said: list[str] = []

    def note(*execution: Any) -> None:
        said.append(execution[2])

    event.listen(database._engine.sync_engine, "before_cursor_execute", note)
    try:
        await reader.ask(WESTSHIRE, OFFICER, query, **given)
    finally:
        event.remove(database._engine.sync_engine, "before_cursor_execute", note)
    return len(said)


async def test_a_timeline_costs_the_same_statements_whatever_the_number_of_cases(reader: Api, database: Database) -> None:
    await opened(database)
    key = global_id("Child", CHILD.id)
    before = await statements(reader, database, QUERY, id=key)
    for n in range(6):
        await (await opened(database, FIRST + timedelta(days=n))).step(Kind.DONE, "consult_family", FIRST + timedelta(days=n))
    assert await statements(reader, database, QUERY, id=key) == before
    assert len((await seen(reader, OFFICER) or {})["timeline"]["nodes"]) == 13


async def test_the_cases_of_many_children_are_one_statement(reader: Api, database: Database) -> None:
    await opened(database)
    query = "{ children { nodes { cases { id } } } }"
    before = await statements(reader, database, query)
    async with database.tenant(WESTSHIRE.slug) as session:
        more = [people.Child(uuid4(), "Other", f"Child{n}", FIRST) for n in range(5)]
        for child in more:
            await people.add_child(session, child)
    for child in (OTHER, *more):
        await opened(database, child=child)
    assert await statements(reader, database, query) == before
    shown = (await reader.ask(WESTSHIRE, OFFICER, query))["children"]["nodes"]
    assert [len(child["cases"]) for child in shown] == [1] * 7
