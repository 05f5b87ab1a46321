"""Every path of a process is walked, what breaks a rule is found and told, and the walk agrees with what `advance` does."""

from __future__ import annotations

import random
import re
import subprocess
import sys
from dataclasses import dataclass
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
Edit = tuple[str, str, str]  # the rule that it is in, a text that occurs there once, what replaces it


def changed(*edits: Edit) -> Process:
    """EHC v1 with mistakes planted in it."""
    text = EHC
    for rule, old, new in edits:
        match = re.search(rf"^  {rule}:.*?(?=^(  )?\w)", text, re.MULTILINE | re.DOTALL) if rule else re.search(r".*", text, re.DOTALL)
        assert match, rule
        assert match[0].count(old) == 1, f"{match[0].count(old)} times in {rule}: {old}"
        text = text[: match.start()] + match[0].replace(old, new) + text[match.end() :]
    return library.parse_text(text)


def gate(rule: str) -> Edit:
    return ("", "\ngates:\n", f"\ngates:\n  planted: {{say: Planted, {rule}, cite: CFA s.36(4)}}\n")


@pytest.mark.thorough
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


@dataclass(frozen=True)
class Told:
    """What must be told of a mistake: the rule, what is wrong with it, the law, and a step on the path."""

    rule: str
    what: str
    cited: str
    step: str


RUNS = "The case ends at {} while {} still runs"
PLANTED: dict[str, tuple[list[Edit], Told]] = {
    "a duty that goes on when the child has moved": (
        [("decision_notified", "[request_withdrawn, moved_to_other_authority]", "[request_withdrawn]")],
        Told("decision_notified", RUNS.format("moved away", "decision notified"), "SEND reg.5(1)", "moved to other authority"),
    ),
    "a duty that a refusal does not stop": (
        [("partners_notified", "assessment_refused, ", "")],
        Told("partners_notified", RUNS.format("refused", "partners notified"), "SEND reg.4(2)", "sent: assessment refused"),
    ),
    "advice still owed when the plan is final": (
        [("advice_from_partners", "final_plan, ", "")],
        Told("advice_from_partners", RUNS.format("issued", "advice from partners"), "SEND reg.8(1)", "sent: final plan"),
    ),
    "advice owed by one whom the law does not require, once all the required have answered": (
        [
            ("advice_from_partners", "final_plan, ", ""),
            ("advice_from_partners", "[medical]", "[medical, sensory]"),
            ("advice_by_guidance", "sensory, ", ""),
            gate("holds: [draft_plan], needs: [advice]"),
        ],
        Told("advice_from_partners", RUNS.format("issued", "advice from partners"), "SEND reg.8(1)", "advice requested (sensory)"),
    ),
    "a refusal without telling the family of its rights": (
        [("rights_told", "needs: [considering_notice]", "needs: [consult_family]")],
        Told("family_told_of_rights", RUNS.format("refused", "family told of rights"), "CFA s.36(7)", "sent: assessment refused"),
    ),
    "a final plan before the family had its time": (
        [("fifteen_days_given", "needs: [family_window]", "needs: [draft_plan]")],
        Told("family_window", "final plan is possible before family window is over", "SEND reg.13(1)(a)", "sent: final plan"),
    ),
    "a final plan before there was a draft": (
        [
            ("fifteen_days_given", "[family_window]", "[consult_family]"),
            ("what_to_name", "at: [with_family]", "at: [assessing, with_family]"),
        ],
        Told("family_window", "it counts from draft plan, which the path lacks", "SEND reg.13(1)(a)", "sent: final plan"),
    ),
    "a final plan without the meeting that the family asked for": (
        [("meeting_first", "needs: [meeting_held]", "needs: [draft_plan]")],
        Told("meeting_arranged", RUNS.format("issued", "meeting arranged"), "SEND reg.13(1)", "meeting requested"),
    ),
    "a right that, once used, shuts every way out": (
        [
            ("meeting_first", "needs: [meeting_held]", "needs: [meeting_held, notify_partners]"),
            ("request_withdrawn", ", with_family]", "]"),
            ("moved_to_other_authority", ", with_family]", "]"),
        ],
        Told("with_family", "A dead end at with family: no ending can be reached", "SEND reg.13(1)", "meeting requested"),
    ),
    "a refusal that needs what comes only after an agreement": (
        [gate("holds: [assessment_refused], needs: [advice_requested]")],
        Told("assessment_refused", "assessment refused is possible on no path", "CFA s.36(4)", "decided: will not assess"),
    ),
    "an outcome that no path allows": (
        [gate("holds: [whether_to_issue], needs: [will_issue]")],
        Told("will_not_issue", "will not issue is possible on no path", "CFA s.36(4)", "sent: assessment agreed"),
    ),
    "a second school that still owes its answer when a first has given it": (
        [
            ("settings_answer", "force: should", "force: must"),
            ("settings_answer", "final_plan, ", ""),
            gate("holds: [final_plan], needs: [setting_answer]"),
        ],
        Told("settings_answer", RUNS.format("issued", "settings answer"), "CODE para.9.83", "setting consulted (another)"),
    ),
    "a right in the hands of the council": (
        [gate("holds: [representations_made], needs: [notify_partners]")],
        Told("representations_made", "A right of the family is out of reach at with family", "CFA s.36(4)", "sent: draft plan"),
    ),
    "a duty that can no longer be done": (
        [("partners_notified", "assessment_agreed, ", "no_plan_notice, final_plan, ")],
        Told("partners_notified", "partners notified can no longer be met", "SEND reg.4(2)", "sent: assessment agreed"),
    ),
}


