"""Changes of a process: `merge(process, *amendments, *pilots, *overlays) -> Process` is the only constructor of a changed one.

An amendment is Parliament's: it has dates, it may give an excuse from a limit for a time, and it may set a limit anew. Cases that were
open when it came into force are moved under it by a journaled `revised` (docs/decisions/0014-amendments.md). An overlay is a tenant's:
it refines and never relaxes (docs/decisions/0016-overlays.md). A pilot lies between the two: it adds, and takes nothing (docs/pilots.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from statute.check import check
from statute.days import Days
from statute.definition import Act, Deadline, Gate, Ground, Outcome, Process, Sense, Span, Unit
from statute.parse import digest_of
from statute.permitted import judge, targets, unknown_names
from statute.pilot import Part, Pilot
from statute.pilot_guard import clashes, judge_pilot, part_of, unknown_in
from statute.reader import Reader, oversized
from statute.sections import ground
from statute.tenant_overlay import Overlay, Relaxation, Task, Tuned
from statute.types import Citation, Evidence, Fault, Faulty, Force, Kind

TOP = "amendment title status in_force law sources changes"


@dataclass(frozen=True, slots=True)
class Change:
    """What an amendment does to one deadline: more excuses, or another span with its citation."""

    deadline: str
    excused_by: Mapping[str, tuple[Citation, ...]]
    span: Span | None
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change of the law with its dates (both days included); `until` None: for good."""

    name: str
    title: str
    status: str
    since: date
    until: date | None
    law: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, Evidence]
    grounds: Mapping[str, Ground]
    changes: Mapping[str, Mapping[str, Change]]  # process -> deadline -> change
    digest: str

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


ORDER = (Amendment, Pilot, Overlay)  # the law, what is agreed for a time, the council


def parse_amendment(document: object) -> Amendment:
    """Read an amendment.

    Raises:
        Faulty: with every fault.
    """
    reader = Reader()
    if oversized(document):
        raise Faulty((Fault("(the document)", "is too deep or too large", "nobody could read it", "write it without aliases"),))
    top = reader.mapping(document, "", TOP, "grounds")
    if top is None:
        raise Faulty(tuple(reader.faults))
    law = {name: reader.texts(value, f"law.{name}", "title number") for name, value in reader.entries(top, "law")}
    reader.law, reader.sources = law, reader.evidence(top.get("sources"))
    dates = reader.mapping(top.get("in_force"), "in_force", "from", "until") or {}
    since = reader.day(dates.get("from"), "in_force.from")
    until = reader.day(dates["until"], "in_force.until") if "until" in dates else None
    grounds = {name: replace(ground(reader, name, value), since=since, until=until) for name, value in reader.entries(top, "grounds")}
    changes = {
        process: {
            name: _change(reader, f"changes.{process}.{name}", name, value)
            for name, value in reader.entries({process: limits}, process, "changes")
        }
        for process, limits in reader.entries(top, "changes")
    }
    for process, limits in changes.items():
        for name, change in limits.items():
            for unknown in set(change.excused_by) - set(grounds):
                reader.fault(
                    f"changes.{process}.{name}",
                    f"{unknown} is no ground of this amendment",
                    "it gives its own excuses",
                    "add it to grounds",
                )
    found = Amendment(
        name=reader.text(top.get("amendment"), "amendment"),
        title=reader.text(top.get("title"), "title"),
        status=reader.one_of(top.get("status"), "status", ("draft", "published")),
        since=since,
        until=until,
        law=law,
        sources=reader.sources,
        grounds=grounds,
        changes=changes,
        digest="" if reader.faults else digest_of(document),
    )
    if reader.faults:
        raise Faulty(tuple(reader.faults))
    return found


def _change(reader: Reader, path: str, name: str, value: object) -> Change:
    rule = reader.mapping(value, path, "", "excused_by within at_least cite") or {}
    excused = {key: reader.cites(cite, f"{path}.excused_by.{key}") for key, cite in reader.entries(rule, "excused_by", path)}
    spans = [key for key in ("within", "at_least") if key in rule]
    cites = reader.cites(rule.get("cite"), f"{path}.cite")
    if len(spans) > 1 or bool(spans) != bool(cites):
        reader.fault(
            path, "sets a limit anew without a citation, or two limits", "a number of the law is cited", "give one span, and cite it"
        )
    return Change(name, excused, reader.span(rule[spans[0]], f"{path}.{spans[0]}") if spans else None, cites)


