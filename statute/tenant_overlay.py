"""What a tenant wrote of a process: `parse_overlay(document) -> Overlay`, strictly, with every fault at once.

It is read without the process that it changes: whether its names lead anywhere and whether it may do what it asks for is
`statute.permitted`, and only `statute.overlay.merge` applies it. What belongs to the law alone is not unknown here: it is kept
in `national`, so that it is refused with the name of the statute.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from statute.definition import FactRule, FactType, FactUse, Sense, Span, Unit
from statute.parse import digest_of
from statute.reader import Reader, oversized
from statute.types import Citation, Fault, Faulty

SPANS = (Sense.WITHIN, Sense.AT_LEAST, Sense.BEFORE, Sense.EVERY)
TOP_NATIONAL = (
    "version status in_force reviewed several law sources cite opens_with stages moves each days events outcomes elements conditions"
    " grounds service excused_by"
)
DEADLINE_NATIONAL = (
    "say binds force cite from by latest_of counting met_by stopped_by excused_by rolls each only judged_by counts_from calendar set_by"
)
GATE_NATIONAL = "say holds when unless cite"
DECISION_NATIONAL = "ask say at cite outcomes send moves_to"
ACT_NATIONAL = "facts cite each again counts_as relates moves_to opens sends tells announces to"
NOTICE_NATIONAL = f"say by at {ACT_NATIONAL}"
TASK_NATIONAL = f"contains {ACT_NATIONAL}"
LONGEST = {  # some three years: what is longer is a slip, and the end of the calendar is near for a date of a far year
    Unit.DAYS: 1096, Unit.WEEKS: 156, Unit.MONTHS: 36, Unit.WORKING_DAYS: 780, Unit.SCHOOL_DAYS: 585,
    Unit.TRIBUNAL_DAYS: 1096, Unit.TRIBUNAL_WORKING_DAYS: 780,
}  # fmt: skip
LONGEST_NAME, LONGEST_SENTENCE = 50, 2000


@dataclass(frozen=True, slots=True)
class Tuned:
    """A deadline with another span, of one sense, or other warnings (None: as they are), and why."""

    sense: Sense | None
    span: Span | None
    warn: tuple[int, ...] | None
    why: str


@dataclass(frozen=True, slots=True)
class GateChange:
    """What a gate needs besides, and which of its exceptions it loses."""

    needs: tuple[str, ...]
    without: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionChange:
    """Who decides ("": as it is), and what an outcome records besides."""

    who: str
    record: Mapping[str, tuple[FactUse, ...]]


@dataclass(frozen=True, slots=True)
class Task:
    """Something that the tenant wants done besides. `within` and `since`: its own limit, and what that counts from."""

    name: str
    say: str
    by: tuple[str, ...]
    at: tuple[str, ...]
    within: Span | None = None
    since: str = ""
    warn: tuple[int, ...] = ()

    @property
    def deadline(self) -> str:
        """The name of its limit."""
        return f"{self.name}_in_time"


@dataclass(frozen=True, slots=True)
class Overlay:
    """A tenant's changes of one process. `national` are the paths at which it speaks of what is the law's alone."""

    name: str
    process: str
    why: str
    digest: str
    facts: Mapping[str, FactRule] = field(default_factory=dict)
    deadlines: Mapping[str, Tuned] = field(default_factory=dict)
    gates: Mapping[str, GateChange] = field(default_factory=dict)
    decisions: Mapping[str, DecisionChange] = field(default_factory=dict)
    notices: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # notice -> element -> sentence
    without: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # deadline -> grounds that no longer excuse from it
    tasks: Mapping[str, Task] = field(default_factory=dict)
    closed: frozenset[date] = frozenset()  # days on which the council is closed, for the limits of its tasks
    national: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that an overlay may not do: where, what, why with the statute that says so, and what to do instead."""

    path: str
    what: str
    why: str
    do: str
    cites: tuple[Citation, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}: {self.what}. {self.why}. {self.do}."


