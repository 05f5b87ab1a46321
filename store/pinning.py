"""What a case is pinned to when it opens: the pilots and the overlays that its council has in force on that day, and its flags."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from statute.pilot import Pilot
from statute.revise import PILOT, own
from store import configurations, overlays
from store.evaluated import evaluated
from tenants.flags import Child


@dataclass(frozen=True, slots=True)
class Pinned:
    """The rules in the order in which they are laid, the documents of the overlays among them, and the variant of each flag."""

    rules: tuple[str, ...] = ()
    flags: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, Any] = field(default_factory=dict)


async def pinned(session: AsyncSession, process: str, day: date, child: Child | None = None, offered: Iterable[Pilot] = ()) -> Pinned:
    """What a case of a process is pinned to that opens on a day for a child, as it stands in this transaction; `offered` is the shelf of pilots."""
    chosen = await evaluated(session, process, day, child, offered)
    documents = await configurations.in_force(session, process)
    return Pinned(rules=(*(f"{PILOT}{name}" for name in chosen.pilots), *documents), flags=chosen.flags, documents=documents)


async def documents_of(session: AsyncSession, rules: tuple[str, ...]) -> dict[str, Any]:
    """The documents of the overlays among some rules; pilots are on the shelf."""
    digests = own(rules)
    return await overlays.documents(session, digests) if digests else {}
