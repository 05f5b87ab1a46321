"""Nobody is offered a button that is refused on use: who was asked for one item gets that one, and who was asked for none gets none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert

from graphql_api.context import Context
from graphql_api.identifiers import global_id
from graphql_api.types.action import actions_of
from policies.actions import Actor, Role
from policies.relations import Facts
from statute.types import Kind, State
from store import people
from store.session import Database
from store.tables import case_party
from tests.graphql_api.clerk import OFFICER, SENCO, hired
from tests.graphql_api.conftest import Api
from tests.graphql_api.lived import FIRST, Life, opened
from tests.seeds import WESTSHIRE
from workflows import library

pytestmark = pytest.mark.stored
RULES = library.get("ehc_plan", 1)
ADVICE = "query($id: ID!) { case(id: $id) { actions { name item kind mutation needsItem } } }"
DO = """mutation($input: CompleteTaskInput!) { completeTask(input: $input)
  { __typename ... on Denied { reason } ... on Invalid { faults { path } } ... on Refused { say } } }"""


async def assessed(database: Database) -> Life:
    """A case in which a doctor's and a psychologist's advice was asked for, of nobody by name."""
    life = await (await opened(database)).assess(FIRST)
    for item in ("medical", "psychological"):
        await life.step(Kind.HAPPENED, "advice_requested", FIRST + timedelta(days=4), item=item)
    return life


async def take_part(
    database: Database, life: Life, kind: str, item: str, *, person: UUID | None = None, setting: UUID | None = None
) -> None:
    row = {"tenant": WESTSHIRE.slug, "case_id": life.id, "kind": kind, "item": item, "person_id": person, "setting_id": setting}
    async with database.tenant(WESTSHIRE.slug) as session:
        await session.execute(insert(case_party), row | {"since": FIRST})


async def offered(reader: Api, life: Life, by: people.Person) -> set[tuple[str, str | None]]:
    found = (await reader.ask(WESTSHIRE, by, ADVICE, id=global_id("Case", life.id)))["case"]
    return {(one["name"], one["item"]) for one in found["actions"]}


async def test_who_was_asked_without_an_item_is_offered_no_item_of_others(reader: Api, database: Database) -> None:
    life, doctor = await assessed(database), await hired(database, "health_adviser")
    await take_part(database, life, "asked", "", person=doctor.id)
    assert await offered(reader, life, doctor) == set()
    for item in ("medical", "psychological"):  # as it would be on use
        given = {"key": uuid4().hex, "caseId": str(life.id), "name": "advice", "item": item}
        assert (await reader.ask(WESTSHIRE, doctor, DO, input=given))["completeTask"]["__typename"] == "Denied"


async def test_who_was_asked_for_one_item_is_offered_that_one(reader: Api, database: Database) -> None:
    life, doctor = await assessed(database), await hired(database, "health_adviser")
    for item in ("medical", ""):
        await take_part(database, life, "asked", item, person=doctor.id)
        assert await offered(reader, life, doctor) == {("advice", "medical")}
    assert {("advice", "medical"), ("advice", "psychological")} <= await offered(reader, life, OFFICER)  # the council records any


async def test_a_school_with_a_part_of_its_own_is_offered_what_that_gives_besides_what_it_was_asked(
    reader: Api, database: Database
) -> None:
    life = await assessed(database)
    before = await offered(reader, life, SENCO)
    await take_part(database, life, "asked", "psychological", person=SENCO.id)
    assert await offered(reader, life, SENCO) == before | {("advice", "psychological")}


async def state_of(database: Database) -> State:
    state = (await assessed(database)).state
    assert state is not None
    return state


def names(rules: Any, state: State, role: Role, *items: tuple[str, str]) -> list[tuple[str, str | None, bool]]:
    """What a role is offered that holds by these items alone."""
    context = cast(Context, SimpleNamespace(today=date(2026, 2, 1)))
    facts = Facts(frozenset({"any", *(relation for relation, _ in items)}), frozenset(items))
    found = actions_of(context, Actor(uuid4(), WESTSHIRE.slug, frozenset({role})), facts, rules, state)
    return sorted((one.name, one.item, one.needs_item) for one in found)


async def test_an_act_without_items_is_for_who_was_asked_without_one(database: Database) -> None:
    state, consult = await state_of(database), RULES.acts["advice"]
    once = replace(RULES, acts={"advice": replace(consult, each="", gates=(), at=frozenset({state.stage}))})
    assert names(once, state, Role.HEALTH_ADVISER, ("asked", "")) == [("advice", None, False)]
    assert names(once, state, Role.HEALTH_ADVISER, ("asked", "medical")) == []


async def test_an_item_yet_to_be_named_is_asked_of_nobody_who_holds_it_for_another_alone(database: Database) -> None:
    state, answer = await state_of(database), RULES.acts["setting_answer"]
    named_later = replace(
        RULES, acts={"setting_answer": replace(answer, gates=(), at=frozenset({state.stage}), by=("setting", "local_authority"))}
    )
    for items in ([("consulted", "")], [("consulted", ""), ("consulted", str(WESTSHIRE.setting.id))], []):
        assert names(named_later, state, Role.SETTING_CONSULTED, *items) == []
    assert names(named_later, state, Role.LA_CASEWORKER) == [("setting_answer", None, True)]
