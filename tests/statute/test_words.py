"""The words of the format that the twenty weeks do not need: named days, conditions, reviews, school terms, the tribunal's days, sending."""

from __future__ import annotations

from datetime import date

import pytest

from statute.definition import Process
from statute.explain import explain
from statute.explore import Certificate, explore
from statute.types import Clock, Effect, Faulty, Refused, Status, Value
from tests.statute.desk import Desk
from workflows import library

WORDS = """
process: words
version: 1
title: One rule of each sort
status: draft
in_force: {from: 2020-01-01, applies_to: cases_opened_since}
law: {ACT: {title: An Act, number: 2020 c. 1}}
sources: {primary: [ACT s.1]}
facts: {born_on: date, transfers_on: planned_date, meeting_on: planned_date, school_of: setting, to: authority, days_out: number, days_before: number, agreed: truth}
days:
  leaving_date: {say: The last Friday in June of the school year of the 16th birthday, on: last Friday in June, reaching: 16, from: born_on, cite: ACT s.1}
  starts_secondary: {say: The start of secondary school, on: 1 September, reaching: 12, from: born_on}
  starts_post_16: {say: The start after Year 11, on: 1 September, reaching: 17, from: born_on}
  ends_at_25: {say: The end of the academic year of the 25th birthday, on: 31 July, reaching: 25, from: born_on, year_begins: 1 August}
  transfers_on: {say: The next transfer, first_of: [starts_secondary, starts_post_16]}
  middle_of_february: {say: 15 February of the year of transfer, on: 15 February, in_year_of: transfers_on, cite: ACT s.1}
opens_with: [begun]
stages: {open: {say: It is open}, closed: {ends: true, say: It is closed}}
events:
  begun: {say: It began, by: [school, family], facts: [born_on?, transfers_on?, school_of?, days_out?, days_before?], cite: ACT s.1}
  review_held: {say: A review was held, by: [school], at: [open], again: true}
  review_asked: {say: A review was asked for, by: [family], at: [open], again: true}
  review_declined: {say: A review was declined, by: [school], at: [open], again: true}
  meeting_fixed: {say: The meeting was fixed, by: [school], at: [open], facts: [meeting_on], again: true}
  sent_out: {say: The child was sent out, by: [school], at: [open]}
  appealed: {say: An appeal was lodged, by: [family], at: [open], again: true}
  leave_given: {say: Leave was given, by: [school], at: [open], facts: [agreed]}
  papers_came: {say: The papers came, by: [school], at: [open]}
  finished: {say: It is over, by: [school], at: [open], facts: [to?], moves_to: closed, opens: [{process: next_one, event: by_this, with: {why: done}, dated: [began_on]}, another],
             sends: elsewhere, tells: [it_is_over]}
tasks:
  papers_sent: {say: Send the papers, by: [school], at: [open], again: true}
  lessons_begin: {say: Lessons begin, by: [school], at: [open], again: true}
  answered: {say: Answer, by: [school], at: [open], again: true}
notices:
  letter: {say: A letter, at: [open], by: [school], to: [family], contains: [words_of_it]}
elements: {words_of_it: As it is.}
conditions:
  reviewed_lately: {say: A review was held in the ten weeks before, within: 10 weeks, of: review_held, cite: ACT s.1}
  within_the_cap: {say: "Forty-five days in a school year are the most", at_most: 45, of: [days_out, days_before], cite: ACT s.1}
  in_time: {say: The time to appeal is not over, until: appeal_window}
gates:
  cap: {say: No more than forty-five days in a school year, holds: [begun], needs: [within_the_cap], cite: ACT s.1}
  declined_only_if_reviewed: {say: A review may be declined only after another one, holds: [review_declined], needs: [reviewed_lately], cite: ACT s.1}
  appeal_in_time: {say: The appeal is too late, holds: [appealed], needs: [in_time], unless: [agreed], cite: ACT s.1}
deadlines:
  reviewed: {say: Review it, binds: school, force: local, every: 6 weeks, from: begun, met_by: [review_held], stopped_by: [finished], set_by: tenant}
  papers_before: {say: Papers before the meeting, binds: school, force: must, cite: ACT s.1, before: 2 weeks before meeting_on, met_by: [papers_sent], stopped_by: [finished]}
  transferred: {say: Done before 15 February, binds: school, force: must, cite: ACT s.1, before: middle_of_february, met_by: [answered], stopped_by: [finished]}
  meeting_in_time: {say: Meet in time, binds: school, force: local, before: 12 weeks before transferred, met_by: [meeting_fixed], stopped_by: [finished], rolls: previous_working_day}
  day_six: {say: Lessons from the sixth school day, binds: school, force: must, cite: ACT s.1, within: 6 school_days, counting: include_trigger, from: sent_out,
            calendar: school_of, met_by: [lessons_begin], stopped_by: [finished]}
  appeal_window: {say: Appeal, binds: family, force: must, cite: ACT s.1, within: 2 months, from: letter, counts_from: sending, rolls: tribunal_vacation,
                  met_by: [appealed], stopped_by: [finished]}
  response: {say: Answer the tribunal, binds: school, force: must, cite: ACT s.1, within: 30 tribunal_working_days, from: papers_came, met_by: [answered], stopped_by: [finished]}
  permission: {say: Ask for permission, binds: family, force: should, within: 28 tribunal_days, from: papers_came, rolls: next_working_day, met_by: [appealed], stopped_by: [finished]}
service: {by_hand: {say: Handed over, after: 0 days}, by_post: {say: Posted, after: 2 working_days}}
"""
TERMS = {"hill": ("2026-01-05/2026-02-13", "2026-02-23/2026-03-27", "-2026-01-12")}


