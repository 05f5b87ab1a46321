"""A whole life with a plan on the real stack: every case ends as it should, nothing is left lying, and played again it changes nothing."""

from __future__ import annotations

import asyncio
import io
import tempfile
from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from sqlalchemy import func, select

from bootstrap.demo_life import play
from bootstrap.demo_life_beats import AWAY, HOME, Beat, life
from bootstrap.embedded import DATABASE, Stack, beside, prepare
from bootstrap.faults import StackFault
from bootstrap.postgres import APP
from bootstrap.settings import Settings
from bootstrap.temporal import connect, free_port
from statute.days import LONDON
from store import journal
from store.session import Database
from store.tables import case_file, letter, outbox
from store.tables import journal as rows

OPENINGS = [date(2026, 11, 24) + timedelta(days=11 * n) for n in range(0, 80, 2)]
LARGEST_RUN = 1500  # events of history; a case continues as new at 1,000
RIGHTS_THAT_RAN_OUT = {"appeal_window", "contact_adviser", "permission_from_tribunal"}  # the family's own, which it did not use

OWN_TARGET = {"meeting_in_time"}  # of the last review, whose own limit lies beyond the end of the plan on some openings


@pytest.mark.parametrize("opened", OPENINGS, ids=str)
def test_a_life_can_begin_on_any_day_and_keeps_its_order(opened: date) -> None:
    beats = life(opened)
    assert beats == sorted(beats, key=lambda beat: beat.day)
    assert len({beat.key for beat in beats}) == len(beats)
    parts = [part for beat in beats for part in beat.opens] + [beat.case for beat in beats if beat.mutation == "openCase"]
    known: set[str] = set()
    for beat in beats:  # nobody acts in a case that nothing has opened
        known |= {beat.case} if beat.mutation == "openCase" else set()
        assert beat.case in known | {""}
        assert known.issuperset(beat.reaches)
        known |= set(beat.opens)
    assert known == set(parts)


@pytest.mark.parametrize("opened", OPENINGS, ids=str)
def test_every_review_is_decided_within_a_year_of_the_last(opened: date) -> None:
    beats = life(opened)
    days = [beat.day for beat in beats if beat.given.get("name") in ("maintained_notice", "amendment_notice") and "review" in beat.case]
    made = next(beat.day for beat in beats if "review-1" in beat.opens)
    assert all(after - before <= timedelta(days=364) for before, after in pairwise([made, *days]))


def test_a_life_that_would_begin_too_late_is_not_told() -> None:
    assert life(date(2030, 1, 7)) == []


@pytest.mark.durable
@pytest.mark.timeout(240)
async def test_a_whole_life_is_played_once_and_changes_nothing_when_it_is_played_again() -> None:
    if not life(datetime.now(LONDON).date()):
        pytest.skip("Isla is too old by now for a life that begins with her first plan")
    with tempfile.TemporaryDirectory(prefix="waymark-life-", ignore_cleanup_errors=True) as home:
        stack = prepare(Settings(home=Path(home), port=free_port(), ui_port=free_port()), lambda _: None)
        database = None
        try:
            await stack.start()
            database = Database(stack.postgres.dsn(APP, DATABASE), 2)
            told, seen = await _played(stack)
            await _relayed(database)
            roots = await _sound(database)
            for council in (HOME, AWAY):
                assert await _left(database, council) == []
                assert await _breaches(database, council) <= RIGHTS_THAT_RAN_OUT | OWN_TARGET
                assert await _children(database, council) == 1
            await _agree(database)
            sizes = await _histories(stack)
            counted = [await _counts(database, council) for council in (HOME, AWAY)]
            again, seen_again = await _played(stack)
            await _relayed(database)
            assert await _sound(database) == roots
            assert [await _counts(database, council) for council in (HOME, AWAY)] == counted
            assert seen_again == seen
        except StackFault as fault:
            pytest.fail(f"{fault.what} {fault.why}\n{stack.logs()}")
        finally:
            if database is not None:
                await database.close()
            stack.stop()
            stack.postgres.erase()
    beats = life(date.fromisoformat(seen[HOME]["first"]))
    assert {council: found["cases"] for council, found in seen.items()} == _endings(beats)
    for found in seen.values():
        assert found["open"] == 0
        assert found["one"]
        assert found["hers"] == found["entries"]
    for cite in ("CFA s.55(2)", "SEND reg.13(1)(a)", "EXC on the 45 days", "SEND reg.15(2)", "CFA s.45(4)"):
        assert any("refused" in line and cite in line for line in told.splitlines()), cite
    assert told.count("not theirs to do") == 1
    assert "opens" not in again
    assert max(sizes.values()) < LARGEST_RUN
    print(f"largest history {max(sizes.values())} events of {len(sizes)} runs; {counted}")  # noqa: T201


