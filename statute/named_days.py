"""Named days: the 15th of February of the year of a transfer, the last Friday in June of the school year in which somebody reaches 16.

They follow from a recorded day as soon as it is recorded, and are then facts like any other.
"""

from __future__ import annotations

import calendar as gregorian
from collections.abc import Mapping
from datetime import date

from statute.days import ONE_DAY
from statute.definition import NamedDay, Process
from statute.types import Value


def follow(process: Process, known: Mapping[str, Value], given: Mapping[str, Value], on: date) -> dict[str, Value]:
    """The named days that follow from `given`, in the light of all that is `known`; one that was told instead is left as it was told."""
    found: dict[str, Value] = {}
    for _ in process.days:  # one may follow from another, in whatever order they are written
        before = dict(found)
        for named in process.days.values():
            if named.name in given or (named.first_of and named.name in known):
                continue
            told = {**given, **found}
            if named.first_of:
                ahead = [
                    str(known_by) for name in named.first_of if (known_by := {**known, **told}.get(name)) and str(known_by) > on.isoformat()
                ]
                if ahead:
                    found[named.name] = min(ahead)
            elif named.source in told and (day := _day(named, date.fromisoformat(str(told[named.source])))) is not None:
                found[named.name] = day.isoformat()
        if found == before:
            break
    return found


def _day(named: NamedDay, source: date) -> date | None:
    year = source.year
    if named.reaching is not None:
        # Somebody born on 29 February reaches an age on 1 March of a common year; no school year begins in between.
        reached = source.year + named.reaching
        year = reached if (source.month, source.day) >= named.year_begins else reached - 1  # the year in which the school year begins
        if (named.month, named.day or 1) < named.year_begins:
            year += 1
    if not 1900 <= year <= 2300:
        return None
    if named.weekday is None:
        return date(year, named.month, min(named.day, gregorian.monthrange(year, named.month)[1]))
    day = date(year, named.month, gregorian.monthrange(year, named.month)[1])
    while day.weekday() != named.weekday:
        day -= ONE_DAY
    return day
