"""What takes seconds of a council's configuration, as functions of plain values for a process of its own (`workflows.aside`):
reading it and laying it on the law, proving it, and rehearsing it over open cases.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec

from statute.definition import Process
from statute.explore import CounterExample, Unproven
from statute.overlay import merge
from statute.prove import prove
from statute.rehearse import rehearse
from statute.revise import CONFIGURATION, PILOT
from statute.tenant_overlay import Overlay, Relaxation, parse_overlay
from statute.types import Event, Fault, Faulty, Kind, Refused, State
from tenants.configuration import Configuration, parse_configuration
from workflows import library
from workflows.proving import Proof, proved

ENGINE = "engine"
_PROVER = "2"  # one more when the proof begins to look at something else: then what was proved is proved again


@dataclass(frozen=True, slots=True)
class Weighed:
    """A configuration in its normal form, or what is wrong with it; and what in it no council may do, each with its statute."""

    document: dict[str, Any] | None
    digest: str = ""
    faults: tuple[Fault, ...] = ()
    violations: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What would become of one open case. `say`: why it stays as it is; `differences` are those of `statute.rehearse`, as plain values."""

    case_id: str
    reference: str
    process: str
    may_move: bool
    worsens: bool
    say: str
    differences: tuple[dict[str, Any], ...]


def weighed_text(text: str, today: date) -> Weighed:
    """Read a configuration from YAML (JSON is YAML too)."""
    try:
        return weighed(library.read_yaml(text), today)
    except Faulty as faulty:
        return Weighed(None, faults=faulty.faults)


def weighed(document: object, today: date) -> Weighed:
    """Read a configuration and lay each overlay on the law in force: its form, its names, and what no council may do."""
    try:
        found = parse_configuration(document)
    except Faulty as faulty:
        return Weighed(None, faults=faulty.faults)
    faults, violations = [*_strangers(found, today)], []
    for name in found.processes:
        for version, amendments in variants(name, today):
            wrong = _laid(found, library.under(name, version, amendments))
            faults += [fault for malformed, fault in wrong if malformed and fault not in faults]
            violations += [fault for malformed, fault in wrong if not malformed and fault not in violations]
    if faults:
        return Weighed(None, faults=tuple(faults))
    return Weighed(dict(found.document), found.digest, violations=tuple(violations))


def variants(name: str, today: date) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The versions of a process under which a case can be opened today or later, each as it is and under the amendments of today."""
    versions = set()
    with suppress(library.Unknown):
        versions.add(library.in_force(name, today).version)
    versions |= {
        version
        for known, version in library.files()
        if known == name and (process := library.get(known, version)).status == "published" and process.in_force_from > today
    }
    changed = tuple(one for one in library.amendments() if _holds(one, name, today))
    return tuple((version, amendments) for version in sorted(versions) for amendments in dict.fromkeys(((), changed)))


def law_of(document: Mapping[str, Any], today: date) -> str:
    """The fingerprint of the law that a configuration is proved against: that of every process it changes,
    also under each choice of pilots, and of the calendar."""
    names = sorted({str(one["process"]) for one in document.get("overlays", ())})
    rules = [
        (name, *variant, pilots, library.under(name, *variant, pilots).digest)
        for name in names
        for variant in variants(name, today)
        for pilots in library.pilot_sets(name)
    ]
    return hashlib.sha256(json.dumps([_PROVER, library.england().digest, rules]).encode()).hexdigest()


def proof_of(document: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The certificate of a configuration, or what stands in its way, as plain values to be stored beside it."""
    begun, found, told, apart, choices = time.perf_counter(), parse_configuration(document), [], [], 0
    for name in found.processes:
        texts = tuple(json.dumps(one, sort_keys=True) for one in found.overlay_documents(name))
        for version, amendments in variants(name, today):
            proof = dict(_proved(name, version, amendments, texts))
            wrong = [fault for _, fault in _laid(found, library.under(name, version, amendments))]
            if wrong:  # with the path in the whole document
                proof["faults"] = [{"path": one.path, "what": one.what, "why": one.why, "do": one.do} for one in wrong]
            told.append({"process": name, "version": version, "amendments": list(amendments), "pilots": [], **proof})
            for rules in library.pilot_sets(name)[1:] if proof["sound"] else ():
                why, broken = _beside(name, version, amendments, rules, texts)
                pilots, choices = [rule.removeprefix(PILOT) for rule in rules], choices + 1
                if why:
                    apart.append({"process": name, "pilots": pilots, "why": why})
                elif broken is not None:
                    told.append({"process": name, "version": version, "amendments": list(amendments), "pilots": pilots, **broken})
    return {
        "sound": all(one["sound"] for one in told) and next(_strangers(found, today), None) is None,
        "digest": found.digest,
        "law": law_of(document, today),
        "milliseconds": round((time.perf_counter() - begun) * 1000),
        "processes": told,
        "apart": apart,
        "choices": choices,
    }


