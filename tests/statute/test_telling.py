"""A counter-example reads like a sentence that somebody might say to a parent: if this, then that, by so much; and the law."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bootstrap.checking import check_overlay
from statute.certificate import CounterExample
from statute.definition import Process, Span, Unit
from statute.explore import explore
from statute.overlay import merge
from statute.prove import prove
from statute.telling import lowered
from statute.tenant_overlay import parse_overlay
from tests.statute.overlays import document
from tests.statute.test_explore import PLANTED, changed
from workflows import library

NATIONAL = library.get("ehc_plan", 1)


def said(process: str, **changes: Any) -> str:
    national = library.get(process, 1)
    return told(national, merge(national, parse_overlay(document(process, **changes))))


def told(national: Process, merged: Process) -> str:
    found = prove(national, merged, library.england())
    assert isinstance(found, CounterExample)
    return found.say


def numbered(process: str, name: str, *spans: Span) -> Process:
    """A process with another number in one limit, by no overlay."""
    national = library.get(process, 1)
    deadline = national.deadlines[name]
    changed = replace(deadline, spans=tuple(zip(spans, [trigger for _, trigger in deadline.spans], strict=True)))
    return replace(national, deadlines={**national.deadlines, name: changed})


def test_time_that_leaves_none_is_told_in_weeks_and_days() -> None:
    assert said("plan_amendment", deadlines={"family_window": {"at_least": "60 days"}}) == (
        'If the letter "The proposed amendments" leaves on 1 January 2026, the time for the family ends on 1 March 2026, in week 9, and the letter '
        '"The plan is not amended after all, and why" leaves in week 9 at the earliest, on 2 March 2026; the last day in law is 26 February 2026, '
        "in week 8: 4 days too late; SEND reg.28, SEND reg.22(3), SEND reg.22(4)"
    )


def test_a_later_date_is_told_with_the_days_that_it_is_too_late() -> None:
    assert told(NATIONAL, numbered("ehc_plan", "decision_notified", Span(7, Unit.WEEKS))) == (
        'If a request for an EHC needs assessment was received (received on 1 January 2026), "Tell the family whether their child will be assessed" '
        "may wait until 19 February 2026, in week 7; the last day in law is 12 February 2026, in week 6: 7 days too late; SEND reg.5(1)"
    )


def test_time_taken_from_the_family_is_told_with_the_days_that_are_lost() -> None:
    assert told(NATIONAL, numbered("ehc_plan", "family_window", Span(10, Unit.DAYS))) == (
        'If the letter "The draft plan" leaves on 1 January 2026, "Time for the family to say what they think of the draft" ends on 10 January 2026, '
        "in week 2; the law gives it until 15 January 2026, in week 2: 5 days lost; SEND reg.13(1)(a)"
    )


def test_a_step_that_is_blocked_is_told_with_what_it_waits_for() -> None:
    assert said("ehc_plan", gates={"family_heard": {"needs": ["setting_consulted"]}}) == (
        'If a request for an EHC needs assessment was received, the decision "The council will assess" is blocked for ever: the family must be '
        'consulted before the council decides (it waits for "Ask the family for their views before deciding" and "A school or college was consulted"); '
        "CFA s.36(4)"
    )


@pytest.mark.thorough  # each reads the whole definition anew
@pytest.mark.parametrize(
    ("mistake", "end"),
    [
        ("a duty that goes on when the child has moved", 'If a request for an EHC needs assessment was received, then the child moved and another council is responsible, the case ends ("Another council is now responsible") while this is still owed: tell the family whether their child will be assessed; SEND reg.5(1)'),
        ("a final plan before the family had its time", 'then the letter "The final plan" leaves, that is before the 15 days that the law gives are over (time for the family to say what they think of the draft); SEND reg.13(1)(a)'),
        ("a right in the hands of the council", 'the family loses a right while this lasts ("The family has the draft plan"): the family said what it thinks of the draft; CFA s.36(4)'),
        ("a right that, once used, shuts every way out", 'the case can never end: the meeting that the family asked for must be held (it waits for "Meet the family about the draft" and "Tell health, social care and the school or nursery"); SEND reg.13(1)'),
        ("a duty that can no longer be done", "this can never be done in law any more, though it is owed: tell health, social care and the school or nursery; SEND reg.4(2)"),
        ("an outcome that no path allows", 'the decision "No plan is needed" is blocked for ever: planted (it waits for "A plan is needed"); CFA s.36(4)'),
    ],
)  # fmt: skip
def test_what_a_path_leads_to_is_told_after_its_steps(mistake: str, end: str) -> None:
    found = explore(changed(*PLANTED[mistake][0]))
    assert isinstance(found, CounterExample)
    assert found.say.startswith("If ")
    assert found.say.endswith(end)
    assert "_" not in found.say


def test_a_right_that_is_lost_is_told() -> None:
    views = NATIONAL.acts["representations_made"]
    lost = replace(NATIONAL, acts={**NATIONAL.acts, "representations_made": replace(views, by=("local_authority",))})
    assert (
        told(NATIONAL, lost)
        == 'The step "The family said what it thinks of the draft" is not what the law says any more: who may do it; SEND reg.13(1)(a)'
    )


def test_waymark_check_prints_the_sentence() -> None:
    text = "overlay: slow\nprocess: plan_amendment\nwhy: More time.\ndeadlines: {family_window: {at_least: 60 days}}\n"
    report = check_overlay("slow.yaml", text)
    assert not report["sound"]
    assert "in week 9 at the earliest" in report["lines"][1]


def test_a_sentence_within_a_sentence_begins_small_but_for_names() -> None:
    assert [lowered(say) for say in ("A request", "EHC plan", "The NHS", "", "I")] == ["a request", "EHC plan", "the NHS", "", "i"]
