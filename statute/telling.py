"""A counter-example in plain words: each step by the sentence of the definition, then what comes of it, then the law.

"If a request was received, then the letter "The draft plan" leaves, the time for the family ends in week 9; SEND reg.22(4)"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

from statute.definition import Act, Deadline, Process
from statute.paths import Map, Rule, words
from statute.types import Citation, Kind

STEPS = {Kind.DECIDED: 'the decision is "{}"', Kind.SERVED: 'the letter "{}" leaves', Kind.DONE: 'the task "{}" is done'}
THINGS = {Kind.DECIDED: "the decision", Kind.SERVED: "the letter", Kind.DONE: "the task"}


def lowered(say: str) -> str:
    """A sentence to stand within another: its first word small, unless it is a name or an abbreviation."""
    first = say.split(" ", 1)[0]
    return say if first[1:] != first[1:].lower() or not say else say[0].lower() + say[1:]


def step(process: Process, rule: Rule) -> str:
    """One step of a path."""
    act = rule.act
    outcome = act.outcomes.get(rule.outcome)
    notes = [lowered(_item(process, act, name)) for name in rule.items]
    notes += [f"{_fact(process, name)}: {'yes' if given else 'no'}" for name, given in rule.truths.items()]
    told = _happens(act, outcome.say if outcome else act.say)
    return f"{told} ({'; '.join(notes)})" if notes else told


def _happens(act: Act, say: str) -> str:
    return STEPS[act.kind].format(say) if act.kind in STEPS else lowered(say)


def named(process: Process, name: str) -> str:
    """What a gate waits for, by its sentence."""
    outcomes = {key: outcome for act in process.acts.values() for key, outcome in act.outcomes.items()}
    rule = process.acts.get(name) or outcomes.get(name) or process.deadlines.get(name) or process.conditions.get(name)
    return f'"{rule.say}"' if rule is not None and rule.say else words(name)


def _item(process: Process, act: Act, name: str) -> str:
    return process.each[act.each].items.get(name, "") or {"one": "one of them", "another": "another of them"}.get(name, words(name))


def _fact(process: Process, name: str) -> str:
    condition = process.conditions.get(name)
    return lowered(condition.say) if condition and condition.say else words(name)


def over(deadline: Deadline) -> str:
    """The step that time itself takes."""
    span = deadline.spans[0][0]
    return f"{span or 'the time'} pass ({lowered(deadline.say)})"


def thing(act: Act, outcome: str = "") -> str:
    """An act as the subject of a sentence."""
    said = act.outcomes[outcome].say if outcome in act.outcomes else act.say
    return f'{THINGS.get(act.kind, "the step")} "{said}"'


def sentences(process: Process, walk: Map | None = None) -> dict[str, str]:
    """The sentence of each label that a path may have."""
    told = {rule.label: step(process, rule) for rule in (walk or Map(process)).rules}
    return told | {f"time over: {words(name)}": over(deadline) for name, deadline in process.deadlines.items()}


def told(path: Iterable[str], known: Mapping[str, str], harm: str, cites: tuple[Citation, ...]) -> str:
    """The whole of it in one sentence: if this, then that, what comes of it; by what law."""
    steps = ", then ".join(known.get(label, label) for label in path)
    said = f"if {steps}, {harm}" if steps else harm
    said = said[:1].upper() + said[1:]
    return f"{said}; {', '.join(map(str, cites))}" if cites else said


def begins(process: Process, trigger: str, when: date) -> str:
    """That what a limit counts from is on a day."""
    act = process.acts.get(trigger)
    if act is not None:
        return f"{_happens(act, act.say)} on {day(when)}"
    if trigger in process.days:
        return f"{lowered(process.days[trigger].say)} is {day(when)}"
    if trigger in process.deadlines:
        return f'the last day for "{process.deadlines[trigger].say}" is {day(when)}'
    for act in process.acts.values():
        if trigger in [use.name for use in act.facts]:
            return f"{_happens(act, act.say)} ({words(trigger)} {day(when)})"
    return f"{words(trigger)} is {day(when)}"


def day(when: date) -> str:
    return f"{when:%-d %B %Y}"


def week(since: date, when: date) -> str:
    """The week in which a day lies, counted from another: the seventh day after it is still in week 1."""
    return f"in week {max(1, -(-(when - since).days // 7))}"


def apart(one: date, other: date) -> str:
    """How far two days lie from one another."""
    days = abs((one - other).days)
    return f"{days} day{'s' if days != 1 else ''}"
