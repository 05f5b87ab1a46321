"""Acts on places: who stands in which pilot, what the law's dates leave, and how an act reaches the journal of its case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid5

import msgspec
import strawberry

from graphql_api import acting
from graphql_api.context import Context, Reading
from graphql_api.identifiers import key_of
from graphql_api.inputs import FactInput, FactValueInput
from graphql_api.loaders import ready
from graphql_api.types import results
from graphql_api.types.case import case_key
from graphql_api.types.law import citations
from policies import enforcer
from policies.actions import CAPACITIES, Act, Object
from policies.relations import Facts
from statute.days import midnight
from statute.definition import Process, Sense
from statute.placing import GROUNDS, REQUEST
from statute.types import Force, Kind, State, Status
from store import cases
from workflows import library

FLAG, OFF, ADVISORY, RANKED = "tailored_list", "off", "advisory", "ranked"
FAMILY, COUNCIL, DECIDER = "family", "local_authority", "decision_maker"
USUAL_DAYS, MOST_DAYS = 15, 60  # how long a place is kept: product defaults, and no law
FINAL = frozenset({"final_plan", "amended_plan"})  # the notices that name a setting
_OVER = frozenset({Status.MET, Status.MET_LATE, Status.STOPPED})
_SPACE = UUID("5a3e8d0e-58a5-4d0b-8f43-6c1a2b9f7d10")
NO_OFFER = "There is no such offer here, or none that you may see."
NO_LIST = "There is no list for this case yet. Build it first: places are offered from a list that the family was shown."
Other = results.Refused | results.Denied | results.Invalid | results.NotFound


@dataclass(frozen=True)
class Stand:
    """One case as it stands, for somebody who may see it, in its pilot."""

    case_id: UUID
    file: cases.CaseFile
    state: State
    process: Process
    mode: str
    facts: Facts
    capacities: frozenset[str]

    def denied(self, reading: Reading, *wanted: str) -> results.Denied | None:
        """Why the person may not act in any of these places; nothing where they may."""
        if self.capacities & set(wanted):
            return None
        return results.Denied(reason=enforcer.decide(reading.standing.actor, Object.CASE, CAPACITIES[wanted[0]], self.facts).reason)

    def capacity(self, *wanted: str) -> str:
        """In which of these places the person acts."""
        return next(name for name in wanted if name in self.capacities)


async def stand(context: Context, reading: Reading, given: str, *modes: str, ended: bool = False) -> Stand | Other:
    """The case, where its pinned flag says one of these; or why not. What is not theirs to see is not found. `ended`: also a case that has ended."""
    case_id = case_key(given)
    if case_id is None:
        return results.NotFound(say=results.NOT_FOUND)
    context.case_id = str(case_id)
    facts = await context.facts_within(reading, case_id)
    file = await cases.read_case(reading.session, case_id) if facts is not None else None
    if facts is None or file is None:
        return results.NotFound(say=results.NOT_FOUND)
    await ready(reading.session, [file])
    state = msgspec.convert(file.state, State)
    mode = mode_of(state)
    if mode not in modes:
        return results.Refused(say=_not_in_pilot(mode, modes), citations=citations((REQUEST,)))
    if file.closed_on is not None and not ended:
        return results.Refused(say="This case has ended.", citations=[])
    capacities = enforcer.capacities(reading.standing.actor, facts)
    return Stand(case_id, file, state, library.of(state), mode, facts, capacities)


def mode_of(state: State) -> str:
    """In which pilot of lists a case is: pinned when it opened, whatever its council does now."""
    return state.flags.get(FLAG, OFF)


def _not_in_pilot(mode: str, modes: tuple[str, ...]) -> str:
    wanted = " or ".join(modes)
    say = f"This case was not opened under that pilot of lists: its flag {FLAG} is pinned to {mode}, and this needs {wanted}."
    return f"{say} The family may ask for any school or college that the law names, as in every case."


def dates_of(process: Process, state: State) -> tuple[date | None, date | None]:
    """The last day in law for the plan that names a setting, and the last day of the family's time to say what it wants."""
    due: list[date] = []
    ends: list[date] = []
    for name, clock in state.clocks.items():
        rule = process.deadlines.get(name)
        if rule is None or clock.due is None or rule.binds != COUNCIL or rule.force is not Force.MUST or not FINAL & set(rule.met_by):
            continue
        if rule.sense is Sense.AT_LEAST:
            ends.append(clock.due)  # a floor is met once the time was given: its last day stays what it was
        elif clock.status not in _OVER:
            due.append(clock.due)
    return min(due, default=None), max(ends, default=None)