async def _played(stack: Stack) -> tuple[str, dict[str, dict[str, Any]]]:
    """What the play says, and what is seen at its end."""
    said = io.StringIO()
    console = Console(file=said, width=1000, highlight=False, soft_wrap=True)
    found = await asyncio.to_thread(play, stack.url, stack.settings, console)
    return said.getvalue(), found


def _endings(beats: list[Beat]) -> dict[str, Counter[str]]:
    """How the cases of both councils end; the number of reviews depends on the day on which the life begins."""
    notices = [beat for beat in beats if beat.given.get("name") == "maintained_notice"]
    here, there = (sum(beat.council == council for beat in notices) for council in (HOME, AWAY))
    once = ["ehc_plan: refused", "mediation_and_appeal: appealed", "tribunal_appeal: determined", "order_compliance: complied"]
    once += [
        "annual_review: amended",
        "annual_review: plan_ended",
        "suspension: returned",
        "ap_tier2: returned",
        "plan_transfer: transferred",
    ]
    not_pursued = here + 4  # after each review, after the amended one, the first plan and both transfers
    at_home = Counter({**dict.fromkeys(once, 1), "annual_review: maintained": here, "phase_transfer: transferred": 2})
    at_home["mediation_and_appeal: not_pursued"] = not_pursued
    away = Counter(["plan_received: reviewed", "annual_review: plan_ended", "mediation_and_appeal: window_closed", "ceasing: ceased"])
    away += Counter({"annual_review: maintained": there, "mediation_and_appeal: not_pursued": there})
    return {HOME: at_home, AWAY: away}


async def _relayed(database: Database, seconds: float = 20.0) -> None:
    """Wait until the relay has nothing left to do, or a while: what is left then is for the test to say."""
    give_up = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < give_up:
        if not [row for council in (HOME, AWAY) for row in await _left(database, council) if row[2] == "waiting"]:
            return
        await asyncio.sleep(0.2)


async def _left(database: Database, council: str) -> list[tuple[str, str, str, str]]:
    """Posts that are not done: nothing in this life has to be held for a person to look at."""
    async with database.tenant(council) as session:
        found = await session.execute(select(outbox).where(outbox.c.status != "done"))
        return [(row.kind, row.name, row.status, row.last_error or "") for row in found]


async def _breaches(database: Database, council: str) -> set[str]:
    async with database.tenant(council) as session:
        return set(await session.scalars(select(outbox.c.name).where(outbox.c.kind == "breach")))


async def _children(database: Database, council: str) -> int:
    async with database.tenant(council) as session:
        return int(await session.scalar(select(func.count(case_file.c.child_id.distinct()))) or 0)


async def _sound(database: Database) -> list[str]:
    """The chains are whole; their roots, which cover the last entry of every case."""
    verdicts = [await journal.verify(database, council) for council in (HOME, AWAY)]
    assert all(verdict.sound for verdict in verdicts)
    return [verdict.root for verdict in verdicts]


async def _counts(database: Database, council: str) -> dict[str, int]:
    async with database.tenant(council) as session:
        return {
            table.name: int(await session.scalar(select(func.count()).select_from(table)) or 0)
            for table in (case_file, rows, outbox, letter)
        }


async def _agree(database: Database) -> None:
    """Each council's journal keeps the fingerprint of the other's entry."""
    async with database.tenant(HOME) as session:
        sent = (await session.execute(select(rows).where(rows.c.name == "plan_sent"))).one()
        heard = (await session.execute(select(rows).where(rows.c.name == "received_by_new_authority"))).one()
    async with database.tenant(AWAY) as session:
        arrived = (await session.execute(select(rows).where(rows.c.name == "plan_arrived"))).one()
    assert arrived.event["facts"]["old_record"] == sent.hash.hex()
    assert heard.event["facts"]["new_record"] == arrived.hash.hex()
    assert heard.case_id == sent.case_id
    assert sent.on_date == arrived.on_date


async def _histories(stack: Stack) -> dict[tuple[str, str], int]:
    """How many events each run has; asked of Temporal, run by run."""
    client = await connect(beside(stack.settings), lazy=False)
    return {
        (run.id, run.run_id): (await client.get_workflow_handle(run.id, run_id=run.run_id).describe()).history_length
        async for run in client.list_workflows()
    }
