"""A second clock: what the list of limits says, reckoned a second time and by other means.

It follows `limits.yaml` and the rules of day counting (D1 to D17 of the reference), takes nothing from the core or from a definition, and
does not calculate: it walks along the calendar, one day after another, and asks of each whether it counts. Bank holidays are its own, too.
Whoever wrote it had read the first clock, so that it notices slips; a wrong reading of the law that both share it cannot notice.

What `answer` gives, by the sense of a limit:

    within              the last lawful day
    at_least            the last day of the time that must be given: what waits for it may happen the day after
    not_before          the same: the last day on which it may not happen yet
    at_least_before     the trigger is the day that was planned, the answer the last day that leaves enough time before it
    before              the trigger is any day of the year concerned, the answer the day before the day that is named
    from_day_n          the n-th day that counts: the first day of what must be there from then on, and so the last on which it may begin
    cumulative_trigger  the n-th day that counts
    lookback            the last day on which the trigger still bars
    cap                 None: a sum, not a day
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

MONDAY, FRIDAY, SATURDAY = 0, 4, 5
ONWARD, BACK = timedelta(days=1), timedelta(days=-1)
NO_NUMBER = ("as_soon_as_practicable", "as_soon_as_reasonably_practicable", "as_appropriate_to_needs", "as_reg_44")
FORWARD = ("within", "at_least", "not_before", "from_day_n", "cumulative_trigger", "lookback")
COUNTS = ("exclude_trigger_day", "include_trigger_day", "strictly_before", "exclude_trigger_day+hesc_rule_12_start_rule")

Counts = Callable[[date], bool]


class Unknowable(LookupError):  # noqa: N818
    """The walk left what was told of the school's year."""


@dataclass(frozen=True)
class Terms:
    """The year of a school, as it tells it: from and to, both days in it, and days in between on which it does not meet."""

    spans: tuple[tuple[date, date], ...] = ()
    closed: frozenset[date] = frozenset()

    def meets(self, day: date) -> bool:
        """D14: a day the school meets, by its own calendar."""
        if not self.spans or not self.spans[0][0] <= day <= self.spans[-1][1]:
            raise Unknowable(f"{day} is not in the school's year")
        return any(first <= day <= last for first, last in self.spans) and is_working(day) and day not in self.closed


NO_TERMS = Terms()


def easter(year: int) -> date:
    """Easter Sunday: the anonymous computus of 1876."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), g = divmod(b, 4), (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    m = (32 + 2 * e + 2 * i - h - k) % 7
    n = (a + 11 * h + 22 * m) // 451
    month, day = divmod(h + m - 7 * n + 114, 31)
    return date(year, month, day + 1)


def monday(day: date, step: timedelta) -> date:
    """The first Monday from a day onward, or back."""
    while day.weekday() != MONDAY:
        day += step
    return day


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """England's, of one year: the days themselves, the days kept instead of those on a weekend, and those of a single year."""
    sunday = easter(year)
    first_of_may = date(2020, 5, 8) if year == 2020 else monday(date(year, 5, 1), ONWARD)
    spring = date(2022, 6, 2) if year == 2022 else monday(date(year, 5, 31), BACK)
    kept = {sunday + 2 * BACK, sunday + ONWARD, first_of_may, spring, monday(date(year, 8, 31), BACK)}
    fixed = [date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)]
    for day in fixed:
        instead = day
        while day.weekday() >= SATURDAY and (instead.weekday() >= SATURDAY or instead in kept or instead in fixed):
            instead += ONWARD
        kept.add(instead)
    once = {date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8)}  # a jubilee, a funeral, a coronation
    return frozenset(kept | set(fixed) | {day for day in once if day.year == year})


def is_working(day: date) -> bool:
    """D13: Monday to Friday and no bank holiday."""
    return day.weekday() <= FRIDAY and day not in bank_holidays(day.year)


def is_vacation(day: date) -> bool:
    """The days of HESC Rules r.12(3): August, and 25 December to 1 January."""
    return day.month == 8 or (day.month == 12 and day.day >= 25) or (day.month == 1 and day.day == 1)


def is_tribunal_day(day: date) -> bool:
    """D10: in a SEND case at the Tribunal the days of the vacation are not counted."""
    return not is_vacation(day)


def is_tribunal_working(day: date) -> bool:
    """D12: nor are weekends and bank holidays, where the time is in working days."""
    return is_working(day) and not is_vacation(day)


def walk(day: date, number: int, counts: Counts, step: timedelta = ONWARD) -> date:
    """One day after another, until `number` that count have been passed; the first day itself is not one of them (D2, D5)."""
    while number:
        day += step
        if counts(day):
            number -= 1
    return day


