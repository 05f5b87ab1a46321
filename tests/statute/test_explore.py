"""Every path of a process is walked, what breaks a rule is found and told, and the walk agrees with what `advance` does."""

from __future__ import annotations

import random
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from itertools import count

import pytest

from statute.advance import advance
from statute.clocks import OPEN, split_key
from statute.definition import FactType, Process, Sense
from statute.explore import Certificate, CounterExample, Unproven, explore
from statute.paths import Map, Place, Rule
from statute.types import Event, Force, Kind, Refused, State, Value
from workflows import library

EHC = library.files()["ehc_plan", 1].read_text("utf-8")
AGENTS = "request_withdrawn, moved_to_other_authority"


def changed(*pairs: tuple[str, str]) -> Process:
    """EHC v1 with mistakes planted in it: each pair is a text that occurs exactly once, and what replaces it."""
    text = EHC
    for old, new in pairs:
        assert text.count(old) == 1, f"{text.count(old)} times in the definition: {old}"
        text = text.replace(old, new)
    return library.parse_text(text)


def add_gate(rule: str) -> tuple[str, str]:
    return ("\ngates:\n", f"\ngates:\n  planted: {{say: Planted, {rule}, cite: CFA s.36(4)}}\n")


@pytest.mark.parametrize(("name", "version"), sorted(library.files()))
def test_every_definition_on_the_shelf_has_a_certificate(name: str, version: int) -> None:
    process = library.get(name, version)
    found = explore(process)
    assert isinstance(found, Certificate), str(found)
    assert found.digest == process.digest
    assert set(found.routes) == process.endings
    assert found.transitions > found.states > len(process.stages)


def test_the_certificate_gives_the_shortest_lawful_way_to_the_final_plan() -> None:
    found = explore(library.get("ehc_plan", 1))
    assert isinstance(found, Certificate)
    route = found.routes["issued"]
    assert route[0] == "request received"
    wanted = ["decided: will assess", "sent: assessment agreed", "sent: draft plan", "time over: family window", "sent: final plan"]
    assert [step for step in route if step in wanted] == wanted


