"""`withdrawConfiguration`: give up a version that was not published."""

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


@strawberry.input(description="A version that is given up.")
class WithdrawConfigurationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    version: int = strawberry.field(description=VERSION)
    expected_revision: int = strawberry.field(description=EXPECTED)
    why: str = strawberry.field(description=WHY)


async def withdraw(context: Context, given: WithdrawConfigurationInput) -> Recorded:
    """Give it up; the history keeps it."""

    async def step(session: AsyncSession, by: By, standing: Standing) -> Version:
        return await configurations.withdraw(session, given.version, given.expected_revision, by)

    content = [given.version, given.expected_revision]
    return await configuring.changing(context, "withdrawConfiguration", configuring.CONFIGURE, given.key, given.why, content, step)
