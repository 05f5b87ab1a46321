"""Cases put into the store by the core and the hand that records, without the engine: reading needs none."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from activities.record import StepRecorder
from statute.advance import advance
from statute.types import Event, Kind, State
from store import people
from store.session import Database
from tests.reliability.life import events
from tests.seeds import WESTSHIRE, Place
from workflows import library, ports

FIRST = date(2026, 1, 6)


@dataclass
class Life:
    """One case, and what happens to it, day by day."""

    database: Database
    file: ports.CaseFile
    state: State | None = None

    @property
    def id(self) -> UUID:
        return UUID(self.file.case_id)

    async def step(self, kind: Kind, name: str, on: date, capacity: str = "local_authority", **more: Any) -> Life:
        """Something that happened on a day, and was recorded at noon of it."""
        at = datetime.combine(on, time(12), UTC)
        event = Event(kind, name, on, at, uuid4().hex[:20], str(WESTSHIRE.caseworker.id), capacity, **more)
        return await self.record(event)

    async def record(self, event: Event) -> Life:
        """The next event of it."""
        process = library.get(self.file.process, self.file.version) if self.state is None else library.rules_for(self.state, event)
        done = advance(process, self.state, event, library.england())
        assert await StepRecorder(self.database).record_step(ports.Recording(self.file, event, "00", done.state, done.effects)) == []
        self.state = done.state
        return self

    async def assess(self, begun: date) -> Life:
        """To where advice may be asked for."""
        await self.step(Kind.DONE, "consult_family", begun + timedelta(days=1))
        await self.step(Kind.DECIDED, "whether_to_assess", begun + timedelta(days=2), "decision_maker", outcome="will_assess")
        return await self.step(Kind.SERVED, "assessment_agreed", begun + timedelta(days=3), how="email")


async def opened(
    database: Database, on: date = FIRST, child: people.Child | None = None, parent_case: UUID | None = None, place: Place = WESTSHIRE
) -> Life:
    """A case that was opened on a day."""
    child_id = str((child or place.children[0]).id)
    process = library.in_force("ehc_plan", on)
    file = ports.CaseFile(place.slug, str(uuid4()), process.name, process.version, child_id, "", parent_case=str(parent_case or ""))
    facts = {"received_on": on.isoformat(), "requested_by": "parent"}
    return await Life(database, file).step(Kind.OPENED, "request_received", on, "family", facts=facts)


async def consulted(database: Database, child: UUID, setting: UUID, on: date = FIRST, parent_case: UUID | None = None) -> Life:
    """A case in its fourteenth week: every adviser was asked and answered, the draft is out, and a setting is consulted."""
    process, began = library.in_force("ehc_plan", on), datetime.combine(on, time(12), UTC)
    file = ports.CaseFile(WESTSHIRE.slug, str(uuid4()), process.name, process.version, str(child), "", parent_case=str(parent_case or ""))
    life = Life(database, file)
    for event in events(process, library.england(), began, str(setting), actor=str(WESTSHIRE.caseworker.id), upto=98):
        await life.record(event)
    return life
