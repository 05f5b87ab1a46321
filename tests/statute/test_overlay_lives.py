"""The property of the house, lived: under every overlay that loads no authority is later, no family earlier, and no right is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statute.advance import advance
from statute.allowed import allowed
from statute.definition import Process, Sense
from statute.explore import Certificate, CounterExample, explore
from statute.prove import prove
from statute.types import Event, Force, Kind, Refused, State, Status, Step
from tests.statute.lives import ENGLAND, Life, Wish
from tests.statute.overlays import lawful, worse
from tests.statute.planted_reader import forced
from tests.statute.test_proof import planted
from tests.statute.witness import Witness
from workflows import library

NATIONAL = library.get("ehc_plan", 1)
SHELF = sorted(library.files())
FEW = settings(max_examples=max(10, settings.default.max_examples // 3))
SEEDS = st.integers(0, 2**32 - 1)
WISHES = st.lists(st.builds(Wish, st.integers(0, 25), SEEDS), min_size=10, max_size=60)


@pytest.mark.thorough
@FEW
@given(seed=SEEDS, begins=st.dates(date(2024, 1, 1), date(2034, 12, 31)))
def test_no_date_of_an_authority_is_later_and_none_of_a_family_earlier(seed: int, begins: date) -> None:
    chance = Random(seed)
    process = library.get(*chance.choice(SHELF))
    rules = lawful(process, chance)
    if rules is None:
        return
    for number in range(30):
        assert list(worse(process, rules, begins + timedelta(days=number * 11), ENGLAND.holidays)) == []


def test_the_brute_force_would_notice() -> None:
    for name, limit in (("a later date", "final_plan_sent"), ("a shorter time", "family_window"), ("no number", "final_plan_sent")):
        assert list(worse(NATIONAL, planted(name), date(2026, 1, 6), ENGLAND.holidays)) == [limit]


LATE = frozenset({Status.PASSED, Status.MET_LATE})
OPENED = sorted({name for name, _ in SHELF} - set(library.drafts()))


class Shadow:
    """The same life under the law alone, without what the tenant added."""

    def __init__(self, national: Process, merged: Process) -> None:
        self.national, self.merged = national, merged
        self.state: State | None = None

    def play(self, event: Event, accepted: bool) -> None:
        if event.kind is Kind.DONE and event.name in self.merged.acts.keys() - self.national.acts.keys():
            return
        known = {name: value for name, value in event.facts.items() if name not in self.merged.facts.keys() - self.national.facts.keys()}
        event = replace(event, facts=known)
        step, why = self._lawful(event)
        if step is None:
            assert not accepted, f"{event.name} is refused nationally, and was accepted: {why}"
            return
        act = self.national.acts.get(event.name)
        if accepted:
            self.state = step.state
        elif act is not None and event.kind is not Kind.EXCUSED and not step.replayed:
            assert event.capacity != "family", f"{event.name} is a right of the family, and was refused"

    def _lawful(self, event: Event) -> tuple[Step | None, str]:
        try:
            return advance(self.national, self.state, event, ENGLAND), ""
        except Refused as refused:
            return None, refused.say

    def compare(self, state: State, today: date) -> None:
        """No authority's date is later, no family's earlier, and nothing that the family may do is missing."""
        assert self.state is not None
        for key, clock in self.state.clocks.items():
            deadline, other = self.national.deadlines[key.partition("/")[0]], state.clocks[key]
            if deadline.force is Force.MUST and deadline.sense is not Sense.AT_LEAST and deadline.binds != "family":
                assert other.status in LATE or clock.status not in LATE, f"{key} is late in law, and would not be told"
            if clock.due is None or other.due is None:
                assert clock.due is other.due or deadline.force is not Force.MUST
            elif deadline.binds == "family" or deadline.sense is Sense.AT_LEAST:
                assert other.due >= clock.due, key
            elif deadline.force is Force.MUST:
                assert other.due <= clock.due, key
        may = {(action.name, action.item) for action in allowed(self.merged, state, {"family"}, today, ENGLAND)}
        assert may >= {(action.name, action.item) for action in allowed(self.national, self.state, {"family"}, today, ENGLAND)}


@FEW
@given(seed=SEEDS, wishes=WISHES)
def test_what_the_law_refuses_is_refused_under_every_overlay(seed: int, wishes: list[Wish]) -> None:
    chance = Random(seed)
    process = NATIONAL if chance.random() < 0.4 else library.get(*chance.choice(SHELF))
    rules = lawful(process, chance)
    if rules is None:
        return
    life, shadow = Life(rules), Shadow(process, rules)
    witness = Witness(rules, ENGLAND, own_laws_only=True, often=5)
    for wish in wishes:
        event = life.event(wish)
        step = witness.play(event)
        life.state = witness.state
        if step is None or not step.replayed or event.kind is Kind.TIME_PASSED:
            shadow.play(event, accepted=step is not None)
        if witness.state is not None:
            shadow.compare(witness.state, life.today)
    witness.ends()


class Pair:
    """One life under an overlay and under the law alone, from day to day."""

    def __init__(self, process: Process, rules: Process) -> None:
        self.process, self.rules, self.life, self.shadow = process, rules, Life(rules, lingers=True), Shadow(process, rules)
        self.days = 0

    def wish(self, wish: Wish) -> None:
        for _ in range(wish.days if self.life.state else 0):
            self.next_day()
        event = self.life.event(replace(wish, days=0))
        self.shadow.play(event, accepted=self.played(event))
        if self.life.state is not None:
            self.shadow.compare(self.life.state, self.life.today)

    def next_day(self) -> None:
        self.days += 1
        self.life.today += timedelta(days=1)
        at = datetime.combine(self.life.today, time(12), UTC)
        event = Event(Kind.TIME_PASSED, "time_passed", self.life.today, at, f"day {self.days}", capacity="engine")
        self.shadow.play(event, accepted=self.played(event))
        assert self.life.state is not None
        self.shadow.compare(self.life.state, self.life.today)

    def played(self, event: Event) -> bool:
        try:
            step = advance(self.rules, self.life.state, event, ENGLAND)
        except Refused:
            return False
        self.life.state = step.state
        return True


@pytest.mark.thorough
@pytest.mark.parametrize("name", OPENED)
def test_from_day_to_day_nothing_is_worse_under_an_overlay(name: str) -> None:
    process, days = library.get(name, 1), 0
    for seed in range(60):
        if days > 400:
            break
        chance = Random(f"{name} {seed}")
        rules = lawful(process, chance)
        if rules is None:
            continue
        pair = Pair(process, rules)
        for _ in range(30):
            pair.wish(Wish(chance.randrange(12), chance.randrange(2**32)))
        days += pair.days
    assert days > 400


def test_the_shadow_would_notice() -> None:
    """Under a limit that is a week too long the council's day is later than the law's."""
    pair = Pair(NATIONAL, forced(NATIONAL, {"deadlines": {"final_plan_sent": {"within": "21 weeks"}}}))
    with pytest.raises(AssertionError, match="final_plan_sent"):
        pair.wish(Wish(0, 7))


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["ehc_plan", "plan_amendment", "permanent_exclusion", "suspension", "ap_tier2", "social_care_complaint"])
def test_blind_overlays_that_load_are_proven_or_a_path_says_why_not(name: str) -> None:
    process, proven = library.get(name, 1), 0
    for seed in range(12):
        rules = lawful(process, Random(seed))
        found = prove(process, rules, library.england()) if rules else None
        if isinstance(found, CounterExample):  # a gate that waits for what comes too late: the table cannot know, the walk does
            told = "alone takes" in found.what or "comes to wait" in found.what
            assert told or isinstance(explore(rules) if rules else None, CounterExample), str(found)
        proven += isinstance(found, Certificate)
    assert proven >= 4
