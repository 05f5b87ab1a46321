"""Lives under pilots, each beside the same life under the law alone: no date and no right is another, and a pilot that ends leaves no trace in either."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statute.advance import advance
from statute.allowed import allowed
from statute.definition import Process
from statute.rehearse import rehearse
from statute.revise import CONFIGURATION
from statute.types import Event, Kind, Refused, State, Value
from tests.statute.desk import Desk
from tests.statute.lives import ENGLAND, Life, Wish
from workflows import library

MEDIATION = "mediation_and_appeal"
MANDATORY = ("pilot:mediation_mandatory",)
CHOICES = [(process, rules) for process in library.names() for rules in library.pilot_sets(process) if rules]
SEEDS = st.integers(0, 2**32 - 1)
WISHES = st.lists(st.builds(Wish, st.integers(0, 12), SEEDS), min_size=10, max_size=60)


class Pair:
    """A case under pilots and the same case under the law alone, which hears of nothing that the pilots added."""

    def __init__(self, process: str, rules: tuple[str, ...]) -> None:
        self.rules = rules
        self.law, self.merged = library.get(process, 1), library.under(process, 1, (), rules)
        self.added = self.merged.acts.keys() - self.law.acts.keys()
        self.own = {
            "facts": self.merged.facts.keys() - self.law.facts.keys(),
            "limits": self.merged.deadlines.keys() - self.law.deadlines.keys(),
        }
        self.state: State | None = None
        self.shadow: State | None = None
        self.seen = Counter[str]()

    def play(self, event: Event) -> None:
        """Both hear of it, and agree."""
        step, why = _taken(self.merged, self.state, replace(event, rules=self.rules if self.state is None else ()))
        if event.name in self.added:
            self.state = step or self.state
            return
        lawful, _ = _taken(self.law, self.shadow, event)
        if step is None and lawful is not None:
            assert why is not None
            assert event.name == "appeal_made", f"{event.name} is lawful, and was refused: {why.say}"
            self._opens_in_time(event, why)
            return
        assert (step is None) == (lawful is None), f"{event.name} is refused by the law, and was accepted"
        self.state, self.shadow = step or self.state, lawful or self.shadow

    def _opens_in_time(self, event: Event, why: Refused) -> None:
        """What was refused by the gate of the pilot is accepted once six weeks are over: nobody does anything, and a fortnight is left."""
        assert self.state is not None
        assert [str(cite) for cite in why.citations] == ["PLAN on mediation"]
        day = date.fromisoformat(str(self.state.facts["decision_sent_on"])) + timedelta(weeks=6, days=1)
        due = self.state.clocks["appeal_window"].due
        assert due is not None
        assert day + timedelta(days=13) <= due
        later = replace(event, on=day, at=datetime.combine(max(day, event.at.date()), time(12), UTC), key="later")
        assert _taken(self.merged, self.state, later)[0] is not None
        self.seen["held"] += 1

    def appeals(self, today: date) -> None:
        """What an appeal of this day would be answered, without making it."""
        before, at = (self.state, self.shadow), datetime.combine(today, time(17), UTC)
        if self.state is not None and "appeal_made" in self.law.acts:
            self.play(Event(Kind.HAPPENED, "appeal_made", today, at, f"appeal:{today}", capacity="family"))
            self.seen["taken"] += self.state is not before[0]
        self.state, self.shadow = before

    def agree(self, today: date) -> None:
        """Every clock of the law, the stage and every decision are the same; the pilot's own clocks are beside them."""
        if self.state is None or self.shadow is None:
            return
        lawful = {key: clock for key, clock in self.state.clocks.items() if key.partition("/")[0] not in self.own["limits"]}
        assert lawful == self.shadow.clocks
        assert (self.state.stage, self.state.decided) == (self.shadow.stage, self.shadow.decided)

    def killed(self, today: date) -> None:
        """Moved back to the law alone: no date and no right of the family is lost, and the clocks of the pilot fall away."""
        if self.state is None or self.shadow is None or self.law.stages[self.state.stage].ends:
            return
        at = datetime.combine(today, time(18), UTC)
        looked = Event(Kind.TIME_PASSED, "time_passed", today, at, f"looked:{today}", capacity="engine")  # as the engine does at midnight
        state, shadow = _taken(self.merged, self.state, looked)[0], _taken(self.law, self.shadow, looked)[0]
        assert state is not None
        assert shadow is not None
        revised = Event(Kind.REVISED, CONFIGURATION, today, at, f"killed:{today}", capacity="engine", rules=(), flags={})
        told = rehearse(self.merged, self.law, state, revised, ENGLAND)
        assert not told.relaxes, [one.say for one in told.differences if one.relaxes]
        after = told.state
        assert after.clocks == shadow.clocks
        assert (after.stage, after.decided, after.rules, after.digest) == (shadow.stage, shadow.decided, (), self.law.digest)
        had, has = (_rights(self.law, one, today) for one in (shadow, after))
        assert had == has
        self.seen["killed"] += 1


def _taken(process: Process, state: State | None, event: Event) -> tuple[State | None, Refused | None]:
    known = {name: value for name, value in event.facts.items() if name in process.facts}
    try:
        return advance(process, state, replace(event, facts=known), ENGLAND).state, None
    except Refused as refused:
        return None, refused


def _rights(process: Process, state: State, today: date) -> list[tuple[str, str]]:
    return sorted((action.name, action.item) for action in allowed(process, state, {"family"}, today, ENGLAND))


