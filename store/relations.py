"""How a person stands to a case today: each relation is said once, as a condition on the case, and read both ways."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, false, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from store.tables import case_file, case_party, child, relation

RELATIONS = ("own_child", "self", "on_roll", "asked", "consulted", "assigned", "requested")


def holds(name: str, person_id: UUID, on: date) -> ColumnElement[bool]:
    """The condition on `case_file` that this person stands in that relation to it on that day. An unknown one never holds."""
    if name == "any":
        return true()
    if name in ("own_child", "self"):
        kind = "parent" if name == "own_child" else "young_person"
        return exists().where(_stands(kind, person_id, on), relation.c.child_id == case_file.c.child_id)
    if name == "on_roll":
        return exists().where(
            child.c.tenant == case_file.c.tenant,
            child.c.id == case_file.c.child_id,
            child.c.setting_id.in_(_works_at(person_id, on)),
        )
    if name in ("asked", "consulted", "assigned", "requested"):
        return exists().where(_party(name, person_id, on))
    return false()


async def relations_to_case(session: AsyncSession, case_id: UUID, person_id: UUID, on: date) -> frozenset[str]:
    """Every relation in which the person stands to the case on that day; empty when there is no such case."""
    conditions = [holds(name, person_id, on).label(f"r_{name}") for name in RELATIONS]
    row = (await session.execute(select(*conditions).select_from(case_file).where(case_file.c.id == case_id))).one_or_none()
    if row is None:
        return frozenset()
    return frozenset({"any"} | {name for name, true_of in zip(RELATIONS, row, strict=True) if true_of})


async def items_asked(session: AsyncSession, case_id: UUID, person_id: UUID, on: date) -> frozenset[str]:
    """The items of advice that this person was asked for on a case; '' when they were asked for no item in particular."""
    query = (
        select(case_party.c.item)
        .select_from(case_party)
        .join_from(case_party, case_file, and_(case_file.c.tenant == case_party.c.tenant, case_file.c.id == case_party.c.case_id))
    )
    return frozenset((await session.scalars(query.where(case_file.c.id == case_id, _party("asked", person_id, on)))).all())


def _stands(kind: str, person_id: UUID, on: date) -> ColumnElement[bool]:
    return and_(
        relation.c.tenant == case_file.c.tenant,
        relation.c.kind == kind,
        relation.c.person_id == person_id,
        relation.c.starts_on <= on,
        or_(relation.c.ends_on.is_(None), relation.c.ends_on >= on),
    )


def _works_at(person_id: UUID, on: date) -> ScalarSelect[UUID]:
    return select(relation.c.setting_id).where(_stands("works_at", person_id, on)).correlate(case_file).scalar_subquery()


def _party(kind: str, person_id: UUID, on: date) -> ColumnElement[bool]:
    return and_(
        case_party.c.tenant == case_file.c.tenant,
        case_party.c.case_id == case_file.c.id,
        case_party.c.kind == kind,
        case_party.c.since <= on,
        or_(case_party.c.person_id == person_id, case_party.c.setting_id.in_(_works_at(person_id, on))),
    )
