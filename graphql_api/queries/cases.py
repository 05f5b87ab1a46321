"""One case, and pages of cases, as the caller may see them: what queries and parts of the schema ask for."""

from __future__ import annotations

from datetime import date
from enum import Enum

import strawberry

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid, cursor, key_of
from graphql_api.loaders import ready
from graphql_api.types.case import Case, case_key, case_of
from graphql_api.types.paging import PageInfo, after_of, bad_cursor, bounded, cut
from policies.actions import Act, Object
from store import cases as stored

ORDERS: dict[str, stored.Order] = {"NEXT_DUE": "next_due", "OPENED_ON": "opened_on"}


@strawberry.enum(description="How cases are ordered.")
class CaseOrder(Enum):
    NEXT_DUE = strawberry.enum_value("next_due", description="The nearest legal limit first.")
    OPENED_ON = strawberry.enum_value("opened_on", description="The latest opened first.")


@strawberry.input(description="Which cases.")
class CaseFilter:
    process: str | None = strawberry.field(default=None, description="Of this process.")
    stage: str | None = strawberry.field(default=None, description="At this stage.")
    open: bool | None = strawberry.field(default=None, description="Open, or ended.")
    child_id: strawberry.ID | None = strawberry.field(default=None, description="Of this child.")


@strawberry.type(description="A case in a list.")
class CaseEdge:
    node: Case = strawberry.field(description="The case.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of cases.")
class CaseConnection:
    edges: list[CaseEdge] = strawberry.field(description="The cases with their places.")
    nodes: list[Case] = strawberry.field(description="The cases.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


async def page_of(
    context: Context,
    first: int | None,
    after: str | None,
    order: CaseOrder | None = CaseOrder.NEXT_DUE,
    chosen: CaseFilter | None = None,
    *,
    only_open: bool = False,
    processes: tuple[str, ...] = (),
) -> CaseConnection:
    """A page of the cases that the caller may list: one statement however many there are."""
    most, by = bounded(first), ORDERS[(order or CaseOrder.NEXT_DUE).name]
    place, narrowed = _place(after, by), _narrowed(chosen, processes, only_open=only_open)
    rows = []
    if narrowed is not None:
        async with context.read() as reading:
            where = reading.standing.where(Object.CASE, Act.LIST)
            rows = await stored.list_cases(reading.session, where, by, place, most + 1, narrowed=narrowed)
            await ready(reading.session, rows)
    shown, ends = cut(rows, most, lambda row: _cursor(row, by), after)
    edges = [CaseEdge(node=case_of(context, row), cursor=at) for row, at in shown]
    return CaseConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


def _narrowed(chosen: CaseFilter | None, processes: tuple[str, ...], *, only_open: bool) -> stored.Narrowed | None:
    """What is asked of the cases; nothing where no case can be meant."""
    asked = chosen or CaseFilter()
    child = key_of("Child", asked.child_id) or as_uuid(asked.child_id) if asked.child_id else None
    if asked.child_id and child is None:
        return None
    is_open = True if only_open else asked.open
    return stored.Narrowed(process=asked.process or None, stage=asked.stage or None, is_open=is_open, child_id=child, processes=processes)


def _cursor(row: stored.CaseFile, by: stored.Order) -> str:
    day, key = row.place(by)
    return cursor(day.isoformat() if day else None, str(key))


def _place(after: str | None, by: stored.Order) -> stored.Place | None:
    parts = after_of(after, 2)
    if parts is None:
        return None
    key = as_uuid(str(parts[1]))
    try:
        day = date.fromisoformat(str(parts[0])) if parts[0] is not None else None
    except ValueError:
        raise bad_cursor() from None
    if key is None or (day is None and by == "opened_on"):  # every case was opened on a day
        raise bad_cursor()
    return (day, key)


async def case_by(context: Context, given: str) -> Case | None:
    """A case that the caller may see; nothing alike for one that is not there and one that is not theirs."""
    key = case_key(given)
    if key is None:
        return None
    context.case_id = str(key)
    async with context.read() as reading:
        found = await stored.read_case(reading.session, key, reading.standing.where(Object.CASE, Act.READ))
        if found:
            await ready(reading.session, [found])
    return case_of(context, found) if found else None
