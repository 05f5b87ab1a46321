"""A change of the law over a council's whole caseload: rehearsed without touching anything, then moved case by case, once."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from bootstrap import law_change
from store import cases, journal
from tests.durable import Opened, Shell, client, shell, temporal
from tests.seeds import NORTHMOOR, WESTSHIRE

__all__ = ["client", "shell", "temporal"]
pytestmark = pytest.mark.durable
NAME = "si_2020_471"


async def _seqs(opened: list[Opened]) -> list[int]:
    found = []
    for case in opened:
        async with case.shell.database.tenant(case.tenant) as session:
            found.append(len(await journal.history(session, case.case_id)))
    return found


async def test_a_caseload_is_rehearsed_and_then_moved_once(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = [await shell.open(on=date(2020, 3, day)) for day in (2, 3, 4)]
    await opened[2].act("request_withdrawn")
    before = await _seqs(opened)
    told = await law_change.rehearsed(shell.database, WESTSHIRE.slug, NAME, date(2020, 5, 1))
    assert {one["case"] for one in told} == {str(case.case_id) for case in opened[:2]}
    assert all(one["relaxes"] and len(one["differences"]) == 3 for one in told)
    assert await law_change.rehearsed(shell.database, NORTHMOOR.slug, NAME) == []
    assert await _seqs(opened) == before
    said: list[str] = []
    assert await law_change.revised(shell.database, shell.engine, WESTSHIRE.slug, NAME, said.append) == 0
    assert all("is not in force on" in line for line in said)
    assert len(said) == 2
    monkeypatch.setattr(law_change, "civil", lambda _: date(2020, 5, 1))  # the day on which it came into force
    assert await law_change.revised(shell.database, shell.engine, WESTSHIRE.slug, NAME, said.append) == 2
    assert await law_change.revised(shell.database, shell.engine, WESTSHIRE.slug, NAME, said.append) == 0
    assert await _seqs(opened) == [before[0] + 1, before[1] + 1, before[2]]
    assert await law_change.rehearsed(shell.database, WESTSHIRE.slug, NAME, date(2020, 5, 1)) == []
    assert datetime.now(UTC).date() > date(2020, 9, 25)


async def test_a_drafted_process_is_rehearsed_for_each_child_and_opened_for_none(shell: Shell) -> None:
    case = await shell.open()
    [told] = await law_change.proposed(shell.database, WESTSHIRE.slug, "individual_support_plan")
    assert told["child"] == str(WESTSHIRE.children[0].id)
    assert told["differences"]
    assert await _seqs([case]) == [1]
    async with shell.database.tenant(WESTSHIRE.slug) as session:
        assert {one.process for one in await cases.list_cases(session, None)} == {"ehc_plan"}
