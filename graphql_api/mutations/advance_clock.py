"""`advanceClock`: training councils only. Every open case lives through the time that passes, in order."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, timedelta

import strawberry

from graphql_api import inputs
from graphql_api.context import Context
from graphql_api.types import results
from policies.actions import Act, Object
from statute.days import midnight
from statute.types import Fault
from store import cases, people
from store.tables import case_file
from workflows import engine, ports

LONGEST = timedelta(days=366 * 40)
AT_ONCE = 8
MOST_CASES = 10_000


@strawberry.input(description="How far a training clock is to move: so many days, or to a day.")
class AdvanceClockInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    days: int | None = strawberry.field(default=None, description="How many days.")
    to: date | None = strawberry.field(default=None, description="To the morning of this day.")


async def advance_clock(
    context: Context, given: AdvanceClockInput
) -> results.ClockAdvanced | results.Denied | results.Invalid | results.Refused | results.Unavailable:
    """Move the clock, then let the cases live up to it."""
    async with context.read() as reading:
        standing = reading.standing
        may = standing.may(Object.CLOCK, Act.ADVANCE)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        if not standing.tenant.training:
            return results.Refused(say="Only a council for training has a clock that can be advanced.", citations=[])
        seconds = _seconds(given, standing.now)
        if isinstance(seconds, Fault):
            return results.invalid(seconds)
        slug = standing.actor.tenant
    await context.leave()
    database = context.deps.database
    async with database.tenant(slug) as session:
        offset = await people.advance_clock(session, seconds)
        waiting = await cases.list_cases(session, case_file.c.closed_on.is_(None), "opened_on", limit=MOST_CASES)
    if offset is None:
        return results.Refused(say="Only a council for training has a clock that can be advanced.", citations=[])
    slots = asyncio.Semaphore(AT_ONCE)

    async def move(case: cases.CaseFile) -> None:
        async with slots:
            await context.deps.engine.move_clock(slug, str(case.id), ports.ClockMoved(offset))

    try:
        await asyncio.gather(*(move(case) for case in waiting))
    except engine.Unavailable:
        return results.unavailable()
    async with context.read() as reading:
        standing = reading.standing
        return results.ClockAdvanced(now=standing.now, today=standing.today, cases_moved=len(waiting))


def _seconds(given: AdvanceClockInput, now: datetime) -> int | Fault:
    if (given.days is None) == (given.to is None):
        return Fault("days", "and `to` are both given, or neither", "the clock has to know how far", "give one of them")
    span = timedelta(days=given.days) if given.days is not None and abs(given.days) < 40_000 else None
    if given.to is not None:
        # Six in the morning: after every midnight at which a day passes, and within that day in London.
        span = midnight(given.to) + timedelta(hours=6) - now
    if span is None or span <= timedelta(0) or span > LONGEST:
        path = "days" if given.days is not None else "to"
        return Fault(
            path, "does not lie ahead, or lies too far ahead", "time only passes, and at most 40 years at once", "give a later day"
        )
    return int(span.total_seconds())
