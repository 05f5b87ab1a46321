"""One timeline of a child across all its cases: what a family looks at, whatever procedures it went through."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import strawberry
from sqlalchemy import or_

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid, cursor, global_id
from graphql_api.types.journal import VIEWS, JournalEntry, said
from graphql_api.types.paging import PageInfo, after_of, bad_cursor, bounded, cut, number_of
from policies.actions import Act, Object
from store import journal as entries
from workflows import library


@strawberry.type(description="One entry of the journal of one of the child's cases.")
class TimelineEntry(JournalEntry):
    case_id: strawberry.ID = strawberry.field(description="The case.")
    case_reference: str = strawberry.field(description="Its reference.")
    process: str = strawberry.field(description="The name of its process.")
    process_title: str = strawberry.field(description="The title of its process.")


@strawberry.type(description="An entry with its place in the timeline.")
class TimelineEdge:
    node: TimelineEntry = strawberry.field(description="The entry.")
    cursor: str = strawberry.field(description="Its place in the timeline.")


@strawberry.type(description="A page of a child's timeline.")
class TimelineConnection:
    edges: list[TimelineEdge] = strawberry.field(description="The entries with their places.")
    nodes: list[TimelineEntry] = strawberry.field(description="The entries.")
    page_info: PageInfo = strawberry.field(description="Where it ends.")


async def timelines_of(context: Context, children: Sequence[UUID], first: int | None, after: str | None) -> list[TimelineConnection]:
    """A page of each timeline: one statement however many cases there are, of those that the caller may read with their journal."""
    most, place = bounded(first), _place(after)
    async with context.read() as reading:
        journals = or_(*(reading.standing.where(Object.JOURNAL, view) for view in VIEWS))
        where = reading.standing.where(Object.CASE, Act.READ) & journals
        found = await entries.timelines(reading.session, children, where, place, most + 1)
    return [_page(found.get(key, []), most, after) for key in children]


def _page(rows: list[entries.Told], most: int, after: str | None) -> TimelineConnection:
    shown, ends = cut(rows, most, _cursor, after)
    edges = [TimelineEdge(node=_entry(row), cursor=at) for row, at in shown]
    return TimelineConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


def _entry(told: entries.Told) -> TimelineEntry:
    rules, row = library.get(told.process, told.version), told.record
    return TimelineEntry(
        sequence=row.seq,
        kind=row.kind,
        name=row.name,
        say=said(rules, row.kind, row.name, row.item, row.event.get("outcome", "")),
        on=row.on,
        recorded_at=row.at,
        capacity=row.capacity,
        case_id=global_id("Case", row.case_id),
        case_reference=told.reference,
        process=told.process,
        process_title=rules.title,
    )


def _cursor(told: entries.Told) -> str:
    on, written_at, case_id, seq = told.place
    return cursor(on.isoformat(), written_at.isoformat(), str(case_id), seq)


def _place(after: str | None) -> entries.Moment | None:
    parts = after_of(after, 4)
    if parts is None:
        return None
    on, written_at, case_id, seq = parts
    key = as_uuid(str(case_id))
    try:
        day, instant = date.fromisoformat(str(on)), datetime.fromisoformat(str(written_at))
    except ValueError:
        raise bad_cursor() from None
    if key is None or instant.utcoffset() != timedelta(0):
        raise bad_cursor()
    return (day, instant, key, number_of(seq))
