"""The path of one act: read under the policy, say in which capacity, record through the durable shell, answer with the case as recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

import msgspec

from graphql_api import directed, mediating
from graphql_api.context import Context, Reading
from graphql_api.inputs import FactInput, facts_of, faulty_key, fingerprint, journal_key
from graphql_api.loaders import ready
from graphql_api.types import results
from graphql_api.types.case import case_key, case_of
from policies import enforcer
from policies.actions import CAPACITIES, Act, Object
from policies.relations import Facts
from statute import types as core
from statute.advance import advance
from statute.excuse import CLAIMED_BY
from store import cases, journal
from store.terms import terms_for
from workflows import engine, library, ports


@dataclass(frozen=True)
class Asked:
    """One act as it was asked for, in one shape for every mutation."""

    mutation: str
    kind: core.Kind
    key: str
    case_id: str
    name: str
    expected_version: int | None = None
    item: str | None = None
    about: str | None = None
    outcome: str = ""
    how: str = ""
    on: date | None = None
    facts: tuple[FactInput, ...] = ()

    def fingerprint(self) -> str:
        """The content of the request, without its key and the version it was based on."""
        facts, _ = facts_of(list(self.facts))
        about = [self.case_id, self.name, self.item, self.about, self.outcome, self.how, self.on, facts]
        return fingerprint(self.mutation, about)


async def act(context: Context, asked: Asked) -> results.Result:
    """Do it, or say in a typed way why not."""
    case_id = case_key(asked.case_id)
    fault = faulty_key(asked.key)
    if fault is not None:
        return results.invalid(fault)
    if case_id is None:
        return results.NotFound(say=results.NOT_FOUND)
    context.case_id = str(case_id)
    async with context.read() as reading:
        prepared = await _prepare(context, reading, asked, case_id)
    if not isinstance(prepared, ports.Act):
        return prepared
    tenant = reading.standing.actor.tenant
    await context.leave()
    try:
        ack = await context.deps.engine.act(tenant, str(case_id), prepared)
    except engine.Refused as refused:
        return results.refused(refused.refusal.say, refused.refusal.citations, refused.refusal.faults)
    except engine.Stale:
        return await conflict(context, case_id)
    except engine.Closed:
        return results.Refused(say="This case has ended.", citations=[])
    except engine.Unavailable:
        return results.unavailable()
    return await changed(context, case_id, replayed=ack.replayed)


async def checked(context: Context, asked: Asked) -> results.Result | None:
    """What `act` would answer to it now, without recording anything; nothing where it would be recorded, or was."""
    case_id = case_key(asked.case_id)
    if case_id is None:
        return results.NotFound(say=results.NOT_FOUND)
    async with context.read() as reading:
        prepared = await _prepare(context, reading, asked, case_id)
    return None if isinstance(prepared, ports.Act | results.CaseChanged) else prepared


async def _prepare(context: Context, reading: Reading, asked: Asked, case_id: UUID) -> ports.Act | results.Result:
    """The act to be sent, or the answer where there is nothing to send."""
    standing = reading.standing
    facts = await context.facts_within(reading, case_id)
    file = await cases.read_case(reading.session, case_id) if facts is not None else None
    if facts is None or file is None:
        return results.NotFound(say=results.NOT_FOUND)
    await ready(reading.session, [file])
    key, print_ = journal_key(standing.actor.person_id, asked.key), asked.fingerprint()
    known = await journal.find_key(reading.session, case_id, key)
    if known is not None:
        if known.fingerprint.hex() == print_:
            return results.CaseChanged(case=case_of(context, file), replayed=True)
        return results.invalid(core.Fault("key", "was used for another act", "one key is one act", "make a new key"))
    if asked.expected_version is not None and asked.expected_version != file.seq:
        return results.Conflict(say="The case moved on. Look at it again.", case=case_of(context, file))
    state = msgspec.convert(file.state, core.State)
    process, item = library.of(state), directed.plain(asked.item)
    needed = (CLAIMED_BY,) if asked.kind is core.Kind.EXCUSED else process.acts[asked.name].by if asked.name in process.acts else ()
    capacity = _capacity(reading, facts, needed, item)
    if needed and not capacity:
        decided = enforcer.decide(standing.actor, Object.CASE, CAPACITIES[needed[0]], facts, item)
        return results.Denied(reason=decided.reason)
    recorded, faults = facts_of(list(asked.facts))
    recorded, elsewhere = await directed.settings_in(reading.session, process, recorded)
    faults += [*elsewhere, *await directed.misdirected(reading.session, process, asked.kind, asked.name, asked.item, asked.about)]
    faults += directed.not_yours_to_name(reading, process, asked.name, asked.about, capacity)
    if faults:
        return results.invalid(*faults)
    unfit = await mediating.not_assignable(reading, process, asked.name, asked.about, asked.on or standing.today)
    if unfit is not None:
        return unfit
    told = await terms_for(reading.session, process, {**state.facts, **recorded}, item)
    terms = {school: days for school, days in told.items() if state.terms.get(school) != days}  # what the case does not know yet
    event = core.Event(
        asked.kind,
        asked.name,
        asked.on or standing.today,
        standing.now,
        key,
        str(standing.actor.person_id),
        capacity,
        item,
        directed.plain(asked.about),
        asked.outcome,
        asked.how,
        recorded,
        terms,
    )
    try:  # asked here too: a refusal is then answered even while the engine is away, and costs nothing
        advance(process, state, event, library.england())
    except core.Refused as refused:
        return results.refused(refused.say, refused.citations, refused.faults)
    return ports.Act(event, print_, asked.expected_version)


def _capacity(reading: Reading, facts: Facts, needed: tuple[str, ...], item: str) -> str:
    held = enforcer.capacities(reading.standing.actor, facts, item)
    return next((name for name in needed if name in held), "")


async def changed(context: Context, case_id: UUID, *, replayed: bool) -> results.Result:
    """The case as recorded."""
    async with context.read() as reading:
        where = reading.standing.where(Object.CASE, Act.READ)
        file = await cases.read_case(reading.session, case_id, where)
        if file:
            await ready(reading.session, [file])
    # An act can end the caller's own view of a case; then it is recorded, and no longer theirs to see.
    return results.CaseChanged(case=case_of(context, file), replayed=replayed) if file else results.NotFound(say=results.NOT_FOUND)


async def conflict(context: Context, case_id: UUID) -> results.Result:
    """The case that moved on."""
    found = await changed(context, case_id, replayed=False)
    if isinstance(found, results.CaseChanged):
        return results.Conflict(say="The case moved on. Look at it again.", case=found.case)
    return found
