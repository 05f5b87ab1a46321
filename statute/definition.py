"""What a process is once it is read: the definition as frozen values, indexed for playing.

Only `statute.parse` builds a `Process`. Every name in it is unique across kinds, so that a condition is a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from statute.types import Citation, Evidence, Force, Kind


class Unit(StrEnum):
    """Units of law. They are never converted into one another: a month is not a number of days."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    WORKING_DAYS = "working_days"
    SCHOOL_DAYS = "school_days"


class Sense(StrEnum):
    """What a deadline's number means."""

    WITHIN = "within"  # a ceiling: at the latest that long after the trigger
    AT_LEAST = "at_least"  # a floor: time that must be given
    BEFORE = "before"  # a ceiling: at the latest that long before a planned day
    BY = "by"  # on or before a day that is itself a fact
    LATEST_OF = "latest_of"  # a ceiling: the later of several spans


class FactType(StrEnum):
    """Kinds of facts. A `date` may not lie in the future, a `planned_date` may."""

    DATE = "date"
    PLANNED_DATE = "planned_date"
    TEXT = "text"
    TRUTH = "truth"
    NUMBER = "number"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Span:
    """A number of units, as the law writes it: 6 weeks."""

    number: int
    unit: Unit

    def __str__(self) -> str:
        unit = self.unit.value.replace("_", " ")
        return f"{self.number} {unit if self.number != 1 else unit.removesuffix('s')}"


@dataclass(frozen=True, slots=True)
class FactRule:
    """A typed fact the rules may look at."""

    name: str
    type: FactType
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FactUse:
    """A fact that an act records, and whether it must."""

    name: str
    required: bool = True


@dataclass(frozen=True, slots=True)
class Each:
    """Alike things in parallel, each with its own small clocks: advisers, settings. Open when the items are named later."""

    name: str
    say: str
    items: Mapping[str, str] = field(default_factory=dict)  # item -> sentence; empty: any name
    required: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition on acts: `needs` must all have happened (or, for a floor, be over), where `when` holds and `unless` does not."""

    name: str
    say: str
    holds: tuple[str, ...]
    needs: tuple[str, ...]
    when: tuple[str, ...]
    unless: tuple[str, ...]
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way a decision may go: the facts it must record, and the notice that it calls for."""

    name: str
    say: str
    send: str
    record: tuple[FactUse, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """Anything that may be done on a case: an event, a task, a decision or a notice, in one shape."""

    name: str
    kind: Kind
    say: str
    by: tuple[str, ...]
    at: frozenset[str]
    facts: tuple[FactUse, ...] = ()
    cites: tuple[Citation, ...] = ()
    each: str = ""
    again: bool = False
    counts_as: tuple[str, ...] = ()
    relates: str = ""  # the relation to the case that it gives the person or setting it is directed at: asked, consulted, requested
    follows: tuple[str, frozenset[str]] = ("", frozenset())  # the decision, and those of its outcomes, that call for this notice
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)
    to: tuple[str, ...] = ()
    contains: Mapping[str, str] = field(default_factory=dict)  # element of a notice -> sentence
    opens: tuple[str, ...] = ()
    gates: tuple[Gate, ...] = ()
    moves: Mapping[str, str] = field(default_factory=dict)  # stage -> stage


@dataclass(frozen=True, slots=True)
class Deadline:
    """A duty's date, derived from a fact. `judged_by_sending` judges it by the day of sending, not of arrival."""

    name: str
    say: str
    binds: str
    force: Force
    cites: tuple[Citation, ...]
    sense: Sense
    spans: tuple[tuple[Span | None, str], ...]  # (span, the fact or act it counts from); None: as soon as practicable
    include_trigger: bool
    met_by: tuple[str, ...]
    stopped_by: tuple[str, ...]
    excused_by: Mapping[str, tuple[Citation, ...]]
    warn: tuple[int, ...] = ()  # days before the last lawful day, the earliest warning first
    rolls: str = ""
    each: str = ""
    only: frozenset[str] = frozenset()  # the items of `each` that it concerns; empty: all
    judged_by_sending: bool = False


@dataclass(frozen=True, slots=True)
class Covers:
    """A fact that must fall in a period that begins and ends a span before two other facts."""

    fact: str
    begins: tuple[Span, str]
    ends: tuple[Span, str]


@dataclass(frozen=True, slots=True)
class Ground:
    """A named legal excuse. It disapplies a limit where compliance is impractical because of it; it never moves a date."""

    name: str
    say: str
    facts: tuple[FactUse, ...]
    lasts: tuple[str, str, Span] | None  # from, until (exclusive), at least
    within_limit: bool  # only days within the limit's own period count
    covers: Covers | None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a case stands. An ending says what it means for the family and opens what follows."""

    name: str
    say: str
    ends: bool


@dataclass(frozen=True, slots=True)
class Service:
    """A manner of serving a notice, and when it is taken to arrive."""

    name: str
    say: str
    after: Span
    cites: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """A kind of statutory procedure, in one version: everything `advance` needs, looked up by name."""

    name: str
    version: int
    title: str
    status: str
    reviewed: str | None
    in_force_from: date
    applies_to: str
    law: Mapping[str, Mapping[str, str]]
    sources: Mapping[str, Evidence]
    facts: Mapping[str, FactRule]
    opens_with: tuple[str, ...]
    stages: Mapping[str, Stage]
    first_stage: str
    acts: Mapping[str, Act]
    each: Mapping[str, Each]
    gates: Mapping[str, Gate]
    deadlines: Mapping[str, Deadline]
    grounds: Mapping[str, Ground]
    service: Mapping[str, Service]
    digest: str
    # Indexes, so that one event touches only the clocks that it concerns.
    starts: Mapping[str, tuple[Deadline, ...]]  # act or fact -> deadlines counted from it
    meets: Mapping[str, tuple[Deadline, ...]]  # act -> deadlines it meets
    stops: Mapping[str, tuple[Deadline, ...]]  # act -> deadlines it stops

    @property
    def endings(self) -> frozenset[str]:
        return frozenset(name for name, stage in self.stages.items() if stage.ends)
