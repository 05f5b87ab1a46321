"""A worker that is killed with -9 in the middle of switching a pilot off leaves nothing half done, and the next one goes on."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select
from temporalio.client import Client

from activities.delivery import FileDelivery
from activities.dispatch import Relay
from activities.revising import Reviser
from bootstrap.temporal import TemporalServer
from statute.types import Kind
from store import journal, revisions
from store.session import Database
from store.tables import outbox
from tests.conftest import Dsns
from tests.durable import KEYS, Shell
from tests.reliability.piloted import kill, live, lost, opening, states
from tests.seeds import WESTSHIRE
from workflows.engine import Engine, Unavailable

pytestmark = [pytest.mark.durable, pytest.mark.timeout(240)]
CASES = 24


@contextlib.contextmanager
def worker(dsns: Dsns, temporal: TemporalServer, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`waymark worker run`, killed at the end whatever happens."""
    settings = {
        "DATABASE_URL": dsns.app, "TEMPORAL_ADDRESS": temporal.address, "CODEC_KEYS": KEYS, "ALLOW_UNSAFE_DATABASE": "true", "HOME": str(home),
    }  # fmt: skip
    environment = {**os.environ, **{f"WAYMARK_{name}": value for name, value in settings.items()}}
    with (home / "worker.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "bootstrap.cli", "worker", "run"], env=environment, stderr=log, stdout=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def progress(database: Database, asked: UUID) -> revisions.Progress:
    async with database.tenant(WESTSHIRE.slug) as session:
        return (await revisions.progress(session, [asked]))[asked]


async def until(reached: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Look again and again, as somebody does who waits for another process."""
    for _ in range(int(seconds / 0.02)):
        if await reached():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


async def opened(engine: Engine) -> list[str]:
    """The cases, once the worker is up: a few at a time."""
    given = [opening(n) for n in range(CASES)]

    async def up() -> bool:
        with contextlib.suppress(Unavailable):
            await engine.open(given[0])
            return True
        return False

    await until(up)
    places = asyncio.Semaphore(6)

    async def one(n: int) -> str:
        async with places:
            return await live(engine, given[n], n)

    return list(await asyncio.gather(*(one(n) for n in range(CASES))))


async def journaled(database: Database, ids: list[str]) -> list[int]:
    """How many times each case was moved, by its journal."""
    async with database.tenant(WESTSHIRE.slug) as session:
        rows = [await journal.history(session, UUID(one)) for one in ids]
    return [sum(row.kind == Kind.REVISED for row in each) for each in rows]


async def test_a_worker_killed_in_the_middle_of_a_kill_is_taken_over_from(
    dsns: Dsns, database: Database, temporal: TemporalServer, client: Client, tmp_path: Path
) -> None:
    engine = Engine(client)
    with worker(dsns, temporal, tmp_path) as first:
        ids = await opened(engine)
        before = await states(database, ids)
        asked = UUID(await kill(database))

        async def some() -> bool:
            return sum(await journaled(database, ids)) >= 3

        await until(some)  # in the middle of its first batch: nothing of it is counted yet
        first.kill()
        first.wait()
    half = await progress(database, asked)
    done = sum(await journaled(database, ids))
    assert 3 <= done < CASES, "it was killed in the middle"
    assert half.waiting > 0
    async with database.tenant(WESTSHIRE.slug) as session:
        await revisions.wait(session, asked, 0.0)  # the lease of the one that is gone would run out by itself
    with worker(dsns, temporal, tmp_path):

        async def all_of_them() -> bool:
            return (await progress(database, asked)).waiting == 0

        await until(all_of_them)
    assert await progress(database, asked) == revisions.Progress(moved=CASES)
    assert await journaled(database, ids) == [1] * CASES, "each was moved, and once"
    after, today = await states(database, ids), datetime.now(UTC).date()
    assert {one: lost(before[one], after[one], today) for one in ids} == {one: [] for one in ids}
    assert {after[one].rules for one in ids} == {()}
    assert (await journal.verify(database, WESTSHIRE.slug)).sound


async def test_of_what_was_promised_under_a_pilot_nobody_is_reminded_after_it(shell: Shell, tmp_path: Path) -> None:
    """The reminder was written with the step and is worked off later, when the promise is gone: it must not fail for ever."""
    ids = [await live(shell.engine, opening(n), 0) for n in (0, 20, 40)]
    await kill(shell.database)
    assert await Reviser(shell.database, shell.engine, lambda: datetime.now(UTC)).once([WESTSHIRE.slug]) == len(ids)
    relay = Relay(shell.database, shell.engine, FileDelivery(tmp_path), lambda: datetime.now(UTC))
    while await relay.once([WESTSHIRE.slug]):
        pass
    async with shell.database.tenant(WESTSHIRE.slug) as session:
        posts = (await session.execute(select(outbox.c.kind, outbox.c.name, outbox.c.status, outbox.c.last_error))).all()
    assert {(row.status, row.last_error) for row in posts} == {("done", None)}
    assert "early_mediation_offered_in_time" in {row.name for row in posts if row.kind == "breach"}, "there was such a reminder"
    assert sum(row.kind == "rules" for row in posts) == len(ids)
    written = [file.read_text("utf-8") for file in (tmp_path / WESTSHIRE.slug).iterdir()]
    assert not any("Offer mediation with the decision letter" in text for text in written if text.startswith("Case"))
