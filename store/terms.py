"""The school days of schools and colleges, as the council has them: what limits in school days are counted on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from statute.definition import FactType, Process, Unit
from statute.types import Value
from store.session import tenant_of
from store.tables import setting_term


@dataclass(frozen=True, slots=True)
class Term:
    """From its first to its last day, both included, less the days on which the setting is closed."""

    first: date
    last: date
    closed: tuple[date, ...] = ()

    def written(self) -> tuple[str, ...]:
        """As it travels with an event (`statute.days.Days.meeting`)."""
        return (f"{self.first}/{self.last}", *(f"-{day}" for day in sorted(self.closed)))


async def record_terms(session: AsyncSession, setting_id: UUID, terms: Iterable[Term]) -> None:
    """Replace what is known of the terms that begin on these days; others stay. A case keeps the days that it was counted with."""
    for term in terms:
        await session.execute(delete(setting_term).where(setting_term.c.setting_id == setting_id, setting_term.c.first_day == term.first))
        row = {"tenant": tenant_of(session), "setting_id": setting_id, "first_day": term.first, "last_day": term.last}
        await session.execute(insert(setting_term).values(**row, closed=sorted(term.closed)))


async def terms_of(session: AsyncSession, setting_id: UUID) -> tuple[Term, ...]:
    """The terms of a setting, the earliest first."""
    rows = await session.execute(select(setting_term).where(setting_term.c.setting_id == setting_id).order_by(setting_term.c.first_day))
    return tuple(Term(row.first_day, row.last_day, tuple(row.closed)) for row in rows)


async def terms_for(session: AsyncSession, process: Process, facts: Mapping[str, Value], item: str = "") -> dict[str, tuple[str, ...]]:
    """What an event has to carry so that limits in school days can be counted: the terms of the settings that its process counts on."""
    named = {
        item if deadline.each else str(facts.get(deadline.calendar, ""))
        for deadline in process.deadlines.values()
        if any(span is not None and span.unit is Unit.SCHOOL_DAYS for span, _ in deadline.spans)
    }
    named |= {
        str(value) for name, value in facts.items() if name in process.facts and process.facts[name].type is FactType.SETTING and named
    }
    found: dict[str, tuple[str, ...]] = {}
    for name in sorted(named - {""}):
        try:
            key = UUID(name)
        except ValueError:
            continue
        if terms := await terms_of(session, key):
            found[name] = tuple(part for term in terms for part in term.written())
    return found
