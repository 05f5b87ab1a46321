"""`python -m benchmarks.pilots [cases]`: a pilot is switched off with a thousand open cases, on real servers; how long, and what anybody lost.

Not part of `python -m benchmarks`: it takes minutes, and its seconds mean something only beside those of opening the same cases.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from activities.delivery import FileDelivery
from activities.dispatch import Relay
from activities.revising import Reviser
from store import journal, revisions
from tests.durable import Shell
from tests.reliability.piloted import kill, live, lost, opening, states
from tests.reliability.servers import standing
from tests.seeds import WESTSHIRE

CASES, AT_ONCE = 1000, 6


async def measure(cases: int) -> None:
    """Open them, switch off, and compare every case with itself."""
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as home:
        async with standing(Path(home)) as (shell, _):
            began = time.perf_counter()
            ids = await _opened(shell, cases)
            steps = await _steps(shell)
            opening_took = time.perf_counter() - began
            print(f"{cases} cases open under the pilot, {steps} steps, in {opening_took:.0f} s", flush=True)
            before = await states(shell.database, ids)
            began = time.perf_counter()
            asked = UUID(await kill(shell.database))
            off = time.perf_counter() - began
            reviser = Reviser(shell.database, shell.engine, lambda: datetime.now(UTC))
            settled = await reviser.once([WESTSHIRE.slug])
            took = time.perf_counter() - began
            async with shell.database.tenant(WESTSHIRE.slug) as session:
                progress = (await revisions.progress(session, [asked]))[asked]
            after, today = await states(shell.database, ids), datetime.now(UTC).date()
            losses = Counter(each for one in ids for each in lost(before[one], after[one], today))
            clocks = sum(len(state.clocks) for state in before.values())
            print(
                f"off for new cases and {progress.total} cases listed after {off * 1000:.0f} ms; {settled} settled in {took:.1f} s, {settled / took:.0f} a second"
            )
            print(f"  a moved case cost {(took / settled) / (opening_took / steps):.2f} of a step of its opening and life, same run")
            print(
                f"  {progress}; {clocks} clocks compared; lost: {dict(losses) or 'nothing'}; under a pilot still: {sum(bool(one.rules) for one in after.values())}"
            )
            await _told(shell, Path(home), cases)
            print(f"  journal sound: {(await journal.verify(shell.database, WESTSHIRE.slug)).sound}")


async def _opened(shell: Shell, cases: int) -> list[str]:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> str:
        async with places:
            return await live(shell.engine, opening(number), number)

    return list(await asyncio.gather(*(one(number) for number in range(cases))))


async def _steps(shell: Shell) -> int:
    return (await journal.verify(shell.database, WESTSHIRE.slug)).rows


async def _told(shell: Shell, home: Path, cases: int) -> None:
    began = time.perf_counter()
    relay = Relay(shell.database, shell.engine, FileDelivery(home / "letters"), lambda: datetime.now(UTC))
    while await relay.once([WESTSHIRE.slug]):
        pass
    letters = len(list((home / "letters" / WESTSHIRE.slug).glob("*-rules_changed-family.html")))
    print(f"  {letters} of {cases} families told by letter, in {time.perf_counter() - began:.0f} s")


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else CASES))
    sys.stdout.flush()
    os._exit(0)  # taking down the clients' threads may abort the interpreter (sdk-python#300)
