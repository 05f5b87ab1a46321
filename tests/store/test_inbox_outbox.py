"""What is received gets one receipt; what is to be sent is taken by one relay at a time and never forgotten."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from store import inbox, outbox
from store.inbox import Mismatch, Receipt
from store.journal import Post, record
from store.session import Database
from store.tables import inbox as inbox_table
from store.tables import outbox as outbox_table
from tests.seeds import NORTHMOOR, WESTSHIRE
from tests.store.steps import head, open_case, step

pytestmark = pytest.mark.stored


async def _receive(session: AsyncSession, key: str = "k", fingerprint: bytes = b"f", case_id: UUID | None = None) -> Receipt:
    return await inbox.receive(
        session,
        person_id=WESTSHIRE.parent.id,
        key=key,
        fingerprint=fingerprint,
        process="ehc_plan",
        case_id=case_id or uuid4(),
        body={"child": "x"},
    )


async def test_a_receipt_has_a_number_that_can_be_read_out(session: AsyncSession) -> None:
    receipt = await _receive(session)
    assert re.fullmatch(r"R-20\d\d-[0-9A-HJKMNP-TV-Z]{8}", receipt.receipt)
    assert not receipt.replayed


async def test_receiving_the_same_again_gives_the_same_receipt(database: Database) -> None:
    receipts = []
    for _ in range(2):
        async with database.tenant("westshire") as session:
            receipts.append(await _receive(session))
    first, again = receipts
    assert (again.receipt, again.case_id, again.received_at) == (first.receipt, first.case_id, first.received_at)
    assert (first.replayed, again.replayed) == (False, True)


async def test_twenty_senders_of_the_same_get_one_receipt(database: Database) -> None:
    async def send() -> Receipt:
        async with database.tenant("westshire") as session:
            return await _receive(session)

    receipts = await asyncio.gather(*(send() for _ in range(20)))
    assert len({each.receipt for each in receipts}) == 1
    assert [each.replayed for each in receipts].count(False) == 1


async def test_the_same_key_with_another_content_is_refused(database: Database) -> None:
    async with database.tenant("westshire") as session:
        await _receive(session)
    async with database.tenant("westshire") as session:
        with pytest.raises(Mismatch):
            await _receive(session, fingerprint=b"other")


async def test_what_waits_comes_oldest_first_and_what_failed_last(session: AsyncSession) -> None:
    first, second, third = [await _receive(session, key) for key in "abc"]
    await inbox.mark_failed(session, first.receipt, "engine_away")
    assert [each.receipt for each in await inbox.waiting(session)] == [second.receipt, third.receipt, first.receipt]
    await inbox.mark_opened(session, second.receipt)
    await inbox.mark_failed(session, third.receipt, "not_lawful", refused=True)
    assert [(each.receipt, each.attempts) for each in await inbox.waiting(session)] == [(first.receipt, 1)]
    found = await inbox.find_receipt(session, WESTSHIRE.parent.id, third.receipt)
    assert found is not None
    assert found.status == "refused"
    assert await inbox.find_receipt(session, WESTSHIRE.caseworker.id, third.receipt) is None, "it was given to somebody else"
    assert await inbox.find_receipt(session, WESTSHIRE.parent.id, "R-2026-00000000") is None
    assert await inbox.find_received(session, WESTSHIRE.parent.id, "nothing") is None


async def test_recording_the_first_step_marks_what_was_received_as_opened(database: Database) -> None:
    case_id, other = uuid4(), uuid4()
    async with database.tenant("westshire") as session:
        await _receive(session, "a", case_id=case_id)
        await _receive(session, "b", case_id=other)
    async with database.tenant("westshire") as session:
        assert await record(session, step(case_id, 1), head(), []) is None
        assert [each.case_id for each in await inbox.waiting(session)] == [other]
        assert set((await session.scalars(select(inbox_table.c.status))).all()) == {"opened", "received"}


async def test_every_post_is_claimed_by_one_of_many_relays(database: Database) -> None:
    for _ in range(10):
        await open_case(database, 2)

    async def relay() -> list[str]:
        taken = list[str]()
        while True:
            async with database.tenant("westshire") as session:
                posts = await outbox.claim(session, 3)
                for post in posts:
                    await outbox.done(session, post)
            if not posts:
                return taken
            taken += [post.key for post in posts]

    taken = [key for each in await asyncio.gather(*(relay() for _ in range(5))) for key in each]
    assert len(taken) == len(set(taken)) == 20
    async with database.tenant("westshire") as session:
        assert set((await session.scalars(select(outbox_table.c.status))).all()) == {"done"}


async def test_a_relay_that_died_loses_its_claim_when_the_lease_ends(database: Database) -> None:
    await open_case(database, 1)
    async with database.tenant("westshire") as session:
        first = await outbox.claim(session, lease=timedelta(milliseconds=300))
    async with database.tenant("westshire") as session:
        assert await outbox.claim(session) == []
    await asyncio.sleep(0.35)
    async with database.tenant("westshire") as session:
        again = await outbox.claim(session)
    assert [post.key for post in again] == [post.key for post in first]
    assert (first[0].attempts, again[0].attempts) == (1, 2)


async def test_a_failed_post_waits_longer_each_time(database: Database) -> None:
    await open_case(database, 1)
    waits = []
    for attempt in (1, 2, 3, 20):
        async with database.tenant("westshire") as session:
            await session.execute(text("update waymark.outbox set not_before = now() - interval '1 s', attempts = :n"), {"n": attempt - 1})
            [post] = await outbox.claim(session)
            await outbox.failed(session, post, "gateway_away")
            waits.append(await session.scalar(text("select extract(epoch from not_before - now())::float from waymark.outbox")))
    assert [round(wait) for wait in waits] == [2, 4, 8, 3600]


async def test_a_held_post_waits_for_a_person(database: Database) -> None:
    case_id = await open_case(database, 1)
    async with database.tenant("westshire") as session:
        [post] = await outbox.claim(session, lease=timedelta(0))
        await outbox.held(session, post, "recipient_changed")
        assert await outbox.claim(session) == []
        assert await outbox.release(session, case_id, 1, 0)
        assert not await outbox.release(session, case_id, 1, 0)
        assert len(await outbox.claim(session)) == 1


async def test_a_post_for_later_is_not_claimed_before(database: Database) -> None:
    later = Post(0, "notice", "n", "", {}, datetime.now(UTC) + timedelta(hours=1))
    async with database.tenant("westshire") as session:
        assert await record(session, step(uuid4(), 1), head(), [later]) is None
        assert await outbox.claim(session) == []


async def test_what_is_done_stays_done(database: Database) -> None:
    await open_case(database, 1)
    async with database.tenant("westshire") as session:
        [post] = await outbox.claim(session)
        await outbox.done(session, post)
        at = await session.scalar(select(outbox_table.c.done_at))
        await outbox.done(session, post)
        await outbox.failed(session, post, "late")
        await outbox.held(session, post, "late")
        assert (await session.execute(select(outbox_table.c.status, outbox_table.c.done_at))).one() == ("done", at)


async def test_a_letter_is_kept_as_it_was_first_written(database: Database) -> None:
    case_id = await open_case(database, 1)
    async with database.tenant("westshire") as session:
        assert await outbox.add_letter(session, outbox.Letter(case_id, 1, 0, "decision", "family", "<p>one</p>", "d1"))
        assert not await outbox.add_letter(session, outbox.Letter(case_id, 1, 0, "decision", "family", "<p>two</p>", "d2"))
        await outbox.deliver_letter(session, case_id, 1, 0, "family", "portal")
        [letter] = await outbox.list_letters(session, case_id, "family")
        assert (letter.html, letter.digest, letter.delivered_to) == ("<p>one</p>", "d1", "portal")
        assert await outbox.list_letters(session, case_id, "setting") == []


async def test_a_relay_of_one_tenant_does_not_take_the_posts_of_another(database: Database) -> None:
    await open_case(database, 1, NORTHMOOR)
    async with database.tenant("westshire") as session:
        assert await outbox.claim(session) == []
