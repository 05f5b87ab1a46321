"""The one file that says what an event does to a case: `advance(process, state, event, days) -> Step`, or it raises `Refused`.

It is total (a Step or Refused, never another exception), pure, and a refusal changes nothing. Everything that affects where a
case stands lives here; dates are `statute.clocks`, conditions `statute.gates`, facts `statute.facts`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from difflib import get_close_matches

from statute.clocks import Dates, clock_key, current, in_rounds, look, meet, sending, split_key, start, stop
from statute.days import Days, UnknownDays, civil
from statute.definition import Act, Deadline, FactType, FactUse, Process, Sense
from statute.excuse import grant
from statute.facts import EARLIEST, LATEST, faults_in
from statute.gates import Ledger
from statute.named_days import follow
from statute.revise import CONFIGURATION, revised
from statute.types import Clock, Effect, Event, Fault, Kind, Refused, State, Step, Value

KEPT_KEYS = 48  # recent idempotency keys in the state; the journal's unique index remembers all of them


def advance(process: Process, state: State | None, event: Event, days: Days) -> Step:
    """The step that an event makes; `state` is None before the case is opened.

    Raises:
        Refused: the law, the case or the form does not allow it; the case is as it was.
    """
    try:
        return _open(process, event, days) if state is None else _advance(process, state, event, days)
    except UnknownDays as unknown:
        what, why = str(unknown), "a date that nobody can check is not given"
        raise Refused(what, faults=(Fault("item", what, why, "have the school's calendar recorded first"),)) from None


def _advance(process: Process, state: State, event: Event, days: Days) -> Step:
    if event.key in state.keys:
        return Step(state, replayed=True)
    if event.kind is Kind.TIME_PASSED:
        changed, effects = look(process, state, civil(event.at))
        if not changed:
            return Step(state, replayed=True)
        return Step(_next(state, event, clocks={**state.clocks, **changed}), effects)
    if event.kind is Kind.REVISED:
        return revise(process, state, event, days)
    if event.kind is Kind.EXCUSED:
        key, clock = grant(process, state, event, days)
        return Step(_next(state, event, clocks={**state.clocks, key: clock}))
    act = _act(process, event)
    _check_place(process, state, act, event)
    facts = _check_form(process, state, act, event)
    days = _with_terms(days, state, event)
    served = _served(process, state, act, event, days)
    name = f"{event.name}/{event.item}" if event.item else event.name
    facts.update(follow(process, {**state.facts, **facts}, facts, event.on))
    dates = Dates({**state.facts, **facts}, state.happened)
    Ledger(process, state, dates, act, event.item, event.outcome, event.on, days).pass_gates()
    happened = {**state.happened, name: served}
    if any(deadline.counts_from_sending for deadline in process.starts.get(event.name, ())):
        happened[sending(event.name)] = event.on
    happened.update({f"{other}/{event.item}" if event.item else other: served for other in act.counts_as})
    return _apply(process, state, act, event, Dates(dates.facts, happened), facts, served, days)


def revise(process: Process, state: State, event: Event, days: Days) -> Step:
    """Move an open case to changed rules: `process` is as changed by the event (`statute.revise`)."""
    found = revised(process, state, event, days)
    changes = {"clocks": found.clocks, "amendments": found.amendments, "rules": found.rules, "flags": found.flags}
    told = (Effect("rules", "rules_changed"),) if event.name == CONFIGURATION else ()  # a change of the law is told by those who made it
    return Step(_next(state, event, digest=process.digest, **changes), told)


def _open(process: Process, event: Event, days: Days) -> Step:
    act = _act(process, event)
    if act.kind is not Kind.OPENED or event.kind is not Kind.OPENED:
        opening = ", ".join(process.opens_with)
        raise Refused(
            f"This case is not open yet: it opens with {opening}", faults=(_fault("name", "does not open a case", "open it first"),)
        )
    empty = State(
        process.name, process.version, process.digest, days.digest, 0, process.first_stage, event.on, rules=event.rules, flags=event.flags
    )
    facts = _check_form(process, empty, act, event)
    born = facts.get("born_on")
    if isinstance(born, str) and date.fromisoformat(born) > event.on:
        raise _malformed([_fault("on", "is before the child was born", "check the day, or the date of birth")])
    days = _with_terms(days, empty, event)
    facts.update(follow(process, facts, facts, event.on))
    Ledger(process, empty, Dates(facts, {}), act, event.item, event.outcome, event.on, days).pass_gates()
    step = _apply(process, empty, act, event, Dates(facts, {event.name: event.on}), facts, event.on, days)
    return replace(step, effects=(*step.effects, *_untold(process, process.first_stage)))


def _act(process: Process, event: Event) -> Act:
    act = process.acts.get(event.name)
    if act is None:
        close = get_close_matches(event.name, process.acts, 1)
        advice = f"did you mean {close[0]}" if close else "look at the actions of the case"
        raise _malformed([_fault("name", f"nothing in {process.title} is called that", advice)])
    if act.kind is not event.kind:
        raise _malformed(
            [_fault("name", f"is something that is {act.kind.value}, not {event.kind.value}", "use the mutation for its kind")]
        )
    if event.capacity not in act.by:
        allowed = " or ".join(name.replace("_", " ") for name in act.by)
        raise Refused(f"{act.say}: this is for the {allowed}", act.cites)
    return act


def _check_place(process: Process, state: State, act: Act, event: Event) -> None:
    stage = process.stages[state.stage]
    if act.kind is Kind.OPENED:
        raise Refused("This case is open already")
    if state.stage not in act.at:
        ended = "The case has ended" if stage.ends else "Not at this stage"
        raise Refused(f"{ended}: {stage.say}. This act has no place here: {act.say}", act.cites)
    name = f"{event.name}/{event.item}" if event.item else event.name
    if not act.again and name in state.happened:
        raise Refused(f"{act.say}: recorded already, on {state.happened[name]:%-d %B %Y}", act.cites)
    decision, outcomes = act.follows
    if decision and state.decided.get(decision) not in outcomes:
        raise Refused(f"{act.say}: the decision comes first. {process.acts[decision].say}", act.cites)


def _check_form(process: Process, state: State, act: Act, event: Event) -> dict[str, Value]:
    """The facts to record, after checking day, item, outcome and facts, all faults at once."""
    today = civil(event.at)
    faults = []
    if event.on > min(today, LATEST):
        faults.append(_fault("on", f"is in the future: today is {today:%-d %B %Y}", "record it once it happened"))
    elif event.on < max(state.opened_on, EARLIEST):
        faults.append(_fault("on", f"is before the case began on {state.opened_on:%-d %B %Y}", "check the day"))
    decided_on = state.happened.get(act.follows[0])
    if decided_on is not None and event.on < decided_on:
        faults.append(_fault("on", f"is before the decision of {decided_on:%-d %B %Y}", "check the day"))
    faults += _item_faults(process, act, event.item)
    uses = act.facts
    if act.outcomes:
        outcome = act.outcomes.get(event.outcome)
        if outcome is None:
            faults.append(_fault("outcome", f"is not an outcome of this decision: {act.say}", f"choose one of {', '.join(act.outcomes)}"))
        else:
            uses = (*uses, *outcome.record, *_also_records(process, act, outcome.record))
    elif event.outcome:
        faults.append(_fault("outcome", "is not asked for here", "leave it out"))
    born = state.facts.get("born_on", event.facts.get("born_on"))
    try:
        born_on = date.fromisoformat(born) if isinstance(born, str) else None
    except ValueError:
        born_on = None
    faults += faults_in(process, uses, event.facts, today, born_on if act.kind is not Kind.OPENED else None)
    if faults:
        raise _malformed(faults)
    seq = state.seq + 1
    return {name: seq if process.facts[name].type is FactType.TEXT else value for name, value in event.facts.items()}


def _also_records(process: Process, act: Act, taken: tuple[FactUse, ...]) -> tuple[FactUse, ...]:
    """A decision may give reasons even where its outcome need not."""
    names = {use.name for use in taken}
    return tuple(
        {use.name: FactUse(use.name, required=False) for o in act.outcomes.values() for use in o.record if use.name not in names}.values()
    )


def _item_faults(process: Process, act: Act, item: str) -> list[Fault]:
    if not act.each:
        return [_fault("item", "is not asked for here", "leave it out")] if item else []
    each = process.each[act.each]
    if not item or "/" in item or len(item) > 64:
        return [_fault("item", f"must say which: {each.say}", f"choose one of {', '.join(each.items)}" if each.items else "give its id")]
    if each.items and item not in each.items:
        return [_fault("item", f"is unknown: {each.say}", f"choose one of {', '.join(each.items)}")]
    return []


def _served(process: Process, state: State, act: Act, event: Event, days: Days) -> date:
    """The day that counts: for a notice, the day on which it is taken to arrive."""
    if act.kind is not Kind.SERVED:
        if event.how:
            raise _malformed([_fault("how", "is only for notices", "leave it out")])
        return event.on
    service = process.service.get(event.how)
    if service is None:
        raise _malformed([_fault("how", "does not say how the notice was served", f"choose one of {', '.join(process.service)}")])
    return days.last_day(event.on, service.after)


def _apply(process: Process, state: State, act: Act, event: Event, dates: Dates, facts: dict[str, Value], served: date, days: Days) -> Step:
    clocks = dict(state.clocks)
    for deadline in (one for name in (act.name, *act.counts_as) for one in process.stops.get(name, ())):
        for key in _keys_of(deadline, clocks, act, event.item):
            clocks[key] = stop(deadline, clocks[key], served)
    for deadline in (one for name in (act.name, *act.counts_as) for one in process.meets.get(name, ())):
        done = event.on if deadline.judged_by_sending else served
        for key in _keys_of(deadline, clocks, act, event.item):
            clocks[key] = meet(deadline, clocks[key], done)
            if deadline.sense is Sense.EVERY:
                start(process, deadline, clocks, dates, event.item, days, since=done)
    for trigger in (act.name, *facts):
        for deadline in process.starts.get(trigger, ()):
            if not deadline.only or event.item in deadline.only:
                start(process, deadline, clocks, dates, event.item, days)
    stage = act.moves.get(state.stage, state.stage)
    decided = {**state.decided, act.name: event.outcome} if act.outcomes else state.decided
    after = _next(state, event, clocks=clocks, facts=dates.facts, happened=dates.happened, decided=decided, stage=stage)
    effects = [Effect("notice", act.outcomes[event.outcome].send)] if act.outcomes else []
    effects += [Effect("open", opening.process) for opening in act.opens]
    effects += [Effect("send", act.sends)] if act.sends else []
    effects += [Effect("tell", name) for name in act.tells]
    effects += [Effect("announce", name) for name in act.announces]
    if stage != state.stage:
        effects += _untold(process, stage)
    return Step(after, tuple(effects))


def _keys_of(deadline: Deadline, clocks: dict[str, Clock], act: Act, item: str) -> list[str]:
    """The clocks of a deadline that an act concerns: its own item's, or all of them."""
    if in_rounds(deadline):
        key = current(deadline, clocks)
        return [key] if key in clocks else []
    if not deadline.each or act.each == deadline.each:
        key = clock_key(deadline, item)
        return [key] if key in clocks else []
    return [key for key in clocks if split_key(key)[0] == deadline.name]


