"""Overlays by their digests: what a council's published configurations say, kept as long as a case may be pinned to it, which is for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.session import tenant_of
from store.tables import overlay


async def documents(session: AsyncSession, digests: Sequence[str]) -> dict[str, Any]:
    """The documents of overlays, by digest. What is not there is left out: whoever needs it says that it is unknown."""
    rows = await session.execute(select(overlay.c.digest, overlay.c.document).where(overlay.c.digest.in_(digests)))
    return {row.digest: row.document for row in rows}


async def keep(session: AsyncSession, overlays: Mapping[str, Mapping[str, Any]]) -> None:
    """Keep overlays; those that are kept already stay as they are."""
    if overlays:
        rows = [
            {"tenant": tenant_of(session), "digest": digest, "process": document["process"], "document": document}
            for digest, document in overlays.items()
        ]
        await session.execute(insert(overlay).values(rows).on_conflict_do_nothing())
