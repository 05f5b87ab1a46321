"""What a council sets for itself, as one document: `parse_configuration(document) -> Configuration`, strictly, with every fault at once.

The overlays inside are those of docs/overlays.md, read by `statute.tenant_overlay`; whether they keep the law is `statute.overlay.merge`
and `statute.prove`. All else moves no date of law: days on which the council is closed, how its letters look, whom it tells, its teams.
The form is docs/configuration.md; it is the same in YAML and JSON, where a day is its ISO form.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from statute.reader import NAME, Reader, oversized
from statute.tenant_overlay import Overlay, parse_overlay
from statute.types import Fault, Faulty
from tenants.logo import why_unfit

MOST = {"overlays": 60, "closed_days": 800, "escalation": 200, "teams": 100, "members": 500}
LONGEST_LINE, LONGEST_TEXT = 200, 1000
FORM, LARGEST = 1, 128 * 1024


@dataclass(frozen=True, slots=True)
class Letters:
    """How the council's letters look, besides what the law prescribes: nothing here can take a word of that away."""

    logo: str = ""  # a data URL of a PNG or an SVG
    address: str = ""
    telephone: str = ""
    email: str = ""
    sign_off: str = ""


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who besides is told when a limit is near (`warning`) or has passed (`breach`). `deadline` "": of every limit of the process."""

    process: str
    deadline: str
    on: str
    to: str  # the subject or the id of a person of the council
    say: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """People of the council who work on the same processes; none named: on all."""

    name: str
    say: str
    members: tuple[str, ...]
    processes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that a council sets for itself, at one moment. `document` is its normal form, `digest` the fingerprint of that."""

    document: Mapping[str, Any]
    digest: str
    overlays: tuple[Overlay, ...] = ()
    closed_days: tuple[date, ...] = ()
    letters: Letters = field(default_factory=Letters)
    escalation: tuple[Escalation, ...] = ()
    teams: tuple[Team, ...] = ()

    def overlay_documents(self, process: str) -> tuple[Mapping[str, Any], ...]:
        """The overlays of one process, as they are laid, in their order."""
        return tuple(one for one in laid(self.document) if one["process"] == process)

    @property
    def processes(self) -> tuple[str, ...]:
        """The processes that its overlays change, each once."""
        return tuple(dict.fromkeys(overlay.process for overlay in self.overlays))


def empty() -> Configuration:
    """The configuration of a council that sets nothing: the law as it is."""
    return parse_configuration({"configuration": FORM})


def parse_configuration(document: object) -> Configuration:
    """Read a council's configuration.

    Raises:
        Faulty: with every fault, each with its path.
    """
    if oversized(document):
        raise Faulty((Fault("(the document)", "is too deep or too large", "nobody could read it", "write it without aliases"),))
    reading = _Reading()
    found = reading.configuration(document)
    if found is None or reading.faults:
        raise Faulty(tuple(reading.faults))
    return found


