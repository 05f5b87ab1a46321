"""What one event does to a case: the step it makes, or the refusal that says why and leaves the case as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest

from statute.advance import KEPT_KEYS, advance
from statute.clocks import next_wake
from statute.days import Days
from statute.definition import Process
from statute.parse import parse
from statute.types import Effect, Event, Kind, Refused, State, Status
from tests.statute.desk import ADVISERS, Desk
from tests.statute.small import document
from workflows import library


@pytest.fixture(scope="module")
def process() -> Process:
    return library.get("ehc_plan", 1)


@pytest.fixture
def desk(process: Process) -> Desk:
    return Desk(process, library.england())


@pytest.fixture(scope="module")
def small() -> Process:
    return parse(document())


def paths(refused: Refused) -> list[str]:
    return [fault.path for fault in refused.faults]


def test_opening_a_case_pins_its_rules_and_its_calendar(desk: Desk) -> None:
    state = desk.opened().state
    assert state is not None
    assert (state.process, state.version, state.digest) == ("ehc_plan", 1, desk.process.digest)
    assert (state.calendar, state.seq, state.stage, state.opened_on) == (desk.days.digest, 1, "considering", date(2026, 1, 6))
    assert state.happened == {"request_received": date(2026, 1, 6)}
    assert set(state.clocks) == {
        "family_consulted",
        "family_told_of_rights",
        "partners_notified",
        "decision_notified",
        "draft_plan_target",
        "no_plan_notified",
        "final_plan_sent",
    }


def test_a_stage_prepares_the_letters_that_wait_for_no_decision(desk: Desk) -> None:
    step = desk.do("request_received", "2026-01-06", received_on="2026-01-06", requested_by="parent")
    assert step.effects == (Effect("notice", "considering_notice"),)


def test_a_case_that_is_not_open_says_what_would_open_it(desk: Desk) -> None:
    refused = desk.refused(desk.event("consult_family", "2026-01-06"))
    assert refused.say == "This case is not open yet: it opens with request_received, child_brought_to_attention"
    looked = desk.event("time_passed", "2026-01-06", kind=Kind.TIME_PASSED)
    assert desk.refused(looked).faults


def test_an_unknown_act_is_refused_with_the_one_that_was_meant(desk: Desk) -> None:
    refused = desk.opened().refused(desk.event("consult_familly", "2026-01-07"))
    assert (paths(refused), refused.faults[0].do) == (["name"], "did you mean consult_family")
    assert desk.refused(desk.event("zzz", "2026-01-07")).faults[0].do == "look at the actions of the case"


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in (Kind.DONE, Kind.TIME_PASSED)])
def test_a_task_is_done_and_nothing_else(desk: Desk, kind: Kind) -> None:
    assert paths(desk.opened().refused(desk.event("consult_family", "2026-01-07", kind=kind))) == ["name"]


def test_all_that_is_wrong_with_a_form_is_told_at_once(desk: Desk) -> None:
    desk.drafted()
    event = desk.event(
        "what_to_name", "2026-05-05", recorded="2026-05-04", item="x", outcome="name_whatever", facts={"reason": "None", "views": True}
    )
    assert paths(desk.refused(event)) == ["on", "item", "outcome", "facts.reason", "facts.views"]


def test_a_fault_never_repeats_what_people_wrote(desk: Desk) -> None:
    desk.opened()
    for facts in ({"new_authority": "  "}, {"new_authority": "Kanarienvogel" * 5000}, {"new_authority": 5}, {}):
        refused = desk.refused(desk.event("moved_to_other_authority", "2026-01-12", facts=facts))
        assert paths(refused) == ["facts.new_authority"]
        assert "Kanarienvogel" not in f"{refused}{refused.faults}"


def test_text_stays_out_of_the_state_which_keeps_the_number_of_its_entry(desk: Desk) -> None:
    state = desk.drafted().do("representations_made", "2026-04-15", views="She needs speech therapy").state
    assert state.facts["views"] == state.seq
    assert b"speech" not in msgspec.json.encode(state)


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("received_on", "2026-01-08", "is in the future (8 January 2026)"),
        ("received_on", "1899-12-31", "is too long ago"),
        ("received_on", "2026-02-30", "is not a date"),
        ("received_on", True, "is not a text"),
        ("received_on", "", "is not a date"),
        ("requested_by", "neighbour", "is none of parent, young_person, setting, other"),
        ("requested_by", 1, "is not a text"),
        ("born_on", "2026-01-07T00:00", "is not a date"),
    ],
)
def test_an_impossible_fact_opens_no_case(desk: Desk, name: str, value: str | int | bool, what: str) -> None:
    facts = {"received_on": "2026-01-06", "requested_by": "parent", name: value}
    [fault] = desk.refused(desk.event("request_received", "2026-01-07", facts=facts)).faults
    assert (fault.path, fault.what) == (f"facts.{name}", what)


def test_nothing_happens_to_a_child_before_its_birth(desk: Desk) -> None:
    facts = {"received_on": "2026-01-06", "requested_by": "parent", "born_on": "2026-01-07"}
    born_after = desk.event("request_received", "2026-01-06", recorded="2026-01-08", facts=facts)
    assert paths(desk.refused(born_after)) == ["on"]


def test_a_number_and_a_truth_are_not_mistaken_for_each_other(small: Process) -> None:
    desk = Desk(small, Days())
    wrong: list[dict[str, str | int | bool]] = [{"places": True}, {"places": "5"}, {"sort": "newish"}, {"meeting_on": "2300-01-01"}]
    for facts in wrong:
        assert len(desk.refused(desk.event("asked", "2026-01-06", facts={"asked_on": "2026-01-06", **facts})).faults) == 1
    desk.do("asked", "2026-01-06", asked_on="2026-01-06", places=5, sort="new", meeting_on="2026-03-02")
    desk.days = Days(school={"hill_school": frozenset(date(2026, 1, day) for day in range(1, 32))})
    desk.do("school_asked", "2026-01-06", item="hill_school")
    assert paths(desk.refused(desk.event("school_answers", "2026-01-07", item="hill_school", facts={"agreed": 1}))) == ["facts.agreed"]


@pytest.mark.parametrize("item", ["", "horoscope", "a/b"])
def test_one_of_several_alike_must_be_one_that_there_is(desk: Desk, item: str) -> None:
    assert paths(desk.agreed().refused(desk.event("advice_requested", "2026-02-18", item=item))) == ["item"]


def test_an_act_that_is_done_once_is_not_done_twice(desk: Desk) -> None:
    desk.opened().do("consult_family", "2026-01-08")
    with pytest.raises(Refused, match="recorded already, on 8 January 2026"):
        desk.do("consult_family", "2026-01-09")


def test_an_act_of_each_is_done_once_for_each(desk: Desk) -> None:
    desk.agreed().do("advice_requested", "2026-02-18", item="medical")
    desk.do("advice_requested", "2026-02-18", item="education")
    assert "recorded already" in desk.refused(desk.event("advice_requested", "2026-02-19", item="medical")).say


def test_the_same_key_is_the_same_event_whatever_it_says(desk: Desk) -> None:
    desk.opened().do("consult_family", "2026-01-08", key="a")
    before = desk.state
    step = desk.do("request_withdrawn", "2026-01-09", key="a")
    assert step.replayed
    assert step.state is before
    assert step.effects == ()


def test_the_state_remembers_the_latest_keys_and_the_journal_the_rest(desk: Desk) -> None:
    desk.drafted()
    for number in range(KEPT_KEYS + 5):
        desk.do("representations_made", "2026-04-15", key=f"said-{number}", views="More")
    assert desk.state is not None
    assert len(desk.state.keys) == KEPT_KEYS
    assert next(iter(desk.state.keys)) == "said-5"
    assert max(desk.state.keys.values()) == desk.state.seq


def test_an_open_case_with_everything_that_usually_happens_is_under_four_kilobytes(desk: Desk) -> None:
    desk.asked()
    for item in ADVISERS:
        desk.do("advice", "2026-03-20", item=item)
    desk.do("whether_to_issue", "2026-04-10", outcome="will_issue")
    desk.do("draft_plan", "2026-04-14")
    desk.do("setting_requested", "2026-04-15", item="hill_school")
    desk.do("setting_consulted", "2026-04-16", item="hill_school")
    desk.do("setting_answer", "2026-04-24", item="hill_school", answer="can_meet_needs")
    desk.do("representations_made", "2026-04-20", recorded="2026-04-24", views="Speech therapy is missing")
    desk.do("meeting_requested", "2026-04-24")
    desk.do("meeting_held", "2026-04-27")
    desk.do("what_to_name", "2026-04-29", outcome="name_requested")
    assert desk.state is not None
    assert len(desk.state.clocks) >= 14
    assert len(msgspec.json.encode(desk.state)) < 4096


def test_looking_when_nothing_is_due_is_not_an_event(desk: Desk) -> None:
    before = desk.opened().state
    assert desk.look("2026-01-20").replayed
    assert desk.state is before


def test_a_long_silence_tells_of_every_breach_once(desk: Desk) -> None:
    desk.opened()
    first = desk.look("2027-01-01").effects
    assert {(effect.kind, effect.name) for effect in first} == {
        ("breach", name) for name in ("decision_notified", "draft_plan_target", "no_plan_notified", "final_plan_sent")
    }
    assert desk.look("2028-01-01").effects == ()


def test_the_case_wakes_at_midnight_in_london_for_each_warning_and_after_the_last_day(desk: Desk) -> None:
    desk.opened()
    woken = []
    while desk.state is not None and (at := next_wake(desk.process, desk.state)) is not None:
        woken.append(at)
        event = Event(kind=Kind.TIME_PASSED, name="time_passed", on=at.date(), at=at, key=at.isoformat(), capacity="engine")
        assert not desk.play(event).replayed, at
    assert [at.isoformat()[:16] for at in woken] == [
        "2026-02-03T00:00",  # decision, 14 days before
        "2026-02-12T00:00",
        "2026-02-18T00:00",  # passed
        "2026-04-13T23:00",  # 16 weeks, 14 days before: summer time has begun
        "2026-04-14T23:00",  # the draft was to be sent by 14 April
        "2026-04-22T23:00",
        "2026-04-27T23:00",  # 20 weeks, 28 days before
        "2026-04-28T23:00",
        "2026-05-11T23:00",
        "2026-05-20T23:00",
        "2026-05-26T23:00",
    ]


@pytest.mark.parametrize("stage", ["opened", "agreed", "asked", "drafted", "named"])
@pytest.mark.parametrize("withdrawn", ["2026-05-03", "2026-05-26", "2026-05-27", "2026-06-20"])
def test_what_fell_away_is_judged_by_its_day_and_not_by_who_looked_before(process: Process, stage: str, withdrawn: str) -> None:
    """Recorded on 1 July 2026, once on a case that nobody looked at, and once on one that was looked at every day."""
    ends: list[dict[str, tuple[Status, date | None]]] = []
    for looked in (False, True):
        desk = Desk(process, library.england())
        getattr(desk, stage)()
        for number in range(63) if looked else ():
            desk.look((date(2026, 4, 29) + timedelta(days=number)).isoformat())
        desk.do("request_withdrawn", withdrawn, recorded="2026-07-01")
        desk.look("2026-07-02")
        assert desk.state is not None
        ends.append({name: (clock.status, clock.met_on) for name, clock in desk.state.clocks.items()})
    assert ends[0] == ends[1]
    in_time = date.fromisoformat(withdrawn) <= date(2026, 5, 26)
    assert ends[0]["final_plan_sent"][0] is (Status.STOPPED if in_time else Status.PASSED)


def test_a_withdrawal_in_the_family_s_fifteen_days_ends_them_even_if_it_is_recorded_later(process: Process) -> None:
    ends = []
    for looked in (False, True):
        desk = Desk(process, library.england()).drafted()
        if looked:
            desk.look("2026-04-29")
        desk.do("request_withdrawn", "2026-04-20", recorded="2026-05-06")
        ends.append(desk.clock("family_window").status)
    assert ends == [Status.STOPPED, Status.STOPPED]


def test_a_draft_posted_again_gives_time_again_and_never_less(desk: Desk) -> None:
    desk.drafted()
    assert desk.clock("family_window").due == date(2026, 4, 28)
    desk.do("draft_plan", "2026-04-11", recorded="2026-04-15")
    assert desk.clock("family_window").due == date(2026, 4, 28)
    desk.do("draft_plan", "2026-04-24", how="first_class_post")
    assert desk.clock("family_window").due == date(2026, 5, 12)
    assert desk.clock("draft_plan_target").met_on == date(2026, 4, 14), "a ceiling is met once"


def test_an_answer_taken_anew_replaces_the_one_before(desk: Desk) -> None:
    desk.opened().do("consult_family", "2026-01-08")
    desk.do("considering_notice", "2026-01-08")
    desk.do("whether_to_assess", "2026-01-12", outcome="will_not_assess", reasons="Too early")
    step = desk.do("whether_to_assess", "2026-01-13", outcome="will_assess")
    assert step.effects == (Effect("notice", "assessment_agreed"),)
    assert step.state.decided == {"whether_to_assess": "will_assess"}
    assert "the decision comes first" in desk.refused(desk.event("assessment_refused", "2026-01-14")).say


def test_advice_already_held_counts_as_asked_and_given(desk: Desk) -> None:
    desk.agreed()
    for item in ADVISERS:
        desk.do("advice_already_held", "2026-02-18", item=item, agreed_by_family=True, agreed_by_adviser=True)
    state = desk.do("whether_to_issue", "2026-02-19", outcome="will_issue").state
    assert state.happened["advice/medical"] == date(2026, 2, 18)


def test_a_school_whose_days_are_unknown_is_a_refusal_and_not_a_crash(small: Process) -> None:
    desk = Desk(small, library.england())
    desk.do("asked", "2026-03-02", asked_on="2026-03-02")
    refused = desk.refused(desk.event("school_asked", "2026-03-02", item="hill_school"))
    assert refused.say == "the school days of setting hill_school around 2026-03-03 are not known"
    assert paths(refused) == ["item"]


def test_the_end_of_the_calendar_is_no_way_to_break_the_core(desk: Desk) -> None:
    for day in ("1900-01-01", "2199-12-31"):
        other = Desk(desk.process, desk.days).opened(day)
        assert other.state is not None
        assert next_wake(other.process, other.state) is not None
    far = desk.event("request_received", "2200-01-02", facts={"received_on": "2200-01-01", "requested_by": "parent"})
    assert "on" in paths(desk.refused(far))
    last = Event(kind=Kind.TIME_PASSED, name="", on=date.max, at=datetime(9999, 12, 31, 23, tzinfo=UTC), key="last", capacity="engine")
    assert not desk.opened().play(last).replayed


def test_a_stranger_s_state_is_played_as_it_is_stored(desk: Desk) -> None:
    state = desk.drafted().state
    stored = msgspec.json.decode(msgspec.json.encode(state), type=State)
    event = desk.event("representations_made", "2026-04-20", facts={"views": "More"})
    assert advance(desk.process, stored, event, desk.days) == advance(desk.process, state, event, desk.days)
