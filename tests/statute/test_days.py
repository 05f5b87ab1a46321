"""Counting days: against a second counter that shares nothing with the first, on every day there is, in every zone."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from statute.days import LONDON, Days, add_months, civil, midnight
from statute.definition import Span, Unit
from tests.statute import counter
from workflows import library

FIRST, LAST = date(2014, 1, 1), date(2044, 6, 30)
EVERY_DAY = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days)]
DATES = st.dates(FIRST, LAST)
NUMBERS = st.integers(0, 160)


@pytest.fixture(scope="module")
def days() -> Days:
    return library.england()


@pytest.fixture(scope="module")
def working(days: Days) -> frozenset[date]:
    return frozenset(day for day in EVERY_DAY if counter.is_working(day, days.holidays))


@pytest.mark.thorough
def test_the_limits_of_the_law_agree_with_the_second_counter_on_every_day(days: Days) -> None:
    compared = 0
    weeks = {number: 7 * number for number in (1, 2, 4, 6, 14, 16, 20)}
    for start in EVERY_DAY:
        assert days.last_day(start, Span(15, Unit.DAYS), include_trigger=True) == counter.beginning_with(start, 15)
        assert days.last_day(start, Span(2, Unit.MONTHS)) == counter.within_months(start, 2)
        assert days.last_day(start, Span(12, Unit.MONTHS), include_trigger=True) == counter.beginning_with_months(start, 12)
        compared += 3
    for start in EVERY_DAY[:: len(weeks)]:
        for number, squares in weeks.items():
            assert days.last_day(start, Span(number, Unit.WEEKS)) == counter.within_days(start, squares)
            compared += 1
    assert compared > 40_000


@given(DATES, NUMBERS)
def test_days_and_weeks_are_squares_of_the_calendar(start: date, number: int) -> None:
    plain = Days()
    assert plain.last_day(start, Span(number, Unit.DAYS)) == counter.within_days(start, number)
    assert plain.last_day(start, Span(number, Unit.WEEKS)) == counter.within_days(start, 7 * number)
    assert plain.last_day(start, Span(number + 1, Unit.DAYS), include_trigger=True) == counter.beginning_with(start, number + 1)
    assert plain.last_day(start, Span(number + 1, Unit.WEEKS), include_trigger=True) == counter.beginning_with(start, 7 * number + 7)


@given(DATES, st.integers(1, 40))
def test_months_end_on_the_corresponding_date_or_on_the_last_of_the_month(start: date, number: int) -> None:
    plain = Days()
    assert plain.last_day(start, Span(number, Unit.MONTHS)) == counter.within_months(start, number)
    assert plain.last_day(start, Span(number, Unit.MONTHS), include_trigger=True) == counter.beginning_with_months(start, number)
    back = plain.latest_before(start, Span(number, Unit.MONTHS))
    assert counter.within_months(back, number).day <= start.day
    assert counter.within_months(back, number).month == start.month


@given(st.dates(FIRST, date(2044, 1, 1)), st.integers(0, 40))
def test_working_days_are_monday_to_friday_without_bank_holidays(days: Days, working: frozenset[date], start: date, number: int) -> None:
    assert days.last_day(start, Span(number, Unit.WORKING_DAYS)) == counter.within_counted(start, number, working)
    one_more = Span(number + 1, Unit.WORKING_DAYS)
    assert days.last_day(start, one_more, include_trigger=True) == counter.beginning_with_counted(start, number + 1, working)


@given(
    st.dates(date(2026, 1, 12), date(2026, 5, 1)),
    st.integers(0, 12),
    st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), min_size=30, max_size=60),
)
def test_school_days_are_those_on_which_the_school_meets(start: date, number: int, meets: set[date]) -> None:
    own = meets | {date(2026, 1, 1), date(2026, 12, 31)}
    counted = sorted(day for day in own if day > start)[:number]
    assume(len(counted) == number)
    days = Days(school={"hill_school": frozenset(own)})
    expected = counted[-1] if counted else start
    assert days.last_day(start, Span(number, Unit.SCHOOL_DAYS), setting="hill_school") == expected


def test_school_days_of_a_school_whose_calendar_is_unknown_are_not_guessed() -> None:
    days = Days(school={"hill_school": frozenset({date(2026, 1, 5), date(2026, 1, 6)})})
    for setting in ("hill_school", "vale_school", ""):
        with pytest.raises(LookupError, match="not known"):
            days.last_day(date(2026, 1, 5), Span(5, Unit.SCHOOL_DAYS), setting=setting)


@given(DATES)
def test_rolling_moves_to_the_first_day_that_is_in_time_and_never_back(days: Days, day: date) -> None:
    assert days.roll(day, "") == day
    assert days.roll(day, "next_working_day") == counter.next_working_day(day, days.holidays)
    assert days.roll(day, "tribunal_vacation") == counter.tribunal_vacation(day, days.holidays)


@pytest.mark.parametrize(("ends", "last"), [("2016-12-24", "2016-12-28"), ("2022-07-31", "2022-08-01"), ("2026-08-01", "2026-09-01")])
def test_a_time_that_ends_on_a_weekend_before_the_vacation_is_only_moved_past_the_weekend(days: Days, ends: str, last: str) -> None:
    """The strict reading, because it binds the family: a later date than the law's would cost an appeal."""
    assert days.roll(date.fromisoformat(ends), "tribunal_vacation") == date.fromisoformat(last)


