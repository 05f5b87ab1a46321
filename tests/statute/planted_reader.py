"""Planted overlays: the corpus under planted/, and a constructor that asks nobody, so that the proof has to notice by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from statute.definition import Act, Deadline, FactRule, FactType, FactUse, Gate, Ground, Outcome, Process, Span, Stage, Unit
from statute.types import Citation, Evidence, Force, Kind
from tests.statute.overlays import document
from tests.texts import texts
from workflows.library import get

PLANTED = Path(__file__).parent / "planted"


@dataclass(frozen=True)
class Planted:
    """One overlay of the corpus, and what has to be said of it."""

    name: str
    process: str
    changes: Mapping[str, Any]
    path: str = ""
    law: str = ""
    proof: str = ""
    says: str = ""
    table_alone: str = ""

    @property
    def document(self) -> dict[str, Any]:
        return document(self.process, **self.changes)

    @property
    def national(self) -> Process:
        return get(self.process, 1)


def corpus(*names: str) -> list[Planted]:
    """The entries of some files. A name comes once."""
    found = [Planted(**entry) for name in names for entry in texts((PLANTED / f"{name}.yaml").read_text("utf-8"))]
    assert len({one.name for one in found}) == len(found)
    return found


ILLEGAL = corpus("illegal_plans", "illegal_others")
UNPROVABLE = corpus("unprovable")
LEGAL = corpus("legal_plans", "legal_others")


def forced(process: Process, changes: Mapping[str, Any]) -> Process:
    """The process as somebody wanted it, applied as it is written: no table, no target beside the law's date, no refusal."""
    sections: dict[str, Any] = {
        "deadlines": _each(process.deadlines, changes.get("deadlines", {}), _limit),
        "gates": _each(process.gates, changes.get("gates", {}), _gate),
        "acts": dict(process.acts),
    }
    for name, grounds in changes.get("without", {}).items():
        limit = sections["deadlines"][name]
        sections["deadlines"][name] = replace(limit, excused_by={key: law for key, law in limit.excused_by.items() if key not in grounds})
    for section in ("events", "decisions", "notices"):
        sections["acts"] = _each(sections["acts"], changes.get(section, {}), _act)
    for name, task in changes.get("tasks", {}).items():
        moves = dict.fromkeys(task["at"], task["moves_to"]) if "moves_to" in task else {}
        sections["acts"][name] = Act(name, Kind.DONE, task["say"], tuple(task["by"]), frozenset(task["at"]), moves=moves)
    acts = {
        name: replace(act, gates=tuple(gate for gate in sections["gates"].values() if name in gate.holds))
        for name, act in sections["acts"].items()
    }
    stages = {name: Stage(name, rule["say"], ends=False) for name, rule in changes.get("stages", {}).items()}
    grounds = {
        name: Ground(name, rule["say"], (), None, within_limit=False, covers=None) for name, rule in changes.get("grounds", {}).items()
    }
    days = {name: replace(process.days[name], say=rule["say"], day=28) for name, rule in changes.get("days", {}).items()}
    facts = {name: FactRule(name, FactType(kind)) for name, kind in changes.get("facts", {}).items()}
    deadlines = sections["deadlines"].values()
    return replace(
        process,
        deadlines=sections["deadlines"],
        gates=sections["gates"],
        acts=acts,
        stages={**process.stages, **stages},
        grounds={**process.grounds, **grounds},
        days={**process.days, **days},
        facts={**process.facts, **facts},
        starts=_index([(name, one) for one in deadlines for _, name in one.spans]),
        meets=_index([(name, one) for one in deadlines for name in one.met_by]),
        stops=_index([(name, one) for one in deadlines for name in one.stopped_by]),
    )


def _each(rules: Mapping[str, Any], changes: Mapping[str, Any], change: Any) -> dict[str, Any]:
    return {name: change(rule, changes[name]) if name in changes else rule for name, rule in rules.items()}


def _limit(law: Deadline, change: Mapping[str, Any]) -> Deadline:
    for sense in ("within", "at_least", "before", "every"):
        if sense in change:
            number, unit = change[sense].split()
            span = Span(int(number), next(one for one in Unit if one.value.rstrip("s") == unit.rstrip("s")))
            law = replace(law, spans=tuple((span, trigger) for _, trigger in law.spans))
    if "from" in change:
        law = replace(law, spans=tuple((span, change["from"]) for span, _ in law.spans))
    if "excused_by" in change:
        law = replace(law, excused_by={**law.excused_by, **dict.fromkeys(change["excused_by"], law.cites)})
    if "cite" in change:
        law = replace(law, cites=(Citation(*change["cite"].split(" ", 1), Evidence.NONE),))
    if "force" in change:
        law = replace(law, force=Force(change["force"]))
    given = {key: tuple(change[key]) for key in ("met_by", "stopped_by") if key in change}
    given |= {key: change[key] for key in ("binds", "rolls") if key in change}
    return replace(law, **given)


def _gate(law: Gate, change: Mapping[str, Any]) -> Gate:
    given = {key: tuple(change[key]) for key in ("holds", "when", "unless") if key in change}
    law = replace(law, **given, needs=(*law.needs, *change.get("needs", ())))
    return replace(law, unless=tuple(name for name in law.unless if name not in change.get("without", ())))


def _act(law: Act, change: Mapping[str, Any]) -> Act:
    if "who" in change:
        law = replace(law, by=(change["who"],))
    if "by" in change:
        law = replace(law, by=tuple(change["by"]))
    if "at" in change:
        law = replace(law, at=frozenset(change["at"]))
    if "to" in change:
        law = replace(law, to=tuple(change["to"]))
    outcomes = dict(law.outcomes)
    for name, outcome in change.get("outcomes", {}).items():
        outcomes[name] = Outcome(name, outcome["say"], "", ())
    for name, uses in change.get("record", {}).items():
        outcomes[name] = replace(outcomes[name], record=(*outcomes[name].record, *(FactUse(use) for use in uses)))
    return replace(law, outcomes=outcomes, contains={**law.contains, **change.get("contains", {})})


def _index(pairs: list[tuple[str, Deadline]]) -> dict[str, tuple[Deadline, ...]]:
    found: dict[str, tuple[Deadline, ...]] = {}
    for name, deadline in pairs:
        found[name] = (*found.get(name, ()), deadline)
    return found
