"""What a step sets going: relayed at least once, from rows that were written together with the step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, and_, any_, bindparam, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.lifecycle import relayed
from store.session import tenant_of
from store.tables import letter, outbox

_LEASE = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing to be done; its place (case, seq, n) is the key by which a receiver sees a repetition."""

    tenant: str
    case_id: UUID
    seq: int
    n: int
    kind: str
    name: str
    item: str
    body: dict[str, Any]
    attempts: int

    @property
    def key(self) -> str:
        """The same for every attempt."""
        return f"{self.case_id}:{self.seq}:{self.n}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A notice as it was written to one recipient."""

    case_id: UUID
    seq: int
    n: int
    notice: str
    recipient_role: str
    html: str
    digest: str
    made_at: datetime | None = None
    delivered_to: str | None = None


async def claim(session: AsyncSession, limit: int = 20, *, lease: timedelta = _LEASE) -> list[Waiting]:
    """Take what is due, the longest due first. Others pass over it for the length of the lease, then it is due again.

    A lease and not a lock, so that no transaction stays open while something is sent.
    """
    due = (
        select(outbox.c.tenant, outbox.c.case_id, outbox.c.seq, outbox.c.n)
        .where(outbox.c.status == "waiting", outbox.c.not_before <= func.clock_timestamp(), relayed())
        .order_by(outbox.c.not_before, outbox.c.case_id, outbox.c.seq, outbox.c.n)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    place = tuple_(outbox.c.tenant, outbox.c.case_id, outbox.c.seq, outbox.c.n)
    rows = await session.execute(
        update(outbox)
        .where(place.in_(due))
        .values(attempts=outbox.c.attempts + 1, not_before=func.clock_timestamp() + lease)
        .returning(*(outbox.c[name] for name in Waiting.__slots__))
    )
    return sorted((Waiting(**row._mapping) for row in rows), key=lambda post: (post.case_id, post.seq, post.n))


async def done(session: AsyncSession, post: Waiting) -> None:
    """It is done; said twice, the first time counts."""
    await session.execute(
        update(outbox).where(_is(post), outbox.c.status != "done").values(status="done", done_at=func.clock_timestamp(), last_error=None)
    )


async def failed(session: AsyncSession, post: Waiting, error: str) -> None:
    """It could not be done; the next attempt waits twice as long as the last. The error is a code, not a text with names in it."""
    wait = min(timedelta(seconds=2 ** min(post.attempts, 12)), _LONGEST_WAIT)
    await session.execute(
        update(outbox).where(_is(post), outbox.c.status == "waiting").values(not_before=func.clock_timestamp() + wait, last_error=error)
    )


async def held(session: AsyncSession, post: Waiting, reason: str) -> None:
    """It must not be done without a person looking at it first."""
    await session.execute(update(outbox).where(_is(post), outbox.c.status == "waiting").values(status="held", last_error=reason))


async def release(session: AsyncSession, case_id: UUID, seq: int, n: int) -> bool:
    """A person looked at it: it may be done now."""
    found = await session.scalar(
        update(outbox)
        .where(outbox.c.case_id == case_id, outbox.c.seq == seq, outbox.c.n == n, outbox.c.status == "held")
        .values(status="waiting", not_before=func.clock_timestamp())
        .returning(outbox.c.n)
    )
    return found is not None


async def add_letter(session: AsyncSession, new: Letter) -> bool:
    """Keep a letter as it was written; written before, the first one stands. Says whether it is new."""
    values = {name: getattr(new, name) for name in Letter.__slots__ if name != "made_at"}
    if new.made_at is not None:
        values["made_at"] = new.made_at
    added = await session.scalar(insert(letter).values(tenant=tenant_of(session), **values).on_conflict_do_nothing().returning(letter.c.n))
    return added is not None


async def deliver_letter(session: AsyncSession, case_id: UUID, seq: int, n: int, recipient_role: str, delivered_to: str) -> None:
    """Say where a letter went."""
    await session.execute(
        update(letter)
        .where(
            letter.c.case_id == case_id,
            letter.c.seq == seq,
            letter.c.n == n,
            letter.c.recipient_role == recipient_role,
        )
        .values(delivered_to=delivered_to)
    )


async def list_letters(session: AsyncSession, case_id: UUID, recipient_role: str | None = None) -> list[Letter]:
    """The letters of a case, in the order of the steps; those to one recipient where one is named."""
    return await letters_of(session, [] if recipient_role else [case_id], [case_id] if recipient_role else [], recipient_role or "")


async def letters_of(session: AsyncSession, cases: Sequence[UUID], only: Sequence[UUID], recipient_role: str) -> list[Letter]:
    """The letters of cases, in the order of their steps: all of some, and of others only those to one recipient."""

    def of(name: str, ids: Sequence[UUID]) -> ColumnElement[bool]:
        return letter.c.case_id == any_(bindparam(name, list(ids), ARRAY(Uuid)))

    query = (
        select(*(letter.c[name] for name in Letter.__slots__))
        .where(or_(of("cases", cases), and_(of("only", only), letter.c.recipient_role == recipient_role)))
        .order_by(letter.c.case_id, letter.c.seq, letter.c.n, letter.c.recipient_role)
    )
    return [Letter(**row._mapping) for row in await session.execute(query)]


def _is(post: Waiting) -> ColumnElement[bool]:
    return and_(outbox.c.case_id == post.case_id, outbox.c.seq == post.seq, outbox.c.n == post.n)
