"""Ended sign-ins: of a person, for every token made before; or of one token. Asked in the statement with which every request begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, DateTime, and_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store import tables_access as tables
from store.session import tenant_of
from store.tables_access import SUBJECT, TOKEN

CHANNEL = "waymark_access"  # notified by triggers of `policies.sql`: a slug, whose access may have changed


class Revoked(Exception):  # noqa: N818 - the house names refusals by what happened
    """The sign-in was ended."""


@dataclass(frozen=True, slots=True)
class Ended:
    """That a sign-in was ended: whose, or which."""

    id: UUID
    kind: str
    what: str
    by: str
    why: str


def revoked(subject: str, token_id: str, issued_at: float) -> ColumnElement[bool]:
    """Whether the sign-in was ended here. A token made in the same second as that is ended too: times in tokens are whole seconds."""
    table = tables.revoked
    issued = bindparam("issued_at", datetime.fromtimestamp(issued_at, UTC), DateTime(timezone=True), unique=True)
    of_person = and_(table.c.kind == SUBJECT, table.c.what == subject, table.c.at >= issued)
    of_token = and_(table.c.kind == TOKEN, table.c.what == token_id)
    return select(table.c.id).where(or_(of_person, of_token)).exists()


async def revoke(session: AsyncSession, new: Ended) -> bool:
    """End a sign-in in this authority, from the commit on. Whether it is new: the same id again changes nothing. Raises ValueError where
    the id was used for another."""
    values = {name: getattr(new, name) for name in Ended.__slots__}
    table = tables.revoked
    added = await session.scalar(insert(table).values(tenant=tenant_of(session), **values).on_conflict_do_nothing().returning(table.c.id))
    if added is not None:
        return True
    known = (await session.execute(select(table.c.kind, table.c.what, table.c.why).where(table.c.id == new.id))).one()
    if tuple(known) != (new.kind, new.what, new.why):
        raise ValueError("the id was used for another")
    return False
