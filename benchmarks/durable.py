"""A durable step, against a bare Temporal update of an empty workflow: CPU of all processes, history, actions and SQL statements.

Both run on one server in turns, so that only their ratio means anything.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple
from uuid import uuid4

from sqlalchemy import event
from sqlalchemy.engine import Engine as SqlEngine
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from statute.days import civil
from statute.types import Event, Kind
from tests.durable import Shell
from tests.reliability import life
from tests.reliability.servers import new_file, standing
from tests.seeds import WESTSHIRE
from workflows import library, ports

ROUNDS, STEPS, COUNTED = 8, 30, 20
DRAFT_SENT = timedelta(days=96)  # how far the case's clock is ahead by then
TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """Seconds of CPU, by process."""

    ours: float  # client and worker
    postgres: float
    temporal: float


@workflow.defn(name="bare")
class Bare:
    """A workflow with nothing in it."""

    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update
    def act(self, number: int) -> int:
        return number


def cpu(servers: tuple[int, int]) -> Cost:
    """Seconds of CPU that we, Postgres with its children, and Temporal have used."""
    parents: dict[int, int] = {}
    used: dict[int, float] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                fields = Path("/proc", entry, "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(entry)] = int(fields[1])
            used[int(entry)] = sum(map(int, fields[11:13])) / TICKS
    postgres, temporal = servers
    backends = sum(each for pid, each in used.items() if pid == postgres or parents[pid] == postgres)
    return Cost(used[os.getpid()], backends, used[temporal])


async def compare() -> None:
    """Print what a step costs, in processor time, history and SQL."""
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as home:
        async with standing(Path(home)) as (shell, servers):
            plain = await Client.connect(shell.client.service_client.config.target_host)
            queue = f"bare-{uuid4().hex[:8]}"
            async with Worker(plain, task_queue=queue, workflows=[Bare], workflow_runner=UnsandboxedWorkflowRunner()):
                bare = await plain.start_workflow(Bare.run, id=f"bare-{uuid4()}", task_queue=queue)
                file = await with_family(shell)
                handle = shell.client.get_workflow_handle(ports.workflow_id(file.tenant, file.case_id))
                await _measure(shell, servers, bare, handle, file)
                await bare.terminate()
            await _a_whole_case(shell)


async def with_family(shell: Shell) -> ports.CaseFile:
    """A case whose family has the draft plan: it may say what it thinks as often as it likes."""
    file = new_file()
    began = datetime.now(UTC)
    upto = [move for move in life.moves() if move.day <= 95]
    await life.live(shell.engine, library.get("ehc_plan", 1), file, began, upto, str(WESTSHIRE.setting.id))
    return file


async def _measure(
    shell: Shell, servers: tuple[int, int], bare: WorkflowHandle[Bare, None], ours: WorkflowHandle[object, object], file: ports.CaseFile
) -> None:
    at = datetime.now(UTC)

    async def our_step() -> None:
        given = Event(
            Kind.HAPPENED, "representations_made", civil(at + DRAFT_SENT), at + DRAFT_SENT, uuid4().hex, file.child_id, "family",
            facts={"views": "Synthetic views of a usual length, about what the draft says and what it leaves out."},
        )  # fmt: skip
        await shell.engine.act(file.tenant, file.case_id, ports.Act(given, "00"))

    async def bare_step() -> None:
        await bare.execute_update(Bare.act, 1, id=uuid4().hex)

    statements: Counter[str] = Counter()

    def counted(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements[statement.split()[0].lower()] += 1

    before = [await _size(each) for each in (ours, bare)]
    event.listen(SqlEngine, "before_cursor_execute", counted)
    for _ in range(COUNTED):
        await our_step()
        await bare_step()
    event.remove(SqlEngine, "before_cursor_execute", counted)
    sizes = [
        [(after - was) / COUNTED for after, was in zip(await _size(each), start, strict=True)]
        for each, start in zip((ours, bare), before, strict=True)
    ]
    costs = [(await _cost(our_step, servers), await _cost(bare_step, servers)) for _ in range(ROUNDS)]
    ratio = median(sum(each) / sum(other) for each, other in costs)
    print(f"durable step, {ROUNDS * STEPS} each in turns, on a file-backed dev server and a durable Postgres; ms of CPU")
    for name, side, (events, size) in (("ours", 0, sizes[0]), ("bare", 1, sizes[1])):
        parts = [median(pair[side][part] for pair in costs) * 1000 for part in range(3)]
        print(
            f"  {name} {median(sum(pair[side]) for pair in costs) * 1000:6.1f} = client and worker {parts[0]:.1f}, Postgres {parts[1]:.1f}, Temporal {parts[2]:.1f}",
            end="",
        )
        print(f"; {events:.1f} history events, {size:,.0f} bytes")
    print(f"  ratio  {ratio:.2f} (goal for a whole step, GraphQL included: 1.6; at most 7 events and 2,048 bytes)")
    print(
        f"  SQL statements a step: {sum(statements.values()) / COUNTED:.1f} ({', '.join(f'{n / COUNTED:.1f} {word}' for word, n in statements.items())}), in one transaction"
    )


async def _cost(step: Callable[[], Awaitable[None]], servers: tuple[int, int]) -> Cost:
    began = cpu(servers)
    for _ in range(STEPS):
        await step()
    return Cost(*((now - was) / STEPS for now, was in zip(cpu(servers), began, strict=True)))


async def _size(handle: WorkflowHandle[object, object] | WorkflowHandle[Bare, None]) -> tuple[int, int]:
    info = (await handle.describe()).raw_info
    return info.history_length, info.history_size_bytes


async def _a_whole_case(shell: Shell) -> None:
    file = new_file()
    seq = await life.live(shell.engine, library.get("ehc_plan", 1), file, datetime.now(UTC), life.moves(), str(WESTSHIRE.setting.id))
    handle = shell.client.get_workflow_handle(ports.workflow_id(file.tenant, file.case_id))
    await handle.result()
    run_id, lengths, size = (await handle.describe()).raw_info.first_run_id, [], 0
    while run_id:
        run = shell.client.get_workflow_handle(handle.id, run_id=run_id)
        history = await run.fetch_history()
        lengths.append(len(history.events))
        size += (await _size(run))[1]
        run_id = history.events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    print(f"a whole case of {seq} steps: {sum(lengths)} history events in {len(lengths)} runs (goal: under 400), {size:,} bytes")
