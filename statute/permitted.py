"""What a tenant may change, the whole list: `judge(process, overlay)` gives every violation, `unknown_names` every name that leads nowhere.

The table is docs/overlays.md. What tightens follows from `binds` and `force`: time of the council's own and of those that it
works with may be shorter, time of the family longer, and nobody else's is the council's to change.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from statute.clocks import FAMILY
from statute.definition import Act, Deadline, Gate, Process, Sense, Span
from statute.tenant_overlay import SPANS, Overlay, Tuned, Violation
from statute.types import Citation, Fault, Force, Kind

BODIES = frozenset(
    {"local_authority", "decision_maker", "school", "setting", "provider", "adviser"}
)  # whom a tenant may bind more strictly
DECIDERS = frozenset({"decision_maker"})  # the capacities of a council in which its decisions are taken
DECIDES_FOR = {"decision_maker": "local_authority"}


def unknown_names(process: Process, overlay: Overlay) -> list[Fault]:
    """Names of an overlay that are no names of the process."""
    look = Names(process)
    for name, tuned in overlay.deadlines.items():
        if look.known(f"deadlines.{name}", name, process.deadlines, "deadline"):
            sense = process.deadlines[name].sense
            if tuned.sense not in (None, sense) and sense in SPANS:
                look.odd(f"deadlines.{name}", f"is `{sense.value}` here", "a deadline keeps its sense", f"write `{sense.value}:`")
    for name, change in overlay.gates.items():
        if look.known(f"gates.{name}", name, process.gates, "gate"):
            look.all_known(f"gates.{name}.needs", change.needs, {*process.acts, *overlay.tasks}, "act")
            look.all_known(f"gates.{name}.without", change.without, process.gates[name].unless, "exception of this gate")
    for name, decision in overlay.decisions.items():
        act = process.acts.get(name)
        if look.known(f"decisions.{name}", name, [act.name for act in process.acts.values() if act.outcomes], "decision") and act:
            look.all_known(f"decisions.{name}.record", decision.record, act.outcomes, "outcome of this decision")
            for outcome, uses in decision.record.items():
                path = f"decisions.{name}.record.{outcome}"
                look.all_known(path, (use.name for use in uses), overlay.facts, "fact of this overlay")
    for name in overlay.notices:
        look.known(f"notices.{name}", name, [act.name for act in process.acts.values() if act.kind is Kind.SERVED], "notice")
    for name, grounds in overlay.without.items():
        if look.known(f"without.{name}", name, process.deadlines, "deadline"):
            look.all_known(f"without.{name}", grounds, process.deadlines[name].excused_by, "excuse from this limit")
    capacities = {capacity for act in process.acts.values() for capacity in act.by} | BODIES
    for name, task in overlay.tasks.items():
        if {name, task.deadline} & {*process.acts, *process.deadlines, *overlay.tasks.keys() - {name}}:
            look.odd(
                f"tasks.{name}",
                "is the name of an act, or gives its limit the name of one",
                "a name means one thing",
                "use a name of its own",
            )
        look.all_known(f"tasks.{name}.at", task.at, [stage.name for stage in process.stages.values() if not stage.ends], "stage that lasts")
        look.all_known(f"tasks.{name}.by", task.by, capacities, "capacity")
        if task.since:
            dated = {*process.acts, *process.facts, *process.days, *process.deadlines}
            look.known(f"tasks.{name}.deadline.from", task.since, dated, "act or dated fact")
    recorded = {use.name for decision in overlay.decisions.values() for uses in decision.record.values() for use in uses}
    for name in overlay.facts:
        if name not in recorded:
            look.odd(
                f"facts.{name}",
                "is recorded by nothing",
                "a fact that nobody asks for is lost",
                "record it with a decision, or leave it out",
            )
    return look.faults


class Names:
    def __init__(self, process: Process) -> None:
        self.process = process
        self.faults: list[Fault] = []

    def odd(self, path: str, what: str, why: str, do: str) -> None:
        self.faults.append(Fault(path, what, why, do))

    def known(self, path: str, name: str, names: Iterable[str], kind: str) -> bool:
        listed = sorted(names)
        if name in listed:
            return True
        close = get_close_matches(name, listed, 1)
        advice = f"did you mean {close[0]}" if close else f"use one of: {', '.join(listed)}" if listed else "leave it out: there is none"
        self.odd(path, f"{name} is no {kind}", f"it is not in {self.process.title}", advice)
        return False

    def all_known(self, path: str, given: Iterable[str], names: Iterable[str], kind: str) -> None:
        listed = list(names)
        for name in given:
            self.known(path, name, listed, kind)


def judge(process: Process, overlay: Overlay) -> list[Violation]:
    """Everything in an overlay that no tenant may do. Its names are those of the process."""
    judge = _Judge(process, overlay)
    for path in overlay.national:
        judge.not_the_tenants(path)
    for name, tuned in overlay.deadlines.items():
        if tuned.span is not None:
            judge.span(process.deadlines[name], tuned, tuned.span)
    for name, change in overlay.gates.items():
        judge.gate(process.gates[name], change.needs)
    for name, decision in overlay.decisions.items():
        judge.decision(process.acts[name], decision.who, bool(decision.record))
    for name, elements in overlay.notices.items():
        judge.notice(process.acts[name], elements)
    for name in overlay.without:
        judge.excuses(process.deadlines[name])
    for name in overlay.facts:
        if name in process.facts:
            judge.forbid(f"facts.{name}", "is a fact of the law already", "what it means is not the tenant's", "use a name of your own")
    for task in overlay.tasks.values():
        others = [capacity for capacity in task.by if capacity not in BODIES]
        if others:
            what = f"gives a task to the {', '.join(_words(other) for other in others)}"
            judge.forbid(f"tasks.{task.name}.by", what, "a council tasks its own people and those that it works with", "name one of them")
    return judge.found


class _Judge:
    def __init__(self, process: Process, overlay: Overlay) -> None:
        self.process, self.overlay = process, overlay
        self.found: list[Violation] = []

    def forbid(self, path: str, what: str, why: str, do: str, cites: tuple[Citation, ...] = ()) -> None:
        """Note a violation. A rule without a citation of its own is named by the law that the definition rests on."""
        law = ", ".join(map(str, cites)) or ", ".join(f"{rule['title']} ({rule['number']})" for rule in self.process.law.values())
        self.found.append(Violation(path, what, f"{why}: {law}", do, cites))

    def not_the_tenants(self, path: str) -> None:
        section, _, rest = path.partition(".")
        name, _, key = rest.partition(".")
        rules: tuple[Act | Deadline | Gate | None, ...] = (
            self.process.acts.get(name), self.process.deadlines.get(name), self.process.gates.get(name)
        )  # fmt: skip
        cites = next((rule.cites for rule in rules if rule is not None), ())
        what = f"changes {_words(key.rpartition('.')[2] or rest or section)}, which the law alone says"
        self.forbid(path, what, "a tenant tightens, adds, names and times, and nothing else", "leave it out", cites)

    def span(self, deadline: Deadline, tuned: Tuned, span: Span) -> None:
        """The rows of the table for `within`, `every`, `before` and `at_least`."""
        path, cites = f"deadlines.{deadline.name}.{tuned.sense.value if tuned.sense else ''}", deadline.cites
        if deadline.sense not in SPANS:
            what = f"sets a span where the law says `{deadline.sense.value}`"
            self.forbid(path, what, "such a limit has no one number to tighten", "change its warnings alone", cites)
            return
        law = deadline.spans[0][0]
        before = len(self.found)
        if deadline.set_by_tenant:
            pass
        elif law is None:
            self.forbid(path, "gives a number where the law gives none", "as soon as practicable is no number of days", "add a task", cites)
        elif law.unit is not span.unit:
            units = f"counts {_words(span.unit.value)}, and the law {_words(law.unit.value)}"
            self.forbid(path, units, "one unit is never converted into another", f"write it in {_words(law.unit.value)}", cites)
        elif deadline.sense is Sense.AT_LEAST:
            self._floor(path, deadline, law, span)
        elif deadline.binds == FAMILY:
            self._familys(path, deadline, law, span)
        elif deadline.force is not Force.LOCAL:
            self._ceiling(path, deadline, tuned, law, span)
        leaning = _leaning(self.process, deadline)
        if leaning and len(self.found) == before and not targets(deadline, span):
            what = f"would move what counts from it: {', '.join(map(_words, leaning))}"
            self.forbid(path, what, "no other date is moved by moving one", "leave it as it is", cites)

    def _floor(self, path: str, deadline: Deadline, law: Span, span: Span) -> None:
        cites = deadline.cites
        if span.number <= law.number:
            self.forbid(
                path, f"gives {span}, not more than {law}", "time that must be given may be longer only", f"give more than {law}", cites
            )
        if any(trigger in self.process.deadlines for _, trigger in deadline.spans):
            what, why = "would promise time that is not the council's to give", "it is the time of another limit"
            self.forbid(path, what, why, "leave it as it is", cites)
        for gate in self.process.gates.values():
            family = [name for name in gate.holds if FAMILY in self.process.acts[name].by]
            if deadline.name in (*gate.needs, *gate.when, *gate.unless) and family:
                what = f"would hold up a step of the family: {', '.join(map(_words, family))}"
                self.forbid(
                    path, what, "a right of the family waits for nothing that the law does not say", "leave it as it is", gate.cites
                )

    def _familys(self, path: str, deadline: Deadline, law: Span, span: Span) -> None:
        if deadline.force is not Force.LOCAL:
            self.forbid(path, "changes the family's own limit", "its time is set by the law alone", "leave it out", deadline.cites)
        elif span.number <= law.number:
            self.forbid(
                path,
                f"gives the family {span}, not more than {law}",
                "its time may be longer only",
                f"give more than {law}",
                deadline.cites,
            )

    def _ceiling(self, path: str, deadline: Deadline, tuned: Tuned, law: Span, span: Span) -> None:
        cites = deadline.cites
        if deadline.binds not in BODIES:
            what = f"sets a time for the {_words(deadline.binds)}"
            self.forbid(path, what, "a tenant times itself and those that it works with", "leave it out", cites)
        elif deadline.force is Force.SHOULD:
            if not tuned.why:
                what = "departs from guidance without a reason"
                self.forbid(
                    path, what, "statutory guidance is followed, or a reason is given", "add `why:`, in words for the family", cites
                )
        elif not _earlier(deadline, law, span):
            early = "earlier than" if deadline.sense is Sense.BEFORE else "shorter than"
            what = f"gives {span}, where the law gives {law}" + (" before" if deadline.sense is Sense.BEFORE else "")
            self.forbid(path, what, "a limit in law may be tightened, never relaxed", f"make it {early} that", cites)

    def gate(self, gate: Gate, needs: tuple[str, ...]) -> None:
        path = f"gates.{gate.name}"
        holds = [self.process.acts[name] for name in gate.holds]
        for act in holds:
            others = [_words(capacity) for capacity in act.by if capacity not in BODIES]
            if others:
                what = f"holds a step of the {', '.join(others)}: {act.say}"
                self.forbid(path, what, "a gate may be narrower only where it binds the authority", "leave it as it is", gate.cites)
        for name in needs:
            where, do = f"{path}.needs.{name}", "name an act of its own, or leave it out"
            if name in self.overlay.tasks:
                what = "makes a step of the law wait for a task of the council's own"
                self.forbid(where, what, "nothing of a tenant's may block or delay what the law asks for", do, gate.cites)
            elif name in gate.holds or name in gate.needs:
                what = "is needed already, or waits for itself"
                self.forbid(where, what, "a gate that never opens takes the step away", do, gate.cites)
            elif blocker := self._waits_for_others(self.process.acts[name], holds):
                what = f"makes a step of the authority wait for what is not all its own to do: {blocker}"
                self.forbid(where, what, "what the law asks of the authority may not hang on others or on time", do, gate.cites)

    def _waits_for_others(self, need: Act, holds: list[Act]) -> str:
        """What is not wholly in the hands of whoever does the held steps, on the way to a need; empty: nothing is."""
        mine = [{*act.by, *(DECIDES_FOR[name] for name in act.by if name in DECIDES_FOR)} for act in holds]
        awaited = {name for act in holds for gate in act.gates for name in gate.needs}
        seen, waiting = {need.name}, [need]
        while waiting:
            act = waiting.pop()
            if any(not set(act.by) <= own for own in mine):
                return act.say
            before = [name for gate in act.gates for name in gate.needs] + ([act.follows[0]] if act.follows[0] else [])
            for name in before:
                if name in self.process.facts or (name in self.process.deadlines and name not in awaited):
                    return f"{act.say} ({_words(name)})"
                if name in self.process.acts and name not in seen:
                    seen.add(name)
                    waiting.append(self.process.acts[name])
        return ""

    def decision(self, act: Act, who: str, records: bool) -> None:
        path = f"decisions.{act.name}"
        if who and not {who, *act.by} <= DECIDERS:
            what = f"gives the decision of the {_words(act.by[0])} to the {_words(who)}"
            self.forbid(f"{path}.who", what, "it may move between those who decide for the council", "leave it as it is", act.cites)
        if records and not set(act.by) <= BODIES:
            self.forbid(
                f"{path}.record",
                f"asks more of the {_words(act.by[0])}",
                "only the authority may be asked for more",
                "leave it out",
                act.cites,
            )

    def notice(self, act: Act, elements: Iterable[str]) -> None:
        path = f"notices.{act.name}"
        if not set(act.by) <= BODIES:
            what = f"changes a letter that is not only the authority's: {act.say}"
            self.forbid(path, what, "a tenant adds to its own letters", "leave it as it is", act.cites)
        prescribed = {name for other in self.process.acts.values() for name in other.contains}
        for name in elements:
            if name in prescribed or name in self.process.facts or name in self.overlay.facts:
                what = "has the name of what the law prescribes, or of a fact"
                self.forbid(
                    f"{path}.contains.{name}", what, "what a letter says by law is never replaced", "use a name of your own", act.cites
                )

    def excuses(self, deadline: Deadline) -> None:
        if deadline.binds not in BODIES:
            what = f"takes an excuse from the {_words(deadline.binds)}"
            self.forbid(f"without.{deadline.name}", what, "a tenant gives up its own excuses alone", "leave it out", deadline.cites)


def targets(deadline: Deadline, span: Span) -> bool:
    """Whether a span is the tenant's own earlier date beside the law's: of a `must` or `should` that is a ceiling. The law's stays."""
    law = deadline.spans[0][0]
    own = deadline.set_by_tenant or deadline.force is Force.LOCAL or deadline.binds == FAMILY or deadline.sense is Sense.AT_LEAST
    return not own and law is not None and _earlier(deadline, law, span)


def _earlier(deadline: Deadline, law: Span, span: Span) -> bool:
    if law.unit is not span.unit:
        return False
    return span.number > law.number if deadline.sense is Sense.BEFORE else span.number < law.number


def _leaning(process: Process, deadline: Deadline) -> list[str]:
    """What reckons with the last day of a deadline: other limits, conditions, and excuses that count days within it."""
    following = [other.name for other in process.starts.get(deadline.name, ())]
    conditions = [condition.name for condition in process.conditions.values() if deadline.name in (condition.until, *condition.passed)]
    return following + conditions + [name for name in deadline.excused_by if process.grounds[name].within_limit]


def _words(name: str) -> str:
    return name.replace("_", " ")
