"""The evaluation counts who opened under a pilot beside who opened under the law alone, and says nothing from which a small number follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from store.evaluation import Column, Evaluation, evaluation
from store.journal import record
from store.session import Database
from tests.seeds import NORTHMOOR, WESTSHIRE, Place
from tests.store.steps import ON, head, step

pytestmark = pytest.mark.stored
STAGES = ("issued", "refused", "no_plan", "withdrawn", "moved_away")
MEDIATION = ("appealed", "claimed", "settled", "not_pursued", "window_closed")


async def lived(
    database: Database, many: int, variant: str = "", *, process: str = "ehc_plan", place: Place = WESTSHIRE, since: date = ON, **more: Any
) -> None:
    """Some cases that opened under a variant; `happened` by days from the beginning, `ended` the stage and the day."""
    happened = {name: (since + timedelta(days=days)).isoformat() for name, days in more.get("happened", {}).items()}
    stage, days = more.get("ended", ("considering", None))
    closed = since + timedelta(days=days) if days is not None else None
    for _ in range(many):
        case_id = uuid4()
        event = {"facts": {}, "flags": {"mediation": variant} if variant else {}}
        state = {"facts": {"received_on": since.isoformat()}, "happened": happened, "flags": {}}  # returned since: the state has no flag
        top = head(place, process=process, stage=stage, opened_on=since, closed_on=closed, state=state)
        async with database.tenant(place.slug) as session:
            assert await record(session, replace(step(case_id, 1, place=place), event=event), top, []) is None
            for n, away in enumerate(more.get("stayed_away", ()), 2):
                missed = replace(step(case_id, n, place=place), name="meeting_missed", event={"facts": {"stayed_away": away}})
                assert await record(session, missed, top, []) is None


async def of(database: Database, process: str = "ehc_plan", variant: str = "strengthened") -> Evaluation | None:
    stages = STAGES if process == "ehc_plan" else MEDIATION
    async with database.tenant(WESTSHIRE.slug) as session:
        return await evaluation(session, process, "mediation", variant, "certificate", stages)


def table(found: Evaluation | None, name: str) -> dict[str, tuple[int | None, int | None]]:
    assert found is not None
    [one] = [one for one in found.tables if one.name == name]
    return {column.name: (column.pilot, column.standard) for column in one.columns}


async def test_without_a_case_under_it_there_is_nothing_to_evaluate(database: Database) -> None:
    await lived(database, 6)
    assert await of(database) is None


async def test_both_groups_are_counted_by_where_they_stand_and_how_long_it_took(database: Database) -> None:
    plan = {"assessment_agreed": 35, "final_plan": 120}
    late = {"assessment_agreed": 50, "final_plan": 170, "appeal_lodged": 200}
    await lived(database, 12, "strengthened", happened=plan, ended=("issued", 120))
    await lived(database, 6, "strengthened", happened=late, ended=("issued", 170))
    await lived(database, 5, happened=plan, ended=("issued", 120))
    await lived(database, 8, "certificate", happened=late, ended=("issued", 170))
    await lived(database, 7, "mandatory", happened=late, ended=("issued", 170))  # another pilot: in neither group
    await lived(database, 9, happened=late, ended=("issued", 170), since=ON + timedelta(days=1))  # opened when nobody opened under it
    await lived(database, 9, "strengthened", place=NORTHMOOR)
    found = await of(database)
    assert found is not None
    assert (found.first, found.last, found.cases) == (ON, ON, Column("cases", 18, 13))
    assert table(found, "outcome")["issued"] == (18, 13)
    assert table(found, "decided") == {"not_yet": (0, 0), "within_6_weeks": (12, 5), "later": (6, 8)}
    assert table(found, "planned") == {"not_yet": (0, 0), "within_20_weeks": (12, 5), "later": (6, 8)}
    assert table(found, "appealed") == {"no": (12, 5), "yes": (6, 8)}
    assert {one.name: (one.pilot, one.standard) for one in found.medians} == {
        "decision": (5.0, 7.0), "plan": (17.0, 24.0), "end": (17.0, 24.0)
    }  # fmt: skip


async def test_mediation_is_counted_with_what_was_agreed_and_whether_the_council_came(database: Database) -> None:
    agreed, held = {"mediation_held": 20, "agreed_to_amend": 21}, {"mediation_held": 20}
    await lived(database, 10, "strengthened", process="mediation_and_appeal", happened=agreed, ended=("settled", 30))
    await lived(database, 6, "strengthened", process="mediation_and_appeal", happened=held, stayed_away=("council", "family"))
    await lived(database, 7, process="mediation_and_appeal", happened=held, stayed_away=("family",))
    await lived(database, 8, process="mediation_and_appeal", stayed_away=("council",), ended=("appealed", 30))
    found = await of(database, "mediation_and_appeal")
    assert table(found, "mediated") == {"not_held": (0, 8), "held": (6, 7), "agreed": (10, 0)}
    assert table(found, "council_stayed_away") == {"no": (10, 7), "yes": (6, 8)}
    assert table(found, "outcome")["settled"] == (10, 0)


async def test_a_small_number_is_hidden_with_another_and_no_table_gives_it_away(database: Database) -> None:
    """Three were refused; the plans that were made within 20 weeks, or later, are as many as were issued."""
    await lived(database, 30, "strengthened", happened={"assessment_agreed": 30, "final_plan": 100}, ended=("issued", 100))
    await lived(database, 3, "strengthened", happened={"assessment_refused": 30}, ended=("refused", 30))
    await lived(database, 20, happened={"assessment_agreed": 30, "final_plan": 100}, ended=("issued", 100))
    await lived(database, 9, happened={"assessment_refused": 30}, ended=("refused", 30))
    found = await of(database)
    outcome, planned = table(found, "outcome"), table(found, "planned")
    assert outcome["refused"] == outcome["issued"] == (None, None)
    assert planned["not_yet"] == planned["within_20_weeks"] == (None, None)
    assert table(found, "appealed") == {"no": (33, 29), "yes": (0, 0)}
    assert found is not None
    assert found.cases == Column("cases", 33, 29)


async def test_of_four_cases_nothing_is_told_but_that_there_were_few(database: Database) -> None:
    await lived(database, 4, "strengthened", ended=("issued", 100))
    await lived(database, 50, ended=("issued", 100))
    found = await of(database)
    assert found is not None
    assert found.cases == Column("cases", None, None)
    assert {value for one in found.tables for column in one.columns for value in (column.pilot, column.standard)} == {None}
    assert [(one.pilot, one.standard) for one in found.medians if one.name == "end"] == [(None, 14.0)]
