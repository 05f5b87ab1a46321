"""A tenant refines and never relaxes: what an overlay may do, and what becomes of it. What is refused is planted: test_planted."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from statute.definition import Process, Span, Unit
from statute.explain import explain
from statute.explore import Certificate
from statute.overlay import merge, parse_amendment, target_day
from statute.prove import prove
from statute.tenant_overlay import Relaxation, parse_overlay
from statute.types import Faulty, Refused
from tests.statute.desk import Desk
from tests.statute.lives import ENGLAND
from tests.statute.overlays import document, northmoor
from tests.statute.small import SMALL
from tests.statute.test_amendments import changed
from workflows import library

NATIONAL = library.get("ehc_plan", 1)


def merged(process: str = "ehc_plan", **changes: Any) -> Process:
    return merge(library.get(process, 1), parse_overlay(document(process, **changes)))


@pytest.fixture(scope="module")
def laid() -> Process:
    """The twenty weeks under an overlay that a council might want."""
    return merge(NATIONAL, parse_overlay(northmoor()))


@pytest.fixture
def desk(laid: Process) -> Desk:
    return Desk(laid, library.england()).opened()


# What a council may do


def test_an_overlay_is_proven_and_has_a_fingerprint_of_its_own(laid: Process) -> None:
    found = prove(NATIONAL, laid, library.england())
    assert isinstance(found, Certificate), str(found)
    assert found.digest == laid.digest != NATIONAL.digest
    assert found.states < 1000
    assert merge(NATIONAL, parse_overlay(northmoor())).digest == laid.digest
    assert merge(NATIONAL, parse_overlay({**northmoor(), "why": "Another."})).digest != laid.digest


def test_a_shorter_limit_is_a_target_and_the_date_of_the_law_stays(desk: Desk) -> None:
    clock, deadline = desk.clock("final_plan_sent"), desk.process.deadlines["final_plan_sent"]
    assert clock.due == date(2026, 5, 26)
    assert deadline.spans == NATIONAL.deadlines["final_plan_sent"].spans
    assert target_day(deadline, clock.since, clock.due, desk.days) == date(2026, 5, 12)
    assert target_day(NATIONAL.deadlines["final_plan_sent"], clock.since, clock.due, desk.days) is None


def test_a_target_that_has_passed_is_no_breach(desk: Desk) -> None:
    told = desk.look("2026-02-12").effects  # five weeks ended on the 10th, six end on the 17th
    assert ("breach", "decision_notified") not in [(effect.kind, effect.name) for effect in told]


def test_a_longer_time_is_really_given_to_the_family() -> None:
    desk = Desk(merged(deadlines={"family_window": {"at_least": "21 days"}}), library.england()).drafted()
    assert desk.clock("family_window").due == date(2026, 5, 4)
    desk.do("setting_consulted", "2026-04-16", item="hill_school")
    with pytest.raises(Refused, match="21 days here, more than the 15 days that the law asks for"):
        desk.do("what_to_name", "2026-05-04", outcome="name_requested")
    desk.do("what_to_name", "2026-05-05", outcome="name_requested")


def test_another_number_than_that_of_guidance_says_so_and_why(laid: Process) -> None:
    deadline = laid.deadlines["settings_answer"]
    assert deadline.spans[0][0] == Span(20, Unit.DAYS)
    assert deadline.say == "Answer the consultation (20 days here, where guidance says 15 days: Small schools asked for more time)"
    assert laid.deadlines["advice_by_guidance"].target == Span(5, Unit.WEEKS)


def test_an_excuse_that_was_given_up_is_refused(desk: Desk) -> None:
    with pytest.raises(Refused, match="gives no such excuse"):
        desk.excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-03-01")
    desk.excuse("decision_notified", "exceptional_personal_circumstances", "2026-02-01")


def test_a_gate_asks_for_more_and_a_decision_records_more(desk: Desk) -> None:
    desk.do("consult_family", "2026-01-08")
    with pytest.raises(Refused, match="The family must be consulted before"):
        desk.do("whether_to_assess", "2026-02-01", outcome="will_assess")
    desk.do("notify_partners", "2026-02-01")
    with pytest.raises(Refused, match="panel_note is missing"):
        desk.do("whether_to_assess", "2026-02-01", outcome="will_not_assess", reasons="Because")
    desk.do("whether_to_assess", "2026-02-01", outcome="will_not_assess", reasons="Because", panel_note="They met")


def test_a_letter_says_more_and_nothing_less(laid: Process) -> None:
    contains = laid.acts["assessment_refused"].contains
    assert contains.items() >= NATIONAL.acts["assessment_refused"].contains.items()
    assert contains["local_helpline"] == "You may ring us on 01632 960000."


def test_a_task_of_the_councils_own_has_a_clock_and_holds_up_nothing(desk: Desk) -> None:
    assert desk.clock("call_family_in_time").due == date(2026, 1, 13)
    assert explain(desk.process, desk.state, "call_family_in_time", desk.days).steps if desk.state else False
    assert [effect.kind for effect in desk.look("2026-01-15").effects] == ["breach"]
    desk.do("request_withdrawn", "2026-01-20")  # nothing waits for it
    other = Desk(desk.process, desk.days).opened()
    other.do("call_family", "2026-01-09")
    assert other.clock("call_family_in_time").met_on == date(2026, 1, 9)


def test_a_task_falls_away_with_the_stage_at_which_it_can_be_done(laid: Process) -> None:
    stopping = laid.deadlines["call_family_in_time"].stopped_by
    assert set(stopping) >= {"assessment_agreed", "assessment_refused", "request_withdrawn", "final_plan"}
    assert "draft_plan" not in stopping


@pytest.mark.parametrize(
    ("process", "changes", "name", "span"),
    [
        ("ap_tier1", {"reviews": {"every": "9 weeks"}}, "reviews", Span(9, Unit.WEEKS)),
        ("ap_tier2", {"twelve_weeks": {"within": "3 months"}}, "twelve_weeks", Span(3, Unit.MONTHS)),
        ("ap_tier3", {"reviews": {"every": "30 days"}}, "reviews", Span(30, Unit.DAYS)),
        ("suspension", {"time_to_ask": {"at_least": "60 school_days"}}, "time_to_ask", Span(60, Unit.SCHOOL_DAYS)),
        ("ceasing", {"plan_kept": {"at_least": "3 months"}}, "plan_kept", Span(3, Unit.MONTHS)),
    ],
)
def test_what_the_council_sets_and_what_it_gives_is_the_limit(process: str, changes: dict[str, Any], name: str, span: Span) -> None:
    rules = merged(process, deadlines=changes)
    assert rules.deadlines[name].spans[0][0] == span
    assert isinstance(prove(library.get(process, 1), rules, library.england()), Certificate)


def test_warnings_are_the_councils_own() -> None:
    assert merged(deadlines={"final_plan_sent": {"warn": ["2 days", "40 days"]}}).deadlines["final_plan_sent"].warn == (40, 2)
    assert merged(deadlines={"final_plan_sent": {"warn": []}}).deadlines["final_plan_sent"].warn == ()


def test_an_overlay_of_another_process_changes_nothing() -> None:
    assert merge(library.get("ceasing", 1), parse_overlay(northmoor())) == library.get("ceasing", 1)


def test_the_law_comes_before_the_tenant() -> None:
    amendment, overlay = parse_amendment(changed(final_plan_sent={"within": "17 weeks", "cite": "NEW s.1"})), parse_overlay(northmoor())
    with pytest.raises(Relaxation, match=r"18 weeks, where the law gives 17 weeks.*NEW s\.1"):
        merge(NATIONAL, amendment, overlay)
    with pytest.raises(Faulty, match="give amendments first, then pilots, then overlays"):
        merge(NATIONAL, overlay, amendment)


def test_several_overlays_are_laid_one_upon_another_and_each_limit_is_set_once() -> None:
    first, second = (
        document(deadlines={"final_plan_sent": {"within": "18 weeks"}}),
        document(deadlines={"decision_notified": {"within": "5 weeks"}}),
    )
    both = merge(NATIONAL, parse_overlay(first), parse_overlay(second))
    assert [both.deadlines[name].target for name in ("final_plan_sent", "decision_notified")] == [Span(18, Unit.WEEKS), Span(5, Unit.WEEKS)]
    with pytest.raises(Faulty, match="set already"):
        merge(NATIONAL, parse_overlay(first), parse_overlay(first))


def test_every_violation_is_told_at_once() -> None:
    with pytest.raises(Relaxation) as caught:
        merged(
            deadlines={"final_plan_sent": {"within": "21 weeks"}, "family_window": {"at_least": "3 days"}},
            stages={},
            without={"advice_from_partners": ["missed_appointment"]},
        )
    assert len(caught.value.violations) == 4


def test_a_day_before_is_tightened_by_more_days_before() -> None:
    small = library.parse_text(SMALL.replace("council", "local_authority"))
    earlier = merge(small, parse_overlay(document("small", deadlines={"papers_before": {"before": "3 weeks"}})))
    deadline = earlier.deadlines["papers_before"]
    assert target_day(deadline, date(2026, 2, 1), date(2026, 1, 18), ENGLAND) == date(2026, 1, 11)
    for wrong, law in (({"papers_before": {"before": "1 week"}}, "earlier than"), ({"papers_by": {"within": "1 week"}}, "by")):
        with pytest.raises(Relaxation, match=law):
            merge(small, parse_overlay(document("small", deadlines=wrong)))
    for wrong in ({"lodged": {"within": "1 month"}}, {"papers_by": {"before": "2 days"}}):
        with pytest.raises(Relaxation, match="no one number"):
            merge(small, parse_overlay(document("small", deadlines=wrong)))


def thinking() -> Process:
    """A small process in which a step of the family waits for a time that is given."""
    text = SMALL.replace("council", "local_authority").replace(
        "gates:\n",
        """gates:
  thought: {say: Sleep on it, holds: [given_up], needs: [time_to_think], cite: ACT s.2}
