"""`draftConfiguration`: begin another version, from a document, from an earlier version, or from what is in force."""

from __future__ import annotations

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from graphql_api import configuring, inputs
from graphql_api.context import Context, Standing
from graphql_api.types import results
from graphql_api.types.configuration import Recorded
from statute.types import Fault
from store import configurations
from store.configurations import By, Version
from tenants.configuration import empty, parse_configuration
from workflows.configuring import Weighed

WHY = "Why: the history tells it for ever."
YAML = "The whole document, as docs/configuration.md describes it; JSON is YAML too."


@strawberry.input(description="What a draft begins from: a document, an earlier version, or (neither given) what is in force.")
class DraftConfigurationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    why: str = strawberry.field(description=WHY)
    yaml: str | None = strawberry.field(default=None, description=YAML)
    version: int | None = strawberry.field(default=None, description="An earlier version, to begin from its document.")


class Strangers(Exception):  # noqa: N818
    """The document names people whom the council does not know."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__()
        self.faults = faults


async def draft(context: Context, given: DraftConfigurationInput) -> Recorded:
    """Begin it. What no council may do is told by the preview; a draft may hold it, and nothing else may."""
    if given.yaml is not None and given.version is not None:
        what, why = "is given besides a document", "a draft begins from one thing"
        return results.invalid(Fault("version", what, why, "give one of the two"))
    read = await configuring.weighed(context, configuring.CONFIGURE, given.yaml) if given.yaml is not None else None
    if read is not None and not isinstance(read, Weighed):
        return read

    async def step(session: AsyncSession, by: By, standing: Standing) -> Version:
        if read is not None and read.document is not None:
            found = parse_configuration(read.document)
            if faults := await configuring.strangers(session, found):
                raise Strangers(faults)
            return await configurations.draft(session, by, read.document, read.digest)
        source = await (configurations.published(session) if given.version is None else configurations.read(session, given.version))
        if source is None and given.version is not None:
            raise configurations.Missing
        if source is None:
            return await configurations.draft(session, by, dict(empty().document), empty().digest)
        return await configurations.draft(session, by, source.document, source.digest)

    content = [given.yaml, given.version]
    try:
        return await configuring.changing(context, "draftConfiguration", configuring.CONFIGURE, given.key, given.why, content, step)
    except Strangers as strangers:
        return results.invalid(*strangers.faults)