def walk_months(day: date, number: int, step: timedelta = ONWARD) -> tuple[date, bool]:
    """Into the `number`-th other month, and there to the day of the same number, or where it has none to its last (D6). Whether it has it."""
    wanted, month = day.day, day.month
    while number:
        day += step
        if day.month != month:
            month, number = day.month, number - 1
    while day.day != 1:
        day += BACK
    while day.day != wanted and (day + ONWARD).month == month:
        day += ONWARD
    return day, day.day == wanted


def forward(unit: str, number: int, trigger: date, terms: Terms, *, include: bool) -> date:
    """The last day of a period, by D1 to D3: beginning with its trigger (`include`), or after it."""
    if unit == "months":
        day, corresponds = walk_months(trigger, number)
        return day + BACK if include and corresponds else day
    if unit == "weeks":  # so many of the same day of the week have come round
        day = walk(trigger, number, lambda day: day.weekday() == trigger.weekday())
        return day + BACK if include else day
    return walk(trigger + BACK if include else trigger, number, counted(unit, terms))


def counted(unit: str, terms: Terms) -> Counts:
    """Which days count in a unit."""
    return {
        "calendar_days": lambda day: True,
        "working_days": is_working,
        "school_days": terms.meets,
        "hesc_working_days": is_tribunal_working,
        "calendar_days_hesc": is_tribunal_day,
    }[unit]


def backward(unit: str, number: int, planned: date, terms: Terms) -> date:
    """The last day that leaves the whole of a period before a day (D5: a meeting less 14 days for two weeks)."""
    if unit == "months":
        return walk_months(planned, number, BACK)[0]
    if unit == "weeks":
        return walk(planned, number, lambda day: day.weekday() == planned.weekday(), BACK)
    return walk(planned, number, counted(unit, terms), BACK)


def next_working_day(day: date) -> date:
    """D8, HESC Rules r.12(2): what ends on a day that is no working day may be done on the next one."""
    while not is_working(day):
        day += ONWARD
    return day


def start_in_time(day: date) -> date:
    """D9, HESC Rules r.12(3)(a): a time to start a case that ends in the vacation ends on the first working day after it; else D8."""
    while is_vacation(day):
        day += ONWARD
    return next_working_day(day)


def day_before(text: str, year: int) -> date:
    """D4: before the 15th of February is at the latest on the 14th."""
    month, day = (int(part) for part in text.split("-"))
    return date(year, month, day) + BACK


def end_of_academic_year(day: date) -> date:
    """The 31st of July that comes next: reg 46 for whoever attends further education."""
    while (day.month, day.day) != (7, 31):
        day += ONWARD
    return day


def end_of_school_year(born: date, age: int) -> date:
    """The 31st of August that ends the school year in which an age is reached."""
    day = born
    for _ in range(age):
        day, _ = walk_months(day, 12)
    while (day.month, day.day) != (8, 31):
        day += ONWARD
    return day


def end_of_term(day: date, number: int, terms: Terms) -> date:
    """The last day of the `number`-th term that ends after a day."""
    ends = [last for _, last in terms.spans if last > day]
    if len(ends) < number:
        raise Unknowable(f"no {number} terms after {day} are known")
    return ends[number - 1]


def answer(limit: Mapping[str, object], trigger: date, terms: Terms = NO_TERMS) -> date | None:
    """What a limit of the list comes to for a trigger (see above); None where the law gives no number, or the number is no day's."""
    unit, sense, count, number = str(limit["unit"]), limit["sense"], str(limit["count"]), limit["max"]
    if count not in COUNTS:
        raise ValueError(f"{limit['id']}: nobody knows how to count {count}")
    if unit in NO_NUMBER or sense == "cap":
        return None
    if unit == "end_of_academic_year":
        return end_of_academic_year(trigger)
    if sense == "before":
        return day_before(str(number), trigger.year)
    if not isinstance(number, int):
        raise ValueError(f"{limit['id']}: {number} {unit} is no number that can be walked")
    if unit == "immediately":
        return trigger
    if unit == "school_terms":
        return end_of_term(trigger, number, terms)
    if sense == "at_least_before":
        return backward(unit, number, trigger, terms)
    if sense not in FORWARD:
        raise ValueError(f"{limit['id']}: nobody knows what {sense} means")
    day = forward(unit, number, trigger, terms, include=count == "include_trigger_day")
    if unit == "calendar_days_hesc":
        return next_working_day(day)
    return start_in_time(day) if count.endswith("hesc_rule_12_start_rule") else day


def answers(limits: Iterable[Mapping[str, object]], trigger: date, terms: Terms = NO_TERMS) -> dict[str, date | None]:
    """All of a list for one trigger."""
    return {str(limit["id"]): answer(limit, trigger, terms) for limit in limits}
