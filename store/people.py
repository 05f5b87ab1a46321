"""The people, children and settings of an authority, and how they stand to one another."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Column, ColumnElement, Row, Select, Table, and_, func, or_, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.access import Revoked, revoked
from store.session import tenant_of
from store.tables import child, person, relation, setting, setting_term, tenant, tenant_slug
from store.terms import Term

_R = TypeVar("_R")
_FAMILY = ("parent", "young_person")
_NO_PAPERS = ("kept_from_papers", "kept_from_record")


@dataclass(frozen=True, slots=True)
class Tenant:
    """A local authority; only one for training has a clock of its own."""

    tenant: str
    name: str
    dfe_code: str
    gss_code: str
    training: bool = False
    clock_offset_seconds: int = 0
    region_code: str | None = None
    status: str = "active"  # or suspended, closed: `store.lifecycle`
    opened_on: date | None = None
    closed_on: date | None = None
    successors: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Setting:
    """A school, college or other place where children are taught."""

    id: UUID
    name: str
    urn: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who signs in: a parent, a young person, or a professional."""

    id: UUID
    name: str
    email: str | None
    subject: str
    roles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Child:
    """A child or young person, and the setting where they are on roll."""

    id: UUID
    given_name: str
    family_name: str
    born_on: date
    upn: str | None = None
    setting_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Relation:
    """How a person stands to a child or a setting, from a day, up to and with a day."""

    id: UUID
    person_id: UUID
    kind: str
    starts_on: date
    child_id: UUID | None = None
    setting_id: UUID | None = None
    ends_on: date | None = None


async def add_tenant(session: AsyncSession, new: Tenant) -> None:
    """Make an authority known; only the owner's role may. Known before, it is left as it is."""
    await session.execute(insert(tenant_slug).values(tenant=new.tenant).on_conflict_do_nothing())
    await session.execute(insert(tenant).values(asdict(new)).on_conflict_do_nothing())


async def read_tenant(session: AsyncSession) -> Tenant | None:
    """The authority whose session this is."""
    return await _one(session, select(tenant), Tenant)


async def advance_clock(session: AsyncSession, seconds: int) -> int | None:
    """Move the clock of a training authority on, and say by how much it is ahead; nothing for an authority that is live."""
    if seconds <= 0:
        raise ValueError("a clock moves forwards only")
    offset: int | None = await session.scalar(
        update(tenant)
        .where(tenant.c.training)
        .values(clock_offset_seconds=tenant.c.clock_offset_seconds + seconds)
        .returning(tenant.c.clock_offset_seconds)
    )
    return offset


async def add_setting(session: AsyncSession, new: Setting) -> None:
    """Add a setting; the same again changes nothing."""
    await _add(session, setting, new)


async def add_person(session: AsyncSession, new: Person) -> None:
    """Add a person; the same again changes nothing."""
    await _add(session, person, new)


async def add_child(session: AsyncSession, new: Child) -> None:
    """Add a child; the same again changes nothing."""
    await _add(session, child, new)


async def add_relation(session: AsyncSession, new: Relation) -> None:
    """Add a relation; the same again changes nothing."""
    await _add(session, relation, new)


async def add_new(session: AsyncSession, new: Setting | Person | Child) -> bool:
    """Add somebody or something that is not there yet; no, and nothing is added, where the id or the number (URN, UPN, subject) is taken."""
    table = setting if isinstance(new, Setting) else person if isinstance(new, Person) else child
    row = insert(table).values(tenant=tenant_of(session), **asdict(new)).on_conflict_do_nothing()
    return await session.scalar(row.returning(table.c.id)) is not None


async def end_relation(session: AsyncSession, relation_id: UUID, ends_on: date) -> bool:
    """Say on which day a relation held for the last time."""
    ended = await session.scalar(update(relation).where(relation.c.id == relation_id).values(ends_on=ends_on).returning(relation.c.id))
    return ended is not None


async def move_child(session: AsyncSession, child_id: UUID, setting_id: UUID | None) -> bool:
    """Put a child on the roll of another setting, or of none."""
    moved = await session.scalar(update(child).where(child.c.id == child_id).values(setting_id=setting_id).returning(child.c.id))
    return moved is not None


async def read_setting(session: AsyncSession, setting_id: UUID, *, hold: bool = False) -> Setting | None:
    """One setting; held, nobody else who holds it goes on before the transaction ends."""
    query = _columns(setting, Setting).where(setting.c.id == setting_id)
    return await _one(session, query.with_for_update(key_share=True) if hold else query, Setting)


