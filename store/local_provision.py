"""What the local inclusion plan of an authority offers: drafts and what was published, step by step, with who, when and why."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.session import tenant_of
from store.tables_standards import local_provision

DRAFTED, PUBLISHED = "drafted", "published"


@dataclass(frozen=True, slots=True)
class Step:
    """One step: a draft, or a publication with its number and the first day from which it is looked at."""

    step: int
    id: UUID
    what: str
    version: int | None
    in_force_from: date | None
    yaml: str
    document: dict[str, Any]
    why: str
    written_by: UUID
    written_at: datetime


async def write(session: AsyncSession, new: Step) -> bool:
    """Add a step; no, and nothing is added, where that step or that id is taken already."""
    row = insert(local_provision).values(tenant=tenant_of(session), **asdict(new)).on_conflict_do_nothing()
    return await session.scalar(row.returning(local_provision.c.step)) is not None


async def find(session: AsyncSession, key: UUID) -> Step | None:
    """The step that was written under an id."""
    return await _first(session, local_provision.c.id == key)


async def last(session: AsyncSession) -> Step | None:
    """The latest step."""
    return await _first(session)


async def in_force(session: AsyncSession, on: date) -> Step | None:
    """What is looked at on a day: of what was published to begin by then, the latest to begin; of one day, the later publication."""
    return await _first(session, local_provision.c.in_force_from <= on, by=(local_provision.c.in_force_from, local_provision.c.version))


async def published(session: AsyncSession) -> int:
    """The number of the latest publication; 0 before the first."""
    return await session.scalar(select(func.coalesce(func.max(local_provision.c.version), 0))) or 0


async def steps(session: AsyncSession, before: int | None = None, limit: int = 50, *, drafts: bool) -> list[Step]:
    """The steps, the latest first; without drafts, only what was published."""
    query = select(local_provision).order_by(local_provision.c.step.desc()).limit(limit)
    if before is not None:
        query = query.where(local_provision.c.step < before)
    if not drafts:
        query = query.where(local_provision.c.what == PUBLISHED)
    return [_step(row) for row in await session.execute(query)]


async def _first(session: AsyncSession, *where: ColumnElement[bool], by: tuple[Any, ...] = (local_provision.c.step,)) -> Step | None:
    query = select(local_provision).where(*where).order_by(*(column.desc() for column in by)).limit(1)
    row = (await session.execute(query)).one_or_none()
    return _step(row) if row else None


def _step(row: Any) -> Step:
    return Step(**{name: getattr(row, name) for name in Step.__slots__})
