"""`approveFlag`: a second administrator agrees to what another proposed. From its first day new cases are pinned to it."""

from __future__ import annotations

import strawberry

from graphql_api import inputs, piloting, register
from graphql_api.context import Context
from graphql_api.types import piloted, results
from graphql_api.types.flags import setting_of
from policies.actions import Act, Object
from statute.types import Fault
from store import flags

TWO = "Another administrator has to approve it: nobody sets a flag alone."
MOVED = "It moved on. Look at it again."


@strawberry.input(description="A setting that another proposed.")
class ApproveFlagInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    id: strawberry.ID = strawberry.field(description="The setting.")
    expected_revision: int = strawberry.field(description="The revision that was looked at; stale: FlagConflict.")
    why: str = strawberry.field(description="Why it is right.")


async def approve(context: Context, given: ApproveFlagInput) -> piloted.FlagOutcome:
    """Approve it once: not one's own, not beyond the law without enrolment, not beside another."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing = reading.standing
        if (no := piloting.denied(reading, Object.FLAG, Act.APPROVE)) is not None:
            return no
        faults: list[Fault] = []
        why = piloting.reason_of(faults, "why", given.why)
        if faults:
            return results.invalid(*faults)
        key = piloting.setting_key(given.id)
        found = await flags.read(reading.session, key) if key else None
        if found is None:
            return results.NotFound(say=piloting.NO_SETTING)
        event = piloting.event_id(reading, "approveFlag", given.key)
        asked = piloting.fingerprint("approveFlag", str(found.id), why)
        before = await piloting.seen_before(reading, event, asked)
        if isinstance(before, results.Invalid):
            return before
        if before is not None:
            return piloted.FlagChanged(setting=setting_of(context, found, standing.today), replayed=True)
        await flags.only_one(reading.session, found.name)  # two settings approved at once would each see no other
        found = await flags.read(reading.session, found.id, hold=True) or found
        if found.revision != given.expected_revision:
            return piloted.FlagConflict(say=MOVED, setting=setting_of(context, found, standing.today))
        if found.status != "proposed":
            return results.Refused(say=f"It is {found.status} already.", citations=[])
        if found.proposed_by == standing.actor.person_id:
            return results.Refused(say=TWO, citations=[])
        pilot = piloting.pilot_of(found.name, found.variant)
        if pilot is None:
            return results.Refused(say="Its pilot is no longer on the shelf.", citations=[])
        if (refused := await piloting.against(reading, found, pilot)) is not None:
            return refused
        values = {"status": "approved", "approved_by": standing.actor.person_id, "approved_at": standing.now}
        changed = await flags.change(reading.session, found, given.expected_revision, **values)
        await flags.note(
            reading.session, piloting.done(reading, event, "approved", found.name, why, asked, found.id, variant=found.variant)
        )
        return piloted.FlagChanged(setting=setting_of(context, changed, standing.today), replayed=False)
