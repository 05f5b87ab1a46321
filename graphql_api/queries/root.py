"""What can be asked: one case, lists of cases, children, settings, the law, and who I am."""

from __future__ import annotations

from datetime import date
from enum import Enum

import strawberry
from strawberry import Info

from graphql_api.context import Context, Standing, context_of
from graphql_api.identifiers import as_uuid, cursor, global_id, key_of, read_cursor, split
from graphql_api.types.case import Case, PageInfo, case_key, case_of
from graphql_api.types.law import Process
from graphql_api.types.people import Child, Node, Setting, Tenant, Viewer, child_of, setting_of
from policies.actions import Act, Object
from store import cases as stored
from store import inbox, people
from store.tables import case_file
from workflows import library

MOST = 100
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


def tenant_of(standing: Standing) -> Tenant:
    """The caller's council, with its time."""
    one = standing.tenant
    return Tenant(
        slug=one.tenant,
        name=one.name,
        dfe_code=one.dfe_code,
        gss_code=one.gss_code,
        training=one.training,
        today=standing.today,
        now=standing.now,
    )


async def page_of(
    context: Context,
    first: int,
    after: str | None,
    order: CaseOrder = CaseOrder.NEXT_DUE,
    chosen: CaseFilter | None = None,
    *,
    only_open: bool = False,
) -> CaseConnection:
    """A page of the cases that the caller may list: one statement however many there are."""
    first = max(1, min(first, MOST))
    place = _place(after)
    async with context.read() as reading:
        where = reading.standing.where(Object.CASE, Act.LIST)
        if chosen is not None:
            where = where & (case_file.c.process == chosen.process) if chosen.process else where
            where = where & (case_file.c.stage == chosen.stage) if chosen.stage else where
            if chosen.open is not None:
                where = where & (case_file.c.closed_on.is_(None) if chosen.open else case_file.c.closed_on.is_not(None))
            if chosen.child_id:
                child = key_of("Child", chosen.child_id) or as_uuid(chosen.child_id)
                where = where & (case_file.c.child_id == child)
        if only_open:
            where = where & case_file.c.closed_on.is_(None)
        rows = await stored.list_cases(reading.session, where, ORDERS[order.name], place, first + 1)
    shown = [(case_of(row), _cursor(row, order)) for row in rows[:first]]
    return CaseConnection(
        edges=[CaseEdge(node=case, cursor=at) for case, at in shown],
        nodes=[case for case, _ in shown],
        page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=shown[-1][1] if shown else None),
    )


def _cursor(row: stored.CaseFile, order: CaseOrder) -> str:
    day, key = row.place(ORDERS[order.name])
    return cursor(day.isoformat() if day else None, str(key))


def _place(after: str | None) -> stored.Place | None:
    parts = read_cursor(after, 2) if after else None
    key = as_uuid(str(parts[1])) if parts else None
    if parts is None or key is None:
        return None
    try:
        return (date.fromisoformat(str(parts[0])) if parts[0] else None, key)
    except ValueError:
        return None


async def case_by(context: Context, given: str) -> Case | None:
    """A case that the caller may see; nothing alike for one that is not there and one that is not theirs."""
    key = case_key(given)
    if key is None:
        return None
    context.case_id = str(key)
    async with context.read() as reading:
        found = await stored.read_case(reading.session, key, reading.standing.where(Object.CASE, Act.READ))
    return case_of(found) if found else None


@strawberry.type(description="What can be asked.")
class Query:
    @strawberry.field(description="Anything by its global id; null for what does not exist for the caller.")
    async def node(self, info: Info, id: strawberry.ID) -> Node | None:  # noqa: A002 - the name that Relay gives it
        context, found = context_of(info), split(id)
        if found is None:
            return None
        if found[0] == "Case":
            return await case_by(context, id)
        if found[0] == "Child":
            child = await context.loaders.child.load(found[1])
            return child_of(child) if child else None
        setting = await context.loaders.setting.load(found[1]) if found[0] == "Setting" else None
        return setting_of(setting) if setting else None

    @strawberry.field(description="Who am I.")
    async def viewer(self, info: Info) -> Viewer:
        async with context_of(info).read() as reading:
            standing = reading.standing
            key = global_id("Person", standing.person.id)
            return Viewer(id=key, name=standing.person.name, tenant=tenant_of(standing), roles=sorted(standing.actor.roles))

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
        order_by: CaseOrder = CaseOrder.NEXT_DUE,
        first: int = 50,
        after: str | None = None,
    ) -> CaseConnection:
        return await page_of(context_of(info), first, after, order_by, filter)

    @strawberry.field(description="The caller's open cases, the nearest legal breach first.")
    async def worklist(self, info: Info, first: int = 50, after: str | None = None) -> CaseConnection:
        return await page_of(context_of(info), first, after, only_open=True)

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
            return [Process(source=library.in_force(name, reading.standing.today)) for name in library.names()]

    @strawberry.field(description="The children whom the caller may list.")
    async def children(self, info: Info, first: int = 50) -> list[Child]:
        async with context_of(info).read() as reading:
            where = reading.standing.where(Object.CHILD, Act.LIST)
            return [child_of(one) for one in await people.list_children(reading.session, limit=max(1, min(first, MOST)), where=where)]

    @strawberry.field(description="Schools and colleges.")
    async def settings(self, info: Info, first: int = 50) -> list[Setting]:
        async with context_of(info).read() as reading:
            where = reading.standing.where(Object.SETTING, Act.LIST)
            return [setting_of(one) for one in await people.list_settings(reading.session, limit=max(1, min(first, MOST)), where=where)]

    @strawberry.field(description="What became of the caller's own request.")
    async def receipt(self, info: Info, number: str) -> ReceiptStatus | None:
        async with context_of(info).read() as reading:
            found = await inbox.find_receipt(reading.session, number)
        if found is None:
            return None
        return ReceiptStatus(receipt=found.receipt, status=found.status, case_id=global_id("Case", found.case_id))