@pytest.fixture(scope="module")
def process() -> Process:
    return library.parse_text(WORDS)


@pytest.fixture
def desk(process: Process) -> Desk:
    return Desk(process, library.england())


def begun(desk: Desk, on: str = "2026-01-06", **facts: Value) -> Desk:
    desk.do("begun", on, **facts)
    return desk


def clock(desk: Desk, name: str) -> Clock:
    assert desk.state is not None
    return desk.state.clocks[name]


def fact(desk: Desk, name: str) -> object:
    assert desk.state is not None
    return desk.state.facts.get(name)


def test_every_path_of_it_can_be_walked(process: Process) -> None:
    assert isinstance(explore(process), Certificate)


@pytest.mark.parametrize(
    ("born", "leaves"),
    [("2009-12-10", "2026-06-26"), ("2010-08-31", "2026-06-26"), ("2010-09-01", "2027-06-25"), ("2008-02-29", "2024-06-28")],
)
def test_the_leaving_date_is_that_of_the_school_year_of_the_sixteenth_birthday(desk: Desk, born: str, leaves: str) -> None:
    assert fact(begun(desk, born_on=born), "leaving_date") == leaves


@pytest.mark.parametrize(("born", "starts"), [("2015-08-31", "2026-09-01"), ("2015-09-01", "2027-09-01"), ("2014-12-25", "2026-09-01")])
def test_secondary_school_begins_with_the_school_year_of_the_twelfth_birthday(desk: Desk, born: str, starts: str) -> None:
    assert fact(begun(desk, born_on=born), "starts_secondary") == starts


@pytest.mark.parametrize(("born", "ends"), [("2000-07-31", "2025-07-31"), ("2000-08-01", "2026-07-31"), ("2000-08-15", "2026-07-31")])
def test_an_academic_year_may_begin_on_another_day(desk: Desk, born: str, ends: str) -> None:
    assert fact(begun(desk, born_on=born), "ends_at_25") == ends


def test_the_next_transfer_is_the_first_that_lies_ahead_and_its_limit_is_strictly_before_its_day(desk: Desk) -> None:
    begun(desk, "2025-09-10", born_on="2014-12-25")
    assert fact(desk, "transfers_on") == "2026-09-01"
    assert str(clock(desk, "transferred").due) == "2026-02-14"  # before Sunday the 15th
    assert str(clock(desk, "meeting_in_time").due) == "2025-11-21"  # 12 weeks before that a Saturday, so the Friday


def test_a_transfer_that_is_told_counts_instead_and_the_limit_follows_it(desk: Desk) -> None:
    begun(desk, "2025-09-10", born_on="2014-12-25", transfers_on="2027-09-01")
    assert str(clock(desk, "transferred").due) == "2027-02-14"


def test_a_named_day_is_explained_from_the_day_that_it_follows_from(desk: Desk) -> None:
    begun(desk, "2025-09-10", born_on="2014-12-25")
    assert desk.state is not None
    told = [step.say for step in explain(desk.process, desk.state, "transferred", desk.days).steps]
    assert told == [
        "Transfers on: Tuesday 1 September 2026",
        "15 February of the year of transfer: Sunday 15 February 2026",
        "1 day before it: Saturday 14 February 2026 is the last day",
        "That is a Saturday, and the law does not move this date; the last working day before it is Friday 13 February 2026",
    ]


