"""The flags of a council: proposed by one person, approved by another, in force between two days. Everything done with them is kept.

The rows that are in force are read with a shared lock by whoever pins a case to them (`in_force`), and changed by whoever approves,
withdraws or kills: so a pin and a kill come one after the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import and_, or_, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from store.session import tenant_of
from store.tables_pilots import flag, flag_event

_LOCK = text("select pg_advisory_xact_lock(hashtextextended(:what, 0))")


@dataclass(frozen=True, slots=True)
class Flag:
    """One setting of a flag. Both days are included; no last day: until further notice."""

    id: UUID
    name: str
    variant: str
    starts_on: date
    ends_on: date | None
    cohort: Mapping[str, Any]
    legal_basis: str
    why: str
    proposed_by: UUID
    proposed_at: datetime
    status: str = "proposed"
    revision: int = 1
    approved_by: UUID | None = None
    approved_at: datetime | None = None

    def holds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.status == "approved" and self.starts_on <= day and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, slots=True)
class Done:
    """Something that was done with a flag or a pilot."""

    at: datetime
    who: UUID
    what: str
    name: str
    why: str
    flag_id: UUID | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    id: UUID = field(default_factory=uuid4)
    written_at: datetime | None = None  # by the database


class Moved(Exception):  # noqa: N818 - an answer to the caller, not a defect
    """The flag moved on since the revision that the caller had seen; here it is."""

    def __init__(self, now: Flag) -> None:
        super().__init__("the flag moved on")
        self.now = now


async def only_one(session: AsyncSession, name: str) -> None:
    """Let nobody else change settings of this flag, of this council, until the transaction ends."""
    await session.execute(_LOCK, {"what": f"{tenant_of(session)}:flag:{name}"})


async def add(session: AsyncSession, new: Flag) -> Flag | None:
    """Add a proposal once by its id; the one that is there where there is one."""
    row = upsert(flag).values(tenant=tenant_of(session), **_values(new)).on_conflict_do_nothing()
    if await session.scalar(row.returning(flag.c.id)) is not None:
        return None
    return await read(session, new.id)


async def read(session: AsyncSession, flag_id: UUID, *, hold: bool = False) -> Flag | None:
    """One setting; held, nobody else changes it, or pins a case to it, before the transaction ends."""
    query = select(*_COLUMNS).where(flag.c.id == flag_id)
    row = (await session.execute(query.with_for_update() if hold else query)).one_or_none()
    return Flag(**row._mapping) if row else None


async def settings(session: AsyncSession, name: str | None = None, limit: int = 500) -> list[Flag]:
    """The settings of one flag, or of all, the latest to begin first."""
    query = select(*_COLUMNS).order_by(flag.c.name, flag.c.starts_on.desc(), flag.c.proposed_at.desc(), flag.c.id).limit(limit)
    return [Flag(**row._mapping) for row in await session.execute(query if name is None else query.where(flag.c.name == name))]


async def in_force(session: AsyncSession, day: date) -> dict[str, Flag]:
    """The setting of each flag that is in force on a day. Nobody kills or withdraws it before this transaction ends."""
    query = select(*_COLUMNS).where(_holds(day)).order_by(flag.c.name).with_for_update(read=True)
    return {row.name: Flag(**row._mapping) for row in await session.execute(query)}


async def beside(session: AsyncSession, one: Flag) -> Flag | None:
    """Another approved setting of the same flag whose days meet those of this one: nobody could say which of two holds."""
    query = select(*_COLUMNS).where(
        flag.c.name == one.name,
        flag.c.id != one.id,
        flag.c.status == "approved",
        or_(flag.c.ends_on.is_(None), flag.c.ends_on >= one.starts_on),
        *([flag.c.starts_on <= one.ends_on] if one.ends_on else []),
    )
    row = (await session.execute(query.limit(1))).one_or_none()
    return Flag(**row._mapping) if row else None


async def change(session: AsyncSession, one: Flag, expected: int, **values: Any) -> Flag:
    """Change a setting from the revision that the caller had seen.

    Raises:
        Moved: it is at another revision by now.
    """
    row = (
        await session.execute(
            update(flag)
            .where(flag.c.id == one.id, flag.c.revision == expected)
            .values(revision=flag.c.revision + 1, **values)
            .returning(*_COLUMNS)
        )
    ).one_or_none()
    if row is None:
        raise Moved(await read(session, one.id) or one)
    return Flag(**row._mapping)


async def kill(session: AsyncSession, name: str, variant: str) -> list[Flag]:
    """Switch a variant off at once, whatever its dates: every setting of it that is approved or only proposed. Those that it was."""
    rows = await session.execute(
        update(flag)
        .where(flag.c.name == name, flag.c.variant == variant, flag.c.status.in_(("approved", "proposed")))
        .values(status="killed", revision=flag.c.revision + 1)
        .returning(*_COLUMNS)
    )
    return [Flag(**row._mapping) for row in rows]


async def note(session: AsyncSession, done: Done) -> bool:
    """Add to the history, once by its id; whether it is new."""
    values = {name: value for name, value in asdict(done).items() if name != "written_at"}
    row = upsert(flag_event).values(tenant=tenant_of(session), **values).on_conflict_do_nothing()
    return await session.scalar(row.returning(flag_event.c.id)) is not None


async def history(session: AsyncSession, names: Sequence[str], limit: int = 50, after: tuple[datetime, UUID] | None = None) -> list[Done]:
    """What was done with flags or pilots of these names, the latest first."""
    order = (flag_event.c.written_at, flag_event.c.id)
    query = select(*_DONE).where(flag_event.c.name.in_(names)).order_by(*(column.desc() for column in order)).limit(limit)
    if after is not None:
        query = query.where(tuple_(*order) < after)
    return [Done(**row._mapping) for row in await session.execute(query)]


async def noted(session: AsyncSession, event_id: UUID) -> Done | None:
    """Something that was done, by its id."""
    row = (await session.execute(select(*_DONE).where(flag_event.c.id == event_id))).one_or_none()
    return Done(**row._mapping) if row else None


def _holds(day: date) -> Any:
    return and_(flag.c.status == "approved", flag.c.starts_on <= day, or_(flag.c.ends_on.is_(None), flag.c.ends_on >= day))


def _values(new: Flag) -> dict[str, Any]:
    return {name: getattr(new, name) for name in Flag.__slots__}


_COLUMNS = [flag.c[name] for name in Flag.__slots__]
_DONE = [flag_event.c[name] for name in Done.__slots__]
