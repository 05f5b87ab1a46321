"""How people come to stand to children and settings, and cease to: each step with who, when and why, kept for ever."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.people import Relation, end_relation
from store.session import tenant_of
from store.tables import relation
from store.tables_relations import relation_event

# An order keeps somebody from acting, from the papers, or from the whole record; the last of them is all three.
KEEPING = ("kept_from_acting", "kept_from_papers", "kept_from_record")
SUPPORT = "support"


@dataclass(frozen=True, slots=True)
class Step:
    """What was done with a relation: `added` or `ended`, by whom, when (UTC) and why, and the last day as it was said then."""

    relation_id: UUID
    what: str
    ends_on: date | None
    why: str
    written_by: UUID
    written_at: datetime


async def add(session: AsyncSession, new: Relation, why: str, by: UUID, at: datetime) -> bool:
    """Add a relation with its first step; no, and nothing is added, where the id is taken."""
    row = insert(relation).values(tenant=tenant_of(session), **asdict(new)).on_conflict_do_nothing(index_elements=["tenant", "id"])
    if await session.scalar(row.returning(relation.c.id)) is None:
        return False
    await _record(session, new, "added", new.ends_on, why, by, at)
    return True


async def end(session: AsyncSession, found: Relation, ends_on: date, why: str, by: UUID, at: datetime) -> None:
    """Say on which day a relation held for the last time, and who said so; the caller holds its row."""
    await end_relation(session, found.id, ends_on)
    await _record(session, found, "ended", ends_on, why, by, at)


async def of_two(session: AsyncSession, new: Relation) -> list[Relation]:
    """The relations of the same kind between the same two that hold on a day of the new one."""
    query = select(*(relation.c[name] for name in Relation.__slots__)).where(
        relation.c.person_id == new.person_id,
        relation.c.kind == new.kind,
        relation.c.child_id == new.child_id if new.child_id else relation.c.setting_id == new.setting_id,
        or_(relation.c.ends_on.is_(None), relation.c.ends_on >= new.starts_on),
    )
    if new.ends_on is not None:
        query = query.where(relation.c.starts_on <= new.ends_on)
    return [Relation(**row._mapping) for row in await session.execute(query)]


async def history(session: AsyncSession, relation_ids: Collection[UUID]) -> dict[UUID, tuple[Step, ...]]:
    """The steps of relations, the earliest first; one that was there before steps were kept has none."""
    query = (
        select(*(relation_event.c[name] for name in Step.__slots__))
        .where(relation_event.c.relation_id.in_(relation_ids))
        .order_by(relation_event.c.relation_id, relation_event.c.n)
    )
    found: dict[UUID, tuple[Step, ...]] = {}
    for row in await session.execute(query):
        found[row.relation_id] = (*found.get(row.relation_id, ()), Step(**row._mapping))
    return found


async def _record(session: AsyncSession, of: Relation, what: str, ends_on: date | None, why: str, by: UUID, at: datetime) -> None:
    n = await session.scalar(select(func.coalesce(func.max(relation_event.c.n), 0) + 1).where(relation_event.c.relation_id == of.id))
    values = {"relation_id": of.id, "n": n, "child_id": of.child_id, "what": what, "ends_on": ends_on, "why": why}
    await session.execute(insert(relation_event).values(tenant=tenant_of(session), written_by=by, written_at=at, **values))
