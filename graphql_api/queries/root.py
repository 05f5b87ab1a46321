"""What can be asked: one case, lists of cases, children, settings, the law, and who I am."""

from __future__ import annotations

from datetime import date
from enum import Enum

import strawberry
from strawberry import Info

from graphql_api.access_schema import AccessQuery
from graphql_api.configuration_schema import ConfigurationQuery
from graphql_api.context import Context, context_of
from graphql_api.identifiers import as_uuid, cursor, global_id, key_of, split
from graphql_api.loaders import ready
from graphql_api.pilots_schema import PilotsQuery
from graphql_api.places_schema import PlacesQuery
from graphql_api.standards_schema import StandardsQuery
from graphql_api.types.case import Case, case_key, case_of
from graphql_api.types.child import ChildConnection, child_by, children_of
from graphql_api.types.law import Process
from graphql_api.types.paging import USUAL, PageInfo, after_of, bad_cursor, bounded, cut
from graphql_api.types.people import Node, SettingConnection, Tenant, setting_by, settings_of, tenant_of
from graphql_api.types.person import person_by
from graphql_api.types.team import TeamsQuery, processes_of
from graphql_api.types.viewer import Viewer, viewer_of
from graphql_api.webhooks_schema import WebhooksQuery
from policies.actions import Act, Object
from store import cases as stored
from store import inbox
from workflows import library

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


@strawberry.type(description="What became of something that was received.")
class ReceiptStatus:
    receipt: str = strawberry.field(description="Its number.")
    status: str = strawberry.field(description="received, opened or refused.")
    case_id: strawberry.ID = strawberry.field(description="The case that it is, or will be.")


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


@strawberry.type(description="What can be asked.")
class Query(WebhooksQuery, AccessQuery, StandardsQuery, TeamsQuery, PlacesQuery, PilotsQuery, ConfigurationQuery):
    @strawberry.field(description="Anything by its global id; null for what does not exist for the caller.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002 - the name that Relay gives it
        context, found = context_of(info), split(id)
        if found is None:
            return None
        if found[0] == "Case":
            return await case_by(context, id)
        if found[0] == "Child":
            return await child_by(context, found[1])
        if found[0] == "Person":  # the caller, or anybody for those who keep the register
            viewer = await viewer_of(context)
            return viewer if viewer.key == found[1] else await person_by(context, found[1])
        return await setting_by(context, found[1]) if found[0] == "Setting" else None

    @strawberry.field(description="Who am I.")
    async def viewer(self, info: Info) -> Viewer:
        return await viewer_of(context_of(info))

    @strawberry.field(description="The caller's local authority.")
    async def tenant(self, info: Info) -> Tenant:
        async with context_of(info).read() as reading:
            return tenant_of(reading.standing)

    @strawberry.field(description="One case; null for what does not exist and for what the caller may not know exists.")
    async def case(self, info: Info, id: strawberry.ID) -> Case | None:  # noqa: A002
        return await case_by(context_of(info), id)

    @strawberry.field(description="The cases that the caller may list.")
    async def cases(
        self,
        info: Info,
        filter: CaseFilter | None = None,  # noqa: A002
        order_by: CaseOrder | None = CaseOrder.NEXT_DUE,
        first: int | None = USUAL,
        after: str | None = None,
    ) -> CaseConnection:
        return await page_of(context_of(info), first, after, order_by, filter)

    @strawberry.field(description="The caller's open cases, the nearest legal breach first; of one team's processes where a team is named.")
    async def worklist(self, info: Info, first: int | None = USUAL, after: str | None = None, team: str | None = None) -> CaseConnection:
        processes = await processes_of(context_of(info), team) if team else ()
        return await page_of(context_of(info), first, after, only_open=True, processes=processes)

    @strawberry.field(description="A process as it is in force for this council; null when there is none.")
    async def process(self, info: Info, name: str, version: int | None = None) -> Process | None:
        async with context_of(info).read() as reading:
            today = reading.standing.today
        try:
            return Process(source=library.get(name, version) if version else library.in_force(name, today))
        except library.Unknown:
            return None

    @strawberry.field(description="Every process in force.")
    async def processes(self, info: Info) -> list[Process]:
        async with context_of(info).read() as reading:
            return [Process(source=process) for process in library.all_in_force(reading.standing.today)]

    @strawberry.field(description="The children whom the caller may list, by name.")
    async def children(self, info: Info, first: int | None = USUAL, after: str | None = None) -> ChildConnection:
        return await children_of(context_of(info), first, after)

    @strawberry.field(description="Schools and colleges, by name.")
    async def settings(self, info: Info, first: int | None = USUAL, after: str | None = None) -> SettingConnection:
        return await settings_of(context_of(info), first, after)

    @strawberry.field(description="What became of the caller's own request.")
    async def receipt(self, info: Info, number: str) -> ReceiptStatus | None:
        async with context_of(info).read() as reading:
            found = await inbox.find_receipt(reading.session, reading.standing.actor.person_id, number)
        if found is None:
            return None
        return ReceiptStatus(receipt=found.receipt, status=found.status, case_id=global_id("Case", found.case_id))
