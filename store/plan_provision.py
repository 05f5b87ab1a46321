"""The provision that draft plans propose, version by version, with what each was compared with. Personal data; never in logs or traces."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.session import tenant_of
from store.tables import case_file
from store.tables_standards import plan_provision


@dataclass(frozen=True, slots=True)
class Proposed:
    """One version. The lists are plain values, as they were checked: a catalogue that changes later changes nothing here."""

    case_id: UUID
    version: int
    id: UUID
    on_date: date
    phase: str
    needs: list[dict[str, Any]]
    items: list[dict[str, Any]]
    departures: list[dict[str, Any]]
    catalogues: list[dict[str, Any]]
    fingerprint: str
    written_by: UUID
    written_at: datetime


async def write(session: AsyncSession, new: Proposed) -> bool:
    """Add a version; no, and nothing is added, where that version or that id is taken already."""
    row = insert(plan_provision).values(tenant=tenant_of(session), **asdict(new)).on_conflict_do_nothing()
    return await session.scalar(row.returning(plan_provision.c.version)) is not None


async def find(session: AsyncSession, key: UUID) -> Proposed | None:
    """The version that was written under an id."""
    row = (await session.execute(select(plan_provision).where(plan_provision.c.id == key))).one_or_none()
    return _proposed(row) if row else None


async def latest(session: AsyncSession, case_ids: Collection[UUID], where: ColumnElement[bool]) -> dict[UUID, Proposed]:
    """The latest version of each of these cases that the caller may see it of (`where`, on the table of cases)."""
    query = (
        select(plan_provision)
        .ext(distinct_on(plan_provision.c.case_id))
        .join(case_file, and_(case_file.c.tenant == plan_provision.c.tenant, case_file.c.id == plan_provision.c.case_id))
        .where(plan_provision.c.case_id.in_(case_ids), where)
        .order_by(plan_provision.c.case_id, plan_provision.c.version.desc())
    )
    return {row.case_id: _proposed(row) for row in await session.execute(query)}


async def versions(
    session: AsyncSession, case_id: UUID, where: ColumnElement[bool], before: int | None = None, limit: int = 50
) -> list[Proposed]:
    """The versions of a case, the latest first."""
    return (await versions_of(session, [case_id], where, before, limit)).get(case_id, [])


async def versions_of(
    session: AsyncSession, case_ids: Collection[UUID], where: ColumnElement[bool], before: int | None = None, limit: int = 50
) -> dict[UUID, list[Proposed]]:
    """The versions of each of these cases, the latest first, so many of each: one statement."""
    rank = func.row_number().over(partition_by=plan_provision.c.case_id, order_by=plan_provision.c.version.desc()).label("rank")
    some = (
        select(plan_provision, rank)
        .join(case_file, and_(case_file.c.tenant == plan_provision.c.tenant, case_file.c.id == plan_provision.c.case_id))
        .where(plan_provision.c.case_id.in_(case_ids), where)
    )
    if before is not None:
        some = some.where(plan_provision.c.version < before)
    ranked = some.subquery()
    found: dict[UUID, list[Proposed]] = {}
    for row in await session.execute(select(ranked).where(ranked.c.rank <= limit).order_by(ranked.c.case_id, ranked.c.rank)):
        found.setdefault(row.case_id, []).append(_proposed(row))
    return found


def _proposed(row: Any) -> Proposed:
    return Proposed(**{name: getattr(row, name) for name in Proposed.__slots__})
