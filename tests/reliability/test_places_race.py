"""200 families race for 20 places: never two in one, none lost, each order honoured, each refusal explained; and again with kill -9."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bootstrap.postgres import APP, OWNER, EmbeddedPostgres
from store.migrate import migrate
from store.places import Made, Reservation
from store.session import Database
from tests.conftest import Dsns
from tests.reliability.racing import CASES, FAMILIES, PLACES, SETTINGS, faults, left, prepare, race
from tests.seeds import seed

pytestmark = [pytest.mark.stored, pytest.mark.timeout(120)]
ROOT = Path(__file__).resolve().parent.parent.parent
Acked = list[tuple[int, str, str]]


@pytest_asyncio.fixture
async def track(dsns: Dsns) -> AsyncIterator[Database]:
    database = Database(dsns.app, 12, wait_seconds=60)
    await prepare(database)
    yield database
    await database.close()


async def test_200_families_race_for_20_places(track: Database) -> None:
    acked: Acked = []
    await race(track, lambda n, made: acked.append((n, str(made.id), made.content["setting"])))
    offers, places = await left(track)
    assert faults(offers, places, acked) == []
    assert (len(offers), len(places)) == (FAMILIES, PLACES * len(SETTINGS))
    assert len(acked) == FAMILIES + FAMILIES // 4
    assert len(set(acked)) == FAMILIES, "those who asked twice were answered twice, with the same"
    assert planted(offers, places, acked) == []


def planted(offers: dict[int, Made], places: list[Reservation], acked: Acked) -> list[str]:
    """The faults of which the oracle says nothing when they are planted in what a race left."""
    with_place = next(n for n, made in offers.items() if made.content["setting"])
    without = next(n for n, made in offers.items() if not made.content["setting"])
    mute = replace(offers[without], content={**offers[without].content, "answers": []})
    ways: list[tuple[str, dict[int, Made], list[Reservation]]] = [
        ("too many", offers, [*places, replace(places[0], case_id=CASES[without])]),
        ("two places", offers, [*places, replace(places[0], setting_id=SETTINGS[0])]),
        ("order", offers, [one for one in places if one.case_id != CASES[with_place]]),
        ("lost", {n: made for n, made in offers.items() if n != with_place}, places),
        ("nobody's", {n: made for n, made in offers.items() if n != with_place}, places),
        ("unexplained", {**offers, without: mute}, places),
    ]
    return [what for what, made, held in ways if not any(fault.startswith(what) for fault in faults(made, held, acked))]


async def test_again_with_a_kill_9_of_the_clients_in_the_middle(track: Database, dsns: Dsns, tmp_path: Path) -> None:
    """The process that asks is killed with transactions under way; another asks again with the same keys."""
    file = tmp_path / "acked"
    file.touch()
    process = await _clients(dsns.app, file)
    await _until(lambda: process.returncode is not None or len(_read(file)) > FAMILIES // 4)
    process.send_signal(signal.SIGKILL)
    await process.wait()
    killed_at, (offers, places) = len(_read(file)), await left(track)
    assert faults(offers, places, _read(file)) == []
    assert len(offers) < FAMILIES, "they were done before they were killed"
    acked = _read(file)
    await race(track, lambda n, made: acked.append((n, str(made.id), made.content["setting"])), 7)
    offers, places = await left(track)
    assert faults(offers, places, acked) == []
    assert (len(offers), len(places)) == (FAMILIES, PLACES * len(SETTINGS))
    print(f"killed after {killed_at} answers; {len(acked)} answers in all, {len(places)} places")  # noqa: T201


async def test_again_with_a_kill_9_of_postgres_in_the_middle() -> None:
    """A durable server is killed while the clients ask; they ask again when it is back."""
    with tempfile.TemporaryDirectory(prefix="waymark-race-", ignore_cleanup_errors=True) as home:
        server = EmbeddedPostgres(Path(home), 0)
        server.start()
        try:
            server.create_database("race")
            await migrate(server.dsn(OWNER, "race"))
            await seed(server.dsn(OWNER, "race"))
            database = Database(server.dsn(APP, "race"), 12, wait_seconds=60)
            await prepare(database)
            acked: Acked = []
            racing = asyncio.create_task(race(database, lambda n, made: acked.append((n, str(made.id), made.content["setting"]))))
            await _until(lambda: len(acked) > FAMILIES // 4)
            killed_at = len(acked)
            os.kill(server.pid, signal.SIGKILL)
            server.stop()
            server.start()  # from the main thread, so the clients meet a server that is gone when it is there again
            await racing
            offers, places = await left(database)
            await database.close()
        finally:
            server.erase()
    assert killed_at < FAMILIES, "they were done before the server was killed"
    assert faults(offers, places, acked) == []
    assert (len(offers), len(places)) == (FAMILIES, PLACES * len(SETTINGS))
    print(f"killed after {killed_at} answers; {len(acked)} answers in all, {len(places)} places")  # noqa: T201


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - a file that another process writes has no event
        await asyncio.sleep(0.005)


async def _clients(address: str, file: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.reliability.racing", address, str(file), cwd=ROOT)


def _read(file: Path) -> Acked:
    """The acknowledgements; a line that was cut off by the kill was not one."""
    lines = file.read_text("utf-8").split("\n")[:-1]
    return [(int(n), offer_id, "" if setting == "-" else setting) for n, offer_id, setting in (line.split() for line in lines)]
