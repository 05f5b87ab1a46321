"""A child as clients see it, with the child's cases and the one timeline across them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid, cursor, global_id
from graphql_api.together import one_of, together
from graphql_api.types.paging import USUAL, PageInfo, after_of, bad_cursor, bounded, cut
from graphql_api.types.people import Node, Setting, setting_by, settings_by
from graphql_api.types.timeline import TimelineConnection, timelines_of
from policies.actions import Act, Object
from store import people

if TYPE_CHECKING:
    from graphql_api.types.case import Case
    from graphql_api.types.person import Relation


async def _settings(children: Sequence[Child]) -> list[Setting | None]:
    return await settings_by(children[0].context, [one.setting_key for one in children])


async def _timelines(children: Sequence[Child], first: int | None = USUAL, after: str | None = None) -> list[TimelineConnection]:
    return await timelines_of(children[0].context, [one.key for one in children], first, after)


@strawberry.type(description="A child or young person. Personal data.")
class Child(Node):
    context: Private[Context]
    key: Private[UUID]
    setting_key: Private[UUID | None]
    given_name: str = strawberry.field(description="Personal data.")
    family_name: str = strawberry.field(description="Personal data.")
    born_on: date = strawberry.field(description="Personal data.")
    upn: str | None = strawberry.field(description="Unique pupil number. Personal data.")

    @strawberry.field(description="The child's cases that the caller may list, the newest first.")
    async def cases(self) -> list[Annotated[Case, strawberry.lazy("graphql_api.types.case")]]:
        from graphql_api.types.case import case_of  # a case knows its child, and a child its cases

        return [case_of(self.context, file) for file in await self.context.loaders.cases_of_child.load(self.key)]

    @strawberry.field(description="The school or college where the child is on roll.")
    @together(_settings)
    async def setting(self) -> Setting | None:
        return await setting_by(self.context, self.setting_key)

    @strawberry.field(description="The child's parents, and who is the young person, for those who may list people; empty for others.")
    async def relations(self) -> list[Annotated[Relation, strawberry.lazy("graphql_api.types.person")]]:
        from graphql_api.types.person import relations_of  # a relation knows its child, and a child its relations

        return await relations_of(self.context, self.key)

    @strawberry.field(
        description="What happened in all the child's cases whose journal the caller may read, in one order: by the day it happened."
    )
    @together(_timelines)
    async def timeline(self, first: int | None = USUAL, after: str | None = None) -> TimelineConnection:
        return await one_of(self, _timelines, first=first, after=after)


@strawberry.type(description="A child in a list.")
class ChildEdge:
    node: Child = strawberry.field(description="The child.")
    cursor: str = strawberry.field(description="Their place in the list.")


@strawberry.type(description="A page of children.")
class ChildConnection:
    edges: list[ChildEdge] = strawberry.field(description="The children with their places.")
    nodes: list[Child] = strawberry.field(description="The children.")
    page_info: PageInfo = strawberry.field(description="Where the page ends.")


def child_of(context: Context, one: people.Child) -> Child:
    """A child for those who may see it."""
    return Child(
        id=global_id("Child", one.id),
        context=context,
        key=one.id,
        setting_key=one.setting_id,
        given_name=one.given_name,
        family_name=one.family_name,
        born_on=one.born_on,
        upn=one.upn,
    )


async def child_by(context: Context, key: UUID | None) -> Child | None:
    """A child by its key, if it is one that the caller may see; many of one answer are one statement."""
    found = await context.loaders.child.load(key) if key else None
    return child_of(context, found) if found else None


async def children_by(context: Context, keys: Sequence[UUID]) -> list[Child | None]:
    """The same for many keys, in their order."""
    wanted = list(set(keys))
    found = dict(zip(wanted, await context.loaders.child.load_many(wanted), strict=True))
    return [child_of(context, one) if (one := found[key]) else None for key in keys]


async def children_of(context: Context, first: int | None, after: str | None) -> ChildConnection:
    """A page of the children whom the caller may list, by name. A cursor holds a child's id and never a name."""
    most, begins = bounded(first), after_of(after, 1)
    async with context.read() as reading:
        where = reading.standing.where(Object.CHILD, Act.LIST)
        place = None
        if begins is not None:
            key = as_uuid(str(begins[0]))
            last = await people.list_children(reading.session, where=where, ids=[key]) if key else []
            if not last:
                raise bad_cursor()
            place = (last[0].family_name, last[0].given_name, last[0].id)
        rows = await people.list_children(reading.session, place, most + 1, where=where)
    shown, ends = cut(rows, most, lambda row: cursor(str(row.id)), after)
    edges = [ChildEdge(node=child_of(context, row), cursor=at) for row, at in shown]
    return ChildConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)
