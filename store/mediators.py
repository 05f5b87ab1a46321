"""The register of mediators of an authority: versions that are only ever added, and the latest of each person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.session import tenant_of
from store.tables import person
from store.tables_standards import mediator
from tenants.mediators import Accreditation, Employer, Entry, Step, Training


@dataclass(frozen=True, slots=True)
class Kept:
    """One version, whose it is, and who wrote it when."""

    person_id: UUID
    entry: Entry
    id: UUID
    written_by: UUID
    written_at: datetime


async def write(session: AsyncSession, new: Kept) -> bool:
    """Add a version; no, and nothing is added, where that version or that id is taken already."""
    held = new.entry.accreditation
    row = insert(mediator).values(
        tenant=tenant_of(session),
        person_id=new.person_id,
        version=new.entry.version,
        id=new.id,
        step=new.entry.step,
        body=held.body,
        number=held.number,
        accredited_on=held.accredited_on,
        expires_on=held.expires_on,
        employer=held.employer,
        employed_by=held.employed_by,
        training=[{"what": one.what, "on": one.on.isoformat()} for one in held.training],
        why=new.entry.why,
        written_by=new.written_by,
        written_at=new.written_at,
    )
    return await session.scalar(row.on_conflict_do_nothing().returning(mediator.c.version)) is not None


async def find(session: AsyncSession, key: UUID) -> Kept | None:
    """The version that was written under an id."""
    row = (await session.execute(select(mediator).where(mediator.c.id == key))).one_or_none()
    return _kept(row) if row else None


async def history(session: AsyncSession, person_ids: Sequence[UUID]) -> dict[UUID, tuple[Kept, ...]]:
    """Every version of these people, the earliest first; who is not in the register is not among them."""
    query = select(mediator).where(mediator.c.person_id.in_(person_ids)).order_by(mediator.c.person_id, mediator.c.version)
    found: dict[UUID, tuple[Kept, ...]] = {}
    for row in await session.execute(query):
        found[row.person_id] = (*found.get(row.person_id, ()), _kept(row))
    return found


async def entries(session: AsyncSession, person_id: UUID) -> tuple[Entry, ...]:
    """The versions of one person, the earliest first."""
    return tuple(one.entry for one in (await history(session, [person_id])).get(person_id, ()))


async def latest(
    session: AsyncSession,
    where: ColumnElement[bool],
    after: tuple[date, UUID] | None = None,
    limit: int = 50,
    *,
    until: date | None = None,
) -> list[Kept]:
    """The latest version of everybody whom the caller may see (`where`, on the table of people), by the last day; with one up to a day."""
    newest = _newest().subquery()
    query = (
        select(newest)
        .join(person, and_(person.c.tenant == newest.c.tenant, person.c.id == newest.c.person_id))
        .where(where)
        .order_by(newest.c.expires_on, newest.c.person_id)
        .limit(limit)
    )
    if until is not None:
        query = query.where(newest.c.expires_on <= until)
    if after is not None:
        query = query.where(tuple_(newest.c.expires_on, newest.c.person_id) > after)
    return [_kept(row) for row in await session.execute(query)]


def _newest() -> Select[Any]:
    return select(mediator).ext(distinct_on(mediator.c.person_id)).order_by(mediator.c.person_id, mediator.c.version.desc())


def _kept(row: Row[Any]) -> Kept:
    training = tuple(Training(one["what"], date.fromisoformat(one["on"])) for one in row.training)
    employed_by = Employer(row.employed_by)
    held = Accreditation(row.body, row.number, row.accredited_on, row.expires_on, row.employer, employed_by, training)
    return Kept(row.person_id, Entry(row.version, Step(row.step), held, row.why), row.id, row.written_by, row.written_at)
