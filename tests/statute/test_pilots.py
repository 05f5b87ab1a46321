"""A pilot adds and takes nothing: what one may do, what is refused and by what law, who may choose it, and when its gate opens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from statute.choose import Council, began, choice
from statute.definition import Process
from statute.overlay import merge, parse_amendment
from statute.pilot import Pilot, parse_pilot
from statute.pilot_guard import falls_away
from statute.tenant_overlay import Relaxation, parse_overlay
from statute.types import Event, Evidence, Faulty, Kind, Refused
from tests.statute import overlays
from tests.statute.desk import Desk
from tests.statute.pilots import document, laid, shelved
from tests.statute.test_amendments import changed
from workflows import library

MEDIATION = "mediation_and_appeal"
OPTION = {"say": "Say what you like best", "by": ["family"], "at": ["with_family"], "cite": "NEW s.1"}
TASK = {"say": "Ring the family", "by": ["local_authority"], "at": ["considering"], "cite": "NEW s.1"}
LETTER = {"say": "A letter", "by": ["local_authority"], "at": ["with_family"], "to": ["family"], "cite": "NEW s.1"}
WORD = {"say": "More.", "cite": "NEW s.1"}
LIMIT = {"within": "5 days", "from": "received_on", "why": "A product default"}


def spoilt(
    change: Callable[[dict[str, Any], dict[str, Any]], object], name: str = "mediation_mandatory", process: str = MEDIATION
) -> dict[str, Any]:
    """A pilot of the shelf with one thing wrong: `change` gets the whole and its gate, or the whole and the part where it has none."""
    found = shelved(name)
    part = found["processes"][process]
    change(found, part["gates"]["mediation_first"] if name == "mediation_mandatory" else part)
    return found


# What a pilot may do


def test_a_pilot_adds_an_option_a_task_with_a_limit_a_letter_words_and_a_fact() -> None:
    pilot = document(
        facts={"liked": "text"},
        acts={"wish_told": {**OPTION, "facts": ["liked?"], "again": True}},
        tasks={"family_rung": {**TASK, "deadline": LIMIT}},
        notices={"wishes_letter": {**LETTER, "contains": {"you_may_wish": WORD}}},
        words={"final_plan": {"wishes_weighed": WORD}},
    )
    process, national = laid(pilot, "ehc_plan"), library.get("ehc_plan", 1)
    assert process.digest != national.digest
    assert process.acts["final_plan"].contains == {**national.acts["final_plan"].contains, "wishes_weighed": "More."}
    assert process.law["NEW"]["title"] == "A new law"
    desk = Desk(process, library.england()).opened()
    assert desk.clock("family_rung_in_time").due == date(2026, 1, 11)
    other = Desk(process, library.england()).drafted()
    other.do("wish_told", "2026-04-15", liked="Hill School")
    other.do("wishes_letter", "2026-04-15", how="email")
    without = Desk(national, library.england()).drafted()
    assert other.state is not None
    assert without.state is not None
    assert {key: clock for key, clock in other.state.clocks.items() if not key.startswith("family_rung")} == without.state.clocks


def test_a_pilot_of_another_process_changes_nothing() -> None:
    assert laid(document(tasks={"family_rung": TASK}), "ceasing") == library.get("ceasing", 1)


def test_the_law_comes_first_then_pilots_then_the_council() -> None:
    amendment, pilot = (
        parse_amendment(changed(final_plan_sent={"within": "17 weeks", "cite": "NEW s.1"})),
        parse_pilot(document(tasks={"rung": TASK})),
    )
    overlay = parse_overlay(overlays.document(deadlines={"final_plan_sent": {"within": "16 weeks"}}))
    national = library.get("ehc_plan", 1)
    assert {"rung"} < merge(national, amendment, pilot, overlay).acts.keys()
    for wrong in ((pilot, amendment), (overlay, pilot), (overlay, amendment)):
        with pytest.raises(Faulty, match="give amendments first, then pilots, then overlays"):
            merge(national, *wrong)


def test_a_council_may_not_take_an_exemption_from_the_gate_of_a_pilot() -> None:
    process = laid(library.pilot("mediation_mandatory"), MEDIATION)
    with pytest.raises(Relaxation, match="holds a step of the family"):
        merge(process, parse_overlay(overlays.document(MEDIATION, gates={"mediation_first": {"without": ["exemption_told"]}})))


# What no pilot may do

ILLEGAL: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("moves the 15 days", document(deadlines={"family_window": {"at_least": "10 days"}}), "ehc_plan", "deadlines.family_window", "SEND reg.13(1)(a)"),
    ("lengthens the 15 days too", document(deadlines={"family_window": {"at_least": "30 days"}}), "ehc_plan", "deadlines.family_window", "SEND reg.13(1)(a)"),
    ("moves the 20 weeks", document(deadlines={"final_plan_sent": {"within": "22 weeks"}}), "ehc_plan", "deadlines.final_plan_sent", "SEND reg.13(2)"),
    ("shortens the time to appeal", document(MEDIATION, deadlines={"contact_adviser": {"within": "1 month"}}), MEDIATION, "deadlines.contact_adviser", "SEND reg.33"),
    ("touches the window", document(MEDIATION, deadlines={"appeal_window": {"warn": ["3 days"]}}), MEDIATION, "deadlines.appeal_window", "HESC r.20"),
    ("a stage", document(stages={"pilot_stage": {"say": "A"}}), "ehc_plan", "stages.pilot_stage", "Children and Families Act 2014"),
    ("an act that moves the case", document(acts={"wish_told": {**OPTION, "moves_to": "withdrawn"}}), "ehc_plan", "acts.wish_told.moves_to", "NEW s.1"),
    ("an act that opens a case", document(acts={"wish_told": {**OPTION, "opens": "ceasing"}}), "ehc_plan", "acts.wish_told.opens", "NEW s.1"),
    ("an act that counts as one of the law", document(acts={"wish_told": {**OPTION, "counts_as": ["representations_made"]}}), "ehc_plan", "acts.wish_told.counts_as", "NEW s.1"),
    ("an act of the law", document(acts={"setting_requested": OPTION}), "ehc_plan", "acts.setting_requested", "CFA s.38(3)"),
    ("a fact of the law", document(facts={"received_on": "date"}), "ehc_plan", "facts.received_on", "Children and Families Act 2014"),
    ("a day of the law told anew", document(acts={"wish_told": {**OPTION, "facts": ["received_on"]}}), "ehc_plan", "acts.wish_told.facts.received_on", "SEND reg.13(2)"),
    ("a task for the family", document(tasks={"form": {**TASK, "by": ["family"]}}), "ehc_plan", "tasks.form.by", "Children and Families Act 2014"),
    ("a task for the tribunal", document(MEDIATION, tasks={"form": {**TASK, "by": ["tribunal"], "at": ["choosing"]}}), MEDIATION, "tasks.form.by", "Children and Families Act 2014"),
    ("a sentence of the law", document(words={"final_plan": {"right_to_appeal_plan": WORD}}), "ehc_plan", "words.final_plan.contains.right_to_appeal_plan", "SEND reg.14(2)"),
    ("a gate of the law", document(gates={"family_heard": {"say": "A", "holds": ["consult_family"], "needs": ["advice"], "cite": "NEW s.1"}}), "ehc_plan", "gates.family_heard", "CFA s.36(4)"),
    ("a condition of the law", document(MEDIATION, conditions={"appeal_still_in_time": {"say": "A", "until": "claim_window"}}), MEDIATION, "conditions.appeal_still_in_time", "2014"),
    ("a step of the council that waits", document(tasks={"rung": TASK}, gates={"rung_first": {"say": "A", "holds": ["whether_to_assess"], "needs": ["rung"], "cite": "NEW s.1"}}), "ehc_plan", "gates.rung_first", "CFA s.36(4)"),
    ("blocks a request for a setting", document(tasks={"listed": {**TASK, "at": ["with_family"]}}, gates={"list_first": {"say": "A", "holds": ["setting_requested"], "needs": ["listed"], "cite": "NEW s.1"}}), "ehc_plan", "gates.list_first", "CFA s.38(3)"),
    ("an option that waits", document(acts={"wish_told": OPTION}, gates={"later": {"say": "A", "holds": ["wish_told"], "needs": ["setting_consulted"], "cite": "NEW s.1"}}), "ehc_plan", "gates.later", "NEW s.1"),
    ("costs the family something", spoilt(lambda whole, gate: whole.update(cost_to_family="some")), MEDIATION, "cost_to_family", "CFA s.56(1)(g)"),
    ("beyond the law and not said so", spoilt(lambda whole, gate: (whole.update(beyond_current_law=False), whole.pop("departs_from"))), MEDIATION, "gates.mediation_first", "CFA s.51(2)"),
    *((f"no exemption for {kind}", spoilt(lambda whole, gate, kind=kind: gate["exempt"].pop(kind)), MEDIATION, f"gates.mediation_first.exempt.{kind}", "CFA s.55(2)")  # type: ignore[misc]
      for kind in ("placement", "discrimination", "safeguarding", "default", "no_show", "urgency", "capacity")),
    ("an exemption that opens nothing", spoilt(lambda whole, gate: gate["unless"].remove("exemption_told")), MEDIATION, "gates.mediation_first.exempt.urgency", "CFA s.55(2)"),
    ("an exemption for the council to tell", spoilt(lambda whole, gate: whole["processes"][MEDIATION]["acts"]["exemption_told"].update(by=["local_authority"])), MEDIATION, "gates.mediation_first.exempt.safeguarding", "CFA s.55(2)"),
    ("an exemption at some stages", spoilt(lambda whole, gate: whole["processes"][MEDIATION]["acts"]["exemption_told"].update(at=["choosing"])), MEDIATION, "gates.mediation_first.exempt.capacity", "CFA s.55(2)"),
    ("only the council says that it failed", spoilt(lambda whole, gate: gate["exempt"].update(default=["cannot_arrange"])), MEDIATION, "gates.mediation_first.exempt.default", "CFA s.55(2)"),
    ("half of the authorities' default", spoilt(lambda whole, gate: whole["processes"][MEDIATION]["conditions"]["not_arranged"].update(passed=["mediation_by_council"])), MEDIATION, "gates.mediation_first.exempt.default", "CFA s.55(2)"),
    ("a no-show for the council to tell", spoilt(lambda whole, gate: whole["processes"][MEDIATION]["acts"]["authority_stayed_away"].update(by=["local_authority"])), MEDIATION, "gates.mediation_first.exempt.no_show", "CFA s.55(2)"),
    ("a claim of discrimination held too", spoilt(lambda whole, gate: gate.update(holds=["appeal_made", "discrimination_claimed"])), MEDIATION, "gates.mediation_first", "EQA Sch.17 para.4"),
    ("the leave of the tribunal is no way", spoilt(lambda whole, gate: gate["unless"].remove("tribunal_gave_leave")), MEDIATION, "gates.mediation_first.unless", "HESC r.20"),
    ("needs what it made up", spoilt(lambda whole, gate: gate.update(needs=["second_no_show"])), MEDIATION, "gates.mediation_first.needs.second_no_show", "CFA s.55(2)"),
    ("shuts before the family is told", spoilt(lambda whole, gate: gate.update(when=["first_six_weeks"])), MEDIATION, "gates.mediation_first.when", "CFA s.55(2)"),
    ("shut until the time is over", spoilt(lambda whole, gate: gate.update(when=["pilot_letter"])), MEDIATION, "gates.mediation_first.when", "CFA s.55(2)"),
    ("shut for eight weeks", spoilt(lambda whole, gate: whole["processes"][MEDIATION]["conditions"]["first_six_weeks"].update(within="8 weeks")), MEDIATION, "gates.mediation_first.when", "CFA s.55(2)"),
    ("counted from something else", spoilt(lambda whole, gate: whole["processes"][MEDIATION]["conditions"]["first_six_weeks"].update(of="mediation_wanted")), MEDIATION, "gates.mediation_first.when", "CFA s.55(2)"),
    ("removes the mainstream option", spoilt(lambda whole, part: part["notices"]["list_shown"]["contains"].pop("mainstream_option"), "tailored_list_ranked", "ehc_plan"), "ehc_plan", "notices.mainstream_option", "CFA s.38(3)"),
    ("leaves out any other setting", spoilt(lambda whole, part: part["notices"]["list_shown"]["contains"].pop("any_setting"), "tailored_list_advisory", "phase_transfer"), "phase_transfer", "notices.any_setting", "CFA s.38(3)"),
    ("ranks first, beyond the law", spoilt(lambda whole, part: part["gates"]["offered_from_a_list"].update(holds=["setting_requested"]), "tailored_list_ranked", "ehc_plan"), "ehc_plan", "gates.offered_from_a_list", "CFA s.38(3)"),
    ("a tier that a school's limit moves with", document("suspension", deadlines={"time_to_ask": {"at_least": "60 school_days"}}), "suspension", "deadlines.time_to_ask", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("pilot", "process", "path", "law"), [case[1:] for case in ILLEGAL], ids=[case[0].replace(" ", "-") for case in ILLEGAL]
)
def test_what_no_pilot_may_do_is_refused_with_the_law_that_says_so(pilot: dict[str, Any], process: str, path: str, law: str) -> None:
    with pytest.raises(Relaxation) as caught:
        laid(pilot, process)
    found = [violation for violation in caught.value.violations if violation.path == f"processes.{process}.{path}"]
    assert found, [violation.path for violation in caught.value.violations]
    assert any(law in violation.why for violation in found), [violation.why for violation in found]
    assert all(violation.what and violation.do and violation.why.rpartition(": ")[2].strip() for violation in found)


def test_every_violation_of_a_pilot_is_told_at_once() -> None:
    with pytest.raises(Relaxation) as caught:
        laid(
            document(
                stages={"a_stage": {"say": "A"}},
                deadlines={"final_plan_sent": {"within": "9 weeks"}},
                tasks={"form": {**TASK, "by": ["family"]}},
            ),
            "ehc_plan",
        )
    assert len(caught.value.violations) == 3


FAULTY: list[tuple[str, dict[str, Any], str, str]] = [
    ("an unknown key", {**document(tasks={"rung": TASK}), "kill": True}, "kill", "use one of"),
    ("an unknown section", document(task={"rung": TASK}), "processes.ehc_plan.task", "did you mean `tasks`"),
    ("a sentence without a citation", document(words={"final_plan": {"more": {"say": "More."}}}), "processes.ehc_plan.words.final_plan.more.cite", "add"),
    ("a citation without evidence", document(tasks={"rung": {**TASK, "cite": "NEW s.9"}}), "processes.ehc_plan.tasks.rung.cite", "sources"),
    ("cites nothing", document(tasks={"rung": {**TASK, "cite": []}}), "processes.ehc_plan.tasks.rung.cite", "cite it"),
    ("a limit without a reason", document(tasks={"rung": {**TASK, "deadline": {"within": "3 days", "from": "received_on"}}}), "processes.ehc_plan.tasks.rung.deadline.why", "add"),
    ("an unknown stage", document(tasks={"rung": {**TASK, "at": ["considerin"]}}), "processes.ehc_plan.rung.at", "did you mean considering"),
    ("an unknown capacity", document(tasks={"rung": {**TASK, "by": ["local_autority"]}}), "processes.ehc_plan.rung.by", "did you mean local_authority"),
    ("an unknown letter", document(words={"final_plann": {"more": WORD}}), "processes.ehc_plan.words.final_plann", "did you mean final_plan"),
    ("an unknown deadline", document(deadlines={"final_plann_sent": {"within": "3 weeks"}}), "processes.ehc_plan.deadlines.final_plann_sent", "did you mean"),
    ("an unknown act behind a gate", document(gates={"g": {"say": "A", "holds": ["rung"], "needs": ["advice"], "cite": "NEW s.1"}}), "processes.ehc_plan.gates.g.holds", "use one of"),
    ("an unknown fact", document(acts={"wish_told": {**OPTION, "facts": ["likd"]}}), "processes.ehc_plan.wish_told.facts", "use one of"),
    ("the same law by another name", {**document(tasks={"rung": {**TASK, "cite": "CFA s.1"}}), "law": {"CFA": {"title": "Another", "number": "1"}, "NEW": {"title": "A", "number": "1"}}, "sources": {"primary": ["NEW s.1", "CFA s.1"]}}, "law.CFA", "another short name"),
    ("an end before its beginning", {**document(tasks={"rung": TASK}), "in_force": {"from": date(2026, 2, 1), "until": date(2026, 1, 1)}}, "in_force.until", "check"),
    ("beyond which law it goes", {**document(tasks={"rung": TASK}), "beyond_current_law": True}, "departs_from", "cite"),
    ("nothing", document(), "processes.ehc_plan", "give one of"),
]  # fmt: skip


@pytest.mark.parametrize(("pilot", "path", "do"), [case[1:] for case in FAULTY], ids=[case[0].replace(" ", "-") for case in FAULTY])
def test_a_mistake_in_a_pilot_is_told_where_it_is_and_what_to_do(pilot: dict[str, Any], path: str, do: str) -> None:
    with pytest.raises(Faulty) as caught:
        laid(pilot, "ehc_plan")
    assert any(fault.path == path and do in fault.do for fault in caught.value.faults), caught.value.faults


def test_a_pilot_says_whose_it_is_and_what_it_rests_on() -> None:
    with pytest.raises(Faulty) as caught:
        parse_pilot({})
    assert {
        "pilot",
        "say",
        "legal_basis",
        "beyond_current_law",
        "cost_to_family",
        "in_force",
        "eligible",
        "consent",
        "flag",
        "variant",
        "sources",
    } <= {fault.path for fault in caught.value.faults}
    assert len(caught.value.faults) == 17


# Who may choose it, and when

ENROLLED = Council(groups=("change_programme",), enrolled=("mediation_mandatory", "tailored_list_ranked"), consented=True)
DAY = date(2026, 11, 24)
REFUSED: list[tuple[str, list[str], Council, date, str, str]] = [
    ("two variants of one flag", ["mediation_strengthened", "mediation_mandatory"], ENROLLED, DAY, "exclude one another", "CFA s.53"),
    ("two lists", ["tailored_list_advisory", "tailored_list_ranked"], ENROLLED, DAY, "exclude one another", "PLAN on tailored lists"),
    ("not enrolled for mediation", ["mediation_mandatory"], Council(("change_programme",), (), True), DAY, "has not enrolled", "CFA s.55(4)"),
    ("not enrolled for ranking", ["tailored_list_ranked"], Council(("change_programme",), ("mediation_mandatory",), True), DAY, "has not enrolled", "CFA s.39(4)"),
    ("without the family's consent", ["tailored_list_ranked"], Council(("change_programme",), ("tailored_list_ranked",)), DAY, "consent", "CFA s.38(3)"),
    ("before it begins", ["tailored_list_advisory"], ENROLLED, date(2023, 12, 31), "does not hold on 31 December 2023", "LIST on advisory lists"),
    ("in a council that is not of the programme", ["mediation_strengthened"], Council(), DAY, "change programme", "CFA s.53"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "council", "day", "what", "law"), [case[1:] for case in REFUSED], ids=[case[0].replace(" ", "-") for case in REFUSED]
)
def test_a_choice_that_is_not_lawful_is_refused_with_the_law_that_it_would_leave(
    names: list[str], council: Council, day: date, what: str, law: str
) -> None:
    found = choice([library.pilot(name) for name in names], council, day)
    assert len(found) == 1
    assert what in found[0].what
    assert law in found[0].why


def test_a_draft_and_a_pilot_that_is_over_are_chosen_by_nobody() -> None:
    over = parse_pilot(
        {**document(tasks={"rung": TASK}), "status": "draft", "in_force": {"from": date(2026, 1, 1), "until": date(2026, 3, 31)}}
    )
    assert ["is a draft" in one.what for one in choice([over], Council(), date(2026, 3, 31))] == [True]
    assert "only from 1 January 2026 to 31 March 2026" in choice([over], Council(), date(2026, 4, 1))[1].what


def test_pilots_of_different_flags_are_chosen_together() -> None:
    chosen = [library.pilot(name) for name in ("ap_three_tiers", "mediation_mandatory", "tailored_list_ranked")]
    assert choice(chosen, ENROLLED, DAY) == []
    assert choice([library.pilot("ap_three_tiers")], Council(), DAY) == []


def test_two_pilots_that_exclude_one_another_are_never_laid_together() -> None:
    both = [library.pilot(name) for name in ("mediation_strengthened", "mediation_mandatory")]
    with pytest.raises(Relaxation, match="exclude one another"):
        merge(library.get(MEDIATION, 1), *both)


# The gate of mandatory mediation


@pytest.fixture
def process() -> Process:
    return laid(library.pilot("mediation_mandatory"), MEDIATION)


@pytest.fixture
def desk(process: Process) -> Desk:
    """A refusal of Monday 2 March 2026, told of the pilot, with a certificate for declining: the law lets the family appeal."""
    desk = Desk(process, library.england())
    desk.do("decision_notified", "2026-03-02", decision_sent_on="2026-03-02", decision="refused_to_assess")
    desk.do("adviser_contacted", "2026-03-04", capacity="family")
    desk.do("mediation_declined", "2026-03-05", capacity="family")
    desk.do("certificate_given", "2026-03-09", capacity="family", route="declined")
    return desk


def test_the_gate_is_open_until_the_family_was_told(desk: Desk) -> None:
    desk.do("appeal_made", "2026-03-10", capacity="family")


def test_once_told_mediation_comes_first_for_six_weeks_and_not_a_day_longer(desk: Desk) -> None:
    desk.do("pilot_letter", "2026-03-09", how="email")
    with pytest.raises(Refused, match="mediation comes before an appeal") as refused:
        desk.do("appeal_made", "2026-04-13", capacity="family")
    assert [(str(cite), cite.evidence) for cite in refused.value.citations] == [("PLAN on mediation", Evidence.SECONDARY)]
    assert desk.clock("appeal_window").due == date(2026, 5, 5)
    desk.do("appeal_made", "2026-04-14", capacity="family")


def test_whoever_says_that_an_exemption_holds_passes(desk: Desk) -> None:
    desk.do("pilot_letter", "2026-03-09", how="email")
    desk.do("exemption_told", "2026-03-10", capacity="family")
    desk.do("appeal_made", "2026-03-10", capacity="family")


def test_an_appeal_about_the_school_alone_and_one_with_leave_wait_for_nothing(process: Process) -> None:
    for truth in ("only_about_placement", "tribunal_gave_leave"):
        desk = Desk(process, library.england())
        desk.do("decision_notified", "2026-03-02", decision_sent_on="2026-03-02", decision="plan_made")
        desk.do("pilot_letter", "2026-03-03", how="email")
        desk.do("appeal_made", "2026-03-04", capacity="family", **{truth: True})


def test_a_council_that_does_not_arrange_in_thirty_days_has_lost_the_gate_by_itself(process: Process) -> None:
    desk = Desk(process, library.england())
    desk.do("decision_notified", "2026-03-02", decision_sent_on="2026-03-02", decision="refused_to_assess")
    desk.do("pilot_letter", "2026-03-02", how="email")
    desk.do("adviser_contacted", "2026-03-03", capacity="family")
    desk.do("mediation_wanted", "2026-03-03", capacity="family")  # thirty days end on 2 April
    desk.do("certificate_given", "2026-03-04", capacity="family", route="deemed")
    with pytest.raises(Refused, match="mediation comes before an appeal"):
        desk.do("appeal_made", "2026-04-02", capacity="family")
    desk.do("appeal_made", "2026-04-03", capacity="family")


def test_a_wish_that_the_council_did_not_pass_on_to_the_health_body_opens_the_gate(process: Process) -> None:
    desk = Desk(process, library.england())
    desk.do("decision_notified", "2026-03-02", decision_sent_on="2026-03-02", decision="refused_to_assess")
    desk.do("pilot_letter", "2026-03-02", how="email")
    desk.do("adviser_contacted", "2026-03-03", capacity="family")
    desk.do("health_issue_raised", "2026-03-03", capacity="family")  # three working days end on Friday 6 March
    desk.do("certificate_given", "2026-03-04", capacity="family", route="deemed")
    with pytest.raises(Refused, match="mediation comes before an appeal"):
        desk.do("appeal_made", "2026-03-06", capacity="family")
    desk.do("appeal_made", "2026-03-07", capacity="family")


def test_somebody_without_authority_counts_as_nobody_and_can_be_counted(process: Process) -> None:
    desk = Desk(process, library.england())
    desk.do("decision_notified", "2026-03-02", decision_sent_on="2026-03-02", decision="refused_to_assess")
    desk.do("pilot_letter", "2026-03-02", how="email")
    desk.do("adviser_contacted", "2026-03-03", capacity="family")
    desk.do("mediation_wanted", "2026-03-03", capacity="family")
    desk.do("meeting_set", "2026-03-06", meeting_on="2026-03-20", place="Town hall")
    desk.do("meeting_missed", "2026-03-20", capacity="family", stayed_away="council")
    desk.do("authority_stayed_away", "2026-03-20", capacity="family", who_stayed_away="council")
    assert desk.clock("certificate_after_no_show_in_time").due == date(2026, 3, 25)
    desk.do("certificate_given", "2026-03-23", capacity="mediation_adviser", route="deemed")
    desk.do("appeal_made", "2026-03-23", capacity="family")
    assert desk.state is not None
    assert desk.state.facts["who_stayed_away"] == "council"


def test_a_family_that_did_not_come_twice_is_reviewed_and_never_barred(process: Process) -> None:
    desk = Desk(process, library.england())
    desk.do("decision_notified", "2026-03-02", decision_sent_on="2026-03-02", decision="refused_to_assess")
    desk.do("pilot_letter", "2026-03-02", how="email")
    desk.do("adviser_contacted", "2026-03-03", capacity="family")
    desk.do("mediation_wanted", "2026-03-03", capacity="family")
    for day in ("2026-03-13", "2026-03-20"):
        desk.do("meeting_set", "2026-03-06" if day == "2026-03-13" else "2026-03-13", meeting_on=day, place="Town hall")
        desk.do("meeting_missed", day, capacity="mediation_adviser", stayed_away="family")
    desk.do("second_no_show", "2026-03-20")
    assert desk.clock("no_show_reviewed_in_time").due == date(2026, 3, 27)
    desk.do("no_show_reviewed", "2026-03-24")
    desk.do("certificate_given", "2026-03-24", capacity="family", route="declined")
    with pytest.raises(Refused, match="mediation comes before an appeal"):
        desk.do("appeal_made", "2026-03-25", capacity="family")
    desk.do("appeal_made", "2026-04-14", capacity="family")


def test_a_claim_of_discrimination_is_held_by_nothing(process: Process) -> None:
    desk = Desk(process, library.england())
    desk.do("discrimination_alleged", "2026-03-02", discriminated_on="2026-02-20")
    desk.do("discrimination_claimed", "2026-03-02", capacity="family")


def test_whatever_the_day_of_the_letter_a_fortnight_is_left_when_the_gate_is_gone(process: Process) -> None:
    condition, window = process.conditions["first_six_weeks"], process.deadlines["appeal_window"]
    assert falls_away(condition, window)
    days, first, least = library.england(), date(2024, 1, 1), 99
    for day in (first + timedelta(days=number) for number in range(1_461)):
        last = days.roll(days.last_day(day, window.spans[0][0]), window.rolls)  # type: ignore[arg-type]
        least = min(least, (last - days.last_day(day, condition.within)).days)  # type: ignore[arg-type]
    assert least == 17


def test_no_source_is_claimed_to_be_the_law() -> None:
    for name in library.pilots():
        pilot: Pilot = library.pilot(name)
        said = [
            words for part in pilot.parts.values() for told in (*part.words.values(), *part.letters.values()) for words in told.values()
        ]
        assert all(words.cites for words in (*said, pilot.basis))
        assert all(act.cites for part in pilot.parts.values() for act in part.acts.values())
        assert all("law" in law["number"] for key, law in pilot.law.items() if key in ("PLAN", "LIST", "OWN"))


def test_a_case_is_under_the_pilots_of_the_day_of_its_letter_and_not_of_the_day_on_which_it_was_recorded() -> None:
    law, plan = library.get(MEDIATION, 1), library.get("ehc_plan", 1)
    at = datetime(2026, 11, 24, 9, tzinfo=UTC)

    def opening(name: str, **facts: str) -> Event:
        return Event(Kind.OPENED, name, date(2026, 11, 24), at, "1", facts=facts)

    assert began(law, opening("decision_notified", decision_sent_on="2026-11-20", decision="ceased")) == date(2026, 11, 20)
    assert began(law, opening("decision_notified", decision_sent_on="no day")) == date(2026, 11, 24)
    assert began(plan, opening("request_received", received_on="2026-11-24", born_on="2015-01-06")) == date(2026, 11, 24)
