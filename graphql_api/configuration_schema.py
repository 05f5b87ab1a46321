"""The part of the schema about what a council sets for itself: what `Query` and `Mutation` inherit, so that `schema.py` stays short."""

from __future__ import annotations

import strawberry
from strawberry import Info

from graphql_api import configuring
from graphql_api.context import context_of
from graphql_api.mutations import (
    approve_configuration,
    draft_configuration,
    edit_configuration,
    propose_configuration,
    publish_configuration,
    roll_back_configuration,
    withdraw_configuration,
)
from graphql_api.mutations.move_cases import MoveCasesInput, MoveCasesResult, move
from graphql_api.queries.configuration_preview import preview
from graphql_api.types.configuration import Configuration, ConfigurationConnection, ConfigurationResult
from graphql_api.types.paging import USUAL
from graphql_api.types.rehearsed import ConfigurationPreviewResult


@strawberry.type(description="What can be asked of a council's configuration.")
class ConfigurationQuery:
    @strawberry.field(description="What the council sets for itself, as it is in force, or one version; null where it sets nothing.")
    async def configuration(self, info: Info, version: int | None = None) -> Configuration | None:
        return await configuring.one_of(context_of(info), version)

    @strawberry.field(description="Every version with its history, the latest first, for those who may read them.")
    async def configurations(self, info: Info, first: int | None = USUAL, after: str | None = None) -> ConfigurationConnection:
        return await configuring.page_of(context_of(info), first, after)

    @strawberry.field(
        description="What a version would do: in words, by the law, and (with `rehearse`) to every open case. `again` works it out anew."
    )
    async def configuration_preview(
        self, info: Info, version: int, rehearse: bool = False, again: bool = False
    ) -> ConfigurationPreviewResult:
        return await preview(context_of(info), version, rehearsing=rehearse, again=again)


@strawberry.type(description="What can be done with a council's configuration.")
class ConfigurationMutation:
    @strawberry.mutation(description="Begin another version of what the council sets for itself.")
    async def draft_configuration(
        self,
        info: Info,
        input: draft_configuration.DraftConfigurationInput,  # noqa: A002
    ) -> ConfigurationResult:
        return await draft_configuration.draft(context_of(info), input)

    @strawberry.mutation(description="Give a version another document, on the revision that was seen.")
    async def edit_configuration(
        self,
        info: Info,
        input: edit_configuration.EditConfigurationInput,  # noqa: A002
    ) -> ConfigurationResult:
        return await edit_configuration.edit(context_of(info), input)

    @strawberry.mutation(description="Prove a draft, and ask a second person to agree to it.")
    async def propose_configuration(
        self,
        info: Info,
        input: propose_configuration.ProposeConfigurationInput,  # noqa: A002
    ) -> ConfigurationResult:
        return await propose_configuration.propose(context_of(info), input)

    @strawberry.mutation(description="Agree to what another person proposed.")
    async def approve_configuration(
        self,
        info: Info,
        input: approve_configuration.ApproveConfigurationInput,  # noqa: A002
    ) -> ConfigurationResult:
        return await approve_configuration.approve(context_of(info), input)

    @strawberry.mutation(description="Put in force what was proved and approved: cases opened from now on are pinned to it.")
    async def publish_configuration(
        self,
        info: Info,
        input: publish_configuration.PublishConfigurationInput,  # noqa: A002
    ) -> ConfigurationResult:
        return await publish_configuration.publish(context_of(info), input)

    @strawberry.mutation(description="Propose what was in force before, as a new version.")
    async def roll_back_configuration(
        self,
        info: Info,
        input: roll_back_configuration.RollBackConfigurationInput,  # noqa: A002
    ) -> ConfigurationResult:
        return await roll_back_configuration.roll_back(context_of(info), input)

    @strawberry.mutation(description="Give up a version that was not published.")
    async def withdraw_configuration(
        self,
        info: Info,
        input: withdraw_configuration.WithdrawConfigurationInput,  # noqa: A002
    ) -> ConfigurationResult:
        return await withdraw_configuration.withdraw(context_of(info), input)

    @strawberry.mutation(
        description="Move open cases to what is in force, each by an entry of its journal; `revision` tells how far it is."
    )
    async def move_cases(self, info: Info, input: MoveCasesInput) -> MoveCasesResult:  # noqa: A002
        return await move(context_of(info), input)
