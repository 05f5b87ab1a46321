"""What is watched is read anew at each change, as this caller may see it by then."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, cast
from uuid import uuid4

import pytest

from graphql_api.context import Context, Deps
from graphql_api.identifiers import global_id
from graphql_api.identity import Caller, Verifier
from graphql_api.schema import schema
from statute.types import Kind
from store import people
from store.session import Database
from tests.graphql_api.lived import FIRST, opened
from tests.seeds import SINCE, WESTSHIRE
from workflows.engine import Engine

pytestmark = pytest.mark.stored
OFFICER = WESTSHIRE.caseworker
WATCH = "subscription($id: ID!) { caseChanged(id: $id) { version actions { name } journal { nodes { name } } } }"


async def watched(database: Database, case_id: str) -> AsyncIterator[dict[str, Any]]:
    deps = Deps(database, cast(Engine, None), cast(Verifier, None))
    context = Context(deps, Caller(OFFICER.subject, "issuer", WESTSHIRE.slug, frozenset(OFFICER.roles)), kept=False)
    async for answer in await schema().subscribe(WATCH, variable_values={"id": case_id}, context_value=context):  # type: ignore[union-attr]
        assert not answer.errors, answer.errors
        yield (answer.data or {})["caseChanged"]


async def test_a_right_that_was_taken_away_is_gone_from_the_next_event(database: Database) -> None:
    life = await opened(database)
    events = watched(database, global_id("Case", life.id))
    first = await anext(events)
    assert "consult_family" in {one["name"] for one in first["actions"]}
    async with database.tenant(WESTSHIRE.slug) as session:  # nobody acts for the council in their own child's case
        await people.add_relation(session, people.Relation(uuid4(), OFFICER.id, "parent", SINCE, WESTSHIRE.children[0].id))
    await life.step(Kind.DONE, "notify_partners", FIRST)
    second = await anext(events)
    assert second["version"] == 2
    assert [one["name"] for one in second["journal"]["nodes"]] == ["request_received", "notify_partners"]
    assert "consult_family" not in {one["name"] for one in second["actions"]}
    await events.aclose()


async def test_the_civil_day_of_the_authority_is_known_once_somebody_read(database: Database) -> None:
    deps = Deps(database, cast(Engine, None), cast(Verifier, None))
    context = Context(deps, Caller(OFFICER.subject, "issuer", WESTSHIRE.slug, frozenset(OFFICER.roles)))
    assert context.today is None
    async with context.read() as reading:
        assert context.today == reading.standing.today
    await context.leave()
