"""The values that the core takes and gives: plain, frozen, and the same words as in the definitions.

Days are civil dates in Europe/London. Instants are aware datetimes in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

# A recorded fact in the form in which it travels and is stored: a date fact is its ISO form. Text never enters the
# state of a case: the state keeps the journal sequence of the entry that holds it (see `advance`).
Value = str | int | bool


class Force(StrEnum):
    """How strongly a rule binds: a statute's must, guidance's should, a tenant's own."""

    MUST = "must"
    SHOULD = "should"
    LOCAL = "local"


class Evidence(StrEnum):
    """What was read for a citation: the law's own text, a secondary source, or nothing (from knowledge, unverified)."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    NONE = "none"


class Status(StrEnum):
    """The condition of a clock. `passed` stays until the duty is met, and then becomes `met_late`, for ever."""

    RUNNING = "running"
    MET = "met"
    MET_LATE = "met_late"
    PASSED = "passed"
    STOPPED = "stopped"
    DISAPPLIED = "disapplied"


class Kind(StrEnum):
    """What sort of event a journal entry records."""

    OPENED = "opened"
    HAPPENED = "happened"
    DONE = "done"
    DECIDED = "decided"
    SERVED = "served"
    EXCUSED = "excused"
    TIME_PASSED = "time_passed"
    REVISED = "revised"


@dataclass(frozen=True, slots=True)
class Citation:
    """One pinpoint in one instrument, with the evidence that was read for it."""

    instrument: str
    pinpoint: str
    evidence: Evidence

    def __str__(self) -> str:
        return f"{self.instrument} {self.pinpoint}"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where, what, why, and what to do about it."""

    path: str
    what: str
    why: str
    do: str

    def __str__(self) -> str:
        return f"{self.path}: {self.what}. {self.why}. {self.do}."


class Faulty(Exception):  # noqa: N818 - the house says what it is, not that it is an error
    """A document that cannot be a definition; carries every fault found, not the first."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Refused(Exception):  # noqa: N818 - a refusal is an answer, not an error
    """The act is not lawful here (`citations` say by what), or not well formed (`faults` say where). Nothing changed."""

    def __init__(self, say: str, citations: tuple[Citation, ...] = (), faults: tuple[Fault, ...] = ()) -> None:
        super().__init__(say)
        self.say = say
        self.citations = citations
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, with the day it happened (`on`) and the instant it was recorded (`at`): never one for both.

    `capacity` is what the actor acted as (family, local_authority, ...), `item` which of several alike (which adviser), `about` the
    person or setting that it is directed at (an opaque id), `how` the manner of service of a notice. The engine's own events have
    the capacity `engine`. `terms` are the school days of settings, as told by whoever recorded the event: the case keeps what it was
    counted with (`statute.days.Days.meeting`). `rules` and `flags` say what a case is opened under, or revised to: the pilots and the
    council's overlays in the order in which they are laid (`pilot:NAME`, or the digest of an overlay), and the variant of each flag.
    """

    kind: Kind
    name: str
    on: date
    at: datetime
    key: str
    actor: str = ""
    capacity: str = ""
    item: str = ""
    about: str = ""
    outcome: str = ""
    how: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rules: tuple[str, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clock:
    """One deadline of one case: the trigger day, the last lawful day, and what became of it."""

    since: date
    due: date | None  # None: as soon as practicable, the law gives no number
    status: Status = Status.RUNNING
    met_on: date | None = None
    warned: int = 0  # how many of the deadline's warnings were given
    ground: str = ""  # the ground that disapplies the limit


@dataclass(frozen=True, slots=True)
class State:
    """Where a case stands: one value, and the fold of its journal. Mappings are replaced, never changed."""

    process: str
    version: int
    digest: str
    calendar: str
    seq: int
    stage: str
    opened_on: date
    facts: Mapping[str, Value] = field(default_factory=dict)
    happened: Mapping[str, date] = field(default_factory=dict)  # act, or act/item -> the day, the latest if repeated
    decided: Mapping[str, str] = field(default_factory=dict)  # decision -> outcome
    clocks: Mapping[str, Clock] = field(default_factory=dict)  # deadline, or deadline/item (for a review: which round)
    keys: Mapping[str, int] = field(default_factory=dict)  # the most recent idempotency keys -> sequence
    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # setting -> its school days, as last told
    amendments: tuple[str, ...] = ()  # changes of the law under which it was put since it opened
    rules: tuple[str, ...] = ()  # pilots and overlays pinned to it, in the order in which they are laid
    flags: Mapping[str, str] = field(default_factory=dict)  # flag -> variant, as it was when they were pinned


@dataclass(frozen=True, slots=True)
class Effect:
    """Work that leaves the core: `notice` (prepare this letter), `warning`, `breach`, `open` (the next process), `tell` (an earlier case), `announce` (to the
    child's other cases), `send` (to another authority)."""

    kind: str
    name: str
    item: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one event did: the new state, and the work that follows from it. `replayed` when the key was known."""

    state: State
    effects: tuple[Effect, ...] = ()
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptStep:
    """One line of a calculation, fit for a parent."""

    say: str
    date: date | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Why a date is what it is: every step, every citation, and the fingerprints of the rules and the calendar used."""

    steps: tuple[ReceiptStep, ...]
    citations: tuple[Citation, ...]
    calendar_digest: str
    process_digest: str
