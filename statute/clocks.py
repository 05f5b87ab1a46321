"""When things are due: every date derived from facts, warnings and breaches judged by civil dates, and the next instant to look.

Nothing here is commanded: `next_wake` says when the clocks want to be looked at, and looking twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from statute.days import ONE_DAY, Days, midnight
from statute.definition import Deadline, Process, Sense
from statute.types import Clock, Effect, State, Status, Value

OPEN = frozenset({Status.RUNNING, Status.PASSED})


class Dates(NamedTuple):
    """What a deadline may count from: the facts and the days of acts, as they stand with the event under way."""

    facts: Mapping[str, Value]
    happened: Mapping[str, date]

    def day(self, name: str, item: str = "") -> date | None:
        """The day of an act (of this item, for an act of each) or of a date fact."""
        found = self.happened.get(f"{name}/{item}" if item else name)
        if found is None:
            value = self.facts.get(name)
            found = date.fromisoformat(value) if isinstance(value, str) else None
        return found


def clock_key(deadline: Deadline, item: str) -> str:
    """The name of a clock in the state of a case: the deadline's, with the item where there is one for each."""
    return f"{deadline.name}/{item}" if deadline.each else deadline.name


def split_key(key: str) -> tuple[str, str]:
    """A clock's deadline and item."""
    name, _, item = key.partition("/")
    return name, item


def due(deadline: Deadline, dates: Dates, item: str, days: Days) -> tuple[date, date | None] | None:
    """The trigger day and the last lawful day (None: as soon as practicable); None while no trigger is known."""
    found: list[tuple[date, date | None]] = []
    for span, name in deadline.spans:
        trigger = dates.day(name, item if deadline.each else "")
        if trigger is None:
            continue
        if span is None:
            found.append((trigger, None))
        elif deadline.sense is Sense.BEFORE:
            found.append((trigger, days.latest_before(trigger, span, setting=item)))
        else:
            last = days.last_day(trigger, span, include_trigger=deadline.include_trigger, setting=item)
            found.append((trigger, days.roll(last, deadline.rolls)))
    return max(found, key=lambda pair: pair[1] or date.min) if found else None


def start(deadline: Deadline, clocks: dict[str, Clock], dates: Dates, item: str, days: Days) -> None:
    """Start the deadline's clock, or start it anew where the law says so.

    A floor runs again with each new trigger (a re-issued draft gives the family its time again); a ceiling never moves, except
    that the latest of several spans may come to be known.
    """
    key = clock_key(deadline, item)
    before = clocks.get(key)
    if before is not None and deadline.sense not in (Sense.AT_LEAST, Sense.LATEST_OF):
        return
    if before is not None and before.status is Status.STOPPED:
        return
    found = due(deadline, dates, item, days)
    if found is not None and before is not None and before.due is not None and found[1] is not None and found[1] < before.due:
        return  # time once given is not taken back, by a date that is recorded later and lies earlier
    if found is not None:
        clocks[key] = Clock(since=found[0], due=found[1])


def meet(deadline: Deadline, clock: Clock, day: date) -> Clock:
    """The clock once its duty was done on `day`. Lateness is judged by dates, and stays for ever."""
    if clock.status is Status.DISAPPLIED:
        return replace(clock, met_on=day)
    if clock.status not in OPEN:
        return clock
    if deadline.sense is Sense.AT_LEAST:
        return replace(clock, status=Status.MET, met_on=clock.due)
    late = clock.due is not None and day > clock.due
    return replace(clock, status=Status.MET_LATE if late else Status.MET, met_on=day)


def stop(deadline: Deadline, clock: Clock, day: date) -> Clock:
    """The clock once the duty fell away on `day`. Only the dates count: not when it was recorded, nor whether anybody looked."""
    given = deadline.sense is Sense.AT_LEAST and clock.status is Status.MET
    if clock.status not in OPEN and not given:
        return clock
    if clock.due is not None and day > clock.due:
        return (
            replace(clock, status=Status.MET, met_on=clock.due)
            if deadline.sense is Sense.AT_LEAST
            else replace(clock, status=Status.PASSED)
        )
    return replace(clock, status=Status.STOPPED)


def is_over(clock: Clock | None, day: date) -> bool:
    """Whether a floor's time has been given in full by the beginning of `day`."""
    return clock is not None and clock.due is not None and day > clock.due


def look(process: Process, state: State, today: date) -> tuple[dict[str, Clock], tuple[Effect, ...]]:
    """The clocks that change because it is `today`, and the warnings and breaches to tell of."""
    changed: dict[str, Clock] = {}
    effects: list[Effect] = []
    for key, clock in state.clocks.items():
        if clock.status is not Status.RUNNING or clock.due is None:
            continue
        name, item = split_key(key)
        deadline = process.deadlines[name]
        if today > clock.due:
            if deadline.sense is Sense.AT_LEAST:
                changed[key] = replace(clock, status=Status.MET, met_on=clock.due)
            else:
                changed[key] = replace(clock, status=Status.PASSED)
                effects.append(Effect("breach", name, item))
            continue
        reached = sum(today >= clock.due - timedelta(days=before) for before in deadline.warn)
        if reached > clock.warned:
            changed[key] = replace(clock, warned=reached)
            effects.append(Effect("warning", name, item))
    return changed, tuple(effects)


def next_wake(process: Process, state: State) -> datetime | None:
    """The next instant (UTC) at which a clock wants to be looked at: a midnight in London. None iff none runs towards a date."""
    first: date | None = None
    for key, clock in state.clocks.items():
        if clock.status is not Status.RUNNING or clock.due is None:
            continue
        warn = process.deadlines[split_key(key)[0]].warn
        day = clock.due - timedelta(days=warn[clock.warned]) if clock.warned < len(warn) else clock.due + ONE_DAY
        if first is None or day < first:
            first = day
    return midnight(first) if first is not None else None
