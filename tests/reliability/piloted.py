"""Cases that are open under a pilot, at many places of their lives; and what one of them would have lost when it was moved."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from uuid import uuid4

from activities.record import state_of
from statute.allowed import allowed
from statute.clocks import split_key
from statute.revise import PILOT, worse
from statute.types import Event, Force, Kind, State
from store import cases, flags, revisions
from store.session import Database
from store.tables import case_file
from tests.seeds import WESTSHIRE
from workflows import library, ports
from workflows.engine import Engine, Unavailable

NAME, PROCESS = "mediation_strengthened", "mediation_and_appeal"
LIVES: tuple[tuple[str, ...], ...] = (
    (),
    ("adviser_contacted",),
    ("mediation_wanted",),
    ("adviser_contacted", "mediation_declined"),
    ("adviser_contacted", "mediation_wanted", "mediation_held"),
    ("adviser_contacted", "mediation_wanted", "mediation_called_off"),
)
OPTION = "attendance_told"  # the pilot's own, for its evaluation: it goes with it


@dataclass(frozen=True)
class Opened:
    """One case, and how it stood before anything was switched off."""

    case_id: str
    before: State


def opening(number: int) -> ports.CaseInput:
    """A decision that can be appealed was sent on one of the last fifty days, and the case is under the pilot."""
    at = datetime.now(UTC)
    day = at.date() - timedelta(days=number % 50)
    process = library.in_force(PROCESS, day)
    facts = {"decision_sent_on": day.isoformat(), "decision": "refused_to_assess"}
    event = Event(
        Kind.OPENED, "decision_notified", day, at, "open", str(WESTSHIRE.caseworker.id), "local_authority", facts=facts,
        rules=(f"{PILOT}{NAME}",), flags={"mediation": "strengthened"},
    )  # fmt: skip
    child = WESTSHIRE.children[number % 2].id
    file = ports.CaseFile(WESTSHIRE.slug, str(uuid4()), process.name, process.version, str(child), "")
    return ports.CaseInput(file, ports.Act(event, "00"))


async def live(engine: Engine, given: ports.CaseInput, number: int) -> str:
    """Open a case and let some of its life happen, today."""
    await _patiently(partial(engine.open, given))
    process = library.under(PROCESS, given.file.version, (), (f"{PILOT}{NAME}",))
    for name in LIVES[number % len(LIVES)]:
        act, at = process.acts[name], datetime.now(UTC)
        facts = {use.name: True for use in act.facts if use.required}
        event = Event(act.kind, name, at.date(), at, uuid4().hex[:20], "tester", act.by[0], facts=facts)
        await _patiently(partial(engine.act, WESTSHIRE.slug, given.file.case_id, ports.Act(event, "00")))
    return given.file.case_id


async def _patiently(ask: Callable[[], Awaitable[ports.Ack]]) -> None:
    """Ask again with the same key where no answer came in time, as the API tells its clients to."""
    for _ in range(20):
        try:
            await ask()
        except Unavailable:
            continue
        return
    raise TimeoutError


async def states(database: Database, ids: Sequence[str]) -> dict[str, State]:
    """How cases stand now, in one statement."""
    async with database.tenant(WESTSHIRE.slug) as session:
        found = await cases.list_cases(session, case_file.c.id.in_(ids), "opened_on", limit=len(ids))
    return {str(one.id): state_of(one.state) for one in found}


async def kill(database: Database) -> str:
    """Switch the pilot off as `killPilot` does."""
    async with database.tenant(WESTSHIRE.slug) as session:
        await flags.kill(session, "mediation", "strengthened")
        asked = await revisions.ask(
            session, "kill", NAME, moment=datetime.now(UTC), why="It did not help.", asked_by=WESTSHIRE.caseworker.id,
            without={NAME: "mediation"},
        )  # fmt: skip
    return str(asked)


def lost(before: State, after: State, today: date) -> list[str]:
    """What a case would have lost: a date of the law, a fact, something that happened, or an act of its family."""
    was, now = library.of(before), library.of(after)
    found = [
        name for name in ("facts", "happened", "decided", "opened_on", "stage", "terms") if getattr(before, name) != getattr(after, name)
    ]
    for key, clock in before.clocks.items():
        deadline = was.deadlines[split_key(key)[0]]
        if deadline.force is Force.LOCAL:
            continue
        other = after.clocks.get(key)
        if other is None or (clock.due is None) != (other.due is None):
            found.append(key)
        elif (
            clock.due is not None
            and other.due is not None
            and (other.status, other.due) != (clock.status, clock.due)
            and worse(deadline, clock.due, other.due)
        ):
            found.append(f"{key}: {clock.due} became {other.due}")
    acts = [
        {one.name for one in allowed(rules, state, {"family"}, today, library.england())} for rules, state in ((was, before), (now, after))
    ]
    return [*found, *sorted(acts[0] - acts[1] - {OPTION})]
