"""A page is a fixed number of statements, however long its lists are: compiled, not compiled, and for whoever reads it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, cast
from uuid import uuid4

import orjson
import pytest

from graphql_api.context import Context, Deps
from graphql_api.identity import Caller, Verifier
from graphql_api.schema import schema
from store import people
from store.session import Database
from tests.graphql_api.counted import counted
from tests.graphql_api.lived import FIRST, consulted, opened
from tests.seeds import WESTSHIRE
from workflows.engine import Engine

pytestmark = pytest.mark.stored
BEGIN = 2  # every request names its council to the database, and finds who asks
WORKLIST = """{ worklist(first: 50) { nodes { id reference version openedOn stage { name say } process { title }
  child { givenName familyName setting { name } } nextDeadline { name due }
  clocks { name item say due status target setting { name urn }
    receipt { steps { say date } citations { instrument pinpoint evidence } processDigest } }
  actions { name kind item capacity facts { name type } setting { name } } journal(first: 10) { nodes { sequence say on recordedAt } } } } }"""
# page, children, facts, journal, and the settings: of the children, of the clocks where they are others, and none for the actions
WORKLIST_STATEMENTS = BEGIN + 6
FAMILY = """{ children(first: 50) { nodes { givenName setting { name terms { first } } timeline(first: 20) { nodes { say caseReference } }
  cases { reference linked { reference } letters { notice served } actions { name } journal { nodes { say } } provisions(first: 2) { nodes { version } } } } } }"""
# page, settings, terms, timelines, cases, linked cases, facts, letters, journals, versions of provision
FAMILY_STATEMENTS = BEGIN + 10
CONSULTED = """{ settings(first: 50) { nodes { name terms { first } relations { kind person { name } setting { name } } } }
  cases(first: 50) { nodes { clocks { name setting { name relations { kind } } } } } }"""
CONSULTED_STATEMENTS = BEGIN + 7
PAGES = [(WORKLIST, WORKLIST_STATEMENTS), (FAMILY, FAMILY_STATEMENTS), (CONSULTED, CONSULTED_STATEMENTS)]


async def council(database: Database, some: int) -> None:
    """So many children, each at a school of its own, with a case that came from another and in which another school is consulted."""
    for n in range(some):
        settings = [people.Setting(uuid4(), f"{name} {n}", None, "mainstream_school") for name in ("School", "Other")]
        child = people.Child(uuid4(), f"Child {n}", "Counted", date(2017, 5, 4), None, settings[0].id)
        async with database.tenant(WESTSHIRE.slug) as session:
            for one in settings:
                await people.add_setting(session, one)
            await people.add_child(session, child)
            works = people.Relation(uuid4(), WESTSHIRE.senco.id, "works_at", date(2024, 9, 2), None, settings[1].id)
            await people.add_relation(session, works)
        before = await opened(database, FIRST, child)
        await consulted(database, child.id, settings[1].id, FIRST, before.id)


async def ask(database: Database, document: str, person: people.Person, *, compiled: bool) -> tuple[dict[str, Any], int]:
    deps = Deps(database, cast(Engine, None), cast(Verifier, None), now=lambda: datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    caller = Caller(person.subject, "", WESTSHIRE.slug, frozenset(person.roles))
    with counted() as statements:
        result = await schema(True, compiled).execute(document, None, Context(deps, caller))
    assert not result.errors, result.errors
    assert result.data
    return result.data, len(statements)


@pytest.mark.parametrize(("document", "statements"), PAGES, ids=["worklist", "family", "settings"])
async def test_a_page_is_as_many_statements_for_many_as_for_few(database: Database, document: str, statements: int) -> None:
    await council(database, 2)
    few = [await ask(database, document, WESTSHIRE.caseworker, compiled=compiled) for compiled in (False, True, True)]
    await council(database, 3)
    many = [await ask(database, document, WESTSHIRE.caseworker, compiled=compiled) for compiled in (False, True, True)]
    assert few[0][0] == few[1][0] == few[2][0]
    assert many[0][0] == many[1][0] == many[2][0]
    assert len(orjson.dumps(many[0][0])) > 1.5 * len(orjson.dumps(few[0][0]))
    assert {n for _, n in few + many} == {statements}