def merge(process: Process, *changes: Amendment | Pilot | Overlay) -> Process:
    """The process as changed, in the order given: amendments, pilots, overlays; the process itself where none of them speaks of it.

    Raises:
        Faulty: a change speaks of what the process has not, or in a way that it does not know.
        Relaxation: a pilot or an overlay would relax the law or touch what is the law's alone, or two pilots exclude one another.
    """
    laid: dict[str, str] = {}  # deadline -> the overlay that set it
    if violations := clashes(change for change in changes if isinstance(change, Pilot)):
        raise Relaxation(tuple(violations))
    for before, after in pairwise(changes):
        if ORDER.index(type(before)) > ORDER.index(type(after)):
            why, what = "a change is judged by the law as it is", f"comes after {before.name}"
            raise Faulty((Fault(f"changes.{after.name}", what, why, "give amendments first, then pilots, then overlays"),))
    for change in changes:
        if isinstance(change, Overlay):
            if change.process == process.name:
                twice = [name for name in change.deadlines if name in laid]
                if twice:
                    raise Faulty(tuple(_set_twice(change.name, name, laid[name]) for name in twice))
                process = _overlaid(process, change)
                laid |= dict.fromkeys(change.deadlines, change.name)
        elif isinstance(change, Pilot):
            part = part_of(process, change)
            process = process if part is None else _piloted(process, change, part)
        else:
            process = _amended(process, change)
    return process


def _set_twice(overlay: str, deadline: str, other: str) -> Fault:
    what = f"{overlay} sets what {other} set already"
    return Fault(f"deadlines.{deadline}", what, "each number is compared with that of the law", "set it in one of them")


def _amended(process: Process, amendment: Amendment) -> Process:
    changes = amendment.changes.get(process.name)
    if changes is None:
        return process
    faults = [fault for change in changes.values() if (fault := _fault(process, amendment, change)) is not None]
    if faults:
        raise Faulty(tuple(faults))
    deadlines = {name: _changed(deadline, changes[name]) if name in changes else deadline for name, deadline in process.deadlines.items()}
    return replace(
        process,
        deadlines=deadlines,
        grounds={**process.grounds, **amendment.grounds},
        law={**process.law, **amendment.law},
        sources={**process.sources, **amendment.sources},
        digest=_digest(process, amendment.digest),
        starts=_again(process.starts, deadlines),
        meets=_again(process.meets, deadlines),
        stops=_again(process.stops, deadlines),
    )


def _digest(process: Process, digest: str) -> str:
    return hashlib.sha256(f"{process.digest} {digest}".encode()).hexdigest()[:12]


def _fault(process: Process, amendment: Amendment, change: Change) -> Fault | None:
    path = f"changes.{process.name}.{change.deadline}"
    deadline = process.deadlines.get(change.deadline)
    if deadline is None:
        return Fault(path, "is no deadline of this process", "a change of nothing is none", f"use one of: {', '.join(process.deadlines)}")
    if change.span is not None and deadline.sense not in (Sense.WITHIN, Sense.AT_LEAST, Sense.EVERY):
        return Fault(path, f"is {deadline.sense.value}, which has no one span to change", "only a span is set anew", "write a new version")
    if change.excused_by and deadline.sense is Sense.AT_LEAST:
        return Fault(path, "excuses a floor", "time that must be given cannot be taken away", "leave it out")
    if set(amendment.grounds) & set(process.grounds):
        return Fault(f"grounds.{path}", "is a ground of the process already", "a condition is a name", "rename it")
    return None


def _changed(deadline: Deadline, change: Change) -> Deadline:
    if change.span is not None:
        deadline = replace(deadline, spans=((change.span, deadline.spans[0][1]),), cites=(*deadline.cites, *change.cites))
    return replace(deadline, excused_by={**deadline.excused_by, **change.excused_by})


def _again(index: Mapping[str, tuple[Deadline, ...]], deadlines: Mapping[str, Deadline]) -> dict[str, tuple[Deadline, ...]]:
    return {name: tuple(deadlines[one.name] for one in listed) for name, listed in index.items()}


def target_day(deadline: Deadline, since: date, due: date | None, days: Days, setting: str = "") -> date | None:
    """The tenant's own date beside the due date of a clock that runs since a day; never later than that. None: it has set none."""
    if deadline.target is None:
        return None
    if deadline.sense is Sense.BEFORE:
        own = days.latest_before(since, deadline.target, setting=setting)
    else:
        own = days.last_day(since, deadline.target, include_trigger=deadline.include_trigger, setting=setting)
    return own if due is None else min(own, due)


def _piloted(process: Process, pilot: Pilot, part: Part) -> Process:
    if faults := unknown_in(process, pilot, part):
        raise Faulty(tuple(faults))
    if violations := judge_pilot(process, pilot, part):
        raise Relaxation(tuple(violations))
    gates = {**process.gates, **part.gates}
    acts = {}
    for name, act in {**process.acts, **part.acts}.items():
        words = {key: told.say for key, told in part.words.get(name, {}).items()}
        acts[name] = replace(act, gates=tuple(one for one in gates.values() if name in one.holds), contains={**act.contains, **words})
    deadlines = {name: _tuned(one, part.deadlines[name]) if name in part.deadlines else one for name, one in process.deadlines.items()}
    changed = replace(process, acts=acts)
    for task in part.limits.values():
        if task.within is not None:
            deadlines[task.deadline] = _limit(changed, task, task.within, frozenset())
    merged = replace(
        changed,
        deadlines=deadlines,
        gates=gates,
        facts={**process.facts, **part.facts},
        conditions={**process.conditions, **part.conditions},
        law={**pilot.law, **process.law},
        sources={**pilot.sources, **process.sources},
        digest=_digest(process, pilot.digest),
    )
    return _sound(merged)


