"""The reviser: moves the open cases that a revision means, each by a journaled `revised`, however often it is interrupted.

What is to be done stands in the database (`store/revisions.py`) and each case has one key, so that a worker that is killed in the middle
leaves nothing half done: the next one goes on with the cases that still wait. A case that may not be moved, because something would get
worse for its family or later for its authority, stays as it is and is listed with the reason.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from activities.record import state_of
from statute.days import civil
from statute.revise import CONFIGURATION
from statute.types import Event, Kind, State
from store import cases, pinning, revisions
from store.people import read_tenant
from store.session import Database
from store.tables import case_file
from workflows import ports
from workflows.engine import Closed, Engine, Refused, Unavailable

log = logging.getLogger("waymark.activities")
BATCH = 64  # cases a transaction
AT_ONCE = 8  # of them under way: the people who work meanwhile come first
OFTEN, EACH = 5.0, 0.05  # seconds between rounds when nobody calls, and more for each tenant that there is
PAUSE = 5.0  # seconds, where the engine is away
ENGINE, AWAY = "engine", "Unavailable"


@dataclass(frozen=True)
class Outcome:
    """What became of one case; without a status it was not tried, or is tried again."""

    case_id: UUID
    status: str = ""
    reason: str = ""


class Reviser:
    """Works through the revisions of every tenant."""

    def __init__(self, database: Database, engine: Engine, now: Callable[[], datetime]) -> None:
        self._database, self._engine, self._now = database, engine, now
        self._called = asyncio.Event()
        self._asked: set[str] = set()

    async def run(self) -> None:
        """Go on for ever; cancel to stop. Nothing that fails here ends it."""
        async with self._database.listen(revisions.CHANNEL, self._hear):
            again = 0.0
            while True:
                self._called.clear()
                asked, self._asked = self._asked, set()
                now = asyncio.get_running_loop().time()
                try:
                    if now >= again or "" in asked:
                        slugs = await self._database.slugs()
                        again = now + OFTEN + EACH * len(slugs)
                    else:
                        slugs = sorted(asked)
                    await self.once(slugs)
                except (OSError, SQLAlchemyError) as error:
                    log.warning("the reviser cannot reach the database", extra={"error": type(error).__name__})
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._called.wait(), max(0.1, again - asyncio.get_running_loop().time()))

    def _hear(self, payload: str) -> None:
        self._asked.add(payload)
        self._called.set()

    async def once(self, slugs: Sequence[str] | None = None) -> int:
        """Work off what is due for these tenants, or for all; how many cases came to an end."""
        tenants = await self._database.slugs() if slugs is None else slugs
        return sum([await self._tenant(tenant) for tenant in tenants])

    async def _tenant(self, tenant: str) -> int:
        settled = 0
        while True:
            async with self._database.tenant(tenant) as session:
                one = await revisions.claim(session)
            if one is None:
                return settled
            settled += await self._work(tenant, one)

    async def _work(self, tenant: str, one: revisions.Revision) -> int:
        """Batch by batch until no case waits, or the engine is away."""
        settled = 0
        while True:
            async with self._database.tenant(tenant) as session:
                waiting = await revisions.batch(session, one.id, BATCH)
                if not waiting:
                    await revisions.rest(session, one, self._now())
                    return settled
                files = {file.id: file for file in await cases.list_cases(session, case_file.c.id.in_(waiting), limit=len(waiting))}
                authority = await read_tenant(session)
                now = self._now() + timedelta(seconds=authority.clock_offset_seconds if authority else 0)
                acts = {key: await _act(session, one, file, now) for key, file in files.items() if file.closed_on is None}
            places = asyncio.Semaphore(AT_ONCE)
            outcomes = await asyncio.gather(*(self._move(tenant, key, acts.get(key), places) for key in waiting))
            async with self._database.tenant(tenant) as session:
                for outcome in outcomes:
                    if outcome.status:
                        await revisions.settle(session, one.id, outcome.case_id, outcome.status, outcome.reason)
                    else:
                        counts = outcome.reason != AWAY  # an engine that is away says nothing about the case
                        await revisions.put_off(session, one.id, outcome.case_id, outcome.reason, counts=counts)
                if not any(outcome.status for outcome in outcomes):
                    await revisions.wait(session, one.id, PAUSE)
                    return settled
            settled += sum(bool(outcome.status) for outcome in outcomes)

    async def _move(self, tenant: str, case_id: UUID, act: ports.Act | None, places: asyncio.Semaphore) -> Outcome:
        if act is None:
            return Outcome(case_id, "ended")
        async with places:
            try:
                await self._engine.act(tenant, str(case_id), act)
            except Refused as refused:
                return Outcome(case_id, "moved" if await self._is_there(tenant, case_id, act) else "stayed", refused.refusal.say)
            except Closed:
                return await self._closed(tenant, case_id)
            except Unavailable:
                return Outcome(case_id, "", AWAY)
            except Exception as error:  # one case must not hold up the others
                log.warning("a case could not be moved", extra={"case": str(case_id), "error": type(error).__name__})
                return Outcome(case_id, "", type(error).__name__)
        return Outcome(case_id, "moved")

    async def _is_there(self, tenant: str, case_id: UUID, act: ports.Act) -> bool:
        """Whether the case is under these rules by now: another revision moved it first."""
        async with self._database.tenant(tenant) as session:
            file = await cases.read_case(session, case_id)
        return file is not None and _same(state_of(file.state), act.event)

    async def _closed(self, tenant: str, case_id: UUID) -> Outcome:
        """The engine knows no such case: it has ended, or has to be rebuilt from the journal first."""
        async with self._database.tenant(tenant) as session:
            file = await cases.read_case(session, case_id)
        return Outcome(case_id, "ended") if file is None or file.closed_on is not None else Outcome(case_id, "", "Closed")


async def _act(session: AsyncSession, one: revisions.Revision, file: cases.CaseFile, now: datetime) -> ports.Act:
    """What moves a case. The same key however often it is tried."""
    state = state_of(file.state)
    rules, flags = one.rules(state.process, state.rules, state.flags)
    event = Event(Kind.REVISED, CONFIGURATION, civil(now), now, revisions.key_of(one.id), capacity=ENGINE, rules=rules, flags=flags)
    return ports.Act(event, "00", overlays=await pinning.documents_of(session, rules))


def _same(state: State, event: Event) -> bool:
    return tuple(state.rules) == tuple(event.rules) and dict(state.flags) == dict(event.flags)