class Relaxation(Exception):  # noqa: N818 - it says what the overlay would be
    """An overlay that would relax the law or touch what is not the tenant's; carries every violation, not the first."""

    def __init__(self, violations: tuple[Violation, ...]) -> None:
        super().__init__("\n".join(str(violation) for violation in violations))
        self.violations = violations


def parse_overlay(document: object) -> Overlay:
    """Read a tenant's overlay.

    Raises:
        Faulty: with every fault.
    """
    if oversized(document):
        raise Faulty((Fault("(the document)", "is too deep or too large", "nobody could read it", "write it without aliases"),))
    reading = Reading()
    found = reading.overlay(document)
    if found is None or reading.faults:
        raise Faulty(tuple(reading.faults))
    return found


class Reading(Reader):
    """A reader that tells what is the law's from what is unknown."""

    def __init__(self) -> None:
        super().__init__()
        self.national: list[str] = []

    def rule(self, value: object, path: str, required: str, optional: str, national: str) -> dict[str, Any]:
        """A mapping whose `national` keys are noted and left out."""
        found = self.mapping(value, path, required, f"{optional} {national}") or {}
        for key in (key for key in national.split() if key in found):
            rules = found[key] if isinstance(found[key], dict) and not path else {}
            self.national += [f"{key}.{name}" for name in rules] or [f"{path}.{key}".lstrip(".")]
        if isinstance(value, dict) and not required and not set(found) - {"why"}:
            self.fault(path, "changes nothing", "a change of nothing is none", f"give one of: {', '.join(optional.split())}")
        return {key: given for key, given in found.items() if key not in national.split()}

    def overlay(self, document: object) -> Overlay | None:
        optional = "facts deadlines gates decisions notices without tasks closed_days"
        top = self.rule(document, "", "overlay process why", optional, TOP_NATIONAL)
        found = Overlay(
            name=self.text(top.get("overlay"), "overlay"),
            process=self.text(top.get("process"), "process"),
            why=self.sentence(top.get("why"), "why"),
            digest="",
            facts={name: self.own_fact(name, value) for name, value in self.entries(top, "facts")},
            deadlines={name: self.tuned(name, value) for name, value in self.entries(top, "deadlines")},
            gates={name: self.gate(name, value) for name, value in self.entries(top, "gates")},
            decisions={name: self.decision(name, value) for name, value in self.entries(top, "decisions")},
            notices={name: self.notice(name, value) for name, value in self.entries(top, "notices")},
            without={name: self.some(value, f"without.{name}") for name, value in self.entries(top, "without")},
            tasks={name: self.task(name, value) for name, value in self.entries(top, "tasks")},
            closed=frozenset(self.own_day(value, "closed_days") for value in self.items(top.get("closed_days"), "closed_days")),
            national=tuple(self.national),
        )
        if self.faults:
            return None
        try:
            digest = "" if found.national else digest_of(document)  # what is national is not read, and never applied
        except UnicodeEncodeError:
            self.fault("", "holds a character that is half of one", "nobody could read it", "write it anew")
            return None
        return replace(found, digest=digest)

    def sentence(self, value: object, path: str) -> str:
        found = self.text(value, path)
        if len(found) > LONGEST_SENTENCE:
            self.fault(path, f"has {len(found)} characters", "people read it", f"keep it below {LONGEST_SENTENCE}")
        return found

    def some(self, value: object, path: str) -> tuple[str, ...]:
        found = self.names(value, path)
        if isinstance(value, list) and not value:
            self.fault(path, "lists nothing", "a change of nothing is none", "name one, or leave it out")
        return found

    def own_span(self, value: object, path: str) -> Span:
        found = self.span(value, path)
        if value is not None and not 0 < found.number <= LONGEST[found.unit]:
            self.fault(
                path,
                f"{value!r} is no time that somebody could keep",
                "a limit is at least one day and at most some three years",
                "check it",
            )
        return found

    def warnings(self, value: object, path: str) -> tuple[int, ...]:
        found = {self.span(given, path, unit=Unit.DAYS).number for given in self.items(value, path)}
        if found and not 0 < min(found) <= max(found) <= LONGEST[Unit.DAYS]:
            self.fault(path, "warns on no day before the last", "a warning comes first", "write for example [14 days, 5 days]")
        return tuple(sorted(found, reverse=True))

    def own_day(self, value: object, path: str) -> date:
        """A day, as YAML or JSON write it."""
        try:
            found = date.fromisoformat(value) if isinstance(value, str) else value
        except ValueError:
            found = None
        if isinstance(found, date) and not isinstance(found, datetime):
            return found
        self.fault(path, f"has {value!r}, which is no day", "on that day nobody is there", "write it as 2026-12-29")
        return date.min

    def own_fact(self, name: str, value: object) -> FactRule:
        return FactRule(name, FactType(self.one_of(value, f"facts.{name}", (FactType.TEXT.value, FactType.TRUTH.value))))

    def tuned(self, name: str, value: object) -> Tuned:
        path = f"deadlines.{name}"
        rule = self.rule(value, path, "", f"{' '.join(SPANS)} warn why", DEADLINE_NATIONAL)
        senses = [sense for sense in SPANS if sense.value in rule]
        if len(senses) > 1:
            self.fault(path, f"has {', '.join(senses)}", "a deadline has exactly one of them", "keep the one that it has in law")
        sense = senses[0] if senses else None
        return Tuned(
            sense,
            self.own_span(rule[sense.value], f"{path}.{sense.value}") if sense else None,
            self.warnings(rule["warn"], f"{path}.warn") if "warn" in rule else None,
            self.sentence(rule["why"], f"{path}.why") if "why" in rule else "",
        )

    def gate(self, name: str, value: object) -> GateChange:
        path = f"gates.{name}"
        rule = self.rule(value, path, "", "needs without", GATE_NATIONAL)
        needs, without = (self.some(rule[key], f"{path}.{key}") if key in rule else () for key in ("needs", "without"))
        return GateChange(needs, without)

    def decision(self, name: str, value: object) -> DecisionChange:
        path = f"decisions.{name}"
        rule = self.rule(value, path, "", "who record", DECISION_NATIONAL)
        record = {key: self.recorded(given, f"{path}.record.{key}") for key, given in self.entries(rule, "record", path)}
        return DecisionChange(self.text(rule["who"], f"{path}.who") if "who" in rule else "", record)

    def recorded(self, value: object, path: str) -> tuple[FactUse, ...]:
        uses = self.fact_uses(value, path)
        if len({use.name for use in uses}) < len(uses):
            self.fault(path, "lists a fact twice", "once is enough", "remove one")
        return uses

    def notice(self, name: str, value: object) -> Mapping[str, str]:
        path = f"notices.{name}"
        rule = self.rule(value, path, "contains", "", NOTICE_NATIONAL)
        return {key: self.sentence(text, f"{path}.contains.{key}") for key, text in self.entries(rule, "contains", path)}

    def task(self, name: str, value: object) -> Task:
        path = f"tasks.{name}"
        rule = self.rule(value, path, "say by at", "deadline", TASK_NATIONAL)
        if len(name) > LONGEST_NAME:
            self.fault(path, f"has a name of {len(name)} characters", "its limit is named after it", f"keep it below {LONGEST_NAME}")
        task = Task(
            name,
            self.sentence(rule.get("say"), f"{path}.say"),
            self.some(rule.get("by"), f"{path}.by"),
            self.some(rule.get("at"), f"{path}.at"),
        )
        if rule.get("deadline") is None:
            return task
        limit = self.rule(rule["deadline"], f"{path}.deadline", "within from", "warn", DEADLINE_NATIONAL.replace(" from", ""))
        return replace(
            task,
            within=self.own_span(limit.get("within"), f"{path}.deadline.within"),
            since=self.text(limit.get("from"), f"{path}.deadline.from"),
            warn=self.warnings(limit["warn"], f"{path}.deadline.warn") if "warn" in limit else (),
        )
