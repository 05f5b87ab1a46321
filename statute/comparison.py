"""A merged process beside the national one: each rule gives what breaks it, in words. `statute.prove` asks them all.

It knows nothing of what a tenant is permitted to write: it says what must be so of the result, however that was made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property, lru_cache

from statute.certificate import Certificate, CounterExample
from statute.clocks import FAMILY
from statute.days import Days
from statute.definition import Act, Deadline, Gate, Process, Sense, Span, Unit
from statute.explore import CAP, Right, Trail, Walk, certified, survey
from statute.paths import words
from statute.shape import Shape, shape
from statute.silence import Silence, Taken, steps
from statute.telling import apart, begins, day, lowered, sentences, thing, told, week
from statute.types import Citation, Force

FIRST, TRIGGERS = date(2026, 1, 1), 1_096  # three years of trigger days
COUNCIL = frozenset({"local_authority", "decision_maker"})
ASKED = COUNCIL | {"school", "setting", "provider", "adviser"}  # of whom a council may ask more: itself and those it works with
SECTIONS = ("grounds", "conditions", "days", "each", "service", "law", "sources", "first_stage", "in_force_from", "several", "status")
DIFFERS = {
    "kind": "what it is", "say": "its sentence", "by": "who may do it", "at": "the stages at which it is done", "facts": "what it records",
    "cites": "its law", "again": "how often", "counts_as": "what it counts as", "follows": "the decision that calls for it",
    "outcomes": "its outcomes", "to": "to whom it goes", "contains": "what the letter must say", "opens": "what it opens",
    "moves": "where it leads", "gates": "what holds it", "each": "of what it is one", "binds": "whom it binds", "force": "its force",
    "sense": "what it means", "spans": "what it counts from", "include_trigger": "which day counts first", "met_by": "what meets it",
    "stopped_by": "what stops it", "excused_by": "what excuses from it", "rolls": "how it rolls", "only": "whom it concerns",
    "holds": "what it holds", "needs": "what it needs", "when": "when it asks", "unless": "its exceptions",
}  # fmt: skip


@lru_cache(maxsize=512)
def last_days(sense: Sense, rolls: str, include_trigger: bool, span: Span, holidays: frozenset[date]) -> tuple[date, ...]:
    """The last lawful day counted from each of the trigger days. Overlays repeat one another's numbers."""
    days = Days(holidays=holidays)
    return tuple(_last_day(sense, rolls, include_trigger, span, FIRST + timedelta(days=n), days) for n in range(TRIGGERS))


def _last_day(sense: Sense, rolls: str, include_trigger: bool, span: Span, trigger: date, days: Days) -> date:
    """Days of a school are counted as those of one that is open the whole year."""
    if span.unit is Unit.SCHOOL_DAYS:
        span = Span(span.number, Unit.WORKING_DAYS)
    if sense is Sense.BEFORE:
        return days.roll(days.latest_before(trigger, span), rolls)
    return days.roll(days.last_day(trigger, span, include_trigger=include_trigger), rolls)


def rights_in(walked: Shape) -> Mapping[Right, tuple[str, ...]]:
    """Every act of the family at every stage, with every outcome, that some path allows: with the shortest such path."""
    found = survey(walked, CAP)
    if found is None:
        walk, trail = Walk(walked.process), Trail()
        walk.visit(trail, CAP, judging=False)
        found = walk.surveyed(trail)
    return found.rights


