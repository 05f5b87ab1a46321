"""Moving an open case to other rules: to the law as an amendment changed it, or to another configuration of its council.

A change of the law is Parliament's and may give an excuse or another limit. A council's configuration, and the end of a pilot, may
not: no legal date of an authority gets later, no time of the family shorter, and no pilot that the case was not opened under begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from statute.clocks import FAMILY, OPEN, Dates, due, in_rounds, split_key
from statute.days import Days
from statute.definition import Deadline, Process, Sense
from statute.types import Clock, Event, Fault, Force, Refused, State, Status

CONFIGURATION = "configuration"  # the name of a `revised` that moves a case to other rules of its council
PILOT = "pilot:"


def own(rules: Iterable[str]) -> tuple[str, ...]:
    """Those of some rules that are the council's own, overlays by their digests: all that are no pilots of the shelf."""
    return tuple(rule for rule in rules if not rule.startswith(PILOT))


@dataclass(frozen=True, slots=True)
class Revised:
    """What a case has otherwise under other rules."""

    clocks: Mapping[str, Clock]
    amendments: tuple[str, ...]
    rules: tuple[str, ...]
    flags: Mapping[str, str]


def revised(process: Process, state: State, event: Event, days: Days) -> Revised:
    """An open case under changed rules: `process` is as changed. Its open clocks count by the new rules; what is past stays.

    Raises:
        Refused: the case has ended, is under these rules already, or would lose something by a configuration.
    """
    if process.stages[state.stage].ends:
        raise Refused("The case has ended: the rules that were in force then stay its rules")
    configured = event.name == CONFIGURATION
    if (not configured and event.name in state.amendments) or process.digest == state.digest:
        fault = Fault(
            "name", "are the rules of this case already", "the journal holds only what can have happened", "nothing is to be done"
        )
        raise Refused("This case was moved to the changed rules already", faults=(fault,))
    began = [rule.removeprefix(PILOT) for rule in event.rules if rule.startswith(PILOT) and rule not in state.rules]
    if configured and began:
        raise Refused(f"A pilot is chosen when a case opens, and never begins in one that is open: {', '.join(began)}")
    days, dates, clocks = days.meeting(state.terms), Dates(state.facts, state.happened), dict(state.clocks)
    for key, clock in state.clocks.items():
        name, item = split_key(key)
        deadline = process.deadlines.get(name)
        if deadline is None:
            del clocks[key]  # a task of rules that are gone
        elif clock.status in OPEN and clock.due is not None:
            moved = _moved(process, deadline, clocks, dates, item, days, clock, event.on)
            if configured and moved.due is not None and worse(deadline, clock.due, moved.due):
                raise Refused(f"{deadline.say}: {clock.due:%-d %B %Y} would become {moved.due:%-d %B %Y}", deadline.cites)
            clocks[key] = moved
    if configured:
        return Revised(clocks, state.amendments, event.rules, event.flags)
    return Revised(clocks, (*state.amendments, event.name), state.rules, state.flags)


def worse(deadline: Deadline, before: date, after: date) -> bool:
    """Whether another date is worse against the law: later for whom it binds, earlier for the family. What is local has no such date."""
    if deadline.binds == FAMILY or deadline.sense is Sense.AT_LEAST:
        return after < before
    return deadline.force is not Force.LOCAL and after > before


def _moved(
    process: Process, deadline: Deadline, clocks: Mapping[str, Clock], dates: Dates, item: str, days: Days, clock: Clock, today: date
) -> Clock:
    """A clock by the new rules. What has passed stays so, and a warning whose day has come already is not given again."""
    if clock.status is not Status.RUNNING:
        return clock
    found = due(process, deadline, clocks, dates, item, days, clock.since if in_rounds(deadline) else None)
    day = found[1] if found is not None and found[0] == clock.since else clock.due
    warned = sum(day is not None and today >= day - timedelta(days=before) for before in deadline.warn)
    return replace(clock, due=day, warned=warned)
