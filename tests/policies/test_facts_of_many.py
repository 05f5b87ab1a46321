"""How somebody stands to many cases is asked in one statement, and is what is found of each alone."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from policies import enforcer
from policies.actions import Actor
from store import people
from store.session import Database
from tests.graphql_api.lived import FIRST, consulted, opened
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
TODAY = date(2026, 6, 1)


async def test_the_relations_to_many_cases_are_those_to_each(database: Database) -> None:
    school = people.Setting(uuid4(), "Consulted", None, "mainstream_school")
    teacher = people.Person(uuid4(), "Teacher", None, "teacher", ["school_senco"])
    adviser = people.Person(uuid4(), "Adviser", None, "adviser", ["health_adviser"])
    child = people.Child(uuid4(), "Third", "Counted", date(2008, 1, 1), None, None)
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_setting(session, school)
        await people.add_child(session, child)
        for person in (teacher, adviser):
            await people.add_person(session, person)
        await people.add_relation(session, people.Relation(uuid4(), teacher.id, "works_at", date(2024, 9, 2), None, school.id))
        await people.add_relation(session, people.Relation(uuid4(), WESTSHIRE.parent.id, "parent", date(2024, 9, 2), child.id))
    lives = [await opened(database), await consulted(database, WESTSHIRE.children[1].id, school.id), await opened(database, FIRST, child)]
    elsewhere = await opened(database, FIRST, NORTHMOOR.children[0], place=NORTHMOOR)
    ids = [*(life.id for life in lives), elsewhere.id, uuid4()]
    found = set()
    async with database.tenant(WESTSHIRE.slug) as session:
        for person in (WESTSHIRE.caseworker, WESTSHIRE.parent, WESTSHIRE.senco, teacher, adviser):
            actor = Actor(person.id, WESTSHIRE.slug, frozenset(person.roles))
            alone = {key: await enforcer.facts_of(session, actor, key, TODAY) for key in ids}
            together = await enforcer.facts_of_cases(session, actor, ids, TODAY)
            assert together == {key: facts for key, facts in alone.items() if facts is not None}
            found |= {
                (name, item) for facts in together.values() for name in facts.relations for item in {"", *(each for _, each in facts.items)}
            }
    assert {("consulted", str(school.id)), ("handed_over", ""), ("own_child", ""), ("any", "")} <= found
