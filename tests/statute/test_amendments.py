"""Changes of the law: SI 2020/471 as it was, and how an open case is moved under it. Dates and rights are compared before and after."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from statute.definition import Process
from statute.explain import explain
from statute.explore import Certificate, explore
from statute.overlay import merge, parse_amendment
from statute.rehearse import rehearse
from statute.types import Clock, Event, Faulty, Kind, Refused, Status
from tests.statute.desk import Desk
from workflows import library

NAME = "si_2020_471"


def changed(**limits: Any) -> dict[str, Any]:
    """An amendment of the twenty weeks as a document."""
    return {
        "amendment": "planted",
        "title": "A planted change",
        "status": "published",
        "in_force": {"from": date(2026, 1, 1)},
        "law": {"NEW": {"title": "A new law", "number": "2026 c. 1"}},
        "sources": {"primary": ["NEW s.1"]},
        "grounds": {"storm": {"say": "A storm"}},
        "changes": {"ehc_plan": limits},
    }


def merged(**limits: Any) -> Process:
    return merge(library.get("ehc_plan", 1), parse_amendment(changed(**limits)))


def revision(on: str, name: str = NAME) -> Event:
    day = date.fromisoformat(on)
    return Event(Kind.REVISED, name, day, datetime(day.year, day.month, day.day, 9, tzinfo=UTC), f"revised:{name}", capacity="engine")


@pytest.fixture
def spring() -> Desk:
    """A request of 2 March 2020: six weeks end on 13 April, twenty on 20 July."""
    return Desk(library.get("ehc_plan", 1), library.england()).opened("2020-03-02")


def moved(desk: Desk, on: str = "2020-05-01") -> Desk:
    assert desk.state is not None
    event = revision(on)
    desk.process = library.rules_for(desk.state, event)
    desk.play(event)
    return desk


def clock(desk: Desk, name: str = "final_plan_sent") -> Clock:
    assert desk.state is not None
    return desk.state.clocks[name]


def test_the_amended_rules_have_a_fingerprint_of_their_own_and_every_path_is_walked() -> None:
    national, amended = library.get("ehc_plan", 1), library.under("ehc_plan", 1, (NAME,))
    assert amended.digest != national.digest
    assert isinstance(explore(amended), Certificate)
    assert library.under("ehc_plan", 1, ()) == national


def test_a_case_that_was_open_is_moved_and_no_date_moves(spring: Desk) -> None:
    assert spring.state is not None
    before = spring.state
    after = moved(spring).state
    assert after is not None
    assert (after.amendments, after.seq) == ((NAME,), before.seq + 1)
    assert after.digest == library.under("ehc_plan", 1, (NAME,)).digest
    assert {name: one.due for name, one in after.clocks.items()} == {name: one.due for name, one in before.clocks.items()}


def test_the_excuse_holds_from_the_first_to_the_last_day_and_not_a_day_longer(spring: Desk) -> None:
    with pytest.raises(Refused, match="the law gives no such excuse"):
        spring.excuse("final_plan_sent", "coronavirus", "2020-05-01")
    moved(spring)
    with pytest.raises(Refused, match="from 1 May 2020 to 25 September 2020 only") as refused:
        spring.excuse("final_plan_sent", "coronavirus", "2020-09-26")
    assert str(refused.value.citations[0]).startswith("CORONA")
    spring.excuse("final_plan_sent", "coronavirus", "2020-09-25")
    assert clock(spring).status is Status.DISAPPLIED
    assert clock(spring).due == date(2020, 7, 20)
    assert spring.state is not None
    assert "coronavirus" in explain(spring.process, spring.state, "final_plan_sent", spring.days).steps[-1].say


@pytest.mark.parametrize("on", ["2020-04-30", "2020-09-26", "2026-05-01"])
def test_nothing_is_moved_on_a_day_on_which_the_change_is_not_in_force(spring: Desk, on: str) -> None:
    assert spring.state is not None
    with pytest.raises(Refused, match="is not in force on"):
        library.rules_for(spring.state, revision(on))


def test_a_case_is_moved_once_and_an_ended_one_never(spring: Desk) -> None:
    moved(spring)
    with pytest.raises(Refused, match="moved to the changed rules already"):
        spring.play(Event(Kind.REVISED, NAME, date(2020, 5, 2), datetime(2020, 5, 2, 9, tzinfo=UTC), "again", capacity="engine"))
    ended = Desk(library.get("ehc_plan", 1), library.england()).opened("2020-03-02")
    ended.do("request_withdrawn", "2020-04-01")
    with pytest.raises(Refused, match="The case has ended"):
        moved(ended)


def test_an_amendment_that_nobody_made_moves_nothing(spring: Desk) -> None:
    assert spring.state is not None
    with pytest.raises(Refused, match="no amendment si_1066_1"):
        library.rules_for(spring.state, revision("2020-05-01", "si_1066_1"))


def test_a_rehearsal_tells_what_would_be_otherwise_and_changes_nothing(spring: Desk) -> None:
    assert spring.state is not None
    before = spring.state
    told = rehearse(spring.process, library.under("ehc_plan", 1, (NAME,)), before, revision("2020-05-01"), spring.days)
    assert spring.state is before
    assert {one.about for one in told.differences} == {"decision_notified", "no_plan_notified", "final_plan_sent"}
    assert told.relaxes
    assert all("can be excused until 25 September 2020" in one.say for one in told.differences)


@pytest.mark.parametrize(("weeks", "relaxes"), [("22 weeks", True), ("18 weeks", False)])
def test_a_changed_limit_moves_the_clocks_that_run_and_says_whom_it_serves(spring: Desk, weeks: str, relaxes: bool) -> None:
    rules = merged(final_plan_sent={"within": weeks, "cite": "NEW s.1"})
    assert spring.state is not None
    told = rehearse(spring.process, rules, spring.state, revision("2020-05-01", "planted"), spring.days)
    [one] = told.differences
    assert (one.about, one.before, one.relaxes) == ("final_plan_sent", date(2020, 7, 20), relaxes)
    assert told.state.clocks["final_plan_sent"].due == one.after
    assert "NEW s.1" in [str(cite) for cite in rules.deadlines["final_plan_sent"].cites]


def test_a_shorter_time_for_the_family_is_told_as_taking_something_away() -> None:
    desk = Desk(library.get("ehc_plan", 1), library.england()).drafted()
    assert desk.state is not None
    rules = merged(family_window={"at_least": "10 days", "cite": "NEW s.1"})
    told = rehearse(desk.process, rules, desk.state, revision("2026-04-15", "planted"), desk.days)
    assert [(one.about, one.relaxes) for one in told.differences] == [("family_window", True)]


MISTAKES: list[tuple[str, dict[str, Any], str]] = [
    ("no such deadline", {"plan_sent": {"excused_by": {"storm": "NEW s.1"}}}, "changes.ehc_plan.plan_sent"),
    ("an excuse from a floor", {"family_window": {"excused_by": {"storm": "NEW s.1"}}}, "changes.ehc_plan.family_window"),
    ("a limit without a citation", {"final_plan_sent": {"within": "22 weeks"}}, "changes.ehc_plan.final_plan_sent"),
    ("a ground that it does not give", {"final_plan_sent": {"excused_by": {"plague": "NEW s.1"}}}, "changes.ehc_plan.final_plan_sent"),
    (
        "a citation without evidence",
        {"final_plan_sent": {"excused_by": {"storm": "NEW s.2"}}},
        "changes.ehc_plan.final_plan_sent.excused_by.storm",
    ),
    ("an unknown key", {"final_plan_sent": {"pause": "2 weeks"}}, "changes.ehc_plan.final_plan_sent.pause"),
]


@pytest.mark.parametrize(("limits", "path"), [(limits, path) for _, limits, path in MISTAKES], ids=[name for name, _, _ in MISTAKES])
def test_a_mistake_in_an_amendment_is_told_where_it_is(limits: dict[str, Any], path: str) -> None:
    with pytest.raises(Faulty) as caught:
        merged(**limits)
    assert path in [fault.path for fault in caught.value.faults]


@pytest.mark.parametrize("name", library.amendments())
def test_every_amendment_on_the_shelf_fits_the_processes_that_it_changes(name: str) -> None:
    found = library.amendment(name)
    assert found.changes
    for process in found.changes:
        assert library.under(process, 1, (name,)).digest != library.get(process, 1).digest
