"""Reading a definition: `parse(document) -> Process`, strictly, with every fault at once and where it is.

The document is what a strict YAML 1.2 loader gives (`workflows.library`): mappings, lists, text, numbers, truths and dates.
This module knows the shape of the format; `statute.check` knows what makes a definition sound.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from statute.check import check
from statute.days import ROLL_RULES
from statute.definition import (
    Act,
    Deadline,
    Each,
    Outcome,
    Process,
    Sense,
    Span,
    Stage,
    Unit,
)
from statute.reader import NAME, Reader, oversized
from statute.sections import condition, gate, ground, named_day, openings, service
from statute.types import Faulty, Force, Kind

TOP_REQUIRED = "process version title status in_force law sources facts opens_with stages events deadlines"
TOP_OPTIONAL = "reviewed several days each tasks decisions notices elements conditions gates grounds service"
ACT_KEYS = "say by at facts cite each again counts_as relates moves_to opens sends tells announces to contains"
RELATIONS = ("", "asked", "assigned", "consulted", "requested")


def parse(document: object) -> Process:
    """Read and check a definition.

    Raises:
        Faulty: the document is no sound definition; carries all its faults.
    """
    reader = Reader()
    if oversized(document):
        reader.fault("", "is too deep or too large", "no process needs that much, and nobody could read it", "write it without aliases")
        raise Faulty(tuple(reader.faults))
    process = _process(reader, document)
    if process is not None and not reader.faults:
        reader.faults.extend(check(process))
    if process is None or reader.faults:
        raise Faulty(tuple(reader.faults))
    return process


def digest_of(document: object) -> str:
    """The fingerprint of exactly these rules: SHA-256 of the document in canonical JSON, twelve hexadecimal digits."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _process(reader: Reader, document: object) -> Process | None:
    top = reader.mapping(document, "", TOP_REQUIRED, TOP_OPTIONAL)
    if top is None:
        return None
    law = {name: reader.texts(value, f"law.{name}", "title number") for name, value in reader.entries(top, "law")}
    reader.law, reader.sources = law, reader.evidence(top.get("sources"))
    in_force = reader.mapping(top.get("in_force"), "in_force", "from applies_to") or {}
    facts = {name: reader.fact_rule(name, value) for name, value in reader.entries(top, "facts")}
    stages = {name: _stage(reader, name, value) for name, value in reader.entries(top, "stages")}
    each = {name: _each(reader, name, value) for name, value in reader.entries(top, "each")}
    days = {name: named_day(reader, name, value) for name, value in reader.entries(top, "days")}
    elements = {name: reader.text(value, f"elements.{name}") for name, value in reader.entries(top, "elements")}
    _told_once(reader, top)
    acts = {
        **_acts(reader, top, "events", Kind.HAPPENED, elements),
        **_acts(reader, top, "tasks", Kind.DONE, elements),
        **_decisions(reader, top),
        **_acts(reader, top, "notices", Kind.SERVED, elements),
    }
    opening = reader.names(top.get("opens_with"), "opens_with")
    gates = {name: gate(reader, name, value) for name, value in reader.entries(top, "gates")}
    deadlines = {name: _repeated(_deadline(reader, name, value), acts) for name, value in reader.entries(top, "deadlines")}
    process = Process(
        name=reader.text(top.get("process"), "process"),
        version=reader.number(top.get("version"), "version"),
        title=reader.text(top.get("title"), "title"),
        status=reader.one_of(top.get("status"), "status", ("draft", "published", "withdrawn")),
        reviewed=None if top.get("reviewed") is None else reader.text(top.get("reviewed"), "reviewed"),
        in_force_from=reader.day(in_force.get("from"), "in_force.from"),
        applies_to=reader.one_of(in_force.get("applies_to"), "in_force.applies_to", ("cases_opened_since", "open_cases")),
        several=reader.truth(top.get("several", False), "several"),
        law=law,
        sources=reader.sources,
        facts=facts,
        opens_with=opening,
        stages=stages,
        first_stage=next(iter(stages), ""),
        acts={},
        each=each,
        gates=gates,
        deadlines=deadlines,
        grounds={name: ground(reader, name, value) for name, value in reader.entries(top, "grounds")},
        days=days,
        conditions={name: condition(reader, name, value) for name, value in reader.entries(top, "conditions")},
        service={name: service(reader, name, value) for name, value in reader.entries(top, "service")},
        digest="" if reader.faults else digest_of(document),  # the canonical form knows named parts alone
        starts=_index(deadlines, lambda deadline: tuple(name for _, name in deadline.spans)),
        meets=_index(deadlines, lambda deadline: deadline.met_by),
        stops=_index(deadlines, lambda deadline: deadline.stopped_by),
    )
    return replace(process, acts=_joined(process, acts))


