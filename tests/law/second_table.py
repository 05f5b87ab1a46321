"""A second, independent judge of overlays: docs/overlays.md read anew, numbers and gates left to Z3.

It takes nothing from the product but the definitions' text. `wrong(document)` gives what is illegal in an overlay, in its own words.
Days of the week are exact; months, working days and school days are functions of which Z3 is told no more than that more of them end later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from functools import cache
from typing import Any

import z3

from tests.law.orders import Orders, definition, several

OURS = {"local_authority", "decision_maker", "school", "setting", "provider", "adviser"}
COUNCIL = {"local_authority", "decision_maker"}
MAY_SAY = {  # every key that a tenant has; whatever else it writes is the law's
    "": "overlay process why facts deadlines gates decisions notices without tasks",
    "deadlines": "within at_least before every warn why",
    "gates": "needs without",
    "decisions": "who record",
    "notices": "contains",
    "tasks": "say by at deadline",
}
SENSES = ("within", "at_least", "before", "every")
OTHER_SENSES = ("by", "latest_of")


class Span:
    """A number of units, and the day on which it ends as Z3 has it."""

    def __init__(self, text: str) -> None:
        number, unit = text.split()
        self.number, self.unit = int(number), unit if unit.endswith("s") else f"{unit}s"

    def end(self, since: z3.ArithRef, number: z3.ArithRef | int | None = None) -> z3.ArithRef:
        count = self.number if number is None else number
        if self.unit in ("days", "weeks"):
            return since + count * (7 if self.unit == "weeks" else 1)
        return z3.Function(f"end of {self.unit}", z3.IntSort(), z3.IntSort(), z3.IntSort())(
            since, z3.IntVal(count) if isinstance(count, int) else count
        )


def more_is_later(unit: str, since: z3.ArithRef, one: z3.ArithRef | int, other: z3.ArithRef | int) -> z3.BoolRef:
    """That of two numbers of a unit the greater ends later: all that has to be known of a calendar."""
    span = Span(f"1 {unit}")
    first, second = span.end(since, one), span.end(since, other)
    return z3.And((one < other) == (first < second), (one == other) == (first == second))


def limit_of(rule: Mapping[str, Any]) -> tuple[str, str]:
    """The sense of a limit, and what it says."""
    sense = next(key for key in (*SENSES, *OTHER_SENSES) if key in rule)
    return sense, str(rule[sense])


def said_span(said: str) -> Span:
    """The number of a limit: one that is merely before a day is at least a day before it."""
    return Span(" ".join(said.split()[:2])) if said[0].isdigit() else Span("1 day")


def wrong(document: Mapping[str, Any]) -> list[str]:
    """Everything that is illegal in an overlay."""
    law = definition(document["process"])
    return [*_keys(document), *_limits(law, document), *_gates(law, document), *_acts(law, document)]


def _keys(document: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{key} is the law's" for key in document if key not in MAY_SAY[""].split())
    for section, keys in MAY_SAY.items():
        for name, rule in (document.get(section) or {}).items() if section else ():
            yield from (f"{section}.{name}.{key} is the law's" for key in rule if key not in keys.split())


def _limits(law: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    for name, change in (document.get("deadlines") or {}).items():
        rule = law["deadlines"][name]
        for sense in (key for key in SENSES if key in change):
            yield from (f"deadlines.{name}: {what}" for what in _number(law, name, rule, sense, Span(change[sense]), why="why" in change))
    for name in document.get("without") or {}:
        if law["deadlines"][name]["binds"] not in OURS:
            yield f"without.{name}: the excuse is another's"


def _number(law: Mapping[str, Any], name: str, rule: Mapping[str, Any], sense: str, now: Span, *, why: bool) -> Iterator[str]:
    has, said = limit_of(rule)
    force, binds = rule["force"], rule["binds"]
    if has in OTHER_SENSES or said.split()[0] == "as_soon_as_practicable" or has != sense:
        yield "the law gives no such number"
        return
    then = said_span(said)
    free = rule.get("set_by") == "tenant" or (force == "local" and has != "at_least" and binds != "family")
    if then.unit != now.unit:
        if rule.get("set_by") != "tenant":
            yield "another unit"
        return
    target = not free and has != "at_least" and binds != "family" and shortens(has, then, now)
    if leaned_on(law, name) and not target:
        yield "others count from it"
    if free:
        return
    if has == "at_least":
        if can_be_worse("later", then, now) or then.number == now.number:
            yield "less time than the law gives"
        if rule["from"] in law["deadlines"]:
            yield "it is another's time"
    elif binds == "family":
        if force != "local" or can_be_worse("later", then, now):
            yield "the time of the family"
    elif binds not in OURS:
        yield "the time of others"
    elif force == "must" and not target:
        yield "not tighter than the law"
    elif force == "should" and not why:
        yield "no reason"


def shortens(sense: str, then: Span, now: Span) -> bool:
    """Whether a number always leaves less time than the law's, from whatever day."""
    since, solver = z3.Int("since"), z3.Solver()
    solver.add(more_is_later(then.unit, since, then.number, now.number))
    law, tenant = then.end(since), now.end(since)
    solver.add(tenant <= law if sense == "before" else tenant >= law)
    return bool(solver.check() == z3.unsat)


def can_be_worse(should_be: str, then: Span, now: Span) -> bool:
    """Whether from some day a time that has to be longer is not."""
    assert should_be == "later"
    since, solver = z3.Int("since"), z3.Solver()
    solver.add(more_is_later(then.unit, since, then.number, now.number), now.end(since) < then.end(since))
    return bool(solver.check() == z3.sat)


