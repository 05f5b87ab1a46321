"""Every list comes in pages: whole and in order whatever their size, with places that say nothing, and made-up places are told so."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest

from graphql_api.identifiers import cursor, global_id
from statute.types import Kind
from store import people
from store.session import Database
from tests.graphql_api.conftest import Api
from tests.graphql_api.lived import FIRST, opened
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
OFFICER = WESTSHIRE.caseworker
CHILD = WESTSHIRE.children[0]
PAGE = "(first: $first, after: $after) { edges { cursor node { %s } } nodes { %s } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }"
LISTS = {
    "cases": ("{ found: cases%s }", "id"),
    "cases by opening": ("{ found: cases%s }", "id"),
    "worklist": ("{ found: worklist%s }", "id"),
    "children": ("{ found: children%s }", "id"),
    "settings": ("{ found: settings%s }", "id"),
    "journal": ("{ in: case(id: $id) { found: journal%s } }", "sequence"),
    "timeline": ("{ in: node(id: $id) { ... on Child { found: timeline%s } } }", "caseId sequence"),
}
ORDER = {"cases by opening": "orderBy: OPENED_ON, first: $first"}


async def peopled(database: Database) -> str:
    """Five children and settings more, four cases with seven steps; the case with the most."""
    async with database.tenant(WESTSHIRE.slug) as session:
        for n in range(5):
            await people.add_setting(session, people.Setting(uuid4(), f"School {n // 2}", f"99970{n}", "mainstream_school"))
            await people.add_child(session, people.Child(uuid4(), f"Same{n // 2}", "Alike", FIRST))
    lives = [await opened(database, FIRST + timedelta(days=n // 2), CHILD) for n in range(4)]
    await lives[1].assess(FIRST)
    return str(lives[1].id)


class Pages:
    """One list, asked for page by page."""

    def __init__(self, reader: Api, name: str, case_id: str) -> None:
        self._reader, self._name, self._id = reader, name, global_id("Child", CHILD.id) if name == "timeline" else case_id

    def query(self) -> str:
        around, fields = LISTS[self._name]
        page = PAGE % (fields, fields)
        page = page.replace("first: $first", ORDER[self._name]) if self._name in ORDER else page
        return f"query({'$id: ID!, ' if '$id' in around else ''}$first: Int!, $after: String) {around % page}"

    async def raw(self, first: int, after: str | None) -> dict[str, Any]:
        given = {"id": self._id} if "$id" in self.query() else {}
        answer = await self._reader.raw(WESTSHIRE, OFFICER, self.query(), first=first, after=after, **given)
        body: dict[str, Any] = answer.json()
        return body

    async def page(self, first: int, after: str | None = None) -> dict[str, Any]:
        body = await self.raw(first, after)
        assert not body.get("errors"), body
        found: dict[str, Any] = body["data"].get("found") or body["data"]["in"]["found"]
        return found


@pytest.mark.parametrize("name", LISTS)
async def test_pages_of_any_size_give_everything_once_and_in_order(reader: Api, database: Database, name: str) -> None:
    pages = Pages(reader, name, await peopled(database))
    whole = await pages.page(100)
    nodes = whole["nodes"]
    assert len(nodes) >= 4
    assert not whole["pageInfo"]["hasNextPage"]
    for size in (1, 3, len(nodes), len(nodes) + 1):
        paged: list[Any] = []
        after: str | None = None
        while True:
            page = await pages.page(size, after)
            assert [edge["node"] for edge in page["edges"]] == page["nodes"]
            ends, places = page["pageInfo"], [edge["cursor"] for edge in page["edges"]]
            assert (ends["startCursor"], ends["endCursor"]) == (places[0], places[-1])
            assert ends["hasPreviousPage"] is (after is not None)
            paged += page["nodes"]
            after = places[-1]
            if not ends["hasNextPage"]:
                break
        assert paged == nodes, size


MADE_UP = [
    "",
    "rubbish",
    "é",
    cursor(),
    cursor("2026-01-06", "x"),
    cursor("soon", str(uuid4())),
    cursor(None),
    cursor(str(uuid4())),
    cursor(str(NORTHMOOR.children[0].id)),
    cursor(10**18),
    cursor(-1),
    cursor(10**18, 10**18),
    cursor("2026-01-06", "2026-01-06T12:00:00", str(uuid4()), 1),
    cursor("2026-01-06", "0001-01-01T00:00:00+14:00", str(uuid4()), 1),
    cursor("2026-01-06", "2026-01-06T12:00:00+00:00", str(uuid4()), 10**18),
    cursor("2026-01-06", "2026-01-06T12:00:00+00:00", "x", 1),
    cursor("2026-W02-2", "never", str(uuid4()), 1),
    base64.urlsafe_b64encode(b'[{"a":1}]').decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "A" * 5000,
]


@pytest.mark.parametrize("name", LISTS)
async def test_a_made_up_place_is_told_so_and_breaks_nothing(reader: Api, database: Database, name: str) -> None:
    pages = Pages(reader, name, await peopled(database))
    for made_up in MADE_UP:
        body = await pages.raw(2, made_up)
        assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_CURSOR"], made_up
    real = (await pages.page(1))["pageInfo"]["endCursor"]
    assert (await pages.page(1, real))["nodes"] != (await pages.page(1))["nodes"]


async def test_a_place_where_no_date_is_due_is_none_in_a_list_by_opening(reader: Api, database: Database) -> None:
    body = await Pages(reader, "cases by opening", await peopled(database)).raw(2, cursor(None, str(uuid4())))
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_CURSOR"]


async def test_the_place_of_a_child_holds_no_name(reader: Api, database: Database) -> None:
    page = await Pages(reader, "children", await peopled(database)).page(100)
    for edge in page["edges"]:
        [key] = orjson.loads(base64.urlsafe_b64decode(edge["cursor"]))
        assert edge["node"]["id"] == global_id("Child", key)


@pytest.mark.parametrize(("first", "given"), [(-5, 1), (0, 1), (10**6, 7)])
async def test_a_page_holds_at_least_one_and_at_most_a_hundred(reader: Api, database: Database, first: int, given: int) -> None:
    page = await Pages(reader, "children", await peopled(database)).page(first)
    assert len(page["nodes"]) == given


async def test_who_does_not_say_how_many_gets_the_usual_page(reader: Api, database: Database) -> None:
    await opened(database)
    query = "query($n: Int) { cases(first: $n, orderBy: null) { nodes { id journal(first: null) { nodes { sequence } } } } }"
    for given in ({}, {"n": None}):
        [case] = (await reader.ask(WESTSHIRE, OFFICER, query, **given))["cases"]["nodes"]
        assert case["journal"]["nodes"] == [{"sequence": 1}]


async def test_pages_show_nothing_of_another_council(reader: Api, database: Database) -> None:
    life = await opened(database)
    await life.step(Kind.DONE, "consult_family", FIRST)
    query = "{ cases { nodes { id } } worklist { nodes { id } } children { nodes { givenName } } settings { nodes { name } } }"
    seen = await reader.ask(NORTHMOOR, NORTHMOOR.caseworker, query)
    assert seen["cases"]["nodes"] == seen["worklist"]["nodes"] == []
    assert {one["givenName"] for one in seen["children"]["nodes"]} == {child.given_name for child in NORTHMOOR.children}
    assert [one["name"] for one in seen["settings"]["nodes"]] == [NORTHMOOR.setting.name]


@pytest.mark.parametrize("child", ["rubbish", str(uuid4()), global_id("Setting", uuid4())])
async def test_cases_of_no_child_are_no_cases(reader: Api, database: Database, child: str) -> None:
    await opened(database)
    query = "query($child: ID!) { cases(filter: {childId: $child}) { nodes { id } } }"
    assert (await reader.ask(WESTSHIRE, OFFICER, query, child=child))["cases"]["nodes"] == []
    of_one = (await reader.ask(WESTSHIRE, OFFICER, query, child=global_id("Child", CHILD.id)))["cases"]["nodes"]
    assert len(of_one) == 1
