"""Changes of a process: `merge(process, *amendments) -> Process` is the only constructor of a changed one.

An amendment is Parliament's: it has dates, it may give an excuse from a limit for a time, and it may set a limit anew. Cases that were
open when it came into force are moved under it by a journaled `revised` (docs/decisions/0014-amendments.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from statute.definition import Deadline, Ground, Process, Sense, Span
from statute.parse import digest_of
from statute.reader import Reader, oversized
from statute.sections import ground
from statute.types import Citation, Evidence, Fault, Faulty

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


def merge(process: Process, *amendments: Amendment) -> Process:
    """The process as amended, in the order given; the process itself where none of them speaks of it.

    Raises:
        Faulty: an amendment speaks of a deadline that the process has not, or changes it in a way that its sense does not know.
    """
    for amendment in amendments:
        changes = amendment.changes.get(process.name)
        if changes is None:
            continue
        faults = [fault for change in changes.values() if (fault := _fault(process, amendment, change)) is not None]
        if faults:
            raise Faulty(tuple(faults))
        deadlines = {
            name: _changed(deadline, changes[name]) if name in changes else deadline for name, deadline in process.deadlines.items()
        }
        digest = hashlib.sha256(f"{process.digest} {amendment.digest}".encode()).hexdigest()[:12]
        process = replace(
            process,
            deadlines=deadlines,
            grounds={**process.grounds, **amendment.grounds},
            law={**process.law, **amendment.law},
            sources={**process.sources, **amendment.sources},
            digest=digest,
            starts=_again(process.starts, deadlines),
            meets=_again(process.meets, deadlines),
            stops=_again(process.stops, deadlines),
        )
    return process


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
