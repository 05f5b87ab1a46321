"""Days on which a council is closed count for its own limits alone: the law waits for nobody's holiday."""

from __future__ import annotations

from datetime import date

import pytest

from statute.explain import explain
from statute.overlay import merge
from statute.prove import Certificate, prove
from statute.tenant_overlay import parse_overlay
from statute.types import Faulty
from tests.statute.desk import Desk
from tests.statute.overlays import northmoor
from workflows import library

CLOSED = ["2026-01-08", "2026-01-09"]


def desk(closed: list[object]) -> Desk:
    merged = merge(library.get("ehc_plan", 1), parse_overlay({**northmoor(), "closed_days": closed}))
    return Desk(merged, library.england()).opened()  # received on Tuesday 6 January


def test_the_limit_of_a_task_does_not_count_them_and_says_so() -> None:
    assert desk([]).clock("call_family_in_time").due == date(2026, 1, 13)
    shut = desk(list(CLOSED))
    assert shut.clock("call_family_in_time").due == date(2026, 1, 15)
    assert shut.state is not None
    steps = explain(shut.process, shut.state, "call_family_in_time", shut.days).steps
    assert any("9 January 2026, when the council is closed" in step.say for step in steps)


def test_no_other_date_waits_for_them() -> None:
    everyday, shut = desk([]), desk([f"2026-{month:02}-{day:02}" for month in range(1, 7) for day in range(5, 29)])
    assert everyday.state is not None
    assert shut.state is not None
    moved = {key for key, clock in everyday.state.clocks.items() if shut.state.clocks[key].due != clock.due}
    assert moved == {"call_family_in_time"}


def test_they_are_the_same_in_yaml_and_in_json_and_part_of_the_fingerprint() -> None:
    written, read = ({**northmoor(), "closed_days": days} for days in (["2026-12-29"], [date(2026, 12, 29)]))
    assert parse_overlay(written).digest == parse_overlay(read).digest != parse_overlay(northmoor()).digest


def test_the_proof_holds_with_them() -> None:
    assert isinstance(prove(library.get("ehc_plan", 1), desk(list(CLOSED)).process, library.england()), Certificate)


@pytest.mark.parametrize("wrong", ["2026-13-01", 5, "Christmas", None])
def test_what_is_no_day_is_told(wrong: object) -> None:
    with pytest.raises(Faulty, match="closed_days"):
        parse_overlay({**northmoor(), "closed_days": [wrong]})
