"""The differential: the clock of each definition against a second one that shares no code with it, on every kind of day there is.

By day a few thousand triggers, by night (HYPOTHESIS_PROFILE=nightly) all edges of thirty years for each limit and a thousand other days.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from statute.definition import Condition, Deadline, Sense, Span, Unit
from tests.law.first_clock import by_advance, by_condition, by_deadline, first_clock, holds, opened, triggers_of
from tests.law.listed import LAST, NIGHTLY, READ_AS, Kept, all_triggers, kept, limits, newest, school_years, some_triggers
from tests.law.second_clock import answer, end_of_school_year

LEAST = 100_000 if NIGHTLY else 2_000
TRIED = [one for one in kept() if isinstance(one.rule, Deadline | Condition)]
WITHOUT_AUGUST = {Unit.TRIBUNAL_DAYS: Unit.DAYS, Unit.TRIBUNAL_WORKING_DAYS: Unit.WORKING_DAYS}
NEVER_ROLLS = (Unit.SCHOOL_DAYS, Unit.TRIBUNAL_WORKING_DAYS)  # these end on a day that is open

EXTENSIONS = {  # the deadline that an extension counts from, and the longer one -> the limit, and the number of its exemption
    ("council_complaint", "stage_one_answered", "stage_one_longest"): ("comp.la_stage1", 20),
    ("council_complaint", "stage_two_answered", "stage_two_longest"): ("comp.la_stage2", 40),
    ("social_care_complaint", "stage_one_answered", "stage_one_longest"): ("comp.social_stage1", 20),
    ("social_care_complaint", "stage_two_answered", "stage_two_longest"): ("comp.social_stage2", 65),
}

Clock = Callable[[Kept, date], date | None]


def second_clock(one: Kept, trigger: date) -> date | None:
    return answer({**one.limit, **READ_AS.get(one.limit["id"], {})}, trigger, school_years(trigger.year))


MEASURED = [one for one in TRIED if second_clock(one, date(2026, 3, 10))]


def differences(one: Kept, triggers: Iterable[date], first: Clock = first_clock) -> Iterator[str]:
    """Where the two clocks of a limit disagree, in words. Days after the end of the first clock's calendar are left out."""
    for trigger in triggers:
        wanted = second_clock(one, trigger)
        if wanted is None or wanted > LAST:
            continue
        told = first(one, trigger)
        if told != wanted:
            yield f"{one.name} from {trigger:%a %d %b %Y}: {one.where} says {told}, the law {wanted}"


@pytest.mark.thorough
def test_the_clock_of_every_definition_is_the_second_clock_on_every_kind_of_day(capsys: pytest.CaptureFixture[str]) -> None:
    began, number, found = time.perf_counter(), 0, []
    for one in MEASURED:
        triggers = all_triggers() if NIGHTLY else some_triggers(one.name, 48)
        number += len(triggers)
        found += list(differences(one, triggers))
    with capsys.disabled() if NIGHTLY else nullcontext():
        print(f"\n  two clocks: {len(MEASURED)} limits, {number:,} triggers, {time.perf_counter() - began:.1f} seconds")  # noqa: T201
    assert not found, f"{len(found)} differences\n" + "\n".join(found[:40])
    assert number >= LEAST


def test_a_real_case_has_the_same_clock() -> None:
    played, found = set(), []
    for one in MEASURED:
        if not isinstance(one.rule, Deadline):
            continue
        for trigger in sorted(some_triggers(f"{one.name} played", 6)):
            told = by_advance(one, trigger)
            if told is not None:
                played.add(one.name)
                found += list(differences(one, [trigger], lambda one, trigger, told=told: told))
    assert not found, "\n".join(found)
    assert len(played) >= 40


def test_of_two_limits_the_later_one_counts() -> None:
    """Of the move and of the appeal the law says: whichever is later. The first clock is asked with both triggers, the second one twice."""
    pairs = [(one, other) for one in MEASURED for other in MEASURED if one.name < other.name and one.where == other.where and _later(one)]
    assert pairs
    for one, other in pairs:
        for trigger in some_triggers(f"{one.name} {other.name}", 40):
            second = trigger + timedelta(days=Random(str(trigger)).randrange(-60, 60))
            wanted = max(second_clock(one, trigger) or LAST, second_clock(other, second) or LAST)
            if wanted < LAST:
                told = by_deadline(one.process, one.deadline, {triggers_of(one)[0]: trigger, triggers_of(other)[0]: second})
                assert told == wanted, (one.where, trigger, second)


def _later(one: Kept) -> bool:
    return isinstance(one.rule, Deadline) and one.rule.sense is Sense.LATEST_OF


