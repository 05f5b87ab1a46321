"""What is read out over a telephone tells nobody else anything, and nothing personal gets into the logs or out of the database's mouth."""

from __future__ import annotations

import logging
from typing import Any
from uuid import uuid4

import pytest

from graphql_api.identifiers import global_id
from store import inbox, people
from store.session import Database
from tests.graphql_api.clerk import OFFICER, PARENT, SENCO, upn, write
from tests.graphql_api.conftest import Api
from tests.seeds import NORTHMOOR, WESTSHIRE, Place

pytestmark = pytest.mark.stored
HERE, CHILD = global_id("Setting", WESTSHIRE.setting.id), global_id("Child", WESTSHIRE.children[0].id)
RECEIPT = "query($number: String!) { receipt(number: $number) { receipt status caseId } }"


async def received(database: Database, place: Place, person: people.Person) -> inbox.Receipt:
    async with database.tenant(place.slug) as session:
        return await inbox.receive(
            session, person_id=person.id, key=uuid4().hex, fingerprint=b"f", process="ehc_plan", case_id=uuid4(), body={}
        )


async def test_a_receipt_says_what_became_of_it_to_the_one_to_whom_it_was_given(reader: Api, database: Database) -> None:
    for person in (PARENT, SENCO):
        given = await received(database, WESTSHIRE, person)
        shown = await reader.raw(WESTSHIRE, person, RECEIPT, number=given.receipt)
        case_id = global_id("Case", given.case_id)
        assert shown.json()["data"]["receipt"] == {"receipt": given.receipt, "status": "received", "caseId": case_id}


async def test_another_persons_receipt_is_like_one_that_was_never_given(reader: Api, database: Database) -> None:
    mine = await received(database, WESTSHIRE, PARENT)
    theirs = await received(database, NORTHMOOR, NORTHMOOR.parent)
    nothing = await reader.raw(WESTSHIRE, SENCO, RECEIPT, number="R-2026-00000000")
    assert nothing.json() == {"data": {"receipt": None}}
    for person in (SENCO, OFFICER):  # not even the council's own
        assert (await reader.raw(WESTSHIRE, person, RECEIPT, number=mine.receipt)).content == nothing.content
    assert (await reader.raw(WESTSHIRE, PARENT, RECEIPT, number=theirs.receipt)).content == nothing.content
    assert (await reader.raw(NORTHMOOR, NORTHMOOR.parent, RECEIPT, number=mine.receipt)).content == nothing.content


# Words that occur nowhere else, in every text that these mutations take.
GIVEN, FAMILY, SUBJECT, EMAIL, PLACE = "Zephyrine", "Quaxley", "zq-subject-71", "zq71@families.invalid", "Xanthoria House"
SECRET = (GIVEN, FAMILY, SUBJECT, EMAIL, PLACE, upn(71), *WESTSHIRE.canaries)


async def test_nothing_of_a_name_or_a_number_is_logged_whatever_is_answered(reader: Api, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    caplog.set_level("DEBUG", logger="waymark")
    child = {"givenName": GIVEN, "familyName": FAMILY, "bornOn": "2018-02-03", "upn": upn(71)}
    person = {"name": f"{GIVEN} {FAMILY}", "subject": SUBJECT, "email": EMAIL, "roles": ["parent"], "parentOf": [CHILD]}
    setting = {"name": PLACE, "kind": "academy", "urn": "999171"}
    asked: list[tuple[str, dict[str, Any]]] = [
        ("addChild", {"key": "c", "settingId": HERE, **child}),
        ("addChild", {"key": "c", "settingId": HERE, **child}),
        ("addChild", {"key": "c", **child, "givenName": f"{GIVEN}x"}),
        ("addChild", child),  # the number is taken
        ("addChild", child | {"upn": str(WESTSHIRE.children[1].upn)}),
        ("addChild", child | {"upn": upn(71)[::-1], "givenName": GIVEN * 30}),
        ("addPerson", {"key": "p", **person}),
        ("addPerson", {"key": "p", **person, "email": f"x{EMAIL}"}),
        ("addPerson", person),
        ("addPerson", person | {"email": f"{EMAIL}@", "roles": [SUBJECT], "parentOf": [FAMILY]}),
        ("addSetting", setting),
        ("addSetting", setting | {"kind": PLACE, "urn": GIVEN}),
        ("addSetting", setting | {"key": "other"}),
        ("moveChild", {"childId": CHILD, "settingId": None}),
        ("moveChild", {"childId": FAMILY, "settingId": None}),
    ]
    seen = set()
    for by in (OFFICER, SENCO, PARENT):
        for mutation, given in asked:
            seen.add((await write(reader, mutation, by, **given))["__typename"])
    body = await reader.raw(WESTSHIRE, OFFICER, f'{{ node(id: "{GIVEN}") {{ {FAMILY} }} }}')
    assert body.json()["errors"]
    assert seen == {"ChildAdded", "PersonAdded", "SettingAdded", "ChildMoved", "Invalid", "Denied", "NotFound"}
    said = [record.getMessage() + str(record.__dict__) for record in caplog.records]
    assert [line for line in said for word in SECRET if word in line] == []


async def test_the_canaries_would_be_noticed(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="waymark")
    logging.getLogger("waymark.graphql_api").info("x", extra={"whom": GIVEN})
    assert [word for record in caplog.records for word in SECRET if word in str(record.__dict__)] == [GIVEN]


AWKWARD = [
    "é",
    "\u202eEve",
    "𝒜da",
    "O’Brien-Ní Dhálaigh",
    "'; drop table child; --",
    "%s%(x)s{0}",
    "a\u200db",
    "\ufeff",
    "null",
    "x" * 10_000,
]


@pytest.mark.parametrize("text", AWKWARD)
async def test_awkward_texts_are_kept_as_they_are_or_told_and_never_break_anything(reader: Api, text: str) -> None:
    for mutation, given, path in (
        ("addChild", {"givenName": text, "familyName": text, "bornOn": "2018-02-03"}, ("child", "familyName")),
        ("addSetting", {"name": text, "kind": "academy"}, ("setting", "name")),
        ("addPerson", {"name": text, "subject": text, "roles": ["parent"]}, ("person", "name")),
    ):
        answer = await write(reader, mutation, **given)
        if answer["__typename"] != "Invalid":
            assert answer[path[0]][path[1]] == text
    for mutation, given in (
        ("addChild", {"givenName": "A", "familyName": "B", "bornOn": "2018-02-03", "upn": text, "settingId": text[:300]}),
        ("addSetting", {"name": "A", "kind": text, "urn": text}),
        ("addPerson", {"name": "A", "subject": "s", "email": text, "roles": [text], "parentOf": [text], "worksAt": [text]}),
        ("moveChild", {"childId": text, "settingId": text}),
        ("recordTerms", {"settingId": text, "terms": []}),
        ("endRelation", {"relationId": text, "endsOn": "2026-01-01"}),
    ):
        assert (await write(reader, mutation, **given))["__typename"] in ("Invalid", "NotFound")


@pytest.mark.parametrize("mutation", ["addChild", "addPerson", "addSetting"])
async def test_a_null_in_a_list_or_a_day_that_is_none_is_told_and_breaks_nothing(reader: Api, mutation: str) -> None:
    from tests.graphql_api.clerk import document

    for given in ({}, {"key": "k", "bornOn": "2018-02-30"}, {"key": None}, {"key": "k", "roles": [None], "parentOf": [None]}):
        answer = await reader.raw(WESTSHIRE, OFFICER, document(mutation), input=given)
        assert {error["extensions"]["code"] for error in answer.json()["errors"]} == {"BAD_REQUEST"}
