"""The journal of a case as clients see it: what happened, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import strawberry
from sqlalchemy import or_

from graphql_api.context import Context
from graphql_api.identifiers import cursor
from graphql_api.types.paging import PageInfo, after_of, bounded, cut, number_of
from policies.actions import Act, Object
from statute import definition
from statute import types as core
from statute.revise import CONFIGURATION
from store.lines import Line, histories
from workflows import library

CONFIGURED = "The council's own rules for this case changed. No date in law moved later"
VIEWS = (Act.READ, Act.READ_FAMILY_VIEW)  # either lets a person read what is shown here


@strawberry.type(description="One entry of the journal.")
class JournalEntry:
    sequence: int = strawberry.field(description="Its place.")
    kind: str = strawberry.field(description="What sort of event.")
    name: str = strawberry.field(description="Which.")
    say: str = strawberry.field(description="What happened, in words.")
    on: date = strawberry.field(description="The civil day it happened.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    capacity: str = strawberry.field(description="In whose place it was done.")


@strawberry.type(description="An entry with its place in the list.")
class JournalEdge:
    node: JournalEntry = strawberry.field(description="The entry.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of the journal.")
class JournalConnection:
    edges: list[JournalEdge] = strawberry.field(description="The entries with their places.")
    nodes: list[JournalEntry] = strawberry.field(description="The entries.")
    page_info: PageInfo = strawberry.field(description="Where it ends.")


async def journals_of(
    context: Context, cases: Sequence[tuple[UUID, definition.Process]], first: int | None, after: str | None
) -> list[JournalConnection]:
    """A page of the journal of each case, in one statement; empty for those who may not read it."""
    most, begins = bounded(first), after_of(after, 1)
    place = number_of(begins[0]) if begins else 0
    async with context.read() as reading:
        where = reading.standing.where(Object.CASE, Act.READ) & or_(*(reading.standing.where(Object.JOURNAL, view) for view in VIEWS))
        found = await histories(reading.session, [key for key, _ in cases], where, place, most + 1)
    return [_page(rules, found.get(key, []), most, after) for key, rules in cases]


def _page(rules: definition.Process, rows: list[Line], most: int, after: str | None) -> JournalConnection:
    shown, ends = cut(rows, most, lambda row: cursor(row.seq), after)
    edges = [JournalEdge(node=_entry(rules, row), cursor=at) for row, at in shown]
    return JournalConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


def _entry(rules: definition.Process, row: Line) -> JournalEntry:
    said_of_it = said(rules, row.kind, row.name, row.item, row.outcome)
    return JournalEntry(
        sequence=row.seq, kind=row.kind, name=row.name, say=said_of_it, on=row.on, recorded_at=row.at, capacity=row.capacity
    )


def said(rules: definition.Process, kind: str, name: str, item: str, outcome: str) -> str:
    """What an entry records, in the words of the definition."""
    if kind == core.Kind.TIME_PASSED:
        return "A date came near or passed"
    if kind == core.Kind.EXCUSED:
        return f"Excused: {rules.deadlines[name].say}"
    if kind == core.Kind.REVISED:
        return CONFIGURED if name == CONFIGURATION else f"The law changed: {library.amendment(name).title}"
    act = rules.acts.get(name)
    if act is None:  # a task of a pilot or a configuration that the case is no longer under
        return name.replace("_", " ").capitalize()
    way = act.outcomes.get(outcome)
    label = rules.each[act.each].items.get(item, "") if act.each else ""
    return f"{act.say}{f' ({label})' if label else ''}{f' {way.say}' if way else ''}"
