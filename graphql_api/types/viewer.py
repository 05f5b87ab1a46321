"""Who is asking: roles and permissions come from the sign-in, relations from what the council has on record today."""

from __future__ import annotations

from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import global_id
from graphql_api.types.people import Node, Tenant, tenant_of
from graphql_api.types.person import Relation, relation_of
from policies import enforcer
from store import people


@strawberry.type(description="Who is asking.")
class Viewer(Node):
    context: Private[Context]
    key: Private[UUID]
    name: str = strawberry.field(description="The caller's own name.")
    tenant: Tenant = strawberry.field(description="Where.")
    roles: list[str] = strawberry.field(description="As what, whatever they are related to.")
    permissions: list[str] = strawberry.field(description="What these roles may do, as object.act. On which rows, relations decide.")

    @strawberry.field(description="Whose parent they are, who they are, where they work: what holds today.")
    async def relations(self) -> list[Relation]:
        async with self.context.read() as reading:
            found = await people.list_relations(reading.session, reading.standing.today, person_id=self.key)
        return [relation_of(self.context, one) for one in found]


async def viewer_of(context: Context) -> Viewer:
    """The caller."""
    async with context.read() as reading:
        standing = reading.standing
    roles = standing.actor.roles
    granted = {f"{obj}.{act}" for obj, act, role, _, effect in enforcer.national().rules() if effect == "allow" and role in roles}
    return Viewer(
        id=global_id("Person", standing.person.id),
        context=context,
        key=standing.person.id,
        name=standing.person.name,
        tenant=tenant_of(standing),
        roles=sorted(roles),
        permissions=sorted(granted),
    )
