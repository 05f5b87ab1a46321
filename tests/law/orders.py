"""A second, independent opinion on what is possible in a process: Z3 looks for an order in which things could happen.

It shares nothing with the product: another reader (PyYAML), another reading of docs/format.md, and another idea. The product walks from
state to state. Here nothing moves: every act has a moment, every stage a first and a last one, and the rules are inequalities between
them; a step is possible if there are moments that satisfy them all. Not said here: what may happen in a stage that is
returned to, that a decision may be taken twice, and which duties still run at an ending.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import z3

from tests.texts import texts

SHELF = Path(__file__).resolve().parents[2] / "workflows" / "definitions" / "england"
NEVER = 1000  # a moment after everything


@cache
def definition(name: str) -> dict[str, Any]:
    """A definition as plain values, read by another reader than the product's. Which facts are optional is no matter here.

    It is kept: whoever changes it takes a copy.
    """
    text = re.sub(r"(\w)\?(?=\s*[,\]}])", r"\1", (SHELF / name / "v1.yaml").read_text("utf-8"))
    found = texts(text)
    assert isinstance(found, dict)
    return found


def several(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)


@dataclass
class Thing:
    """One thing that may happen once: an act, on one item, with one outcome."""

    act: str
    item: str
    outcome: str
    rule: Mapping[str, Any]
    by: frozenset[str]
    at: list[str]
    opens: bool
    done: z3.BoolRef
    when: z3.ArithRef
    here: dict[str, z3.BoolRef] = field(default_factory=dict)  # at which stage it happens

    @property
    def facts(self) -> list[str]:
        recorded = [use.rstrip("?") for use in several(self.rule.get("facts"))]
        outcome = (self.rule.get("outcomes") or {}).get(self.outcome, {})
        return recorded + [use.rstrip("?") for use in several(outcome.get("record"))]


class Orders:
    """A process as inequalities."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document, self.time_passes = document, z3.Bool("time passes")
        self.solver = z3.SolverFor("QF_LIA")
        self.stages = list(document["stages"])
        self.visited = {name: z3.Bool(f"visited {name}") for name in self.stages}
        self.enter = {name: z3.Int(f"enter {name}") for name in self.stages}
        self.leave = {name: z3.Int(f"leave {name}") for name in self.stages}
        self.truths: dict[str, z3.BoolRef] = {}
        self.over: dict[str, z3.ArithRef] = {}
        self.things = list(self._things())
        self._stages()
        for thing in self.things:
            self._happens(thing)

    # What may happen

    def _things(self) -> Iterable[Thing]:
        sends = self._senders()
        for section in ("events", "tasks", "decisions", "notices"):
            for name, rule in (self.document.get(section) or {}).items():
                by = [rule["who"]] if section == "decisions" else several(rule.get("by")) or ["local_authority"]
                at = several(rule.get("at"))
                if not at and name in sends:
                    at = several(self.document["decisions"][sends[name][0]]["at"])
                opens = name in several(self.document["opens_with"])
                for item in self._items(rule.get("each", "")):
                    twice = rule.get("again") == "true" and rule.get("moves_to") in at
                    for outcome in rule.get("outcomes") or (["", "again"] if twice else [""]):
                        key = " ".join(part for part in (name, item, outcome) if part)
                        place = at or ([self.stages[0]] if opens else [])
                        yield Thing(name, item, outcome, rule, frozenset(by), place, opens, z3.Bool(f"done {key}"), z3.Int(f"when {key}"))

    def _items(self, each: str) -> list[str]:
        if not each:
            return [""]
        rule = self.document["each"][each]
        required = several(rule.get("required"))
        others = [name for name in rule.get("items") or ["one"] if name not in required]
        return required + others[:1]

    def _senders(self) -> dict[str, tuple[str, list[str]]]:
        found: dict[str, tuple[str, list[str]]] = {}
        for name, rule in (self.document.get("decisions") or {}).items():
            for outcome, given in rule["outcomes"].items():
                if given.get("send"):
                    found.setdefault(given["send"], (name, []))[1].append(outcome)
        return found

    # When and where

    def _stages(self) -> None:
        add = self.solver.add
        for name in self.stages:
            entering = [z3.And(thing.done, thing.when == self.enter[name], self._goes(thing, name)) for thing in self.things]
            add(
                z3.Implies(
                    self.visited[name], z3.And(self.enter[name] >= 0, self.enter[name] < self.leave[name], self.leave[name] <= NEVER)
                )
            )
            add(z3.Implies(self.visited[name], z3.Or(entering)))
        opening = [thing for thing in self.things if thing.opens]
        add(z3.PbEq([(thing.done, 1) for thing in opening], 1))
        add(z3.AtMost(*[z3.And(self.visited[name], self.leave[name] == NEVER) for name in self.stages], 1))
        decisions: dict[str, list[z3.BoolRef]] = {}
        for thing in self.things:
            if thing.outcome:
                decisions.setdefault(thing.act, []).append(thing.done)
        for answers in decisions.values():
            add(z3.AtMost(*answers, 1))

    def _goes(self, thing: Thing, stage: str) -> z3.BoolRef:
        """That a thing leads into a stage."""
        target = thing.rule.get("moves_to", "")
        if thing.opens:
            return z3.BoolVal(stage == (target or self.stages[0]))
        came = [here for name, here in thing.here.items() if name != target] if target == stage else []
        for name in thing.at if target == stage else []:
            if name != target:
                thing.here.setdefault(name, z3.Bool(f"{thing.done} at {name}"))
                came.append(thing.here[name])
        return z3.Or(came) if came else z3.BoolVal(val=False)

    def _happens(self, thing: Thing) -> None:
        add = self.solver.add
        if thing.opens:
            add(z3.Implies(thing.done, thing.when == 0))
        else:
            add(z3.Implies(thing.done, z3.And(thing.when > 0, thing.when < NEVER)))
            for name in thing.at:
                thing.here.setdefault(name, z3.Bool(f"{thing.done} at {name}"))
            add(z3.Implies(thing.done, z3.PbEq([(here, 1) for here in thing.here.values()], 1)) if thing.here else z3.Not(thing.done))
            target = thing.rule.get("moves_to", "")
            for name, here in thing.here.items():
                lasts = z3.And(self.visited[name], thing.when > self.enter[name], thing.when <= self.leave[name])
                add(z3.Implies(here, z3.And(thing.done, lasts)))
                if target and target != name:
                    onward, back = (
                        self.enter[target] == thing.when,
                        self.enter[target] < self.enter[name],
                    )  # back: nothing is said of what follows
                    add(z3.Implies(here, z3.And(self.leave[name] == thing.when, self.visited[target], z3.Or(onward, back))))
            leaves = [name for name in thing.at if target and target != name]
            for name in set(thing.at) - set(leaves):
                add(z3.Implies(thing.here[name], thing.when < self.leave[name]))
        sender = self._senders().get(thing.act)
        if sender:
            asked = [one for one in self.things if one.act == sender[0] and one.outcome in sender[1]]
            add(z3.Implies(thing.done, z3.Or([z3.And(one.done, one.when < thing.when) for one in asked])))
        for gate in (self.document.get("gates") or {}).values():
            if thing.act in several(gate["holds"]):
                asks = z3.And([self._holds(name, thing) for name in several(gate.get("when"))])
                spared = z3.Or([self._holds(name, thing) for name in several(gate.get("unless"))])
                needs = z3.And([self._holds(name, thing) for name in several(gate["needs"])])
                add(z3.Implies(z3.And(thing.done, asks, z3.Not(spared)), needs))

    # What gates ask

    def _holds(self, name: str, thing: Thing) -> z3.BoolRef:
        """That a condition is true at the moment of a thing."""
        if name in (self.document.get("deadlines") or {}):
            return self._is_over(name, thing.when)
        if name in (self.document.get("conditions") or {}):
            return z3.Bool(f"{name} when {thing.done}")
        if name in (thing.rule.get("outcomes") or {}):
            return z3.BoolVal(name == thing.outcome)
        if name in self.document["facts"]:
            value = self.truths.setdefault(name, z3.Bool(f"{name} is so"))
            told = [z3.And(one.done, one.when < thing.when) for one in self.things if name in one.facts]
            return z3.And(value, z3.Or([*told, z3.BoolVal(name in thing.facts)]))
        return self._happened(name, thing)

    def _happened(self, name: str, thing: Thing) -> z3.BoolRef:
        """That an act was done, or an outcome decided, before."""
        counting = [one for one in self.things if name in (one.act, one.outcome, *several(one.rule.get("counts_as")))]
        before: dict[str, list[z3.BoolRef]] = {}
        for one in counting:
            before.setdefault(one.item, []).append(z3.And(one.done, one.when < thing.when))
        each = next((one.rule.get("each", "") for one in counting), "")
        if each and thing.rule.get("each", "") == each:
            return z3.Or(before.get(thing.item, []))
        required = several(self.document["each"][each].get("required")) if each else []
        if required:
            return z3.And([z3.Or(before.get(item, [])) for item in required])
        return z3.Or([happened for listed in before.values() for happened in listed])

    def _is_over(self, name: str, moment: z3.ArithRef) -> z3.BoolRef:
        """That a time which must be given began before, and came to its end."""
        over = self.over.setdefault(name, z3.Int(f"over {name}"))
        return z3.And(self.time_passes, self._begun(name, over), over < moment)

    def _begun(self, name: str, moment: z3.ArithRef) -> z3.BoolRef:
        rule = self.document["deadlines"][name]
        triggers = several(rule.get("from")) + [text.split(" from ")[1] for text in several(rule.get("latest_of"))]
        for text in [rule[key] for key in ("before", "by") if key in rule]:
            triggers.append(text.split(" before ")[-1])
        began = []
        for trigger in triggers:
            if trigger in self.document["deadlines"]:
                began.append(self._begun(trigger, moment))
            day = (self.document.get("days") or {}).get(trigger, {})
            sources = {trigger, day.get("from", ""), day.get("in_year_of", "")}
            began += [z3.And(one.done, one.when < moment) for one in self.things if one.act == trigger or sources & set(one.facts)]
        return z3.Or(began)

    # What may be asked

    def ending(self, stage: str) -> bool:
        """Whether there is an order of things that ends here."""
        return self._is_possible(self.visited[stage])

    def act(self, name: str, stage: str = "", outcome: str = "", silence: Iterable[z3.BoolRef] = ()) -> bool:
        """Whether an act, with an outcome, can happen at a stage (any), though others keep silent."""
        ways = [thing for thing in self.things if thing.act == name and (not outcome or thing.outcome == outcome)]
        if stage:
            return self._is_possible(z3.Or([thing.here[stage] for thing in ways if stage in thing.here]), silence)
        return self._is_possible(z3.Or([thing.done for thing in ways]), silence)

    def silent(self, *, only: Iterable[str] = (), without: str = "", refused: bool = False, timeless: bool = False) -> list[z3.BoolRef]:
        """That nobody but some acts, in what is theirs alone; that one does nothing; that all truths are no; that no time passes."""
        kept = set(only)
        still = [thing for thing in self.things if not thing.opens and ((kept and not thing.by <= kept) or without in thing.by)]
        told = [z3.Not(value) for value in self.truths.values()] if refused else []
        return [*(z3.Not(thing.done) for thing in still), *told, *([z3.Not(self.time_passes)] if timeless else [])]

    def _is_possible(self, goal: z3.BoolRef, silence: Iterable[z3.BoolRef] = ()) -> bool:
        self.solver.push()
        self.solver.add(goal, *silence)
        answer = self.solver.check()
        self.solver.pop()
        assert answer != z3.unknown, "no answer is none"
        return bool(answer == z3.sat)
