"""A process as bits, for walking: each way to take a step as masks, and what may be forgotten at each stage.

Items that no rule tells apart are one, and acts that change nothing leave no mark. `statute.explore` walks what this module makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from statute.clocks import RESTARTS
from statute.definition import Act, Deadline, Each, FactType, FactUse, Gate, Outcome, Process, Sense
from statute.types import Force, Kind

VERBS = {Kind.DECIDED: "decided: ", Kind.SERVED: "sent: ", Kind.DONE: "done: "}

Place = tuple[int, int, int, int]  # stage, what has happened (bits), clocks that run (bits), clocks that will not start again (bits)


@dataclass(frozen=True, slots=True)
class Group:
    """Items of an `each` that no tracked deadline tells apart, walked as one."""

    names: tuple[str, ...]
    required: bool


Condition = tuple[int, ...]  # alternatives in bits, any of which makes it hold; none: it never holds


@dataclass(frozen=True, slots=True)
class All:
    """Conditions that must all hold. Those with one alternative are one mask: most are, and a walk asks a million times."""

    mask: int
    others: tuple[Condition, ...]

    def hold(self, done: int) -> bool:
        if done & self.mask != self.mask:
            return False
        for condition in self.others:  # noqa: SIM110 - asked a million times
            if not _holds(done, condition):
                return False
        return True


def _all(conditions: Iterable[Condition]) -> All:
    listed = list(conditions)
    return All(union(one[0] for one in listed if len(one) == 1), tuple(one for one in listed if len(one) != 1))


@dataclass(frozen=True, slots=True)
class Check:
    """A gate in bits."""

    gate: Gate
    conditions: tuple[Condition, ...]  # of its needs, one by one
    needs: All
    when: All
    unless: Condition

    @property
    def looks(self) -> int:
        """Everything that it looks at."""
        conditions = (*self.conditions, *self.when.others, self.unless)
        return union(bits for condition in conditions for bits in condition) | self.when.mask

    @property
    def simple(self) -> bool:
        """Whether it asks for certain marks, always."""
        return not (self.unless or self.when.mask or self.when.others or self.needs.others)

    def shut(self, done: int) -> bool:
        return not self.needs.hold(done) and self.when.hold(done) and not _holds(done, self.unless)

    def missing(self, done: int) -> list[str]:
        if not self.shut(done):
            return []
        return [name for name, condition in zip(self.gate.needs, self.conditions, strict=True) if not _holds(done, condition)]


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to take a step: an act, on one group of items, with one outcome and one choice of facts."""

    act: Act
    items: tuple[str, ...]
    label: str
    outcome: str
    once: int  # its own mark: shut when it is there
    follows: int  # the mark that a decision called for it
    checks: tuple[Check, ...]
    required: int  # what the gates without conditions need
    others: tuple[Check, ...]  # the gates that are not so simple
    brings: int  # truths and the outcome of the step itself: its gates see them
    forgets: int
    puts: int
    meets: int
    stops: int
    starts: int
    moves: Mapping[int, int]
    closes: int  # floors in law that the act closes: each must have begun
    truths: Mapping[str, bool]  # the answers that it gives to what gates ask
    inert: bool  # changes nothing that any rule looks at

    @property
    def waits(self) -> int:
        """The floors that must be over: a notice or a decision may not cut short the time that the law gives."""
        return self.closes if self.act.kind in (Kind.SERVED, Kind.DECIDED) else 0


def _holds(done: int, condition: Condition) -> bool:
    for bits in condition:  # noqa: SIM110 - asked a million times
        if done & bits == bits:
            return True
    return False


def union(numbers: Iterable[int]) -> int:
    total = 0
    for number in numbers:
        total |= number
    return total


def words(name: str) -> str:
    return name.replace("_", " ")


