"""Every decision explains itself: the rule with its line, the rows with their days, and every deny that was weighed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from graphql_api.identifiers import global_id
from policies.actions import ACTS, Role, Scope
from store import people
from store.session import Database
from tests.graphql_api.clerk import OFFICER, PARENT, hired
from tests.graphql_api.conftest import Api
from tests.graphql_api.lived import FIRST, opened
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
CHILD = WESTSHIRE.children[0]
TODAY = datetime.now(UTC).date()
LINES = Path("policies/national.csv").read_text("utf-8").splitlines()
WHY = """query($subject: String!, $object: String!, $act: String!, $id: ID) {
  explainAccess(subject: $subject, object: $object, act: $act, id: $id) { allowed reason roles
    decidedBy { line text allows } rules { line text relation allows holds } relations { kind since until current } } }"""


async def why(reader: Api, by: people.Person, of: people.Person, obj: str, act: str, row: Any = None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (await reader.ask(WESTSHIRE, by, WHY, subject=of.subject, object=obj, act=act, id=row))["explainAccess"]
    return found


async def test_a_yes_names_its_line_of_the_policy_and_the_row_with_its_days(reader: Api, database: Database) -> None:
    manager, life = await hired(database, "la_manager"), await opened(database, FIRST, CHILD)
    found = await why(reader, manager, PARENT, "case", "as_family", global_id("Case", life.id))
    assert found is not None
    assert (found["allowed"], found["reason"]) == (True, "You are a parent of this child here.")
    assert LINES[found["decidedBy"]["line"] - 1] == "p, case, as_family, parent, own_child, allow"
    assert [(one["kind"], one["current"]) for one in found["relations"]] == [("parent", True)]
    assert {one["relation"]: one["holds"] for one in found["rules"]} == {
        "handed_over": False,
        "kept_from_acting": False,
        "own_child": True,
    }


async def test_a_no_names_the_deny_that_beat_the_right_and_a_row_that_ended(reader: Api, database: Database) -> None:
    manager, life = await hired(database, "la_manager"), await opened(database, FIRST, CHILD)
    async with database.tenant(WESTSHIRE.slug) as session:
        for kind, starts, ends in (("kept_from_record", 0, 9), ("support", -9, -1)):
            days = TODAY + timedelta(starts), TODAY + timedelta(ends)
            await people.add_relation(session, people.Relation(uuid4(), PARENT.id, kind, days[0], CHILD.id, None, days[1]))
    found = await why(reader, manager, PARENT, "case", "read", str(life.id))
    assert found is not None
    assert not found["allowed"]
    assert found["decidedBy"]["text"] == "case, read, anybody, kept_from_record, deny"
    assert {(one["kind"], one["current"]) for one in found["relations"]} == {
        ("parent", True),
        ("kept_from_record", True),
        ("support", False),
    }
    assert (await reader.ask(WESTSHIRE, PARENT, "query($id: ID!) { case(id: $id) { id } }", id=str(life.id)))["case"] is None


async def test_where_no_rule_speaks_it_says_so(reader: Api, database: Database) -> None:
    found = await why(reader, await hired(database, "auditor"), PARENT, "tenant", "configure")
    assert found is not None
    assert (found["allowed"], found["decidedBy"], found["rules"], found["relations"]) == (False, None, [], [])


async def test_only_who_answers_for_it_is_told_and_only_of_what_they_may_see(reader: Api, database: Database) -> None:
    life = await opened(database, FIRST, CHILD)
    manager, auditor = await hired(database, "la_manager"), await hired(database, "auditor")
    for role in set(Role) - {Role.LA_MANAGER, Role.AUDITOR}:
        assert await why(reader, await hired(database, role), PARENT, "case", "read", str(life.id)) is None
    assert await why(reader, auditor, PARENT, "child", "read", str(CHILD.id)) is None, "an auditor reads cases by their reference"
    assert await why(reader, manager, PARENT, "child", "read", str(CHILD.id)) is not None
    assert await why(reader, manager, PARENT, "child", "read", str(NORTHMOOR.children[0].id)) is None
    assert await why(reader, manager, NORTHMOOR.parent, "child", "read", str(CHILD.id)) is None
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_relation(session, people.Relation(uuid4(), manager.id, "kept_from_record", TODAY, CHILD.id))
    assert await why(reader, manager, PARENT, "case", "read", str(life.id)) is None
    answer = await reader.raw(WESTSHIRE, auditor, WHY, subject="x", object="case", act="fly")
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_an_explanation_is_the_decision_itself_for_every_act_on_a_case(reader: Api, database: Database) -> None:
    """Whoever asks the same of the list and of the explanation hears the same."""
    from policies.actions import Actor
    from policies.enforcer import decide
    from policies.relations import relations_of

    manager, life = await hired(database, "la_manager"), await opened(database, FIRST, CHILD)
    compared = 0
    for of in (PARENT, OFFICER, WESTSHIRE.senco):
        actor = Actor(of.id, WESTSHIRE.slug, frozenset(of.roles))
        async with database.tenant(WESTSHIRE.slug) as session:
            facts = await relations_of(session, actor, Scope.CASE, life.id, TODAY)
        assert facts is not None
        for obj, acts in ACTS.items():
            for act in (act for act, scope in acts.items() if scope is Scope.CASE):
                found = await why(reader, manager, of, obj, act, str(life.id))
                decided = decide(actor, obj, act, facts)
                assert found is not None
                assert (found["allowed"], found["reason"]) == (decided.allowed, decided.reason)
                compared += 1
    assert compared > 60
