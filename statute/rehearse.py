"""What a change of the law, or a draft of one, would do to a case: its dates, its excuses and its rights, before and after. Nothing is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from statute.advance import revise
from statute.allowed import allowed
from statute.clocks import FAMILY, OPEN, split_key
from statute.days import Days
from statute.definition import Process
from statute.overlay import target_day
from statute.revise import worse
from statute.types import Event, Kind, State


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that would be otherwise. `relaxes`: the authority would owe less, or the family would have less."""

    about: str  # a clock, or an act of the family
    say: str
    before: date | None = None
    after: date | None = None
    relaxes: bool = False


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a case would look like under other rules."""

    state: State
    differences: tuple[Difference, ...]

    @property
    def relaxes(self) -> bool:
        return any(one.relaxes for one in self.differences)


def rehearse(process: Process, changed: Process, state: State, event: Event, days: Days) -> Rehearsal:
    """A case under changed rules, compared with itself.

    Raises:
        Refused: the case cannot be moved to them.
    """
    after = revise(changed, state, event, days).state
    found = [
        *_dates(process, changed, state, after),
        *_own_dates(process, changed, state, after, days),
        *_tasks(process, changed, state),
        *_excuses(process, changed, state, event.on),
        *_rights(process, changed, state, after, event.on, days),
    ]
    return Rehearsal(after, tuple(found))


def _dates(process: Process, changed: Process, before: State, after: State) -> list[Difference]:
    found = []
    for key, clock in before.clocks.items():
        name = split_key(key)[0]
        if key not in after.clocks:
            found.append(Difference(key, f"{process.deadlines[name].say}: falls away", clock.due))
            continue
        other, deadline = after.clocks[key], changed.deadlines[name]
        if clock.due == other.due or clock.due is None or other.due is None:
            continue
        relaxes = worse(deadline, clock.due, other.due)
        found.append(Difference(key, f"{deadline.say}: {_day(clock.due)} becomes {_day(other.due)}", clock.due, other.due, relaxes))
    return found


def _own_dates(process: Process, changed: Process, before: State, after: State, days: Days) -> list[Difference]:
    """The council's own dates beside those of the law: no right hangs on one."""
    found, days = [], days.meeting(before.terms)
    for key, clock in before.clocks.items():
        name, item = split_key(key)
        other = after.clocks.get(key)
        if clock.status not in OPEN or other is None or process.deadlines[name].target == changed.deadlines[name].target:
            continue
        was = target_day(process.deadlines[name], clock.since, clock.due, days, item)
        now = target_day(changed.deadlines[name], other.since, other.due, days, item)
        told = f"our own date becomes {_day(now)}" if now else "we have no date of our own any more"
        found.append(Difference(key, f"{changed.deadlines[name].say}: {told}", was, now))
    return found


def _tasks(process: Process, changed: Process, state: State) -> list[Difference]:
    """What the council asks for besides the law at this stage."""
    was, now = ([act for act in one.acts.values() if act.kind is Kind.DONE and state.stage in act.at] for one in (process, changed))
    gone = [act for act in was if act.name not in changed.acts and act.name not in state.happened]
    new = [act for act in now if act.name not in process.acts]
    return [Difference(act.name, f"No longer a task: {act.say}") for act in gone] + [
        Difference(act.name, f"A task: {act.say}") for act in new
    ]


def _excuses(process: Process, changed: Process, state: State, today: date) -> list[Difference]:
    found = []
    for key, clock in state.clocks.items():
        name = split_key(key)[0]
        if clock.status not in OPEN or name not in changed.deadlines:
            continue
        was, now = process.deadlines[name].excused_by, changed.deadlines[name].excused_by
        for ground in (*(new for new in now if new not in was), *(old for old in was if old not in now)):
            gained = ground in now
            rule = (changed if gained else process).grounds[ground]
            if rule.until is not None and today > rule.until:
                continue  # nobody can rely on it any more
            until = f" until {_day(rule.until)}" if rule.until else ""
            what = f"can be excused{until}" if gained else "can no longer be excused"
            found.append(Difference(key, f"{changed.deadlines[name].say}: {what} ({rule.say})", clock.due, clock.due, gained))
    return found


def _rights(process: Process, changed: Process, before: State, after: State, today: date, days: Days) -> list[Difference]:
    had = _open_to_family(process, before, today, days)
    has = _open_to_family(changed, after, today, days)
    lost = []
    for name, say in had.items():
        if name not in has:
            # What the changed rules do not even know was an option of a pilot and never a right: no change of a process takes an act away.
            what = "The family may no longer do this" if name in changed.acts else "An option of a pilot falls away"
            lost.append(Difference(name, f"{what}: {say}", relaxes=name in changed.acts))
    return lost + [Difference(name, f"The family may now do this: {say}") for name, say in has.items() if name not in had]


def _open_to_family(process: Process, state: State, today: date, days: Days) -> Mapping[str, str]:
    return {action.name: action.say for action in allowed(process, state, {FAMILY}, today, days)}


def _day(day: date | None) -> str:
    return f"{day:%-d %B %Y}" if day else "as soon as practicable"