@pytest.mark.thorough  # each reads the whole definition anew
@pytest.mark.parametrize("mistake", PLANTED)
def test_a_planted_mistake_is_found_and_told(mistake: str) -> None:
    edits, told = PLANTED[mistake]
    found = explore(changed(*edits))
    assert isinstance(found, CounterExample), "nobody noticed"
    assert found.rule == told.rule
    assert told.what in str(found)
    assert told.cited in map(str, found.cites)
    assert told.step in found.path
    assert found.path[0] in ("request received", "child brought to attention")


def test_the_path_told_is_the_shortest_one() -> None:
    edits, _ = PLANTED["a duty that goes on when the child has moved"]
    found = explore(changed(*edits))
    assert isinstance(found, CounterExample)
    assert found.path == ("request received", "moved to other authority")


def test_a_walk_that_does_not_end_proves_nothing() -> None:
    states = explore(library.get("ehc_plan", 1))
    assert isinstance(states, Certificate)
    with pytest.raises(Unproven):
        explore(library.get("ehc_plan", 1), cap=states.states - 1)
    assert isinstance(explore(library.get("ehc_plan", 1), cap=states.states), Certificate)


@pytest.mark.thorough
def test_the_answer_does_not_depend_on_the_order_of_sets() -> None:
    ask = "from workflows import library; from statute.explore import explore; print(explore(library.get('ehc_plan', 1)))"
    answers = {
        subprocess.run([sys.executable, "-c", ask], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2", "77")
    }
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
            at = datetime.combine(self.today, time(12), UTC)
            key, by, kind, name = str(next(self.keys)), rule.act.by[0], rule.act.kind, rule.act.name
            event = Event(kind, name, self.today, at, key, capacity=by, item=item, outcome=rule.outcome, how=how, facts=facts)
            try:
                state = advance(self.process, state, event, self.days).state
            except Refused as refused:
                if refused.faults:  # the test made it badly
                    raise
                return None
        return state

    def taken(self, rule: Rule) -> list[str]:
        outcome = rule.act.outcomes.get(rule.outcome)
        return [use.name for use in (*rule.act.facts, *(outcome.record if outcome else ())) if use.required]

    def fact(self, name: str, rule: Rule) -> Value:
        kind = self.process.facts[name]
        if kind.type is FactType.TRUTH:
            return bool(self.walk.mark(name) & rule.brings)
        if kind.type is FactType.NUMBER:
            return 1
        return {FactType.TEXT: "words", FactType.CHOICE: (*kind.choices, "")[0]}.get(kind.type, self.today.isoformat())

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
            done_before = (
                rule.inert
                and not rule.act.again
                and all(f"{rule.act.name}/{item}".rstrip("/") in life.state.happened for item in rule.items or ("",))
            )
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


def relived(process: Process, route: tuple[str, ...]) -> Life:
    """The life that a told path describes; every step has to be accepted."""
    walk = Map(process)
    rules = {rule.label: rule for rule in walk.rules}
    life = Life(process, rules[route[0]], walk)
    for label in route[1:]:
        if label.startswith("time over"):
            life.let_time_pass()
            life.place = next(target for _, told, target in walk.onward(life.place) if told == label)
            continue
        after, place = life.lived(life.state, rules[label]), walk.take(rules[label], life.place)
        assert after is not None, label
        assert place is not None, label
        life.state, life.place = after, place
    return life


@pytest.mark.parametrize("ending", sorted(library.get("ehc_plan", 1).endings))
def test_the_way_told_to_an_ending_can_be_lived(ending: str) -> None:
    found = explore(library.get("ehc_plan", 1))
    assert isinstance(found, Certificate)
    assert relived(library.get("ehc_plan", 1), found.routes[ending]).state.stage == ending


TO_THE_FAMILY = (
    "request received", "done: consult family", "decided: will assess", "sent: assessment agreed", "advice requested (medical)",
    "advice requested (education, psychological, social care)", "decided: will issue", "sent: draft plan", "time over: family window",
)  # fmt: skip


def test_an_earlier_answer_to_the_same_question_opens_no_gate() -> None:
    """Naming a type needs no consultation; having done so, the council may not then name a school that it did not consult."""
    life = relived(library.get("ehc_plan", 1), (*TO_THE_FAMILY, "decided: name type only"))
    rule = next(rule for rule in life.walk.rules if rule.outcome == "name_requested")
    assert life.walk.take(rule, life.place) is None
    assert life.lived(life.state, rule) is None


def test_advice_that_is_counted_as_given_is_owed_no_longer() -> None:
    life = relived(library.get("ehc_plan", 1), TO_THE_FAMILY[:6])
    assert "advice_from_partners" in life.running()
    rule = next(
        rule
        for rule in life.walk.rules
        if rule.act.name == "advice_already_held" and rule.items == ("medical",) and ": no" not in rule.label
    )
    after = life.lived(life.state, rule)
    assert after is not None
    life.state = after
    assert "advice_from_partners" not in life.running()
