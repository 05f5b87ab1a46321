"""What a process is once it is read: the definition as frozen values, indexed for playing.

Only `statute.parse` builds a `Process`. Every name in it is unique across kinds, so that a condition is a name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from statute.types import Citation, Evidence, Force, Kind, Value


class Unit(StrEnum):
    """Units of law. They are never converted into one another: a month is not a number of days."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"
    WORKING_DAYS = "working_days"
    SCHOOL_DAYS = "school_days"
    TRIBUNAL_DAYS = "tribunal_days"  # calendar days without August and 25 December to 1 January: HESC Rules 2008 r.12(3)(b)
    TRIBUNAL_WORKING_DAYS = "tribunal_working_days"  # working days without them


class Sense(StrEnum):
    """What a deadline's number means."""

    WITHIN = "within"  # a ceiling: at the latest that long after the trigger
    AT_LEAST = "at_least"  # a floor: time that must be given
    BEFORE = "before"  # a ceiling: at the latest that long before a planned day
    BY = "by"  # on or before a day that is itself a fact
    LATEST_OF = "latest_of"  # a ceiling: the later of several spans
    EVERY = "every"  # a ceiling that begins again on the day it is met: a review


class FactType(StrEnum):
    """Kinds of facts. A `date` may not lie in the future, a `planned_date` may; a `setting` is the opaque id of a school or college, an `authority` the
    three digits by which the Department for Education knows a council.
    """

    DATE = "date"
    PLANNED_DATE = "planned_date"
    TEXT = "text"
    TRUTH = "truth"
    NUMBER = "number"
    CHOICE = "choice"
    SETTING = "setting"
    AUTHORITY = "authority"


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
class NamedDay:
    """A day of the year that follows from a recorded day: in that day's year, or in the school year in which an age is reached.

    `weekday` is set for the last such day of the month (the last Friday in June). With `first_of` it is the first of other named
    days that still lies ahead when the case is opened.
    """

    name: str
    say: str
    cites: tuple[Citation, ...]
    source: str = ""
    month: int = 0
    day: int = 0
    weekday: int | None = None
    reaching: int | None = None
    year_begins: tuple[int, int] = (9, 1)
    first_of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """A truth that nobody records, because it is reckoned on the day of an act.

    Exactly one of: a day lies at most a span back (`within`), a sum of numbers is at most a number (`at_most`), the last lawful day of a
    deadline has not passed (`until`), the last lawful day of one of some deadlines has passed and its duty is still owed (`passed`).
    """

    name: str
    say: str
    cites: tuple[Citation, ...]
    within: Span | None = None
    at_most: int | None = None
    of: tuple[str, ...] = ()
    until: str = ""
    passed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opening:
    """A process that an act opens: by which of its events (else the first), with which facts besides those of the same name.

    Facts that are `dated` are the day of the act, even where the case knows another day by that name.
    """

    process: str
    event: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)
    dated: tuple[str, ...] = ()


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
    opens: tuple[Opening, ...] = ()
    sends: str = ""  # the process that it opens in another authority: the one that the fact of type authority names
    tells: tuple[str, ...] = ()  # acts of the cases that led to this one, which happen there too
    announces: tuple[str, ...] = ()  # acts of every other open case of the child, which happen there too
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
    counts_from_sending: bool = False  # from the day a notice was sent, not from the day it arrived
    calendar: str = ""  # the fact that says whose school days count, where there is no item that does
    set_by_tenant: bool = False
    repeats: bool = False  # a ceiling on an act that happens again: once it was met, the next time begins another round
    target: Span | None = None  # the tenant's own earlier limit: shown beside the due date of the law, and never in its place
    closed: frozenset[date] = frozenset()  # days on which the tenant is closed: they do not count in its own limits, and in no other


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
    since: date | None = None  # the days on which it may be relied on, both included: an amendment's own
    until: date | None = None


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
    several: bool  # whether a child may have several open cases of it at once
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
    days: Mapping[str, NamedDay]
    conditions: Mapping[str, Condition]
    service: Mapping[str, Service]
    digest: str
    # Indexes, so that one event touches only the clocks that it concerns.
    starts: Mapping[str, tuple[Deadline, ...]]  # act, fact, named day or deadline -> deadlines counted from it
    meets: Mapping[str, tuple[Deadline, ...]]  # act -> deadlines it meets
    stops: Mapping[str, tuple[Deadline, ...]]  # act -> deadlines it stops

    @property
    def endings(self) -> frozenset[str]:
        return frozenset(name for name, stage in self.stages.items() if stage.ends)