@lru_cache(maxsize=512)
def _beside(
    name: str, version: int, amendments: tuple[str, ...], rules: tuple[str, ...], texts: tuple[str, ...]
) -> tuple[str, dict[str, Any] | None]:
    """The same overlays beside a choice of pilots: why the two cannot be laid together, or the path on which they break the law."""
    piloted = library.under(name, version, amendments, rules)
    try:
        merged = merge(
            library.under(name, version, amendments), *library.pilots_of(rules), *(parse_overlay(json.loads(text)) for text in texts)
        )
        found = prove(piloted, merged, library.england())
    except (Faulty, Relaxation, Unproven) as wrong:
        return str(wrong), None
    return "", (Proof(counter_example=found).as_document() if isinstance(found, CounterExample) else None)


@lru_cache(maxsize=512)
def _proved(name: str, version: int, amendments: tuple[str, ...], texts: tuple[str, ...]) -> dict[str, Any]:
    return proved(name, version, amendments, [json.loads(text) for text in texts]).as_document()


def no_longer_lawful(document: Mapping[str, Any], today: date) -> list[dict[str, Any]]:
    """The overlays of a published configuration that the law of this release does not allow any more: what, and why.

    They are left out of new cases. Each of the others is laid on the law without them.
    """
    found, left_out = parse_configuration(document), {}
    for name in found.processes:
        for version, amendments in variants(name, today):
            for n, wrong in _failing(found, library.under(name, version, amendments)):
                overlay = found.overlays[n]
                why = "; ".join(str(fault) for _, fault in wrong)
                left_out[overlay.digest] = {"digest": overlay.digest, "overlay": overlay.name, "process": name, "why": why}
    return list(left_out.values())