def leaned_on(law: Mapping[str, Any], name: str) -> bool:
    """Whether another limit, a condition or an excuse reckons with its last day."""
    for rule in law["deadlines"].values():
        spoken = [rule.get("from", ""), *(text.split(" from ")[-1] for text in several(rule.get("latest_of")))]
        spoken += [str(rule[key]).split(" before ")[-1] for key in ("before", "by") if key in rule]
        if name in spoken:
            return True
    grounds = [law["grounds"][ground] for ground in law["deadlines"][name].get("excused_by") or {}]
    within = any((ground.get("lasts") or {}).get("within_limit") == "true" for ground in grounds)
    return within or any(name in (rule.get("until"), *several(rule.get("passed"))) for rule in (law.get("conditions") or {}).values())


# Gates


def _gates(law: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    changes = {name: rule for name, rule in (document.get("gates") or {}).items() if set(rule) <= {"needs", "without"}}
    if not changes:
        return
    for name, change in changes.items():
        held = several(law["gates"][name]["holds"])
        if any(not doers(law, act) <= OURS for act in held):
            yield f"gates.{name}: it holds a step of others"
        if set(change.get("needs") or ()) & set(document.get("tasks") or {}):
            yield f"gates.{name}: a task of its own"
            return
    merged = Orders(gated(law, changes))
    for name in changes:
        for act in several(law["gates"][name]["holds"]):
            if held_up(law, merged, act):
                yield f"gates.{name}: {act} can be held up, or never comes"


def gated(law: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The law with other needs and exceptions in some gates."""
    merged = deepcopy(dict(law))
    for name, change in changes.items():
        gate = merged["gates"][name]
        gate["needs"] = [*several(gate["needs"]), *(change.get("needs") or [])]
        gate["unless"] = [one for one in several(gate.get("unless")) if one not in (change.get("without") or [])]
    return merged


def held_up(law: Mapping[str, Any], merged: Orders, act: str) -> bool:
    """Whether a step is lost, or comes to hang on others, on an answer or on waiting, where it did not."""
    before = orders(law["process"])
    own = doers(law, act) | (COUNCIL if COUNCIL & doers(law, act) else set())
    outcomes = list((law.get("decisions") or {}).get(act, {}).get("outcomes") or [""])
    stages = sorted({stage for thing in before.things if thing.act == act for stage in thing.at})
    asked: list[dict[str, Any]] = [{}, {"only": own}, {"only": own, "refused": True}, {"without": "family"}]
    asked += [{"timeless": True}] if is_timed(law, act) else []
    return any(
        before.act(act, stage, outcome, before.silent(**silence)) and not merged.act(act, stage, outcome, merged.silent(**silence))
        for silence in asked
        for stage in stages
        for outcome in outcomes
    )


@cache
def orders(name: str) -> Orders:
    return Orders(definition(name))


def is_timed(law: Mapping[str, Any], act: str) -> bool:
    """Whether the law or guidance asks for it by a day."""
    limits = [rule for rule in law["deadlines"].values() if act in several(rule.get("met_by"))]
    return any("at_least" not in rule and rule["force"] != "local" for rule in limits)


def doers(law: Mapping[str, Any], name: str) -> set[str]:
    for section in ("events", "tasks", "notices"):
        if name in (law.get(section) or {}):
            return set(several(law[section][name].get("by")) or ["local_authority"])
    return {law["decisions"][name]["who"]}


# Acts, and time for both


def _acts(law: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[str]:
    for name, change in (document.get("decisions") or {}).items():
        if change.get("who", "decision_maker") != "decision_maker" or ("who" in change and doers(law, name) != {"decision_maker"}):
            yield f"decisions.{name}: who decides is the law's"
        if "record" in change and not doers(law, name) <= OURS:
            yield f"decisions.{name}: more is asked of others"
    for name, change in (document.get("notices") or {}).items():
        if not doers(law, name) <= OURS or set(change.get("contains") or ()) & {*law["elements"], *law["facts"]}:
            yield f"notices.{name}: the words of the law"
    yield from (f"facts.{name}: the law's" for name in document.get("facts") or {} if name in law["facts"])
    yield from (f"tasks.{name}: others" for name, task in (document.get("tasks") or {}).items() if not set(task["by"]) <= OURS)


def no_time_left(document: Mapping[str, Any]) -> list[str]:
    """The limits in law that a longer time for the family makes impossible, even if all begins on one day."""
    law = definition(document["process"])
    found = []
    for name, change in (document.get("deadlines") or {}).items():
        if "at_least" not in change:
            continue
        held = [act for gate in law["gates"].values() if name in several(gate["needs"]) for act in several(gate["holds"])]
        given = Span(change["at_least"])
        for other, rule in law["deadlines"].items():
            sense, said = limit_of(rule)
            if rule["force"] != "must" or sense != "within" or not set(held) & set(several(rule.get("met_by"))) or not said[0].isdigit():
                continue
            since, solver = z3.Int("since"), z3.Solver()
            counted = given.number - (law["deadlines"][name].get("counting") == "include_trigger")
            last = said_span(said).end(since)
            if given.unit not in ("days", "weeks"):
                continue
            solver.add(given.end(since, counted) < last)  # there is a day left
            if solver.check() == z3.unsat:
                found.append(other)
    return found