PLANTED = {
    "a duty that goes on when the child has moved": (
        [("met_by: [assessment_agreed, assessment_refused]\n    stopped_by: [" + AGENTS, "met_by: [assessment_agreed, assessment_refused]\n    stopped_by: [request_withdrawn")],
        ("decision_notified", "The case ends at moved away while decision notified still runs", "SEND reg.5(1)", "moved to other authority"),
    ),
    "a duty that a refusal does not stop": (
        [("stopped_by: [assessment_agreed, assessment_refused, request_withdrawn", "stopped_by: [assessment_agreed, request_withdrawn")],
        ("partners_notified", "The case ends at refused while partners notified still runs", "SEND reg.4(2)", "sent: assessment refused"),
    ),
    "advice still owed when the plan is final": (
        [("only: [medical], met_by: [advice], stopped_by: [no_plan_notice, final_plan, ", "only: [medical], met_by: [advice], stopped_by: [no_plan_notice, ")],
        ("advice_from_partners", "The case ends at issued while advice from partners still runs", "SEND reg.8(1)", "sent: final plan"),
    ),
    "advice owed by one whom the law does not require, once all the required have answered": (
        [
            ("only: [medical], met_by: [advice], stopped_by: [no_plan_notice, final_plan, ", "only: [medical, sensory], met_by: [advice], stopped_by: [no_plan_notice, "),
            ("only: [education, psychological, social_care, sensory, ", "only: [education, psychological, social_care, "),
            add_gate("holds: [draft_plan], needs: [advice]"),
        ],
        ("advice_from_partners", "The case ends at issued while advice from partners still runs", "SEND reg.8(1)", "advice requested (sensory)"),
    ),
    "a refusal without telling the family of its rights": (
        [("holds: [assessment_refused], needs: [considering_notice]", "holds: [assessment_refused], needs: [consult_family]")],
        ("family_told_of_rights", "The case ends at refused while family told of rights still runs", "CFA s.36(7)", "sent: assessment refused"),
    ),
    "a final plan before the family had its time": (
        [("holds: [what_to_name, final_plan], needs: [family_window]", "holds: [what_to_name, final_plan], needs: [draft_plan]")],
        ("family_window", "final plan is possible before family window is over", "SEND reg.13(1)(a)", "sent: final plan"),
    ),
    "a final plan before there was a draft": (
        [
            ("holds: [what_to_name, final_plan], needs: [family_window]", "holds: [what_to_name, final_plan], needs: [consult_family]"),
            ("ask: Which school or college, or type, does the plan name?\n    at: [with_family]", "ask: Which school, or type, does the plan name?\n    at: [assessing, with_family]"),
        ],
        ("family_window", "it counts from draft plan, which the path lacks", "SEND reg.13(1)(a)", "sent: final plan"),
    ),
    "a final plan without the meeting that the family asked for": (
        [("holds: [final_plan], when: [meeting_requested], needs: [meeting_held]", "holds: [final_plan], when: [meeting_requested], needs: [draft_plan]")],
        ("meeting_arranged", "The case ends at issued while meeting arranged still runs", "SEND reg.13(1)", "meeting requested"),
    ),
    "a meeting that can be asked for and never held": (
        [
            ("say: Meet the family about the draft, by: [local_authority], at: [with_family]", "say: Meet the family about the draft, by: [local_authority], at: [assessing]"),
            ("{say: The request was withdrawn, by: [family, local_authority], at: [considering, assessing, with_family]", "{say: The request was withdrawn, by: [family, local_authority], at: [considering, assessing]"),
            ("{say: The child moved and another council is responsible, by: [local_authority], at: [considering, assessing, with_family]", "{say: The child moved and another council is responsible, by: [local_authority], at: [considering, assessing]"),
        ],
        ("with_family", "A dead end at with family: no ending can be reached", "SEND reg.13(1)", "meeting requested"),
    ),
    "a refusal that needs what comes only after an agreement": (
        [add_gate("holds: [assessment_refused], needs: [advice_requested]")],
        ("assessment_refused", "assessment refused is possible on no path", "CFA s.36(4)", "decided: will not assess"),
    ),
    "an outcome that no path allows": (
        [add_gate("holds: [whether_to_issue], needs: [will_issue]")],
        ("will_not_issue", "will not issue is possible on no path", "CFA s.36(4)", "sent: assessment agreed"),
    ),
    "a right in the hands of the council": (
        [add_gate("holds: [representations_made], needs: [notify_partners]")],
        ("representations_made", "A right of the family is out of reach at with family: representations made", "CFA s.36(4)", "sent: draft plan"),
    ),
    "a duty that can no longer be done": (
        [("stopped_by: [assessment_agreed, assessment_refused, request_withdrawn", "stopped_by: [no_plan_notice, final_plan, assessment_refused, request_withdrawn")],
        ("partners_notified", "partners notified can no longer be met", "SEND reg.4(2)", "sent: assessment agreed"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("mistake", PLANTED)
def test_a_planted_mistake_is_found_and_told(mistake: str) -> None:
    pairs, (rule, told, cited, step) = PLANTED[mistake]
    found = explore(changed(*pairs))
    assert isinstance(found, CounterExample), "nobody noticed"
    assert found.rule == rule
    assert told in str(found)
    assert cited in map(str, found.cites)
    assert step in found.path
    assert found.path[0] in ("request received", "child brought to attention")


def test_the_path_told_is_the_shortest_one() -> None:
    pairs, _ = PLANTED["a duty that goes on when the child has moved"]
    found = explore(changed(*pairs))
    assert isinstance(found, CounterExample)
    assert found.path == ("request received", "moved to other authority")


def test_a_walk_that_does_not_end_proves_nothing() -> None:
    states = explore(library.get("ehc_plan", 1))
    assert isinstance(states, Certificate)
    with pytest.raises(Unproven):
        explore(library.get("ehc_plan", 1), cap=states.states - 1)
    assert isinstance(explore(library.get("ehc_plan", 1), cap=states.states), Certificate)


def test_the_answer_does_not_depend_on_the_order_of_sets() -> None:
    ask = "from workflows import library; from statute.explore import explore; print(explore(library.get('ehc_plan', 1)))"
    answers = {subprocess.run([sys.executable, "-c", ask], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout for seed in ("1", "2", "77")}
    assert len(answers) == 1


class Life:
    """One case lived twice: by `advance` on real days, and by the walk on its map."""

    def __init__(self, process: Process, rule: Rule, walk: Map) -> None:
        self.process, self.walk = process, walk
        self.days, self.keys, self.today = library.england(), count(), date(2026, 1, 6)
        after, place = self.lived(None, rule), walk.take(rule, (0, 0, 0, 0))
        assert after is not None
        assert place is not None
        self.state: State = after
        self.place: Place = place

    def lived(self, state: State | None, rule: Rule) -> State | None:
        """The state after the act, on each item of its group; None where `advance` refuses it."""
        for item in rule.items or ("",):
            facts = {name: self.fact(name, rule) for name in self.taken(rule)}
            how = "by_hand" if rule.act.kind is Kind.SERVED else ""
            item = item.replace(" ", "-")
            at = datetime.combine(self.today, time(12), UTC)
            event = Event(rule.act.kind, rule.act.name, self.today, at, str(next(self.keys)), "somebody", rule.act.by[0], item, rule.outcome, how, facts)
            try:
                state = advance(self.process, state, event, self.days).state
            except Refused as refused:
                assert not refused.faults, refused
                return None
        return state

    def taken(self, rule: Rule) -> list[str]:
        outcome = rule.act.outcomes.get(rule.outcome)
        return [use.name for use in (*rule.act.facts, *(outcome.record if outcome else ())) if use.required]

    def fact(self, name: str, rule: Rule) -> Value:
        kind = self.process.facts[name]
        if kind.type is FactType.TRUTH:
            return bool(self.walk.mark(name) & rule.brings)
        return {FactType.NUMBER: 1, FactType.TEXT: "words", FactType.CHOICE: (*kind.choices, "")[0]}.get(kind.type, self.today.isoformat())

    def let_time_pass(self) -> None:
        """Until every floor that runs is over."""
        ends = [c.due for k, c in self.state.clocks.items() if c.due and self.process.deadlines[split_key(k)[0]].sense is Sense.AT_LEAST]
        self.today = max([self.today, *(end + timedelta(days=1) for end in ends)])
        at = datetime.combine(self.today, time(12), UTC)
        self.state = advance(self.process, self.state, Event(Kind.TIME_PASSED, "", self.today, at, str(next(self.keys))), self.days).state

    def running(self) -> set[str]:
        """The duties in law that run, as `advance` has it."""
        names = {split_key(key)[0] for key, clock in self.state.clocks.items() if clock.status in OPEN}
        return {name for name in names if self.process.deadlines[name].force is Force.MUST}

    def running_on_the_map(self) -> set[str]:
        return {d.name for n, (d, _) in enumerate(self.walk.clocks) if self.place[2] >> n & 1 and d.force is Force.MUST}


@pytest.mark.parametrize("seed", range(40))
def test_the_map_is_the_territory(seed: int) -> None:
    """On random lives, every act is possible on the map exactly when `advance` accepts it, and the same duties run."""
    process, chance = library.get("ehc_plan", 1), random.Random(seed)
    walk = Map(process)
    opening = [rule for rule in walk.rules if rule.act.kind is Kind.OPENED]
    life = Life(process, chance.choice(opening), walk)
    told: list[str] = []
    while not walk.ends[life.place[0]]:
        assert life.state.stage == walk.stages[life.place[0]], told
        assert life.running() == life.running_on_the_map(), told
        ways = []
        for rule in walk.at[life.place[0]]:
            after, place = life.lived(life.state, rule), walk.take(rule, life.place)
            done_before = rule.inert and not rule.act.again and all(f"{rule.act.name}/{item}".rstrip("/") in life.state.happened for item in rule.items or ("",))
            if not done_before:  # the map does not remember acts that change nothing
                assert (after is None) == (place is None), [*told, rule.label]
            if after and place:
                ways.append((rule, after, place))
        quiet = [way for way in ways if way[2][0] == life.place[0]]  # long lives: leave a stage seldom
        passing = [target for rule, _, target in walk.onward(life.place) if rule is None]
        if passing and chance.random() < 0.2:
            told.append("time")
            life.let_time_pass()
            for _ in range(len(walk.clocks)):
                life.place = next((target for rule, _, target in walk.onward(life.place) if rule is None), life.place)
            continue
        rule, life.state, life.place = chance.choice(quiet if quiet and chance.random() < 0.8 else ways)
        told.append(rule.label)
    assert life.running() == life.running_on_the_map() == set(), told
