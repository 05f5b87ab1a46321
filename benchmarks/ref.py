"""`ref`, what the core is measured against: the same definition compiled to masks, stepping in O(1), and nothing that people need.

It keeps stages and acts as bits of one int, counts calendar days only, and knows no facts, texts, roles, refusals or replayed keys:
the least that a machine for these rules can do. It must reach the same stage, dates and breaches before its speed counts.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from statute.definition import Process, Sense, Unit
from statute.types import Event, Kind

PER_UNIT = {Unit.DAYS: 1, Unit.WEEKS: 7}


class Place(NamedTuple):
    """Where a case stands."""

    bits: int
    dues: tuple[int, ...]  # by clock, 0: not running
    last: int  # the day of the last entry


class Rule(NamedTuple):
    """What one act does."""

    need: int
    keep: int
    put: int
    starts: tuple[tuple[int, int], ...]  # clock, days
    stops: tuple[int, ...]
    commands: tuple[str, ...]


Table = dict[tuple[str, str], Rule]


class Machine:
    """A process as a table."""

    def __init__(self, process: Process, acts: set[tuple[str, str]]) -> None:
        stages = {name: 1 << n for n, name in enumerate(process.stages)}
        self.stages = stages
        happened = {name: 1 << (len(stages) + n) for n, name in enumerate(sorted({name for name, _ in acts}))}
        every_stage = sum(stages.values())
        self.clocks: list[tuple[str, str]] = []
        for deadline in process.deadlines.values():
            spanned = any(span is not None for span, _ in deadline.spans)
            items = sorted({item for _, item in acts if item in deadline.only or (not deadline.only and item)}) if deadline.each else [""]
            self.clocks += [(deadline.name, item) for item in items] if spanned else []
        self.floors = {n for n, (name, _) in enumerate(self.clocks) if process.deadlines[name].sense is Sense.AT_LEAST}
        self.table: Table = {}
        for name, item in acts:
            act = process.acts[name]
            moves = next(iter(act.moves.values()), "")
            follows = happened.get(act.follows[0], 0) if act.follows[0] else 0
            starts, stops = [], []
            for n, (clock, clock_item) in enumerate(self.clocks):
                deadline = process.deadlines[clock]
                if clock_item not in ("", item):
                    continue
                [(span, trigger)] = deadline.spans
                if span and (trigger == name or trigger in {use.name for use in act.facts if use.required and name in process.opens_with}):
                    starts.append((n, span.number * PER_UNIT[span.unit] - (1 if deadline.include_trigger else 0)))
                if name in deadline.met_by or name in deadline.stopped_by:
                    stops.append(n)
            keep = ~every_stage if moves else -1
            put = happened[name] | (stages[moves] if moves else 0)
            if name in process.opens_with:
                put |= stages[process.first_stage]
            commands = tuple(outcome.send for outcome in act.outcomes.values())[:1]
            self.table[name, item] = Rule(follows, keep, put, tuple(starts), tuple(stops), commands)
        self.empty = Place(0, (0,) * len(self.clocks), 0)

    def step(self, place: Place, name: str, item: str, day: int) -> tuple[Place, tuple[str, ...], tuple[int, str, str, int]]:
        """The next place, the commands and an audit entry; breaches are judged at every event."""
        bits, dues, _ = place
        commands: tuple[str, ...] = ()
        rule = self.table.get((name, item))
        changed = None
        if rule is not None:
            need, keep, put, starts, stops, commands = rule
            if bits & need != need:
                raise LookupError(name)
            bits = bits & keep | put
            if starts or stops:
                changed = list(dues)
                for clock in stops:
                    changed[clock] = 0
                for clock, days in starts:
                    changed[clock] = day + days
        for clock, due in enumerate(dues):
            if due and due < day and (changed is None or changed[clock] == due):
                changed = list(dues) if changed is None else changed
                changed[clock] = 0
                if clock not in self.floors:
                    commands = (*commands, self.clocks[clock][0])
        return Place(bits, dues if changed is None else tuple(changed), day), commands, (bits, name, item, day)


def told(machine: Machine, life: list[tuple[str, str, int]]) -> tuple[str, list[str], dict[str, date]]:
    """The stage at the end, the breaches on the way, and every date that was ever due: to be compared with the core's."""
    place, breached, dues = machine.empty, [], {}
    clocks = {name for name, _ in machine.clocks}
    for name, item, day in life:
        place, commands, _ = machine.step(place, name, item, day)
        breached += [command for command in commands if command in clocks]
        for (clock, clock_item), due in zip(machine.clocks, place.dues, strict=True):
            if due:
                dues[f"{clock}/{clock_item}" if clock_item else clock] = date.fromordinal(due)
    [stage] = [stage for stage, bit in machine.stages.items() if place.bits & bit]
    return stage, breached, dues


def life_of(events: list[Event]) -> list[tuple[str, str, int]]:
    """The events as the table knows them."""
    return [("" if event.kind is Kind.TIME_PASSED else event.name, event.item, event.on.toordinal()) for event in events]
