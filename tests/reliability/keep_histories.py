"""Keep the histories of the present release: `python -m tests.reliability.keep_histories`, once a release; never over old ones.

Cases of a new release must replay what an older one began, so a kept file is never made again. Synthetic persons, the test's own key.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

from temporalio.client import Client

from activities.record import StepRecorder, event_of
from statute.advance import advance
from statute.clocks import next_wake
from store import journal
from tests.durable import Shell
from tests.reliability import life
from tests.reliability.servers import new_file, standing
from tests.seeds import WESTSHIRE
from workflows import library, ports
from workflows.engine import Refused

FOLDER = Path(str(resources.files("workflows").joinpath("histories")))
RELEASE = "0.1.0"


async def runs(client: Client, workflow_id: str) -> list[dict[str, object]]:
    """Every run of a case, the first one first."""
    found, run_id = [], (await client.get_workflow_handle(workflow_id).describe()).raw_info.first_run_id
    while run_id:
        history = await client.get_workflow_handle(workflow_id, run_id=run_id).fetch_history()
        found.append(json.loads(history.to_json()))
        run_id = history.events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id
    return found


def keep(name: str, workflow_id: str, histories: list[dict[str, object]]) -> None:
    """Write the runs of one case, each to a file of its own."""
    FOLDER.mkdir(exist_ok=True)
    for number, history in enumerate(histories, start=1):
        path = FOLDER / f"{RELEASE}-{name}-{number}.json"
        if path.exists():
            raise SystemExit(f"{path.name} is kept already: a kept history is never made again")
        path.write_text(json.dumps({"workflow_id": workflow_id, "history": history}, separators=(",", ":")) + "\n", "utf-8")


async def whole_life(shell: Shell) -> str:
    """From request to final plan: every stage, warnings, one breach, continued as new after each stage."""
    file = new_file()
    process = library.get("ehc_plan", 1)
    await life.live(shell.engine, process, file, datetime.now(UTC), life.moves(), str(WESTSHIRE.setting.id))
    return ports.workflow_id(file.tenant, file.case_id)


async def adopted(shell: Shell) -> str:
    """A case whose journal was ahead, as after a worker that died between the commit and its answer."""
    case = await shell.open()
    process, days = library.get("ehc_plan", 1), library.england()
    async with shell.database.tenant(case.tenant) as session:
        [first] = await journal.history(session, case.case_id)
    state = advance(process, None, event_of(first), days).state
    lost = life.event_of(process, life.Move(0, "notify_partners"), datetime.now(UTC), "lost", actor="tester")
    await StepRecorder(shell.database).record_step(ports.Recording(case.given.file, lost, "00", advance(process, state, lost, days).state))
    await case.act("consult_family", process.acts["consult_family"].kind)
    await case.act("request_withdrawn", on=datetime.now(UTC).date())
    return case.workflow_id


async def refused(shell: Shell) -> str:
    """An opening that the core refuses: the run ends and says so."""
    file = new_file()
    event = life.event_of(library.get("ehc_plan", 1), life.moves()[0], datetime.now(UTC), "open")
    try:
        await shell.engine.open(ports.CaseInput(file, ports.Act(replace(event, capacity="ops"), "00")))
    except Refused:
        return ports.workflow_id(file.tenant, file.case_id)
    raise AssertionError("it was to be refused")


async def looked_at(shell: Shell) -> str:
    """A case whose timer fires by itself, at the midnight of its first warning."""
    file, process, began = new_file(), library.get("ehc_plan", 1), datetime.now(UTC)
    opening = life.event_of(process, life.moves()[0], began, "open", actor=file.child_id)
    wake = next_wake(process, advance(process, None, opening, library.england()).state)
    assert wake is not None
    offset = int((wake - began).total_seconds()) - 3
    await shell.engine.open(ports.CaseInput(file, ports.Act(opening, "00"), offset_seconds=offset))
    await asyncio.sleep(5)
    withdrawn = life.event_of(process, life.Move(0, "request_withdrawn"), wake, "withdrawn", actor=file.child_id)
    ack = await shell.engine.act(file.tenant, file.case_id, ports.Act(withdrawn, "00"))
    assert ack.seq == 3, "the look at the clock was not recorded"
    return ports.workflow_id(file.tenant, file.case_id)


async def main() -> None:
    """Play the lives and keep what Temporal kept of them."""
    with tempfile.TemporaryDirectory(prefix="waymark-histories-") as home:
        async with standing(Path(home)) as (shell, _):
            for name, play in (("whole_life", whole_life), ("adopted", adopted), ("looked_at", looked_at), ("refused", refused)):
                workflow_id = await play(shell)
                await shell.client.get_workflow_handle(workflow_id).result()
                kept = await runs(shell.client, workflow_id)
                keep(name, workflow_id, kept)
                sys.stdout.write(f"{name}: {len(kept)} runs\n")


if __name__ == "__main__":
    asyncio.run(main())
    sys.stdout.flush()
    os._exit(0)  # taking down the client's threads may abort the interpreter (sdk-python#300)
