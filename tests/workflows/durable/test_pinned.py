"""A case lives under the overlays that it was opened under, on the real engine: through new runs, other worker processes, and until it is moved."""

from __future__ import annotations

from functools import partial

import pytest
from temporalio.worker import Replayer

from activities.record import state_of
from statute.revise import CONFIGURATION
from statute.tenant_overlay import parse_overlay
from statute.types import Faulty, Kind
from store import cases, journal, overlays
from tests.durable import Opened, Shell
from tests.statute.overlays import document
from workflows import library
from workflows.case import StatutoryCase
from workflows.engine import Refused

pytestmark = pytest.mark.durable
EARLY = document(deadlines={"final_plan_sent": {"within": "18 weeks"}})
TASK = document(tasks={"call_family": {"say": "Call the family", "by": ["local_authority"], "at": ["considering"]}})


def by_digest(*documents: dict[str, object]) -> dict[str, dict[str, object]]:
    return {parse_overlay(one).digest: one for one in documents}


async def file_of(case: Opened) -> cases.CaseFile:
    async with case.shell.database.tenant(case.tenant) as session:
        file = await cases.read_case(session, case.case_id)
    assert file is not None
    return file


async def test_a_case_is_played_by_its_overlays_and_its_journal_says_which(shell: Shell) -> None:
    pins = by_digest(EARLY, TASK)
    case = await shell.open(overlays=pins)
    await case.act("call_family", Kind.DONE, capacity="local_authority")
    state = state_of((await file_of(case)).state)
    assert state.rules == tuple(pins)
    async with shell.database.tenant(case.tenant) as session:
        rows = await journal.history(session, case.case_id)
    assert rows[0].event["rules"] == list(pins)
    assert {row.process_digest for row in rows} == {library.under("ehc_plan", 1, (), tuple(pins)).digest}


async def test_a_worker_that_never_saw_an_overlay_plays_it_from_the_history_alone(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await shell.open(overlays=by_digest(EARLY, TASK))
    await case.act("call_family", Kind.DONE, capacity="local_authority")
    history = await shell.client.get_workflow_handle(case.workflow_id).fetch_history()
    monkeypatch.setattr(library, "_LEARNED", {})
    library.under.cache_clear()
    await Replayer(workflows=[StatutoryCase], data_converter=shell.client.data_converter).replay_workflow(history)


async def test_an_open_case_is_moved_to_another_configuration_by_a_journaled_step(shell: Shell) -> None:
    case, pins = await shell.open(overlays=by_digest(TASK)), by_digest(EARLY)
    await case.act(CONFIGURATION, Kind.REVISED, capacity="engine", rules=tuple(pins), overlays=pins)
    with pytest.raises(Refused):
        await case.act("call_family", Kind.DONE, capacity="local_authority")
    file = await file_of(case)
    assert state_of(file.state).rules == tuple(pins)
    assert file.process_digest == library.under("ehc_plan", 1, (), tuple(pins)).digest


async def test_rules_that_nobody_knows_are_refused_and_wedge_nothing(shell: Shell) -> None:
    case = await shell.open()
    with pytest.raises(Refused):
        await case.act(CONFIGURATION, Kind.REVISED, capacity="engine", rules=("0123456789ab",))
    await case.act("notify_partners", Kind.DONE)


async def test_what_is_not_known_here_is_fetched_once_from_where_it_is_kept(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = by_digest(EARLY)
    monkeypatch.setattr(library, "_LEARNED", {})
    async with shell.database.tenant("westshire") as session:
        await overlays.keep(session, pins)
        await overlays.keep(session, pins)
        await library.ready(pins, partial(overlays.documents, session))
    assert library.unlearned(pins) == ()
    async with shell.database.tenant("northmoor") as session:
        assert await overlays.documents(session, list(pins)) == {}


def test_a_document_that_is_not_what_its_digest_says_is_not_learned() -> None:
    with pytest.raises(Faulty, match="is the overlay"):
        library.learn({"0123456789ab": EARLY})
