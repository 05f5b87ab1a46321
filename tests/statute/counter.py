"""Counting days a second time, as somebody would on a wall calendar: one square after another, by the text of the rules alone.

It knows nothing of the core. D1 to D14 are the rows of the table of day counting: days are calendar days (D1), "within" leaves the trigger
out (D2), "beginning with" counts it (D3), a month ends on the corresponding date or on the last of the month (D6), nothing rolls unless a
rule says so (D7, D8, D9), a working day is Monday to Friday and no bank holiday (D13), a school day is one on which the school meets (D14).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

DAYS_OF_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def length(year: int, month: int) -> int:
    return 29 if month == 2 and is_leap(year) else DAYS_OF_MONTHS[month - 1]


def tomorrow(day: date) -> date:
    if day.day < length(day.year, day.month):
        return date(day.year, day.month, day.day + 1)
    return date(day.year, day.month + 1, 1) if day.month < 12 else date(day.year + 1, 1, 1)


def yesterday(day: date) -> date:
    if day.day > 1:
        return date(day.year, day.month, day.day - 1)
    year, month = (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
    return date(year, month, length(year, month))


def weekday(day: date) -> int:
    """0 is Monday; Zeller's congruence, so that nothing is borrowed from the calendar under test."""
    month, year = (day.month, day.year) if day.month > 2 else (day.month + 12, day.year - 1)
    return (day.day + 13 * (month + 1) // 5 + year + year // 4 - year // 100 + year // 400 + 5) % 7


def is_working(day: date, holidays: Collection[date]) -> bool:
    return weekday(day) not in (5, 6) and day not in holidays


def within_days(trigger: date, number: int) -> date:
    """The trigger is left out: square one is the day after it."""
    day = trigger
    for _ in range(number):
        day = tomorrow(day)
    return day


def beginning_with(trigger: date, number: int) -> date:
    """The trigger is square one."""
    day, square = trigger, 1
    while square < number:
        day, square = tomorrow(day), square + 1
    return day


def within_months(trigger: date, number: int) -> date:
    """Turn the page `number` times, then look for the same number on it; where there is none, the last of the month."""
    year, month = trigger.year, trigger.month
    for _ in range(number):
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return date(year, month, min(trigger.day, length(year, month)))


def beginning_with_months(trigger: date, number: int) -> date:
    """12 months beginning with 10 March end on 9 March: the day before the corresponding date, or the last of a shorter month."""
    end = within_months(trigger, number)
    return yesterday(end) if end.day == trigger.day else end


def within_counted(trigger: date, number: int, counted: Collection[date]) -> date:
    """Cross out only the days that count (working days, school days); the trigger is left out."""
    day = trigger
    for _ in range(number):
        day = tomorrow(day)
        while day not in counted:
            day = tomorrow(day)
    return day


def beginning_with_counted(trigger: date, number: int, counted: Collection[date]) -> date:
    """The trigger is the first square, if it counts at all."""
    return within_counted(yesterday(trigger), number, counted)


def next_working_day(day: date, holidays: Collection[date]) -> date:
    """HESC r.12(2)."""
    while not is_working(day, holidays):
        day = tomorrow(day)
    return day


def tribunal_vacation(day: date, holidays: Collection[date]) -> date:
    """HESC r.12(3)(a): ending from 25 December to 1 January or in August, in time on the first working day after it.

    It asks where the time ends, not where r.12(2) would move it: Saturday 24 December moves to the first working day after Christmas.
    """
    while day.month == 8 or (day.month == 12 and day.day >= 25) or (day.month == 1 and day.day == 1):
        day = tomorrow(day)
    return next_working_day(day, holidays)
