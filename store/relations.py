"""How people come to stand to children and settings, and cease to: each step with who, when and why, kept for ever."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, any_, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.cases import CaseFile
from store.people import Person, Relation, end_relation
from store.session import tenant_of
from store.tables import case_file, outbox, person, relation
from store.tables_relations import glass_break, relation_event

# An order keeps somebody from acting, from the papers, or from the whole record; the last of them is all three.
KEEPING = ("kept_from_acting", "kept_from_papers", "kept_from_record")
SUPPORT = "support"
BROKEN = "broke_glass"  # also the kind of the post that tells the managers
_ANSWERS = "la_manager"


@dataclass(frozen=True, slots=True)
class Step:
    """What was done with a relation: `added` or `ended`, by whom, when (UTC) and why, and the last day as it was said then."""

    relation_id: UUID
    what: str
    ends_on: date | None
    why: str
    written_by: UUID
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Break:
    """One use of the glass: who opened which case, when (UTC), until which day and why."""

    id: UUID
    at: datetime
    why: str
    until: date
    person_id: UUID
    name: str
    reference: str


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


async def break_glass(session: AsyncSession, case: CaseFile, new: Relation, why: str, at: datetime) -> bool:
    """Open a case to somebody without a part in it until the relation ends; the use is kept, and the managers are told by post.

    The caller holds the case's row. No, and nothing is added, where the id is taken.
    """
    if not await add(session, new, why, new.person_id, at):
        return False
    values = {
        "id": new.id,
        "case_id": case.id,
        "relation_id": new.id,
        "person_id": new.person_id,
        "why": why,
        "until": new.ends_on,
        "at": at,
    }
    await session.execute(insert(glass_break).values(tenant=tenant_of(session), **values))
    of_step = outbox.c.case_id == case.id, outbox.c.seq == case.seq
    n = await session.scalar(select(func.coalesce(func.max(outbox.c.n), 0) + 1).where(*of_step))
    post: dict[str, Any] = {"case_id": case.id, "seq": case.seq, "n": n, "kind": BROKEN, "name": BROKEN, "body": {}}
    await session.execute(insert(outbox).values(tenant=tenant_of(session), **post))
    return True


async def hold_case(session: AsyncSession, reference: str) -> CaseFile | None:
    """A case by its reference, held until the transaction ends, whoever asks: for those who may see none of their own right."""
    query = select(case_file).where(case_file.c.reference == reference).with_for_update(key_share=True)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else CaseFile(**row._mapping)


async def breaks(session: AsyncSession, after: tuple[datetime, UUID] | None, limit: int) -> list[Break]:
    """Every use, the latest first."""
    columns = (glass_break.c.id, glass_break.c.at, glass_break.c.why, glass_break.c.until, glass_break.c.person_id)
    query = (
        select(*columns, person.c.name.label("name"), case_file.c.reference)
        .join(person, and_(person.c.tenant == glass_break.c.tenant, person.c.id == glass_break.c.person_id))
        .join(case_file, and_(case_file.c.tenant == glass_break.c.tenant, case_file.c.id == glass_break.c.case_id))
        .order_by(glass_break.c.at.desc(), glass_break.c.id.desc())
        .limit(limit)
    )
    if after is not None:
        query = query.where(tuple_(glass_break.c.at, glass_break.c.id) < after)
    return [Break(**row._mapping) for row in await session.execute(query)]


async def managers(session: AsyncSession) -> list[Person]:
    """Who is registered as a manager of the council: they answer for it and are told."""
    query = select(*(person.c[name] for name in Person.__slots__)).where(any_(person.c.roles) == _ANSWERS).order_by(person.c.id)
    return [Person(**row._mapping) for row in await session.execute(query)]


async def _record(session: AsyncSession, of: Relation, what: str, ends_on: date | None, why: str, by: UUID, at: datetime) -> None:
    n = await session.scalar(select(func.coalesce(func.max(relation_event.c.n), 0) + 1).where(relation_event.c.relation_id == of.id))
    values = {"relation_id": of.id, "n": n, "child_id": of.child_id, "what": what, "ends_on": ends_on, "why": why}
    await session.execute(insert(relation_event).values(tenant=tenant_of(session), written_by=by, written_at=at, **values))
