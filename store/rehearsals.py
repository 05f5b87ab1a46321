"""What a configuration would do to each open case: worked out elsewhere, kept here so that it can be read page by page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Text, and_, cast, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store.session import tenant_of
from store.tables import case_file, overlay
from store.tables_configuration import configuration, configuration_case

AT_ONCE = 500
Waiting = tuple[str, str, bytes]  # id, reference and state of an open case, in JSON


@dataclass(frozen=True, slots=True)
class Told:
    """One case for which something would be otherwise."""

    case_id: UUID
    reference: str
    process: str
    may_move: bool
    worsens: bool
    say: str
    differences: Sequence[Mapping[str, Any]]


async def concerned(session: AsyncSession, processes: Sequence[str], after: UUID | None, limit: int) -> list[Waiting]:
    """A batch of the open cases of some processes, and of those pinned to any rules, in the order of their ids."""
    rules = func.coalesce(func.jsonb_array_length(case_file.c.state["rules"]), 0) > 0
    where = case_file.c.closed_on.is_(None) & or_(case_file.c.process.in_(processes), rules)
    columns = (case_file.c.id, case_file.c.reference, cast(case_file.c.state, Text).label("state"))
    query = select(*columns).where(where).order_by(case_file.c.id).limit(limit)
    rows = await session.execute(query if after is None else query.where(case_file.c.id > after))
    return [(str(row.id), row.reference, row.state.encode()) for row in rows]


async def pinned_overlays(session: AsyncSession) -> dict[str, Any]:
    """Every overlay that a case of this council may be pinned to."""
    return {row.digest: row.document for row in await session.execute(select(overlay.c.digest, overlay.c.document))}


async def record(session: AsyncSession, version: int, summary: Mapping[str, Any], told: Iterable[Told]) -> None:
    """Keep it in place of what an earlier rehearsal found."""
    await session.execute(delete(configuration_case).where(configuration_case.c.version == version))
    rows = [
        {
            "tenant": tenant_of(session),
            "version": version,
            **{name: getattr(one, name) for name in ("case_id", "reference", "process", "may_move", "worsens", "say")},
            "differences": list(one.differences),
        }
        for one in told
    ]
    for n in range(0, len(rows), AT_ONCE):
        await session.execute(insert(configuration_case), rows[n : n + AT_ONCE])
    await session.execute(update(configuration).where(configuration.c.version == version).values(rehearsal=dict(summary)))


async def page(session: AsyncSession, version: int, after: tuple[bool, bool, UUID] | None, limit: int) -> list[Told]:
    """What was found, what would worsen first, then what stays; one statement."""
    table = configuration_case.c
    query = select(configuration_case).where(table.version == version)
    if after is not None:
        worsens, may_move, case_id = after
        beyond = and_(table.worsens == worsens, or_(table.may_move > may_move, and_(table.may_move == may_move, table.case_id > case_id)))
        query = query.where(or_(table.worsens < worsens, beyond))
    query = query.order_by(table.worsens.desc(), table.may_move, table.case_id).limit(limit)
    names = Told.__dataclass_fields__
    return [Told(**{name: row[name] for name in names}) for row in (await session.execute(query)).mappings()]
