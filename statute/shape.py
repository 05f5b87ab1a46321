"""What a walk over the paths of a process looks at, and nothing else: `shape(process)`.

It is a process again, without numbers, sentences, citations, warnings, letters, and without acts and limits that nothing looks at.
The walk is made over the shape alone, so that processes of one shape have the same paths by construction: what a council changes of
dates, words and tasks need not be walked anew. That leaving the rest out changes no finding is tested against walks of the whole.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from statute.clocks import FAMILY
from statute.definition import (
    Act,
    Condition,
    Deadline,
    Each,
    FactRule,
    FactUse,
    Gate,
    NamedDay,
    Outcome,
    Process,
    Stage,
)
from statute.types import Force, Kind


@dataclass(frozen=True, slots=True)
class Shape:
    """The walked part of a process. Shapes are equal if their fingerprints are."""

    fingerprint: str
    process: Process = field(compare=False, repr=False)
    left_out: Mapping[str, frozenset[str]] = field(compare=False, repr=False)  # act that nothing looks at -> its stages


class _Same:
    """The very same process, which never changes: what is worked out of it holds for as long as it is there."""

    __slots__ = ("process",)

    def __init__(self, process: Process) -> None:
        self.process = process

    def __hash__(self) -> int:
        return id(self.process)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.process is self.process


def shape(process: Process) -> Shape:
    """The shape of a process."""
    return _shape(_Same(process))


@lru_cache(maxsize=64)
def _shape(of: _Same) -> Shape:
    process = of.process
    consulted = frozenset(name for gate in process.gates.values() for name in (*gate.needs, *gate.when, *gate.unless))
    deadlines = {name: _deadline(deadline) for name, deadline in process.deadlines.items() if name in _tracked(process, consulted)}
    starts, meets, stops = (_kept(index, deadlines) for index in (process.starts, process.meets, process.stops))
    days = {name: NamedDay(name, "", (), source=day.source, first_of=day.first_of) for name, day in process.days.items()}
    facts = {name: FactRule(name, fact.type) for name, fact in process.facts.items() if name in consulted}
    looked_at = facts.keys() | {name for name in process.facts if name in starts} | {day.source for day in days.values()}
    counted = {name for act in process.acts.values() for name in act.counts_as}
    acts, left_out = {}, {}
    for name, act in process.acts.items():
        bare = _act(act, looked_at)
        if _matters(bare) or name in consulted | counted or any(name in index for index in (starts, meets, stops)):
            acts[name] = bare
        else:
            left_out[name] = act.at
    found = Process(
        name="", version=0, title="", status="", reviewed=None, in_force_from=date.min, applies_to="", several=False, law={}, sources={},
        facts=facts, opens_with=(), stages={name: Stage(name, "", stage.ends) for name, stage in process.stages.items()},
        first_stage=process.first_stage, acts=acts,
        each={name: Each(name, "", dict.fromkeys(each.items, ""), each.required) for name, each in process.each.items()},
        gates={name: _gate(gate) for name, gate in process.gates.items()}, deadlines=deadlines, grounds={}, days=days,
        conditions={name: Condition(name, "", ()) for name in process.conditions}, service={}, digest="",
        starts=starts, meets=meets, stops=stops,
    )  # fmt: skip
    return Shape(hashlib.sha256(repr(_plain(found)).encode()).hexdigest(), found, left_out)


def _tracked(process: Process, consulted: frozenset[str]) -> set[str]:
    """The limits in law and those that a gate waits for, and whatever they count from."""
    kept: set[str] = set()
    waiting = [name for name, deadline in process.deadlines.items() if deadline.force is Force.MUST or name in consulted]
    while waiting:
        name = waiting.pop()
        if name not in kept:
            kept.add(name)
            waiting += [trigger for _, trigger in process.deadlines[name].spans if trigger in process.deadlines]
    return kept


def _kept(index: Mapping[str, tuple[Deadline, ...]], deadlines: Mapping[str, Deadline]) -> dict[str, tuple[Deadline, ...]]:
    kept = {name: tuple(deadlines[one.name] for one in listed if one.name in deadlines) for name, listed in index.items()}
    return {name: listed for name, listed in sorted(kept.items()) if listed}


def _deadline(deadline: Deadline) -> Deadline:
    return Deadline(
        name=deadline.name, say="", binds="", force=deadline.force if deadline.force is Force.MUST else Force.LOCAL, cites=(),
        sense=deadline.sense, spans=tuple((None, trigger) for _, trigger in deadline.spans), include_trigger=False,
        met_by=deadline.met_by, stopped_by=deadline.stopped_by, excused_by={}, each=deadline.each, only=deadline.only,
        repeats=deadline.repeats,
    )  # fmt: skip


def _gate(gate: Gate) -> Gate:
    return Gate(gate.name, "", gate.holds, gate.needs, gate.when, gate.unless, ())


def _act(act: Act, looked_at: set[str]) -> Act:
    asked = {name for gate in act.gates for name in (*gate.needs, *gate.when, *gate.unless)}
    return Act(
        name=act.name, kind=act.kind, say="", by=tuple(sorted(act.by)), at=act.at,
        facts=_uses(act.facts, looked_at | asked), each=act.each, again=act.again, counts_as=act.counts_as, follows=act.follows,
        outcomes={name: Outcome(name, "", "", _uses(given.record, looked_at | asked)) for name, given in act.outcomes.items()},
        gates=tuple(_gate(gate) for gate in act.gates),
        moves=act.moves,
    )  # fmt: skip


def _uses(uses: tuple[FactUse, ...], looked_at: set[str]) -> tuple[FactUse, ...]:
    return tuple(use for use in uses if use.name in looked_at)


def _matters(act: Act) -> bool:
    """Whether an act by itself leads somewhere, is held or called for, or is a right of the family."""
    leads = act.kind is Kind.OPENED or act.moves or act.outcomes or act.counts_as or act.facts
    return bool(leads or act.gates or act.follows[0] or FAMILY in act.by)


PARTS: dict[type, tuple[str, ...]] = {  # the fields that a shape fills; all others are blank in it
    Process: ("facts", "stages", "first_stage", "acts", "each", "gates", "deadlines", "days", "conditions", "starts", "meets", "stops"),
    Act: ("name", "kind", "by", "at", "facts", "each", "again", "counts_as", "follows", "outcomes", "gates", "moves"),
    Condition: ("name",),
    Deadline: ("name", "force", "sense", "spans", "met_by", "stopped_by", "each", "only", "repeats"),
    Each: ("name", "items", "required"),
    FactRule: ("name", "type"),
    FactUse: ("name", "required"),
    Gate: ("name", "holds", "needs", "when", "unless"),
    NamedDay: ("name", "source", "first_of"),
    Outcome: ("name", "record"),
    Stage: ("name", "ends"),
}


def _plain(value: Any) -> Any:
    """A value as lists and texts, in an order that never changes."""
    kind = type(value)
    if value is None or kind is str or kind is bool:
        return value
    if kind is tuple:
        return [_plain(inner) for inner in value] if value else ()
    if kind is dict:
        return [(key, _plain(inner)) for key, inner in value.items()]
    if kind is frozenset:
        return sorted(value)
    parts = PARTS.get(kind)
    return str(value) if parts is None else [_plain(getattr(value, name)) for name in parts]