async def read_person(session: AsyncSession, person_id: UUID) -> Person | None:
    """One person."""
    return await _one(session, _columns(person, Person).where(person.c.id == person_id), Person)


async def read_relation(session: AsyncSession, relation_id: UUID, *, hold: bool = False) -> Relation | None:
    """One relation; held, nobody else changes it before the transaction ends."""
    query = _columns(relation, Relation).where(relation.c.id == relation_id)
    return await _one(session, query.with_for_update(key_share=True) if hold else query, Relation)


async def find_subject(session: AsyncSession, subject: str) -> Person | None:
    """The person whom the sign-in service knows by this subject."""
    return await _one(session, _columns(person, Person).where(person.c.subject == subject), Person)


async def find_caller(session: AsyncSession, subject: str, token_id: str = "", issued_at: float = 0.0) -> tuple[Tenant, Person] | None:
    """The authority and the person whom the sign-in service knows by this subject, in one statement: every request begins so.

    `issued_at` is in seconds of the epoch. Raises Revoked where the sign-in was ended: asked here, so that it holds at once.
    """
    query = (
        _columns(tenant, Tenant)
        .add_columns(*(person.c[name].label(f"person_{name}") for name in Person.__slots__))
        .add_columns(revoked(subject, token_id, issued_at).label("is_revoked"))
        .join_from(tenant, person, person.c.tenant == tenant.c.tenant)
        .where(person.c.subject == subject)
    )
    row = (await session.execute(query)).one_or_none()
    if row is None:
        return None
    values = row._mapping
    if values["is_revoked"]:
        raise Revoked
    return (
        Tenant(**{name: values[name] for name in Tenant.__slots__}),
        Person(**{name: values[f"person_{name}"] for name in Person.__slots__}),
    )


async def read_child(session: AsyncSession, child_id: UUID, *, hold: bool = False) -> Child | None:
    """One child; held, nobody else changes it before the transaction ends."""
    query = _columns(child, Child).where(child.c.id == child_id)
    return await _one(session, query.with_for_update(key_share=True) if hold else query, Child)


async def find_upn(session: AsyncSession, upn: str) -> Child | None:
    """The child with a unique pupil number."""
    return await _one(session, _columns(child, Child).where(child.c.upn == upn), Child)


async def list_settings(
    session: AsyncSession,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
    *,
    where: ColumnElement[bool] | None = None,
    ids: Sequence[UUID] | None = None,
    search: str = "",
) -> list[Setting]:
    """Settings by name."""
    query = _narrowed(_columns(setting, Setting), setting, where, ids).order_by(setting.c.name, setting.c.id).limit(limit)
    if search:
        query = query.where(or_(_begins(setting.c.name, search), setting.c.urn == search))
    if after is not None:
        query = query.where(tuple_(setting.c.name, setting.c.id) > after)
    return await _all(session, query, Setting)


async def list_people(
    session: AsyncSession,
    after: tuple[str, UUID] | None = None,
    limit: int = 50,
    *,
    where: ColumnElement[bool] | None = None,
    ids: Sequence[UUID] | None = None,
    search: str = "",
) -> list[Person]:
    """People by name."""
    query = _narrowed(_columns(person, Person), person, where, ids).order_by(person.c.name, person.c.id).limit(limit)
    if search:
        query = query.where(_begins(person.c.name, search))
    if after is not None:
        query = query.where(tuple_(person.c.name, person.c.id) > after)
    return await _all(session, query, Person)


async def list_children(
    session: AsyncSession,
    after: tuple[str, str, UUID] | None = None,
    limit: int = 50,
    *,
    where: ColumnElement[bool] | None = None,
    ids: Sequence[UUID] | None = None,
    search: str = "",
) -> list[Child]:
    """Children by family name and given name; searched by the beginning of a name, or by the whole UPN."""
    order = (child.c.family_name, child.c.given_name, child.c.id)
    query = _narrowed(_columns(child, Child), child, where, ids).order_by(*order).limit(limit)
    if search:
        query = query.where(or_(_begins(child.c.family_name, search), _begins(child.c.given_name, search), child.c.upn == search.upper()))
    if after is not None:
        query = query.where(tuple_(*order) > after)
    return await _all(session, query, Child)


async def children_of(session: AsyncSession, person_id: UUID, on: date) -> list[Child]:
    """The children whose parent this person is on that day, and the young person that they are themselves; an order changes nothing of it."""
    query = (
        _columns(child, Child)
        .join_from(child, relation, and_(relation.c.tenant == child.c.tenant, relation.c.child_id == child.c.id))
        .where(relation.c.person_id == person_id, relation.c.kind.in_(_FAMILY), *_on(on))
        .order_by(child.c.family_name, child.c.given_name, child.c.id)
        .distinct()
    )
    return await _all(session, query, Child)


