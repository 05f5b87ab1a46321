"""What a council's published configuration says besides its overlays: the head of its letters, whom it tells of a date, its teams.

Each is one statement that takes out one part of the document. Nothing here can move a date of law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, cast, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from store.tables import person
from store.tables_configuration import configuration
from tenants.configuration import Escalation, Letters, Team


@dataclass(frozen=True, slots=True)
class Told:
    """Somebody who is told that a date is near or has passed, and what the council wants to say to them."""

    email: str
    say: str


async def letterhead(session: AsyncSession) -> Letters:
    """How the council's letters look today; plain where it has set nothing."""
    return Letters(**(await _part(session, "letters") or {}))


async def told(session: AsyncSession, process: str, deadline: str, on: str) -> list[Told]:
    """Whom the council tells of a limit of a process on a `warning` or a `breach`: those with an address, each once."""
    rules = [Escalation(**{"deadline": "", **rule}) for rule in await _part(session, "escalation") or ()]
    say = {rule.to: rule.say for rule in rules if rule.process == process and rule.deadline in ("", deadline) and rule.on == on}
    if not say:
        return []
    rows = await session.execute(
        select(person.c.id, person.c.subject, person.c.email).where(_named(list(say)), person.c.email.is_not(None))
    )
    return [Told(row.email, say.get(row.subject) or say.get(str(row.id), "")) for row in rows]


async def teams(session: AsyncSession) -> list[Team]:
    """The council's teams, in the order of its document."""
    found = await _part(session, "teams") or {}
    return [Team(name, team["say"], tuple(team["members"]), tuple(team.get("processes", ()))) for name, team in found.items()]


async def members(session: AsyncSession, names: Sequence[str]) -> dict[str, UUID]:
    """The ids of people by how a configuration names them: their subject or their id. Whoever is not on the register is left out."""
    rows = await session.execute(select(person.c.id, person.c.subject).where(_named(list(names))))
    return {name: row.id for row in rows for name in (row.subject, str(row.id)) if name in names}


async def _part(session: AsyncSession, key: str) -> Any:
    return await session.scalar(select(configuration.c.document[key]).where(configuration.c.status == "published"))


def _named(names: list[str]) -> Any:
    return or_(person.c.subject.in_(names), cast(person.c.id, Text).in_(names))