def _overlaid(process: Process, overlay: Overlay) -> Process:
    if faults := unknown_names(process, overlay):
        raise Faulty(tuple(faults))
    if violations := judge(process, overlay):
        raise Relaxation(tuple(violations))
    deadlines = {name: _refined(deadline, overlay) for name, deadline in process.deadlines.items()}
    gates = {name: _narrowed(gate, overlay) for name, gate in process.gates.items()}
    acts = {name: _added_to(act, gates, overlay) for name, act in process.acts.items()}
    for task in overlay.tasks.values():
        acts[task.name] = Act(task.name, Kind.DONE, task.say, task.by, frozenset(task.at))
        if task.within is not None:
            deadlines[task.deadline] = _limit(process, task, task.within, overlay.closed)
    merged = replace(
        process,
        deadlines=deadlines,
        gates=gates,
        acts=acts,
        facts={**process.facts, **overlay.facts},
        digest=_digest(process, overlay.digest),
    )
    return _sound(merged)


def _sound(merged: Process) -> Process:
    """A changed process with its indexes, checked as one that was read."""
    deadlines = merged.deadlines.values()
    merged = replace(
        merged,
        starts=_index((name, deadline) for deadline in deadlines for _, name in deadline.spans),
        meets=_index((name, deadline) for deadline in deadlines for name in deadline.met_by),
        stops=_index((name, deadline) for deadline in deadlines for name in deadline.stopped_by),
    )
    if faults := check(merged):
        raise Faulty(tuple(faults))
    return merged


def _refined(deadline: Deadline, overlay: Overlay) -> Deadline:
    """A tenant's earlier date stands beside the law's; time that it gives, and what is its own to set, is the limit."""
    lost = overlay.without.get(deadline.name, ())
    deadline = replace(deadline, excused_by={name: cites for name, cites in deadline.excused_by.items() if name not in lost})
    tuned = overlay.deadlines.get(deadline.name)
    return deadline if tuned is None else _tuned(deadline, tuned)


def _tuned(deadline: Deadline, tuned: Tuned) -> Deadline:
    if tuned.warn is not None:
        deadline = replace(deadline, warn=tuned.warn)
    if tuned.span is None:
        return deadline
    if targets(deadline, tuned.span):
        return replace(deadline, target=tuned.span)
    return replace(deadline, say=_told(deadline, tuned, tuned.span), spans=((tuned.span, deadline.spans[0][1]),))


def _told(deadline: Deadline, tuned: Tuned, span: Span) -> str:
    """The sentence of a limit whose number is no longer the one that is cited says so."""
    if deadline.force is Force.MUST:
        return f"{deadline.say} ({span} here, more than the {deadline.spans[0][0]} that the law asks for)"
    if deadline.force is Force.SHOULD:
        because = f": {tuned.why.rstrip('. ')}" if tuned.why else ""
        return f"{deadline.say} ({span} here, where guidance says {deadline.spans[0][0]}{because})"
    return deadline.say


def _narrowed(gate: Gate, overlay: Overlay) -> Gate:
    change = overlay.gates.get(gate.name)
    if change is None:
        return gate
    unless = tuple(name for name in gate.unless if name not in change.without)
    return replace(gate, needs=(*gate.needs, *change.needs), unless=unless)


def _added_to(act: Act, gates: Mapping[str, Gate], overlay: Overlay) -> Act:
    """An act as the law has it, with its gates as they are now, and what the tenant records and writes besides."""
    decision = overlay.decisions.get(act.name)
    outcomes = dict(act.outcomes)
    for name, uses in decision.record.items() if decision else ():
        outcomes[name] = Outcome(name, outcomes[name].say, outcomes[name].send, (*outcomes[name].record, *uses))
    return replace(
        act,
        gates=tuple(gates[gate.name] for gate in act.gates),
        by=(decision.who,) if decision and decision.who else act.by,
        outcomes=outcomes,
        contains={**act.contains, **overlay.notices.get(act.name, {})},
    )


def _limit(process: Process, task: Task, within: Span, closed: frozenset[date]) -> Deadline:
    """The limit of a task, in which days on which the council is closed do not count as working days. It falls away when the case ends, or leaves the stages at which the task can be done."""
    leaving = [
        act.name
        for act in process.acts.values()
        if any(process.stages[target].ends or (stage in task.at and target not in task.at) for stage, target in act.moves.items())
    ]
    return Deadline(
        name=task.deadline,
        say=task.say,
        binds=task.by[0],
        force=Force.LOCAL,
        cites=(),
        sense=Sense.WITHIN,
        spans=((within, task.since),),
        include_trigger=False,
        met_by=(task.name,),
        stopped_by=tuple(leaving),
        excused_by={},
        warn=task.warn,
        closed=closed if within.unit is Unit.WORKING_DAYS else frozenset(),
    )


def _index(pairs: Iterable[tuple[str, Deadline]]) -> dict[str, tuple[Deadline, ...]]:
    found: dict[str, tuple[Deadline, ...]] = {}
    for name, deadline in pairs:
        found[name] = (*found.get(name, ()), deadline)
    return found
