"""The law changes while cases are open: the journal says so, and a case goes on under the changed rules, on the real engine."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from activities.record import state_of
from statute.types import Kind
from store import cases, journal
from tests.durable import Shell
from workflows import library
from workflows.engine import Refused

pytestmark = pytest.mark.durable
NAME = "si_2020_471"
IN_MAY = datetime(2020, 5, 1, 9, tzinfo=UTC)


async def test_an_open_case_is_moved_by_a_journaled_revision_and_then_knows_the_new_excuse(shell: Shell) -> None:
    case = await shell.open(on=date(2020, 3, 2))
    given = {"impractical_because": "Nobody could be seen", "evidence": "A letter"}
    excused = {"outcome": "coronavirus", "facts": given, "at": datetime(2020, 5, 4, 9, tzinfo=UTC), "capacity": "decision_maker"}
    with pytest.raises(Refused):
        await case.act("final_plan_sent", Kind.EXCUSED, **excused)
    moved = await case.act(NAME, Kind.REVISED, key="revised", at=IN_MAY, capacity="engine")
    assert (await case.act(NAME, Kind.REVISED, key="revised", at=IN_MAY, capacity="engine")).seq == moved.seq
    await case.act("final_plan_sent", Kind.EXCUSED, **excused)
    async with shell.database.tenant(case.tenant) as session:
        rows = await journal.history(session, case.case_id)
        file = await cases.read_case(session, case.case_id)
    [row] = [row for row in rows if row.kind == Kind.REVISED]
    amended = library.under("ehc_plan", 1, (NAME,))
    assert (row.seq, row.name, row.process_digest) == (moved.seq, NAME, amended.digest)
    assert file is not None
    assert state_of(file.state).clocks["final_plan_sent"].ground == "coronavirus"
    assert library.of(state_of(file.state)).digest == amended.digest == file.process_digest


async def test_a_revision_on_a_day_on_which_it_is_not_in_force_is_refused_and_costs_no_history(shell: Shell) -> None:
    case = await shell.open(on=date(2020, 3, 2))
    handle = shell.client.get_workflow_handle(case.workflow_id)
    before = (await handle.describe()).raw_info.history_length
    with pytest.raises(Refused):
        await case.act(NAME, Kind.REVISED, at=datetime(2020, 4, 30, 9, tzinfo=UTC), capacity="engine")
    assert (await handle.describe()).raw_info.history_length == before
