"""The limits as the law lists them, the rules that keep them, and the days on which they are tried.

`limits.yaml` beside this file is the list that came with the project, word for word.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from bootstrap.limit_pages import Rule, kept_limits, rule_of
from statute.definition import Deadline, Process
from tests.law.second_clock import Terms, bank_holidays, easter
from workflows import library

LIST = Path(__file__).with_name("limits.yaml")
NIGHTLY = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
FIRST, LAST = date(2014, 1, 1), date(2044, 12, 31)
YEARS = range(FIRST.year, LAST.year + 1)
ONCE = (date(2020, 5, 4), date(2020, 5, 8), date(2022, 5, 30), date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8))
HALF_TERMS = (((9, 2), (10, 23)), ((11, 2), (12, 18)), ((1, 4), (2, 12)), ((2, 22), (3, 31)), ((4, 15), (5, 23)), ((6, 1), (7, 21)))


# Limits that hold in more places than the one that the map names: a deadline, and the limit that it keeps as well.
ALSO = {
    "annual_review.settings_answer": "ehc.setting_response",
    "plan_amendment.settings_answer": "ehc.setting_response",
    "phase_transfer.settings_answer": "ehc.setting_response",
    "reassessment.settings_answer": "ehc.setting_response",
    "order_compliance.settings_answer": "ehc.setting_response",
    "conceded_appeal.settings_answer": "ehc.setting_response",
    "order_compliance.family_window": "ehc.draft_window",
    "conceded_appeal.family_window": "ehc.draft_window",
    "plan_amendment.family_window": "ar.amend_window",
    "phase_transfer.family_window": "ar.amend_window",
    "reassessment.family_window": "ar.amend_window",
    "phase_transfer.proposals_settled": "ar.final_amended",
    "reassessment.advice_from_partners": "ehc.advice_s31_bodies",
    "reassessment.advice_by_guidance": "ehc.advice_schools",
    "reassessment.final_plan_of_own_motion": "reassess.final",
    "ceasing.appeal_after_certificate": "trib.lodge_certificate",
    "order_compliance.agreement_kept_by_health": "med.agreement_other",
    "recommendations.care_copy_due": "rec.copy_sos",
    "suspension.governors_meet": "ap.governors_15",
    "social_care_complaint.ombudsman_in_time": "comp.lgsco",
    "social_care_complaint.court_in_time": "comp.judicial_review",
}
# What the list says in other words than the law that it cites; the second clock reads it so.
READ_AS: dict[str, dict[str, Any]] = {
    # s.45(4) keeps the plan until the time to appeal is over, and that is reckoned by HESC Rules r.12: "2 months" alone would end it sooner
    "cease.keep_until": {"count": "exclude_trigger_day+hesc_rule_12_start_rule"},
}


@dataclass(frozen=True)
class Kept:
    """A limit of the list, and a rule that keeps it in the newest version of its process."""

    limit: Mapping[str, Any]
    process: Process
    rule: Rule
    also: bool = False

    @property
    def name(self) -> str:
        return f"{self.limit['id']} in {self.process.name}" if self.also else str(self.limit["id"])

    @property
    def where(self) -> str:
        return f"{self.process.name}.{self.rule.name}"

    @property
    def deadline(self) -> Deadline:
        assert isinstance(self.rule, Deadline), f"{self.name} is kept by no deadline"
        return self.rule


@cache
def limits() -> dict[str, Mapping[str, Any]]:
    """Every limit of the list by its id, in its order."""
    listed = library.read_yaml(LIST.read_text("utf-8"))["limits"]
    return {limit["id"]: limit for limit in listed}


@cache
def newest(name: str) -> Process:
    return library.get(name, max(version for known, version in library.files() if known == name))


@cache
def kept() -> tuple[Kept, ...]:
    """Every limit that is kept, with what keeps it, and then in which other places."""
    found = []
    for name, told in kept_limits().items():
        if not told.why:
            process = newest(told.process)
            found.append(Kept(limits()[name], process, rule_of(process, told.rule)))
    for where, name in ALSO.items():
        process = newest(where.partition(".")[0])
        found.append(Kept(limits()[name], process, rule_of(process, where.partition(".")[2]), also=True))
    return tuple(found)


def _around(day: date, before: int, after: int) -> Iterator[date]:
    return (day + timedelta(days=number) for number in range(-before, after + 1))


def _from_to(first: date, last: date) -> Iterator[date]:
    return _around(first, 0, (last - first).days)


def _edges() -> Iterator[date]:
    for year in YEARS:
        for month in range(1, 13):
            yield from _around(date(year, month, 1), 1, 0)
        for month in (3, 10):  # the nights of 23 and of 25 hours
            sunday = max(day for day in _from_to(date(year, month, 25), date(year, month, 31)) if day.weekday() == 6)
            yield from _around(sunday, 1, 1)
        yield from _around(date(year, 3, 1), 2, 0)  # 28 and 29 February
        yield from _around(easter(year), 9, 9)
        yield from _from_to(date(year, 7, 17), date(year, 9, 30))
        yield from _from_to(date(year, 12, 20), date(year, 12, 31))
        yield from _from_to(date(year, 1, 1), date(year, 1, 5))
        for day in bank_holidays(year):
            yield from _around(day, 1, 1)
    for day in ONCE:
        yield from _around(day, 14, 14)


@cache
def edges() -> tuple[date, ...]:
    """The days on which counting goes wrong where it goes wrong."""
    return tuple(sorted({day for day in _edges() if FIRST <= day <= LAST}))


def some_triggers(name: str, number: int) -> set[date]:
    """Days on which to try something, two of three on an edge: the same in every run."""
    chance = Random(name)
    return {*_any_days(chance, number // 3), *chance.sample(edges(), number - number // 3)}


def all_triggers() -> set[date]:
    """Every edge there is, and a thousand other days, each time new ones."""
    return {*edges(), *_any_days(Random(), 1000)}


def _any_days(chance: Random, number: int) -> Iterator[date]:
    return (FIRST + timedelta(days=chance.randrange((LAST - FIRST).days + 1)) for _ in range(number))


@cache
def school_years(year: int) -> Terms:
    """A made-up school, from the autumn of the year before to the summer after the next; it closes on other days each year."""
    spans: list[tuple[date, date]] = []
    closed: set[date] = set()
    for begins in range(year - 1, year + 2):
        chance = Random(begins)
        for (first_month, first_day), (last_month, last_day) in HALF_TERMS:
            first = date(begins + (first_month < 9), first_month, first_day) + timedelta(days=chance.randrange(3))
            last = date(begins + (last_month < 9), last_month, last_day) - timedelta(days=chance.randrange(3))
            spans.append((first, last))
            closed.add(first + timedelta(days=chance.randrange(20)))
    return Terms(tuple(spans), frozenset(closed))


def written(terms: Terms) -> tuple[str, ...]:
    """The year of a school as a case is told it."""
    return (*(f"{first}/{last}" for first, last in terms.spans), *(f"-{day}" for day in sorted(terms.closed)))
