"""`approveConfiguration`: a second person agrees, never who proposed it nor who changed it last."""

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


@strawberry.input(description="A version that a second person agrees to.")
class ApproveConfigurationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    version: int = strawberry.field(description=VERSION)
    expected_revision: int = strawberry.field(description=EXPECTED)
    why: str = strawberry.field(description=WHY)


async def approve(context: Context, given: ApproveConfigurationInput) -> Recorded:
    """Agree to exactly what was seen."""

    async def step(session: AsyncSession, by: By, standing: Standing) -> Version:
        return await configurations.approve(session, given.version, given.expected_revision, by)

    content = [given.version, given.expected_revision]
    return await configuring.changing(context, "approveConfiguration", configuring.APPROVE, given.key, given.why, content, step)
