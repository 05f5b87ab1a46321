"""Why a date is what it is: `explain(process, state, clock) -> Receipt`, in steps that a parent can check by hand."""

from __future__ import annotations

from datetime import date

from statute.clocks import Dates, split_key
from statute.days import Days
from statute.definition import Deadline, Process, Sense, Span, Unit
from statute.overlay import target_day
from statute.types import Citation, Clock, Receipt, ReceiptStep, State, Status

TRIBUNAL = frozenset({Unit.TRIBUNAL_DAYS, Unit.TRIBUNAL_WORKING_DAYS})
COUNTS_WORKING = frozenset({Unit.WORKING_DAYS, Unit.SCHOOL_DAYS, Unit.TRIBUNAL_WORKING_DAYS})


def written(day: date) -> str:
    """Tuesday 6 January 2026."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def explain(process: Process, state: State, key: str, days: Days) -> Receipt:
    """The receipt of one clock of a case, by its name in the state (`final_plan_sent`, `advice_from_partners/medical`).

    Raises:
        KeyError: the case has no such clock.
    """
    clock = state.clocks[key]
    name, item = split_key(key)
    deadline = process.deadlines[name]
    steps = [
        *_derivation(process, state, deadline, clock, item, days),
        *_own(state, deadline, clock, item, days),
        *_condition(process, deadline, clock),
    ]
    cites = (*deadline.cites, *(deadline.excused_by.get(clock.ground, ()) if clock.ground else ()))
    return Receipt(tuple(steps), cites, state.calendar, state.digest)


def _derivation(process: Process, state: State, deadline: Deadline, clock: Clock, item: str, days: Days) -> list[ReceiptStep]:
    days, school = (
        days.meeting(state.terms).closing(deadline.closed),
        str(state.facts.get(deadline.calendar, "")) if deadline.calendar else item,
    )
    span, trigger = _decisive(deadline, state, clock, item, days, school)
    what = _what(process, deadline, trigger, item)
    which = f" ({process.each[deadline.each].items.get(item, item)})" if deadline.each else ""
    steps = [*_followed(process, state, trigger), ReceiptStep(f"{what}{which}: {written(clock.since)}", clock.since)]
    if span is None or clock.due is None:
        return [*steps, ReceiptStep("As soon as practicable: the law gives no number of days")]
    if deadline.sense is Sense.BEFORE:
        end = days.latest_before(clock.since, span, setting=school)
        steps.append(ReceiptStep(f"{span} before it: {written(end)} is the last day", end))
    elif span.number == 0 and deadline.sense is Sense.BY:
        return [*steps, ReceiptStep("By that day", clock.due)]
    else:
        counted = "counting that day" if deadline.include_trigger else "not counting that day"
        end = days.last_day(clock.since, span, include_trigger=deadline.include_trigger, setting=school)
        sign = "at least" if deadline.sense is Sense.AT_LEAST else "+"
        without = ", without August and 25 December to 1 January" if span.unit in TRIBUNAL else ""
        closed = [day for day in sorted(deadline.closed) if clock.since < day < end]
        shut = f", without {', '.join(map(written, closed))}, when the council is closed" if closed else ""
        steps.append(ReceiptStep(f"{sign} {span}, {counted}{without}{shut} = {written(end)}", end))
    if end != clock.due:
        which_way = "the last working day before it" if clock.due < end else "the next working day"
        steps.append(ReceiptStep(f"{_closed(end, days)}, so {which_way} counts: {written(clock.due)}", clock.due))
    elif span.unit not in COUNTS_WORKING and not days.is_working(end):
        before = days.roll(end, "previous_working_day")
        early = f"; the last working day before it is {written(before)}" if deadline.sense in (Sense.BEFORE, Sense.WITHIN) else ""
        steps.append(ReceiptStep(f"{_closed(end, days)}, and the law does not move this date{early}"))
    return steps


def _own(state: State, deadline: Deadline, clock: Clock, item: str, days: Days) -> list[ReceiptStep]:
    """The council's own earlier date, which nobody can rely on in law."""
    target = own_day(state, deadline, clock, item, days)
    if target is None:
        return []
    return [ReceiptStep(f"The council aims at {written(target)}, {deadline.target} of its own. The date in law stays", target)]


