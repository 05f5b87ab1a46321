"""`proposeConfiguration`: prove a draft, and ask a second person to agree."""

from __future__ import annotations

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from graphql_api import configuring, inputs
from graphql_api.context import Context, Standing
from graphql_api.mutations.draft_configuration import WHY
from graphql_api.mutations.edit_configuration import EXPECTED, VERSION
from graphql_api.types import results
from graphql_api.types.configuration import Recorded
from store import configurations
from store.configurations import By, Version


@strawberry.input(description="A version that a second person is asked to agree to.")
class ProposeConfigurationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    version: int = strawberry.field(description=VERSION)
    expected_revision: int = strawberry.field(description=EXPECTED)
    why: str = strawberry.field(description=WHY)


async def propose(context: Context, given: ProposeConfigurationInput) -> Recorded:
    """Prove it where nobody did yet, then propose it; what does not keep the law is refused with the first thing that breaks it."""
    async with context.read() as reading:
        may = reading.standing.may(*configuring.CONFIGURE)
        one = await configurations.read(reading.session, given.version) if may.allowed else None
    if not may.allowed:
        return results.Denied(reason=may.reason)
    if one is not None and one.status == "draft" and one.revision == given.expected_revision:
        proved = await configuring.prove(context, one)
        if isinstance(proved, results.Unavailable):
            return proved
        if not proved.proved:
            return results.Refused(say=configuring.first_wrong(proved), citations=[])

    async def step(session: AsyncSession, by: By, standing: Standing) -> Version:
        return await configurations.propose(
            session, given.version, given.expected_revision, by, await configuring.law_now(session, given.version, standing)
        )

    content = [given.version, given.expected_revision]
    return await configuring.changing(context, "proposeConfiguration", configuring.CONFIGURE, given.key, given.why, content, step)