def live(process: str, rules: tuple[str, ...], wishes: list[Wish], wanted: tuple[str, ...] = (), begun: tuple[Event, ...] = ()) -> Pair:
    pair = Pair(process, rules)
    life = Life(pair.merged, lingers=True, wanted=wanted)
    for event in begun:
        pair.play(event)
        life.state, life.today = pair.state, event.at.date()
    for number, wish in enumerate(wishes):
        pair.play(life.event(wish))
        life.state = pair.state
        pair.agree(life.today)
        pair.appeals(life.today)
        if number % 4 == 3:
            pair.killed(life.today)
    pair.killed(life.today)
    return pair


@pytest.mark.thorough
@given(seed=SEEDS, wishes=WISHES)
def test_no_date_is_another_under_any_pilots_and_a_case_moved_back_has_lost_nothing(seed: int, wishes: list[Wish]) -> None:
    process, rules = Random(seed).choice(CHOICES)
    live(process, rules, wishes, tuple(library.under(process, 1, (), rules).acts.keys() - library.get(process, 1).acts.keys()))


def told(sent: date) -> tuple[Event, ...]:
    """A decision, the letter of the pilot, and a family that contacted an adviser and holds a certificate, in three days."""
    process = library.under(MEDIATION, 1, (), MANDATORY)
    steps: tuple[tuple[str, str, dict[str, Value]], ...] = (
        ("decision_notified", "local_authority", {"decision_sent_on": sent.isoformat(), "decision": "plan_made"}),
        ("pilot_letter", "local_authority", {}),
        ("adviser_contacted", "family", {}),
        ("certificate_given", "family", {"route": "declined"}),
    )
    found = []
    for number, (name, capacity, facts) in enumerate(steps):
        day, kind = sent + timedelta(days=number), process.acts[name].kind
        how = "email" if kind is Kind.SERVED else ""
        found.append(Event(kind, name, day, datetime.combine(day, time(9), UTC), name, capacity=capacity, how=how, facts=facts))
    return tuple(found)


@pytest.mark.thorough
@given(wishes=WISHES)
def test_under_mandatory_mediation_an_appeal_that_is_held_is_open_while_a_fortnight_is_left(wishes: list[Wish]) -> None:
    live(MEDIATION, MANDATORY, wishes, ("mediation_wanted", "meeting_set", "second_no_show"), told(date(2026, 1, 5)))


def test_such_lives_are_held_and_let_through_and_killed_and_not_only_begun() -> None:
    """That they see what they are there for."""
    seen, chance = Counter[str](), Random(1)
    for _ in range(8):
        wishes = [Wish(chance.randrange(8), chance.randrange(2**32)) for _ in range(16)]
        seen += live(MEDIATION, MANDATORY, wishes, (), told(date(2026, 1, 5))).seen
    assert min(seen[name] for name in ("held", "taken", "killed")) >= 5, seen


def test_a_pilot_never_begins_in_a_case_that_is_open() -> None:
    """So no notice of a day before it was chosen is touched: it is pinned when the case opens, and only then."""
    law = library.get(MEDIATION, 1)
    at = datetime(2026, 3, 20, 12, tzinfo=UTC)
    facts = {"decision_sent_on": "2026-03-02", "decision": "refused_to_assess"}
    opened = advance(
        law, None, Event(Kind.OPENED, "decision_notified", date(2026, 3, 2), at, "1", capacity="local_authority", facts=facts), ENGLAND
    )
    moved = Event(
        Kind.REVISED, CONFIGURATION, date(2026, 3, 20), at, "2", capacity="engine", rules=MANDATORY, flags={"mediation": "mandatory"}
    )
    with pytest.raises(Refused, match="never begins in one that is open: mediation_mandatory"):
        advance(library.rules_for(opened.state, moved), opened.state, moved, ENGLAND)


def test_the_end_of_a_pilot_is_rehearsed_as_the_loss_of_an_option_and_not_of_a_right() -> None:
    rules = ("pilot:tailored_list_advisory",)
    desk = Desk(library.under("ehc_plan", 1, (), rules), ENGLAND).drafted()
    assert desk.state is not None
    at = datetime(2026, 4, 15, 12, tzinfo=UTC)
    ending = Event(Kind.REVISED, CONFIGURATION, date(2026, 4, 15), at, "killed", capacity="engine")
    told = rehearse(desk.process, library.get("ehc_plan", 1), replace(desk.state, rules=rules), ending, ENGLAND)
    assert [(one.about, one.relaxes) for one in told.differences] == [
        ("list_built_in_time", False),
        ("list_built", False),
        ("preferences_given", False),
    ]
    assert told.differences[2].say.startswith("An option of a pilot falls away")
    assert told.state.clocks.keys() == desk.state.clocks.keys() - {"list_built_in_time"}


def test_a_family_and_an_idle_council_on_every_week_of_four_years() -> None:
    """The council sends its letter and then does nothing. The family declines, waits, and appeals in time, whatever the day."""
    process = library.under(MEDIATION, 1, (), MANDATORY)
    for week in range(208):
        sent = date(2025, 1, 1) + timedelta(weeks=week, days=week % 7)
        state: State | None = None
        for event in told(sent):
            state = advance(process, state, event, ENGLAND).state
        assert state is not None
        for after, accepted in ((42, False), (43, True)):
            day = sent + timedelta(days=after)
            event = Event(Kind.HAPPENED, "appeal_made", day, datetime.combine(day, time(12), UTC), f"appeal {after}", capacity="family")
            assert (_taken(process, state, event)[0] is not None) is accepted, sent
            due = state.clocks["appeal_window"].due
            assert due is not None
            assert due >= day + timedelta(days=13)
