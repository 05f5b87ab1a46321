"""Which pilots a council is enrolled in, and what families said to taking part."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.session import tenant_of
from store.tables import child
from store.tables_pilots import consent, enrolment


@dataclass(frozen=True, slots=True)
class Enrolment:
    """That the national pilot authority took the council into a pilot. Both days are included."""

    pilot: str
    enrolled_by: UUID
    since: date
    until: date | None
    why: str
    revision: int = 1

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


async def enrol(session: AsyncSession, new: Enrolment) -> Enrolment:
    """Enrol, or enrol again with other days: the revision goes up."""
    values = {"enrolled_by": new.enrolled_by, "since": new.since, "until": new.until, "why": new.why}
    row = insert(enrolment).values(tenant=tenant_of(session), pilot=new.pilot, **values)
    row = row.on_conflict_do_update(index_elements=["tenant", "pilot"], set_={**values, "revision": enrolment.c.revision + 1})
    found = (await session.execute(row.returning(*_ENROLMENT))).one()
    return Enrolment(**found._mapping)


async def enrolments(session: AsyncSession, *, hold: bool = False) -> dict[str, Enrolment]:
    """Every enrolment by its pilot; held for those who pin a case to it, so that it does not end meanwhile."""
    query = select(*_ENROLMENT).order_by(enrolment.c.pilot)
    rows = await session.execute(query.with_for_update(read=True) if hold else query)
    return {row.pilot: Enrolment(**row._mapping) for row in rows}


async def answer(session: AsyncSession, answer_id: UUID, child_id: UUID, pilot: str, *, given: bool, on: date, recorded_by: UUID) -> bool:
    """Record what a family said, once by its id; whether it is new. What was said before stays on record."""
    row = insert(consent).values(
        tenant=tenant_of(session),
        id=answer_id,
        child_id=child_id,
        pilot=pilot,
        answer="given" if given else "refused",
        on_date=on,
        recorded_by=recorded_by,
    )
    return await session.scalar(row.on_conflict_do_nothing().returning(consent.c.id)) is not None


async def answers(session: AsyncSession, child_id: UUID) -> dict[str, tuple[bool, date]]:
    """What a family said last about each pilot, and on which day."""
    query = (
        select(consent.c.pilot, consent.c.answer, consent.c.on_date)
        .ext(distinct_on(consent.c.pilot))
        .where(consent.c.child_id == child_id)
        .order_by(consent.c.pilot, consent.c.recorded_at.desc(), consent.c.id)
    )
    return {row.pilot: (row.answer == "given", row.on_date) for row in await session.execute(query)}


async def said(session: AsyncSession, answer_id: UUID) -> tuple[UUID, str, bool, date] | None:
    """An answer by its id: whose, about what, what it was and on which day."""
    columns = (consent.c.child_id, consent.c.pilot, consent.c.answer, consent.c.on_date)
    row = (await session.execute(select(*columns).where(consent.c.id == answer_id))).one_or_none()
    return (row.child_id, row.pilot, row.answer == "given", row.on_date) if row else None


async def born_between(session: AsyncSession, born_from: int | None, born_to: int | None) -> int:
    """How many of the children whom the council knows were born in these academic years, by the year in which each begins."""
    query = select(func.count()).select_from(child)
    if born_from is not None:
        query = query.where(child.c.born_on >= date(born_from, 9, 1))
    if born_to is not None:
        query = query.where(child.c.born_on < date(born_to + 1, 9, 1))
    return int(await session.scalar(query) or 0)


_OPEN = text(
    """
    select substr(rule, 7) as pilot, count(*)
      from waymark.case_file,
           jsonb_array_elements_text(case jsonb_typeof(state -> 'rules') when 'array' then state -> 'rules' else '[]' end) as rule
     where closed_on is null and rule like 'pilot:%'
     group by rule
    """
)


async def open_cases(session: AsyncSession) -> dict[str, int]:
    """How many open cases run under each pilot: one statement over the open cases of the council."""
    return {row[0]: row[1] for row in await session.execute(_OPEN)}


_ENROLMENT = [enrolment.c[name] for name in Enrolment.__slots__]
