"""The walk over every path of a process: `explore(process)` gives a certificate, or the shortest path that breaks a rule.

Time is abstracted (a floor is running or over; a ceiling may be met early or late), items that no rule tells apart are one, and
what nothing looks at any more is forgotten. What is left is small enough to visit all of it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from statute.certificate import Certificate, CounterExample, Unproven, limits
from statute.clocks import FAMILY
from statute.definition import Deadline, Process
from statute.paths import Map, Place, Rule, words
from statute.shape import Shape, shape
from statute.telling import lowered, named, sentences, thing, told
from statute.types import Citation, Kind

__all__ = ["CAP", "Certificate", "CounterExample", "Unproven", "explore"]  # the walk, and what it comes to

CAP = 200_000  # states; ehc_plan has some hundreds

Reason = tuple[str, tuple[Citation, ...], str]  # why, by what law, and why in the words of the definition
Right = tuple[str, str, str]  # an act of the family, a stage, an outcome


@dataclass(frozen=True, slots=True)
class Survey:
    """What a walk found where no path breaks a rule: all of it follows from the shape of the process."""

    states: int
    transitions: int
    routes: Mapping[str, tuple[str, ...]]  # the shortest way to each ending
    stages: frozenset[str]  # that some path leads to
    rights: Mapping[Right, tuple[str, ...]]  # what the family may do, with the shortest way to where it may


@dataclass(slots=True)
class Trail:
    """What the walk found: where each place was first reached from, and every step between places."""

    first: dict[Place, tuple[Place | None, str]] = field(default_factory=dict)
    back: dict[Place, list[Place]] = field(default_factory=dict)
    meets: dict[Place, int] = field(default_factory=dict)  # the running clocks that some step from here meets
    possible: set[str] = field(default_factory=set)  # acts and outcomes
    rights: dict[Right, tuple[Place | None, str]] = field(default_factory=dict)
    steps: int = 0

    def path(self, place: Place | None, *more: str) -> tuple[str, ...]:
        labels = list(more)
        while place is not None:
            place, label = self.first[place]
            labels.append(label)
        return (*labels[len(more) :][::-1], *more)


def explore(process: Process, cap: int = CAP) -> Certificate | CounterExample:
    """Walk every path of a process. Of processes of one shape only the first is walked.

    Raises:
        Unproven: there are more than `cap` states.
    """
    return certified(process, shape(process), cap)


def certified(process: Process, walked: Shape, cap: int = CAP) -> Certificate | CounterExample:
    """As `explore`, where the shape of the process is at hand already."""
    found = survey(walked, cap)
    if found is None or any(found.stages.isdisjoint(at) for at in walked.left_out.values()):
        walk, trail = Walk(process), Trail()  # once more, with the words of the definition
        broken = walk.search(trail, cap)
        if broken is not None:
            return broken
        found = walk.surveyed(trail)
    digest, ceilings = process.digest, limits(process)
    return Certificate(process.name, process.version, digest, digest, found.states, found.transitions, found.routes, ceilings)


@lru_cache(maxsize=512)
def survey(of: Shape, cap: int) -> Survey | None:
    """What is found on the paths of a shape; None where some path breaks a rule. Kept: most overlays leave the shape as it is.

    Raises:
        Unproven: there are more than `cap` states.
    """
    walk, trail = Walk(of.process), Trail()
    return walk.surveyed(trail) if walk.search(trail, cap) is None else None


def _plainly(reasons: list[Reason]) -> str:
    return "; ".join(dict.fromkeys(plain for _, _, plain in reasons))


class Walk(Map):
    """The walk itself, and the rules that every path is held to."""

    def search(self, trail: Trail, cap: int) -> CounterExample | None:
        """The first rule that some path breaks."""
        return self.visit(trail, cap) or self.never(trail) or self.stuck(trail) or self.withheld(trail)

    def surveyed(self, trail: Trail) -> Survey:
        """What a whole walk found."""
        routes: dict[str, tuple[str, ...]] = {}
        for place in trail.first:
            if self.ends[place[0]] and self.stages[place[0]] not in routes:
                routes[self.stages[place[0]]] = trail.path(place)
        stages = frozenset(self.stages[place[0]] for place in trail.first)
        rights = {right: trail.path(place, label) for right, (place, label) in trail.rights.items()}
        return Survey(len(trail.first), trail.steps, routes, stages, rights)

    def begin(self, trail: Trail) -> deque[Place]:
        """The places in which a case may begin."""
        for rule in self.rules:
            start = self.take(rule, (0, 0, 0, 0)) if rule.act.kind is Kind.OPENED else None
            if start is not None:
                trail.possible.add(rule.act.name)
                trail.first.setdefault(start, (None, rule.label))
                if FAMILY in rule.act.by:
                    trail.rights.setdefault((rule.act.name, self.process.first_stage, ""), (None, rule.label))
        return deque(trail.first)

    def visit(self, trail: Trail, cap: int, *, judging: bool = True) -> CounterExample | None:
        """Reach every place, shortest paths first; stop at a notice without its time, and at an ending that leaves a duty running."""
        waiting = self.begin(trail)
        while waiting:
            place = waiting.popleft()
            meets = 0
            for taken, label, target in self.onward(place):
                if taken:
                    if FAMILY in taken.act.by:
                        trail.rights.setdefault((taken.act.name, self.stages[place[0]], taken.outcome), (place, label))
                    trail.possible.update((taken.act.name, taken.outcome))
                    meets |= taken.meets & place[2]
                    if judging and taken.closes and self.early(taken, place):
                        return self._early(taken, place, trail.path(place, label))
                if target == place:
                    continue
                trail.steps += 1
                trail.back.setdefault(target, []).append(place)
                if target not in trail.first:
                    trail.first[target] = (place, label)
                    if judging and self.ends[target[0]] and target[2] & self.must:
                        return self._left_running(trail.path(target), target)
                    waiting.append(target)
                    if len(trail.first) > cap:
                        raise Unproven(f"{self.process.name}: more than {cap} states, so nothing is shown")
            trail.meets[place] = meets
        return None

    def never(self, trail: Trail) -> CounterExample | None:
        """An act, or an outcome of a decision, that no path allows: first those that are shut where they have their place."""
        lost = [rule for rule in self.rules if (rule.outcome or rule.act.name) not in trail.possible]
        reached = [(rule, [place for place in trail.first if self.stages[place[0]] in rule.act.at]) for rule in lost]
        for rule, at in sorted(reached, key=lambda pair: not pair[1]):
            name, subject = rule.outcome or rule.act.name, thing(rule.act, rule.outcome)
            what = f"{words(name)} is possible on no path"
            if not at:
                why = "No path leads to a stage at which it may be done"
                return self._found(name, what, [(why, rule.act.cites, "")], (), f"no path leads to {subject} any more")
            near, reasons = self._nearest(rule, at)
            return self._found(name, what, reasons, trail.path(near), f"{subject} is blocked for ever: {_plainly(reasons)}")
        return None

    def stuck(self, trail: Trail) -> CounterExample | None:
        """A place from which no ending can be reached, or at which a duty runs that nobody can fulfil any more."""
        end = 1 << len(self.clocks)
        ahead = {place: trail.meets.get(place, 0) | (end if self.ends[place[0]] else 0) for place in trail.first}
        waiting = deque(reversed(trail.first))
        while waiting:
            place = waiting.popleft()
            for before in trail.back.get(place, ()):
                if ahead[place] & ~ahead[before]:
                    ahead[before] |= ahead[place]
                    waiting.append(before)
        for place in trail.first:
            name = self.stages[place[0]]
            if not ahead[place] & end:
                what = f"A dead end at {words(name)}: no ending can be reached"
                ways = self._closed_ways(place)
                return self._found(name, what, ways, trail.path(place), f"the case can never end: {_plainly(ways)}")
            hopeless = place[2] & self.must & ~self.floors & ~ahead[place]
            if hopeless:
                deadline = self._deadline(hopeless)
                meets = ", ".join(map(words, deadline.met_by))
                why = f"{deadline.say}: its clock runs, and what meets it ({meets}) is impossible from here on"
                what = f"{words(deadline.name)} can no longer be met"
                harm = f"this can never be done in law any more, though it is owed: {lowered(deadline.say)}"
                return self._found(deadline.name, what, [(why, deadline.cites, "")], trail.path(place), harm)
        return None

    def withheld(self, trail: Trail) -> CounterExample | None:
        """A right of the family out of reach: its act, at a stage where it has its place, not done and not possible while that lasts."""
        rights = {rule.act.name: rule.act for rule in self.rules if FAMILY in rule.act.by and (rule.checks or rule.follows)}
        places: dict[int, list[Place]] = {}
        for place in trail.first if rights else ():
            places.setdefault(place[0], []).append(place)
        for act in rights.values():
            rules = [rule for rule in self.rules if rule.act is act]
            for stage in sorted(self.stages.index(name) for name in act.at):
                here = places.get(stage, [])
                within = {place for place in here if any(place[1] & rule.once or self.take(rule, place) for rule in rules)}
                waiting = deque(within)
                while len(within) < len(here) and waiting:
                    for before in trail.back.get(waiting.popleft(), ()):
                        if before[0] == stage and before not in within:
                            within.add(before)
                            waiting.append(before)
                for place in here:
                    if place not in within:
                        what = f"A right of the family is out of reach at {words(self.stages[stage])}: {words(act.name)}"
                        harm = f'the family loses a right while this lasts ("{self._stage(stage)}"): {lowered(act.say)}'
                        return self._found(act.name, what, self._shut(rules[0], place), trail.path(place), harm)
        return None

    def _deadline(self, clocks: int) -> Deadline:
        return self.clocks[(clocks & -clocks).bit_length() - 1][0]

    def _stage(self, stage: int) -> str:
        return self.process.stages[self.stages[stage]].say or words(self.stages[stage])

    def _found(self, rule: str, what: str, reasons: list[Reason], path: tuple[str, ...], harm: str) -> CounterExample:
        why = "; ".join(dict.fromkeys(why for why, _, _ in reasons))
        cites = tuple(dict.fromkeys(cite for _, cites, _ in reasons for cite in cites))
        say = told(path, sentences(self.process, self), harm, cites)
        return CounterExample(self.process.name, self.process.digest, rule, what, why, cites, path, say)

    def early(self, rule: Rule, place: Place) -> int:
        """The times the law gives that a step closes before they have begun, or, where the council chooses the day, before they are over."""
        return rule.closes & ~(place[1] >> len(self.clocks)) or rule.waits & ~place[1]

    def _early(self, rule: Rule, place: Place, path: tuple[str, ...]) -> CounterExample:
        unbegun = rule.closes & ~(place[1] >> len(self.clocks))
        deadline = self._deadline(self.early(rule, place))
        span, trigger = deadline.spans[0]
        lacks = f"it counts from {words(trigger)}, which the path lacks" if unbegun else f"{span} from {words(trigger)} are not over"
        what = f"{words(rule.act.name)} is possible before {words(deadline.name)} is over"
        reason = (f"{deadline.say}: {lacks}, and no gate holds the act until then", deadline.cites, "")
        harm = f"that is before the {span or 'time'} that the law gives {'have begun' if unbegun else 'are over'} ({lowered(deadline.say)})"
        return self._found(deadline.name, what, [reason], path, harm)

    def _left_running(self, path: tuple[str, ...], place: Place) -> CounterExample:
        deadline, ending = self._deadline(place[2] & self.must), self.stages[place[0]]
        by = ", ".join(map(words, (*deadline.met_by, *deadline.stopped_by)))
        why = f"{deadline.say}: only these meet or stop it ({by}), and none of them came after it began"
        what = f"The case ends at {words(ending)} while {words(deadline.name)} still runs"
        harm = f'the case ends ("{self._stage(place[0])}") while this is still owed: {lowered(deadline.say)}'
        return self._found(deadline.name, what, [(why, deadline.cites, "")], path, harm)

    def _nearest(self, rule: Rule, places: Iterable[Place]) -> tuple[Place, list[Reason]]:
        """The place at which the least is missing for a step, and what is missing there."""
        return min(((place, self._shut(rule, place)) for place in places), key=lambda pair: len(pair[1]))

    def _shut(self, rule: Rule, place: Place) -> list[Reason]:
        """Why a step is refused at a place."""
        done, act, reasons = place[1] & ~rule.forgets | rule.brings, rule.act, []
        if done & rule.once:
            reasons.append((f"{words(act.name)} was done already", act.cites, f"{thing(act)} can be taken once, and was"))
        if rule.follows and not done & rule.follows:
            why = f"{words(act.name)} waits for the decision {words(act.follows[0])}"
            reasons.append((why, act.cites, f"it waits for the decision {named(self.process, act.follows[0])}"))
        for check in rule.checks:
            missing = check.missing(done)
            if missing:
                why = f"{check.gate.say}: {words(act.name)} needs {', '.join(map(words, missing))}"
                plain = f"{lowered(check.gate.say)} (it waits for {' and '.join(named(self.process, name) for name in missing)})"
                reasons.append((why, check.gate.cites, plain))
        return reasons

    def _closed_ways(self, place: Place) -> list[Reason]:
        """Why no act leads out of what can be reached from a dead end."""
        region, waiting, taken = {place}, [place], set()
        while waiting:
            for rule, _, target in self.onward(waiting.pop()):
                taken.add(rule.act.name if rule else "")
                if target not in region:
                    region.add(target)
                    waiting.append(target)
        at = sorted(region)
        shut = {rule.act.name: (rule, [p for p in at if p[0] in rule.moves]) for rule in self.rules if rule.act.name not in taken}
        return [reason for rule, near in shut.values() if near for reason in self._nearest(rule, near)[1]] or [
            ("No act leads on", (), "no act leads on")
        ]
