"""What can be asked: one case, lists of cases, children, settings, the law, and who I am."""

from __future__ import annotations

import strawberry
from strawberry import Info

from graphql_api.access_schema import AccessQuery
from graphql_api.configuration_schema import ConfigurationQuery
from graphql_api.context import context_of
from graphql_api.identifiers import global_id, split
from graphql_api.pilots_schema import PilotsQuery
from graphql_api.places_schema import PlacesQuery
from graphql_api.queries.cases import CaseConnection, CaseFilter, CaseOrder, case_by, page_of
from graphql_api.standards_schema import StandardsQuery
from graphql_api.types.case import Case
from graphql_api.types.child import ChildConnection, child_by, children_of
from graphql_api.types.law import Process
from graphql_api.types.paging import USUAL
from graphql_api.types.people import Node, SettingConnection, Tenant, setting_by, settings_of, tenant_of
from graphql_api.types.person import person_by
from graphql_api.types.team import TeamsQuery, processes_of
from graphql_api.types.viewer import Viewer, viewer_of
from graphql_api.webhooks_schema import WebhooksQuery
from store import inbox
from workflows import library


@strawberry.type(description="What became of something that was received.")
class ReceiptStatus:
    receipt: str = strawberry.field(description="Its number.")
    status: str = strawberry.field(description="received, opened or refused.")
    case_id: strawberry.ID = strawberry.field(description="The case that it is, or will be.")


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
