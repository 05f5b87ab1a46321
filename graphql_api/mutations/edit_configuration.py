"""`editConfiguration`: another document for a version that is not published. What was proposed or approved is a draft again."""

from __future__ import annotations

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from graphql_api import configuring, inputs
from graphql_api.context import Context, Standing
from graphql_api.mutations.draft_configuration import WHY, YAML, Strangers
from graphql_api.types import results
from graphql_api.types.configuration import Recorded
from store import configurations
from store.configurations import By, Version
from tenants.configuration import parse_configuration
from workflows.configuring import Weighed

EXPECTED = "The revision that the caller had seen; stale: ConfigurationConflict with what is there now."
VERSION = "The number of the version."


@strawberry.input(description="Another document for a version.")
class EditConfigurationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    version: int = strawberry.field(description=VERSION)
    expected_revision: int = strawberry.field(description=EXPECTED)
    yaml: str = strawberry.field(description=YAML)
    why: str = strawberry.field(description=WHY)


async def edit(context: Context, given: EditConfigurationInput) -> Recorded:
    """Change it, on the revision that was seen."""
    read = await configuring.weighed(context, configuring.CONFIGURE, given.yaml)
    if not isinstance(read, Weighed):
        return read
    document = read.document or {}

    async def step(session: AsyncSession, by: By, standing: Standing) -> Version:
        if faults := await configuring.strangers(session, parse_configuration(document)):
            raise Strangers(faults)
        return await configurations.edit(session, given.version, given.expected_revision, by, document, read.digest)

    content = [given.version, given.expected_revision, given.yaml]
    try:
        return await configuring.changing(context, "editConfiguration", configuring.CONFIGURE, given.key, given.why, content, step)
    except Strangers as strangers:
        return results.invalid(*strangers.faults)