""",
    )
    return library.parse_text(
        text.replace(
            "deadlines:\n",
            """deadlines:
  time_to_think: {say: Time to think, binds: local_authority, force: must, cite: ACT s.2, at_least: 5 days, from: asked_on, met_by: [given_up]}
""",
        )
    )


def test_time_that_would_hold_up_a_step_of_the_family_is_not_made_longer() -> None:
    with pytest.raises(Relaxation, match=r"would hold up a step of the family: given up.*ACT s\.2"):
        merge(thinking(), parse_overlay(document("small", deadlines={"time_to_think": {"at_least": "9 days"}})))


def test_nobody_elses_decision_records_more_and_nobody_elses_letter_says_more() -> None:
    text = SMALL.replace("council", "local_authority").replace("who: decision_maker", "who: tribunal")
    others = library.parse_text(text.replace("{say: The answer, to:", "{say: The answer, by: [tribunal], to:"))
    more = {
        "facts": {"note": "text"},
        "decisions": {"whether": {"record": {"it_is": ["note"]}}},
        "notices": {"answer": {"contains": {"more": "More."}}},
    }
    with pytest.raises(Relaxation) as caught:
        merge(others, parse_overlay(document("small", **more)))
    assert [(found.path, str(found.cites[0])) for found in caught.value.violations] == [
        ("decisions.whether.record", "ACT s.2"),
        ("notices.answer", "ACT s.2"),
    ]
