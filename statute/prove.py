"""Whether a merged process keeps the law: `prove(national, merged, days)` gives its certificate, or what it takes away, with the path.

It knows nothing of how a merged process was made: every path of both is walked, every rule is compared, and of every limit whose
number is another the dates are worked out for a thousand days and more.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain

from statute.clocks import FAMILY
from statute.days import Days
from statute.definition import Act, Deadline, Gate, Process, Sense, Span, Unit
from statute.explore import CAP, Certificate, CounterExample, Right, Trail, Walk, certified, survey
from statute.paths import words
from statute.shape import Shape, shape
from statute.types import Citation, Force

FIRST, TRIGGERS = date(2026, 1, 1), 1_096  # three years of trigger days


def prove(national: Process, merged: Process, days: Days) -> Certificate | CounterExample:
    """Walk the merged process, and hold it against the national one.

    Raises:
        Unproven: there are too many states to walk.
    """
    comparing = Comparison(national, merged, days)
    found = certified(merged, comparing.now)
    if isinstance(found, CounterExample):
        return found
    rules = (comparing.endings(found), comparing.acts(), comparing.gates(), comparing.deadlines(), comparing.time_for_both())
    wrong = next(chain(*rules, comparing.rights(), comparing.whole()), None)
    return wrong or replace(found, national=national.digest)


def possible(process: Process) -> Mapping[Right, tuple[str, ...]]:
    """Every act of the family at every stage, with every outcome, that some path allows: with the shortest such path.

    Raises:
        Unproven: there are too many states to walk.
    """
    return _possible(shape(process))


def _possible(walked: Shape) -> Mapping[Right, tuple[str, ...]]:
    found = survey(walked, CAP)
    if found is None:
        walk, trail = Walk(walked.process), Trail()
        walk.visit(trail, CAP, judging=False)
        found = walk.surveyed(trail)
    return found.rights


@lru_cache(maxsize=512)
def last_days(sense: Sense, rolls: str, include_trigger: bool, span: Span, holidays: frozenset[date]) -> tuple[date, ...]:
    """The last lawful day counted from each of the trigger days. Overlays repeat one another's numbers."""
    days = Days(holidays=holidays)
    return tuple(_last_day(sense, rolls, include_trigger, span, FIRST + timedelta(days=n), days) for n in range(TRIGGERS))


def last_day(deadline: Deadline, span: Span, trigger: date, days: Days) -> date:
    """The last lawful day of a deadline with a span. Days of a school are counted as those of one that is open the whole year."""
    return _last_day(deadline.sense, deadline.rolls, deadline.include_trigger, span, trigger, days)


def _last_day(sense: Sense, rolls: str, include_trigger: bool, span: Span, trigger: date, days: Days) -> date:
    if span.unit is Unit.SCHOOL_DAYS:
        span = Span(span.number, Unit.WORKING_DAYS)
    if sense is Sense.BEFORE:
        return days.roll(days.latest_before(trigger, span), rolls)
    return days.roll(days.last_day(trigger, span, include_trigger=include_trigger), rolls)


