"""A step is recorded exactly once, whoever asks, however often, and whatever goes wrong in between."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import event, func, select, text
from sqlalchemy.exc import DBAPIError

from store.cases import read_case
from store.journal import JournalGap, Party, find_key, history, record
from store.session import Database
from store.tables import case_file, case_party, journal, outbox
from tests.conftest import Dsns
from tests.seeds import NORTHMOOR, WESTSHIRE
from tests.store.steps import ON, head, open_case, post, step

pytestmark = pytest.mark.stored


async def test_a_first_step_makes_the_case_its_posts_and_its_parties(database: Database) -> None:
    case_id = uuid4()
    parties = [Party("assigned", "", WESTSHIRE.caseworker.id, None, ON), Party("requested", "", None, WESTSHIRE.setting.id, ON)]
    async with database.tenant("westshire") as session:
        assert await record(session, step(case_id, 1), head(reference="WM-TEST-001"), [post(0), post(1)], parties) is None
    async with database.tenant("westshire") as session:
        found = await read_case(session, case_id, with_child=True)
        assert found is not None
        assert (found.seq, found.stage, found.next_due) == (1, "considering", date(2026, 2, 17))
        assert (found.reference, found.given_name) == ("WM-TEST-001", WESTSHIRE.children[0].given_name)
        assert found.state == {"facts": {"received_on": "2026-01-06"}}
        assert await session.scalar(select(func.count()).select_from(outbox)) == 2
        assert await session.scalar(select(func.count()).select_from(case_party)) == 2


async def test_what_is_read_back_is_what_was_recorded(database: Database) -> None:
    case_id = await open_case(database, 3)
    async with database.tenant("westshire") as session:
        assert await history(session, case_id) == [step(case_id, seq) for seq in (1, 2, 3)]
        assert await history(session, case_id, after=1, limit=1) == [step(case_id, 2)]
        assert await find_key(session, case_id, "key-2") == step(case_id, 2)
        assert await find_key(session, case_id, "never") is None


async def test_a_later_step_moves_the_head_and_keeps_how_the_case_was_opened(database: Database) -> None:
    case_id = await open_case(database, 1)
    moved = head(stage="assessing", next_due=None, next_clock=None, opened_on=date(1999, 1, 1), child_id=WESTSHIRE.children[1].id)
    async with database.tenant("westshire") as session:
        assert await record(session, step(case_id, 2), moved, []) is None
        found = await read_case(session, case_id)
    assert found is not None
    assert (found.stage, found.seq, found.next_due, found.next_clock) == ("assessing", 2, None, None)
    assert (found.opened_on, found.child_id) == (ON, WESTSHIRE.children[0].id)


async def test_a_retry_writes_nothing_and_is_given_the_recorded_step(database: Database) -> None:
    case_id = await open_case(database, 2)
    for seq in (1, 2):
        async with database.tenant("westshire") as session:
            ahead = await record(session, step(case_id, seq), head(stage="elsewhere"), [post()])
        assert ahead == [step(case_id, each) for each in range(seq, 3)]
    async with database.tenant("westshire") as session:
        assert await session.scalar(select(func.count()).select_from(journal)) == 2
        assert await session.scalar(select(func.count()).select_from(outbox)) == 2
        assert (await session.execute(select(case_file.c.stage, case_file.c.seq))).one() == ("considering", 2)


async def test_a_caller_behind_the_journal_is_given_the_rows_to_adopt(database: Database) -> None:
    case_id = await open_case(database, 4)
    async with database.tenant("westshire") as session:
        ahead = await record(session, step(case_id, 3, key="mine"), head(), [])
    assert ahead == [step(case_id, 3), step(case_id, 4)]


async def test_a_key_known_from_an_earlier_step_is_not_recorded_again(database: Database) -> None:
    case_id = await open_case(database, 3)
    async with database.tenant("westshire") as session:
        assert await record(session, step(case_id, 4, key="key-2"), head(), [post()]) == [step(case_id, 2)]
        assert len(await history(session, case_id)) == 3


async def test_a_step_after_a_gap_is_refused(database: Database) -> None:
    case_id = await open_case(database, 1)
    async with database.tenant("westshire") as session:
        with pytest.raises(JournalGap):
            await record(session, step(case_id, 3), head(), [])
        with pytest.raises(JournalGap):
            await record(session, step(uuid4(), 2), head(), [])


async def test_twenty_callers_of_the_same_step_record_it_once(database: Database) -> None:
    case_id = uuid4()

    async def call(seq: int, key: str) -> bool:
        async with database.tenant("westshire") as session:
            ahead = await record(session, step(case_id, seq, key=key), head(), [post()])
        assert ahead is None or ahead[0].seq == seq
        return ahead is None

    for seq in (1, 2, 3):
        won = await asyncio.gather(*(call(seq, f"{seq}-{n % 10}") for n in range(20)))
        assert won.count(True) == 1
    async with database.tenant("westshire") as session:
        assert [each.seq for each in await history(session, case_id)] == [1, 2, 3]
        assert await session.scalar(select(func.count()).select_from(outbox)) == 3


async def test_twenty_callers_who_adopt_and_go_on_all_record_their_step_once(database: Database) -> None:
    case_id = await open_case(database, 1)

    async def call(key: str) -> None:
        seq = 2
        while True:
            async with database.tenant("westshire") as session:
                ahead = await record(session, step(case_id, seq, key=key), head(), [post()])
            if ahead is None or any(each.key == key for each in ahead):
                return
            seq = ahead[-1].seq + 1

    keys = [f"k{n}" for n in range(20)]
    await asyncio.gather(*(call(key) for key in keys * 2))
    async with database.tenant("westshire") as session:
        rows = await history(session, case_id)
    assert [each.seq for each in rows] == list(range(1, 22))
    assert sorted(each.key for each in rows[1:]) == sorted(keys)


async def test_a_step_that_is_not_committed_leaves_nothing(database: Database) -> None:
    case_id = uuid4()

    async def die() -> None:
        async with database.tenant("westshire") as session:
            assert await record(session, step(case_id, 1), head(), [post()]) is None
            raise RuntimeError("died")

    with pytest.raises(RuntimeError, match="died"):
        await die()
    async with database.tenant("westshire") as session:
        assert await read_case(session, case_id) is None
        assert await record(session, step(case_id, 1), head(), [post()]) is None


async def test_a_reference_that_is_taken_is_replaced_and_not_an_error(database: Database) -> None:
    first = await open_case(database, 1, reference="WM-SAME-000")
    second = await open_case(database, 1, reference="WM-SAME-000")
    async with database.tenant("westshire") as session:
        cases = [await read_case(session, each) for each in (first, second)]
    references = [each.reference for each in cases if each is not None]
    assert references[0] == "WM-SAME-000"
    assert len(set(references)) == 2


async def test_every_recorded_step_is_announced_after_it_is_committed(database: Database) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    case_id = uuid4()
    async with database.listen("waymark_case", heard.put_nowait):
        async with database.tenant("westshire") as session:
            assert await record(session, step(case_id, 1), head(), []) is None
            assert heard.empty()
        assert await asyncio.wait_for(heard.get(), 5) == f"westshire {case_id} 1"
        async with database.tenant("westshire") as session:
            assert await record(session, step(case_id, 1), head(), []) is not None
        await asyncio.sleep(0.05)
        assert heard.empty()


async def test_a_step_of_another_tenant_cannot_be_recorded(database: Database) -> None:
    case_id = await open_case(database, 1)
    async with database.tenant("northmoor") as session:
        with pytest.raises(ValueError, match="own tenant"):
            await record(session, step(case_id, 2), head(), [])
    async with database.tenant("northmoor") as session:
        with pytest.raises(JournalGap):  # Westshire's case does not exist here
            await record(session, step(case_id, 2, place=NORTHMOOR), head(NORTHMOOR), [])


async def test_a_case_cannot_point_to_a_child_of_another_tenant(database: Database) -> None:
    with pytest.raises(DBAPIError, match="foreign key"):
        async with database.tenant("westshire") as session:
            await record(session, step(uuid4(), 1), head(child_id=NORTHMOOR.children[0].id), [])


async def test_what_has_no_single_spelling_is_not_recorded(database: Database) -> None:
    case_id = uuid4()
    odds: tuple[Any, ...] = ({"hours": 1.5}, {"on": ON}, {1: "one"})
    for odd in odds:
        async with database.tenant("westshire") as session:
            with pytest.raises(TypeError):
                await record(session, replace(step(case_id, 1), event=odd), head(), [])


async def test_a_step_takes_at_most_three_statements(database: Database) -> None:
    case_id = await open_case(database, 1)
    async with database.tenant("westshire") as session:
        before = await session.scalar(text("select 1"))
        seen: list[str] = []
        event.listen(database._engine.sync_engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        assert await record(session, step(case_id, 2), head(), [post()]) is None
    assert before == 1
    assert len(seen) == 3


@pytest.mark.parametrize(
    "statement", ["update waymark.journal set name = 'x'", "delete from waymark.journal", "truncate waymark.journal cascade"]
)
@pytest.mark.parametrize("role", ["app", "owner", "superuser"])
async def test_nobody_can_change_the_journal_not_even_its_owner(database: Database, dsns: Dsns, role: str, statement: str) -> None:
    await open_case(database, 1)
    connection = await asyncpg.connect(getattr(dsns, role))
    try:
        await connection.execute("select set_config('app.tenant', 'westshire', false)")
        with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.RestrictViolationError)):
            await connection.execute(statement)
    finally:
        await connection.close()
