"""The journals of many cases as readers see them: what happened, without what proves it, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, bindparam, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from store.tables import case_file, journal

_SEEN = (journal.c.case_id, journal.c.seq, journal.c.kind, journal.c.name, journal.c.item, journal.c.on_date, journal.c.recorded_at)


@dataclass(frozen=True, slots=True)
class Line:
    """One step of a case as a reader sees it; `outcome` is '' where nothing was decided."""

    case_id: UUID
    seq: int
    kind: str
    name: str
    item: str
    on: date
    at: datetime
    capacity: str
    outcome: str


async def histories(
    session: AsyncSession, case_ids: Collection[UUID], where: ColumnElement[bool], after: int = 0, limit: int = 100
) -> dict[UUID, list[Line]]:
    """The first steps after a given one of each of these cases on which a condition holds, in their order; a case without any is left out."""
    outcome = journal.c.event["outcome"].astext
    of_case = (
        select(*_SEEN, journal.c.capacity, outcome.label("outcome"))
        .where(journal.c.tenant == case_file.c.tenant, journal.c.case_id == case_file.c.id, journal.c.seq > after)
        .order_by(journal.c.seq)
        .limit(limit)
        .correlate(case_file)
        .lateral("line")
    )
    query = (
        select(of_case)
        .select_from(case_file)
        .join(of_case, true())
        .where(case_file.c.id == any_(bindparam("cases", list(case_ids), ARRAY(Uuid))), where)
        .order_by(of_case.c.case_id, of_case.c.seq)
    )
    found: dict[UUID, list[Line]] = {}
    for case_id, seq, kind, name, item, on, at, capacity, decided in await session.execute(query):
        found.setdefault(case_id, []).append(Line(case_id, seq, kind, name, item, on, at, capacity, decided or ""))
    return found
