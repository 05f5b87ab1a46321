"""`moveCases`: move open cases to the configuration that is in force, each by an entry of its journal; those that would worsen stay."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid5

import strawberry
from sqlalchemy.ext.asyncio import AsyncSession

from graphql_api import configuring, inputs, register
from graphql_api.context import Context, Standing
from graphql_api.mutations.draft_configuration import WHY
from graphql_api.types import results
from graphql_api.types.revisions import Revision, read_revision
from statute.types import Fault
from store import configurations, revisions
from workflows import library

KIND = "configuration"


@strawberry.input(description="The version to which open cases are moved.")
class MoveCasesInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    version: int = strawberry.field(description="The version that is in force.")
    why: str = strawberry.field(description=WHY)


@strawberry.type(description="Open cases are being moved: `revision` tells how far it is, and which cases stay and why.")
class CasesMoving:
    revision: Revision = strawberry.field(description="How far it is.")


Moving = CasesMoving | results.Refused | results.Denied | results.Invalid | results.NotFound
MoveCasesResult = Annotated[Moving, strawberry.union("MoveCasesResult", description="What became of asking to move open cases.")]


async def ask(session: AsyncSession, standing: Standing, version: int, why: str, key: str) -> UUID:
    """Ask the worker to move every open case to what is in force, once for one key; the id of the work."""
    return await revisions.ask(
        session,
        KIND,
        str(version),
        moment=standing.now,
        why=why,
        asked_by=standing.actor.person_id,
        rules_of={name: list(await configurations.in_force(session, name)) for name in library.names()},
        revision_id=uuid5(standing.actor.person_id, f"moveCases:{key}"),
    )


async def move(context: Context, given: MoveCasesInput) -> Moving:
    """Ask for it; the worker does it case by case. The core itself refuses what would make a date of law later or take a right away."""
    faults: list[Fault] = [fault] if (fault := inputs.faulty_key(given.key)) else []
    why = configuring.why_of(faults, given.why)
    if faults:
        return results.invalid(*faults)
    async with register.writing(context) as reading:
        standing, session = reading.standing, reading.session
        may = standing.may(*configuring.CONFIGURE)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        one = await configurations.read(session, given.version)
        if one is None:
            return results.NotFound(say=configuring.NO_VERSION)
        if one.status != "published":
            return results.Refused(say=f"Version {one.version} is {one.status}: cases are moved to what is in force", citations=[])
        asked = await ask(session, standing, one.version, why, given.key)
        found = await read_revision(context, reading, asked)
    if found is None or found.name != str(one.version):
        return results.invalid(register.KEY_USED)
    return CasesMoving(revision=found)
