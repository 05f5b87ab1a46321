"""Receipts: why a date is what it is, in steps that a parent can check with a wall calendar."""

from __future__ import annotations

from datetime import date

import pytest

from statute.days import Days
from statute.definition import Process
from statute.explain import citations_of, explain, written
from statute.parse import parse
from statute.types import Evidence, Receipt
from tests.statute.desk import Desk
from tests.statute.small import document
from workflows import library


@pytest.fixture
def desk() -> Desk:
    return Desk(library.get("ehc_plan", 1), library.england())


@pytest.fixture(scope="module")
def small() -> Process:
    return parse(document())


def receipt(desk: Desk, key: str) -> Receipt:
    assert desk.state is not None
    return explain(desk.process, desk.state, key, desk.days)


def told(desk: Desk, key: str) -> list[str]:
    return [step.say for step in receipt(desk, key).steps]


def test_a_date_is_explained_from_the_fact_to_the_last_lawful_day(desk: Desk) -> None:
    found = receipt(desk.opened(), "decision_notified")
    assert [(step.say, step.date) for step in found.steps] == [
        ("Received on: Tuesday 6 January 2026", date(2026, 1, 6)),
        ("+ 6 weeks, not counting that day = Tuesday 17 February 2026", date(2026, 2, 17)),
    ]
    assert [str(cite) for cite in found.citations] == ["SEND reg.5(1)"]
    assert found.citations[0].evidence is Evidence.PRIMARY


def test_a_receipt_carries_the_fingerprints_of_the_rules_and_the_calendar(desk: Desk) -> None:
    found = receipt(desk.opened(), "final_plan_sent")
    assert (found.process_digest, found.calendar_digest) == (desk.process.digest, desk.days.digest)


def test_the_receipt_of_a_case_names_the_calendar_that_the_case_pinned(desk: Desk) -> None:
    pinned = desk.opened().days.digest
    desk.days = Days(desk.days.holidays | {date(2026, 6, 15)})
    assert receipt(desk, "final_plan_sent").calendar_digest == pinned


def test_a_bank_holiday_is_named_and_the_law_does_not_move_the_date(desk: Desk) -> None:
    assert told(desk.opened("2026-01-05"), "final_plan_sent")[1:] == [
        "+ 20 weeks, not counting that day = Monday 25 May 2026",
        "That is a bank holiday, and the law does not move this date; the last working day before it is Friday 22 May 2026",
    ]


@pytest.mark.parametrize(("received", "day"), [("2026-01-04", "Sunday"), ("2026-01-03", "Saturday")])
def test_a_weekend_is_named_and_the_law_does_not_move_the_date(desk: Desk, received: str, day: str) -> None:
    friday = "the last working day before it is Friday 22 May 2026"
    assert told(desk.opened(received), "final_plan_sent")[-1] == f"That is a {day}, and the law does not move this date; {friday}"


def test_an_ordinary_day_needs_no_remark(desk: Desk) -> None:
    assert len(told(desk.opened(), "final_plan_sent")) == 2


def test_what_has_no_number_in_law_is_due_as_soon_as_practicable(desk: Desk) -> None:
    found = receipt(desk.opened(), "family_consulted")
    assert found.steps[-1].say == "As soon as practicable: the law gives no number of days"
    assert found.steps[-1].date is None


def test_a_duty_done_in_time_says_when(desk: Desk) -> None:
    assert told(desk.agreed(), "decision_notified")[-1] == "Done in time, on Tuesday 17 February 2026"


@pytest.mark.parametrize(("day", "late"), [("2026-02-18", "1 day late"), ("2026-02-24", "7 days late")])
def test_a_duty_done_late_says_by_how_many_days(desk: Desk, day: str, late: str) -> None:
    desk.opened().do("consult_family", "2026-01-08")
    desk.do("whether_to_assess", "2026-02-16", outcome="will_assess")
    desk.do("assessment_agreed", day, how="email")
    assert told(desk, "decision_notified")[-1].endswith(f"2026, {late}")


def test_a_duty_that_is_still_owed_says_so(desk: Desk) -> None:
    desk.opened().look("2026-02-18")
    assert told(desk, "decision_notified")[-1] == "The day has passed and the duty is still to be done"


def test_a_duty_that_fell_away_says_so(desk: Desk) -> None:
    desk.opened().do("request_withdrawn", "2026-01-30")
    assert told(desk, "final_plan_sent")[-1] == "The duty fell away before the date"


def test_a_disapplied_limit_keeps_its_date_its_ground_and_its_law(desk: Desk) -> None:
    desk.asked().excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-05-18")
    found = receipt(desk, "final_plan_sent")
    assert date(2026, 5, 26) in [step.date for step in found.steps]
    assert found.steps[-1].say == (
        "The limit does not apply: Exceptional personal circumstances affect the child or the family. "
        "The duty remains, as soon as practicable"
    )
    assert [str(cite) for cite in found.citations] == ["SEND reg.13(2)", "SEND reg.13(3)"]


def test_a_disapplied_limit_still_says_when_the_duty_was_done(desk: Desk) -> None:
    desk.named().excuse("final_plan_sent", "exceptional_personal_circumstances", "2026-05-18")
    desk.do("final_plan", "2026-06-16", how="email")
    assert told(desk, "final_plan_sent")[-1] == "Done on Tuesday 16 June 2026"


