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
FAMILY = "family"
RESTARTS = frozenset({Sense.AT_LEAST, Sense.LATEST_OF, Sense.BEFORE, Sense.BY, Sense.EVERY})  # these count anew from a new trigger


class Dates(NamedTuple):
    """What a deadline may count from: the facts and the days of acts, as they stand with the event under way."""

    facts: Mapping[str, Value]
    happened: Mapping[str, date]

    def day(self, name: str, item: str = "", *, sent: bool = False) -> date | None:
        """The day of an act (of this item, for an act of each) or of a date fact; for a notice its arrival, or its sending."""
        if sent and (found := self.happened.get(sending(name))) is not None:
            return found
        found = self.happened.get(f"{name}/{item}" if item else name)
        if found is None:
            value = self.facts.get(name)
            found = date.fromisoformat(value) if isinstance(value, str) else None
        return found


def sending(notice: str) -> str:
    """Where the day on which a notice was sent is kept, beside the day on which it arrived: for limits that count from sending."""
    return f"{notice}:sent"


def clock_key(deadline: Deadline, item: str) -> str:
    """The name of a clock in the state of a case: the deadline's, with the item where there is one for each."""
    return f"{deadline.name}/{item}" if deadline.each else deadline.name


def split_key(key: str) -> tuple[str, str]:
    """A clock's deadline and item; for a review, the round."""
    name, _, item = key.partition("/")
    return name, item


def in_rounds(deadline: Deadline) -> bool:
    """Whether its clock begins again under a name of its own, so that what became of the one before stays on the record."""
    return deadline.sense is Sense.EVERY or deadline.repeats


def round_key(deadline: Deadline, number: int) -> str:
    """The name of the clock of a round: a review counts from 1, of what merely happens again the first has no number."""
    return deadline.name if deadline.repeats and number == 1 else f"{deadline.name}/{number}"


def rounds(deadline: Deadline, clocks: Mapping[str, Clock]) -> int:
    """How many rounds have begun."""
    number = 0
    while round_key(deadline, number + 1) in clocks:
        number += 1
    return number


def current(deadline: Deadline, clocks: Mapping[str, Clock], item: str = "") -> str:
    """The name of the clock that counts now: the item's, or that of the last round."""
    return round_key(deadline, max(rounds(deadline, clocks), 1)) if in_rounds(deadline) else clock_key(deadline, item)


def due(
    process: Process, deadline: Deadline, clocks: Mapping[str, Clock], dates: Dates, item: str, days: Days, since: date | None = None
) -> tuple[date, date | None] | None:
    """The trigger day and the last lawful day (None: as soon as practicable); None while no trigger is known.

    A trigger may be another deadline: its last lawful day. `since` is the day on which a new round of a review begins.
    """
    found: list[tuple[date, date | None]] = []
    school = str(dates.facts.get(deadline.calendar, "")) if deadline.calendar else item
    days = days.closing(deadline.closed)
    for span, name in deadline.spans:
        before = process.deadlines.get(name)
        other = clocks.get(current(before, clocks, item)) if before else None
        trigger = since or (other.due if other else dates.day(name, item if deadline.each else "", sent=deadline.counts_from_sending))
        if trigger is None:
            continue
        if span is None:
            found.append((trigger, None))
        elif deadline.sense is Sense.BEFORE:
            found.append((trigger, days.roll(days.latest_before(trigger, span, setting=school), deadline.rolls)))
        else:
            last = days.last_day(trigger, span, include_trigger=deadline.include_trigger, setting=school)
            found.append((trigger, days.roll(last, deadline.rolls)))
    return max(found, key=lambda pair: pair[1] or date.min) if found else None


def start(
    process: Process, deadline: Deadline, clocks: dict[str, Clock], dates: Dates, item: str, days: Days, since: date | None = None
) -> None:
    """Start the deadline's clock, or start it anew where the law says so, and then those that count from its last day.

    A floor runs again with each new trigger (a re-issued draft gives the family its time again), a limit before a planned day
    moves with the plan, and of several spans the latest may come to be known; any other ceiling never moves. A review, and a ceiling
    on what happens again, begin another round once the last one was met.
    """
    if in_rounds(deadline):
        number = rounds(deadline, clocks)
        last = clocks[round_key(deadline, number)].status if number else Status.MET
        if last in OPEN or (last is Status.STOPPED and deadline.repeats):
            return
        key, before = round_key(deadline, number + 1), None
    else:
        key = clock_key(deadline, item)
        before = clocks.get(key)
    if before is not None and (deadline.sense not in RESTARTS or before.status is Status.STOPPED):
        return
    if before is not None and deadline.sense is Sense.LATEST_OF and before.status not in OPEN:
        return  # what was done in time is not owed again because a later date came to be known
    found = due(process, deadline, clocks, dates, item, days, since)
    if found is None or (before is not None and _is_known(deadline, before, found)):
        return
    clocks[key] = Clock(since=found[0], due=found[1])
    for following in process.starts.get(deadline.name, ()):
        start(process, following, clocks, dates, item, days)


def _is_known(deadline: Deadline, before: Clock, found: tuple[date, date | None]) -> bool:
    """Whether a clock that runs again would say nothing new, or would take back time that was given."""
    if deadline.sense in (Sense.BEFORE, Sense.BY):
        return before.due == found[1]
    return before.due is not None and found[1] is not None and found[1] <= before.due


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
                if deadline.binds != FAMILY:  # a right that was not used is no breach
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
