"""The report of cases that were opened in need, by somebody who has no part in them."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid, cursor
from graphql_api.types.paging import PageInfo, after_of, bad_cursor, bounded, cut
from policies.actions import Act, Object
from store import relations


@strawberry.type(description="One use: who opened which case, when and why.")
class Break:
    at: datetime = strawberry.field(description="When.")
    until: date = strawberry.field(description="The last day on which it opened the case.")
    why: str = strawberry.field(description="As they said it. Personal data.")
    by: str = strawberry.field(description="Who. Personal data.")
    reference: str = strawberry.field(description="Which case.")


@strawberry.type(description="A page of uses.")
class BreakConnection:
    nodes: list[Break] = strawberry.field(description="The uses; none for those who may not read the report.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


async def breaks_of(context: Context, first: int | None, after: str | None) -> BreakConnection:
    """A page of the report, in one statement."""
    most, place = bounded(first), _place(after)
    async with context.read() as reading:
        may = reading.standing.may(Object.TENANT, Act.READ_BREAKS).allowed
        rows = await relations.breaks(reading.session, place, most + 1) if may else []
    shown, ends = cut(rows, most, lambda row: cursor(row.at.isoformat(), str(row.id)), after)
    nodes = [Break(at=row.at, until=row.until, why=row.why, by=row.name, reference=row.reference) for row, _ in shown]
    return BreakConnection(nodes=nodes, page_info=ends)


def _place(after: str | None) -> tuple[datetime, UUID] | None:
    parts = after_of(after, 2)
    if parts is None:
        return None
    key = as_uuid(str(parts[1]))
    try:
        at = datetime.fromisoformat(str(parts[0]))
    except ValueError:
        raise bad_cursor() from None
    if key is None or at.tzinfo is None:
        raise bad_cursor()
    return at, key