def test_a_plan_goes_on_the_day_of_the_move_if_the_council_knew_in_time() -> None:
    """SEND reg 15(2) in its own words: on the day, or if it did not know 15 working days before, within 15 beginning with the day it knew."""
    deadline, late = newest("plan_transfer").deadlines["plan_transferred"], limits()["move.transfer_late"]
    in_time = {**late, "sense": "at_least_before", "count": "exclude_trigger_day"}
    for moves in some_triggers("moves", 200):
        aware = moves - timedelta(days=Random(str(moves)).randrange(15, 30))
        knew = aware <= (answer(in_time, moves) or LAST)
        told = by_deadline(newest("plan_transfer"), deadline, {"moves_on": moves, "aware_on": aware})
        assert told == (moves if knew else answer(late, aware)), (moves, aware)


def test_an_extension_ends_where_the_list_says() -> None:
    for (process, name, longest), (limit, number) in EXTENSIONS.items():
        deadline = newest(process).deadlines[longest]
        for trigger in some_triggers(longest, 30):
            first = answer(limits()[limit], trigger)
            wanted = answer({**limits()[limit], "max": number}, trigger)
            if first and wanted and wanted <= LAST:
                assert by_deadline(newest(process), deadline, {name: first}) == wanted, (process, longest, trigger)


def test_a_cap_is_a_sum_that_may_be_reached_and_not_passed() -> None:
    caps = [one for one in TRIED if isinstance(one.rule, Condition) and one.rule.at_most is not None]
    assert [one.limit["sense"] for one in caps] == ["cap"]
    for one in caps:
        assert isinstance(one.rule, Condition)
        for over in (-1, 0, 1):
            assert holds(one.process, one.rule, one.limit["max"] + over, date(2026, 3, 10)) is (over <= 0)


def test_a_child_s_next_transfer_has_the_limit_of_its_year() -> None:
    """From the date of birth alone: the school years in which a child turns 4, 11 and 16 end before a transfer (SEND reg 18)."""
    process, tried = newest("phase_transfer"), 0
    for born in some_triggers("born", 120):
        today = born + timedelta(days=Random(str(born)).randrange(365 * 3, 365 * 16))
        ends = [(age, end_of_school_year(born, age)) for age in (4, 11, 16)]
        days = [answer(limits()["phase.post16" if age == 16 else "phase.other"], end) for age, end in ends]
        ahead = [day for day in days if day and day + timedelta(days=1) > today]
        state = opened(process, process.acts["transfer_ahead"], {"born_on": born.isoformat()}, today)
        clock = state.clocks.get("amended_before_limit") if state else None
        assert (clock.due if clock else None) == min(ahead, default=None), (born, today)
        tried += bool(ahead)
    assert tried > 50


def planted(deadline: Deadline) -> Iterator[tuple[str, Deadline]]:
    """The deadline with one word of it wrong, so that it would give other dates."""
    for days in (1, -1):
        if all(span is None or span.number + days >= 0 for span, _ in deadline.spans):
            yield f"{days} day", replace(deadline, spans=tuple((_off(span, days), name) for span, name in deadline.spans))
    if deadline.sense not in (Sense.BEFORE, Sense.BY):
        yield "the trigger counts, or does not", replace(deadline, include_trigger=not deadline.include_trigger)
    if any(span and span.unit in WITHOUT_AUGUST for span, _ in deadline.spans):
        spans = tuple((span and replace(span, unit=WITHOUT_AUGUST.get(span.unit, span.unit)), name) for span, name in deadline.spans)
        yield "August is counted", replace(deadline, spans=spans)
    if not any(span and span.unit in NEVER_ROLLS for span, _ in deadline.spans):
        yield "it rolls, or does not", replace(deadline, rolls="" if deadline.rolls else "tribunal_vacation")


def _off(span: Span | None, days: int) -> Span | None:
    if span is None or span.unit is not Unit.WEEKS:
        return span and replace(span, number=span.number + days)
    return Span(span.number * 7 + days, Unit.DAYS)


@pytest.mark.parametrize("one", MEASURED, ids=lambda one: one.name)
def test_one_wrong_word_in_a_definition_is_noticed(one: Kept) -> None:
    triggers = sorted(some_triggers(f"{one.name} planted", 60))
    if isinstance(one.rule, Condition):
        wrong = replace(one.rule, within=_off(one.rule.within, 1))
        assert next(differences(one, triggers, lambda one, trigger: by_condition(one.process, wrong, trigger)), None)
        return
    name = triggers_of(one)[0]
    for word, deadline in planted(one.deadline):
        found = differences(one, triggers, lambda one, trigger, deadline=deadline: by_deadline(one.process, deadline, {name: trigger}))
        assert next(found, None), f"{one.name}: {word}, and nobody notices"


def test_a_wrong_word_in_the_list_is_noticed() -> None:
    one = next(one for one in MEASURED if one.name == "ehc.decide_assess")
    for wrong in ({"max": 7}, {"unit": "months"}, {"count": "include_trigger_day"}, {"sense": "at_least_before"}):
        assert next(differences(replace(one, limit={**one.limit, **wrong}), some_triggers("wrong", 20)), None), wrong