def _groups(each: Each, tracked: list[Deadline]) -> tuple[Group, ...]:
    """Where none is required any one will do for a gate, so two are walked: one may be done while another still runs."""
    if not each.items and not each.required:
        return Group(("one",), False), Group(("another",), False)
    alike: dict[object, list[str]] = {}
    for item in dict.fromkeys((*each.required, *each.items)):
        limits = frozenset(d.name for d in tracked if d.each == each.name and (not d.only or item in d.only))
        alike.setdefault((item in each.required, limits), []).append(item)
    parts = [part for names in alike.values() for part in ((names,) if each.required else (names[:1], names[1:])) if part]
    return tuple(Group(tuple(names), names[0] in each.required) for names in parts)


class Map:
    """A process compiled to bits: of `done`, first which floors are over, then which have begun, then the marks of what happened."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.stages = list(process.stages)
        self.ends = [stage.ends for stage in process.stages.values()]
        self.consulted = frozenset(name for gate in process.gates.values() for name in (*gate.needs, *gate.when, *gate.unless))
        tracked = [d for d in process.deadlines.values() if d.force is Force.MUST or d.name in self.consulted]
        self.groups = {name: _groups(each, tracked) for name, each in process.each.items()}
        self.clocks: list[tuple[Deadline, Group | None]] = [
            (deadline, group)
            for deadline in tracked
            for group in (self.groups[deadline.each] if deadline.each else (None,))
            if group is None or not deadline.only or group.names[0] in deadline.only
        ]
        self.floors = self._where(lambda deadline: deadline.sense is Sense.AT_LEAST)
        self.restarts = self._where(lambda deadline: deadline.sense in RESTARTS or deadline.repeats)
        self.returns = self._where(lambda deadline: deadline.sense in RESTARTS - {Sense.LATEST_OF} or deadline.repeats)  # after it was met
        self.rounds = self._where(lambda deadline: deadline.sense is Sense.EVERY)
        self.must = self._where(lambda deadline: deadline.force is Force.MUST)
        self.marks: dict[str, int] = {}
        self.alike = self._alike()
        self.rules = [rule for act in process.acts.values() for rule in self._rules(act)]
        self.at = [[rule for rule in self.rules if name in rule.act.at and rule.act.kind is not Kind.OPENED] for name in self.stages]
        self.keep, self.keep_shut = self._alive()

    def _alike(self) -> dict[str, str]:
        """Acts that do nothing but open the same gate, any of them, as often as one likes: one mark serves for all."""
        looked = [name for gate in self.process.gates.values() for name in (*gate.needs, *gate.when, *gate.unless)]
        found: dict[str, str] = {}
        for gate in self.process.gates.values():
            acts = [self.process.acts[name] for name in gate.unless if name in self.process.acts and looked.count(name) == 1]
            only = [act.name for act in acts if act.again and not act.each and not act.follows[0]]
            found |= dict.fromkeys(only[1:], only[0]) if only else {}
        return found

    def _where(self, test: Callable[[Deadline], bool]) -> int:
        return sum(1 << n for n, (deadline, _) in enumerate(self.clocks) if test(deadline))

    def begun(self, floors: int) -> int:
        """The bits that say that these floors have begun."""
        return floors << len(self.clocks)

    def mark(self, name: str, group: Group | None = None) -> int:
        """The bit that says that an act happened (on a group of items), an outcome was decided or a truth was recorded."""
        key = f"{name}/{group.names}" if group else self.alike.get(name, name)
        return 1 << (2 * len(self.clocks) + self.marks.setdefault(key, len(self.marks)))

    def _condition(self, name: str, act: Act, group: Group | None) -> Condition:
        """As `gates.Ledger.holds`. No alternatives: it never holds."""
        if name in self.process.deadlines:
            return tuple(1 << n for n, (deadline, of) in enumerate(self.clocks) if deadline.name == name and of is None)
        other = self.process.acts.get(name)
        if other is None or not other.each:
            return (self.mark(name),)
        if act.each == other.each:
            return (self.mark(name, group),)
        required = union(self.mark(name, each) for each in self.groups[other.each] if each.required)
        return (required,) if required else tuple(self.mark(name, each) for each in self.groups[other.each])

    def _check(self, gate: Gate, act: Act, group: Group | None) -> Check:
        needs, when, unless = (tuple(self._condition(name, act, group) for name in part) for part in (gate.needs, gate.when, gate.unless))
        return Check(gate, needs, _all(needs), _all(when), tuple(bits for condition in unless for bits in condition))

    def _rules(self, act: Act) -> Iterator[Rule]:
        for group in self.groups[act.each] if act.each else (None,):
            for outcome in act.outcomes.values() or (None,):
                for facts in self._choices(act, (*act.facts, *(outcome.record if outcome else ()))):
                    yield self._rule(act, group, outcome, facts)

    def _is_truth(self, name: str) -> bool:
        if name in self.process.conditions:
            return True
        return name in self.consulted and self.process.facts[name].type is FactType.TRUTH

    def _choices(self, act: Act, uses: Iterable[FactUse]) -> Iterator[dict[str, bool]]:
        """The ways to give the facts that rules look at: left out where optional, a truth as yes or no, and so what is reckoned."""
        choices: list[list[tuple[str, bool] | None]] = []
        asked = {name for gate in act.gates for name in (*gate.needs, *gate.when, *gate.unless)}
        for name in sorted(asked & self.process.conditions.keys()):
            choices.append([(name, True), (name, False)])
        for use in uses:
            if self._is_truth(use.name):
                choices.append([(use.name, True), (use.name, False), *([] if use.required else [None])])
            elif use.name in self.process.starts or any(use.name == named.source for named in self.process.days.values()):
                choices.append([(use.name, True), *([] if use.required else [None])])
        for chosen in product(*choices):
            yield dict(pair for pair in chosen if pair is not None)

    def _following(self, facts: Iterable[str]) -> list[str]:
        """The named days that follow from facts, one from another."""
        found = [named.name for named in self.process.days.values() if named.source in facts]
        return found + [named.name for named in self.process.days.values() if set(named.first_of) & set(found)]

    def _rule(self, act: Act, group: Group | None, outcome: Outcome | None, facts: dict[str, bool]) -> Rule:
        process = self.process
        truths = {name: given for name, given in facts.items() if self._is_truth(name)}
        brings = union(self.mark(name) for name, given in truths.items() if given)
        forgets = union(self.mark(name) for name, given in truths.items() if not given)
        puts = union(self.mark(name, group if process.acts[name].each else None) for name in (act.name, *act.counts_as))
        if outcome is not None:
            brings |= self.mark(outcome.name)
            forgets |= union(self.mark(name) for name in act.outcomes if name != outcome.name)
            for notice in (other for other in process.acts.values() if other.follows[0] == act.name):
                called = self.mark(f"called for {notice.name}")
                puts, forgets = (puts | called, forgets) if outcome.name in notice.follows[1] else (puts, forgets | called)
        meets = self._touched(process.meets, (act.name, *act.counts_as), act, group)
        stops = self._touched(process.stops, (act.name, *act.counts_as), act, group)
        starts = self._touched(process.starts, (act.name, *facts, *self._following(facts)), act, group)
        checks = tuple(self._check(gate, act, group) for gate in act.gates)
        inert = not (act.name in self.consulted or act.moves or act.outcomes or act.counts_as or truths or meets or stops or starts)
        return Rule(
            act=act,
            items=group.names if group else (),
            label=self._label(act, group, outcome, truths),
            outcome=outcome.name if outcome else "",
            once=0 if act.again or inert else self.mark(act.name, group),
            follows=self.mark(f"called for {act.name}") if act.follows[0] else 0,
            checks=checks,
            required=union(check.needs.mask for check in checks if check.simple),
            others=tuple(check for check in checks if not check.simple),
            brings=brings,
            forgets=forgets,
            puts=puts,
            meets=meets,
            stops=stops,
            starts=starts,
            moves={self.stages.index(stage): self.stages.index(target) for stage, target in act.moves.items()},
            closes=meets & self.floors & self.must,
            truths=truths,
            inert=inert,
        )

    def _touched(self, index: Mapping[str, tuple[Deadline, ...]], names: Iterable[str], act: Act, group: Group | None) -> int:
        """The clocks that an act concerns: its own item's, or all of a deadline's where it is not an act of each."""
        touched = {deadline.name for name in names for deadline in index.get(name, ())}
        waiting = list(touched) if index is self.process.starts else []
        while waiting:  # deadlines that count from the last day of these
            following = {deadline.name for deadline in index.get(waiting.pop(), ())} - touched
            touched |= following
            waiting += following
        own = [d.name in touched and (of is None or of == group or act.each != d.each) for d, of in self.clocks]
        return sum(1 << n for n, concerned in enumerate(own) if concerned)

    @staticmethod
    def _label(act: Act, group: Group | None, outcome: Outcome | None, truths: dict[str, bool]) -> str:
        notes = [", ".join(map(words, group.names))] if group else []
        notes += [f"{words(name)}: {'yes' if given else 'no'}" for name, given in truths.items()]
        label = VERBS.get(act.kind, "") + words(outcome.name if outcome else act.name)
        return f"{label} ({'; '.join(notes)})" if notes else label

    def _alive(self) -> tuple[list[int], list[int]]:
        """For each stage, the bits that a rule at it, or at a stage after it, may still look at. The rest need not be remembered."""
        onward = [{n} for n in range(len(self.stages))]
        for _ in self.stages:
            for n, rules in enumerate(self.at):
                onward[n].update(*(onward[rule.moves[n]] for rule in rules if n in rule.moves))
        looks = []
        for rules in self.at:
            seen = 0
            for rule in rules:
                bits = union(check.looks for check in rule.checks)
                seen |= bits & ~(rule.brings | rule.forgets) | rule.once | rule.follows | rule.waits | self.begun(rule.closes)
            looks.append(seen | self.begun(seen & self.floors))
        shut = [union(rule.starts for rule in rules) for rules in self.at]
        return [union(looks[m] for m in reached) for reached in onward], [union(shut[m] for m in reached) for reached in onward]

    def take(self, rule: Rule, place: Place) -> Place | None:
        """The place that a step leads to, or None where it would be refused."""
        stage, done, running, shut = place
        if done & rule.once or (rule.follows and not done & rule.follows):
            return None
        done = done & ~rule.forgets | rule.brings
        if done & rule.required != rule.required:
            return None
        for check in rule.others:
            if check.shut(done):
                return None
        met = running & rule.meets
        stopped = running & rule.stops
        running &= ~(stopped | met)
        shut |= stopped | met & ~self.returns
        begun = (rule.starts | met & self.rounds) & ~shut & (~running | self.restarts)
        floors = begun & self.floors
        done = (done | rule.puts) & ~floors | floors << len(self.clocks)
        stage = rule.moves.get(stage, stage)
        return stage, done & self.keep[stage], running | begun, shut & self.keep_shut[stage]

    def onward(self, place: Place) -> Iterator[tuple[Rule | None, str, Place]]:
        """Every step from a place: the acts, and time itself, which ends a floor."""
        for rule in self.at[place[0]]:
            target = self.take(rule, place)
            if target is not None:
                yield rule, rule.label, target
        stage, done, running, shut = place
        waiting = (done >> len(self.clocks)) & self.floors & ~done
        for n, (deadline, _) in enumerate(self.clocks) if waiting else ():
            if waiting >> n & 1:
                yield None, f"time over: {words(deadline.name)}", (stage, done | 1 << n, running & ~(1 << n), shut)