def test_the_fifteen_days_of_the_family_count_the_day_of_service(desk: Desk) -> None:
    desk.drafted()
    assert told(desk, "family_window") == [
        "The draft plan: Tuesday 14 April 2026",
        "at least 15 days, counting that day = Tuesday 28 April 2026",
    ]
    desk.look("2026-04-29")
    assert told(desk, "family_window")[-1] == "The time was given in full by Tuesday 28 April 2026"


def test_one_of_several_alike_is_named(desk: Desk) -> None:
    assert told(desk.asked(), "advice_from_partners/medical")[0] == (
        "Advice was asked for (A health care professional named by the NHS): Tuesday 17 February 2026"
    )
    desk = Desk(desk.process, desk.days).drafted()
    desk.do("setting_consulted", "2026-04-16", item="hill_school")
    assert told(desk, "settings_answer/hill_school")[0].startswith("A school or college was consulted (hill_school): ")


def test_a_clock_that_the_case_does_not_have_is_not_invented(desk: Desk) -> None:
    desk.opened()
    with pytest.raises(KeyError):
        receipt(desk, "family_window")


def test_a_date_that_rolls_says_why_and_whither(small: Process) -> None:
    desk = Desk(small, library.england())
    desk.do("asked", "2026-05-11", asked_on="2026-05-11")  # 14 days end on 25 May, a bank holiday
    assert told(desk, "answered_in_time")[1:] == [
        "+ 14 days, not counting that day = Monday 25 May 2026",
        "That is a bank holiday, so the next working day counts: Tuesday 26 May 2026",
    ]
    desk = Desk(small, library.england())
    desk.do("asked", "2026-05-16", asked_on="2026-05-16")
    assert told(desk, "answered_in_time")[-1] == "That is a Saturday, so the next working day counts: Monday 1 June 2026"


def test_a_day_in_the_vacation_of_the_tribunal_rolls_though_it_is_a_working_day(small: Process) -> None:
    desk = Desk(small, library.england())
    desk.do("asked", "2026-06-20", asked_on="2026-06-20")  # scenario 19
    assert told(desk, "lodged") == [
        "Asked on: Saturday 20 June 2026",
        "+ 2 months, not counting that day = Thursday 20 August 2026",
        "20 August does not count, so the next working day counts: Tuesday 1 September 2026",
    ]


def test_the_later_of_two_spans_is_the_one_that_is_explained(small: Process) -> None:
    desk = Desk(small, library.england())
    desk.do("asked", "2026-01-05", asked_on="2026-01-05")
    assert told(desk, "lodged")[0] == "Asked on: Monday 5 January 2026"
    desk.do("certificate_given", "2026-02-20", certificate_on="2026-02-20")
    assert told(desk, "lodged") == [
        "Certificate on: Friday 20 February 2026",
        "+ 1 month, not counting that day = Friday 20 March 2026",
    ]


def test_a_certificate_that_ends_earlier_takes_no_time_away(small: Process) -> None:
    desk = Desk(small, library.england())
    desk.do("asked", "2026-01-05", asked_on="2026-01-05")
    desk.do("certificate_given", "2026-01-20", certificate_on="2026-01-20")
    assert told(desk, "lodged")[-1] == "+ 2 months, not counting that day = Thursday 5 March 2026"


def test_a_day_before_a_planned_day_is_counted_back(small: Process) -> None:
    desk = Desk(small, library.england())
    desk.do("asked", "2026-01-02", asked_on="2026-01-02", meeting_on="2026-01-20")  # scenario 35: papers by 6 January
    assert told(desk, "papers_before") == [
        "Meeting on: Tuesday 20 January 2026",
        "2 weeks before it: Tuesday 6 January 2026 is the last day",
    ]
    found = receipt(desk, "papers_by").steps
    assert [step.date for step in found] == [date(2026, 1, 20)] * 2


def test_school_days_are_explained_with_the_school_s_own_calendar(small: Process) -> None:
    meets = frozenset(date(2026, 3, day) for day in (2, 3, 4, 9, 10, 11, 30))
    desk = Desk(small, Days(school={"hill_school": meets}))
    desk.do("asked", "2026-03-02", asked_on="2026-03-02")
    desk.do("school_asked", "2026-03-02", item="hill_school")
    assert told(desk, "school_time/hill_school") == [
        "A school was asked (hill_school): Monday 2 March 2026",
        "+ 5 school days, not counting that day = Wednesday 11 March 2026",
    ]


def test_every_clock_of_a_whole_case_is_explained_to_its_date(desk: Desk) -> None:
    desk.named().do("final_plan", "2026-05-20", how="email")
    assert desk.state is not None
    assert len(desk.state.clocks) >= 12
    for key, clock in desk.state.clocks.items():
        found = receipt(desk, key)
        assert found.steps[0].date == clock.since
        assert clock.due is None or clock.due in [step.date for step in found.steps], key
        assert all(step.say.strip() for step in found.steps)


def test_a_day_is_written_as_people_write_it() -> None:
    assert written(date(2026, 1, 6)) == "Tuesday 6 January 2026"


def test_every_source_is_listed_with_what_was_read_for_it(desk: Desk) -> None:
    marks = {str(cite): cite.evidence for cite in citations_of(desk.process)}
    assert marks["SEND reg.5(1)"] is Evidence.PRIMARY
    assert marks["IA s.7"] is Evidence.NONE
    assert list(marks) == list(desk.process.sources)
