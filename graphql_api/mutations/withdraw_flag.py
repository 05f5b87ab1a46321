"""`withdrawFlag`: no new case is pinned to it from now on. Cases that were opened under it go on under it; `killPilot` returns them."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, piloting, register
from graphql_api.context import Context
from graphql_api.mutations.approve_flag import MOVED
from graphql_api.types import piloted, results
from graphql_api.types.flags import setting_of
from policies.actions import Act, Object
from statute.types import Fault
from store import flags


@strawberry.input(description="A setting that is proposed or approved.")
class WithdrawFlagInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    id: strawberry.ID = strawberry.field(description="The setting.")
    expected_revision: int = strawberry.field(description="The revision that was looked at; stale: FlagConflict.")
    why: str = strawberry.field(description="Why.")


async def withdraw(context: Context, given: WithdrawFlagInput) -> piloted.FlagOutcome:
    """Withdraw it once. One person is enough: it takes nothing from anybody."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing = reading.standing
        if (no := piloting.denied(reading, Object.FLAG, Act.WITHDRAW)) is not None:
            return no
        faults: list[Fault] = []
        why = piloting.reason_of(faults, "why", given.why)
        if faults:
            return results.invalid(*faults)
        key = piloting.setting_key(given.id)
        found = await flags.read(reading.session, key, hold=True) if key else None
        if found is None:
            return results.NotFound(say=piloting.NO_SETTING)
        event = piloting.event_id(reading, "withdrawFlag", given.key)
        asked = piloting.fingerprint("withdrawFlag", str(found.id), why)
        before = await piloting.seen_before(reading, event, asked)
        if isinstance(before, results.Invalid):
            return before
        if before is not None:
            return piloted.FlagChanged(setting=setting_of(context, found, standing.today), replayed=True)
        if found.revision != given.expected_revision:
            return piloted.FlagConflict(say=MOVED, setting=setting_of(context, found, standing.today))
        if found.status not in ("proposed", "approved"):
            return results.Refused(say=f"It is {found.status} already.", citations=[])
        changed = await flags.change(reading.session, found, given.expected_revision, status="withdrawn")
        await flags.note(
            reading.session, piloting.done(reading, event, "withdrawn", found.name, why, asked, found.id, variant=found.variant)
        )
        return piloted.FlagChanged(setting=setting_of(context, changed, standing.today), replayed=False)
