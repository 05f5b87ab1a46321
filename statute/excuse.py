"""Excuses: a statutory ground disapplies a limit where its facts bear it out. It never moves a date, and it is not an extension."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from statute.clocks import OPEN, current
from statute.days import ONE_DAY, Days, civil
from statute.definition import Ground, Process
from statute.facts import faults_in
from statute.types import Citation, Clock, Event, Fault, Refused, State, Status

CLAIMED_BY = "decision_maker"


def grant(process: Process, state: State, event: Event, days: Days) -> tuple[str, Clock]:
    """The clock that a claimed excuse disapplies. `event.name` is the deadline, `event.outcome` the ground.

    Raises:
        Refused: the limit knows no such excuse, the clock is not open, or the facts do not bear the ground out.
    """
    deadline = process.deadlines.get(event.name)
    if deadline is None:
        fault = Fault(
            "name", "is not a deadline of this process", "an excuse is from one limit", f"choose one of {', '.join(process.deadlines)}"
        )
        raise Refused("No such deadline", faults=(fault,))
    if event.item and not deadline.each:
        fault = Fault("item", "is not asked for here", "this limit is one, not one for each of several", "leave it out")
        raise Refused("item is not asked for here", faults=(fault,))
    if event.capacity != CLAIMED_BY:
        raise Refused("An excuse is claimed by a decision maker of the council", deadline.cites)
    key = current(deadline, state.clocks, event.item)
    clock = state.clocks.get(key)
    if clock is None or clock.status not in OPEN:
        condition = "has not begun" if clock is None else f"is {clock.status.value.replace('_', ' ')}"
        raise Refused(f"{deadline.say}: this clock {condition}, so there is nothing to excuse", deadline.cites)
    ground = process.grounds.get(event.outcome)
    if ground is None or event.outcome not in deadline.excused_by:
        known = "; ".join(process.grounds[name].say for name in deadline.excused_by) or "none at all"
        raise Refused(f"{deadline.say}: the law gives no such excuse from this limit. It knows: {known}.", deadline.cites)
    if (ground.since and event.on < ground.since) or (ground.until and event.on > ground.until):
        lasted = f"from {ground.since:%-d %B %Y}" + (f" to {ground.until:%-d %B %Y}" if ground.until else "")
        raise Refused(f"{ground.say}: the law gave this excuse {lasted} only", deadline.excused_by[event.outcome])
    today = civil(event.at)
    faults = faults_in(process, ground.facts, event.facts, today, None)
    if event.on > today:
        faults.append(Fault("on", "is in the future", "the journal holds only what happened", "give the day of the decision"))
    elif event.on < state.opened_on:
        faults.append(Fault("on", "is before the case began", "the journal holds only what happened", "give the day of the decision"))
    if faults:
        raise Refused("; ".join(f"{fault.path} {fault.what}" for fault in faults), faults=tuple(faults))
    _bear_out(ground, deadline.excused_by[event.outcome], clock, event, days)
    return key, replace(clock, status=Status.DISAPPLIED, ground=ground.name)


def _bear_out(ground: Ground, cites: tuple[Citation, ...], clock: Clock, event: Event, days: Days) -> None:
    def day(fact: str) -> date:
        return date.fromisoformat(str(event.facts[fact]))

    if ground.lasts is not None:
        first, until = day(ground.lasts[0]), day(ground.lasts[1])
        if ground.within_limit and clock.due is not None:
            first, until = max(first, clock.since), min(until, clock.due + ONE_DAY)
        if days.last_day(first, ground.lasts[2], include_trigger=True) >= until:
            length = max((until - first).days, 0)
            counted = " within the limit's own period" if ground.within_limit else ""
            raise Refused(f"{ground.say}: it has to last at least {ground.lasts[2]}, and it lasted {length} days{counted}.", cites)
    if ground.covers is not None:
        window = ground.covers
        begins, ends = (days.latest_before(day(name), span) for span, name in (window.begins, window.ends))
        asked = day(window.fact)
        if not begins <= asked <= ends:
            raise Refused(
                f"{ground.say}: advice must have been asked for between {begins:%-d %B %Y} and {ends:%-d %B %Y}, and it was on {asked:%-d %B %Y}.",
                cites,
            )
