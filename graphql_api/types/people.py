"""Where: the council, and schools and colleges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context, Standing
from graphql_api.identifiers import as_uuid, cursor, global_id
from graphql_api.types.paging import PageInfo, after_of, bad_cursor, bounded, cut
from policies.actions import Act, Object
from store import people

if TYPE_CHECKING:
    from graphql_api.types.person import Relation


@strawberry.interface(description="Anything with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, and the same for ever.")


@strawberry.type(description="From its first to its last day, less the days on which the setting is closed.")
class Term:
    first: date = strawberry.field(description="Its first day.")
    last: date = strawberry.field(description="Its last day, included.")
    closed: list[date] = strawberry.field(description="The days in it on which the setting is closed.")


@strawberry.type(description="A school, college or other place of education.")
class Setting(Node):
    context: Private[Context]
    key: Private[UUID]
    name: str = strawberry.field(description="Its name.")
    kind: str = strawberry.field(description="What kind it is.")
    urn: str | None = strawberry.field(description="Its unique reference number.")

    @strawberry.field(description="Its terms as the council knows them, the earliest first: school days are counted in them.")
    async def terms(self) -> list[Term]:
        found = await self.context.loaders.terms.load(self.key)
        return [Term(first=one.first, last=one.last, closed=sorted(one.closed)) for one in found]

    @strawberry.field(description="Who works there, for those who may list people; empty for others.")
    async def relations(self) -> list[Annotated[Relation, strawberry.lazy("graphql_api.types.person")]]:
        from graphql_api.types.person import relations_of  # a relation knows its setting, and a setting its relations

        return await relations_of(self.context, self.key)


@strawberry.type(description="A setting in a list.")
class SettingEdge:
    node: Setting = strawberry.field(description="The setting.")
    cursor: str = strawberry.field(description="Its place in the list.")


@strawberry.type(description="A page of settings.")
class SettingConnection:
    edges: list[SettingEdge] = strawberry.field(description="The settings with their places.")
    nodes: list[Setting] = strawberry.field(description="The settings.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


@strawberry.enum(description="Whether a council can be acted in.")
class TenantStatus(Enum):
    ACTIVE = strawberry.enum_value("active", description="As usual.")
    SUSPENDED = strawberry.enum_value("suspended", description="Nobody may act; every limit of the law goes on.")
    CLOSED = strawberry.enum_value("closed", description="It has ended; its records stay, for auditors.")


@strawberry.type(description="The caller's local authority.")
class Tenant:
    slug: str = strawberry.field(description="Its short name.")
    name: str = strawberry.field(description="Its name.")
    dfe_code: str = strawberry.field(description="Its code at the Department for Education.")
    gss_code: str = strawberry.field(description="Its code at the Office for National Statistics.")
    training: bool = strawberry.field(description="Whether it is for training: nobody is real and its clock can be advanced.")
    today: date = strawberry.field(description="Its civil date now.")
    now: datetime = strawberry.field(description="Its instant now.")
    status: TenantStatus = strawberry.field(description="Whether it can be acted in.")
    opened_on: date | None = strawberry.field(description="From when it has its duties, where that is known.")
    closed_on: date | None = strawberry.field(description="The day of its end.")
    successors: list[str] = strawberry.field(description="The short names of the councils that take its duties over, or took them.")


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
        status=TenantStatus(one.status),
        opened_on=one.opened_on,
        closed_on=one.closed_on,
        successors=sorted(one.successors),
    )


def setting_of(context: Context, one: people.Setting) -> Setting:
    """A setting for those who may see it."""
    return Setting(id=global_id("Setting", one.id), context=context, key=one.id, name=one.name, kind=one.kind, urn=one.urn)


async def setting_by(context: Context, key: UUID | None) -> Setting | None:
    """A setting by its key, if there is one that the caller may see; many of one answer are one statement."""
    found = await context.loaders.setting.load(key) if key else None
    return setting_of(context, found) if found else None


async def settings_by(context: Context, keys: Sequence[UUID | None]) -> list[Setting | None]:
    """The same for many keys, in their order."""
    wanted = list({key for key in keys if key})
    found = dict(zip(wanted, await context.loaders.setting.load_many(wanted), strict=True)) if wanted else {}
    return [setting_of(context, one) if key and (one := found[key]) else None for key in keys]


async def settings_of(context: Context, first: int | None, after: str | None) -> SettingConnection:
    """A page of the settings that the caller may list, by name."""
    most, begins = bounded(first), after_of(after, 1)
    async with context.read() as reading:
        where = reading.standing.where(Object.SETTING, Act.LIST)
        place = None
        if begins is not None:
            key = as_uuid(str(begins[0]))
            last = await people.list_settings(reading.session, where=where, ids=[key]) if key else []
            if not last:
                raise bad_cursor()
            place = (last[0].name, last[0].id)
        rows = await people.list_settings(reading.session, place, most + 1, where=where)
    shown, ends = cut(rows, most, lambda row: cursor(str(row.id)), after)
    edges = [SettingEdge(node=setting_of(context, row), cursor=at) for row, at in shown]
    return SettingConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)
