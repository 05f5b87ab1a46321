"""The part of the schema about who may see whom: what `Query` and `Mutation` inherit, so that `schema.py` stays short."""

from __future__ import annotations

import strawberry
from strawberry import Info

from graphql_api.context import context_of
from graphql_api.mutations import add_relation as relating
from graphql_api.mutations import break_glass as breaking
from graphql_api.queries import across, explaining
from graphql_api.queries.across import AcrossConnection
from graphql_api.queries.explaining import AccessExplained
from graphql_api.types.broken import BreakConnection, breaks_of
from graphql_api.types.paging import USUAL
from graphql_api.types.registered import AddRelationResult


@strawberry.type(description="What can be asked about who may see whom.")
class AccessQuery:
    @strawberry.field(
        description="Every time somebody opened a case in which they have no part, the latest first: for managers and auditors."
    )
    async def glass_breaks(self, info: Info, first: int | None = USUAL, after: str | None = None) -> BreakConnection:
        return await breaks_of(context_of(info), first, after)

    @strawberry.field(description="Why somebody may or may not do something: for managers and auditors, of what they may see themselves.")
    async def explain_access(
        self,
        info: Info,
        subject: str,
        object: str,  # noqa: A002 - the policy's word
        act: str,
        id: strawberry.ID | None = None,  # noqa: A002
    ) -> AccessExplained | None:
        return await explaining.explain_access(context_of(info), subject, object, act, id)

    @strawberry.field(description="The caller's open cases in every council that the token names, the nearest legal limit first.")
    async def worklist_across(
        self, info: Info, first: int | None = USUAL, after: str | None = None, councils: list[str] | None = None
    ) -> AcrossConnection:
        return await across.worklist_across(context_of(info), first, after, councils)


@strawberry.type(description="What can be done about who may see whom.")
class AccessMutation:
    @strawberry.mutation(
        description="Record how somebody stands to a child or a setting: kin, work, an order of a court, a grant of support."
    )
    async def add_relation(self, info: Info, input: relating.AddRelationInput) -> AddRelationResult:  # noqa: A002 - the contract's name
        return await relating.add_relation(context_of(info), input)

    @strawberry.mutation(
        description="Open a case in which you have no part, with a reason, until the end of the day; the managers are told."
    )
    async def break_glass(self, info: Info, input: breaking.BreakGlassInput) -> breaking.BreakGlassResult:  # noqa: A002
        return await breaking.break_glass(context_of(info), input)
