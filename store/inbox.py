"""What is received before anything else happens: one transaction gives it a receipt, and the clock counts from there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.lifecycle import relayed
from store.references import new_receipt
from store.session import tenant_of
from store.tables import inbox

_DRAWS = 5


class Mismatch(Exception):  # noqa: N818 - an answer to the caller, not a defect
    """The same key came with something else in it."""

    def __init__(self) -> None:
        super().__init__("this key was used before, for something else")


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to the sender: received, when, and which case it will be."""

    receipt: str
    received_at: datetime
    case_id: UUID
    replayed: bool
    status: str = "received"


@dataclass(frozen=True, slots=True)
class Received:
    """Something received whose case has not been opened yet."""

    tenant: str
    receipt: str
    key: str
    fingerprint: bytes
    case_id: UUID
    received_at: datetime
    person_id: UUID
    process: str
    body: dict[str, Any]
    attempts: int


async def receive(
    session: AsyncSession,
    *,
    person_id: UUID,
    key: str,
    fingerprint: bytes,
    process: str,
    case_id: UUID,
    body: dict[str, Any],
    at: datetime | None = None,
) -> Receipt:
    """Receive once by (person, key): again gives the same receipt, again with another content raises Mismatch.

    `at` is the authority's own time where that is not the real time (training); the case id is the first one proposed.
    """
    received_at = at or datetime.now(UTC)
    for _ in range(_DRAWS):
        row = (
            await session.execute(
                insert(inbox)
                .values(
                    tenant=tenant_of(session),
                    receipt=new_receipt(received_at.year),
                    key=key,
                    fingerprint=fingerprint,
                    case_id=case_id,
                    received_at=received_at,
                    person_id=person_id,
                    process=process,
                    body=body,
                )
                .on_conflict_do_nothing()
                .returning(inbox.c.receipt)
            )
        ).one_or_none()
        if row is not None:
            return Receipt(row.receipt, received_at, case_id, replayed=False)
        known = (await session.execute(select(inbox).where(inbox.c.person_id == person_id, inbox.c.key == key))).one_or_none()
        if known is not None:
            if known.fingerprint != fingerprint:
                raise Mismatch
            return _as_receipt(known)
    raise RuntimeError("no free receipt number or case id was found")


async def find_receipt(session: AsyncSession, person_id: UUID, receipt: str) -> Receipt | None:
    """What became of a receipt, for the person to whom it was given: a number is read out, and says nothing to anybody else."""
    row = (await session.execute(select(inbox).where(inbox.c.receipt == receipt, inbox.c.person_id == person_id))).one_or_none()
    return None if row is None else _as_receipt(row)


async def find_received(session: AsyncSession, person_id: UUID, key: str) -> Receipt | None:
    """What became of something sent by this person with this key."""
    row = (await session.execute(select(inbox).where(inbox.c.person_id == person_id, inbox.c.key == key))).one_or_none()
    return None if row is None else _as_receipt(row)


async def waiting(session: AsyncSession, limit: int = 50) -> list[Received]:
    """What still waits for its case, the oldest first; one that failed before comes after those that did not."""
    rows = await session.execute(
        select(*(inbox.c[name] for name in Received.__slots__))
        .where(inbox.c.status == "received", relayed())
        .order_by(inbox.c.attempts, inbox.c.received_at, inbox.c.receipt)
        .limit(limit)
    )
    return [Received(**row._mapping) for row in rows]


async def mark_opened(session: AsyncSession, receipt: str) -> None:
    """The case is open. Recording its first step says the same; this is for one that was open already."""
    await session.execute(update(inbox).where(inbox.c.receipt == receipt).values(status="opened", last_error=None))


async def mark_failed(session: AsyncSession, receipt: str, error: str, *, refused: bool = False) -> None:
    """The case could not be opened this time or, refused, will never be. The error is a code, not a text with names in it."""
    values: dict[str, Any] = {"attempts": inbox.c.attempts + 1, "last_error": error}
    if refused:
        values["status"] = "refused"
    await session.execute(update(inbox).where(inbox.c.receipt == receipt, inbox.c.status == "received").values(values))


def _as_receipt(row: Row[Any]) -> Receipt:
    return Receipt(row.receipt, row.received_at, row.case_id, replayed=True, status=row.status)