async def family_of(session: AsyncSession, child_id: UUID, on: date, sent_on: date | None = None) -> list[Person]:
    """The child's parents, and the young person, on a day: who is written to. Whom an order keeps from the papers is not.

    An order counts on the day of the step and on the day of sending: one recorded in between keeps the letter back.
    """
    of_child = select(relation.c.person_id).where(relation.c.tenant == tenant_of(session), relation.c.child_id == child_id)
    family = of_child.where(relation.c.kind.in_(_FAMILY), *_on(on))
    kept = of_child.where(relation.c.kind.in_(_NO_PAPERS), or_(and_(*_on(on)), and_(*_on(sent_on or on))))
    query = _columns(person, Person).where(person.c.id.in_(family), person.c.id.not_in(kept)).order_by(person.c.id)
    return await _all(session, query, Person)


async def list_relations(
    session: AsyncSession,
    on: date,
    *,
    person_id: UUID | None = None,
    child_id: UUID | None = None,
    setting_id: UUID | None = None,
) -> list[Relation]:
    """The relations that hold on that day, of a person, to a child, to a setting."""
    asked = {"person_id": person_id, "child_id": child_id, "setting_id": setting_id}
    query = _columns(relation, Relation).where(*_on(on)).order_by(relation.c.starts_on, relation.c.id)
    for name, value in asked.items():
        if value is not None:
            query = query.where(relation.c[name] == value)
    return await _all(session, query, Relation)


async def related(
    session: AsyncSession,
    on: date,
    keys: Collection[UUID],
    of_person: ColumnElement[bool] | None = None,
    of_child: ColumnElement[bool] | None = None,
) -> list[Relation]:
    """The relations of any of these people, children and settings that hold on that day or are to begin: of such people, to such children."""
    query = (
        _columns(relation, Relation)
        .join_from(relation, person, and_(person.c.tenant == relation.c.tenant, person.c.id == relation.c.person_id))
        .outerjoin(child, and_(child.c.tenant == relation.c.tenant, child.c.id == relation.c.child_id))
        .where(or_(*(relation.c[name].in_(keys) for name in ("person_id", "child_id", "setting_id"))))
        .where(or_(relation.c.ends_on.is_(None), relation.c.ends_on >= on))
        .where(true() if of_person is None else of_person)
        .where(true() if of_child is None else or_(relation.c.child_id.is_(None), of_child))
        .order_by(relation.c.starts_on, relation.c.id)
    )
    return await _all(session, query, Relation)


async def terms_of_many(session: AsyncSession, setting_ids: Collection[UUID]) -> dict[UUID, tuple[Term, ...]]:
    """The terms of several settings, the earliest first; a setting without any is not among them."""
    query = select(setting_term).where(setting_term.c.setting_id.in_(setting_ids)).order_by(setting_term.c.first_day)
    found: dict[UUID, tuple[Term, ...]] = {}
    for row in await session.execute(query):
        found[row.setting_id] = (*found.get(row.setting_id, ()), Term(row.first_day, row.last_day, tuple(row.closed)))
    return found


def _on(day: date) -> tuple[Any, ...]:
    return relation.c.starts_on <= day, or_(relation.c.ends_on.is_(None), relation.c.ends_on >= day)


def _begins(column: Column[Any], text: str) -> ColumnElement[bool]:
    return func.lower(column).startswith(text.lower(), autoescape=True)


def _narrowed(query: Select[Any], table: Table, where: ColumnElement[bool] | None, ids: Sequence[UUID] | None) -> Select[Any]:
    """Only what a condition holds of (what the caller may see), and only these."""
    if where is not None:
        query = query.where(where)
    return query if ids is None else query.where(table.c.id.in_(ids))


def _columns(table: Table, shape: type[Any]) -> Select[Any]:
    return select(*(table.c[name] for name in shape.__slots__))


async def _add(session: AsyncSession, table: Table, new: Any) -> None:
    await session.execute(
        insert(table).values(tenant=tenant_of(session), **asdict(new)).on_conflict_do_nothing(index_elements=["tenant", "id"])
    )


async def _one(session: AsyncSession, query: Select[Any], shape: type[_R]) -> _R | None:
    row: Row[Any] | None = (await session.execute(query)).one_or_none()
    return None if row is None else shape(**row._mapping)


async def _all(session: AsyncSession, query: Select[Any], shape: type[_R]) -> list[_R]:
    return [shape(**row._mapping) for row in await session.execute(query)]