class Comparison:
    """The rules that a merged process is held to."""

    def __init__(self, national: Process, merged: Process, days: Days) -> None:
        self.national, self.merged, self.days = national, merged, days
        self.law, self.now = shape(national), shape(merged)

    @cached_property
    def sentences(self) -> dict[str, str]:
        return sentences(self.national)

    def wrong(
        self, rule: str, what: str, why: str, harm: str, cites: tuple[Citation, ...] = (), path: tuple[str, ...] = (), until: int = -1
    ) -> Iterator[CounterExample]:
        """`until`: how many of the last steps of the path are told in `harm` and not before it."""
        say = told(path[:until] if until else path, self.sentences, harm, cites)
        yield CounterExample(self.merged.name, self.merged.digest, rule, what, why, cites, path, say)

    def endings(self, found: Certificate) -> Iterator[CounterExample]:
        before = certified(self.national, self.law)
        for ending, path in before.routes.items() if isinstance(before, Certificate) else ():
            if ending not in found.routes:
                harm = f'the case can no longer end like this: "{self.national.stages[ending].say or words(ending)}"'
                yield from self.wrong(ending, f"No path leads to {words(ending)} any more", "An ending of the law is lost", harm, path=path)
        if self.merged.stages != self.national.stages or self.merged.opens_with != self.national.opens_with:
            yield from self.wrong("stages", "The stages are others", "Only the law says where a case stands", "the stages are others")
        for section in SECTIONS:
            if getattr(self.merged, section) != getattr(self.national, section):
                harm = f"the {words(section)} of the law are others"
                yield from self.wrong(section, f"The {words(section)} are others", "They are the law's alone", harm)

    def acts(self) -> Iterator[CounterExample]:
        for name, act in self.national.acts.items():
            other = self.merged.acts.get(name)
            if other is None or not _same_act(act, other):
                harm = f"{thing(act)} is not what the law says any more{_differs(act, other)}"
                yield from self.wrong(name, f"{words(name)} is not what the law says", act.say, harm, act.cites)
            elif (other.outcomes, other.contains) != (act.outcomes, act.contains) and not ASKED.issuperset(act.by):
                harm = f"{thing(act)} asks more of the {' or the '.join(map(words, sorted(set(act.by) - ASKED)))} than the law does"
                yield from self.wrong(name, f"{words(name)} is another's, and asks for more", act.say, harm, act.cites)
        for name, added in self.merged.acts.items():
            if name not in self.national.acts and (added.moves or added.counts_as or added.gates or not ASKED.issuperset(added.by)):
                harm = f'"{added.say}" is more than a task of the council: the law knows no such step'
                yield from self.wrong(name, f"{words(name)} is more than a task", added.say, harm)
        for gate in self.merged.gates.values():
            for name in sorted({*gate.needs, *gate.when, *gate.unless} & (self.merged.acts.keys() - self.national.acts.keys())):
                held = " and ".join(thing(self.merged.acts[act]) for act in gate.holds if act in self.merged.acts)
                harm = f"while nobody does this: {lowered(self.merged.acts[name].say)}, {held} cannot follow"
                what, why = f"{words(name)} holds up a step of the law", "A task of a tenant may block nothing"
                yield from self.wrong(name, what, why, harm, gate.cites)

    def gates(self) -> Iterator[CounterExample]:
        for name in dict.fromkeys((*self.national.gates, *self.merged.gates)):
            gate, other = self.national.gates.get(name), self.merged.gates.get(name)
            if gate is not None and other is not None and self._narrower(gate, other):
                if gate != other:
                    yield from self._held_up(gate, other)
                continue
            held = [self.national.acts[act] for act in (gate or other or _NO_GATE).holds if act in self.national.acts]
            harm = f"{' and '.join(map(thing, held))} would not be held as the law says{_differs(gate, other)}"
            why, cites = (gate.say, gate.cites) if gate else ("It is new", ())
            yield from self.wrong(name, f"The gate {words(name)} is not what the law says", why, harm, cites)

    def _narrower(self, gate: Gate, other: Gate) -> bool:
        if any(not ASKED.issuperset(self.national.acts[name].by) for name in gate.holds):
            return gate == other
        same = replace(other, needs=gate.needs, unless=gate.unless) == gate
        return same and set(gate.needs) <= set(other.needs) and set(other.unless) <= set(gate.unless)

    def _held_up(self, gate: Gate, other: Gate) -> Iterator[CounterExample]:
        """A step that could be taken though others are silent, or at once, and cannot any more: they could hold up the law."""
        for name in gate.holds:
            act = self.national.acts[name]
            own = frozenset({*act.by, *(COUNCIL if COUNCIL & set(act.by) else ())})
            ways = [
                (Silence(only=own), "and nobody else does anything"),
                (Silence(only=own, refused=True), "and what others are asked is answered no"),
                (Silence(without=FAMILY), "and the family does nothing"),
            ]
            if any(limit.sense is not Sense.AT_LEAST and limit.force is not Force.LOCAL for limit in self.national.meets.get(name, ())):
                ways.append((Silence(timeless=True), "and no time passes that must be given"))
            for silence, meanwhile in ways:
                before, after = steps(self.law, silence), steps(self.now, silence)
                for taken, path in before.items():
                    if taken[0] == name and taken not in after:
                        yield from self._waits(other, act, taken, path, meanwhile)
                        return

    def _waits(self, gate: Gate, act: Act, taken: Taken, path: tuple[str, ...], meanwhile: str) -> Iterator[CounterExample]:
        added = [need for need in gate.needs if need not in self.national.gates[gate.name].needs]
        waits = " and ".join(thing(self.merged.acts[need]) if need in self.merged.acts else words(need) for need in added)
        harm = f"{meanwhile}, {thing(act, taken[2])} is held up without end"
        harm += f": it waits for {waits}" if waits else f": {lowered(gate.say)}"
        what = f"{words(taken[2] or act.name)} comes to wait for what is not its own to do"
        yield from self.wrong(act.name, what, gate.say, harm, tuple(dict.fromkeys((*gate.cites, *act.cites))), path)

    def deadlines(self) -> Iterator[CounterExample]:
        for name, deadline in self.national.deadlines.items():
            other = self.merged.deadlines.get(name)
            if other is None or not _same_limit(deadline, other):
                harm = f'"{deadline.say}" is not the limit that the law sets any more{_differs(deadline, other)}'
                yield from self.wrong(name, f"{words(name)} is not what the law says", deadline.say, harm, deadline.cites)
            else:
                yield from self._dates(deadline, other)
        for name, deadline in self.merged.deadlines.items():
            if name not in self.national.deadlines and (deadline.force is not Force.LOCAL or deadline.binds not in ASKED):
                harm = f'"{deadline.say}" is a limit that the law does not know'
                yield from self.wrong(name, f"{words(name)} is no limit of the law", deadline.say, harm)

    def _dates(self, deadline: Deadline, other: Deadline) -> Iterator[CounterExample]:
        """No date of an authority later, none of a family or of a time that must be given earlier, and nobody else's moved."""
        giving = deadline.sense is Sense.AT_LEAST or deadline.binds == FAMILY
        others = deadline.binds not in ASKED and deadline.force is not Force.LOCAL
        if not (giving or others or deadline.force is Force.MUST):
            return
        for n, ((law, trigger), (now, _)) in enumerate(zip(deadline.spans, other.spans, strict=True)):
            if (law is None) != (now is None):
                harm = (
                    f'"{deadline.say}" may wait {now or "for no day that could be counted"}; the law says {law or "as soon as practicable"}'
                )
                yield from self.wrong(deadline.name, f"{words(deadline.name)} has another number", deadline.say, harm, deadline.cites)
            if law is None or now is None or (law == now and not self._moved(trigger)):
                continue
            before, after = self._reckoned(self.national, deadline, n), self._reckoned(self.merged, other, n)
            for since, was, becomes in zip(_triggers(), before, after, strict=True):
                if was != becomes if others else becomes < was if giving else becomes > was:
                    yield from self._worse(deadline, trigger, since, was, becomes, others=others)
                    break

    def _moved(self, trigger: str) -> bool:
        """Whether a limit counts from the last day of another whose number is another."""
        base, now = self.national.deadlines.get(trigger), self.merged.deadlines.get(trigger)
        return base is not None and now is not None and (base.spans != now.spans or self._moved(base.spans[0][1]))

    def _reckoned(self, process: Process, deadline: Deadline, n: int = 0) -> tuple[date, ...]:
        """The last lawful days, also where a limit counts from the last day of another."""
        span, trigger = deadline.spans[n]
        if span is None:
            return tuple(_triggers())
        base = process.deadlines.get(trigger)
        if base is None or not self._moved(trigger):
            return last_days(deadline.sense, deadline.rolls, deadline.include_trigger, span, self.days.holidays)
        since = self._reckoned(process, base)
        return tuple(_last_day(deadline.sense, deadline.rolls, deadline.include_trigger, span, one, self.days) for one in since)

    def _worse(self, deadline: Deadline, trigger: str, since: date, was: date, becomes: date, *, others: bool) -> Iterator[CounterExample]:
        back = deadline.sense is Sense.BEFORE
        now, law = (f"{day(one)}{'' if back else f', {week(since, one)}'}" for one in (becomes, was))
        if becomes > was and not others:
            harm = f'"{deadline.say}" may wait until {now}; the last day in law is {law}: {apart(was, becomes)} too late'
        elif becomes < was and not others:
            harm = f'"{deadline.say}" ends on {now}; the law gives it until {law}: {apart(was, becomes)} lost'
        else:
            harm = f'the last day for "{deadline.say}" becomes {now}; the law says {law}, and it is not the council\'s to change'
        what = f"{words(deadline.name)}: {was:%-d %B %Y} becomes {becomes:%-d %B %Y}"
        harm = f"if {begins(self.national, trigger, since)}, {harm}"
        yield from self.wrong(deadline.name, what, f"{deadline.say}: counted from {words(trigger)}", harm, deadline.cites)

    def time_for_both(self) -> Iterator[CounterExample]:
        """Time given to the family, even from the first day, must leave the authority able to keep its own limit."""
        for floor in self.merged.deadlines.values():
            before = self.national.deadlines.get(floor.name)
            if before is None or before.spans == floor.spans:
                continue
            held = sorted({act for gate in self.merged.gates.values() if floor.name in gate.needs for act in gate.holds})
            met = {one.name: (name, one) for name in held for one in self.merged.meets.get(name, ())}
            for act, limit in met.values():
                given, allowed = floor.spans[0][0], limit.spans[0][0]
                if limit.force is not Force.MUST or limit.sense is not Sense.WITHIN or given is None or allowed is None:
                    continue
                ends, last = self._reckoned(self.merged, floor), self._reckoned(self.merged, limit)
                for since, over, latest in zip(_triggers(), ends, last, strict=True):
                    if over >= latest:
                        yield from self._no_time_left(floor, limit, self.merged.acts[act], (since, over, latest))
                        break

    def _no_time_left(self, floor: Deadline, limit: Deadline, act: Act, when: tuple[date, date, date]) -> Iterator[CounterExample]:
        since, over, latest = when
        leaves = over + timedelta(days=1)
        harm = (
            f"if {begins(self.national, floor.spans[0][1], since)}, the time for the family ends on {day(over)}, {week(since, over)}, and "
            f"{thing(act)} leaves {week(since, leaves)} at the earliest, on {day(leaves)}; the last day in law is {day(latest)}, "
            f"{week(since, latest)}: {apart(leaves, latest)} too late"
        )
        why = f"{limit.say}: {limit.spans[0][0]}, and {floor.spans[0][0]} must have been given before"
        what = f"{words(floor.name)} alone takes the whole of {words(limit.name)}"
        yield from self.wrong(limit.name, what, why, harm, limit.cites)

    def whole(self) -> Iterator[CounterExample]:
        """What a case is played by is what was compared: an act holds the gates, and the indexes the deadlines, that the process names."""
        deadlines = self.merged.deadlines.values()
        lists = (
            (self.merged.starts, [(name, one) for one in deadlines for _, name in one.spans]),
            (self.merged.meets, [(name, one) for one in deadlines for name in one.met_by]),
            (self.merged.stops, [(name, one) for one in deadlines for name in one.stopped_by]),
        )
        for index, expected in lists:
            listed = {(name, id(one)): one for name, several in index.items() for one in several}
            wanted = {(name, id(one)): one for name, one in expected}
            for key in listed.keys() ^ wanted.keys():
                one = listed.get(key) or wanted[key]
                if sum(other == one for (name, _), other in listed.items() if name == key[0]) == sum(
                    other == one for (name, _), other in wanted.items() if name == key[0]
                ):
                    continue  # the same rule, said twice
                harm = f'"{one.say}" is played by another rule than it says'
                yield from self.wrong(one.name, f"{words(one.name)} is played by another rule than it says", one.say, harm, one.cites)
        for act in self.merged.acts.values():
            if act.gates != tuple(gate for gate in self.merged.gates.values() if act.name in gate.holds):
                harm = f"{thing(act)} is held by other gates than are named"
                yield from self.wrong(act.name, f"{words(act.name)} is held by other gates than are named", act.say, harm, act.cites)

    def rights(self) -> Iterator[CounterExample]:
        after = rights_in(self.now)
        for right, path in rights_in(self.law).items():
            if right not in after:
                act = self.national.acts[right[0]]
                what = f"A right of the family is lost at {words(right[1])}: {words(act.name)}"
                harm = f"the family can no longer do this: {lowered(act.say)}"
                yield from self.wrong(act.name, what, act.say, harm, act.cites, path)


_NO_GATE = Gate("", "", (), (), (), (), ())


def _triggers() -> Iterator[date]:
    return (FIRST + timedelta(days=n) for n in range(TRIGGERS))


def _differs(law: Act | Gate | Deadline | None, other: Act | Gate | Deadline | None) -> str:
    """What is another in a rule, in words."""
    if law is None or other is None:
        return ": it is new" if law is None else ": it is gone"
    parts = [say for name, say in DIFFERS.items() if getattr(law, name, None) != getattr(other, name, None)]
    return f": {', '.join(parts)}" if parts else ""


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
    """But for its number, its warnings, the tenant's target and sentence, and excuses that those whom it binds gave up."""
    spans = [name for _, name in deadline.spans] == [name for _, name in other.spans]
    excused = all(deadline.excused_by.get(name) == cites for name, cites in other.excused_by.items())
    own = deadline.binds in ASKED or deadline.excused_by.keys() == other.excused_by.keys()
    kept = replace(
        other, say=deadline.say, spans=deadline.spans, warn=deadline.warn, target=deadline.target, excused_by=deadline.excused_by
    )
    return spans and excused and own and other.say.startswith(deadline.say) and kept == deadline