def no_longer_proved(document: Mapping[str, Any], today: date, left_out: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The overlays of each process that a walk does not find sound under the law of this release, though each can be laid on it: what, and why.

    Asked of what was proved under another law. A walk judges the overlays of a process together, so all of them are left out.
    """
    gone, parsed, found = {one["digest"] for one in left_out}, parse_configuration(document), []
    for name in parsed.processes:
        written = [(parse_overlay(one), json.dumps(one, sort_keys=True)) for one in parsed.overlay_documents(name)]
        kept = [(overlay, text) for overlay, text in written if overlay.digest not in gone]
        texts = tuple(text for _, text in kept)
        proofs = [_proved(name, version, amendments, texts) for version, amendments in variants(name, today)] if kept else []
        for wrong in (proof for proof in proofs if not proof["sound"]):
            why = (wrong["counter_example"] or {}).get("say") or "; ".join(f"{fault['what']}: {fault['why']}" for fault in wrong["faults"])
            found += [{"digest": one.digest, "overlay": one.name, "process": name, "why": why} for one, _ in kept]
            break
    return found


def rehearsed(
    document: Mapping[str, Any], cases: Sequence[tuple[str, str, bytes]], known: Mapping[str, Any], on: date, at: datetime
) -> list[Rehearsed]:
    """What would become of open cases if each were moved to a configuration today: only those for which something would.

    `cases` are id, reference and state in JSON; `known` the overlays that cases of this council are pinned to. Nothing is changed.
    """
    found = parse_configuration(document)
    pairs = zip(found.overlays, document.get("overlays", ()), strict=True)
    library.learn({**known, **{overlay.digest: written for overlay, written in pairs}})
    rules = {name: tuple(overlay.digest for overlay in found.overlays if overlay.process == name) for name in found.processes}
    decoder, told = msgspec.json.Decoder(State), []
    for case_id, reference, written in cases:
        state = decoder.decode(written)
        after = rules_after(state, rules.get(state.process, ()))
        if after != state.rules:
            one = _case(state, after, on, at)
            if one is not None:
                told.append(replace(one, case_id=case_id, reference=reference))
    return told


def rules_after(state: State, overlays: tuple[str, ...]) -> tuple[str, ...]:
    """The rules of a case that is moved to these overlays: its pilots stay as they are."""
    return (*(rule for rule in state.rules if rule.startswith(PILOT)), *overlays)


def _case(state: State, rules: tuple[str, ...], on: date, at: datetime) -> Rehearsed | None:
    event = Event(Kind.REVISED, CONFIGURATION, on, at, f"rehearsed:{CONFIGURATION}", capacity=ENGINE, rules=rules, flags=state.flags)
    try:
        found = rehearse(library.of(state), library.rules_for(state, event), state, event, library.england())
    except Refused as refused:
        if refused.faults:
            return None  # these are its rules already
        cited = f" ({', '.join(map(str, refused.citations))})" if refused.citations else ""
        return Rehearsed("", "", state.process, False, bool(refused.citations), f"{refused.say}{cited}", ())
    worsens = found.relaxes
    differences = tuple(
        {"about": one.about, "say": one.say, "before": one.before, "after": one.after, "relaxes": one.relaxes} for one in found.differences
    )
    say = "It would worsen against the law" if worsens else ""
    return Rehearsed("", "", state.process, not worsens, worsens, say, differences)


def _strangers(found: Configuration, today: date) -> Iterator[Fault]:
    """Processes, and limits of them, that are not there to be configured."""
    known = {process.name: process for process in library.all_in_force(today)}
    why, do = "only what is in force can be configured", f"use one of: {', '.join(known)}"
    for n, overlay in enumerate(found.overlays):
        if overlay.process not in known and not variants(overlay.process, today):
            yield Fault(f"overlays[{n}].process", f"{overlay.process} is no process in force", why, do)
    for n, told in enumerate(found.escalation):
        process = known.get(told.process)
        if process is None:
            yield Fault(f"escalation[{n}].process", f"{told.process} is no process in force", why, do)
        elif told.deadline and told.deadline not in {*process.deadlines, *_tasks(found, told.process)}:
            names = ", ".join(process.deadlines)
            yield Fault(
                f"escalation[{n}].deadline", f"{told.deadline} is no limit of it", "nobody would ever be told", f"use one of: {names}"
            )
    for team in found.teams:
        for name in team.processes:
            if name not in known:
                yield Fault(f"teams.{team.name}.processes", f"{name} is no process in force", why, do)


def _tasks(found: Configuration, process: str) -> list[str]:
    return [task.deadline for overlay in found.overlays if overlay.process == process for task in overlay.tasks.values() if task.within]


def _laid(found: Configuration, national: Process) -> list[tuple[bool, Fault]]:
    return [one for _, wrong in _failing(found, national) for one in wrong]


def _failing(found: Configuration, national: Process) -> Iterator[tuple[int, list[tuple[bool, Fault]]]]:
    """The overlays that cannot be laid on a process and on those before them: their place, and what is wrong (whether of form, and what)."""
    laid: list[Overlay] = []
    for n, overlay in enumerate(found.overlays):
        if overlay.process != national.name:
            continue
        try:
            merge(national, *laid, overlay)
        except Faulty as faulty:
            yield n, [(True, _inside(n, one.path, one.what, one.why, one.do)) for one in faulty.faults]
        except Relaxation as relaxation:
            yield n, [(False, _inside(n, one.path, one.what, one.why, one.do)) for one in relaxation.violations]
        else:
            laid.append(overlay)


def _inside(n: int, path: str, what: str, why: str, do: str) -> Fault:
    return Fault(f"overlays[{n}].{path}", what, why, do)


def _holds(amendment: str, process: str, today: date) -> bool:
    found = library.amendment(amendment)
    return found.status == "published" and found.holds(today) and process in found.changes
