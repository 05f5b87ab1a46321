"""An open case under other rules of its council: nothing that the law gave it gets worse, and what the council added falls away with its rules."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from statute.advance import advance
from statute.clocks import look
from statute.explain import explain
from statute.overlay import merge
from statute.revise import CONFIGURATION
from statute.tenant_overlay import Overlay, parse_overlay
from statute.types import Event, Kind, Refused, State, Status
from tests.statute.desk import Desk
from tests.statute.overlays import document
from workflows import library

LONGER = {"deadlines": {"family_window": {"at_least": "21 days"}}}
TASK = {
    "tasks": {
        "call_family": {
            "say": "Call the family",
            "by": ["local_authority"],
            "at": ["considering"],
            "deadline": {"within": "5 working_days", "from": "received_on"},
        }
    }
}
EARLIER = {"deadlines": {"final_plan_sent": {"within": "18 weeks", "warn": ["30 days", "14 days", "7 days"]}}}


def overlay(changes: dict[str, Any]) -> Overlay:
    return parse_overlay(document(**changes))


def opened(*overlays: Overlay, flags: dict[str, str] | None = None) -> Desk:
    """A request of 5 January, under overlays."""
    desk = Desk(merge(library.get("ehc_plan", 1), *overlays), library.england())
    facts = {"received_on": "2026-01-05", "requested_by": "parent"}
    at = datetime(2026, 1, 5, 12, tzinfo=UTC)
    pins = {"rules": tuple(one.digest for one in overlays), "flags": flags or {}}
    desk.play(Event(Kind.OPENED, "request_received", at.date(), at, "open", "somebody", "family", facts=facts, **pins))  # type: ignore[arg-type]
    return desk


def moving(on: str, *overlays: Overlay, rules: tuple[str, ...] = (), flags: dict[str, str] | None = None) -> Event:
    day = date.fromisoformat(on)
    pins = (*rules, *(one.digest for one in overlays))
    return Event(
        Kind.REVISED, CONFIGURATION, day, datetime.combine(day, time(12), UTC), f"to {on}", capacity="engine", rules=pins, flags=flags or {}
    )


def moved(desk: Desk, on: str, *overlays: Overlay, **more: Any) -> State:
    process = merge(library.get("ehc_plan", 1), *overlays)
    return advance(process, desk.state, moving(on, *overlays, **more), desk.days).state


def test_a_case_keeps_what_it_was_opened_under() -> None:
    desk = opened(overlay(EARLIER), flags={"mediation": "strengthened"})
    assert desk.state is not None
    assert (desk.state.rules, desk.state.flags) == ((overlay(EARLIER).digest,), {"mediation": "strengthened"})
    desk.do("notify_partners", "2026-01-06")
    assert (desk.state.rules, desk.state.flags) == ((overlay(EARLIER).digest,), {"mediation": "strengthened"})


def test_an_own_earlier_date_moves_no_date_of_the_law() -> None:
    desk = opened()
    assert desk.state is not None
    after = moved(desk, "2026-01-12", overlay(EARLIER), flags={"ap_tiers": "on"})
    assert after.clocks["final_plan_sent"].due == desk.state.clocks["final_plan_sent"].due
    assert (after.rules, after.flags) == ((overlay(EARLIER).digest,), {"ap_tiers": "on"})


def test_a_receipt_tells_the_councils_own_date_beside_that_of_the_law() -> None:
    desk = opened(overlay(EARLIER))
    assert desk.state is not None
    steps = [step.say for step in explain(desk.process, desk.state, "final_plan_sent", desk.days).steps]
    assert steps[-1] == "The council aims at Monday 11 May 2026, 18 weeks of its own. The date in law stays"
    plain = opened()
    assert plain.state is not None
    assert not any("aims" in step.say for step in explain(plain.process, plain.state, "final_plan_sent", plain.days).steps)


def test_a_warning_whose_day_has_come_is_not_given_again() -> None:
    desk = opened()
    due = desk.clock("final_plan_sent").due
    assert due is not None
    after = moved(desk, f"{due:%Y-%m-%d}", overlay(EARLIER))
    _, told = look(merge(library.get("ehc_plan", 1), overlay(EARLIER)), after, due)
    assert [one for one in told if one.name == "final_plan_sent"] == []
    assert after.clocks["final_plan_sent"].warned == 3


def test_time_that_a_family_was_given_is_not_taken_back() -> None:
    given = overlay(LONGER)
    desk = Desk(merge(library.get("ehc_plan", 1), given), library.england()).drafted()
    assert desk.clock("family_window").status is Status.RUNNING
    begun = f"{desk.clock('family_window').since:%Y-%m-%d}"
    with pytest.raises(Refused, match="would become"):
        moved(desk, begun)
    assert moved(opened(overlay(LONGER)), "2026-01-20").rules == ()  # before it is given, nothing is taken


def test_a_task_of_rules_that_are_gone_falls_away() -> None:
    desk = opened(overlay(TASK))
    assert desk.clock("call_family_in_time").status is Status.RUNNING
    after = moved(desk, "2026-01-06")
    assert "call_family_in_time" not in after.clocks
    assert after.clocks.keys() == moved(opened(overlay(EARLIER)), "2026-01-06").clocks.keys()


def test_a_pilot_never_begins_in_an_open_case() -> None:
    desk = opened()
    process = merge(library.get("ehc_plan", 1), overlay(TASK))
    with pytest.raises(Refused, match="chosen when a case opens"):
        advance(process, desk.state, moving("2026-01-06", rules=("pilot:anything",)), desk.days)


def test_a_case_is_not_moved_to_what_it_is_under() -> None:
    with pytest.raises(Refused, match="moved to the changed rules already"):
        moved(opened(overlay(TASK)), "2026-01-06", overlay(TASK))