class _Reading(Reader):
    def configuration(self, document: object) -> Configuration | None:
        top = self.mapping(document, "", "configuration", "overlays closed_days letters escalation teams")
        if top is None:
            return None
        if (top.get("configuration") is not None and top["configuration"] != FORM) or isinstance(top.get("configuration"), bool):
            self.fault("configuration", f"is {top['configuration']!r}", "this is how the form is numbered", f"write {FORM}")
        days = self.closed(top.get("closed_days"))
        overlays = tuple(self.overlays(top.get("overlays"), days))
        letters = self.letters(top["letters"]) if top.get("letters") is not None else Letters()
        escalation = tuple(self.escalation(top.get("escalation")))
        teams = tuple(self.team(name, value) for name, value in self.entries(top, "teams"))
        self.few(teams, "teams", "teams")
        if self.faults:
            return None
        normal = _normal(document, days)
        try:
            written = json.dumps(normal, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        except UnicodeEncodeError:
            self.fault("", "holds a character that is half of one", "nobody could read it", "write it anew")
            return None
        if len(written) > LARGEST:  # aliases can make a short text a long document
            self.fault("", f"has {len(written)} bytes", "nobody could read it", f"keep it below {LARGEST}, and write it without aliases")
            return None
        digest = hashlib.sha256(written).hexdigest()
        return Configuration(normal, digest, overlays, days, letters, escalation, teams)

    def overlays(self, value: object, days: tuple[date, ...]) -> Iterator[Overlay]:
        names: dict[str, int] = {}
        for n, one in enumerate(self.few(self.items(value, "overlays"), "overlays", "overlays")):
            try:
                overlay = parse_overlay(_closing(one, [day.isoformat() for day in days]) if isinstance(one, dict) else one)
            except Faulty as faulty:
                for fault in faulty.faults:
                    inside = "" if fault.path.startswith("(") else f".{fault.path}"
                    self.fault(f"overlays[{n}]{inside}", fault.what, fault.why, fault.do)
                continue
            if overlay.name in names:
                self.fault(f"overlays[{n}].overlay", f"{overlay.name} is listed twice", "a name means one thing", "rename it")
            names[overlay.name] = n
            yield overlay

    def closed(self, value: object) -> tuple[date, ...]:
        found: list[date] = []
        for n, one in enumerate(self.few(self.items(value, "closed_days"), "closed_days", "closed_days")):
            path, day = f"closed_days[{n}]", self.day_written(one, f"closed_days[{n}]")
            if day in found:
                self.fault(path, f"{day} is listed twice", "once is enough", "remove one")
            found.append(day)
        return tuple(sorted(found))

    def day_written(self, value: object, path: str) -> date:
        """A day as YAML reads it, or its ISO form, as JSON has it."""
        if isinstance(value, str) and len(value) == 10:
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        return self.day("nothing" if value is None else value, path)

    def letters(self, value: object) -> Letters:
        found = self.mapping(value, "letters", "", "logo address telephone email sign_off") or {}
        logo = self.text(found.get("logo"), "letters.logo")
        unfit = why_unfit(logo) if logo else ""
        if unfit:
            self.fault("letters.logo", unfit, "it stands on letters to families", "give a small PNG, or an SVG that only draws")
        email = self.line(found.get("email"), "letters.email")
        if email and (email.count("@") != 1 or any(character.isspace() for character in email)):
            self.fault("letters.email", "is no address", "families write to it", "write for example send@council.example")
        address = self.short(found.get("address"), "letters.address")
        telephone = self.line(found.get("telephone"), "letters.telephone")
        return Letters(logo, address, telephone, email, self.short(found.get("sign_off"), "letters.sign_off"))

    def escalation(self, value: object) -> Iterator[Escalation]:
        for n, one in enumerate(self.few(self.items(value, "escalation"), "escalation", "escalation")):
            path = f"escalation[{n}]"
            rule = self.mapping(one, path, "process on to", "deadline say") or {}
            yield Escalation(
                self.name(rule.get("process"), f"{path}.process"),
                self.name(rule["deadline"], f"{path}.deadline") if "deadline" in rule else "",
                self.one_of(rule.get("on"), f"{path}.on", ("warning", "breach")),
                self.line(rule.get("to"), f"{path}.to"),
                self.short(rule.get("say"), f"{path}.say"),
            )

    def team(self, name: str, value: object) -> Team:
        path = f"teams.{name}"
        rule = self.mapping(value, path, "say members", "processes") or {}
        members = [
            self.line("" if one is None else one, f"{path}.members[{n}]")
            for n, one in enumerate(self.few(self.items(rule.get("members"), f"{path}.members"), f"{path}.members", "members"))
        ]
        if len(set(members)) < len(members):
            self.fault(f"{path}.members", "lists somebody twice", "once is enough", "remove one")
        processes = self.names(rule.get("processes"), f"{path}.processes")
        return Team(name, self.short(rule.get("say"), f"{path}.say"), tuple(members), processes)

    def name(self, value: object, path: str) -> str:
        found = self.text(value, path)
        if found and not NAME.fullmatch(found):
            self.fault(path, f"{found[:60]!r} is not a name", "processes and limits have names", "use the name in the definition")
        return found

    def line(self, value: object, path: str) -> str:
        found = self.text(value, path)
        if len(found) > LONGEST_LINE or any(ord(one) < 32 or 127 <= ord(one) < 160 for one in found):
            self.fault(path, "is more than a line", "it stands on one", f"write at most {LONGEST_LINE} characters, without breaks")
        return found

    def short(self, value: object, path: str) -> str:
        found = self.text(value, path)
        if len(found) > LONGEST_TEXT:
            self.fault(path, f"has {len(found)} characters", "people read it", f"keep it below {LONGEST_TEXT}")
        return found

    def few(self, given: Any, path: str, kind: str) -> Any:
        """The list itself, or its beginning where it has too many."""
        if len(given) > MOST[kind]:
            self.fault(path, f"has {len(given)}", "nobody could keep an eye on them", f"give at most {MOST[kind]}")
            return given[: MOST[kind]]
        return given


def laid(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The overlays of a configuration in its normal form as cases are pinned to them: their tasks know the days on which the council is closed."""
    return [_closing(one, document.get("closed_days", ())) for one in document.get("overlays", ())]


def _closing(overlay: Mapping[str, Any], days: Sequence[str]) -> Mapping[str, Any]:
    if not days or not overlay.get("tasks"):
        return overlay  # nothing in it waits for a working day: it stays the same overlay
    own = overlay.get("closed_days")
    return {**overlay, "closed_days": sorted({*map(str, own if isinstance(own, list) else ()), *days})}


def _normal(document: Any, days: tuple[date, ...]) -> dict[str, Any]:
    """The document as JSON has it, its parts in one order: the same in YAML and JSON, and the same fingerprint."""
    found: dict[str, Any] = {"configuration": FORM}
    for part in ("overlays", "closed_days", "letters", "escalation", "teams"):
        if document.get(part):
            found[part] = [day.isoformat() for day in days] if part == "closed_days" else _plain(document[part])
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value
