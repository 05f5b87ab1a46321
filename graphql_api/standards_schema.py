"""The part of the schema about mediators: what `Query` and `Mutation` inherit, so that `schema.py` stays short."""

from __future__ import annotations

import strawberry
from strawberry import Info

from graphql_api.context import context_of
from graphql_api.mutations import add_mediator, renew_accreditation, suspend_mediator
from graphql_api.types.mediator import MediatorConnection, MediatorResult, mediators_of
from graphql_api.types.paging import USUAL


@strawberry.type(description="What can be asked of the register of mediators.")
class StandardsQuery:
    @strawberry.field(description="The council's register of mediators, for those who may read it: whose accreditation ends first.")
    async def mediators(
        self, info: Info, first: int | None = USUAL, after: str | None = None, ending_within_days: int | None = None
    ) -> MediatorConnection:
        return await mediators_of(context_of(info), first, after, ending_within_days)


@strawberry.type(description="What can be done with the register of mediators.")
class StandardsMutation:
    @strawberry.mutation(description="Put somebody in the register of mediators: nobody whom a council or a health body employs.")
    async def add_mediator(self, info: Info, input: add_mediator.AddMediatorInput) -> MediatorResult:  # noqa: A002
        return await add_mediator.add_mediator(context_of(info), input)

    @strawberry.mutation(description="Record an accreditation anew; it ends a suspension.")
    async def renew_accreditation(
        self,
        info: Info,
        input: renew_accreditation.RenewAccreditationInput,  # noqa: A002
    ) -> MediatorResult:
        return await renew_accreditation.renew_accreditation(context_of(info), input)

    @strawberry.mutation(description="Suspend a mediator: assigned to no case from now on.")
    async def suspend_mediator(self, info: Info, input: suspend_mediator.SuspendMediatorInput) -> MediatorResult:  # noqa: A002
        return await suspend_mediator.suspend_mediator(context_of(info), input)
