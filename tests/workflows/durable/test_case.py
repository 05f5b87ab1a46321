"""The durable shell on the real Temporal and the real Postgres: recorded before it changes, exactly once, and never wedged."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from statute.types import Kind
from store import cases, journal
from tests.durable import Opened, Shell
from workflows.engine import Refused, Stale

pytestmark = pytest.mark.durable


async def entries(case: Opened) -> list[journal.Record]:
    async with case.shell.database.tenant(case.tenant) as session:
        return await journal.history(session, case.case_id, limit=500)


async def test_an_opened_case_stands_in_the_journal_before_anybody_hears_of_it(shell: Shell) -> None:
    case = await shell.open()
    assert [row.name for row in await entries(case)][:1] == ["request_received"]


async def test_a_refusal_costs_no_history_and_changes_nothing(shell: Shell) -> None:
    case = await shell.open()
    handle = shell.client.get_workflow_handle(case.workflow_id)
    before = (await handle.describe()).history_length
    with pytest.raises(Refused) as refused:
        await case.act("whether_to_assess", Kind.DECIDED, outcome="will_assess")
    assert str(refused.value.refusal.citations[0]) == "CFA s.36(4)"
    assert (await handle.describe()).history_length == before
    assert len(await entries(case)) == 1


async def test_the_same_key_is_one_act_however_often_it_is_sent(shell: Shell) -> None:
    case = await shell.open()
    acks = await asyncio.gather(*(case.act("notify_partners", Kind.DONE, key="same") for _ in range(6)))
    assert {ack.seq for ack in acks} == {2}
    assert [row.name for row in await entries(case)] == ["request_received", "notify_partners"]


async def test_an_act_on_an_old_version_is_stale(shell: Shell) -> None:
    case = await shell.open()
    await case.act("notify_partners", Kind.DONE)
    with pytest.raises(Stale):
        await case.act("consult_family", Kind.DONE, expected=1)


async def test_a_human_step_costs_six_history_events(shell: Shell) -> None:
    case = await shell.open()
    handle = shell.client.get_workflow_handle(case.workflow_id)
    before = (await handle.describe()).history_length
    await case.act("notify_partners", Kind.DONE)
    await case.act("consult_family", Kind.DONE)
    await case.act("considering_notice", Kind.SERVED, how="email")
    assert (await handle.describe()).history_length - before <= 3 * 6


async def test_a_case_continues_as_new_after_a_stage_and_remembers_its_keys(shell: Shell) -> None:
    case = await shell.open()
    handle = shell.client.get_workflow_handle(case.workflow_id)
    first = (await handle.describe()).run_id
    await case.act("consult_family", Kind.DONE, key="once")
    await case.act("whether_to_assess", Kind.DECIDED, outcome="will_assess")
    await case.act("assessment_agreed", Kind.SERVED, how="email")
    again = await case.act("consult_family", Kind.DONE, key="once")
    assert again.replayed
    assert (await handle.describe()).run_id != first


async def test_a_clock_that_has_passed_is_recorded_once_and_stays_on_the_record(shell: Shell) -> None:
    case = await shell.open(on=datetime.now(UTC).date() - timedelta(weeks=7))
    for _ in range(50):
        rows = await entries(case)
        if len(rows) > 1:
            break
        await asyncio.sleep(0.1)
    assert [row.kind for row in rows] == ["opened", "time_passed"]
    async with shell.database.tenant(case.tenant) as session:
        file = await cases.read_case(session, case.case_id)
    assert file is not None
    assert file.state["clocks"]["decision_notified"]["status"] == "passed"
    assert file.next_clock == "decision_notified"


async def test_twenty_callers_at_once_leave_no_gap_and_no_double(shell: Shell) -> None:
    case = await shell.open()
    await case.act("consult_family", Kind.DONE)
    await case.act("whether_to_assess", Kind.DECIDED, outcome="will_assess")
    await case.act("assessment_agreed", Kind.SERVED, how="email")
    await asyncio.gather(
        *(case.act("whether_to_issue", Kind.DECIDED, outcome="will_issue") for _ in range(10)),
        *(
            case.act("advice_requested", item=item)
            for item in ("education", "medical", "psychological", "social_care", "sensory", "family", "adulthood", "other")
        ),
        return_exceptions=True,
    )
    rows = await entries(case)
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert sum(row.name == "advice_requested" for row in rows) == 8
    assert (await journal.verify(shell.database, case.tenant)).sound
