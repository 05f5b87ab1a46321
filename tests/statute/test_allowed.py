"""`allowed` and `advance` agree: what is offered is accepted when it is done as it asks, and what is not offered is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statute.advance import advance
from statute.allowed import Action, allowed
from statute.days import Days
from statute.definition import Act, Process
from statute.types import Kind, Refused, State, Status
from tests.statute.desk import ADVISERS, Desk
from tests.statute.lives import Life, Wish, wellformed
from workflows import library

TODAY = date(2026, 4, 29)


@pytest.fixture(scope="module")
def process() -> Process:
    return library.get("ehc_plan", 1)


@pytest.fixture(scope="module")
def days() -> Days:
    return library.england()


@pytest.fixture
def desk(process: Process, days: Days) -> Desk:
    return Desk(process, days)


def everybody(process: Process) -> set[str]:
    return {name for act in process.acts.values() for name in act.by} | {"decision_maker"}


def items_of(process: Process, state: State, act: Act) -> Iterator[str]:
    """Every item that somebody might name for an act."""
    if not act.each:
        yield ""
        return
    named = {key.partition("/")[2] for key in state.happened if "/" in key}
    yield from sorted({*process.each[act.each].items, *(named if not process.each[act.each].items else ()), "new_school", ""})


def disagreements(process: Process, days: Days, state: State, today: date, seen: Counter[bool]) -> list[str]:
    """Every act, item, outcome and capacity, tried for real and compared with what was offered."""
    found = []
    for capacity in sorted(everybody(process)):
        offered: dict[tuple[str, str], Action] = {
            (action.name, action.item): action
            for action in allowed(process, state, {capacity}, today, library.england())
            if action.kind is not Kind.EXCUSED
        }
        for act in process.acts.values():
            for item in items_of(process, state, act):
                action = offered.get((act.name, item))
                if action is None and act.each and item and (act.again or f"{act.name}/{item}" not in state.happened):
                    action = offered.get((act.name, ""))  # any name will do
                if act.each and not item:
                    action = None  # the offer of any name is not an offer of none
                for outcome in act.outcomes or [""]:
                    offers = action is not None and (not act.outcomes or outcome in [way.name for way in action.outcomes])
                    event = wellformed(process, act, today, item, outcome, capacity)
                    try:
                        advance(process, state, event, days)
                        accepts = True
                    except Refused:
                        accepts = False
                    seen[accepts] += 1
                    if offers is not accepts:
                        found.append(f"{act.name}/{item} {outcome} by {capacity}: offered {offers}, accepted {accepts}")
    return found


@settings(max_examples=settings.default.max_examples // 2)
@given(st.lists(st.builds(Wish, st.integers(0, 12), st.integers(0, 2**32 - 1)), min_size=1, max_size=40))
def test_wherever_a_life_leads_what_is_offered_is_what_is_accepted(process: Process, days: Days, wishes: list[Wish]) -> None:
    life, seen = Life(process, lingers=True), Counter[bool]()
    for wish in wishes:
        try:
            life.state = advance(process, life.state, life.event(wish), days).state
        except Refused:
            continue
    if life.state is not None:
        assert disagreements(process, days, life.state, life.today, seen) == []


@pytest.mark.parametrize("told", ["opened", "agreed", "asked", "drafted", "named"])
def test_at_every_station_of_the_twenty_weeks_the_two_agree(process: Process, days: Days, told: str) -> None:
    desk, seen = Desk(process, days), Counter[bool]()
    getattr(desk, told)()
    assert desk.state is not None
    assert disagreements(process, days, desk.state, date(2026, 4, 29), seen) == []
    assert disagreements(process, days, desk.state, date(2026, 6, 1), seen) == []
    assert seen[True] >= 4
    assert seen[False] >= 100


def test_nobody_is_offered_what_is_for_others(desk: Desk) -> None:
    desk.drafted()
    assert desk.state is not None
    offered = {
        capacity: {action.name for action in allowed(desk.process, desk.state, {capacity}, TODAY, library.england())}
        for capacity in ("family", "local_authority", "adviser", "setting", "engine")
    }
    assert offered["family"] == {"request_withdrawn", "representations_made", "setting_requested", "meeting_requested"}
    assert offered["adviser"] == {"advice"}
    assert offered["setting"] == set()
    assert offered["engine"] == set()
    assert {"draft_plan", "setting_consulted", "moved_to_other_authority"} <= offered["local_authority"]
    assert allowed(desk.process, desk.state, (), TODAY, library.england()) == ()


def test_an_offer_says_in_which_capacity_it_is_for(desk: Desk) -> None:
    desk.asked()
    assert desk.state is not None
    offers = [
        action
        for action in allowed(desk.process, desk.state, {"local_authority", "adviser"}, TODAY, library.england())
        if action.name == "advice"
    ]
    assert {action.capacity for action in offers} == {"adviser"}, "the first that the definition names"
    assert [action.item for action in offers] == [name for name in desk.process.each["adviser"].items if name in ADVISERS]


def test_a_case_is_not_opened_a_second_time(desk: Desk) -> None:
    desk.opened()
    assert desk.state is not None
    offered = {action.name for action in allowed(desk.process, desk.state, everybody(desk.process), TODAY, library.england())}
    assert not offered & set(desk.process.opens_with)


def test_an_offer_names_the_facts_it_takes_and_which_of_them_it_must_have(desk: Desk) -> None:
    desk.opened()
    assert desk.state is not None
    offers = {action.name: action for action in allowed(desk.process, desk.state, everybody(desk.process), TODAY, library.england())}
    moved = offers["moved_to_other_authority"]
    assert [(needed.rule.name, needed.required) for needed in moved.facts] == [("new_authority", True)]


def test_a_decision_offers_only_the_outcomes_that_pass(desk: Desk) -> None:
    desk.drafted()
    assert desk.state is not None
    ways = [
        [outcome.name for outcome in action.outcomes]
        for day in (date(2026, 4, 28), date(2026, 4, 29))
        for action in allowed(desk.process, desk.state, {"decision_maker"}, day, library.england())
        if action.name == "what_to_name"
    ]
    assert ways == [["name_type_only"]], "nobody was consulted, and on the fifteenth day it is too early"


def test_a_school_that_was_consulted_may_answer_and_no_other(desk: Desk) -> None:
    desk.drafted().do("setting_consulted", "2026-04-16", item="hill_school")
    assert desk.state is not None
    assert [action.item for action in allowed(desk.process, desk.state, {"setting"}, TODAY, library.england())] == ["hill_school"]


def test_an_excuse_is_offered_for_every_open_limit_that_knows_one_and_to_a_decision_maker_alone(desk: Desk) -> None:
    desk.asked().look("2026-04-01")
    assert desk.state is not None
    offers = {
        f"{action.name}/{action.item}".rstrip("/"): action
        for action in allowed(desk.process, desk.state, {"decision_maker"}, TODAY, library.england())
        if action.kind is Kind.EXCUSED
    }
    assert set(offers) == {"advice_from_partners/medical", "no_plan_notified", "final_plan_sent"}
    assert desk.clock("advice_from_partners/medical").status is Status.PASSED, "what has passed may still be excused"
    assert offers["advice_from_partners/medical"].grounds == ("exceptional_circumstances", "absent_four_weeks", "missed_appointment")
    others = everybody(desk.process) - {"decision_maker"}
    assert all(action.kind is not Kind.EXCUSED for action in allowed(desk.process, desk.state, others, TODAY, library.england()))
    for key, action in offers.items():
        name, _, item = key.partition("/")
        ground = next(ground for ground in action.grounds if ground.startswith("exceptional"))
        desk.excuse(name, ground, "2026-04-29", item=item)
    assert not [
        action for action in allowed(desk.process, desk.state, {"decision_maker"}, TODAY, library.england()) if action.kind is Kind.EXCUSED
    ]


def test_nothing_but_an_excuse_of_what_was_late_is_offered_on_a_case_that_has_ended(desk: Desk) -> None:
    desk.opened().do("request_withdrawn", "2026-01-30")
    assert desk.state is not None
    assert allowed(desk.process, desk.state, everybody(desk.process), TODAY, library.england()) == ()
    late = Desk(desk.process, desk.days).opened()
    late.do("request_withdrawn", "2026-02-20")
    assert late.state is not None
    assert [
        (action.name, action.kind) for action in allowed(late.process, late.state, everybody(late.process), TODAY, library.england())
    ] == [("decision_notified", Kind.EXCUSED)]
