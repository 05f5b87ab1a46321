"""`rollBackConfiguration`: propose what was in force before, as a new version. A second person approves it, and then it is published."""

from __future__ import annotations

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from graphql_api import configuring, inputs
from graphql_api.context import Context, Standing
from graphql_api.mutations.draft_configuration import WHY
from graphql_api.types import results
from graphql_api.types.configuration import Recorded
from store import configurations
from store.configurations import By, Version


@strawberry.input(description="An earlier version to go back to.")
class RollBackConfigurationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    to: int = strawberry.field(description="The version that was in force before.")
    why: str = strawberry.field(description=WHY)


async def roll_back(context: Context, given: RollBackConfigurationInput) -> Recorded:
    """Draft and propose the earlier document at once. Its proof is used again where the law is the same, and made anew where it is not."""
    async with context.read() as reading:
        may = reading.standing.may(*configuring.CONFIGURE)
        one = await configurations.read(reading.session, given.to) if may.allowed else None
    if not may.allowed:
        return results.Denied(reason=may.reason)
    if one is None:
        return results.NotFound(say=configuring.NO_VERSION)
    if one.status != "superseded":
        return results.Refused(say=f"Version {given.to} is {one.status}: one goes back to what was in force before", citations=[])
    proved = await configuring.prove(context, one)
    if isinstance(proved, results.Unavailable):
        return proved
    if not proved.proved:
        return results.Refused(say=configuring.first_wrong(proved), citations=[])

    async def step(session: AsyncSession, by: By, standing: Standing) -> Version:
        return await configurations.roll_back(session, by, proved, configuring.law_of(proved, standing))

    return await configuring.changing(context, "rollBackConfiguration", configuring.CONFIGURE, given.key, given.why, [given.to], step)
