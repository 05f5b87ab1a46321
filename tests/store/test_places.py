"""The local inclusion plan as versions, capacities of a moment, and one child to a place: what runs out, what is given up, what is told twice."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError

from statute.offering import Ground, Judgement
from statute.placing import Category, Line, Need, Phase, Point, build_list
from store import inclusion, moving, places
from store.inclusion import Room
from store.people import Setting, add_setting
from store.places import Asked, HasPlace, Made, NoOrder, Order
from store.session import Database
from store.tables_places import inclusion_plan, reservation, tailored_list
from tests.seeds import WESTSHIRE
from tests.store.steps import open_case

pytestmark = pytest.mark.stored
NOW = datetime(2027, 1, 11, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=15)
BY = WESTSHIRE.caseworker.id
SLUG = WESTSHIRE.slug
LINE = Line(str(WESTSHIRE.setting.id), Phase.SECONDARY, 7, 11, Category.ACADEMY, True, frozenset({"ASD", "HI"}), Point(400_000, 300_000))


def ask(case_id: UUID, key: str = "k", until: datetime = LATER) -> Asked:
    return Asked(case_id, key, Phase.SECONDARY, 2027, BY, until)


async def rooms(database: Database, *capacity: int) -> list[Room]:
    """As many settings, with as many places."""
    found = []
    async with database.tenant(SLUG) as session:
        for n, count in enumerate(capacity):
            one = Setting(uuid4(), f"School {n}", None, "academy")
            await add_setting(session, one)
            found.append(Room(one.id, Phase.SECONDARY, 2027))
            assert await inclusion.tell(session, found[-1], count, NOW, BY, 0) == 1
    return found


async def wanting(database: Database, *wanted: Room) -> UUID:
    """A case whose family wants these, in this order."""
    case_id = await open_case(database)
    order = Order(0, tuple(room.setting_id for room in wanted), False, WESTSHIRE.parent.id, "family", "", NOW)
    async with database.tenant(SLUG) as session:
        await places.give_order(session, case_id, "order", order)
    return case_id


async def make(database: Database, asked: Asked, now: datetime = NOW) -> Made:
    async with database.tenant(SLUG) as session:
        return await places.make_offer(session, asked, now)


async def settle(database: Database, made: Made, status: str, now: datetime = NOW) -> places.Reservation:
    async with database.tenant(SLUG) as session:
        found = await places.settle(session, made.id, status, BY, now)
    assert found is not None
    return found


def outcomes(made: Made) -> list[str]:
    return [answer["outcome"] for answer in made.content["answers"]]


async def test_of_two_who_publish_at_once_the_second_is_told_and_nothing_is_lost(database: Database) -> None:
    async def publish(reach: int, expected: int) -> int | None:
        async with database.tenant(SLUG) as session:
            return await inclusion.publish(session, [LINE], reach, BY, NOW, expected)

    assert sorted(await asyncio.gather(publish(1, 0), publish(2, 0)), key=str) == [1, None]
    assert await publish(3, 0) is None
    assert await publish(3, 1) == 2
    async with database.tenant(SLUG) as session:
        first, second = await inclusion.read_plan(session, 1), await inclusion.read_plan(session)
        assert await inclusion.read_plan(session, 3) is None
    assert first is not None
    assert second is not None
    assert (first.reach in (1, 2), second.version, second.reach, second.lines) == (True, 2, 3, (LINE,))
    assert first.digest != second.digest
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.tenant(SLUG) as session:
            await session.execute(update(inclusion_plan).values(reach=9))


async def test_a_capacity_is_told_of_a_moment_and_two_who_tell_at_once_do_not_overwrite_each_other(database: Database) -> None:
    [room] = await rooms(database, 2)
    async with database.tenant(SLUG) as session:
        assert await inclusion.tell(session, room, 3, LATER, BY, 1) == 2
        assert await inclusion.tell(session, room, 9, LATER, BY, 1) is None
        assert await inclusion.tell(session, room, 9, LATER, BY, 0) is None
        known = await inclusion.capacities(session, None, Phase.SECONDARY, 2027, NOW)
        assert known[room.setting_id] == inclusion.Capacity(2, 3, LATER, 0)
        assert await inclusion.capacities(session, [room], Phase.PRIMARY, 2027, NOW) == {}


async def test_a_list_is_kept_with_its_rule_and_capacities_and_without_where_the_child_lives(database: Database) -> None:
    case_id = await open_case(database)
    home = Point(412_345, 298_765)
    built = build_list(Need(Phase.SECONDARY, 7, "ASD", home), [replace(LINE, free=2, as_of=NOW.date())], date(2027, 1, 11))
    async with database.tenant(SLUG) as session:
        assert await inclusion.publish(session, [LINE], 16_000, BY, NOW, 0) == 1
        await places.hold_case(session, case_id)
        kept = await inclusion.keep_list(session, case_id, "a", built, 1, 2027, BY, NOW)
        assert (await inclusion.keep_list(session, case_id, "b", built, 1, 2027, BY, NOW)).version == 2
        assert await inclusion.list_of(session, case_id, "a") == kept
        newest = await inclusion.list_of(session, case_id)
        row = str((await session.execute(select(tailored_list).where(tailored_list.c.version == 1))).one())
    assert newest is not None
    assert (newest.version, newest.digest, newest.rule) == (2, kept.digest, "tailored_list/1")
    assert [(entry["free"], entry["as_of"]) for entry in kept.content["entries"]] == [(2, "2027-01-11")]
    assert "412345" not in row
    assert "298765" not in row


async def test_an_order_is_kept_each_time_it_is_given_and_once_by_key(database: Database) -> None:
    one, two = await rooms(database, 1, 1)
    case_id = await wanting(database, one, two)
    later = Order(0, (two.setting_id,), True, BY, "local_authority", "by telephone", LATER)
    async with database.tenant(SLUG) as session:
        assert (await places.give_order(session, case_id, "order", later)).version == 1, "the key was used: what it gave stays"
        assert (await places.give_order(session, case_id, "later", later)) == replace(later, version=2)
        assert await places.order_of(session, case_id) == replace(later, version=2)
        first = await places.order_of(session, case_id, version=1)
    assert first is not None
    assert first.settings == (one.setting_id, two.setting_id)
    silent = Order(0, (), True, BY, "local_authority", "", LATER)
    with pytest.raises(DBAPIError, match="preference_order_capacity_check"):
        async with database.tenant(SLUG) as session:
            await places.give_order(session, case_id, "silent", silent)


async def test_a_place_is_kept_for_one_child_until_it_is_given_up(database: Database) -> None:
    [room] = await rooms(database, 1)
    first, second = await wanting(database, room), await wanting(database, room)
    made = await make(database, ask(first))
    assert outcomes(made) == ["offered"]
    assert outcomes(await make(database, ask(second))) == ["no_place"]
    assert (await settle(database, made, "taken")).status == "taken"
    assert outcomes(await make(database, ask(second, "again"), LATER + timedelta(days=400))) == ["no_place"], (
        "what is taken does not run out"
    )
    assert (await settle(database, made, "given_up")).status == "given_up"
    assert outcomes(await make(database, ask(second, "third"))) == ["offered"]


async def test_a_place_that_ran_out_is_the_next_childs_and_cannot_be_taken_any_more(database: Database) -> None:
    [room] = await rooms(database, 1)
    first, second = await wanting(database, room), await wanting(database, room)
    made = await make(database, ask(first))
    moment = timedelta(microseconds=1)
    assert outcomes(await make(database, ask(second), LATER - moment)) == ["no_place"]
    late = await settle(database, made, "taken", LATER)
    assert not late.stands(LATER)
    assert late.stands(LATER - moment)
    async with database.tenant(SLUG) as session:
        assert (await inclusion.capacities(session, [room], Phase.SECONDARY, 2027, LATER))[room.setting_id].free == 1
        assert await places.standing(session, first, LATER) is None
    after = await make(database, ask(second, "later", LATER + timedelta(days=1)), LATER)
    assert outcomes(after) == ["offered"]
    async with database.tenant(SLUG) as session:
        rows = {row.case_id: (row.status, row.ended_at) for row in await session.execute(select(reservation))}
    assert rows == {first: ("lapsed", LATER), second: ("held", None)}
    assert outcomes(await make(database, ask(first, "anew"), LATER)) == ["no_place"], "a child whose place ran out may be offered another"


async def test_an_offer_is_made_once_by_key_also_by_two_at_once(database: Database) -> None:
    one, two = await rooms(database, 5, 5)
    case_id = await wanting(database, one, two)
    first, second = await asyncio.gather(make(database, ask(case_id)), make(database, ask(case_id)))
    assert (first.id, first.content, first.place) == (second.id, second.content, second.place)
    assert {first.replayed, second.replayed} == {True, False}
    with pytest.raises(HasPlace):
        await make(database, ask(case_id, "another"))
    with pytest.raises(NoOrder):
        await make(database, ask(await open_case(database)))


async def test_a_setting_that_tells_of_fewer_places_than_it_gave_takes_none_away(database: Database) -> None:
    [room] = await rooms(database, 3)
    made = [await make(database, ask(await wanting(database, room))) for _ in range(3)]
    await settle(database, made[0], "given_up")
    async with database.tenant(SLUG) as session:
        await inclusion.tell(session, room, 2, NOW, BY, 1)
        assert len(await places.reserved(session, [room])) == 2
    assert outcomes(await make(database, ask(await wanting(database, room)))) == ["no_place"]
    async with database.tenant(SLUG) as session:
        await inclusion.tell(session, room, 3, NOW, BY, 2)
    assert outcomes(await make(database, ask(await wanting(database, room)))) == ["offered"]


async def test_a_ground_is_a_persons_and_keeps_an_offer_from_that_setting(database: Database) -> None:
    one, two = await rooms(database, 1, 1)
    case_id = await wanting(database, one, two)
    stated = {one.setting_id: Judgement(Ground.EDUCATION_OF_OTHERS, "The class would have no teacher.", str(BY))}
    async with database.tenant(SLUG) as session:
        await places.state_grounds(session, case_id, stated, NOW)
        assert await places.grounds_of(session, [case_id]) == {case_id: {str(one.setting_id): stated[one.setting_id]}}
    made = await make(database, ask(case_id))
    assert outcomes(made) == ["ground", "offered"]
    await settle(database, made, "given_up")
    async with database.tenant(SLUG) as session:
        await places.state_grounds(session, case_id, {}, NOW)
    assert outcomes(await make(database, ask(case_id, "anew"))) == ["offered", "not_reached"]


async def test_families_who_want_the_same_two_settings_in_opposite_orders_never_wait_in_a_circle(database: Database) -> None:
    one, two = await rooms(database, 40, 40)
    cases = [await wanting(database, *((one, two) if n % 2 else (two, one))) for n in range(30)]
    made = await asyncio.gather(*(make(database, ask(case)) for case in cases))
    assert {tuple(outcomes(one)) for one in made} == {("offered", "not_reached")}


async def test_lists_orders_grounds_and_offers_go_along_with_a_case_and_plans_and_places_stay(database: Database) -> None:
    async with database.tenant(SLUG) as session:
        form = await moving.shape(session)
    assert {"tailored_list", "preference_order", "preference", "place_ground", "place_offer"} <= set(form.found_by)
    assert "reservation" in form.stuck, "a place is in this council's own count: whoever moves cases is told"
    assert {"inclusion_plan", "inclusion_place", "place_capacity", "place_round"} <= set(form.own())