def test_a_limit_before_a_planned_day_moves_with_the_plan(desk: Desk) -> None:
    begun(desk)
    desk.do("meeting_fixed", "2026-01-07", meeting_on="2026-02-10")
    assert str(clock(desk, "papers_before").due) == "2026-01-27"
    desk.do("papers_sent", "2026-01-20")
    assert clock(desk, "papers_before").status is Status.MET
    desk.do("meeting_fixed", "2026-01-21", meeting_on="2026-03-10")
    assert (str(clock(desk, "papers_before").due), clock(desk, "papers_before").status) == ("2026-02-24", Status.RUNNING)


def test_a_review_begins_again_on_the_day_it_is_held_and_each_round_keeps_its_end(desk: Desk) -> None:
    begun(desk)
    assert str(clock(desk, "reviewed/1").due) == "2026-02-17"
    desk.do("review_held", "2026-02-20")
    assert (clock(desk, "reviewed/1").status, str(clock(desk, "reviewed/2").due)) == (Status.MET_LATE, "2026-04-03")
    desk.do("review_held", "2026-03-02")
    assert (clock(desk, "reviewed/2").status, str(clock(desk, "reviewed/3").due)) == (Status.MET, "2026-04-13")
    assert desk.state is not None
    assert explain(desk.process, desk.state, "reviewed/3", desk.days).steps[0].say == "The review before (round 2): Monday 2 March 2026"
    desk.do("finished", "2026-03-03", to="992")
    assert clock(desk, "reviewed/3").status is Status.STOPPED


def test_what_looks_back_holds_to_the_last_day_of_its_span(desk: Desk) -> None:
    begun(desk)
    with pytest.raises(Refused, match="A review may be declined only after another one"):
        desk.do("review_declined", "2026-01-07")
    desk.do("review_held", "2026-01-08")
    desk.do("review_declined", "2026-03-19")  # ten weeks later to the day
    with pytest.raises(Refused, match="in the ten weeks before"):
        desk.do("review_declined", "2026-03-20")


@pytest.mark.parametrize(("days_out", "before", "lawful"), [(5, 41, False), (4, 41, True), (45, 0, True), (46, 0, False)])
def test_a_cap_holds_the_act_that_would_exceed_it(desk: Desk, days_out: int, before: int, lawful: bool) -> None:
    if lawful:
        assert begun(desk, days_out=days_out, days_before=before).state
        return
    with pytest.raises(Refused, match="No more than forty-five days") as refused:
        begun(desk, days_out=days_out, days_before=before)
    assert [str(cite) for cite in refused.value.citations] == ["ACT s.1"]
    assert desk.state is None


def test_school_days_are_those_of_the_school_that_the_case_is_about(desk: Desk) -> None:
    event = desk.event("begun", "2026-01-06", facts={"school_of": "hill"}, terms=TERMS)
    desk.play(event)
    desk.do("sent_out", "2026-01-08")  # Thursday is day 1; the 12th the school is closed
    assert str(clock(desk, "day_six").due) == "2026-01-16"
    assert desk.state is not None
    assert desk.state.terms == TERMS


def test_a_limit_in_school_days_is_refused_while_nobody_told_the_terms(desk: Desk) -> None:
    begun(desk, school_of="hill")
    with pytest.raises(Refused, match="school days of setting hill around") as refused:
        desk.do("sent_out", "2026-01-08")
    assert refused.value.faults[0].do == "have the school's calendar recorded first"


@pytest.mark.parametrize("told", [("2026-01-05",), ("2026-02-13/2026-01-05",), ("2026-01-05/2036-01-05",), ("-soon",)])
def test_terms_that_are_none_are_refused(desk: Desk, told: tuple[str, ...]) -> None:
    with pytest.raises(Refused) as refused:
        desk.play(desk.event("begun", "2026-01-06", facts={"school_of": "hill"}, terms={"hill": told}))
    assert [fault.path for fault in refused.value.faults] == ["terms"]


def test_a_time_to_appeal_counts_from_sending_and_a_late_appeal_needs_leave(desk: Desk) -> None:
    begun(desk)
    desk.do("letter", "2026-05-29", how="by_post")  # arrives on 2 June; sent on 29 May: two months end on 29 July
    assert str(clock(desk, "appeal_window").due) == "2026-07-29"
    with pytest.raises(Refused, match="The appeal is too late"):
        desk.do("appealed", "2026-07-30")
    desk.do("leave_given", "2026-07-30", agreed=True)
    desk.do("appealed", "2026-07-31")
    assert clock(desk, "appeal_window").status is Status.MET_LATE


