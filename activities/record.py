"""Recording a step: journal row, read model, parties and outbox in one transaction. A retry is a no-op.

This is the one activity that the durable shell asks for. It runs as a local activity, so a lost workflow task may leave the journal
ahead of history: then the rows that the shell does not know are handed back, and it adopts them.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from opentelemetry.propagate import inject
from opentelemetry.trace import get_current_span
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from temporalio import activity
from temporalio.exceptions import ApplicationError

from statute.clocks import split_key
from statute.definition import Process
from statute.types import Effect, Event, Force, State, Status
from store import journal
from store.session import Database
from workflows import library, ports


class StepRecorder:
    """Holds the database for the activity."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @activity.defn(name=ports.RECORD_STEP)
    async def record_step(self, recording: ports.Recording) -> list[ports.Recorded]:
        """Append the step; empty when it was appended, else what the journal has that the shell does not know.

        Raises:
            ApplicationError: `JournalGap` (not retried: the journal is behind history), or the database is away (retried).
        """
        file = recording.file
        span = get_current_span()
        span.set_attributes({"waymark.tenant": file.tenant, "waymark.case.id": file.case_id, "waymark.journal.seq": recording.state.seq})
        process = library.of(recording.state)
        try:
            async with self._database.tenant(file.tenant) as session:
                ahead = await journal.record(
                    session, _record(recording), head_of(process, recording), _posts(recording), _parties(process, recording.event)
                )
        except journal.JournalGap as gap:
            raise ApplicationError(f"no step before {gap.seq}", type=ports.JOURNAL_GAP, non_retryable=True) from None
        except IntegrityError as error:  # it will never fit, however often it is tried; its text quotes data
            raise ApplicationError("the step does not fit the database", type=type(error).__name__, non_retryable=True) from None
        except (DBAPIError, PoolTimeout, OSError) as error:
            raise ApplicationError("the database is away", type=type(error).__name__) from None  # its text may quote data
        return [ports.Recorded(row.seq, event_of(row)) for row in ahead or ()]


def event_of(row: journal.Record) -> Event:
    """The event of a journal row, as the core plays it."""
    return msgspec.convert(row.event, Event)


def state_of(stored: dict[str, Any]) -> State:
    """The state of a case, as the read model keeps it."""
    return msgspec.convert(stored, State)


def head_of(process: Process, recording: ports.Recording) -> journal.Head:
    """The read model of a case after a step: what lists are ordered by and pages read."""
    file, state = recording.file, recording.state
    next_due, next_clock = _nearest(process, state)
    return journal.Head(
        process=state.process,
        version=state.version,
        process_digest=state.digest,
        stage=state.stage,
        opened_on=state.opened_on,
        closed_on=recording.event.on if process.stages[state.stage].ends else None,
        next_due=next_due,
        next_clock=next_clock,
        state=msgspec.to_builtins(state),
        child_id=UUID(file.child_id),
        reference=file.reference,
        opened_by=UUID(file.opened_by) if file.opened_by else None,
        parent_case=UUID(file.parent_case) if file.parent_case else None,
    )


def _nearest(process: Process, state: State) -> tuple[Any, str | None]:
    """The nearest legal limit that is not met: what a worklist is ordered by. A duty that has passed stays at the top."""
    open_clocks = [
        (clock.due, key)
        for key, clock in state.clocks.items()
        if clock.due is not None
        and clock.status in (Status.RUNNING, Status.PASSED)
        and process.deadlines[split_key(key)[0]].force is Force.MUST
    ]
    return min(open_clocks) if open_clocks else (None, None)


def _record(recording: ports.Recording) -> journal.Record:
    file, event, state = recording.file, recording.event, recording.state
    carrier: dict[str, str] = {}
    inject(carrier)
    return journal.Record(
        tenant=file.tenant,
        case_id=UUID(file.case_id),
        seq=state.seq,
        key=event.key,
        fingerprint=bytes.fromhex(recording.fingerprint),
        kind=event.kind,
        name=event.name,
        item=event.item,
        actor=event.actor,
        capacity=event.capacity,
        on=event.on,
        at=event.at,
        event=msgspec.to_builtins(event),
        process_digest=state.digest,
        calendar_digest=state.calendar,
        traceparent=carrier.get("traceparent"),
    )


def _posts(recording: ports.Recording) -> list[journal.Post]:
    return [
        journal.Post(n=n, kind=effect.kind, name=effect.name, item=effect.item, body=_body(recording, effect))
        for n, effect in enumerate(recording.effects)
    ]


def _body(recording: ports.Recording, effect: Effect) -> dict[str, Any]:
    """What the one who does the work must know besides the journal: nothing that can be read there."""
    return {"on": recording.event.on.isoformat(), "process": recording.file.process, "version": recording.file.version}


def _parties(process: Process, event: Event) -> list[journal.Party]:
    """The part in the case that an act gives to whom it is directed at: people are asked and assigned, settings consulted and requesting.

    `about` names that person or setting; an item that is a setting names the setting. Where both are named, it is the person while
    at that setting. What is no id names nobody: the step stands, and a case must not hang on it.
    """
    act = process.acts.get(event.name)
    if act is None or not act.relates or event.kind is not act.kind:
        return []
    named = _id(event.about)
    place = _id(event.item) if act.each and not process.each[act.each].items else None
    person: UUID | None = None
    if act.relates == "asked":
        person, place = named, None
    elif act.relates == "assigned":
        person = named
    else:
        place = place or named
    return [journal.Party(act.relates, event.item, person, place, event.on)] if person or place else []


def _id(word: str) -> UUID | None:
    try:
        return UUID(word)
    except ValueError:
        return None
