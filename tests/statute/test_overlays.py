"""A tenant refines and never relaxes: what an overlay may do, what refuses to load and by what law, and the proof that nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statute.advance import advance
from statute.allowed import allowed
from statute.comparison import Comparison
from statute.definition import Process, Sense, Span, Unit
from statute.explain import explain
from statute.explore import Certificate, CounterExample, explore
from statute.overlay import merge, parse_amendment, target_day
from statute.prove import possible, prove
from statute.tenant_overlay import Relaxation, parse_overlay
from statute.types import Event, Faulty, Force, Kind, Refused, State, Step
from tests.statute.desk import Desk
from tests.statute.lives import ENGLAND, Life, Wish
from tests.statute.overlays import blind, document, lawful, northmoor, worse
from tests.statute.small import SMALL
from tests.statute.test_amendments import changed
from tests.statute.witness import Witness
from workflows import library

NATIONAL = library.get("ehc_plan", 1)
SHELF = sorted(library.files())
FEW = settings(max_examples=max(10, settings.default.max_examples // 3))
SEEDS = st.integers(0, 2**32 - 1)
WISHES = st.lists(st.builds(Wish, st.integers(0, 25), SEEDS), min_size=10, max_size=60)


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


# What refuses to load

ILLEGAL: list[tuple[str, str, dict[str, Any], str, str]] = [
    ("longer than a must", "ehc_plan", {"deadlines": {"final_plan_sent": {"within": "21 weeks"}}}, "deadlines.final_plan_sent.within", "SEND reg.13(2)"),
    ("as long as a must", "ehc_plan", {"deadlines": {"decision_notified": {"within": "6 weeks"}}}, "deadlines.decision_notified.within", "SEND reg.5(1)"),
    ("another unit", "ehc_plan", {"deadlines": {"no_plan_notified": {"within": "100 days"}}}, "deadlines.no_plan_notified.within", "SEND reg.10(1)"),
    ("a number where there is none", "ehc_plan", {"deadlines": {"partners_notified": {"within": "90 days"}}}, "deadlines.partners_notified.within", "SEND reg.4(2)"),
    ("less time for the family", "ehc_plan", {"deadlines": {"family_window": {"at_least": "14 days"}}}, "deadlines.family_window.at_least", "SEND reg.13(1)(a)"),
    ("a time for the NHS", "ehc_plan", {"deadlines": {"advice_from_partners": {"within": "3 weeks"}}}, "deadlines.advice_from_partners.within", "SEND reg.8(1)"),
    ("guidance without a reason", "ehc_plan", {"deadlines": {"settings_answer": {"within": "20 days"}}}, "deadlines.settings_answer.within", "CODE para.9.83"),
    ("an excuse of the NHS", "ehc_plan", {"without": {"advice_from_partners": ["absent_four_weeks"]}}, "without.advice_from_partners", "SEND reg.8(1)"),
    ("a stage", "ehc_plan", {"stages": {"panel": {"say": "A panel"}}}, "stages.panel", "Children and Families Act 2014 (2014 c. 6)"),
    ("an event", "ehc_plan", {"events": {"request_received": {"by": ["family"]}}}, "events.request_received", "CFA s.36(1)"),
    ("a ground", "ehc_plan", {"grounds": {"busy": {"say": "We were busy"}}}, "grounds.busy", "Children and Families Act 2014"),
    ("whose duty it is", "ehc_plan", {"deadlines": {"final_plan_sent": {"binds": "family"}}}, "deadlines.final_plan_sent.binds", "SEND reg.13(2)"),
    ("its force", "ehc_plan", {"deadlines": {"final_plan_sent": {"force": "should"}}}, "deadlines.final_plan_sent.force", "SEND reg.13(2)"),
    ("what it counts from", "ehc_plan", {"deadlines": {"final_plan_sent": {"from": "draft_plan"}}}, "deadlines.final_plan_sent.from", "SEND reg.13(2)"),
    ("a citation", "ehc_plan", {"deadlines": {"final_plan_sent": {"cite": "CFA s.1"}}}, "deadlines.final_plan_sent.cite", "SEND reg.13(2)"),
    ("a new excuse", "ehc_plan", {"deadlines": {"final_plan_sent": {"excused_by": {"x": "y"}}}}, "deadlines.final_plan_sent.excused_by", "SEND reg.13(2)"),
    ("a roll", "ehc_plan", {"deadlines": {"final_plan_sent": {"rolls": "next_working_day"}}}, "deadlines.final_plan_sent.rolls", "SEND reg.13(2)"),
    ("an exception of a gate", "ehc_plan", {"gates": {"family_heard": {"unless": ["will_assess"]}}}, "gates.family_heard.unless", "CFA s.36(4)"),
    ("what a gate holds", "ehc_plan", {"gates": {"family_heard": {"holds": ["draft_plan"]}}}, "gates.family_heard.holds", "CFA s.36(4)"),
    ("waiting for the family", "ehc_plan", {"gates": {"fifteen_days_given": {"needs": ["representations_made"]}}}, "gates.fifteen_days_given.needs.representations_made", "SEND reg.13(1)(a)"),
    ("waiting for what waits for the family", "ehc_plan", {"gates": {"fifteen_days_given": {"needs": ["meeting_held"]}}}, "gates.fifteen_days_given.needs.meeting_held", "SEND reg.13(1)(a)"),
    ("waiting for the family to agree", "ehc_plan", {"gates": {"advice_sought": {"needs": ["advice_already_held"]}}}, "gates.advice_sought.needs.advice_already_held", "SEND reg.6(1)"),
    ("waiting for what others write", "ehc_plan", {"gates": {"advice_sought": {"needs": ["advice"]}}}, "gates.advice_sought.needs.advice", "SEND reg.6(1)"),
    ("waiting for time", "ehc_plan", {"gates": {"consulted_first": {"needs": ["what_to_name"]}}}, "gates.consulted_first.needs.what_to_name", "CFA s.39(2)"),
    ("waiting for itself", "ehc_plan", {"gates": {"family_heard": {"needs": ["whether_to_assess"]}}}, "gates.family_heard.needs.whether_to_assess", "CFA s.36(4)"),
    ("waiting for a task of its own", "ehc_plan", {"gates": {"family_heard": {"needs": ["panel"]}}, "tasks": {"panel": {"say": "A panel", "by": ["local_authority"], "at": ["considering"]}}}, "gates.family_heard.needs.panel", "CFA s.36(4)"),
    ("a task for the family", "ehc_plan", {"tasks": {"form": {"say": "Fill in a form", "by": ["family"], "at": ["considering"]}}}, "tasks.form.by", "Children and Families Act 2014"),
    ("a task that moves the case", "ehc_plan", {"tasks": {"panel": {"say": "A panel", "by": ["local_authority"], "at": ["considering"], "moves_to": "refused"}}}, "tasks.panel.moves_to", "Children and Families Act 2014"),
    ("a letter's own words", "ehc_plan", {"notices": {"assessment_refused": {"contains": {"right_to_appeal": "No."}}}}, "notices.assessment_refused.contains.right_to_appeal", "SEND reg.5(3)"),
    ("to whom a letter goes", "ehc_plan", {"notices": {"assessment_refused": {"contains": {"more": "More."}, "to": ["partners"]}}}, "notices.assessment_refused.to", "SEND reg.5(3)"),
    ("who decides", "ehc_plan", {"decisions": {"whether_to_assess": {"who": "adviser"}}}, "decisions.whether_to_assess.who", "CFA s.36(4)"),
    ("who decides for a school", "permanent_exclusion", {"decisions": {"whether_to_reinstate": {"who": "decision_maker"}}}, "decisions.whether_to_reinstate.who", ""),
    ("outcomes", "ehc_plan", {"decisions": {"whether_to_assess": {"outcomes": {"later": {}}}}}, "decisions.whether_to_assess.outcomes", "CFA s.36(4)"),
    ("a fact of the law", "ehc_plan", {"facts": {"reasons": "text"}, "decisions": {"whether_to_assess": {"record": {"will_assess": ["reasons"]}}}}, "facts.reasons", "Children and Families Act 2014"),
    ("the time to appeal", "mediation_and_appeal", {"deadlines": {"appeal_window": {"within": "1 month"}}}, "deadlines.appeal_window.within", "HESC r.20"),
    ("a longer limit for the family", "mediation_and_appeal", {"deadlines": {"claim_window": {"within": "12 months"}}}, "deadlines.claim_window.within", "EQA Sch.17 para.4"),
    ("a gate on the family's appeal", "mediation_and_appeal", {"gates": {"certificate_or_leave": {"needs": ["health_body_told"]}}}, "gates.certificate_or_leave", "CFA s.55(2)"),
    ("promising the tribunal's time", "mediation_and_appeal", {"deadlines": {"time_to_appeal": {"at_least": "30 days"}}}, "deadlines.time_to_appeal.at_least", "HESC r.20"),
    ("a limit of the tribunal's", "tribunal_appeal", {"deadlines": {"permission_from_tribunal": {"within": "20 days"}}}, "deadlines.permission_from_tribunal.within", "HESC r.46"),
    ("less time for schools' families", "suspension", {"deadlines": {"time_to_ask": {"at_least": "40 school_days"}}}, "deadlines.time_to_ask.at_least", ""),
    ("a limit that others count from", "council_complaint", {"deadlines": {"stage_one_answered": {"within": "40 working_days", "why": "Busy."}}}, "deadlines.stage_one_answered.within", "LGSCO"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("process", "changes", "path", "law"), [case[1:] for case in ILLEGAL], ids=[case[0].replace(" ", "-") for case in ILLEGAL]
)
def test_what_the_law_alone_says_is_refused_with_the_law_that_says_it(process: str, changes: dict[str, Any], path: str, law: str) -> None:
    with pytest.raises(Relaxation) as caught:
        merged(process, **changes)
    [found] = [violation for violation in caught.value.violations if violation.path == path]
    assert law in found.why
    assert found.why.rpartition(": ")[2].strip(), "it names the statute"
    assert found.what
    assert found.do
    assert str(found) in str(caught.value)


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


FAULTY: list[tuple[str, dict[str, Any], str, str]] = [
    ("an unknown key", {"deadlinse": {}}, "deadlinse", "did you mean `deadlines`"),
    ("an unknown deadline", {"deadlines": {"final_plan_snet": {"within": "3 weeks"}}}, "deadlines.final_plan_snet", "did you mean final_plan_sent"),
    ("an unknown gate", {"gates": {"family_hurd": {"needs": ["advice"]}}}, "gates.family_hurd", "did you mean family_heard"),
    ("an unknown act", {"gates": {"family_heard": {"needs": ["notify_partner"]}}}, "gates.family_heard.needs", "did you mean notify_partners"),
    ("an unknown exception", {"gates": {"family_heard": {"without": ["advice"]}}}, "gates.family_heard.without", "there is none"),
    ("an unknown notice", {"notices": {"advice": {"contains": {"a_word": "A."}}}}, "notices.advice", "use one of"),
    ("an unknown decision", {"decisions": {"whether_to_asess": {"who": "decision_maker"}}}, "decisions.whether_to_asess", "did you mean"),
    ("an unknown outcome", {"facts": {"note": "text"}, "decisions": {"whether_to_assess": {"record": {"will_asess": ["note"]}}}}, "decisions.whether_to_assess.record", "did you mean"),
    ("an undeclared fact", {"decisions": {"whether_to_assess": {"record": {"will_assess": ["note"]}}}}, "decisions.whether_to_assess.record.will_assess", "leave it out"),
    ("a fact of a strange type", {"facts": {"note": "date"}, "decisions": {"whether_to_assess": {"record": {"will_assess": ["note"]}}}}, "facts.note", "text"),
    ("a fact for nothing", {"facts": {"note": "text"}}, "facts.note", "record it"),
    ("an unknown ground", {"without": {"final_plan_sent": ["storm"]}}, "without.final_plan_sent", "use one of"),
    ("an unknown stage", {"tasks": {"panel": {"say": "A", "by": ["local_authority"], "at": ["assesing"]}}}, "tasks.panel.at", "did you mean assessing"),
    ("a task at an ending", {"tasks": {"panel": {"say": "A", "by": ["local_authority"], "at": ["issued"]}}}, "tasks.panel.at", "use one of"),
    ("a task with a name of the law", {"tasks": {"advice": {"say": "A", "by": ["local_authority"], "at": ["assessing"]}}}, "tasks.advice", "own"),
    ("a task named like a fact", {"tasks": {"views": {"say": "A", "by": ["local_authority"], "at": ["assessing"]}}}, "acts.views", "rename"),
    ("two senses", {"deadlines": {"final_plan_sent": {"within": "3 weeks", "every": "2 weeks"}}}, "deadlines.final_plan_sent", "keep the one"),
    ("another sense", {"deadlines": {"final_plan_sent": {"at_least": "3 weeks"}}}, "deadlines.final_plan_sent", "write `within:`"),
    ("nothing", {"deadlines": {"final_plan_sent": {"why": "So."}}}, "deadlines.final_plan_sent", "give one of"),
    ("no time at all", {"deadlines": {"final_plan_sent": {"within": "0 weeks"}}}, "deadlines.final_plan_sent.within", "check it"),
    ("half an age", {"deadlines": {"family_window": {"at_least": "9999 days"}}}, "deadlines.family_window.at_least", "check it"),
    ("a warning on the day", {"deadlines": {"final_plan_sent": {"warn": ["0 days"]}}}, "deadlines.final_plan_sent.warn", "write"),
    ("a warning before no date", {"deadlines": {"partners_notified": {"warn": ["3 days"]}}}, "deadlines.partners_notified.warn", "leave it out"),
    ("a truth for a name", {"gates": {"family_heard": {"needs": [True]}}}, "gates.family_heard.needs[0]", "name"),
    ("half a character", {"notices": {"final_plan": {"contains": {"more": "\ud800"}}}}, "(the document)", "anew"),
    ("a very long sentence", {"notices": {"final_plan": {"contains": {"more": "x" * 2001}}}}, "notices.final_plan.contains.more", "below"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "path", "do"), [case[1:] for case in FAULTY], ids=[case[0].replace(" ", "-") for case in FAULTY])
def test_a_mistake_is_told_where_it_is_and_what_to_do(changes: dict[str, Any], path: str, do: str) -> None:
    with pytest.raises(Faulty) as caught:
        merged(**changes)
    assert any(fault.path == path and do in fault.do for fault in caught.value.faults), caught.value.faults


def test_an_overlay_says_whose_it_is_what_it_changes_and_why() -> None:
    with pytest.raises(Faulty) as caught:
        parse_overlay({})
    assert {fault.path for fault in caught.value.faults} == {"overlay", "process", "why"}


# The proof


def planted(name: str) -> Process:
    """The twenty weeks with one right or limit broken, by no overlay: the proof must find it by itself."""
    law = NATIONAL
    final, window, gate = law.deadlines["final_plan_sent"], law.deadlines["family_window"], law.gates["fifteen_days_given"]
    weeks = replace(final, spans=((Span(21, Unit.WEEKS), "received_on"),))
    views, refusal = law.acts["representations_made"], law.acts["assessment_refused"]
    panel = replace(law.acts["notify_partners"], name="panel")
    made: dict[str, Process] = {
        "a later date": _with(law, "deadlines", final_plan_sent=weeks),
        "a shorter time": _with(law, "deadlines", family_window=replace(window, spans=((Span(14, Unit.DAYS), "draft_plan"),))),
        "no number": _with(law, "deadlines", final_plan_sent=replace(final, spans=((None, "received_on"),))),
        "another excuse": _with(law, "deadlines", decision_notified=replace(law.deadlines["decision_notified"], excused_by=law.deadlines["advice_from_partners"].excused_by)),
        "a weaker force": _with(law, "deadlines", final_plan_sent=replace(final, force=Force.SHOULD)),
        "a gate that needs less": _with(law, "gates", fifteen_days_given=replace(gate, needs=("setting_consulted",))),
        "a gate with an exception": _with(law, "gates", fifteen_days_given=replace(gate, unless=("name_requested",))),
        "an act for others": _with(law, "acts", representations_made=replace(views, by=("local_authority",))),
        "an act elsewhere": _with(law, "acts", representations_made=replace(views, at=frozenset({"assessing"}))),
        "an act that is gone": replace(law, acts={key: act for key, act in law.acts.items() if key != "setting_requested"}),
        "a letter that says less": _with(law, "acts", assessment_refused=replace(refusal, contains={"reasons": ""})),
        "a task that ends the case": _with(law, "acts", panel=replace(panel, moves={"considering": "withdrawn"})),
        "a task in the way": _with(law, "acts", panel=panel, whether_to_assess=replace(
            law.acts["whether_to_assess"], gates=(replace(law.gates["family_heard"], needs=("consult_family", "panel")),))),
    }  # fmt: skip
    return made[name]


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


def test_each_rule_of_the_comparison_notices_by_itself() -> None:
    small, england = thinking(), library.england()
    gate = small.gates["thought"]
    narrower = _with(small, "gates", thought=replace(gate, needs=(*gate.needs, "papers_sent")))
    assert [found.rule for found in Comparison(small, narrower, england).gates()] == ["thought"]
    ends, elsewhere = planted("a task that ends the case"), planted("an act elsewhere")
    assert [found.rule for found in Comparison(NATIONAL, ends, england).acts()] == ["panel"]
    assert [found.rule for found in Comparison(NATIONAL, elsewhere, england).rights()] == ["representations_made"]
    national = explore(NATIONAL)
    assert isinstance(national, Certificate)
    fewer = replace(national, routes={name: path for name, path in national.routes.items() if name != "no_plan"})
    assert [found.rule for found in Comparison(NATIONAL, NATIONAL, england).endings(fewer)] == ["no_plan"]
    for name, rule in (("a later date", "final_plan_sent"), ("a gate that needs less", "what_to_name")):
        assert rule in [found.rule for found in Comparison(NATIONAL, planted(name), england).whole()]  # the indexes are as they were
    assert list(Comparison(NATIONAL, NATIONAL, england).whole()) == []


def _with(process: Process, section: str, **rules: Any) -> Process:
    changes: dict[str, Any] = {section: {**getattr(process, section), **rules}}
    return replace(process, **changes)


@pytest.mark.parametrize(
    "name",
    [
        "a later date", "a shorter time", "no number", "another excuse", "a weaker force", "a gate that needs less",
        "a gate with an exception", "an act for others", "an act elsewhere", "an act that is gone", "a letter that says less",
        "a task that ends the case",
    ],
)  # fmt: skip
def test_the_proof_finds_what_no_overlay_could_do(name: str) -> None:
    found = prove(NATIONAL, planted(name), library.england())
    assert isinstance(found, CounterExample)
    assert found.what


def test_the_proof_finds_a_task_that_holds_up_a_step_of_the_law() -> None:
    law = planted("a task in the way")
    gate = replace(law.gates["family_heard"], needs=("consult_family", "panel"))
    found = prove(NATIONAL, _with(law, "gates", family_heard=gate), library.england())
    assert isinstance(found, CounterExample)
    assert found.rule == "panel"


def test_a_step_that_can_never_be_taken_is_found_with_the_path_to_it() -> None:
    found = prove(NATIONAL, merged(gates={"family_heard": {"needs": ["setting_consulted"]}}), library.england())
    assert isinstance(found, CounterExample)
    assert found.what


def test_time_for_the_family_that_leaves_none_for_the_plan_is_found() -> None:
    changes = {"family_window": {"at_least": "60 days"}}
    found = prove(library.get("plan_amendment", 1), merged("plan_amendment", deadlines=changes), library.england())
    assert isinstance(found, CounterExample)
    assert "alone takes the whole of" in found.what


def test_what_the_family_may_do_is_walked_in_both() -> None:
    rights = {(act, stage) for act, stage, _ in possible(NATIONAL)}
    assert rights >= {("representations_made", "with_family"), ("request_withdrawn", "considering"), ("request_received", "considering")}


# Every overlay that loads


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


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["ehc_plan", "plan_amendment", "permanent_exclusion", "suspension", "ap_tier2", "social_care_complaint"])
def test_blind_overlays_that_load_are_proven_or_a_path_says_why_not(name: str) -> None:
    process, proven = library.get(name, 1), 0
    for seed in range(12):
        rules = lawful(process, Random(seed))
        found = prove(process, rules, library.england()) if rules else None
        if isinstance(found, CounterExample):  # a gate that waits for what comes too late: the table cannot know, the walk does
            assert isinstance(explore(rules) if rules else None, CounterExample) or "alone takes" in found.what, str(found)
        proven += isinstance(found, Certificate)
    assert proven >= 4


# Whatever anybody sends

JUNK = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-5, 10**9), st.floats(), st.text(max_size=8), st.dates(),
        st.sampled_from(["6 weeks", "0 days", "9999 months", "family_window", "advice", "\ud800", "local_authority", "text"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.one_of(st.text(max_size=5), st.integers(), st.sampled_from(["within", "needs", "say", "why", "contains", "record"])), inner, max_size=3),
    ),
    max_leaves=8,
)  # fmt: skip


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from places(inner)


def answer(sent: object) -> str:
    """The digest, or what is wrong; any other exception is a broken law."""
    try:
        return merge(NATIONAL, parse_overlay(sent)).digest
    except (Faulty, Relaxation) as told:
        return str(told)


@pytest.mark.thorough
@given(junk=JUNK, seed=SEEDS)
def test_whatever_is_sent_is_an_overlay_or_told_what_is_wrong(junk: Any, seed: int) -> None:
    chance = Random(seed)
    spoilt = northmoor()
    parent, key = chance.choice(list(places(spoilt)))
    parent[key] = junk
    drawn = document("ehc_plan", **blind(NATIONAL, chance))
    for given_document in (junk, spoilt, drawn, document("ehc_plan", deadlines=junk, tasks=junk), document("ehc_plan", stages=junk)):
        assert answer(given_document)