def test_the_tribunal_s_days_leave_out_august_and_the_turn_of_the_year(desk: Desk) -> None:
    begun(desk)
    desk.do("papers_came", "2026-07-06")
    assert str(clock(desk, "response").due) == "2026-09-15"
    assert str(clock(desk, "permission").due) == "2026-09-03"  # 25 days in July, 3 in September
    other = begun(Desk(desk.process, desk.days), "2026-12-01")
    other.do("papers_came", "2026-12-15")
    assert str(clock(other, "permission").due) == "2027-01-20"


def test_what_follows_leaves_as_effects(desk: Desk) -> None:
    begun(desk)
    step = desk.do("finished", "2026-01-10", to="992")
    assert step.effects == (
        Effect("open", "next_one"),
        Effect("open", "another"),
        Effect("send", "elsewhere"),
        Effect("tell", "it_is_over"),
    )
    [first, second] = desk.process.acts["finished"].opens
    assert (first.event, first.facts, first.dated, second.process) == ("by_this", {"why": "done"}, ("began_on",), "another")


MISTAKES = [
    ("on: 15 February, in_year_of: transfers_on", "on: 31 Febtober, in_year_of: transfers_on", "days.middle_of_february.on"),
    ("on: 15 February, in_year_of: transfers_on", "on: 15 February", "days.middle_of_february"),
    ("in_year_of: transfers_on", "in_year_of: days_out", "days.middle_of_february"),
    ("first_of: [starts_secondary, starts_post_16]", "first_of: [starts_secondary, begun]", "days.transfers_on"),
    ("within: 10 weeks, of: review_held", "within: 10 weeks, at_most: 5, of: review_held", "conditions.reviewed_lately"),
    ("at_most: 45, of: [days_out, days_before]", "at_most: 45, of: [days_out, agreed]", "conditions.within_the_cap.of"),
    ("until: appeal_window", "until: begun", "conditions.in_time.until"),
    ("every: 6 weeks, from: begun, met_by: [review_held]", "every: 6 weeks, from: begun", "deadlines.reviewed"),
    ("calendar: school_of, ", "", "deadlines.day_six.calendar"),
    ("calendar: school_of, ", "calendar: born_on, ", "deadlines.day_six.calendar"),
    (
        "force: must, cite: ACT s.1, within: 2 months",
        "force: must, cite: ACT s.1, set_by: tenant, within: 2 months",
        "deadlines.appeal_window.set_by",
    ),
    ("from: letter, counts_from: sending", "from: begun, counts_from: sending", "deadlines.appeal_window.counts_from"),
    ("before: 12 weeks before transferred", "before: 12 weeks before meeting_in_time", "deadlines.meeting_in_time.from"),
    ("tells: [it_is_over]", "tells: it is over", "events.finished.tells"),
    ("with: {why: done}", "with: {why: [done]}", "events.finished.opens[0].with.why"),
]


@pytest.mark.parametrize(("old", "new", "path"), MISTAKES, ids=[f"{path} {new}"[:60] for _, new, path in MISTAKES])
def test_a_mistake_in_one_of_them_is_told_where_it_is(old: str, new: str, path: str) -> None:
    assert WORDS.count(old) == 1, old
    with pytest.raises(Faulty) as caught:
        library.parse_text(WORDS.replace(old, new))
    assert path in [fault.path for fault in caught.value.faults], [str(fault) for fault in caught.value.faults]


def test_dates_are_dates_whoever_told_them(desk: Desk) -> None:
    begun(desk, born_on="2014-12-25")
    assert desk.state is not None
    assert all(date.fromisoformat(str(desk.state.facts[name])) for name in desk.process.days)


def test_a_trigger_that_says_nothing_new_leaves_the_clock_as_it_was() -> None:
    """Found by lives that nobody would lead: a second certificate of the same day took back the warnings, and would have told of a breach twice."""
    desk = Desk(library.get("mediation_and_appeal", 1), library.england())
    desk.do("decision_notified", "2026-01-06", decision_sent_on="2026-01-06", decision="refused_to_assess")
    desk.do("adviser_contacted", "2026-01-07")
    desk.do("mediation_declined", "2026-02-09")
    desk.do("certificate_given", "2026-02-10", route="declined")
    desk.look("2026-03-05")
    before = clock(desk, "appeal_window")
    assert before.warned > 0
    desk.do("certificate_given", "2026-02-10", recorded="2026-03-05", route="declined")
    assert clock(desk, "appeal_window") == before
