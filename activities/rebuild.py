"""The durable shell made anew from the journal: an open case is folded, compared with what is stored, and started where it stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from uuid import UUID

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from activities.record import event_of, state_of
from statute.advance import advance
from statute.types import Refused, State
from store import cases, journal, overlays, people, pinning
from store.session import Database
from store.tables import case_file
from workflows import library, ports
from workflows.engine import Engine

PAGE = 200


class Unfaithful(Exception):  # noqa: N818 - it says what is so
    """The journal of a case does not come to the state that is stored for it: nothing may be started from either."""

    def __init__(self, reference: str, seq: int, why: str) -> None:
        super().__init__(f"{reference}, step {seq}: {why}")
        self.reference, self.seq, self.why = reference, seq, why


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What became of the open cases of an authority."""

    started: int = 0
    running: int = 0  # those that had a run already: it was left alone
    unfaithful: tuple[Unfaithful, ...] = ()


async def folded(session: AsyncSession, file: cases.CaseFile) -> State:
    """The state to which the journal of a case comes, by the rules that each step was played by.

    Raises:
        Unfaithful: a step is not lawful by these rules, or the end is not what is stored.
    """
    state: State | None = None
    while True:
        page = await journal.history(session, file.id, state.seq if state else 0, PAGE)
        for row in page:
            event = event_of(row)
            await library.ready(event.rules, partial(overlays.documents, session))
            try:
                rules = library.under(file.process, file.version, (), event.rules) if state is None else library.rules_for(state, event)
                state = advance(rules, state, event, library.england()).state
            except (Refused, library.Unknown) as refused:
                raise Unfaithful(file.reference, row.seq, str(refused)) from None
            if state.seq != row.seq or state.digest != row.process_digest:
                raise Unfaithful(file.reference, row.seq, "these are not the rules that it was recorded under")
        if len(page) < PAGE:
            break
    if state is None:
        raise Unfaithful(file.reference, 0, "it has no journal")
    if msgspec.to_builtins(state) != msgspec.to_builtins(state_of(file.state)):
        raise Unfaithful(file.reference, state.seq, "the journal comes to another state than the one that is stored")
    return state


async def rebuild(database: Database, engine: Engine, tenant: str, case_id: UUID) -> bool:
    """Let one open case go on in the durable shell; no where it runs already.

    Raises:
        LookupError: there is no such open case.
        Unfaithful, workflows.engine.Unavailable.
    """
    async with database.tenant(tenant, snapshot=True) as session:
        file = await cases.read_case(session, case_id)
        authority = await people.read_tenant(session)
        if file is None or authority is None or file.closed_on is not None:
            raise LookupError(str(case_id))
        state = await folded(session, file)
        documents = await pinning.documents_of(session, state.rules)
    given = ports.CaseInput(
        ports.CaseFile(
            tenant,
            str(file.id),
            file.process,
            file.version,
            str(file.child_id),
            file.reference,
            str(file.opened_by or ""),
            str(file.parent_case or ""),
        ),
        state=state,
        offset_seconds=authority.clock_offset_seconds,
        overlays=documents,
    )
    return await engine.take_up(given)


async def rebuild_all(database: Database, engine: Engine, tenant: str) -> Rebuilt:
    """The same for every open case of an authority; those that run are left alone, so that it may be begun again. Raises Unavailable."""
    started, running, wrong = 0, 0, []
    async for case_id in open_cases(database, tenant):
        try:
            if await rebuild(database, engine, tenant, case_id):
                started += 1
            else:
                running += 1
        except Unfaithful as unfaithful:
            wrong.append(unfaithful)
        except LookupError:
            continue  # it ended meanwhile
    return Rebuilt(started, running, tuple(wrong))


async def open_cases(database: Database, tenant: str) -> AsyncIterator[UUID]:
    """The ids of the open cases, read page by page."""
    place = None
    while True:
        async with database.tenant(tenant) as session:
            page = await cases.list_cases(session, case_file.c.closed_on.is_(None), "opened_on", place, PAGE)
        for file in page:
            yield file.id
        if len(page) < PAGE:
            return
        place = page[-1].place("opened_on")
