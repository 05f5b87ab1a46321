"""`publishLocalProvision`: the draft becomes a numbered version that never changes, and is looked at from a day on."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs, providing, register
from graphql_api.context import Context
from graphql_api.types import results
from graphql_api.types.provided import LocalProvisionOutcome
from policies.actions import Act, Object
from statute.types import Fault
from store import local_provision, turns


@strawberry.input(description="The draft is to be published.")
class PublishLocalProvisionInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    expected_version: int = strawberry.field(
        description="The version of the draft that the caller had seen; stale: LocalProvisionConflict."
    )
    in_force_from: date | None = strawberry.field(
        default=None, description="From which day plans are compared with it: today or later; left out: today."
    )
    why: str = strawberry.field(description="Why: for who reads the history later.")


async def publish_local_provision(context: Context, given: PublishLocalProvisionInput) -> LocalProvisionOutcome:
    """Publish it once. Plans that were compared before keep what they were compared with."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        session, standing = reading.session, reading.standing
        may = standing.may(Object.TENANT, Act.CONFIGURE)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        faults: list[Fault] = []
        why = register.prose_of(faults, "why", given.why)
        row = register.row_id(reading, "local_provision", given.key)
        await turns.take(session, "local_provision")
        known, last = await local_provision.find(session, row), await local_provision.last(session)
        since = given.in_force_from or (known.in_force_from if known else None) or standing.today
        if known is None and since < standing.today:
            faults.append(Fault("inForceFrom", "has passed", "what plans were compared with stays", "give today or a later day"))
        if faults:
            return results.invalid(*faults)
        draft = known or last
        if draft is None:
            return results.NotFound(say=providing.NO_DRAFT)
        if known is None and draft.what != local_provision.DRAFTED and draft.step == given.expected_version:
            return results.NotFound(say=providing.NO_DRAFT)
        new = local_provision.Step(
            given.expected_version + 1,
            row,
            local_provision.PUBLISHED,
            known.version if known else await local_provision.published(session) + 1,
            since,
            draft.yaml,
            draft.document,
            why,
            standing.person.id,
            standing.now,
        )
        return await providing.step(context, reading, given.expected_version, new, last)
