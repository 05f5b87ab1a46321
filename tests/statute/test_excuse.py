"""An excuse disapplies one limit where its facts bear it out: it moves no date, opens no door, and is nobody's word alone."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statute.days import Days
from statute.definition import Process
from statute.parse import parse
from statute.types import Kind, Refused, Status
from tests.statute.desk import Desk
from tests.statute.small import document
from workflows import library

DUE = date(2026, 5, 26)


@pytest.fixture(scope="module")
def process() -> Process:
    return library.get("ehc_plan", 1)


@pytest.fixture
def desk(process: Process) -> Desk:
    return Desk(process, library.england())


def test_an_excuse_disapplies_its_limit_and_changes_nothing_else(desk: Desk) -> None:
    before = desk.asked().state
    assert before is not None
    step = desk.excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-05-18")
    after = step.state
    assert {name for name in after.clocks if after.clocks[name] != before.clocks[name]} == {"final_plan_sent"}
    assert (after.clocks["final_plan_sent"].due, after.clocks["final_plan_sent"].status) == (DUE, Status.DISAPPLIED)
    assert after.clocks["final_plan_sent"].ground == "exceptional_personal_circumstances"
    assert (after.stage, after.facts, after.happened, after.decided) == (before.stage, before.facts, before.happened, before.decided)
    assert step.effects == ()


def test_a_disapplied_limit_neither_warns_nor_passes(desk: Desk) -> None:
    desk.asked().excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-03-02")
    told = [
        effect.name for day in ("2026-04-28", "2026-05-12", "2026-05-21", "2026-05-27", "2027-05-27") for effect in desk.look(day).effects
    ]
    assert "final_plan_sent" not in told
    assert desk.clock("final_plan_sent").status is Status.DISAPPLIED


def test_each_limit_is_excused_for_itself(desk: Desk) -> None:
    desk.asked().excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-04-20")
    assert desk.clock("no_plan_notified").status is Status.RUNNING
    desk.excuse("no_plan_notified", "exceptional_personal_circumstances", "2026-04-20")
    assert desk.clock("no_plan_notified").status is Status.DISAPPLIED


def test_an_excuse_is_claimed_once(desk: Desk) -> None:
    desk.asked().excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-05-18")
    with pytest.raises(Refused, match="this clock is disapplied, so there is nothing to excuse"):
        desk.excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-05-19")


@pytest.mark.parametrize("capacity", ["family", "local_authority", "adviser", "setting", "engine"])
def test_nobody_but_a_decision_maker_claims_an_excuse(desk: Desk, capacity: str) -> None:
    desk.asked()
    with pytest.raises(Refused, match="claimed by a decision maker") as caught:
        desk.excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-05-18", capacity=capacity)
    assert [str(cite) for cite in caught.value.citations] == ["SEND reg.13(2)"]


def test_only_the_grounds_that_the_law_gives_for_a_limit_excuse_from_it(process: Process) -> None:
    """Every limit with every ground: refused unless the law lists it, and then never for want of such an excuse."""
    desk = Desk(process, library.england()).asked()
    desk.do("whether_to_issue", "2026-04-10", outcome="will_issue")
    answered = 0
    for key in list(desk.state.clocks) if desk.state else []:
        name, _, item = key.partition("/")
        deadline = process.deadlines[name]
        for ground in process.grounds:
            event = desk.event(name, "2026-04-20", kind=Kind.EXCUSED, item=item, outcome=ground)
            refused = desk.refused(event)  # there are no facts: something is always missing
            answered += 1
            if desk.clock(key).status not in (Status.RUNNING, Status.PASSED):
                assert "there is nothing to excuse" in refused.say
            elif ground in deadline.excused_by:
                assert [fault.path for fault in refused.faults] == [f"facts.{use.name}" for use in process.grounds[ground].facts]
            else:
                assert "the law gives no such excuse from this limit" in refused.say
                assert refused.citations == deadline.cites
    assert answered >= 60


def test_an_excuse_from_what_is_no_deadline_names_those_that_are(desk: Desk) -> None:
    refused = desk.asked().refused(desk.event("the_weather", "2026-05-18", kind=Kind.EXCUSED, outcome="missed_appointment"))
    assert [fault.path for fault in refused.faults] == ["name"]
    assert "final_plan_sent" in refused.faults[0].do


def test_every_fault_of_a_claim_is_told_at_once(desk: Desk) -> None:
    facts = {"absent_from": "in March", "returned_on": True, "evidence": " ", "weather": "bad"}
    event = desk.asked().event(
        "final_plan_sent",
        "2026-05-19",
        recorded="2026-05-18",
        kind=Kind.EXCUSED,
        capacity="decision_maker",
        outcome="absent_four_weeks",
        facts=facts,
    )
    assert {fault.path for fault in desk.refused(event).faults} == {
        "facts.absent_from",
        "facts.returned_on",
        "facts.evidence",
        "facts.weather",
        "facts.impractical_because",
        "on",
    }


def test_an_excuse_is_not_older_than_the_case(desk: Desk) -> None:
    desk.asked()
    facts = {"impractical_because": "Flood", "evidence": "Photograph"}
    event = desk.event(
        "final_plan_sent",
        "2026-01-05",
        recorded="2026-03-02",
        kind=Kind.EXCUSED,
        capacity="decision_maker",
        outcome="exceptional_personal_circumstances",
        facts=facts,
    )
    assert [fault.path for fault in desk.refused(event).faults] == ["on"]


def test_nothing_is_excused_before_a_case_is_open(desk: Desk) -> None:
    with pytest.raises(Refused):
        desk.excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-05-18")


@given(first=st.dates(date(2025, 12, 1), date(2026, 6, 30)), length=st.integers(-3, 60))
def test_an_absence_excuses_if_four_weeks_of_it_lie_within_the_limit(process: Process, first: date, length: int) -> None:
    """Counted a second way: the days from the request to the last lawful day on which the family was away, one by one."""
    desk = Desk(process, library.england()).asked()
    until = first + timedelta(days=length)
    away = {first + timedelta(days=number) for number in range(max(length, 0))}
    within = {date(2026, 1, 6) + timedelta(days=number) for number in range(141)}
    assert max(within) == DUE
    facts = {"absent_from": first.isoformat(), "returned_on": until.isoformat()}
    if len(away & within) >= 28:
        desk.excuse("final_plan_sent", "absent_four_weeks", "2026-05-18", **facts)
        return
    with pytest.raises(Refused, match=f"it lasted {len(away & within)} days within the limit's own period") as caught:
        desk.excuse("final_plan_sent", "absent_four_weeks", "2026-05-18", **facts)
    assert [str(cite) for cite in caught.value.citations] == ["SEND reg.13(3)"]


@given(closed=st.dates(date(2026, 2, 1), date(2026, 5, 1)), length=st.integers(20, 60), asked=st.integers(-20, 70))
def test_a_closure_excuses_if_it_was_long_enough_and_advice_was_asked_in_its_window(
    process: Process, closed: date, length: int, asked: int
) -> None:
    """From one week before the school closed to one week before it opened again, both days included."""
    desk = Desk(process, library.england()).asked()
    asked_on = min(closed + timedelta(days=asked), date(2026, 5, 18))
    facts = {"closed_from": closed, "reopens_on": closed + timedelta(days=length), "advice_asked_on": asked_on}
    lawful = length >= 28 and -7 <= (asked_on - closed).days <= length - 7
    try:
        desk.excuse("final_plan_sent", "school_closed_four_weeks", "2026-05-18", **{name: day.isoformat() for name, day in facts.items()})
    except Refused:
        assert not lawful
    else:
        assert lawful


def test_a_longer_closure_is_never_a_worse_excuse(process: Process) -> None:
    granted = []
    for length in range(25, 40):
        desk = Desk(process, library.england()).asked()
        until = date(2026, 3, 2) + timedelta(days=length)
        try:
            desk.excuse(
                "final_plan_sent",
                "early_years_closed_four_weeks",
                "2026-05-18",
                closed_from="2026-03-02",
                reopens_on=until.isoformat(),
                advice_asked_on="2026-03-03",
            )
            granted.append(True)
        except Refused:
            granted.append(False)
    assert granted[:4] == [False, False, False, True]
    assert all(after >= before for before, after in pairwise(granted))


def test_a_ground_of_another_process_is_judged_by_its_own_days() -> None:
    desk = Desk(parse(document()), Days())
    desk.do("asked", "2026-03-02", asked_on="2026-03-02")
    with pytest.raises(Refused, match="at least 7 days, and it lasted 6 days"):
        desk.excuse("answered_in_time", "closed", "2026-03-10", closed_from="2026-03-03", reopens_on="2026-03-09")
    with pytest.raises(Refused, match="it lasted 0 days"):
        desk.excuse("answered_in_time", "closed", "2026-03-10", closed_from="2026-03-09", reopens_on="2026-03-03")
    desk.excuse("answered_in_time", "closed", "2026-03-10", closed_from="2026-03-03", reopens_on="2026-03-10")
    assert desk.clock("answered_in_time").status is Status.DISAPPLIED


def test_an_item_that_a_limit_does_not_know_is_not_quietly_ignored(desk: Desk) -> None:
    desk.asked()
    with pytest.raises(Refused, match="item is not asked for here") as caught:
        desk.excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-05-18", item="medical")
    assert [fault.path for fault in caught.value.faults] == ["item"]
    with pytest.raises(Refused, match="has not begun"):
        desk.excuse("advice_from_partners", "exceptional_circumstances", "2026-03-18", item="psychological")