@given(DATES, NUMBERS)
def test_a_span_before_a_planned_day_leaves_all_of_it(days: Days, planned: date, number: int) -> None:
    latest = days.latest_before(planned, Span(number, Unit.WEEKS))
    assert counter.within_days(latest, 7 * number) == planned
    worked = days.latest_before(planned, Span(number % 30, Unit.WORKING_DAYS))
    between = [day for day in (worked + timedelta(days=step) for step in range((planned - worked).days)) if days.is_working(day)]
    assert len(between) == number % 30
    assert worked == planned or days.is_working(worked)


@pytest.mark.parametrize(
    ("start", "span", "include", "expected"),
    [
        pytest.param("2026-01-06", Span(6, Unit.WEEKS), False, "2026-02-17", id="scenario 1: six weeks"),
        pytest.param("2026-01-06", Span(16, Unit.WEEKS), False, "2026-04-28", id="scenario 1: sixteen weeks"),
        pytest.param("2026-01-06", Span(20, Unit.WEEKS), False, "2026-05-26", id="scenario 1: twenty weeks, over the change of the clocks"),
        pytest.param("2025-09-01", Span(20, Unit.WEEKS), False, "2026-01-19", id="scenario 3: over the change back"),
        pytest.param("2026-04-28", Span(15, Unit.DAYS), True, "2026-05-12", id="scenario 6: fifteen days beginning with service"),
        pytest.param("2026-05-29", Span(2, Unit.MONTHS), False, "2026-07-29", id="scenario 17: two months"),
        pytest.param("2026-06-20", Span(2, Unit.MONTHS), False, "2026-08-20", id="scenario 19: no August relief for the adviser"),
        pytest.param("2026-07-14", Span(5, Unit.WEEKS), False, "2026-08-18", id="scenario 28: August counts"),
        pytest.param("2025-03-10", Span(12, Unit.MONTHS), True, "2026-03-09", id="scenario 38: twelve months starting with"),
        pytest.param("2026-04-22", Span(3, Unit.MONTHS), True, "2026-07-21", id="scenario 44: three months beginning with"),
        pytest.param("2026-12-31", Span(2, Unit.MONTHS), False, "2027-02-28", id="31 December and two months"),
        pytest.param("2027-12-31", Span(2, Unit.MONTHS), False, "2028-02-29", id="31 December and two months, leap year"),
        pytest.param("2028-02-29", Span(12, Unit.MONTHS), False, "2029-02-28", id="29 February and a year"),
        pytest.param("2028-02-29", Span(12, Unit.MONTHS), True, "2029-02-28", id="a year beginning with 29 February"),
        pytest.param("2028-02-29", Span(48, Unit.MONTHS), True, "2032-02-28", id="four years beginning with 29 February"),
        pytest.param("2026-04-24", Span(2, Unit.WORKING_DAYS), False, "2026-04-28", id="scenario 6: posted on a Friday"),
        pytest.param("2026-04-02", Span(2, Unit.WORKING_DAYS), False, "2026-04-08", id="posted before Easter"),
        pytest.param("2025-12-24", Span(2, Unit.WORKING_DAYS), False, "2025-12-30", id="posted on Christmas Eve"),
        pytest.param("2026-04-25", Span(1, Unit.WORKING_DAYS), True, "2026-04-27", id="a Saturday is not the first working day"),
    ],
)
def test_it_counts_as_the_reference_says(days: Days, start: str, span: Span, include: bool, expected: str) -> None:
    assert days.last_day(date.fromisoformat(start), span, include_trigger=include) == date.fromisoformat(expected)


