"""What makes a definition sound, beyond its shape: every name leads somewhere, every stage has a way in and a way out.

What needs walking the paths of a process (dead ends, duties left running, rights out of reach) is `statute.explore`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from statute.definition import Act, Deadline, FactType, FactUse, Process, Sense, Unit
from statute.types import Fault, Force, Kind

DATED = frozenset({FactType.DATE, FactType.PLANNED_DATE})


def check(process: Process) -> list[Fault]:
    """Every fault of a process whose shape is right."""
    return [
        *_unique(process),
        *(fault for act in process.acts.values() for fault in _act(process, act)),
        *(fault for deadline in process.deadlines.values() for fault in _deadline(process, deadline)),
        *_each(process),
        *_named_days(process),
        *_conditions(process),
        *_gates(process),
        *_grounds(process),
        *_stages(process),
    ]


def _unique(process: Process) -> Iterator[Fault]:
    outcomes = [name for act in process.acts.values() for name in act.outcomes]
    seen: dict[str, str] = {}
    sections = {"facts": process.facts, "stages": process.stages, "acts": process.acts, "outcomes": outcomes}
    sections |= {"deadlines": process.deadlines, "gates": process.gates, "grounds": process.grounds, "conditions": process.conditions}
    for section, names in {**sections, "days": [name for name in process.days if name not in process.facts]}.items():
        for name in names:
            if name in seen:
                yield Fault(
                    f"{section}.{name}",
                    f"is also the name of one of the {seen[name]}",
                    "a condition is a name, and must mean one thing",
                    "rename it",
                )
            seen[name] = section


def _unknown(path: str, names: Iterable[str], known: Iterable[str], kind: str) -> Iterator[Fault]:
    for name in names:
        if name and name not in known:
            yield Fault(
                path,
                f"{name} is no {kind} of this process",
                "a rule about nothing would never hold",
                f"use one of: {', '.join(sorted(known))}",
            )


def _uses(process: Process, path: str, uses: Iterable[FactUse]) -> Iterator[Fault]:
    yield from _unknown(path, (use.name for use in uses), process.facts, "fact")


def _act(process: Process, act: Act) -> Iterator[Fault]:
    path = f"acts.{act.name}"
    yield from _unknown(f"{path}.at", act.at, process.stages, "stage")
    yield from _unknown(f"{path}.moves_to", act.moves.values(), process.stages, "stage")
    yield from _unknown(f"{path}.each", [act.each], process.each, "each")
    yield from _unknown(f"{path}.counts_as", act.counts_as, process.acts, "act")
    yield from _uses(process, f"{path}.facts", act.facts)
    for outcome in act.outcomes.values():
        yield from _uses(process, f"{path}.outcomes.{outcome.name}.record", outcome.record)
        notices = [name for name, other in process.acts.items() if other.kind is Kind.SERVED]
        yield from _unknown(f"{path}.outcomes.{outcome.name}.send", [outcome.send], notices, "notice")
    if not act.by:
        yield Fault(f"{path}.by", "names nobody", "somebody must be able to do it", "say who: family, local_authority, ...")
    if act.kind is not Kind.OPENED and not act.at:
        yield Fault(f"{path}.at", "names no stage", "an act has its place", "list the stages at which it may be done")
    for stage in act.at:
        if stage in process.stages and process.stages[stage].ends:
            yield Fault(f"{path}.at", f"{stage} is an ending", "nothing happens on a case that has ended", "leave it out")
    if act.kind is Kind.SERVED and not act.contains:
        yield Fault(f"{path}.contains", "is empty", "the law prescribes what a notice says", "list its elements")


def _deadline(process: Process, deadline: Deadline) -> Iterator[Fault]:
    path = f"deadlines.{deadline.name}"
    for span, trigger in deadline.spans:
        if trigger == deadline.name or not _is_dated(process, trigger):
            yield Fault(
                f"{path}.from",
                f"{trigger} is neither an act nor a dated fact nor another deadline",
                "a deadline counts from a fact",
                "name one",
            )
        if span is not None and span.unit is Unit.SCHOOL_DAYS and not deadline.each and not deadline.calendar:
            yield Fault(f"{path}.calendar", "is missing", "school days are those of one school", "name the fact that says which")
        if span is None and deadline.warn:
            yield Fault(f"{path}.warn", "warns before no date", "`as_soon_as_practicable` has no last day", "leave it out")
    yield from _unknown(f"{path}.met_by", deadline.met_by, process.acts, "act")
    yield from _unknown(f"{path}.stopped_by", deadline.stopped_by, process.acts, "act")
    yield from _unknown(f"{path}.excused_by", deadline.excused_by, process.grounds, "ground")
    yield from _unknown(f"{path}.each", [deadline.each], process.each, "each")
    for name in set(deadline.met_by) & set(deadline.stopped_by):
        yield Fault(f"{path}.stopped_by", f"{name} both meets and stops it", "it can be only one of them", "remove one")
    for name, cites in deadline.excused_by.items():
        if not cites:
            yield Fault(f"{path}.excused_by.{name}", "has no citation", "an excuse that the law does not give is none", "cite it")
    if deadline.calendar:
        rule = process.facts.get(deadline.calendar)
        if rule is None or rule.type is not FactType.SETTING:
            yield Fault(
                f"{path}.calendar", f"{deadline.calendar} is no fact of type setting", "school days are those of one school", "name one"
            )
    if deadline.set_by_tenant and deadline.force is Force.MUST:
        yield Fault(f"{path}.set_by", "lets the council set a limit of the law", "a limit in law is not the council's", "leave it out")
    if deadline.sense is Sense.EVERY and (deadline.each or not deadline.met_by):
        yield Fault(
            path, "begins again with nothing, or for each of several", "a review begins again when it is held", "name what meets it"
        )
    if deadline.counts_from_sending and not all(
        process.acts[name].kind is Kind.SERVED for _, name in deadline.spans if name in process.acts
    ):
        yield Fault(f"{path}.counts_from", "counts from the sending of what is not sent", "only a notice is sent", "leave it out")
    if deadline.force is Force.MUST and not deadline.met_by:
        yield Fault(f"{path}.met_by", "is missing", "a duty that nothing meets runs for ever", "name the act that meets it")
    if deadline.sense is Sense.AT_LEAST and deadline.excused_by:
        yield Fault(f"{path}.excused_by", "excuses a floor", "time that must be given cannot be taken away", "leave it out")
    if deadline.each in process.each and process.each[deadline.each].items:
        yield from _unknown(f"{path}.only", deadline.only, process.each[deadline.each].items, "item")


def _is_dated(process: Process, name: str) -> bool:
    rule = process.facts.get(name)
    dated = rule is not None and rule.type in DATED
    return dated or name in process.acts or name in process.days or name in process.deadlines


def _named_days(process: Process) -> Iterator[Fault]:
    for named in process.days.values():
        path = f"days.{named.name}"
        for source in named.first_of or (named.source,):
            rule = process.facts.get(source)
            if source == named.name or (source not in process.days and (rule is None or rule.type not in DATED)):
                yield Fault(path, f"follows from {source}, which is no dated fact", "a day follows from a day", "name a fact of type date")
        told = process.facts.get(named.name)
        if told is not None and told.type not in DATED:
            yield Fault(path, "is also a fact that is no date", "a named day may be told instead, as a date", "make it a planned_date")


def _conditions(process: Process) -> Iterator[Fault]:
    numbers = [name for name, rule in process.facts.items() if rule.type is FactType.NUMBER]
    for condition in process.conditions.values():
        path = f"conditions.{condition.name}"
        if condition.at_most is not None:
            yield from _unknown(f"{path}.of", condition.of, numbers, "number")
        elif condition.until:
            yield from _unknown(f"{path}.until", [condition.until], process.deadlines, "deadline")
        elif condition.passed:
            once = [name for name, deadline in process.deadlines.items() if not deadline.each]
            yield from _unknown(f"{path}.passed", condition.passed, once, "deadline that runs once")
        elif not condition.of or not _is_dated(process, condition.of[0]) or condition.of[0] in process.deadlines:
            yield Fault(f"{path}.of", "is neither an act nor a dated fact", "a condition looks back at a day", "name one")


def _each(process: Process) -> Iterator[Fault]:
    for each in process.each.values():
        yield from _unknown(f"each.{each.name}.required", each.required, each.items, "item")
    recorded: dict[str, set[str]] = {}  # fact -> what the acts that record it are done for each of
    for act in process.acts.values():
        for use in (*act.facts, *(use for outcome in act.outcomes.values() for use in outcome.record)):
            recorded.setdefault(use.name, set()).add(act.each)
    for deadline in process.deadlines.values():
        for _, trigger in deadline.spans:
            other = process.deadlines.get(trigger)
            alike = (
                {other.each}
                if other
                else {process.acts[trigger].each}
                if trigger in process.acts
                else recorded.get(trigger, {deadline.each})
            )
            if alike != {deadline.each}:
                own = f"for each {' or '.join(sorted(alike - {''}))}" if alike - {""} else "once"
                told = f"counts {f'for each {deadline.each}' if deadline.each else 'once'}, and {trigger} is done {own}"
                yield Fault(
                    f"deadlines.{deadline.name}.each", told, "each clock needs a day of its own", "count from an act of the same each"
                )


def _gates(process: Process) -> Iterator[Fault]:
    outcomes = [name for act in process.acts.values() for name in act.outcomes]
    truths = [name for name, rule in process.facts.items() if rule.type is FactType.TRUTH]
    floors = [name for name, deadline in process.deadlines.items() if deadline.sense is Sense.AT_LEAST]
    conditions = {*process.acts, *outcomes, *truths, *floors, *process.conditions}
    for gate in process.gates.values():
        path = f"gates.{gate.name}"
        yield from _unknown(f"{path}.holds", gate.holds, process.acts, "act")
        for part in ("needs", "when", "unless"):
            yield from _unknown(
                f"{path}.{part}", getattr(gate, part), conditions, "condition (an act, an outcome, a truth, a floor or a condition)"
            )
        if not gate.needs or not gate.holds:
            yield Fault(path, "holds nothing or needs nothing", "a gate that never shuts is none", "name acts and conditions")


def _grounds(process: Process) -> Iterator[Fault]:
    for ground in process.grounds.values():
        path = f"grounds.{ground.name}"
        yield from _uses(process, f"{path}.facts", ground.facts)
        taken = [use.name for use in ground.facts]
        needed = list(ground.lasts[:2]) if ground.lasts else []
        if ground.covers:
            needed += [ground.covers.fact, ground.covers.begins[1], ground.covers.ends[1]]
        yield from _unknown(path, needed, taken, "fact that it takes")
        for use in ground.facts:
            rule = process.facts.get(use.name)
            if use.name in needed and rule is not None and (rule.type not in DATED or not use.required):
                yield Fault(
                    f"{path}.facts",
                    f"{use.name} is optional or not dated",
                    "a period is counted between days",
                    "make it a date, without `?`",
                )


def _stages(process: Process) -> Iterator[Fault]:
    for section, names in (("opens_with", process.opens_with), ("stages", process.stages)):
        if not names:
            yield Fault(section, "is empty", "a case has to begin somewhere", "list what opens a case, and the stages it stands at")
    for name in process.opens_with:
        act = process.acts.get(name)
        if act is None or act.kind is not Kind.OPENED:
            yield Fault("opens_with", f"{name} is no event of this process", "a case opens with something that happened", "name an event")
    moves: dict[str, set[str]] = {name: set() for name in process.stages}
    for act in process.acts.values():
        for stage, target in act.moves.items():
            moves.setdefault(stage, set()).add(target)
    reached = _closure(moves, process.first_stage)
    for name in process.stages:
        if name not in reached:
            yield Fault(
                f"stages.{name}", "cannot be reached", "a stage that no act leads to is a mistake", "add a move to it, or remove it"
            )
        if name not in process.endings and not _closure(moves, name) & process.endings:
            yield Fault(f"stages.{name}", "has no way to an ending", "a family must not be left there", "add the act that leads on")


def _closure(moves: dict[str, set[str]], start: str) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for target in moves.get(waiting.pop(), ()):
            if target not in seen:
                seen.add(target)
                waiting.append(target)
    return seen