def own_day(state: State, deadline: Deadline, clock: Clock, item: str, days: Days) -> date | None:
    """The council's own earlier date for a clock, on the school days that the case was told of; None where it has none."""
    school = str(state.facts.get(deadline.calendar, "")) if deadline.calendar else item
    return target_day(deadline, clock.since, clock.due, days.meeting(state.terms), school)


def _what(process: Process, deadline: Deadline, trigger: str, item: str) -> str:
    if deadline.sense is Sense.EVERY and item != "1":
        return f"The review before (round {int(item) - 1})" if item.isdigit() else "The review before"
    if trigger in process.deadlines:
        return f"Last day of: {process.deadlines[trigger].say}"
    if trigger in process.days:
        return process.days[trigger].say
    act = process.acts.get(trigger)
    sent = ", sent" if act and deadline.counts_from_sending else ""
    return f"{act.say}{sent}" if act else trigger.replace("_", " ").capitalize()


def _followed(process: Process, state: State, trigger: str) -> list[ReceiptStep]:
    """The recorded day that a named day follows from."""
    named = process.days.get(trigger)
    if named is None or not named.source or not isinstance(state.facts.get(named.source), str):
        return []
    source = date.fromisoformat(str(state.facts[named.source]))
    return [
        *_followed(process, state, named.source),
        ReceiptStep(f"{named.source.replace('_', ' ').capitalize()}: {written(source)}", source),
    ]


def _decisive(deadline: Deadline, state: State, clock: Clock, item: str, days: Days, school: str) -> tuple[Span | None, str]:
    """The span that gave the date: the only one, or the one of several that ended last."""
    dates = Dates(state.facts, state.happened)
    for span, trigger in deadline.spans:
        day = dates.day(trigger, item if deadline.each else "", sent=deadline.counts_from_sending)
        if day != clock.since or span is None or len(deadline.spans) == 1:
            continue
        last = days.last_day(clock.since, span, include_trigger=deadline.include_trigger, setting=school)
        if days.roll(last, deadline.rolls) == clock.due:
            return span, trigger
    return deadline.spans[0]


def _closed(day: date, days: Days) -> str:
    if day in days.holidays:
        return "That is a bank holiday"
    return f"That is a {day:%A}" if day.weekday() >= 5 else f"{day:%-d %B} does not count"


def _condition(process: Process, deadline: Deadline, clock: Clock) -> list[ReceiptStep]:
    floor = deadline.sense is Sense.AT_LEAST
    if clock.status is Status.DISAPPLIED:
        ground = process.grounds[clock.ground].say
        steps = [ReceiptStep(f"The limit does not apply: {ground}. The duty remains, as soon as practicable")]
        return [*steps, ReceiptStep(f"Done on {written(clock.met_on)}", clock.met_on)] if clock.met_on else steps
    if clock.status is Status.MET_LATE and clock.met_on and clock.due:
        return [ReceiptStep(f"Done on {written(clock.met_on)}, {_days((clock.met_on - clock.due).days)} late", clock.met_on)]
    if clock.status is Status.MET and clock.met_on:
        return [ReceiptStep(f"{'The time was given in full by' if floor else 'Done in time, on'} {written(clock.met_on)}", clock.met_on)]
    if clock.status is Status.PASSED:
        return [ReceiptStep("The day has passed and the duty is still to be done")]
    if clock.status is Status.STOPPED:
        return [ReceiptStep("The duty fell away before the date")]
    return []


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def citations_of(process: Process) -> tuple[Citation, ...]:
    """Every citation of a process with its evidence, in the order of its sources."""
    found = []
    for text, evidence in process.sources.items():
        instrument, _, pinpoint = text.partition(" ")
        found.append(Citation(instrument, pinpoint, evidence))
    return tuple(found)
