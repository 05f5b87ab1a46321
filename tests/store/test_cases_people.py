"""Lists are whole and in order, and people are read as they were added."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import false, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from store import people
from store.cases import Order, Place, list_cases, read_case
from store.references import new_reference
from store.session import Database
from store.tables import case_file
from tests.seeds import NORTHMOOR, SINCE, TERMS, WESTSHIRE
from tests.store.steps import ON, open_case

pytestmark = pytest.mark.stored


@pytest.mark.parametrize("order", ["next_due", "opened_on"])
async def test_pages_of_any_size_give_every_case_once_and_in_order(database: Database, order: Order) -> None:
    for n in range(13):
        due = None if n % 4 == 3 else date(2026, 2, 1) + timedelta(days=n % 3)
        await open_case(database, 1, next_due=due, opened_on=date(2026, 1, 1) + timedelta(days=n % 5))
    async with database.tenant("westshire") as session:
        whole = await list_cases(session, order=order, limit=100)
        assert len(whole) == 13
        places = [case.place(order)[0] for case in whole]
        if order == "next_due":
            assert places == sorted(places, key=lambda each: (each is None, each or ON))
        else:
            assert places == sorted(places, reverse=True)  # type: ignore[type-var]
        for size in (1, 2, 5, 13, 14):
            paged = list[UUID]()
            after: Place | None = None
            while page := await list_cases(session, order=order, after=after, limit=size):
                paged += [case.id for case in page]
                after = page[-1].place(order)
            assert paged == [case.id for case in whole]


async def test_a_case_that_the_caller_may_not_see_is_not_found(database: Database) -> None:
    case_id = await open_case(database)
    async with database.tenant("westshire") as session:
        assert await read_case(session, case_id, case_file.c.stage == "considering") is not None
        assert await read_case(session, case_id, case_file.c.stage == "elsewhere") is None
        assert await list_cases(session, case_file.c.stage == "elsewhere") == []


async def test_names_of_children_come_only_when_asked_for(database: Database) -> None:
    await open_case(database)
    async with database.tenant("westshire") as session:
        assert (await list_cases(session))[0].family_name is None
        assert (await list_cases(session, with_child=True))[0].family_name == WESTSHIRE.children[0].family_name


def test_references_are_read_out_without_mistakes() -> None:
    drawn = {new_reference() for _ in range(500)}
    assert len(drawn) > 490
    assert not set("".join(drawn).replace("WM-", "")) & set("ILOU")


async def test_a_relation_that_ended_gives_nothing_from_the_day_after(database: Database) -> None:
    parent = WESTSHIRE.parent.id
    async with database.tenant("westshire") as session:
        [held] = await people.list_relations(session, ON, person_id=parent)
        assert await people.list_relations(session, SINCE - timedelta(days=1), person_id=parent) == []
        assert await people.end_relation(session, held.id, ON)
        assert await people.children_of(session, parent, ON) == [WESTSHIRE.children[0]]
        assert await people.children_of(session, parent, ON + timedelta(days=1)) == []


async def test_a_child_who_changes_school_leaves_the_roll_of_the_old_one(database: Database) -> None:
    async with database.tenant("westshire") as session:
        assert await people.move_child(session, WESTSHIRE.children[0].id, None)
        found = await people.read_child(session, WESTSHIRE.children[0].id)
        assert found is not None
        assert found.setting_id is None
        assert not await people.move_child(session, uuid4(), None)


async def test_people_settings_and_children_are_read_as_they_were_added(session: AsyncSession) -> None:
    place = WESTSHIRE
    assert await people.read_tenant(session) == place.tenant
    assert await people.read_setting(session, place.setting.id) == place.setting
    assert await people.read_person(session, place.parent.id) == place.parent
    assert await people.find_subject(session, place.senco.subject) == place.senco
    assert await people.find_subject(session, "nobody") is None
    assert await people.read_child(session, place.children[1].id) == place.children[1]
    assert await people.list_settings(session) == [place.setting]
    listed = await people.list_people(session)
    assert [each.name for each in listed] == sorted(each.name for each in listed)
    assert await people.list_people(session, after=(listed[0].name, listed[0].id)) == listed[1:]
    children = await people.list_children(session)
    assert await people.list_children(session, after=(children[0].family_name, children[0].given_name, children[0].id)) == children[1:]
    await people.add_person(session, place.parent)  # the same again changes nothing
    assert len(await people.list_people(session)) == len(listed)


async def test_what_is_new_is_added_once_and_a_number_that_is_taken_adds_nothing(database: Database) -> None:
    known, place = WESTSHIRE.children[0], WESTSHIRE
    fresh = people.Child(uuid4(), "New", "Child", known.born_on, None, None)
    async with database.tenant("westshire") as session:
        assert await people.add_new(session, fresh)
        assert not await people.add_new(session, fresh)
        for taken in (
            replace(fresh, id=uuid4(), upn=known.upn),
            replace(known, upn=None),
            replace(place.setting, id=uuid4()),
            replace(place.senco, id=uuid4()),
        ):
            assert not await people.add_new(session, taken)
        assert len(await people.list_children(session)) == 3
        assert await people.read_child(session, known.id) == known
        assert len(await people.list_settings(session)) == 1
        assert len(await people.list_people(session)) == 4


async def test_relations_are_found_by_either_end_while_they_hold_or_are_to_come(database: Database) -> None:
    place, later = WESTSHIRE, ON + timedelta(days=30)
    async with database.tenant("westshire") as session:
        [held] = await people.list_relations(session, ON, person_id=place.parent.id)
        [works] = await people.list_relations(session, ON, person_id=place.senco.id)
        coming = people.Relation(uuid4(), place.caseworker.id, "parent", later, place.children[0].id)
        await people.add_relation(session, coming)
        child_id, setting_id = place.children[0].id, place.setting.id
        assert await people.related(session, ON, [child_id]) == [held, coming]
        assert await people.related(session, ON, [setting_id]) == [works]
        assert await people.related(session, ON, [place.senco.id, child_id, place.children[1].id]) == sorted(
            [held, works, coming], key=lambda one: (one.starts_on, one.id)
        )
        assert await people.related(session, ON, [child_id, setting_id], of_child=false()) == [works]
        assert await people.related(session, ON, [child_id, setting_id], of_person=false()) == []
        await people.end_relation(session, held.id, ON)
        assert await people.related(session, ON, [child_id]) == [replace(held, ends_on=ON), coming]
        assert await people.related(session, ON + timedelta(days=1), [child_id]) == [coming]
        assert await people.related(session, ON, [NORTHMOOR.children[0].id, NORTHMOOR.setting.id, NORTHMOOR.parent.id]) == []


async def test_the_terms_of_many_settings_are_those_of_each(session: AsyncSession) -> None:
    bare = people.Setting(uuid4(), "Bare School", None, "academy")
    await people.add_setting(session, bare)
    found = await people.terms_of_many(session, [WESTSHIRE.setting.id, bare.id, NORTHMOOR.setting.id])
    assert found == {WESTSHIRE.setting.id: TERMS}


async def test_who_is_held_is_changed_by_nobody_else_before_the_end(database: Database) -> None:
    parent = WESTSHIRE.parent.id
    async with database.tenant("westshire") as first:
        [relation] = await people.list_relations(first, ON, person_id=parent)
        assert await people.read_relation(first, relation.id, hold=True) == relation
        assert await people.read_child(first, WESTSHIRE.children[0].id, hold=True) == WESTSHIRE.children[0]
        assert await people.read_setting(first, WESTSHIRE.setting.id, hold=True) == WESTSHIRE.setting
        for table in ("relation", "child", "setting"):
            async with database.tenant("westshire") as second:
                free = await second.scalars(text(f"select id from waymark.{table} for no key update skip locked"))
                held = {relation.id, WESTSHIRE.children[0].id, WESTSHIRE.setting.id}
                assert not held & set(free.all()), table


async def test_only_a_training_authority_has_a_clock_of_its_own(database: Database) -> None:
    async with database.tenant("westshire") as session:
        assert await people.advance_clock(session, 3600) == 3600
        assert await people.advance_clock(session, 60) == 3660
        with pytest.raises(ValueError, match="forwards"):
            await people.advance_clock(session, -1)
    async with database.tenant("northmoor") as session:
        assert await people.advance_clock(session, 3600) is None


async def test_the_serving_role_cannot_add_an_authority_or_make_one_a_training_one(database: Database) -> None:
    async def add() -> None:
        async with database.tenant("eastvale") as session:
            await people.add_tenant(session, people.Tenant("eastvale", "Eastvale", "997", "E10999997"))

    with pytest.raises(DBAPIError, match="permission denied"):
        await add()
