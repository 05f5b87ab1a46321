"""`publishConfiguration`: put in force what was proved and approved. Cases opened from now on are pinned to it; open ones stay, or are moved.

With open cases it is published only where none of them would worsen against the law: a rehearsal of the whole caseload says so first.
"""

from __future__ import annotations

from enum import Enum

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from graphql_api import configuring, inputs
from graphql_api.context import Context, Standing
from graphql_api.mutations.draft_configuration import WHY
from graphql_api.mutations.edit_configuration import EXPECTED, VERSION
from graphql_api.mutations.move_cases import ask
from graphql_api.types import results
from graphql_api.types.configuration import Recorded
from store import configurations
from store.configurations import By, Version
from tenants.configuration import empty


@strawberry.enum(description="What becomes of the cases that are open.")
class OpenCases(Enum):
    STAY = strawberry.enum_value(
        "stay", description="They stay under what they were opened under. `moveCases` can move them later, case by case."
    )
    MOVE = strawberry.enum_value("move", description="All are moved; nothing is published where one would be worse against the law.")


@strawberry.input(description="A version to be put in force.")
class PublishConfigurationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    version: int = strawberry.field(description=VERSION)
    expected_revision: int = strawberry.field(description=EXPECTED)
    why: str = strawberry.field(description=WHY)
    open_cases: OpenCases = strawberry.field(default=OpenCases.STAY, description="What becomes of the cases that are open.")


async def publish(context: Context, given: PublishConfigurationInput) -> Recorded:
    """Publish it, under the law that it was proved under."""
    moving = given.open_cases is OpenCases.MOVE
    if moving and (blocked := await _blocked(context, given.version)) is not None:
        return blocked

    async def step(session: AsyncSession, by: By, standing: Standing) -> Version:
        law = await configuring.law_now(session, given.version, standing)
        live = await configurations.publish(session, given.version, given.expected_revision, by, law)
        if moving:
            await ask(session, standing, live.version, by.why, given.key)
        return live

    content = [given.version, given.expected_revision, *([given.open_cases.value] if moving else [])]
    return await configuring.changing(context, "publishConfiguration", configuring.CONFIGURE, given.key, given.why, content, step)


async def _blocked(context: Context, version: int) -> Recorded | None:
    """Why it cannot be published with the open cases: one would worsen, it may not be asked, or it could not be worked out."""
    async with context.read() as reading:
        may = reading.standing.may(*configuring.CONFIGURE)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        one, now = await configurations.read(reading.session, version), await configurations.published(reading.session)
    if one is None:
        return results.NotFound(say=configuring.NO_VERSION)
    if one.status != "approved":
        return None  # `publish` says what it is, and a repetition is the same act
    old = configuring.read_document(now) if now else empty()
    processes = sorted({*configuring.read_document(one).processes, *old.processes})
    found = await configuring.rehearse(context, one, processes, again=True)
    if isinstance(found, results.Unavailable):
        return found
    if not found["worsen"]:
        return None
    say = f"{found['worsen']} of {found['looked_at']} open cases would be worse against the law: the preview lists them. Publish it and let them stay"
    return results.Refused(say=say, citations=[])
