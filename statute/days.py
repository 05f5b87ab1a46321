"""Counting days as the law counts them: on civil dates, never in seconds, with the calendar as an argument.

The readings D1 to D14 (calendar days, the trigger day in or out, the corresponding date, working days, roll rules) are those of
docs/decisions/0003-counting-days.md. A unit is never converted into another.
"""

from __future__ import annotations

import calendar as gregorian
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from statute.definition import Span, Unit

LONDON = ZoneInfo("Europe/London")
ONE_DAY = timedelta(days=1)
LONGEST_TERM = timedelta(days=400)


class UnknownDays(LookupError):  # noqa: N818 - it says what is so, not that something broke
    """A day cannot be counted: nobody told the school days of the setting around it."""


@lru_cache(maxsize=8192)
def midnight(day: date) -> datetime:
    """The instant, in UTC, at which a civil day begins in London: 23:00 the day before in summer."""
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def civil(at: datetime) -> date:
    """The civil date in London at an instant. `at` must be aware."""
    return at.astimezone(LONDON).date()


def in_vacation(day: date) -> bool:
    """August, and 25 December to 1 January: days that do not count in a SEND case at the tribunal (HESC Rules 2008 r.12(3))."""
    return day.month == 8 or (day.month, day.day) >= (12, 25) or (day.month, day.day) == (1, 1)


def add_months(day: date, months: int) -> tuple[date, bool]:
    """The corresponding date, and whether it exists: 31 January + 1 month is 28 February, which does not correspond."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = gregorian.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)), day.day <= last


@dataclass(frozen=True)
class Days:
    """A calendar: England's bank holidays, and each setting's own school days. Frozen and fingerprinted: a case pins it."""

    holidays: frozenset[date] = frozenset()
    school: Mapping[str, frozenset[date]] = field(default_factory=dict)

    @cached_property
    def digest(self) -> str:
        """Twelve hexadecimal digits that change with any day of the calendar."""
        lines = [day.isoformat() for day in sorted(self.holidays)]
        lines += [f"{name} {day.isoformat()}" for name in sorted(self.school) for day in sorted(self.school[name])]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:12]

    def is_working(self, day: date) -> bool:
        """Monday to Friday, and no bank holiday in England."""
        return day.weekday() < 5 and day not in self.holidays

    def last_day(self, trigger: date, span: Span, *, include_trigger: bool = False, setting: str = "") -> date:
        """The last day of a period of `span` that the trigger opens: itself day 1, or the day after it.

        6 weeks from Tuesday 6 January 2026, the trigger excluded: Tuesday 17 February. 15 days beginning with 28 April: 12 May.

        Raises:
            UnknownDays: a number of school days for a setting whose calendar is not known.
        """
        if span.unit is Unit.DAYS or span.unit is Unit.WEEKS:
            count = span.number * (7 if span.unit is Unit.WEEKS else 1)
            return trigger + timedelta(days=count - include_trigger)
        if span.unit is Unit.MONTHS:
            day, corresponds = add_months(trigger, span.number)
            # A period that begins with the 29th of February ends on the 28th a year later: there is no day to step back from.
            return day - ONE_DAY if include_trigger and corresponds else day
        return self._count(trigger, span, include_trigger=include_trigger, setting=setting)

    def latest_before(self, planned: date, span: Span, *, setting: str = "") -> date:
        """The last day that leaves a full span before a planned day: 2 weeks before Tuesday 20 January is 6 January."""
        if span.unit is Unit.DAYS or span.unit is Unit.WEEKS:
            return planned - timedelta(days=span.number * (7 if span.unit is Unit.WEEKS else 1))
        if span.unit is Unit.MONTHS:
            return add_months(planned, -span.number)[0]
        day, left = planned, span.number
        while left:
            day -= ONE_DAY
            left -= self._counts(day, span.unit, setting)
        return day

    def roll(self, day: date, rule: str) -> date:
        """Move a last day as a named rule says. No rule (the SEND Regulations have none): the day stays, even on a Sunday.

        `next_working_day`: HESC Rules 2008 r.12(2). `tribunal_vacation`: r.12(3)(a), a start that ends in August or from
        25 December to 1 January is in time on the first working day after. `previous_working_day`: for a target before a limit that
        the law does not move.
        """
        if not rule:
            return day
        while rule == "tribunal_vacation" and in_vacation(day):
            day += ONE_DAY
        while not self.is_working(day):
            day += -ONE_DAY if rule == "previous_working_day" else ONE_DAY
        return day

    def closing(self, closed: frozenset[date]) -> Days:
        """The same calendar with days on which a council is closed: for limits of its own alone, which count in working days."""
        return replace(self, holidays=self.holidays | closed) if closed else self

    def meeting(self, terms: Mapping[str, tuple[str, ...]]) -> Days:
        """The same calendar with the school days of settings: of each, its terms (`2026-09-02/2026-10-23`) and the days in them on
        which it is closed (`-2026-09-14`). A school day is one from Monday to Friday in a term, neither closed nor a bank holiday.

        Raises:
            ValueError: a term is not written so.
        """
        return replace(self, school={**self.school, **{name: self._school_days(told) for name, told in terms.items()}}) if terms else self

    def _school_days(self, told: tuple[str, ...]) -> frozenset[date]:
        found: set[date] = set()
        closed = {date.fromisoformat(text[1:]) for text in told if text.startswith("-")}
        for text in told:
            if not text.startswith("-"):
                first, last = (date.fromisoformat(part) for part in text.split("/"))
                if not timedelta() <= last - first <= LONGEST_TERM:
                    raise ValueError(text)
                found.update(day for n in range((last - first).days + 1) if self.is_working(day := first + n * ONE_DAY))
        return frozenset(found - closed)

    def _count(self, trigger: date, span: Span, *, include_trigger: bool, setting: str) -> date:
        day, left = trigger, span.number
        if include_trigger and self._counts(day, span.unit, setting):
            left -= 1
        while left > 0:
            day += ONE_DAY
            left -= self._counts(day, span.unit, setting)
        return day

    def _counts(self, day: date, unit: Unit, setting: str) -> bool:
        if unit is Unit.WORKING_DAYS:
            return self.is_working(day)
        if unit is Unit.TRIBUNAL_WORKING_DAYS:
            return self.is_working(day) and not in_vacation(day)
        if unit is Unit.TRIBUNAL_DAYS:
            return not in_vacation(day)
        meets = self.school.get(setting)
        if not meets or not min(meets) <= day <= max(meets):
            raise UnknownDays(f"the school days of setting {setting or '(none named)'} around {day} are not known")
        return day in meets


ROLL_RULES = ("", "next_working_day", "previous_working_day", "tribunal_vacation")
