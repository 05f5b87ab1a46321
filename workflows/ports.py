"""What crosses the border of the durable shell: names, messages and results. Plain dataclasses, so that fields can be added.

Durable names are explicit and never change; everything here travels encrypted (`workflows.codec`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from statute.types import Citation, Effect, Event, Fault, State

TASK_QUEUE = "waymark-cases"
CASE_WORKFLOW = "waymark.case"
RECORD_STEP = "record_step"
ACT, OPEN, CLOCK_MOVED, NUDGE = "act", "open", "clock_moved", "nudge"
REFUSED, CONFLICT, JOURNAL_UNAVAILABLE, JOURNAL_GAP = "Refused", "Conflict", "JournalUnavailable", "JournalGap"
TENANT, PROCESS_VERSION = "Tenant", "ProcessVersion"  # search attributes: codes only


def workflow_id(tenant: str, case_id: str) -> str:
    """The durable id of a case: its tenant and an opaque id, nothing else, because ids are never encrypted."""
    return f"{tenant}:{case_id}"


@dataclass(frozen=True)
class CaseFile:
    """What does not change while a case lives: whose it is, and under which rules it was opened."""

    tenant: str
    case_id: str
    process: str
    version: int
    child_id: str
    reference: str
    opened_by: str = ""
    parent_case: str = ""


@dataclass(frozen=True)
class CaseInput:
    """The input of a run: a new case has an opening event, a continued or rebuilt one its state."""

    file: CaseFile
    opening: Act | None = None
    state: State | None = None
    offset_seconds: int = 0  # training tenants: how far their clock is ahead
    events_a_run: int = 1000  # continue as new beyond this many history events
    overlays: Mapping[str, Any] = field(default_factory=dict)  # the council's own rules that it is pinned to, by digest


@dataclass(frozen=True)
class Act:
    """One act on a case: the event, the fingerprint of the request, and the version that the caller had seen."""

    event: Event
    fingerprint: str = ""
    expected_version: int | None = None
    overlays: Mapping[str, Any] = field(default_factory=dict)  # with `revised`: the council's own rules that it moves the case to


@dataclass(frozen=True)
class Ack:
    """The journal sequence at which an act stands recorded."""

    seq: int
    replayed: bool = False


@dataclass(frozen=True)
class Refusal:
    """The details of a refusal, as they travel back to the API."""

    say: str
    citations: tuple[Citation, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True)
class Recording:
    """One step to be recorded: the event, the state after it, and the work that leaves with it."""

    file: CaseFile
    event: Event
    fingerprint: str
    state: State
    effects: tuple[Effect, ...] = ()


@dataclass(frozen=True)
class Recorded:
    """A journal row that Postgres has and the shell does not know yet."""

    seq: int
    event: Event


@dataclass(frozen=True)
class ClockMoved:
    """A training tenant's clock was moved: its offset from real time now."""

    offset_seconds: int


@dataclass(frozen=True)
class Outcome:
    """How a run of a case ended."""

    seq: int
    stage: str
    extra: dict[str, str] = field(default_factory=dict)
