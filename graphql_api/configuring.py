"""What a council sets for itself, as the face writes and asks it: one way to change a version, and a preview that changes nothing.

What takes seconds is done aside (`workflows.aside`), and no connection to the database is held meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from graphql_api import inputs, register
from graphql_api.context import Context, Standing
from graphql_api.identifiers import cursor
from graphql_api.types import configuration as shown
from graphql_api.types import results
from graphql_api.types.paging import after_of, bounded, cut, number_of
from policies.actions import Act, Object
from statute.types import Fault
from store import configurations, rehearsals
from store.configurations import By, Mismatch, NotYet, Stale, Version
from tenants.configuration import Configuration, parse_configuration
from workflows import configuring, library
from workflows.aside import Busy, TookTooLong

NO_VERSION = "There is no such version here."
MOST_TEXT, LONGEST_WHY, MOST_AT_ONCE = 60_000, 1000, 20
READING, PROVING, REHEARSING = 20.0, 120.0, 60.0  # seconds, the last for a batch
BATCH = 1000
FRESH = timedelta(minutes=10)  # so long a rehearsal is shown again without being worked out anew
READ, CONFIGURE = (Object.CONFIGURATION, Act.READ), (Object.TENANT, Act.CONFIGURE)
APPROVE = (Object.CONFIGURATION, Act.APPROVE)

Step = Callable[[AsyncSession, By, Standing], Awaitable[Version]]


async def changing(
    context: Context, mutation: str, may: tuple[Object, Act], key: str, why: str, content: Sequence[Any], step: Step
) -> shown.Recorded:
    """Do one step with a version, once for one key; or say in a typed way why not."""
    faults = [fault] if (fault := inputs.faulty_key(key)) else []
    text = why_of(faults, why)
    if faults:
        return results.invalid(*faults)
    async with register.writing(context) as reading:
        standing, session = reading.standing, reading.session
        allowed = standing.may(*may)
        if not allowed.allowed:
            return results.Denied(reason=allowed.reason)
        by = _by(standing, mutation, key, text, content)
        try:
            known = await configurations.done_before(session, by)
            found = known or await step(session, by, standing)
        except Mismatch:
            return results.invalid(register.KEY_USED)
        except Stale as stale:
            entries = await configurations.history(session, [stale.now.version])
            now = shown.configuration_of(context, stale.now, entries[stale.now.version])
            return shown.ConfigurationConflict(say=stale.say, configuration=now)
        except configurations.Missing:
            return results.NotFound(say=NO_VERSION)
        except NotYet as not_yet:
            return results.Refused(say=str(not_yet), citations=[])
        entries = await configurations.history(session, [found.version])
    return shown.ConfigurationRecorded(
        configuration=shown.configuration_of(context, found, entries[found.version]), replayed=known is not None
    )


async def weighed(
    context: Context, may: tuple[Object, Act], text: str
) -> configuring.Weighed | results.Denied | results.Invalid | results.Unavailable:
    """A configuration read from YAML; or why not. Whoever may not write it is told before anything is worked out."""
    async with context.read() as reading:
        allowed, today = reading.standing.may(*may), reading.standing.today
    if not allowed.allowed:
        return results.Denied(reason=allowed.reason)
    if len(text) > MOST_TEXT:
        fault = Fault("yaml", f"has {len(text)} characters", "nobody could read it", f"keep it below {MOST_TEXT}")
        return results.invalid(fault)
    await context.leave()
    try:
        found = await context.deps.aside.run(READING, configuring.weighed_text, text, today)
    except (TookTooLong, Busy):
        return results.unavailable()
    return results.invalid(*found.faults) if found.document is None else found


async def strangers(session: AsyncSession, found: Configuration) -> list[Fault]:
    """Where a configuration names somebody whom the council does not know."""
    named = [(f"escalation[{n}].to", told.to) for n, told in enumerate(found.escalation)]
    named += [(f"teams.{team.name}.members[{n}]", who) for team in found.teams for n, who in enumerate(team.members)]
    known = await configurations.known_people(session, [who for _, who in named])
    what, why, do = "is nobody whom this council knows", "they could not be told", "give the subject or the id of somebody of the council"
    return [Fault(path, what, why, do) for path, who in named if who not in known]


async def prove(context: Context, one: Version) -> Version | results.Unavailable:
    """The version with the proof of its document under the law of today; worked out where there is none, and kept."""
    async with context.read() as reading:
        slug, today = reading.standing.actor.tenant, reading.standing.today
    law = configuring.law_of(one.document, today)
    if one.proof and one.proof["digest"] == one.digest and one.proof["law"] == law:
        return one
    await context.leave()
    try:
        proof = await context.deps.aside.run(PROVING, configuring.proof_of, one.document, today)
    except (TookTooLong, Busy):
        return results.unavailable()
    async with context.deps.database.tenant(slug) as session:
        await configurations.record_proof(session, one.version, one.digest, proof)
        again = await configurations.read(session, one.version)
    if again is None or again.digest != one.digest:
        return results.unavailable()  # it was changed meanwhile: whoever asks again sees the new one
    return again if again.proof == proof else _with(again, proof)


async def rehearse(context: Context, one: Version, processes: Sequence[str], *, again: bool) -> dict[str, Any] | results.Unavailable:
    """What would become of every open case of these processes; kept, and worked out anew when it is old or when it is asked for again."""
    async with context.read() as reading:
        slug, today, now = reading.standing.actor.tenant, reading.standing.today, reading.standing.now
    kept = one.rehearsal
    if kept and not again and kept["digest"] == one.digest and now - datetime.fromisoformat(kept["at"]) < FRESH:
        return kept
    await context.leave()
    begun, looked_at, told, last = time.perf_counter(), 0, [], None
    database, aside = context.deps.database, context.deps.aside
    async with database.tenant(slug) as session:
        known = await rehearsals.pinned_overlays(session)
    while True:
        async with database.tenant(slug) as session:
            batch = await rehearsals.concerned(session, processes, last, BATCH)
        if batch:
            try:
                told += await aside.run(REHEARSING, configuring.rehearsed, one.document, batch, known, today, now)
            except (TookTooLong, Busy):
                return results.unavailable()
            looked_at, last = looked_at + len(batch), UUID(batch[-1][0])
        if len(batch) < BATCH:
            break
    summary = {
        "digest": one.digest,
        "at": now.isoformat(),
        "milliseconds": round((time.perf_counter() - begun) * 1000),
        "looked_at": looked_at,
        "unchanged": looked_at - len(told),
        "may_move": sum(each.may_move for each in told),
        "stay": sum(not each.may_move for each in told),
        "worsen": sum(each.worsens for each in told),
    }
    rows = [
        rehearsals.Told(UUID(each.case_id), each.reference, each.process, each.may_move, each.worsens, each.say, each.differences)
        for each in told
    ]
    async with database.tenant(slug) as session:
        await rehearsals.record(session, one.version, summary, rows)
    return summary


def law_of(one: Version, standing: Standing) -> str:
    """The fingerprint of the law of today that a version has to be proved under."""
    return configuring.law_of(one.document, standing.today)


async def law_now(session: AsyncSession, version: int, standing: Standing) -> str:
    """The same, of the version as it stands. Raises Missing."""
    one = await configurations.read(session, version)
    if one is None:
        raise configurations.Missing
    return law_of(one, standing)


def first_wrong(one: Version) -> str:
    """Why it cannot be proposed: the first thing that breaks the law. The preview tells all."""
    for proof in one.proof["processes"] if one.proof else ():
        for fault in proof["faults"]:
            return f"{fault['path']}: {fault['what']}. {fault['why']}. {fault['do']}."
        if proof["counter_example"]:
            return f"{proof['counter_example']['say']}. The preview shows the path."
    return "It does not keep the law. The preview tells where."


def processes_of(today: date, *found: Configuration) -> dict[str, Any]:
    """The national processes of which these configurations speak."""
    names = {name for one in found for name in (*one.processes, *(told.process for told in one.escalation))}
    names |= {name for one in found for team in one.teams for name in team.processes}
    return {process.name: process for process in library.all_in_force(today) if process.name in names}


async def one_of(context: Context, version: int | None) -> shown.Configuration | None:
    """One version, or what is in force, for those who may read it."""
    async with context.read() as reading:
        if not reading.standing.may(*READ).allowed:
            return None
        found = await (configurations.published(reading.session) if version is None else configurations.read(reading.session, version))
        entries = await configurations.history(reading.session, [found.version]) if found else {}
    return shown.configuration_of(context, found, entries[found.version]) if found else None


async def page_of(context: Context, first: int | None, after: str | None) -> shown.ConfigurationConnection:
    """A page of versions with their histories, for those who may read them: two statements however many there are."""
    most, parts = min(bounded(first), MOST_AT_ONCE), after_of(after, 1)
    before = number_of(parts[0]) if parts else None
    rows: list[Version] = []
    entries: dict[int, list[configurations.Entry]] = {}
    async with context.read() as reading:
        if reading.standing.may(*READ).allowed:
            rows = await configurations.page(reading.session, before, most + 1)
            entries = await configurations.history(reading.session, [row.version for row in rows[:most]])
    placed, ends = cut(rows, most, lambda row: cursor(row.version), after)
    edges = [shown.ConfigurationEdge(node=shown.configuration_of(context, row, entries[row.version]), cursor=at) for row, at in placed]
    return shown.ConfigurationConnection(edges=edges, nodes=[edge.node for edge in edges], page_info=ends)


def why_of(faults: list[Fault], given: str) -> str:
    """A reason as it is kept."""
    text = given.strip()
    if not text or len(text) > LONGEST_WHY:
        faults.append(Fault("why", "is empty or too long", "the history tells it for ever", f"give 1 to {LONGEST_WHY} characters"))
    return text


def read_document(one: Version) -> Configuration:
    """The document of a version, read."""
    return parse_configuration(one.document)


def _by(standing: Standing, mutation: str, key: str, why: str, content: Sequence[Any]) -> By:
    person = standing.actor.person_id
    return By(person, standing.now, inputs.journal_key(person, key), inputs.fingerprint(mutation, [*content, why]), why)


def _with(one: Version, proof: dict[str, Any]) -> Version:
    """A version that is not open any more keeps its proof; the one of today is shown beside it."""
    return replace(one, proof=proof)