class Comparison:
    """A merged process beside the national one: each rule gives what breaks it."""

    def __init__(self, national: Process, merged: Process, days: Days) -> None:
        self.national, self.merged, self.days = national, merged, days
        self.law, self.now = shape(national), shape(merged)

    def last_days(self, deadline: Deadline, span: Span) -> tuple[date, ...]:
        return last_days(deadline.sense, deadline.rolls, deadline.include_trigger, span, self.days.holidays)

    def wrong(
        self, rule: str, what: str, why: str, cites: tuple[Citation, ...] = (), path: tuple[str, ...] = ()
    ) -> Iterator[CounterExample]:
        yield CounterExample(self.merged.name, self.merged.digest, rule, what, why, cites, path)

    def endings(self, found: Certificate) -> Iterator[CounterExample]:
        before = certified(self.national, self.law)
        for ending, path in before.routes.items() if isinstance(before, Certificate) else ():
            if ending not in found.routes:
                yield from self.wrong(ending, f"No path leads to {words(ending)} any more", "An ending of the law is lost", path=path)
        if self.merged.stages != self.national.stages or self.merged.opens_with != self.national.opens_with:
            yield from self.wrong("stages", "The stages are others", "Only the law says where a case stands")

    def acts(self) -> Iterator[CounterExample]:
        for name, act in self.national.acts.items():
            other = self.merged.acts.get(name)
            if other is None or not _same_act(act, other):
                yield from self.wrong(name, f"{words(name)} is not what the law says", act.say, act.cites)
        for name, added in self.merged.acts.items():
            if name not in self.national.acts and (added.moves or added.counts_as or added.gates or FAMILY in added.by):
                yield from self.wrong(name, f"{words(name)} is more than a task", added.say)
        consulted = {name for gate in self.merged.gates.values() for name in (*gate.needs, *gate.when, *gate.unless)}
        for name in sorted(consulted & (self.merged.acts.keys() - self.national.acts.keys())):
            yield from self.wrong(name, f"{words(name)} holds up a step of the law", "A task of a tenant may block nothing")

    def gates(self) -> Iterator[CounterExample]:
        for name in self.national.gates.keys() | self.merged.gates.keys():
            gate, other = self.national.gates.get(name), self.merged.gates.get(name)
            if gate is None or other is None or not self._narrower(gate, other):
                cites = gate.cites if gate else ()
                yield from self.wrong(name, f"The gate {words(name)} is not what the law says", gate.say if gate else "It is new", cites)

    def _narrower(self, gate: Gate, other: Gate) -> bool:
        if any(FAMILY in self.national.acts[name].by for name in gate.holds):
            return gate == other
        same = replace(other, needs=gate.needs, unless=gate.unless) == gate
        return same and set(gate.needs) <= set(other.needs) and set(other.unless) <= set(gate.unless)

    def deadlines(self) -> Iterator[CounterExample]:
        for name, deadline in self.national.deadlines.items():
            other = self.merged.deadlines.get(name)
            if other is None or not _same_limit(deadline, other):
                yield from self.wrong(name, f"{words(name)} is not what the law says", deadline.say, deadline.cites)
            elif deadline.force is Force.MUST or deadline.sense is Sense.AT_LEAST or deadline.binds == FAMILY:
                yield from self._dates(deadline, other)
        for name, deadline in self.merged.deadlines.items():
            if name not in self.national.deadlines and (deadline.force is not Force.LOCAL or deadline.binds == FAMILY):
                yield from self.wrong(name, f"{words(name)} is no limit of the law", deadline.say)

    def _dates(self, deadline: Deadline, other: Deadline) -> Iterator[CounterExample]:
        giving = deadline.binds == FAMILY or deadline.sense is Sense.AT_LEAST
        for (law, trigger), (now, _) in zip(deadline.spans, other.spans, strict=True):
            if (law is None) != (now is None):
                yield from self.wrong(deadline.name, f"{words(deadline.name)} has another number", deadline.say, deadline.cites)
            if law is None or now is None or law == now:
                continue
            for before, after in zip(self.last_days(deadline, law), self.last_days(other, now), strict=True):
                if after < before if giving else after > before:
                    what = f"{words(deadline.name)}: {before:%-d %B %Y} becomes {after:%-d %B %Y}"
                    yield from self.wrong(deadline.name, what, f"{deadline.say}: counted from {words(trigger)}", deadline.cites)
                    break

    def time_for_both(self) -> Iterator[CounterExample]:
        """Time given to the family, even from the first day, must leave the authority able to keep its own limit."""
        for floor in self.merged.deadlines.values():
            before = self.national.deadlines.get(floor.name)
            if before is None or before.spans == floor.spans:
                continue
            held = {act for gate in self.merged.gates.values() if floor.name in gate.needs for act in gate.holds}
            for limit in {one.name: one for act in sorted(held) for one in self.merged.meets.get(act, ())}.values():
                given, allowed = floor.spans[0][0], limit.spans[0][0]
                if limit.force is not Force.MUST or limit.sense is not Sense.WITHIN or given is None or allowed is None:
                    continue
                if any(over >= last for over, last in zip(self.last_days(floor, given), self.last_days(limit, allowed), strict=True)):
                    why = f"{limit.say}: {allowed}, and {given} must have been given before"
                    yield from self.wrong(limit.name, f"{words(floor.name)} alone takes the whole of {words(limit.name)}", why, limit.cites)

    def whole(self) -> Iterator[CounterExample]:
        """What a case is played by is what was compared: an act holds the gates, and the indexes the deadlines, that the process names."""
        deadlines = self.merged.deadlines.values()
        lists = (
            (self.merged.starts, [(name, one) for one in deadlines for _, name in one.spans]),
            (self.merged.meets, [(name, one) for one in deadlines for name in one.met_by]),
            (self.merged.stops, [(name, one) for one in deadlines for name in one.stopped_by]),
        )
        for index, expected in lists:
            listed = [(name, one) for name, several in index.items() for one in several]
            for name, one in listed + expected:
                if ((name, one) in listed) != ((name, one) in expected):
                    yield from self.wrong(one.name, f"{words(one.name)} is played by another rule than it says", one.say, one.cites)
        for act in self.merged.acts.values():
            if act.gates != tuple(gate for gate in self.merged.gates.values() if act.name in gate.holds):
                yield from self.wrong(act.name, f"{words(act.name)} is held by other gates than are named", act.say, act.cites)

    def rights(self) -> Iterator[CounterExample]:
        after = _possible(self.now)
        for right, path in _possible(self.law).items():
            if right not in after:
                act = self.national.acts[right[0]]
                what = f"A right of the family is lost at {words(right[1])}: {words(act.name)}"
                yield from self.wrong(act.name, what, act.say, act.cites, path)


def _same_act(act: Act, other: Act) -> bool:
    """But for its gates, what a decision records besides, and what a letter says besides."""
    outcomes = act.outcomes.keys() == other.outcomes.keys() and all(
        (mine.say, mine.send) == (theirs.say, theirs.send) and theirs.record[: len(mine.record)] == mine.record
        for mine, theirs in ((act.outcomes[name], other.outcomes[name]) for name in act.outcomes)
    )
    says = {name: text for name, text in other.contains.items() if name in act.contains}
    gates = [gate.name for gate in act.gates] == [gate.name for gate in other.gates]
    return outcomes and gates and replace(other, gates=act.gates, outcomes=act.outcomes, contains=says) == act


def _same_limit(deadline: Deadline, other: Deadline) -> bool:
    """But for its number, its warnings, the tenant's target and sentence, and excuses that it lost."""
    spans = [name for _, name in deadline.spans] == [name for _, name in other.spans]
    excused = all(deadline.excused_by.get(name) == cites for name, cites in other.excused_by.items())
    kept = replace(
        other, say=deadline.say, spans=deadline.spans, warn=deadline.warn, target=deadline.target, excused_by=deadline.excused_by
    )
    return spans and excused and other.say.startswith(deadline.say) and kept == deadline
