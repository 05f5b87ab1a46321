"""Somebody of the council who has no part in a case opens it in need: with a reason, for a day, and never unseen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.dispatch import Relay
from store import people, relations
from store.session import Database
from tests.graphql_api.clerk import DECIDER, OFFICER, PARENT, hired, paths
from tests.graphql_api.conftest import Api
from tests.graphql_api.lived import FIRST, opened
from tests.seeds import NORTHMOOR, WESTSHIRE, Place
from workflows.engine import Engine

pytestmark = pytest.mark.stored
CHILD = WESTSHIRE.children[0]
TODAY = datetime.now(UTC).date()
WHY = "The police ask tonight where the child goes to school"
BREAK = """mutation($input: BreakGlassInput!) { breakGlass(input: $input) { __typename ... on Denied { reason } ... on NotFound { say }
  ... on Invalid { faults { path what why do } } ... on GlassBroken { replayed case { reference child { givenName } letters { notice }
    provision { version } journal { nodes { name } } } } } }"""
REPORT = """query($first: Int, $after: String) { glassBreaks(first: $first, after: $after) {
  nodes { at until why by reference } pageInfo { hasNextPage endCursor } } }"""


async def reference_of(database: Database, place: Place = WESTSHIRE) -> str:
    life = await opened(database, FIRST, CHILD)
    async with database.tenant(place.slug) as session:
        return str(await session.scalar(text("select reference from waymark.case_file where id = :id"), {"id": life.id}))


async def broken(reader: Api, by: people.Person, reference: str, place: Place = WESTSHIRE, **given: Any) -> dict[str, Any]:
    said = {"key": uuid4().hex, "reference": reference, "why": WHY, **given}
    answer: dict[str, Any] = (await reader.ask(place, by, BREAK, input=said))["breakGlass"]
    return answer


async def report(reader: Api, by: people.Person, **page: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await reader.ask(WESTSHIRE, by, REPORT, **page))["glassBreaks"]
    return found


class Post:
    """A way out of the house that remembers what went."""

    def __init__(self) -> None:
        self.told: list[tuple[str, tuple[str, ...]]] = []

    async def letter(self, tenant: str, name: str, html: str, addresses: tuple[str, ...]) -> str:
        return name

    async def reminder(self, tenant: str, name: str, text: str, addresses: tuple[str, ...]) -> None:
        self.told.append((text, addresses))


async def test_a_case_is_opened_for_a_day_with_its_stage_and_its_child_and_no_paper(reader: Api, database: Database) -> None:
    admin, reference = await hired(database, "la_administrator"), await reference_of(database)
    cases = "{ cases { nodes { reference } } }"
    assert (await reader.ask(WESTSHIRE, admin, cases))["cases"]["nodes"] == []
    answer = await broken(reader, admin, reference)
    assert answer["__typename"] == "GlassBroken", answer
    seen = answer["case"]
    assert (seen["reference"], seen["child"]["givenName"]) == (reference, CHILD.given_name)
    assert (seen["letters"], seen["provision"], seen["journal"]["nodes"]) == ([], None, [])
    assert [one["reference"] for one in (await reader.ask(WESTSHIRE, admin, cases))["cases"]["nodes"]] == [reference]
    async with database.tenant(WESTSHIRE.slug) as session:
        assert [one.kind for one in await people.list_relations(session, TODAY, person_id=admin.id)] == ["broke_glass"]
        assert await people.list_relations(session, TODAY + timedelta(1), person_id=admin.id) == [], "it ends by itself"


async def test_every_use_is_kept_for_ever_and_told_to_the_managers(reader: Api, database: Database) -> None:
    admin, reference = await hired(database, "la_administrator"), await reference_of(database)
    manager, post = people.Person(uuid4(), "Mo Manager", "mo@westshire.example", "mo", ["la_manager"]), Post()
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_person(session, manager)
    for _ in range(2):
        await broken(reader, admin, reference)
    await Relay(database, cast(Engine, None), post, lambda: datetime.now(UTC)).once([WESTSHIRE.slug])
    told = [(said, to) for said, to in post.told if "no part" in said]
    assert len(told) == 2
    assert all(to == ("mo@westshire.example",) and reference in said for said, to in told)
    assert not any(word in said for said, _ in told for word in (CHILD.given_name, WHY, admin.name)), "a mail holds no personal data"
    for act in ("update waymark.glass_break set why = 'x'", "delete from waymark.glass_break"):
        with pytest.raises(DBAPIError):
            async with database.tenant(WESTSHIRE.slug) as session:
                await session.execute(text(act))
    first = await report(reader, manager, first=1)
    assert [(one["why"], one["by"], one["reference"], one["until"]) for one in first["nodes"]] == [
        (WHY, admin.name, reference, TODAY.isoformat())
    ]
    rest = await report(reader, manager, first=5, after=first["pageInfo"]["endCursor"])
    assert (first["pageInfo"]["hasNextPage"], len(rest["nodes"]), rest["pageInfo"]["hasNextPage"]) == (True, 1, False)
    assert len((await report(reader, await hired(database, "auditor")))["nodes"]) == 2
    for by in (admin, OFFICER, PARENT):
        assert (await report(reader, by))["nodes"] == []


async def test_without_a_reason_nothing_opens_and_the_same_again_is_one_use(reader: Api, database: Database) -> None:
    admin, reference, key = await hired(database, "la_administrator"), await reference_of(database), uuid4().hex
    assert paths(await broken(reader, admin, reference, why="  ")) == ["why"]
    assert (await broken(reader, admin, reference, key=key))["replayed"] is False
    assert (await broken(reader, admin, reference, key=key))["replayed"] is True
    async with database.tenant(WESTSHIRE.slug) as session:
        assert len(await relations.breaks(session, None, 9)) == 1


async def test_no_case_of_another_council_opens_and_nobody_else_opens_any(reader: Api, database: Database) -> None:
    reference = await reference_of(database)
    admin = await hired(database, "la_administrator")
    stranger = people.Person(uuid4(), "Sol Stranger", None, "sol-stranger", ["la_administrator"])
    async with database.tenant(NORTHMOOR.slug) as session:
        await people.add_person(session, stranger)
    assert (await broken(reader, stranger, reference, NORTHMOOR))["__typename"] == "NotFound"
    assert (await broken(reader, admin, "WM-NONE-000"))["__typename"] == "NotFound"
    for by in (PARENT, OFFICER, DECIDER, WESTSHIRE.senco, await hired(database, "ops"), await hired(database, "auditor")):
        assert (await broken(reader, by, reference))["__typename"] == "Denied"


async def test_an_order_and_kinship_keep_the_glass_whole(reader: Api, database: Database) -> None:
    reference = await reference_of(database)
    for n, (kind, said) in enumerate((("kept_from_record", "An order keeps you"), ("parent", "You are a parent of this child"))):
        who = people.Person(uuid4(), "Ada Administrator", None, f"ada-{n}", ["la_administrator"])
        async with database.tenant(WESTSHIRE.slug) as session:
            await people.add_person(session, who)
            await people.add_relation(session, people.Relation(uuid4(), who.id, kind, TODAY, CHILD.id))
        answer = await broken(reader, who, reference)
        assert answer["__typename"] == "Denied"
        assert answer["reason"].startswith(said)
        async with database.tenant(WESTSHIRE.slug) as session:
            assert await relations.breaks(session, None, 9) == []