@pytest.mark.parametrize(
    ("rule", "ends", "expected"),
    [
        pytest.param("tribunal_vacation", "2025-12-31", "2026-01-02", id="scenario 20: decision sent on 31 October 2025"),
        pytest.param("tribunal_vacation", "2026-02-28", "2026-03-02", id="scenario 22: a Saturday"),
        pytest.param("tribunal_vacation", "2026-08-20", "2026-09-01", id="scenario 19: in August"),
        pytest.param("tribunal_vacation", "2026-08-31", "2026-09-01", id="the last day of August, a bank holiday"),
        pytest.param("tribunal_vacation", "2026-07-31", "2026-07-31", id="the day before the vacation"),
        pytest.param("tribunal_vacation", "2026-12-24", "2026-12-24", id="Christmas Eve is a working day"),
        pytest.param("tribunal_vacation", "2026-12-25", "2027-01-04", id="2 January 2027 is a Saturday"),
        pytest.param("tribunal_vacation", "2028-01-01", "2028-01-04", id="3 January 2028 is a substitute day"),
        pytest.param("tribunal_vacation", "2030-08-31", "2030-09-02", id="1 September 2030 is a Sunday"),
        pytest.param("next_working_day", "2026-09-13", "2026-09-14", id="Ex 2: 13 September 2026 is a Sunday"),
        pytest.param("next_working_day", "2025-12-13", "2025-12-15", id="Ex 3: 13 December 2025 is a Saturday"),
        pytest.param("next_working_day", "2026-12-25", "2026-12-29", id="Christmas, Boxing Day on Saturday, Sunday, the substitute day"),
        pytest.param("", "2026-05-25", "2026-05-25", id="the SEND Regulations roll nothing"),
    ],
)
def test_it_rolls_as_the_reference_says(days: Days, rule: str, ends: str, expected: str) -> None:
    assert days.roll(date.fromisoformat(ends), rule) == date.fromisoformat(expected)


def test_the_two_months_of_an_appeal_and_their_rolling_work_together(days: Days) -> None:
    sent = date(2025, 10, 31)
    last = days.last_day(sent, Span(2, Unit.MONTHS))
    assert days.roll(last, "tribunal_vacation") == date(2026, 1, 2)  # scenario 20
    certificate = days.last_day(date(2026, 1, 31), Span(1, Unit.MONTHS))
    assert certificate == date(2026, 2, 28)
    assert days.roll(certificate, "tribunal_vacation") == date(2026, 3, 2)  # scenario 22


@given(DATES)
def test_a_civil_day_begins_at_its_own_midnight_in_london(day: date) -> None:
    begins, ends = midnight(day), midnight(counter.tomorrow(day))
    assert begins.utcoffset() == timedelta(0)
    assert civil(begins) == day
    assert civil(begins - timedelta(microseconds=1)) == counter.yesterday(day)
    assert civil(ends - timedelta(microseconds=1)) == day
    assert begins.astimezone(LONDON).time() == time(0)


