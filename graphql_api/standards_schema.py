"""The part of the schema about mediators and standards: what `Query` and `Mutation` inherit, so that `schema.py` stays short."""

from __future__ import annotations

from datetime import date

import strawberry
from strawberry import Info

from graphql_api.context import context_of
from graphql_api.mutations import (
    add_mediator,
    draft_local_provision,
    propose_provision,
    publish_local_provision,
    renew_accreditation,
    suspend_mediator,
)
from graphql_api.types.mediator import MediatorConnection, MediatorResult, mediators_of
from graphql_api.types.paging import USUAL
from graphql_api.types.provided import LocalProvisionResult, ProvisionResult
from graphql_api.types.standards import Catalogue, LocalProvision, local_provision_of, national_of


@strawberry.type(description="What can be asked of mediators and of standards.")
class StandardsQuery:
    @strawberry.field(description="The council's register of mediators, for those who may read it: whose accreditation ends first.")
    async def mediators(
        self, info: Info, first: int | None = USUAL, after: str | None = None, ending_within_days: int | None = None
    ) -> MediatorConnection:
        return await mediators_of(context_of(info), first, after, ending_within_days)

    @strawberry.field(
        description="An example of the National Standards that were proposed and never published: not law. Null before the first."
    )
    async def national_standards(self, info: Info, on: date | None = None) -> Catalogue | None:
        return await national_of(context_of(info), on)

    @strawberry.field(description="What the council's local inclusion plan offers, on a day; left out: today.")
    async def local_provision(self, info: Info, on: date | None = None) -> LocalProvision:
        return await local_provision_of(context_of(info), on)


@strawberry.type(description="What can be done with mediators and with provision.")
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

    @strawberry.mutation(description="Draft what the local inclusion plan offers, as a file in YAML.")
    async def draft_local_provision(
        self,
        info: Info,
        input: draft_local_provision.DraftLocalProvisionInput,  # noqa: A002
    ) -> LocalProvisionResult:
        return await draft_local_provision.draft_local_provision(context_of(info), input)

    @strawberry.mutation(description="Publish the draft of the local provision: it gets a number and never changes.")
    async def publish_local_provision(
        self,
        info: Info,
        input: publish_local_provision.PublishLocalProvisionInput,  # noqa: A002
    ) -> LocalProvisionResult:
        return await publish_local_provision.publish_local_provision(context_of(info), input)

    @strawberry.mutation(description="Propose a draft plan's provision: what departs from a standard needs a reason. No step waits for it.")
    async def propose_provision(self, info: Info, input: propose_provision.ProposeProvisionInput) -> ProvisionResult:  # noqa: A002
        return await propose_provision.propose_provision(context_of(info), input)
