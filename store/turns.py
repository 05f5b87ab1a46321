"""Writers of one thing, one after the other: whoever waits here then sees what the one before wrote, or that it was the same request."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from store.session import tenant_of

_TAKE = text("select pg_advisory_xact_lock(hashtextextended(:what, 0))")


async def take(session: AsyncSession, what: str) -> None:
    """Wait until nobody else of this authority writes it; the turn ends with the transaction. Two things may share a turn by chance."""
    await session.execute(_TAKE, {"what": f"{tenant_of(session)}/{what}"})
