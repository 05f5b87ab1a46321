"""`waymark check`: a definition's form, its soundness, and every path through it; a catalogue of provision; a pilot and a council's overlay, held against the law."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path
from typing import Any

from bootstrap.faults import StackFault
from statute.definition import Process
from statute.explore import Certificate, Unproven, explore
from statute.overlay import merge
from statute.parse import parse
from statute.pilot import parse_pilot
from statute.prove import prove
from statute.prove_pilot import prove_pilot
from statute.tenant_overlay import Relaxation, parse_overlay
from statute.types import Fault, Faulty
from tenants.standards import LOCAL, NATIONAL, parse_local, parse_national
from workflows import library, standards


def check_all(files: list[Path]) -> tuple[list[dict[str, Any]], bool]:
    """A report for each file, or for everything on the shelf; whether all are sound."""
    if files:
        reports = [check_text(str(file), _text(file)) for file in files]
    else:
        reports = [check_text(f"{name} v{version}", file.read_text("utf-8")) for (name, version), file in sorted(library.files().items())]
        reports += [check_text(f"standards v{version}", file.read_text("utf-8")) for version, file in sorted(standards.files().items())]
        for name in library.pilots():
            reports.append(check_text(f"pilot {name}", library.shelf().joinpath(library.PILOTS, f"{name}.yaml").read_text("utf-8")))
        reports += [
            _report(line.split()[0], ["changed since it was published: a published definition gets a new version"]) for line in _changed()
        ]
    return reports, all(report["sound"] for report in reports)


def check_text(name: str, text: str) -> dict[str, Any]:
    """The report of one definition: all its faults, or its certificate, or the shortest path that breaks a rule."""
    try:
        document = library.read_yaml(text)
        if isinstance(document, dict) and not {NATIONAL, LOCAL}.isdisjoint(document):
            return _catalogue(name, document)
        if isinstance(document, dict) and "pilot" in document:
            return _pilot(name, document)
        process = parse(document)
    except Faulty as faulty:
        return _report(name, [str(fault) for fault in faulty.faults], faults=faulty.faults)
    begun = time.perf_counter()
    try:
        found = explore(process)
    except Unproven as unproven:
        return _report(name, [str(unproven)], digest=process.digest)
    took = round((time.perf_counter() - begun) * 1000)
    if not isinstance(found, Certificate):
        return _report(
            name,
            [found.what, found.say, f"because {found.why}", *(f"  {n}. {step}" for n, step in enumerate(found.path, 1))],
            digest=process.digest,
        )
    line = f"{name}: sound; {found.states} states, {found.transitions} transitions, {took} ms, digest {found.digest}"
    return {
        "file": name,
        "sound": True,
        "lines": [line],
        "states": found.states,
        "transitions": found.transitions,
        "milliseconds": took,
        "digest": found.digest,
        "faults": [],
    }


def _catalogue(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """The report of a catalogue of provision. Raises Faulty with every fault."""
    found = parse_national(document) if NATIONAL in document else parse_local(document, 1, date.min)
    line = f"{name}: sound; {len(found.standards)} entries, no law, digest {found.digest}"
    told = {"states": 0, "transitions": 0, "milliseconds": 0, "digest": found.digest, "faults": []}
    return {"file": name, "sound": True, "lines": [line], **told}


def _pilot(name: str, document: dict[str, Any]) -> dict[str, Any]:
    """The report of a pilot: what it may not do and by which law, or the proof for each process that it changes. Raises Faulty with every fault."""
    pilot, states, begun = parse_pilot(document), 0, time.perf_counter()
    for process in pilot.parts:
        national = _newest(process)
        try:
            found = prove_pilot(national, merge(national, pilot), pilot, library.england())
        except Relaxation as relaxation:
            faults = tuple(Fault(one.path, one.what, one.why, one.do) for one in relaxation.violations)
            return _report(name, [str(one) for one in relaxation.violations], faults=faults)
        except Unproven as unproven:
            return _report(name, [str(unproven)], digest=pilot.digest)
        if not isinstance(found, Certificate):
            path = [f"  {n}. {step}" for n, step in enumerate(found.path, 1)]
            return _report(name, [found.say, f"because {found.why}", *path], digest=pilot.digest)
        states += found.states
    took = round((time.perf_counter() - begun) * 1000)
    beyond = f", beyond {', '.join(map(str, pilot.departs_from))}" if pilot.beyond else ""
    line = f"{name}: proved; it adds and takes nothing in {len(pilot.parts)} processes{beyond}; {states} states, {took} ms, digest {pilot.digest}"
    told = {"states": states, "transitions": 0, "milliseconds": took, "digest": pilot.digest, "faults": []}
    return {"file": name, "sound": True, "lines": [line], **told}


def check_overlays(files: list[Path]) -> tuple[list[dict[str, Any]], bool]:
    """For each overlay of a council: what it may not change and by which law, or the proof that it keeps every limit and right."""
    reports = [check_overlay(str(file), _text(file)) for file in files]
    return reports, all(report["sound"] for report in reports)


def check_overlay(name: str, text: str) -> dict[str, Any]:
    """The report of one overlay, merged with the newest version of its process."""
    try:
        overlay = parse_overlay(library.read_yaml(text))
        national = _newest(overlay.process)
        merged = merge(national, overlay)
    except Faulty as faulty:
        return _report(name, [str(fault) for fault in faulty.faults], faults=faulty.faults)
    except Relaxation as relaxation:
        faults = tuple(Fault(one.path, one.what, one.why, one.do) for one in relaxation.violations)
        return _report(name, [str(one) for one in relaxation.violations], faults=faults)
    begun = time.perf_counter()
    try:
        found = prove(national, merged, library.england())
    except Unproven as unproven:
        return _report(name, [str(unproven)], digest=merged.digest)
    took = round((time.perf_counter() - begun) * 1000)
    if not isinstance(found, Certificate):
        return _report(
            name, [found.say, f"because {found.why}", *(f"  {n}. {step}" for n, step in enumerate(found.path, 1))], digest=merged.digest
        )
    line = f"{name}: proved; no limit of the law is exceeded and no right is lost; {found.states} states, {took} ms, digest {merged.digest}"
    told = {"states": found.states, "transitions": found.transitions, "milliseconds": took, "digest": merged.digest, "faults": []}
    return {"file": name, "sound": True, "lines": [line], **told}


def _newest(name: str) -> Process:
    versions = [version for known, version in library.files() if known == name]
    if not versions:
        fault = Fault("process", f"{name} is no process", "an overlay changes one process", f"use one of: {', '.join(library.names())}")
        raise Faulty((fault,))
    return library.get(name, max(versions))


def _report(name: str, lines: list[str], *, faults: tuple[Fault, ...] = (), digest: str = "") -> dict[str, Any]:
    told = [f"{name}: NOT sound", *(f"  {line}" for line in lines)]
    listed = [{"path": one.path, "what": one.what, "why": one.why, "do": one.do} for one in faults]
    return {
        "file": name,
        "sound": False,
        "lines": told,
        "states": 0,
        "transitions": 0,
        "milliseconds": 0,
        "digest": digest,
        "faults": listed,
    }


def _changed() -> list[str]:
    try:
        return [*library.changed_since_published(), *standards.changed_since_published()]
    except Faulty:
        return []  # told above


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StackFault(f"The file {file} cannot be read.", type(error).__name__, "give a file of text.") from None
