"""`proposeFlag`: what one administrator wants set, with dates, a cohort and a legal basis. It does nothing before another approves it."""

from __future__ import annotations

from datetime import date

import strawberry

from graphql_api import inputs, piloting, register
from graphql_api.context import Context
from graphql_api.types import piloted, results
from graphql_api.types.flags import setting_of
from policies.actions import Act, Object
from statute.types import Fault
from store import flags


@strawberry.input(description="A setting of a flag, to be approved by somebody else.")
class ProposeFlagInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    name: str = strawberry.field(description="Which flag.")
    variant: str = strawberry.field(description="What is chosen: not the law as it is, which holds wherever nothing is set.")
    starts_on: date = strawberry.field(description="Its first day: today or later.")
    ends_on: date | None = strawberry.field(default=None, description="Its last day; left out: until further notice.")
    cohort: piloting.CohortInput | None = strawberry.field(
        default=None, description="For which cases; left out: for every case that the pilot changes."
    )
    legal_basis: str = strawberry.field(description="On what the council founds it.")
    why: str = strawberry.field(description="Why. Families read it.")


async def propose(context: Context, given: ProposeFlagInput) -> piloted.FlagOutcome:
    """Propose it once by (person, key)."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing = reading.standing
        if (no := piloting.denied(reading, Object.FLAG, Act.PROPOSE)) is not None:
            return no
        faults: list[Fault] = []
        legal_basis = piloting.reason_of(faults, "legalBasis", given.legal_basis)
        why = piloting.reason_of(faults, "why", given.why)
        cohort = (given.cohort or piloting.CohortInput()).plain()
        event = piloting.event_id(reading, "proposeFlag", given.key)
        asked = piloting.fingerprint(
            "proposeFlag", given.name, given.variant, given.starts_on, given.ends_on, cohort.written(), legal_basis, why
        )
        before = await piloting.seen_before(reading, event, asked)
        if isinstance(before, results.Invalid):
            return before
        if before is not None:
            known = await flags.read(reading.session, event)
            return (
                piloted.FlagChanged(setting=setting_of(context, known, standing.today), replayed=True)
                if known
                else results.NotFound(say=piloting.NO_SETTING)
            )
        pilot = piloting.chosen(faults, given.name, given.variant)
        if pilot is not None:
            piloting.dated(faults, pilot, given.starts_on, given.ends_on, standing.today)
            faults += await piloting.cohort_faults(reading, cohort, pilot)
        if faults:
            return results.invalid(*faults)
        new = flags.Flag(
            event,
            given.name,
            given.variant,
            given.starts_on,
            given.ends_on,
            cohort.written(),
            legal_basis,
            why,
            standing.actor.person_id,
            standing.now,
        )
        await flags.add(reading.session, new)
        await flags.note(reading.session, piloting.done(reading, event, "proposed", new.name, why, asked, new.id, variant=new.variant))
        return piloted.FlagChanged(setting=setting_of(context, new, standing.today), replayed=False)
