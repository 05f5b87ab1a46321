"""The first clock: what the definition of a process makes of a trigger, by the core that plays real cases.

How the list's words meet the definitions' (the answer of either clock is the last lawful day, see `second_clock`):

    within              within, every, or one of the spans of latest_of: the clock's `due`
    at_least            at_least: `due` is the last day of the time given; a gate opens the day after
    not_before          at_least, or one of the spans of latest_of
    at_least_before     before, from the planned day: `due`
    before              before a named day, in the year of the trigger: `due`
    from_day_n          within, the trigger counted: `due` is the day itself
    lookback            a condition: the last day on which it still holds
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from statute.advance import advance
from statute.clocks import Dates, due, sending
from statute.days import Days
from statute.definition import Act, Condition, Deadline, FactRule, FactType, Process, Sense
from statute.gates import Ledger
from statute.named_days import follow
from statute.types import Clock, Event, Kind, Refused, State, Value
from tests.law.listed import Kept, school_years, written
from workflows import library

UNITS = {
    "calendar_days": "days",
    "weeks": "weeks",
    "months": "months",
    "working_days": "working_days",
    "school_days": "school_days",
    "hesc_working_days": "tribunal_working_days",
    "calendar_days_hesc": "tribunal_days",
}
SCHOOL = "hill_school"
ITEM = "one"
PLAIN: dict[FactType, Value] = {
    FactType.TEXT: "because",
    FactType.TRUTH: False,
    FactType.NUMBER: 1,
    FactType.SETTING: SCHOOL,
    FactType.AUTHORITY: "886",
}


@cache
def days_of(year: int) -> Days:
    """England's calendar with the made-up school's around a year."""
    return library.england().meeting({SCHOOL: written(school_years(year))})


def calendar(deadline: Deadline | None, trigger: date) -> Days:
    """The calendar to count with: with a school only where its days count, for the sake of speed."""
    schools = deadline is not None and any(span and span.unit.value == "school_days" for span, _ in deadline.spans)
    return days_of(trigger.year) if schools else library.england()


def triggers_of(kept: Kept) -> list[str]:
    """What the limit counts from by the definition: of several spans, those that say the limit's own number."""
    wanted = (kept.limit["max"], UNITS.get(kept.limit["unit"]))
    named = [name for span, name in kept.deadline.spans if span and (span.number, span.unit.value) == wanted]
    return named or [name for _, name in kept.deadline.spans]


def by_deadline(process: Process, deadline: Deadline, triggers: Mapping[str, date]) -> date | None:
    """The last lawful day of a deadline if what it counts from was on those days, and nothing else is known."""
    facts: dict[str, Value] = {deadline.calendar: SCHOOL} if deadline.calendar else {}
    happened: dict[str, date] = {}
    clocks: dict[str, Clock] = {}
    item = SCHOOL if deadline.each and not deadline.calendar else ITEM
    for name, trigger in triggers.items():
        if name in process.deadlines:
            clocks[name] = Clock(since=trigger, due=trigger)
        elif name in process.acts:
            happened.update({name: trigger, f"{name}/{item}": trigger, sending(name): trigger})
        else:
            told = told_of(process, name, trigger)
            facts.update({**told, **follow(process, told, told, trigger)})
    found = due(process, deadline, clocks, Dates(facts, happened), item, calendar(deadline, min(triggers.values())))
    assert found is not None, f"{process.name}.{deadline.name} does not run from {', '.join(triggers)}"
    return found[1]


def told_of(process: Process, name: str, trigger: date) -> dict[str, Value]:
    """The fact that has to be told so that `name` is known: itself, or what a named day follows from (of a birthday, the birth)."""
    named = process.days.get(name)
    if named is None or named.first_of:
        return {name: trigger.isoformat()}
    if named.reaching is None:
        return {named.source: trigger.isoformat()}
    year = trigger.year - named.reaching
    return {named.source: (trigger.replace(year=year) if trigger.day < 29 or trigger.month != 2 else date(year, 2, 28)).isoformat()}


def holds(process: Process, condition: Condition, value: date | int, day: date) -> bool:
    """Whether a condition holds on a day, if what it looks at was on a day, or is a number (all of it in the first of its facts)."""
    name, days = condition.of[0], library.england()
    process = replace(process, conditions={condition.name: condition})
    told: dict[str, Value] = {name: value.isoformat() if isinstance(value, date) else value} if name in process.facts else {}
    dates = Dates(told, {name: value} if isinstance(value, date) and name in process.acts else {})
    state = State(process.name, process.version, process.digest, days.digest, 0, process.first_stage, day)
    return Ledger(process, state, dates, next(iter(process.acts.values())), "", "", day, days).holds(condition.name)


def by_condition(process: Process, condition: Condition, trigger: date) -> date:
    """The last day on which a condition that looks back holds, found by asking it day by day from well before what it says."""
    assert condition.within is not None
    assert holds(process, condition, trigger, trigger), "it does not hold on the day itself"
    assert not holds(process, condition, trigger, trigger - timedelta(days=1)), "it looks ahead"
    day = trigger + timedelta(days=25 * condition.within.number if condition.within.unit.value == "months" else 1)
    assert holds(process, condition, trigger, day)
    while holds(process, condition, trigger, day + timedelta(days=1)):
        day += timedelta(days=1)
    return day


def first_clock(kept: Kept, trigger: date) -> date | None:
    """What the rule that keeps a limit makes of a trigger."""
    if isinstance(kept.rule, Condition):
        return by_condition(kept.process, kept.rule, trigger)
    return by_deadline(kept.process, kept.deadline, {triggers_of(kept)[0]: trigger})


def by_advance(kept: Kept, trigger: date) -> date | None:
    """The same through a real case, where the event that opens one starts the clock; None where it takes more than that."""
    deadline, process = kept.deadline, kept.process
    if deadline.each or len(deadline.spans) != 1:
        return None
    told = told_of(process, deadline.spans[0][1], trigger)
    for act in (process.acts[opening] for opening in process.opens_with):
        if deadline.spans[0][1] == act.name or any(use.name in told for use in act.facts):
            state = opened(process, act, told, trigger)
            clock = state.clocks.get(f"{deadline.name}/1" if deadline.sense is Sense.EVERY else deadline.name) if state else None
            if clock is not None:
                return clock.due
    return None


def opened(process: Process, act: Act, told: Mapping[str, Value], trigger: date) -> State | None:
    """A case opened on the trigger, with the facts that it needs and the one that the limit counts from."""
    uses = [use for use in act.facts if use.required or use.name in told]
    facts = {use.name: told.get(use.name, _plain(process.facts[use.name], trigger)) for use in uses}
    terms: Mapping[str, tuple[str, ...]] = {SCHOOL: written(school_years(trigger.year))}
    at = datetime.combine(trigger, time(12), UTC)
    event = Event(Kind.OPENED, act.name, trigger, at, "opened", capacity=act.by[0], facts=facts, terms=terms)
    try:
        return advance(process, None, event, library.england()).state
    except Refused:
        return None


def _plain(rule: FactRule, trigger: date) -> Value:
    if rule.type in (FactType.DATE, FactType.PLANNED_DATE):
        return trigger.isoformat()
    return rule.choices[0] if rule.choices else PLAIN[rule.type]