def _with_terms(days: Days, state: State, event: Event) -> Days:
    """The calendar with the school days that the case was told of, the newest last."""
    try:
        return days.meeting({**state.terms, **event.terms})
    except ValueError as wrong:
        raise _malformed([_fault("terms", f"are not school terms: {wrong}", "give them as first/last, closed days as -day")]) from None


def _untold(process: Process, stage: str) -> list[Effect]:
    """Notices that belong to a stage without waiting for a decision: prepared when the stage begins."""
    return [
        Effect("notice", act.name) for act in process.acts.values() if act.kind is Kind.SERVED and not act.follows[0] and stage in act.at
    ]


def _next(state: State, event: Event, **changes: object) -> State:
    keys = {**state.keys, event.key: state.seq + 1}
    if len(keys) > KEPT_KEYS:
        del keys[next(iter(keys))]
    terms = {**state.terms, **event.terms} if event.terms else state.terms
    return replace(state, seq=state.seq + 1, keys=keys, terms=terms, **changes)  # type: ignore[arg-type]


def _fault(path: str, what: str, do: str) -> Fault:
    return Fault(path, what, "the journal holds only what can have happened", do)


def _malformed(faults: list[Fault]) -> Refused:
    return Refused("; ".join(f"{fault.path} {fault.what}" for fault in faults), faults=tuple(faults))
