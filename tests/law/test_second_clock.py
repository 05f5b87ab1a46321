"""The second clock is a second one, and can be trusted: it borrows nothing, knows England's holidays, and gives the dates of the reference."""

from __future__ import annotations

import ast
import sys
from datetime import date
from pathlib import Path

import holidays
import pytest

from tests.law import second_clock
from tests.law.listed import YEARS, limits, school_years
from tests.law.second_clock import NO_TERMS, Terms, Unknowable, answer, answers, bank_holidays

ALLOWED = {"__future__", "collections", "dataclasses", "datetime", "functools"}
# limit, trigger, expected: the dated scenarios of section 11 and the worked examples of section 1.5
TOLD = [
    ("ehc.decide_assess", "2026-01-06", "2026-02-17", "scenario 1"),
    ("ehc.no_plan_notice", "2026-01-06", "2026-04-28", "scenarios 1 and 15"),
    ("ehc.final_plan", "2026-01-06", "2026-05-26", "scenario 1: the day after a bank holiday"),
    ("ehc.final_plan", "2025-09-01", "2026-01-19", "scenario 3"),
    ("ehc.draft_window", "2026-04-28", "2026-05-12", "scenario 6"),
    ("trib.lodge_decision", "2026-05-29", "2026-07-29", "scenario 17"),
    ("med.contact_adviser", "2026-06-20", "2026-08-20", "scenario 19: no relief in August"),
    ("trib.lodge_decision", "2026-06-20", "2026-09-01", "scenario 19"),
    ("trib.lodge_decision", "2025-10-31", "2026-01-02", "scenario 20"),
    ("trib.lodge_certificate", "2026-01-31", "2026-03-02", "scenario 22: a Saturday"),
    ("trib.lodge_decision", "2026-07-13", "2026-09-14", "example 2: a Sunday"),
    ("trib.lodge_decision", "2025-10-13", "2025-12-15", "example 3: a Saturday"),
    ("trib.la_response", "2026-07-06", "2026-09-15", "scenario 26: not 17 August"),
    ("order.amend_provision", "2026-07-14", "2026-08-18", "scenario 28: August counts"),
    ("order.assess_notify", "2026-03-10", "2026-03-24", "scenario 30"),
    ("order.assess_no_plan", "2026-03-10", "2026-05-19", "scenario 30"),
    ("order.assess_final_plan", "2026-03-10", "2026-06-16", "scenario 30"),
    ("order.make_plan_draft", "2026-03-10", "2026-04-14", "scenario 31"),
    ("order.make_plan_final", "2026-03-10", "2026-05-26", "scenario 31"),
    ("ar.meeting_notice", "2026-01-20", "2026-01-06", "scenario 35"),
    ("ar.circulate_advice", "2026-01-20", "2026-01-06", "scenario 35"),
    ("ar.report", "2026-01-20", "2026-02-03", "scenario 35"),
    ("ar.decision", "2026-01-20", "2026-02-17", "scenario 35"),
    ("ar.final_amended", "2026-02-17", "2026-04-14", "scenario 35"),
    ("ar.overall", "2026-01-20", "2026-04-14", "scenario 35"),
    ("ar.cycle", "2025-03-10", "2026-03-09", "scenario 38"),
    ("phase.other", "2026-09-01", "2026-02-14", "scenario 40"),
    ("phase.post16", "2026-09-01", "2026-03-30", "scenario 41"),
    ("phase.between_post16", "2026-09-01", "2026-04-01", "scenario 42"),
    ("move.inform", "2026-04-22", "2026-06-03", "scenario 44"),
    ("move.review_12m", "2025-10-01", "2026-09-30", "scenario 44"),
    ("move.review_3m", "2026-04-22", "2026-07-21", "scenario 44"),
    ("cease.keep_until", "2026-05-01", "2026-07-01", "scenario 48"),
    ("rec.rcb_response", "2026-03-10", "2026-04-14", "scenario 55"),
]


def imported(text: str) -> set[str]:
    """The first part of every name that a module imports, however it does."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or "").partition(".")[0])
        elif isinstance(node, ast.Name) and node.id in {"__import__", "eval", "exec"}:
            found.add(node.id)
    return found


def test_the_second_clock_borrows_nothing_from_the_first_nor_from_a_calendar() -> None:
    assert imported(Path(str(second_clock.__file__)).read_text("utf-8")) <= ALLOWED
    assert set(ALLOWED) <= sys.stdlib_module_names


def test_a_second_clock_that_borrows_would_be_noticed() -> None:
    for text in ("from statute.days import Days", "import statute.clocks", "from . import listed", "import calendar", "__import__('x')"):
        assert not imported(text) <= ALLOWED


@pytest.mark.parametrize("year", YEARS)
def test_its_bank_holidays_are_those_of_a_library_that_computes_them(year: int) -> None:
    assert bank_holidays(year) == set(holidays.country_holidays("GB", subdiv="ENG", years=year))


@pytest.mark.parametrize(("limit", "trigger", "expected"), [pytest.param(*told[:3], id=f"{told[0]}, {told[3]}") for told in TOLD])
def test_it_gives_the_dates_of_the_reference(limit: str, trigger: str, expected: str) -> None:
    assert answer(limits()[limit], date.fromisoformat(trigger)) == date.fromisoformat(expected)


def test_every_limit_of_the_list_has_an_answer_or_no_number() -> None:
    day = date(2026, 3, 10)
    silent = {name for name, told in answers(limits().values(), day, school_years(2026)).items() if told is None}
    unmeasured = {name for name, limit in limits().items() if limit["max"] is None and limit["unit"] != "end_of_academic_year"}
    assert silent == unmeasured | {"ap.suspension_cap"}


@pytest.mark.parametrize("wrong", [{"unit": "fortnights"}, {"sense": "perhaps"}, {"count": "backwards"}, {"max": "six"}])
def test_what_it_does_not_understand_it_does_not_guess(wrong: dict[str, object]) -> None:
    with pytest.raises((ValueError, KeyError)):
        answer({**limits()["med.arrange_la"], **wrong}, date(2026, 3, 10))


def test_a_school_s_days_are_not_guessed_beyond_what_it_told() -> None:
    limit = limits()["ap.pex_day6"]
    week = Terms(((date(2026, 3, 2), date(2026, 3, 13)),), frozenset({date(2026, 3, 4)}))
    assert answer(limit, date(2026, 3, 2), week) == date(2026, 3, 10)
    for trigger, terms in ((date(2026, 3, 11), week), (date(2026, 2, 27), week), (date(2026, 3, 2), NO_TERMS)):
        with pytest.raises(Unknowable):
            answer(limit, trigger, terms)