def _told_once(reader: Reader, top: Mapping[str, Any]) -> None:
    """An act of one name in two sections would be lost when the sections become one."""
    seen: dict[str, str] = {}
    for section in ("events", "tasks", "decisions", "notices"):
        rules = top.get(section)
        for name in rules if isinstance(rules, dict) else ():
            if name in seen:
                what = f"is also the name of one of the {seen[name]}"
                reader.fault(f"{section}.{name}", what, "a condition is a name, and must mean one thing", "rename it")
            seen[name] = section


def _joined(process: Process, acts: dict[str, Act]) -> dict[str, Act]:
    """Acts with what other sections say of them: openings, the gates that hold them, the decision behind a notice, their moves."""
    calls: dict[str, tuple[str, frozenset[str]]] = {}
    for act in acts.values():
        for outcome in act.outcomes.values():
            calls[outcome.send] = (act.name, calls.get(outcome.send, ("", frozenset()))[1] | {outcome.name})
    joined = {}
    for name, act in acts.items():
        gates = tuple(gate for gate in process.gates.values() if name in gate.holds)
        kind = Kind.OPENED if act.kind is Kind.HAPPENED and name in process.opens_with else act.kind
        follows = calls.get(name, act.follows)
        at = act.at or (acts[follows[0]].at if follows[0] else frozenset())
        moves = {stage: target for stage in sorted(at) for target in act.moves.values() if stage != target}
        joined[name] = replace(act, kind=kind, gates=gates, at=at, follows=follows, moves=moves)
    return joined


def _index(deadlines: Mapping[str, Deadline], keys: Callable[[Deadline], tuple[str, ...]]) -> dict[str, tuple[Deadline, ...]]:
    found: dict[str, tuple[Deadline, ...]] = {}
    for deadline in deadlines.values():
        for key in keys(deadline):
            found[key] = (*found.get(key, ()), deadline)
    return found


def _stage(reader: Reader, name: str, value: object) -> Stage:
    rule = reader.mapping(value, f"stages.{name}", "say", "ends") or {}
    return Stage(name, reader.text(rule.get("say"), f"stages.{name}.say"), reader.truth(rule.get("ends", False), f"stages.{name}.ends"))


def _each(reader: Reader, name: str, value: object) -> Each:
    path = f"each.{name}"
    rule = reader.mapping(value, path, "say", "items required") or {}
    items = {key: reader.text(text, f"{path}.items.{key}") for key, text in reader.entries(rule, "items", path)}
    return Each(name, reader.text(rule.get("say"), f"{path}.say"), items, reader.names(rule.get("required", []), f"{path}.required"))


def _acts(reader: Reader, top: Mapping[str, Any], section: str, kind: Kind, elements: Mapping[str, str]) -> dict[str, Act]:
    acts = {}
    facts = top.get("facts")
    fillings = {*elements, *(facts if isinstance(facts, dict) else ())}
    for name, value in reader.entries(top, section):
        path = f"{section}.{name}"
        rule = reader.mapping(value, path, "say", ACT_KEYS) or {}
        contains = reader.names(rule.get("contains", []), f"{path}.contains")
        for missing in (element for element in contains if element not in fillings):
            reader.fault(
                f"{path}.contains", f"no element or fact is called {missing}", "a notice says what the law prescribes", "add it to elements"
            )
        by = reader.names(rule.get("by", ["local_authority"] if kind is Kind.SERVED else None), f"{path}.by")
        moves = rule.get("moves_to")
        acts[name] = Act(
            name=name,
            kind=kind,
            say=reader.text(rule.get("say"), f"{path}.say"),
            by=by,
            at=frozenset(reader.names(rule.get("at", []), f"{path}.at")),
            facts=reader.fact_uses(rule.get("facts", []), f"{path}.facts"),
            cites=reader.cites(rule.get("cite"), f"{path}.cite"),
            each=reader.text(rule.get("each", ""), f"{path}.each", empty=True),
            again=reader.truth(rule.get("again", False), f"{path}.again"),
            counts_as=reader.names(rule.get("counts_as", []), f"{path}.counts_as"),
            relates=reader.one_of(rule.get("relates", ""), f"{path}.relates", RELATIONS),
            to=reader.names(rule.get("to", []), f"{path}.to"),
            contains={element: elements.get(element, "") for element in contains},
            opens=openings(reader, rule.get("opens", []), f"{path}.opens"),
            sends=reader.text(rule.get("sends", ""), f"{path}.sends", empty=True),
            tells=reader.names(rule.get("tells", []), f"{path}.tells"),
            announces=reader.names(rule.get("announces", []), f"{path}.announces"),
            moves={"": reader.text(moves, f"{path}.moves_to")} if moves is not None else {},
        )
    return acts


