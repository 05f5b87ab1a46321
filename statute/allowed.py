"""What may be done on a case now, and by whom: `allowed` fills every button on every screen.

It asks the same questions as `advance`, so that what it offers is accepted when it is done on `today` with the facts it names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import product

from statute.clocks import OPEN, Dates, split_key
from statute.days import Days
from statute.definition import Act, FactRule, FactType, Gate, Outcome, Process
from statute.excuse import CLAIMED_BY
from statute.gates import Ledger
from statute.types import Citation, Kind, Refused, State


@dataclass(frozen=True, slots=True)
class NeededFact:
    """A fact that an action takes."""

    rule: FactRule
    required: bool


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that may be done now, in the capacity given, with the facts it needs. `item` says which of several alike."""

    name: str
    kind: Kind
    say: str
    capacity: str
    cites: tuple[Citation, ...]
    facts: tuple[NeededFact, ...] = ()
    item: str = ""
    outcomes: tuple[Outcome, ...] = ()
    grounds: tuple[str, ...] = ()


def allowed(process: Process, state: State, capacities: Collection[str], today: date, days: Days) -> tuple[Action, ...]:
    """The actions open to somebody who holds these capacities on this case."""
    return (*_acts(process, state, capacities, today, days), *_excuses(process, state, capacities))


def _acts(process: Process, state: State, capacities: Collection[str], today: date, days: Days) -> Iterator[Action]:
    for act in process.acts.values():
        capacity = next((name for name in act.by if name in capacities), None)
        if capacity is None or state.stage not in act.at or act.kind is Kind.OPENED:
            continue
        decision, outcomes = act.follows
        if decision and state.decided.get(decision) not in outcomes:
            continue
        for item in _items(process, state, act):
            ways = tuple(outcome for outcome in act.outcomes.values() if _passes(process, state, act, item, outcome.name, today, days))
            if (act.outcomes and not ways) or (not act.outcomes and not _passes(process, state, act, item, "", today, days)):
                continue
            facts = tuple(NeededFact(process.facts[use.name], use.required) for use in act.facts)
            yield Action(act.name, act.kind, act.say, capacity, act.cites, facts, item, ways)


def _items(process: Process, state: State, act: Act) -> Iterator[str]:
    """The items for which an act is still open; for items named later the empty one: any name will do."""
    if not act.each:
        if act.again or act.name not in state.happened:
            yield ""
        return
    known = tuple(process.each[act.each].items)
    asked = {key.partition("/")[2] for gate in act.gates for key in state.happened if key.partition("/")[0] in gate.needs}
    for item in known or sorted(asked) or ("",):
        if act.again or f"{act.name}/{item}" not in state.happened:
            yield item


def _passes(process: Process, state: State, act: Act, item: str, outcome: str, today: date, days: Days) -> bool:
    """Whether the gates let it pass, for some answer to what the act itself asks: that is asked of the person, and cannot hold it back here."""
    uses = (*act.facts, *(act.outcomes[outcome].record if outcome else ()))
    asked = [
        use.name
        for use in uses
        if process.facts[use.name].type is FactType.TRUTH and any(use.name in _conditions(gate) for gate in act.gates)
    ]
    for answers in product((True, False), repeat=len(asked)):
        dates = Dates({**state.facts, **dict(zip(asked, answers, strict=True))}, state.happened)
        try:
            Ledger(process, state, dates, act, item, outcome, today, days).pass_gates()
        except Refused:
            continue
        return True
    return False


def _conditions(gate: Gate) -> tuple[str, ...]:
    return (*gate.needs, *gate.when, *gate.unless)


def _excuses(process: Process, state: State, capacities: Collection[str]) -> Iterator[Action]:
    if CLAIMED_BY not in capacities:
        return
    for key, clock in state.clocks.items():
        name, item = split_key(key)
        deadline = process.deadlines[name]
        if clock.status in OPEN and deadline.excused_by:
            cites = tuple(cite for group in deadline.excused_by.values() for cite in group)
            say = f"Claim an excuse from: {deadline.say}"
            yield Action(name, Kind.EXCUSED, say, CLAIMED_BY, cites, item=item, grounds=tuple(deadline.excused_by))
