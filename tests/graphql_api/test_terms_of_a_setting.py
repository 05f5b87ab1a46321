"""The terms of schools are recorded by the council for any and by a school for itself, all at once or none."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from graphql_api.identifiers import global_id
from store.session import Database
from store.terms import Term, terms_of
from tests.graphql_api.clerk import OFFICER, PARENT, SENCO, elsewhere, hired, paths, write
from tests.graphql_api.conftest import Api
from tests.seeds import NORTHMOOR, TERMS, WESTSHIRE

pytestmark = pytest.mark.stored
HERE = global_id("Setting", WESTSHIRE.setting.id)
SUMMER: dict[str, Any] = {"first": "2027-04-12", "last": "2027-07-20", "closed": ["2027-06-01", "2027-05-31", "2027-06-01"]}
QUERY = "query($id: ID!) { node(id: $id) { ... on Setting { terms { first last closed } } } }"


async def kept(database: Database) -> tuple[Term, ...]:
    async with database.tenant(WESTSHIRE.slug) as session:
        return await terms_of(session, WESTSHIRE.setting.id)


async def test_terms_are_shown_with_the_setting_to_everybody_who_may_read_it(reader: Api, database: Database) -> None:
    shown = (await reader.ask(WESTSHIRE, PARENT, QUERY, id=HERE))["node"]["terms"]
    assert [(one["first"], one["last"], len(one["closed"])) for one in shown] == [
        ("2026-09-02", "2026-12-18", 5),
        ("2027-01-05", "2027-03-25", 5),
    ]
    assert (await reader.ask(WESTSHIRE, await hired(database, "ops"), QUERY, id=HERE))["node"] is None
    assert (await reader.ask(NORTHMOOR, NORTHMOOR.caseworker, QUERY, id=HERE))["node"] is None
    other = await elsewhere(database)
    assert (await reader.ask(WESTSHIRE, PARENT, QUERY, id=global_id("Setting", other.id)))["node"]["terms"] == []


@pytest.mark.parametrize("role", ["la_caseworker", "la_administrator"])
async def test_the_council_records_the_terms_of_any_of_its_schools(reader: Api, database: Database, role: str) -> None:
    answer = await write(reader, "recordTerms", await hired(database, role), settingId=HERE, terms=[SUMMER])
    assert answer["__typename"] == "TermsRecorded"
    assert not answer["replayed"]
    shown = answer["setting"]["terms"]
    assert shown[2] == {"first": "2027-04-12", "last": "2027-07-20", "closed": ["2027-05-31", "2027-06-01"]}
    assert (await kept(database))[:2] == TERMS


async def test_a_school_records_its_own_terms_and_those_of_no_other(reader: Api, database: Database) -> None:
    other = await elsewhere(database)
    assert (await write(reader, "recordTerms", SENCO, settingId=str(WESTSHIRE.setting.id), terms=[SUMMER]))["__typename"] == "TermsRecorded"
    denied = await write(reader, "recordTerms", SENCO, settingId=str(other.id), terms=[SUMMER])
    assert denied == {"__typename": "Denied", "reason": "This is not for a school or college where you work."}


@pytest.mark.parametrize("role", ["parent", "decision_maker", "la_manager", "setting_consulted", "auditor", "educational_psychologist"])
async def test_nobody_else_records_terms(reader: Api, database: Database, role: str) -> None:
    answer = await write(reader, "recordTerms", await hired(database, role), settingId=HERE, terms=[SUMMER])
    assert answer["__typename"] == "Denied"
    assert answer["reason"] == "Your role here does not let you record the terms of this school or college."
    assert await kept(database) == TERMS


async def test_another_councils_school_is_as_unknown_as_an_invented_one(reader: Api, database: Database) -> None:
    unknown = (str(uuid4()), str(NORTHMOOR.setting.id), global_id("Setting", NORTHMOOR.setting.id), "x")
    told = [await write(reader, "recordTerms", settingId=one, terms=[SUMMER]) for one in unknown]
    told.append(await write(reader, "recordTerms", await hired(database, "ops"), settingId=HERE, terms=[SUMMER]))
    assert all(one == told[0] for one in told)
    assert told[0]["__typename"] == "NotFound"
    async with database.tenant(NORTHMOOR.slug) as session:
        assert await terms_of(session, NORTHMOOR.setting.id) == TERMS


async def test_the_same_terms_again_change_nothing_and_a_term_is_replaced_by_its_first_day(reader: Api, database: Database) -> None:
    given: dict[str, Any] = {"key": "t", "settingId": HERE, "terms": [SUMMER, {"first": "2026-09-02", "last": "2026-12-17"}]}
    assert [(await write(reader, "recordTerms", **given))["replayed"] for _ in range(2)] == [False, True]
    assert [(term.first, term.last, len(term.closed)) for term in await kept(database)] == [
        (date(2026, 9, 2), date(2026, 12, 17), 0),
        (date(2027, 1, 5), date(2027, 3, 25), 5),
        (date(2027, 4, 12), date(2027, 7, 20), 2),
    ]


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ([], ["terms"]),
        ([{"first": "2028-01-01", "last": "2028-01-02"}] * 41, ["terms"]),
        ([{"first": "2027-07-20", "last": "2027-07-19"}], ["terms.0.last"]),
        ([{"first": "2027-09-01", "last": "2028-12-20"}], ["terms.0.last"]),
        ([SUMMER | {"closed": ["2027-04-11", "2027-07-21"]}], ["terms.0.closed"]),
        ([SUMMER, {"first": "2028-01-02", "last": "2028-01-01", "closed": ["2028-01-01"]}], ["terms.1.last", "terms.1.closed"]),
        ([SUMMER, SUMMER | {"last": "2027-07-19"}], ["terms.1"]),
        ([SUMMER, {"first": "2027-07-20", "last": "2027-08-20"}], ["terms.1"]),
        ([{"first": "2027-07-20", "last": "2027-08-20"}, SUMMER], ["terms.1"]),
        ([SUMMER, {"first": "2026-09-03", "last": "2026-09-04"}], ["terms.1"]),  # within one that is recorded
        ([{"first": "2026-09-01", "last": "2026-09-02"}], ["terms.0"]),
        ([{"first": "2026-12-18", "last": "2027-01-05"}], ["terms.0"]),
        ([{"first": "9999-12-30", "last": "9999-12-31"}, {"first": "0001-01-01", "last": "9999-12-31"}], ["terms.1.last"]),
    ],
)
async def test_terms_that_cannot_be_are_told_and_none_of_them_is_recorded(
    reader: Api, database: Database, terms: list[Any], found: list[str]
) -> None:
    assert paths(await write(reader, "recordTerms", settingId=HERE, terms=terms)) == found
    assert await kept(database) == TERMS


async def test_a_term_may_take_the_place_of_one_that_is_shortened_with_it(reader: Api, database: Database) -> None:
    shorter = [{"first": "2026-09-02", "last": "2026-10-23"}, {"first": "2026-11-02", "last": "2026-12-18"}]
    assert paths(await write(reader, "recordTerms", settingId=HERE, terms=shorter[1:])) == ["terms.0"]
    assert (await write(reader, "recordTerms", settingId=HERE, terms=shorter))["__typename"] == "TermsRecorded"
    assert [term.first for term in await kept(database)] == [date(2026, 9, 2), date(2026, 11, 2), date(2027, 1, 5)]


async def test_of_two_who_record_overlapping_terms_at_once_one_is_told(reader: Api, database: Database) -> None:
    several = [[{"first": f"2028-0{n}-01", "last": "2028-07-20"}] for n in (1, 2, 3, 4)]
    answers = await asyncio.gather(*(write(reader, "recordTerms", settingId=HERE, terms=terms) for terms in several))
    assert sorted(answer["__typename"] for answer in answers) == ["Invalid", "Invalid", "Invalid", "TermsRecorded"]
    assert len(await kept(database)) == 3


async def test_a_key_that_is_none_is_told(reader: Api) -> None:
    assert paths(await write(reader, "recordTerms", OFFICER, key=" ", settingId=HERE, terms=[SUMMER])) == ["key"]
