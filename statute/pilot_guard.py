"""The rights guard: what a pilot may add to a process, the whole list. `judge_pilot` gives every violation, `unknown_in` every lost name.

A pilot adds options, tasks with local limits, letters, words and facts of its own. One that goes beyond the law in force may hold one
step of the family besides, and only so that the family's way through needs nobody else and its time is not used up (docs/pilots.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from statute.clocks import FAMILY
from statute.days import Days
from statute.definition import Act, Condition, Deadline, FactType, Gate, Process, Sense, Span, Unit
from statute.permitted import BODIES, Names
from statute.pilot import EXEMPTIONS, Part, Pilot
from statute.tenant_overlay import Violation
from statute.types import Citation, Fault, Force, Kind

TASKED = BODIES | {"mediation_adviser", "health_body"}  # a pilot is agreed with those whom the council commissions, too
LEFT = 14  # days: the least that the family still has of its time once the gate has fallen away, whatever nobody did
SENTENCES = ("mainstream_option", "any_setting")  # what each letter with a list must say
PLAIN = frozenset({Unit.DAYS, Unit.WEEKS, Unit.MONTHS})  # units that no calendar of holidays changes
FIRST, TRIGGERS = date(2026, 1, 1), 1_461

Wrong = Callable[[str, str, str, str], None]  # path, what, why, what to do


def part_of(process: Process, pilot: Pilot) -> Part | None:
    """What a pilot adds to a process, if anything."""
    return pilot.parts.get(process.name)


def unknown_in(process: Process, pilot: Pilot, part: Part) -> list[Fault]:
    """Names of a pilot that are no names of the process, nor of its own."""
    look, at = Names(process), f"processes.{process.name}"
    stages = [stage.name for stage in process.stages.values() if not stage.ends]
    capacities = {capacity for act in process.acts.values() for capacity in act.by} | TASKED | {FAMILY}
    for act in part.acts.values():
        path = f"{at}.{act.name}"
        look.all_known(f"{path}.at", act.at, stages, "stage that lasts")
        look.all_known(f"{path}.by", act.by, capacities, "capacity")
        look.all_known(f"{path}.facts", (use.name for use in act.facts), {*part.facts, *process.facts}, "fact of this pilot")
        if act.each:
            look.known(f"{path}.each", act.each, process.each, "each")
    for name, task in part.limits.items():
        if {task.deadline} & {*process.acts, *process.deadlines, *part.acts}:
            look.odd(f"{at}.{name}", "gives its limit the name of something else", "a name means one thing", "use a name of its own")
        dated = {*process.acts, *process.facts, *process.days, *process.deadlines, *part.acts, *part.facts}
        look.known(f"{at}.{name}.deadline.from", task.since, dated, "act or dated fact")
    for name in part.words:
        look.known(f"{at}.words.{name}", name, [act.name for act in process.acts.values() if act.kind is Kind.SERVED], "letter")
    for name, tuned in part.deadlines.items():
        if look.known(f"{at}.deadlines.{name}", name, process.deadlines, "deadline"):
            sense = process.deadlines[name].sense
            if tuned.sense not in (None, sense):
                look.odd(f"{at}.deadlines.{name}", f"is `{sense.value}` here", "a deadline keeps its sense", f"write `{sense.value}:`")
    acts = {*process.acts, *part.acts}
    conditions = {*acts, *process.facts, *part.facts, *process.conditions, *part.conditions, *process.deadlines}
    conditions |= {outcome for act in process.acts.values() for outcome in act.outcomes}
    for gate in part.gates.values():
        path = f"{at}.gates.{gate.name}"
        look.all_known(f"{path}.holds", gate.holds, acts, "act")
        look.all_known(f"{path}.needs", (*gate.needs, *gate.when, *gate.unless), conditions, "condition")
        for kind, names in part.exempt[gate.name].items():
            look.all_known(f"{path}.exempt.{kind}", names, conditions, "act or condition")
    for name, law in pilot.law.items():
        if process.law.get(name, law)["title"] != law["title"]:
            look.odd(f"law.{name}", "is another law in this process", "a citation means one thing", "use another short name")
    return look.faults


def judge_pilot(process: Process, pilot: Pilot, part: Part) -> list[Violation]:
    """Everything in a pilot that none may do. Its names are those of the process, or its own."""
    guard = _Guard(process, pilot, part)
    for path in part.national:
        guard.not_the_pilots(path)
    if pilot.cost != "none":
        guard.costs()
    for name in part.conditions.keys() & process.conditions.keys():
        cites = process.conditions[name].cites
        guard.forbid(f"conditions.{name}", "is a condition of the law already", "what it means is not the pilot's", "rename it", cites)
    for name in part.facts:
        if name in process.facts:
            guard.forbid(f"facts.{name}", "is a fact of the law already", "what it means is not the pilot's", "use a name of its own")
    for act in part.acts.values():
        guard.act(act)
    for name, elements in part.words.items():
        guard.words(process.acts[name], elements)
    for name in part.deadlines:
        guard.deadline(process.deadlines[name])
    for gate in part.gates.values():
        guard.gate(gate)
    guard.one_gate()
    if pilot.about == "settings":
        guard.list_of_settings()
    return guard.found


def clashes(pilots: Iterable[Pilot]) -> list[Violation]:
    """Pilots that cannot be laid together: two variants of one flag, or those that exclude one another."""
    found, listed = [], list(pilots)
    for number, pilot in enumerate(listed):
        for other in listed[:number]:
            if other.flag == pilot.flag or other.name in pilot.exclusive_with or pilot.name in other.exclusive_with:
                what = f"is chosen together with {other.name}, and they exclude one another"
                why = f"a case runs under one of them: {_cited(pilot.basis.cites + other.basis.cites)}"
                found.append(Violation(f"flags.{pilot.flag}", what, why, "choose one", pilot.basis.cites))
    return found


class _Guard:
    def __init__(self, process: Process, pilot: Pilot, part: Part) -> None:
        self.process, self.pilot, self.part = process, pilot, part
        self.acts = {**process.acts, **part.acts}
        self.found: list[Violation] = []

    def forbid(self, path: str, what: str, why: str, do: str, cites: tuple[Citation, ...] = ()) -> None:
        """Note a violation. A rule without a citation of its own is named by the law that the definition rests on."""
        law = _cited(cites) or ", ".join(f"{rule['title']} ({rule['number']})" for rule in self.process.law.values())
        self.found.append(Violation(f"processes.{self.process.name}.{path}", what, f"{why}: {law}", do, cites))

    def not_the_pilots(self, path: str) -> None:
        section, *names = path.removeprefix(f"processes.{self.process.name}.").split(".")
        own = self.acts.get(names[0]) if names else None
        rule = own or (self.process.deadlines.get(names[0]) or self.process.gates.get(names[0]) if names else None)
        what = f"changes {_words(names[-1] if names else section)}, which the law alone says"
        why = "a pilot adds options, tasks, letters and words, and moves nothing"
        self.forbid(".".join((section, *names)), what, why, "leave it out", rule.cites if rule else ())

    def costs(self) -> None:
        free = [cite for act in self.process.acts.values() if "no_charge" in act.contains for cite in act.cites]
        self.forbid("cost_to_family", "costs the family something", "these steps are free of charge", "make it `none`", tuple(free))

    def act(self, act: Act) -> None:
        section = {Kind.HAPPENED: "acts", Kind.DONE: "tasks"}.get(act.kind, "notices")
        path = f"{section}.{act.name}"
        if act.name in self.process.acts:
            cites = self.process.acts[act.name].cites
            self.forbid(path, "is an act of the law already", "what it does is not the pilot's", "use a name of its own", cites)
        for use in act.facts:
            if use.name in self.process.facts and use.name not in self.part.facts:
                moved = [deadline for deadline in self.process.deadlines.values() if any(name == use.name for _, name in deadline.spans)]
                cites = tuple(cite for deadline in moved for cite in deadline.cites)
                what = f"records {_words(use.name)}, a fact of the law" + (", from which its dates are counted" if moved else "")
                self.forbid(
                    f"{path}.facts.{use.name}", what, "no pilot moves a date or tells a case otherwise", "use a fact of its own", cites
                )
        others = [capacity for capacity in act.by if capacity not in (TASKED if act.kind is Kind.DONE else BODIES)]
        if act.kind is not Kind.HAPPENED and others:
            what = f"gives a {'task' if act.kind is Kind.DONE else 'letter'} to the {', '.join(map(_words, others))}"
            self.forbid(
                f"{path}.by", what, "nobody outside the authority owes anything to a pilot", "name the council, or make it an option"
            )
        self.sentences(path, act.contains)

    def sentences(self, path: str, elements: Iterable[str]) -> None:
        taken = (
            {name for other in self.process.acts.values() for name in other.contains} | self.process.facts.keys() | self.part.facts.keys()
        )
        for name in elements:
            if name in taken:
                what = "has the name of what the law prescribes, or of a fact"
                holder = [cite for other in self.process.acts.values() if name in other.contains for cite in other.cites]
                self.forbid(
                    f"{path}.contains.{name}", what, "what a letter says by law is never replaced", "use another name", tuple(holder)
                )

    def words(self, act: Act, elements: Iterable[str]) -> None:
        if not set(act.by) <= TASKED:
            what = f"changes a letter that is not only the authorities': {act.say}"
            self.forbid(f"words.{act.name}", what, "a pilot adds to the authorities' own letters", "leave it as it is", act.cites)
        self.sentences(f"words.{act.name}", elements)

    def deadline(self, deadline: Deadline) -> None:
        if not deadline.set_by_tenant or deadline.force is Force.MUST:
            what = f"sets a limit anew: {deadline.say}"
            why = "a pilot moves, shortens and lengthens no limit"
            self.forbid(f"deadlines.{deadline.name}", what, why, "give a task of its own a limit", deadline.cites)

    def gate(self, gate: Gate) -> None:
        path = f"gates.{gate.name}"
        if gate.name in self.process.gates:
            cites = self.process.gates[gate.name].cites
            self.forbid(path, "is a gate of the law already", "what it holds is not the pilot's", "use a name of its own", cites)
        for name in gate.holds:
            act = self.acts[name]
            if name in self.process.acts and FAMILY not in act.by:
                what = f"holds up a step of the law: {act.say}"
                self.forbid(path, what, "nothing of a pilot's may delay what the law asks for", "make it a task", act.cites)
            elif name not in self.process.acts and FAMILY in act.by:
                what = f"holds an option of the family: {act.say}"
                self.forbid(path, what, "an option that waits is none", "leave it open", act.cites)
            elif FAMILY in act.by and not self.pilot.beyond:
                what = f"holds a step of the family: {act.say}"
                self.forbid(path, what, "no pilot within the law holds up a right, and this one does not say that it goes beyond it",
                            "make it an option", act.cites)  # fmt: skip
            elif FAMILY in act.by:
                self.beyond(path, gate, act)

    def one_gate(self) -> None:
        held = [
            (gate, name)
            for gate in self.part.gates.values()
            for name in gate.holds
            if name in self.process.acts and FAMILY in self.acts[name].by
        ]
        for gate, name in held[1:]:
            what = f"holds a second step of the family: {self.acts[name].say}"
            self.forbid(
                f"gates.{gate.name}", what, "a pilot beyond the law may add one gate and no more", "hold one step", self.acts[name].cites
            )

    # What a gate on a step of the family must leave open

    def beyond(self, path: str, gate: Gate, act: Act) -> None:
        cites = tuple(dict.fromkeys((*act.cites, *(cite for other in act.gates for cite in other.cites))))
        exempt = self.part.exempt[gate.name]

        def wrong(where: str, what: str, why: str, do: str) -> None:
            self.forbid(f"{path}{where}", what, why, do, cites)

        for kind in EXEMPTIONS:
            if not exempt.get(kind):
                wrong(
                    f".exempt.{kind}",
                    f"has no exemption for {_words(kind)}",
                    "a family in that case may not be held up",
                    "say under which name it passes",
                )
            else:
                self.exemption(wrong, gate, act, kind, exempt[kind])
        for other in act.gates:
            for name in other.unless:
                if name not in gate.unless:
                    wrong(
                        ".unless",
                        f"leaves out {_words(name)}, with which the law opens the way",
                        "who passes by law passes",
                        "add it to unless",
                    )
        for name in gate.needs:
            if name in self.part.acts or name in self.part.facts:
                wrong(
                    f".needs.{name}",
                    "asks the family for what no law knows",
                    "a gate needs only what the law offers already",
                    "name an act of the process",
                )
        letters = [name for name in gate.when if name in self.part.letters and FAMILY in self.part.acts[name].to]
        if not letters:
            wrong(
                ".when", "shuts before the family was told of it", "nobody is held by a rule that nobody told", "name a letter of the pilot"
            )
        self.time(wrong, gate, act)

    def exemption(self, wrong: Wrong, gate: Gate, act: Act, kind: str, names: tuple[str, ...]) -> None:
        for name in names:
            apart = kind == "discrimination" and name in self.process.acts and FAMILY in self.process.acts[name].by
            if apart and not any(name in other.holds for other in self.part.gates.values()):
                continue
            if name not in gate.unless:
                wrong(f".exempt.{kind}", f"{_words(name)} does not open the gate", "an exemption opens it", "add it to unless")
        if kind == "discrimination":
            return
        owed = [name for name in names if name in self.part.conditions and self.part.conditions[name].passed]
        told = [name for name in names if self._familys(name, act)]
        if kind == "default":
            bound = [
                self.process.deadlines[one] for name in owed for one in self.part.conditions[name].passed if one in self.process.deadlines
            ]
            missing = [one for one in self._arranging(gate) if one not in bound]
            if missing or not bound:
                wrong(f".exempt.{kind}", "opens only when the authority says that it failed", "its default is a matter of dates",
                      f"add a condition: passed: [{', '.join(one.name for one in missing)}]")  # fmt: skip
        elif not told:
            wrong(
                f".exempt.{kind}",
                "is not for the family to say",
                "the way through needs no help of the authority",
                "let the family record it",
            )

    def _familys(self, name: str, held: Act) -> bool:
        """Whether the family can bring it about wherever the held step has its place: its own act, or what it says with the step."""
        act = self.acts.get(name)
        if act is not None:
            return FAMILY in act.by and act.at >= held.at and not act.gates
        return any(use.name == name for use in held.facts) and self.process.facts[name].type is FactType.TRUTH

    def _arranging(self, gate: Gate) -> list[Deadline]:
        """The limits of the authorities for what the gate needs."""
        return [deadline for name in gate.needs for deadline in self.process.meets.get(name, ()) if deadline.binds != FAMILY]

    def time(self, wrong: Wrong, gate: Gate, act: Act) -> None:
        """The gate falls away by itself, while the family still has time."""
        windows = [
            one for one in self.process.meets.get(act.name, ()) if one.binds == FAMILY and one.sense in (Sense.WITHIN, Sense.LATEST_OF)
        ]
        if not windows:
            wrong("", "holds a step that has no last day", "it could wait for ever", "hold a step with a time of its own, or none")
            return
        limits = [one for name in gate.when if (one := self.part.conditions.get(name)) is not None and one.within is not None]
        if not any(all(falls_away(one, window) for window in windows) for one in limits):
            ends = ", ".join(
                f"{window.say} ({' or '.join(f'{span} from {_words(name)}' for span, name in window.spans)})" for window in windows
            )
            wrong(".when", f"may still be shut when the family's time ends: {ends}", f"its time is not used up by a gate, {LEFT} days are left",
                  "add a condition `within` a span of the day from which that time is counted")  # fmt: skip

    def list_of_settings(self) -> None:
        asked = self.process.acts.get("setting_requested")
        for name in SENTENCES:
            told = [letter for letter, elements in self.part.letters.items() if name in elements and FAMILY in self.part.acts[letter].to]
            if not told:
                what = f"has no letter to the family with the sentence {_words(name)}"
                why = "a list adds to what a family may ask for, and takes nothing away"
                self.forbid(f"notices.{name}", what, why, "say it with the list", asked.cites if asked else ())


def falls_away(condition: Condition, window: Deadline) -> bool:
    """Whether a condition that ends by itself ends while some of a time of the family is left, whatever the day it counts from."""
    spans = [span for span, name in window.spans if name == condition.of[0] and span is not None]
    if not spans or condition.within is None or {condition.within.unit, *(span.unit for span in spans)} - PLAIN:
        return False
    return all(_left(condition.within, span) >= LEFT for span in spans)


def _left(held: Span, whole: Span) -> int:
    """The fewest days of a time that are left after a shorter one from the same day. Days on which a time ends are rolled forward only."""
    days = Days()
    triggers = (FIRST + timedelta(days=number) for number in range(TRIGGERS))
    return min((days.last_day(day, whole) - days.last_day(day, held)).days for day in triggers)


def _cited(cites: Iterable[Citation]) -> str:
    return ", ".join(map(str, dict.fromkeys(cites)))


def _words(name: str) -> str:
    return name.replace("_", " ")
