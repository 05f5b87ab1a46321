"""The part of the schema about who may see whom: what `Query` and `Mutation` inherit, so that `schema.py` stays short."""

from __future__ import annotations

import strawberry
from strawberry import Info

from graphql_api.context import context_of
from graphql_api.mutations import add_relation as relating
from graphql_api.types.registered import AddRelationResult


@strawberry.type(description="What can be done about who may see whom.")
class AccessMutation:
    @strawberry.mutation(
        description="Record how somebody stands to a child or a setting: kin, work, an order of a court, a grant of support."
    )
    async def add_relation(self, info: Info, input: relating.AddRelationInput) -> AddRelationResult:  # noqa: A002 - the contract's name
        return await relating.add_relation(context_of(info), input)
