"""What an older release began, this one must be able to go on with: every kept history replays."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner, WorkflowRunner
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from statute.types import Step
from tests.durable import KEYS
from tests.reliability.keep_histories import FOLDER
from tests.seeds import PLACES
from workflows import ports
from workflows.case import StatutoryCase
from workflows.codec import Keys, data_converter

KEPT = sorted(FOLDER.glob("*.json"))


def read(path: Path) -> WorkflowHistory:
    kept = json.loads(path.read_text("utf-8"))
    return WorkflowHistory.from_json(kept["workflow_id"], kept["history"])


def replayer(runner: WorkflowRunner | None = None) -> Replayer:
    """It meets the histories as a worker would: with the codec and its key."""
    return Replayer(
        workflows=[StatutoryCase], data_converter=data_converter(Keys.read(KEYS)), workflow_runner=runner or UnsandboxedWorkflowRunner()
    )


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
async def test_a_kept_history_replays(path: Path) -> None:
    await replayer().replay_workflow(read(path))  # raises when a command is not the one that was given


async def test_every_kept_history_replays_in_the_sandbox() -> None:
    """It finds what a workflow must not call; so no worker needs to pay for it."""

    async def histories() -> AsyncIterator[WorkflowHistory]:
        for path in KEPT:
            yield read(path)

    results = await replayer(SandboxedWorkflowRunner()).replay_workflows(histories(), raise_on_replay_failure=True)
    assert results.replay_failures == {}


def test_the_kept_histories_hold_what_they_are_kept_for() -> None:
    """Whole lives: every stage by continue-as-new, timers, updates, recorded steps, and more than one ending."""
    kinds = {event.event_type for path in KEPT for event in read(path).events}
    names = {type_name(kind) for kind in kinds}
    assert {"CONTINUED_AS_NEW", "COMPLETED", "TIMER_STARTED", "TIMER_FIRED", "MARKER_RECORDED", "UPDATE_COMPLETED"} <= names
    assert len({read(path).workflow_id for path in KEPT}) >= 3
    assert len(KEPT) >= 5


def type_name(kind: int) -> str:
    """`EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED` as COMPLETED; timers and markers keep their noun."""
    from temporalio.api.enums.v1 import EventType

    return EventType.Name(kind).removeprefix("EVENT_TYPE_").removeprefix("WORKFLOW_EXECUTION_")


def test_a_kept_history_says_nothing_of_anybody() -> None:
    text = "".join(path.read_text("utf-8") for path in KEPT)
    words = [word for place in PLACES for word in place.canaries]
    assert [word for word in (*words, "received_on", "Synthetic") if word in text] == []


# -- what the replay is for: changes that a running case could not follow -----------------------------------------------


async def _a_timer_more(self: StatutoryCase, act: ports.Act, step: Step) -> list[ports.Recorded]:
    await workflow.sleep(timedelta(seconds=1))
    return await RECORD(self, act, step)


async def _an_activity_for_a_local_one(self: StatutoryCase, act: ports.Act, step: Step) -> list[ports.Recorded]:
    recording = ports.Recording(self._file, act.event, act.fingerprint, step.state, step.effects)
    await workflow.execute_activity(ports.RECORD_STEP, recording, start_to_close_timeout=timedelta(seconds=3))
    return []


async def _nothing_recorded(self: StatutoryCase, act: ports.Act, step: Step) -> list[ports.Recorded]:
    return []


RECORD = StatutoryCase._record


@pytest.mark.parametrize("change", [_a_timer_more, _an_activity_for_a_local_one, _nothing_recorded])
async def test_a_change_that_a_running_case_could_not_follow_is_noticed(monkeypatch: pytest.MonkeyPatch, change: object) -> None:
    monkeypatch.setattr(StatutoryCase, "_record", change)
    for path in KEPT:
        if "refused" in path.stem:
            continue  # nothing was ever recorded there
        with pytest.raises(workflow.NondeterminismError):
            await replayer().replay_workflow(read(path))


async def test_a_step_that_is_not_adopted_any_more_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kept case whose journal was ahead took two looks at the journal for one act; without adoption it takes one."""

    async def not_adopting(self: StatutoryCase, act: ports.Act, step: Step) -> list[ports.Recorded]:
        await RECORD(self, act, step)
        return []

    monkeypatch.setattr(StatutoryCase, "_record", not_adopting)
    [path] = [path for path in KEPT if "adopted" in path.stem]
    with pytest.raises(workflow.NondeterminismError):
        await replayer().replay_workflow(read(path))
