"""The cases as lists and pages read them: one statement each, filtered by what the caller may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from store.tables import case_file, child

Order = Literal["next_due", "opened_on"]
Place = tuple[date | None, UUID]  # where a page ends: the value it is ordered by, and the case


@dataclass(frozen=True, slots=True)
class CaseFile:
    """One case as it stands; the names of the child are there when they were asked for."""

    tenant: str
    id: UUID
    reference: str
    child_id: UUID
    process: str
    version: int
    process_digest: str
    stage: str
    seq: int
    opened_on: date
    closed_on: date | None
    next_due: date | None
    next_clock: str | None
    state: dict[str, Any]
    opened_by: UUID | None
    parent_case: UUID | None
    updated_at: datetime
    given_name: str | None = None
    family_name: str | None = None

    def place(self, order: Order) -> Place:
        """Where this case stands in a list of that order: what the next page comes after."""
        return (self.next_due if order == "next_due" else self.opened_on, self.id)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a reader asks of a list of cases, besides what they may see."""

    process: str | None = None
    stage: str | None = None
    is_open: bool | None = None
    child_id: UUID | None = None
    reference: str | None = None
    due_by: date | None = None
    processes: tuple[str, ...] = ()  # none: of any process

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on the rows."""
        found: list[ColumnElement[bool]] = []
        for column, wanted in (
            (case_file.c.process, self.process),
            (case_file.c.stage, self.stage),
            (case_file.c.child_id, self.child_id),
            (case_file.c.reference, self.reference),
        ):
            if wanted is not None:
                found.append(column == wanted)
        if self.is_open is not None:
            found.append(case_file.c.closed_on.is_(None) if self.is_open else case_file.c.closed_on.is_not(None))
        if self.due_by is not None:
            found.append(case_file.c.next_due <= self.due_by)
        if self.processes:
            found.append(case_file.c.process.in_(self.processes))
        return found


async def read_case(
    session: AsyncSession, case_id: UUID, where: ColumnElement[bool] | None = None, *, with_child: bool = False
) -> CaseFile | None:
    """One case, or nothing: a case that the caller may not see does not exist for them."""
    query = _query(where, with_child=with_child).where(case_file.c.id == case_id)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else _as_case(row)


async def list_cases(
    session: AsyncSession,
    where: ColumnElement[bool] | None = None,
    order: Order = "next_due",
    after: Place | None = None,
    limit: int = 50,
    *,
    with_child: bool = False,
    narrowed: Narrowed | None = None,
) -> list[CaseFile]:
    """A page of cases: the next date first and those without a date last, or the latest opened first.

    Ask for one more than the page holds to know whether there is another page.
    """
    query = _query(where, with_child=with_child)
    if narrowed is not None:
        query = query.where(*narrowed.conditions())
    if order == "next_due":
        query = query.order_by(case_file.c.next_due.asc().nulls_last(), case_file.c.id)
    else:
        query = query.order_by(case_file.c.opened_on.desc(), case_file.c.id.desc())
    if after is not None:
        query = query.where(_beyond(order, after))
    return [_as_case(row) for row in await session.execute(query.limit(limit))]


async def open_by_process(session: AsyncSession, where: ColumnElement[bool]) -> dict[str, int]:
    """How many cases are open, by process."""
    query = (
        select(case_file.c.process, func.count().label("number"))
        .where(where, case_file.c.closed_on.is_(None))
        .group_by(case_file.c.process)
    )
    return {row.process: row.number for row in await session.execute(query)}


def _beyond(order: Order, after: Place) -> ColumnElement[bool]:
    value, case_id = after
    due, opened, key = case_file.c.next_due, case_file.c.opened_on, case_file.c.id
    if order == "opened_on":
        return or_(opened < value, and_(opened == value, key < case_id))
    if value is None:
        return and_(due.is_(None), key > case_id)
    return or_(due > value, and_(due == value, key > case_id), due.is_(None))


def _query(where: ColumnElement[bool] | None, *, with_child: bool) -> Select[Any]:
    query: Select[Any] = select(case_file).where(true() if where is None else where)
    if with_child:
        query = query.add_columns(child.c.given_name, child.c.family_name).join_from(
            case_file, child, and_(child.c.tenant == case_file.c.tenant, child.c.id == case_file.c.child_id)
        )
    return query


def _as_case(row: Row[Any]) -> CaseFile:
    return CaseFile(**row._mapping)