def kept_until(process: Process, state: State, today: date, days: int) -> datetime:
    """When a place that is offered today is free again: after so many days, but never after the council's own last day in law."""
    until = today + timedelta(days=days)
    due, _ = dates_of(process, state)
    if due is not None and due > today:
        until = min(until, due)
    return midnight(until + timedelta(days=1))


def asked(
    mutation: str, key: str, case_id: UUID, kind: Kind, name: str, item: UUID | str | None = None, **facts: str | bool
) -> acting.Asked:
    """An act of a pilot, as it would be asked for by hand."""
    given = tuple(FactInput(name=fact, value=_value(value)) for fact, value in facts.items())
    return acting.Asked(mutation, kind, key, str(case_id), name, item=str(item) if item else None, facts=given)


def _value(value: str | bool) -> FactValueInput:
    return _one("yes_no" if isinstance(value, bool) else "text", value)


def _one(kind: str, value: str | bool) -> FactValueInput:
    return FactValueInput(**{**dict.fromkeys(("date", "text", "yes_no", "choice", "number")), kind: strawberry.Some(value)})  # type: ignore[arg-type]


def key_for(key: str, part: str) -> str:
    """The key of one of several acts that one request comes to."""
    return str(uuid5(_SPACE, f"{key}:{part}"))


def choice(name: str, value: str) -> FactInput:
    """A fact that is one of the choices of its definition."""
    return FactInput(name=name, value=_one("choice", value))


def known(stood: Stand, name: str) -> bool:
    """Whether the process of the case has this act, for somebody who is here: the pilots' documents give it."""
    return name in stood.process.acts and bool(stood.capacities & set(stood.process.acts[name].by))


async def checked(context: Context, acts: Iterable[acting.Asked]) -> Other | None:
    """Why one of these would be refused now; nothing where none would."""
    for one in acts:
        if (no := _no(await acting.checked(context, one))) is not None and not isinstance(no, results.Unavailable):
            return no
    return None


async def record(context: Context, acts: Iterable[acting.Asked]) -> Other | results.Unavailable | None:
    """Record these on their cases, once however often; what came of the first that could not be."""
    for one in acts:
        if (no := _no(await acting.act(context, one))) is not None:
            return no
    return None


def _no(found: results.Result | None) -> Other | results.Unavailable | None:
    if found is None or isinstance(found, results.CaseChanged):
        return None
    if isinstance(found, results.Conflict | results.Received):
        return results.unavailable()
    return found


def offer_key(given: str) -> UUID | None:
    """The key of an offer."""
    return key_of("PlaceOffer", given)


async def own_lines(context: Context, reading: Reading, case_id: UUID) -> tuple[bool, frozenset[str] | None] | None:
    """Whether the person sees a case's list: all of it (None), or only what is said of these settings; nothing: not to be seen."""
    facts = await context.facts_within(reading, case_id)
    if facts is None:
        return None
    actor = reading.standing.actor
    if enforcer.decide(actor, Object.CASE, Act.READ_LIST, facts).allowed:
        return True, None
    if enforcer.decide(actor, Object.CASE, Act.READ_LINE, facts).allowed:
        return True, frozenset(item for name, item in facts.items if name == "consulted")
    return False, frozenset()


ANSWERED = (
    "You accepted this place, so it is the one that you ask for. The council decides on it by the law.",
    "You declined this place and have lost nothing: the council still has to name what you asked for, or to state a ground of the law.",
)
ANSWER_CITES = (REQUEST, GROUNDS)
