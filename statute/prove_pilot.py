"""Whether a process under a pilot keeps every limit and right: `prove_pilot(national, merged, pilot, days)` gives a certificate, or what is lost.

It knows nothing of how the process was merged, nor of the guard: every path of both is walked, and what the one has more than the
other is looked at thing by thing. `national` is the process without the pilot: the law as amended, and pilots that were laid before.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import chain

from statute.certificate import Certificate, CounterExample
from statute.clocks import FAMILY
from statute.comparison import FIRST, TRIGGERS, Comparison
from statute.days import Days
from statute.definition import Act, Deadline, Gate, Process, Sense
from statute.explore import explore
from statute.paths import Map, Place, Rule, words
from statute.pilot import Pilot
from statute.telling import lowered
from statute.types import Citation, Force, Kind

SAME = "version title status several in_force_from applies_to opens_with stages first_stage each grounds days service"
LEFT = 14  # days of its own time that the family must still have when a gate is gone, whatever nobody did


def prove_pilot(national: Process, merged: Process, pilot: Pilot, days: Days) -> Certificate | CounterExample:
    """Walk the merged process, and hold it against the one without the pilot.

    Raises:
        Unproven: there are too many states to walk.
    """
    found = explore(merged)
    if isinstance(found, CounterExample):
        return found
    adding = Adding(national, merged, pilot, days)
    rules = (adding.frame(), adding.acts(), adding.names(), adding.limits(), adding.gates(), adding.whole())
    wrong = next(chain(*rules, adding.rights(), adding.ways_through()), None)
    return wrong or replace(found, national=national.digest)


class Adding(Comparison):
    """A process under a pilot beside the same without it: each rule gives what breaks it."""

    def __init__(self, national: Process, merged: Process, pilot: Pilot, days: Days) -> None:
        super().__init__(national, merged, days)
        self.pilot = pilot
        self.new = merged.acts.keys() - national.acts.keys()

    def lost(
        self, rule: str, what: str, why: str, cites: tuple[Citation, ...] = (), path: tuple[str, ...] = ()
    ) -> Iterator[CounterExample]:
        """What the pilot breaks, in one sentence with the whole path to it."""
        yield from self.wrong(rule, what, why, lowered(what), cites, path, until=0)

    def frame(self) -> Iterator[CounterExample]:
        for name in SAME.split():
            if getattr(self.national, name) != getattr(self.merged, name):
                yield from self.lost(name, f"The {words(name)} are others", "Only the law says them")

    def acts(self) -> Iterator[CounterExample]:
        for name, act in self.national.acts.items():
            other = self.merged.acts.get(name)
            says = {key: text for key, text in other.contains.items() if key in act.contains} if other else {}
            if other is None or replace(other, gates=act.gates, contains=says) != act:
                yield from self.lost(name, f"{words(name)} is not what it was", act.say, act.cites)
        for name in self.new:
            act = self.merged.acts[name]
            if (
                act.moves
                or act.counts_as
                or act.opens
                or act.sends
                or act.tells
                or act.announces
                or act.relates
                or act.outcomes
                or act.follows[0]
            ):
                yield from self.lost(name, f"{words(name)} moves something", act.say, act.cites)
            if act.kind not in (Kind.HAPPENED, Kind.DONE, Kind.SERVED) or (act.kind is not Kind.HAPPENED and FAMILY in act.by):
                yield from self.lost(name, f"{words(name)} asks something of the family", act.say, act.cites)
            for use in act.facts:
                if use.name in self.national.facts:
                    yield from self.lost(
                        name, f"{words(name)} tells {words(use.name)} otherwise", "A date or a truth of the law", act.cites
                    )

    def names(self) -> Iterator[CounterExample]:
        """Facts and conditions of the law are what they were."""
        for section in ("facts", "conditions"):
            before, after = getattr(self.national, section), getattr(self.merged, section)
            for name, rule in before.items():
                if after.get(name) != rule:
                    yield from self.lost(name, f"{words(name)} is not what it was", f"One of the {section} of the law")

    def limits(self) -> Iterator[CounterExample]:
        for name, deadline in self.national.deadlines.items():
            other = self.merged.deadlines.get(name)
            if other is not None and deadline.set_by_tenant and deadline.force is not Force.MUST:
                other = replace(other, say=deadline.say, spans=deadline.spans, warn=deadline.warn)
            if other != deadline:
                yield from self.lost(name, f"{words(name)} is not what it was", deadline.say, deadline.cites)
        for name, deadline in self.merged.deadlines.items():
            own = set(deadline.met_by) <= self.new and deadline.force is Force.LOCAL and deadline.binds != FAMILY
            if name not in self.national.deadlines and not (own and deadline.sense is Sense.WITHIN):
                yield from self.lost(name, f"{words(name)} is no limit of a task", deadline.say)

    def gates(self) -> Iterator[CounterExample]:
        for name, gate in self.national.gates.items():
            if self.merged.gates.get(name) != gate:
                yield from self.lost(name, f"The gate {words(name)} is not what it was", gate.say, gate.cites)
        held = 0
        for gate in self.added:
            for name in gate.holds:
                act = self.merged.acts[name]
                held += name not in self.new
                if name in self.new and FAMILY not in act.by:
                    continue
                if not self.pilot.beyond or name in self.new or FAMILY not in act.by or held > 1:
                    yield from self.lost(gate.name, f"{words(gate.name)} holds up {words(name)}", gate.say, act.cites)

    @property
    def added(self) -> list[Gate]:
        return [gate for name, gate in self.merged.gates.items() if name not in self.national.gates]

    def ways_through(self) -> Iterator[CounterExample]:
        """Of each gate on a step of the family: from wherever the law would let it take the step, it can, and in time."""
        for gate in self.added:
            for name in gate.holds:
                if name not in self.new:
                    yield from self.way_through(gate, self.merged.acts[name])

    def way_through(self, gate: Gate, act: Act) -> Iterator[CounterExample]:
        """The authority does nothing: it passes at once by what the family itself can do, and by waiting alone, with time left."""
        ending = {name for name in gate.when if (one := self.merged.conditions.get(name)) and one.within is not None}
        windows = [one for one in self.national.meets.get(act.name, ()) if one.binds == FAMILY]
        cites = tuple(dict.fromkeys(cite for window in windows for cite in window.cites)) or act.cites
        if not windows or not any(all(self.left(name, window) >= LEFT for window in windows) for name in ending):
            yield from self.lost(gate.name, f"{words(gate.name)} may still be shut when the time of the family ends", gate.say, cites)
        walk = Walked(self.merged, gate, act)
        for place, path in walk.stuck(waiting=True, over=ending):
            what = f"By waiting alone, {words(act.name)} does not become possible"
            yield from self.lost(gate.name, what, f"{gate.say}, at {words(walk.stages[place[0]])}", act.cites, path)
        for place, path in walk.stuck(waiting=False, over=ending):
            what = f"Without the authority, {words(act.name)} is not possible while the gate is shut"
            yield from self.lost(gate.name, what, f"{gate.say}, at {words(walk.stages[place[0]])}", act.cites, path)

    def left(self, condition: str, window: Deadline) -> int:
        """The fewest days of a time of the family that are left when a condition ends, whatever the day from which both count."""
        reckoned = self.merged.conditions[condition]
        spans = [span for span, trigger in window.spans if trigger == reckoned.of[0] and span is not None]
        if not spans or reckoned.within is None:
            return -1
        held, least = reckoned.within, 10**6
        for day in (FIRST + timedelta(days=number) for number in range(TRIGGERS)):
            gone = self.days.last_day(day, held)
            for span in spans:
                last = self.days.last_day(day, span, include_trigger=window.include_trigger)
                least = min(least, (self.days.roll(last, window.rolls) - gone).days)
        return least


class Walked(Map):
    """Every place that can be reached under a pilot, and how a step of the family stands there with a gate and without."""

    def __init__(self, process: Process, gate: Gate, act: Act) -> None:
        super().__init__(process)
        self.gate, self.act = gate, act
        self.paths: dict[Place, tuple[str, ...]] = {}
        self.back: dict[Place, list[Place]] = {}  # by what the family can do itself
        self.steps = [rule for rule in self.rules if rule.act.name == act.name]
        self._walk()

    def _walk(self) -> None:
        waiting: deque[Place] = deque()
        for rule in self.rules:
            start = self.take(rule, (0, 0, 0, 0)) if rule.act.kind is Kind.OPENED else None
            if start is not None and start not in self.paths:
                self.paths[start] = (rule.label,)
                waiting.append(start)
        while waiting:
            place = waiting.popleft()
            for taken, label, target in self.onward(place):
                if taken is not None and FAMILY in taken.act.by and taken.act.name != self.act.name:
                    self.back.setdefault(target, []).append(place)
                if target not in self.paths:
                    self.paths[target] = (*self.paths[place], label)
                    waiting.append(target)

    def lawful(self, rule: Rule, place: Place) -> bool:
        """Whether a step is possible here but for the gate."""
        done = place[1]
        if done & rule.once or (rule.follows and not done & rule.follows):
            return False
        done = done & ~rule.forgets | rule.brings
        return all(not check.missing(done) for check in rule.checks if check.gate != self.gate)

    def stuck(self, *, waiting: bool, over: set[str]) -> Iterator[tuple[Place, tuple[str, ...]]]:
        """Places at which the step is lawful and from which it cannot be taken: by waiting until what holds the gate is `over`, with no act
        at all, or (not waiting, everything that could be over still going on) by acts that are the family's own.

        What the family says with the step may be what is true of few, so that only steps without it count: it asks for nothing special.
        """
        bits = [self.mark(name) for name in over]
        exceptions = {name for name in self.gate.unless if name in self.process.facts or name in self.process.conditions}
        plain = [rule for rule in self.steps if not any(rule.brings & self.mark(name) for name in exceptions)]
        usable = [rule for rule in plain if (not any(rule.brings & bit for bit in bits)) == waiting]
        lawful = {place for place in self.paths if any(self.lawful(rule, place) for rule in plain)}
        open_here = {place for place in self.paths if any(self.take(rule, place) is not None for rule in usable)}
        if not waiting:
            queue = deque(open_here)
            while queue:
                for before in self.back.get(queue.popleft(), ()):
                    if before not in open_here:
                        open_here.add(before)
                        queue.append(before)
        for place in lawful - open_here:
            yield place, self.paths[place]
