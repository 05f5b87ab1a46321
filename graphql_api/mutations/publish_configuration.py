"""`publishConfiguration`: put in force what was proved and approved. Cases opened from now on are pinned to it; open ones stay."""

from __future__ import annotations

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from graphql_api import configuring, inputs
from graphql_api.context import Context, Standing
from graphql_api.mutations.draft_configuration import WHY
from graphql_api.mutations.edit_configuration import EXPECTED, VERSION
from graphql_api.types.configuration import Recorded
from store import configurations
from store.configurations import By, Version


@strawberry.input(description="A version to be put in force.")
class PublishConfigurationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    version: int = strawberry.field(description=VERSION)
    expected_revision: int = strawberry.field(description=EXPECTED)
    why: str = strawberry.field(description=WHY)


async def publish(context: Context, given: PublishConfigurationInput) -> Recorded:
    """Publish it, under the law that it was proved under."""

    async def step(session: AsyncSession, by: By, standing: Standing) -> Version:
        law = await configuring.law_now(session, given.version, standing)
        return await configurations.publish(session, given.version, given.expected_revision, by, law)

    content = [given.version, given.expected_revision]
    return await configuring.changing(context, "publishConfiguration", configuring.CONFIGURE, given.key, given.why, content, step)
