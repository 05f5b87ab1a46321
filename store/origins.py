"""Where cases were before and where they go on: what ties the journals of two authorities together when one takes over from the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from store.session import Database
from store.tables_lifecycle import case_origin, case_successor


@dataclass(frozen=True, slots=True)
class Origin:
    """An authority at which a case was, with the last step that was written there and the hash of it."""

    case_id: UUID
    n: int
    from_tenant: str
    until: int
    head: bytes
    on_date: date


async def of_cases(session: AsyncSession, case_id: UUID | None = None, among: Iterable[UUID] | None = None) -> dict[UUID, list[Origin]]:
    """Where cases were before, the first first; all of the authority's cases that came from elsewhere, or some."""
    query = select(*(case_origin.c[name] for name in Origin.__slots__)).order_by(case_origin.c.case_id, case_origin.c.n)
    if case_id is not None:
        query = query.where(case_origin.c.case_id == case_id)
    if among is not None:
        query = query.where(case_origin.c.case_id.in_(list(among)))
    found: dict[UUID, list[Origin]] = {}
    for row in await session.execute(query):
        found.setdefault(row.case_id, []).append(Origin(**row._mapping))
    return found


async def torn(database: Database, tenant: str) -> list[tuple[UUID, int, str]]:
    """The cases that left this authority and do not go on where they should: case, step, why. A successor that is not here is not asked."""
    async with database.tenant(tenant) as session:
        rows = (await session.execute(select(case_successor))).all()
    here, found = set(await database.slugs()), []
    for successor in sorted({row.to_tenant for row in rows} & here):
        async with database.tenant(successor) as session:
            query = select(case_origin).where(case_origin.c.from_tenant == tenant)
            there = {(row.case_id, row.until, row.head) for row in await session.execute(query)}
        found += [
            (row.case_id, row.seq, f"it went on to {successor}, whose journal does not begin where this one ends")
            for row in rows
            if row.to_tenant == successor and (row.case_id, row.seq, row.head) not in there
        ]
    return sorted(found)
