"""A change of the law and the cases that are open: what it would do to each, and moving them under it, each by a journaled `revised`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec

from statute.advance import advance
from statute.clocks import split_key
from statute.days import civil
from statute.definition import FactType
from statute.rehearse import rehearse
from statute.types import Event, Kind, State, Value
from store import cases, overlays, people
from store.session import Database
from store.tables import case_file
from workflows import library, ports
from workflows.engine import Closed, Engine
from workflows.engine import Refused as RefusedByEngine

BATCH = 200
ENGINE = "engine"
ASSUMED: dict[FactType, Value] = {
    FactType.TEXT: "Assumed for the rehearsal",
    FactType.TRUTH: True,
    FactType.NUMBER: 1,
    FactType.SETTING: "assumed",
}


async def rehearsed(database: Database, tenant: str, name: str, on: date | None = None) -> list[dict[str, Any]]:
    """What an amendment, or a draft of one, would do to every open case of a council: dates, excuses and rights. Nothing is changed.

    Raises:
        library.Unknown: there is no such amendment.
    """
    amendment, found = library.amendment(name), []
    async for file, now in _open_cases(database, tenant, tuple(amendment.changes)):
        state = msgspec.convert(file.state, State)
        if name in state.amendments:
            continue
        event = _event(name, on or civil(now), now)
        changed = library.under(state.process, state.version, (*state.amendments, name), state.rules)
        told = rehearse(library.of(state), changed, state, event, library.england())
        found.append(
            {
                "reference": file.reference,
                "case": str(file.id),
                "process": file.process,
                "relaxes": told.relaxes,
                "differences": [
                    {"about": one.about, "say": one.say, "before": one.before, "after": one.after, "relaxes": one.relaxes}
                    for one in told.differences
                ],
            }
        )
    return found


async def proposed(database: Database, tenant: str, name: str) -> list[dict[str, Any]]:
    """What a drafted process would give each child of a council that has an open case, if it began today: its dates. Nothing is recorded."""
    process, found = library.get(name, max(version for known, version in library.files() if known == name)), []
    opens = process.acts[process.opens_with[0]]
    children: dict[UUID, tuple[str, datetime]] = {}
    async for file, now in _open_cases(database, tenant, library.names()):
        children.setdefault(file.child_id, (file.reference, now))
    for child, (reference, now) in children.items():
        today = civil(now)
        facts: dict[str, Value] = {}
        for use in opens.facts:
            rule = process.facts[use.name]
            if use.required:
                facts[use.name] = rule.choices[0] if rule.choices else ASSUMED.get(rule.type, today.isoformat())
        event = Event(Kind.OPENED, opens.name, today, now, "rehearsed", capacity=opens.by[0], facts=facts)
        state = advance(process, None, event, library.england()).state
        told = [
            f"{process.deadlines[split_key(key)[0]].say}: {clock.due or 'as soon as practicable'}" for key, clock in state.clocks.items()
        ]
        differences = [{"about": name, "say": say, "before": None, "after": None, "relaxes": False} for say in told]
        found.append({"reference": reference, "child": str(child), "process": name, "relaxes": False, "differences": differences})
    return found


async def revised(database: Database, engine: Engine, tenant: str, name: str, say: Callable[[str], None]) -> int:
    """Move the open cases of a council under an amendment that is in force there today; how many were moved. Stopped, it may be begun again."""
    moved = 0
    async for file, now in _open_cases(database, tenant, tuple(library.amendment(name).changes)):
        if name in msgspec.convert(file.state, State).amendments:
            continue
        try:
            await engine.act(tenant, str(file.id), ports.Act(_event(name, civil(now), now), "00"))
            moved += 1
        except RefusedByEngine as refused:
            say(f"{file.reference} stays: {refused.refusal.say}")
        except Closed:
            continue  # it ended meanwhile
        if moved and moved % BATCH == 0:
            say(f"{moved} cases moved")
    return moved


def _event(name: str, on: date, now: datetime) -> Event:
    at = max(now, datetime.combine(on, time(), UTC)) if on <= civil(now) else datetime.combine(on, time(12), UTC)
    return Event(Kind.REVISED, name, on, at, f"revised:{name}", capacity=ENGINE)


async def _open_cases(database: Database, tenant: str, processes: tuple[str, ...]) -> AsyncIterator[tuple[cases.CaseFile, datetime]]:
    async with database.tenant(tenant) as session:
        authority = await people.read_tenant(session)
    now = datetime.now(UTC) + timedelta(seconds=authority.clock_offset_seconds if authority else 0)
    place = None
    while True:
        async with database.tenant(tenant) as session:
            where = case_file.c.closed_on.is_(None) & case_file.c.process.in_(processes)
            batch = await cases.list_cases(session, where, "opened_on", place, BATCH)
            rules = [rule for file in batch for rule in file.state.get("rules", ())]
            await library.ready(rules, partial(overlays.documents, session))
        for file in batch:
            yield file, now
        if len(batch) < BATCH:
            return
        place = batch[-1].place("opened_on")
