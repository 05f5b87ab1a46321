"""A pilot: a dated overlay with a legal basis of its own. `parse_pilot(document) -> Pilot`, strictly, with every fault at once.

It is read without the processes that it changes. Whether its names lead anywhere and whether it may do what it asks for is
`statute.pilot_guard`, and only `statute.overlay.merge` lays it upon a process. Whether a council may choose it is `statute.choose`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from statute.definition import Act, Condition, FactRule, Gate
from statute.parse import digest_of
from statute.reader import oversized
from statute.sections import condition, gate
from statute.tenant_overlay import DEADLINE_NATIONAL, Reading, Task, Tuned
from statute.types import Citation, Evidence, Fault, Faulty, Kind

TOP = "pilot title say why status legal_basis about beyond_current_law cost_to_family in_force eligible consent flag variant law sources processes"
SECTIONS = "facts acts tasks notices words deadlines conditions gates"
NATIONAL = "stages events moves decisions elements grounds days each service excused_by without opens_with several"
MOVES = "counts_as relates moves_to opens sends tells announces"
ABOUT = ("mediation", "settings", "alternative_provision")
ELIGIBLE = ("change_programme", "any")
CONSENT = ("none", "family")
COSTS = ("none", "some")
EXEMPTIONS = ("placement", "discrimination", "safeguarding", "default", "no_show", "urgency", "capacity")


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence that a letter says besides, with what was read for it."""

    say: str
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """What a pilot adds to one process. `national` are the paths at which it speaks of what is the law's alone.

    `exempt` says of a gate on a step of the family under which names each exemption stands: the class of exemption -> the names.
    """

    facts: Mapping[str, FactRule] = field(default_factory=dict)
    acts: Mapping[str, Act] = field(default_factory=dict)  # options, tasks and letters
    limits: Mapping[str, Task] = field(default_factory=dict)  # tasks that have a limit of their own
    words: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)  # letter of the law -> element -> sentence
    deadlines: Mapping[str, Tuned] = field(default_factory=dict)
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    gates: Mapping[str, Gate] = field(default_factory=dict)
    exempt: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    letters: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)  # letter of its own -> element -> sentence
    national: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pilot:
    """A pilot with its dates (both days included; `until` None: no end is known) and its basis.

    `say` is what a family is told, `departs_from` the law in force beyond which it goes, `flag` and `variant` how a council chooses it.
    """

    name: str
    title: str
    say: str
    why: str
    status: str
    basis: Words
    about: str
    beyond: bool
    departs_from: tuple[Citation, ...]
    cost: str
    since: date
    until: date | None
    eligible: str
    consent: str
    flag: str
    variant: str
    exclusive_with: tuple[str, ...]
    law: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, Evidence]
    parts: Mapping[str, Part]
    digest: str

    def holds(self, day: date) -> bool:
        """Whether cases may be opened under it on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


def parse_pilot(document: object) -> Pilot:
    """Read a pilot.

    Raises:
        Faulty: with every fault.
    """
    if oversized(document):
        raise Faulty((Fault("(the document)", "is too deep or too large", "nobody could read it", "write it without aliases"),))
    reading = _Reading()
    found = reading.pilot(document)
    if found is None or reading.faults:
        raise Faulty(tuple(reading.faults))
    return found


class _Reading(Reading):
    """A reader of overlays that also reads acts, and wants a citation with each sentence."""

    def pilot(self, document: object) -> Pilot | None:
        top = self.mapping(document, "", TOP, "departs_from exclusive_with reviewed")
        if top is None:
            return None
        self.law = {name: self.texts(value, f"law.{name}", "title number") for name, value in self.entries(top, "law")}
        self.sources = self.evidence(top.get("sources", {}))
        dates = self.mapping(top["in_force"], "in_force", "from", "until") or {} if "in_force" in top else {}
        since = self.day(dates.get("from"), "in_force.from")
        until = self.day(dates["until"], "in_force.until") if "until" in dates else None
        if until is not None and until < since:
            self.fault("in_force.until", "is before it begins", "a pilot lasts some time", "check the days")
        beyond = self.truth(top["beyond_current_law"], "beyond_current_law") if "beyond_current_law" in top else False
        departs = self.cites(top.get("departs_from"), "departs_from")
        if beyond != bool(departs):
            what = "names no law that it goes beyond" if beyond else "names a law beyond which it goes, and says that it does not"
            self.fault(
                "departs_from", what, "a family must see where it stands", "cite what it goes beyond, where it does, and nothing else"
            )
        parts = {name: self.part(name, value) for name, value in self.entries(top, "processes")}
        if not parts and isinstance(top.get("processes"), dict):
            self.fault("processes", "names none", "a change of nothing is none", "say what it adds to which process")
        return Pilot(
            name=self.text(top.get("pilot"), "pilot"),
            title=self.text(top.get("title"), "title"),
            say=self.sentence(top.get("say"), "say"),
            why=self.sentence(top.get("why"), "why"),
            status=self.one_of(top.get("status"), "status", ("draft", "published")),
            basis=self.words_of(top.get("legal_basis"), "legal_basis"),
            about=self.one_of(top.get("about"), "about", ABOUT),
            beyond=beyond,
            departs_from=departs,
            cost=self.one_of(top.get("cost_to_family"), "cost_to_family", COSTS),
            since=since,
            until=until,
            eligible=self.one_of(top.get("eligible"), "eligible", ELIGIBLE),
            consent=self.one_of(top.get("consent"), "consent", CONSENT),
            flag=self.text(top.get("flag"), "flag"),
            variant=self.text(top.get("variant"), "variant"),
            exclusive_with=self.names(top.get("exclusive_with", []), "exclusive_with"),
            law=self.law,
            sources=self.sources,
            parts=parts,
            digest="" if self.faults else digest_of(document),
        )

    def words_of(self, value: object, path: str) -> Words:
        rule = self.mapping(value, path, "say cite") or {} if value is not None else {}  # a missing key was told already
        return Words(self.sentence(rule.get("say"), f"{path}.say"), self.some_cites(rule.get("cite"), f"{path}.cite"))

    def some_cites(self, value: object, path: str) -> tuple[Citation, ...]:
        found = self.cites(value, path)
        if value == []:
            self.fault(path, "cites nothing", "what was read for a sentence is shown", "cite it, under `none` if nothing was read")
        return found

    def part(self, process: str, value: object) -> Part:
        path, before = f"processes.{process}", len(self.national)
        given = self.mapping(value, path, "", f"{SECTIONS} {NATIONAL}") or {}
        for key in (key for key in NATIONAL.split() if key in given):
            rules = given[key] if isinstance(given[key], dict) else {}
            self.national += [f"{path}.{key}.{name}" for name in rules] or [f"{path}.{key}"]
        if isinstance(value, dict) and not given:
            self.fault(path, "changes nothing", "a change of nothing is none", f"give one of: {', '.join(SECTIONS.split())}")
        letters: dict[str, Mapping[str, Words]] = {}
        limits: dict[str, Task] = {}
        acts: dict[str, Act] = {}
        kinds = {"acts": Kind.HAPPENED, "tasks": Kind.DONE, "notices": Kind.SERVED}
        for section, kind in kinds.items():
            for name, rule in self.entries(given, section, path):
                where = f"{path}.{section}.{name}"
                if name in acts:
                    self.fault(where, "is told twice", "a name means one thing", "rename it")
                acts[name] = self.act(kind, name, rule, where, letters, limits)
        conditions = {}
        for name, rule in self.entries(given, "conditions", path):
            conditions[name] = condition(self.at(path), name, rule)
        gates, exempt = {}, {}
        for name, rule in self.entries(given, "gates", path):
            where = f"{path}.gates.{name}"
            rule = dict(rule) if isinstance(rule, dict) else rule
            told = rule.pop("exempt", {}) if isinstance(rule, dict) else {}
            kinds_told = self.mapping(told, f"{where}.exempt", "", " ".join(EXEMPTIONS)) or {}
            exempt[name] = {key: self.names(names, f"{where}.exempt.{key}") for key, names in kinds_told.items()}
            gates[name] = gate(self.at(path), name, rule)
            if isinstance(rule, dict) and rule.get("cite") == []:
                self.some_cites([], f"{where}.cite")
        words = {
            notice: {key: self.words_of(told, f"{path}.words.{notice}.{key}") for key, told in self.entries({notice: elements}, notice)}
            for notice, elements in self.entries(given, "words", path)
        }
        return Part(
            facts={name: self.fact_rule(name, rule) for name, rule in self.entries(given, "facts", path)},
            acts=acts,
            limits=limits,
            words=words,
            deadlines={name: self.tuned(name, rule) for name, rule in self.entries(given, "deadlines", path)},
            conditions=conditions,
            gates=gates,
            exempt=exempt,
            letters=letters,
            national=tuple(self.national[before:]),
        )

    def at(self, path: str) -> _Reading:
        """A reader of a smaller section whose faults name the process too: they are told with the others."""
        return _Within(self, path)

    def act(self, kind: Kind, name: str, value: object, path: str, letters: dict[str, Mapping[str, Words]], limits: dict[str, Task]) -> Act:
        usual = {Kind.HAPPENED: "facts each again", Kind.DONE: "facts each again deadline", Kind.SERVED: "again"}[kind]
        needed = "say by at cite to contains" if kind is Kind.SERVED else "say by at cite"
        forbidden = MOVES if kind is Kind.SERVED else f"{MOVES} contains to"
        rule = self.rule(value, path, needed, usual, forbidden)
        elements: Mapping[str, Words] = {}
        if kind is Kind.SERVED:
            elements = {key: self.words_of(told, f"{path}.contains.{key}") for key, told in self.entries(rule, "contains", path)}
            letters[name] = elements
        found = Act(
            name=name,
            kind=kind,
            say=self.sentence(rule.get("say"), f"{path}.say"),
            by=self.some(rule.get("by"), f"{path}.by"),
            at=frozenset(self.some(rule.get("at"), f"{path}.at")),
            facts=self.recorded(rule.get("facts", []), f"{path}.facts"),
            cites=self.some_cites(rule.get("cite"), f"{path}.cite"),
            each=self.text(rule.get("each", ""), f"{path}.each", empty=True),
            again=self.truth(rule.get("again", False), f"{path}.again"),
            to=self.some(rule.get("to"), f"{path}.to") if kind is Kind.SERVED else (),
            contains={key: told.say for key, told in elements.items()},
        )
        if "deadline" in rule:
            limits[name] = self.limit(found, rule["deadline"], f"{path}.deadline")
        return found

    def limit(self, act: Act, value: object, path: str) -> Task:
        """A limit of a task. Each one says why it has this number: no law gives it."""
        rule: dict[str, Any] = self.rule(value, path, "within from why", "warn", DEADLINE_NATIONAL.replace(" from", ""))
        self.sentence(rule.get("why"), f"{path}.why")
        return Task(
            act.name,
            act.say,
            act.by,
            tuple(sorted(act.at)),
            within=self.own_span(rule.get("within"), f"{path}.within"),
            since=self.text(rule.get("from"), f"{path}.from"),
            warn=self.warnings(rule["warn"], f"{path}.warn") if "warn" in rule else (),
        )


class _Within(_Reading):
    """A reader within one process: what it finds is noted by the reader of the whole."""

    def __init__(self, reading: _Reading, path: str) -> None:
        super().__init__()
        self.law, self.sources, self.prefix, self.notes = reading.law, reading.sources, path, reading.faults

    def fault(self, path: str, what: str, why: str, do: str) -> None:
        self.notes.append(Fault(f"{self.prefix}.{path}", what, why, do))