def test_the_days_on_which_the_clocks_change_have_23_and_25_hours() -> None:
    short, long = [], []
    for year in range(2014, 2044):
        for start in (date(year, month, 1) for month in range(1, 13)):
            for day in (start + timedelta(days=number) for number in range(counter.length(start.year, start.month))):
                hours = (midnight(counter.tomorrow(day)) - midnight(day)) / timedelta(hours=1)
                if hours == 23:
                    short.append(day)
                elif hours == 25:
                    long.append(day)
                else:
                    assert hours == 24, day
    assert [(day.month, counter.weekday(day)) for day in short] == [(3, 6)] * 30
    assert [(day.month, counter.weekday(day)) for day in long] == [(10, 6)] * 30
    assert all(day.day > 24 for day in (*short, *long)), "the last Sundays"


def test_a_summer_night_belongs_to_the_day_that_people_call_it() -> None:
    assert civil(datetime(2026, 6, 30, 22, 59, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert civil(datetime(2026, 6, 30, 23, 0, tzinfo=UTC)) == date(2026, 7, 1)
    assert civil(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC)) == date(2026, 12, 31)


def test_the_corresponding_date_is_told_apart_from_the_last_of_the_month() -> None:
    assert add_months(date(2026, 1, 31), 1) == (date(2026, 2, 28), False)
    assert add_months(date(2026, 1, 28), 1) == (date(2026, 2, 28), True)
    assert add_months(date(2026, 1, 31), -2) == (date(2025, 11, 30), False)
    assert add_months(date(2026, 12, 15), 1) == (date(2027, 1, 15), True)


def test_a_calendar_with_one_more_bank_holiday_is_another_calendar(days: Days) -> None:
    more = Days(days.holidays | {date(2026, 6, 15)})
    assert more.digest != days.digest
    assert Days(frozenset(sorted(days.holidays))).digest == days.digest
    assert Days(days.holidays, {"hill_school": frozenset({date(2026, 1, 5)})}).digest != days.digest
    assert more.last_day(date(2026, 6, 12), Span(1, Unit.WORKING_DAYS)) == date(2026, 6, 16)


ZONES_PLAY = """
from datetime import UTC, date, datetime, timedelta
from statute.advance import advance
from statute.clocks import next_wake
from statute.days import Days, civil, midnight
from statute.types import Event, Kind
from workflows.library import england, get
process, state = get("ehc_plan", 1), None
for number, (on, kind, name, how) in enumerate([
    (date(2026, 3, 28), Kind.OPENED, "request_received", ""),
    (date(2026, 3, 29), Kind.DONE, "consult_family", ""),
    (date(2026, 5, 9), Kind.TIME_PASSED, "", ""),
    (date(2026, 5, 10), Kind.TIME_PASSED, "", ""),
]):
    facts = {"received_on": "2026-03-28", "requested_by": "parent"} if number == 0 else {}
    at = datetime(on.year, on.month, on.day, 0, 30, tzinfo=UTC) + timedelta(hours=number)
    event = Event(kind=kind, name=name, on=on, at=at, key=str(number), capacity="local_authority", facts=facts)
    state = advance(process, state, event, england()).state
    print(next_wake(process, state).isoformat(), sorted((name, str(clock)) for name, clock in state.clocks.items()))
print([midnight(date(2026, month, 29)).isoformat() for month in (1, 3, 10)], civil(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)))
"""


@pytest.mark.thorough
def test_the_server_s_zone_changes_nothing() -> None:
    told = {
        zone: subprocess.Popen(
            [sys.executable, "-c", ZONES_PLAY],
            env={**os.environ, "TZ": zone},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for zone in ("UTC", "Pacific/Auckland", "America/Los_Angeles")
    }
    answers = {zone: process.communicate() for zone, process in told.items()}
    for zone, (out, err) in answers.items():
        assert out.count("\n") == 5, (zone, err)
        assert out == answers["UTC"][0], zone