def _decisions(reader: Reader, top: Mapping[str, Any]) -> dict[str, Act]:
    acts = {}
    for name, value in reader.entries(top, "decisions"):
        path = f"decisions.{name}"
        rule = reader.mapping(value, path, "ask at who cite outcomes") or {}
        outcomes = {}
        for key, given in reader.entries(rule, "outcomes", path):
            where = f"{path}.outcomes.{key}"
            outcome = reader.mapping(given, where, "say send", "record") or {}
            record = reader.fact_uses(outcome.get("record", []), f"{where}.record")
            outcomes[key] = Outcome(
                key, reader.text(outcome.get("say"), f"{where}.say"), reader.text(outcome.get("send"), f"{where}.send"), record
            )
        acts[name] = Act(
            name=name,
            kind=Kind.DECIDED,
            say=reader.text(rule.get("ask"), f"{path}.ask"),
            by=(reader.text(rule.get("who"), f"{path}.who"),),
            at=frozenset(reader.names(rule.get("at"), f"{path}.at")),
            cites=reader.cites(rule.get("cite"), f"{path}.cite"),
            again=True,  # a decision may be taken anew until its notice is served: the notice is what counts
            outcomes=outcomes,
        )
    return acts


def _deadline(reader: Reader, name: str, value: object) -> Deadline:
    path = f"deadlines.{name}"
    rule = (
        reader.mapping(
            value,
            path,
            "say binds force",
            "cite from within at_least before by latest_of every counting met_by stopped_by excused_by warn rolls each only judged_by counts_from"
            " calendar set_by",
        )
        or {}
    )
    force = Force(reader.one_of(rule.get("force"), f"{path}.force", ("must", "should", "local")))
    cites = reader.cites(rule.get("cite"), f"{path}.cite")
    if force is Force.MUST and not cites:
        reader.fault(
            f"{path}.cite", "a `must` without a citation", "the law is cited, never remembered", "cite the instrument and pinpoint"
        )
    sense, spans = _spans(reader, rule, path)
    return Deadline(
        name=name,
        say=reader.text(rule.get("say"), f"{path}.say"),
        binds=reader.text(rule.get("binds"), f"{path}.binds"),
        force=force,
        cites=cites,
        sense=sense,
        spans=spans,
        include_trigger=reader.one_of(rule.get("counting", "exclude_trigger"), f"{path}.counting", ("exclude_trigger", "include_trigger"))
        == "include_trigger",
        met_by=reader.names(rule.get("met_by", []), f"{path}.met_by"),
        stopped_by=reader.names(rule.get("stopped_by", []), f"{path}.stopped_by"),
        excused_by={key: reader.cites(cite, f"{path}.excused_by.{key}") for key, cite in reader.entries(rule, "excused_by", path)},
        warn=tuple(
            sorted(
                (reader.span(w, f"{path}.warn", unit=Unit.DAYS).number for w in reader.items(rule.get("warn", []), f"{path}.warn")),
                reverse=True,
            )
        ),
        rolls=reader.one_of(rule.get("rolls", ""), f"{path}.rolls", ROLL_RULES),
        each=reader.text(rule.get("each", ""), f"{path}.each", empty=True),
        only=frozenset(reader.names(rule.get("only", []), f"{path}.only")),
        judged_by_sending=reader.one_of(rule.get("judged_by", "arrival"), f"{path}.judged_by", ("arrival", "sending")) == "sending",
        counts_from_sending=reader.one_of(rule.get("counts_from", "arrival"), f"{path}.counts_from", ("arrival", "sending")) == "sending",
        calendar=reader.text(rule.get("calendar", ""), f"{path}.calendar", empty=True),
        set_by_tenant=reader.one_of(rule.get("set_by", "law"), f"{path}.set_by", ("law", "tenant")) == "tenant",
    )


def _repeated(deadline: Deadline, acts: Mapping[str, Act]) -> Deadline:
    """A ceiling that counts from an act which happens again has rounds."""
    again = deadline.sense is Sense.WITHIN and not deadline.each and any(name in acts and acts[name].again for _, name in deadline.spans)
    return replace(deadline, repeats=again)


def _spans(reader: Reader, rule: Mapping[str, Any], path: str) -> tuple[Sense, tuple[tuple[Span | None, str], ...]]:
    senses = [sense for sense in Sense if sense.value in rule]
    if len(senses) != 1:
        named = ", ".join(senses) or "none"
        reader.fault(
            path, f"has {named} of within, at_least, before, by, latest_of, every", "a deadline has exactly one of them", "keep one"
        )
        return Sense.WITHIN, ()
    sense, value = senses[0], rule[senses[0].value]
    if sense is Sense.LATEST_OF:
        return sense, tuple(
            reader.relative(text, f"{path}.latest_of[{n}]", "from") for n, text in enumerate(reader.items(value, f"{path}.latest_of"))
        )
    if sense is Sense.BEFORE and isinstance(value, str) and NAME.fullmatch(value):
        return sense, ((Span(1, Unit.DAYS), value),)  # strictly before: the day before it is the last
    if sense is Sense.BEFORE:
        return sense, (reader.relative(value, f"{path}.before", "before"),)
    if sense is Sense.BY:
        return sense, ((Span(0, Unit.DAYS), reader.text(value, f"{path}.by")),)
    trigger = reader.text(rule.get("from"), f"{path}.from")
    if value == "as_soon_as_practicable" and sense is Sense.WITHIN:
        return sense, ((None, trigger),)
    return sense, ((reader.span(value, f"{path}.{sense.value}"), trigger),)
