"""A council's configuration laid on the law, proved and rehearsed: from plain values, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import pickle
import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from statute.advance import advance
from statute.days import Days
from statute.definition import Process
from statute.explore import CounterExample
from statute.types import Clock, Event, Kind, State
from tenants.configuration import parse_configuration
from workflows import configuring, library
from workflows.aside import MOST_WAITING, Aside, Busy, TookTooLong
from workflows.configuring import law_of, no_longer_lawful, proof_of, rehearsed, rules_after, weighed, weighed_text

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)


def document(*overlays: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"configuration": 1, "overlays": list(overlays), **parts}


def overlay(**parts: Any) -> dict[str, Any]:
    return {"overlay": "ours", "process": "ehc_plan", "why": "Early.", **parts}


EARLY = overlay(deadlines={"final_plan_sent": {"within": "18 weeks"}})
LATE = overlay(deadlines={"final_plan_sent": {"within": "22 weeks"}})
STRANGLING = overlay(deadlines={"family_window": {"at_least": "160 days"}})


def opened(on: date = date(2026, 5, 4), rules: tuple[str, ...] = ()) -> State:
    process = library.under("ehc_plan", 1, (), rules)
    facts = {"received_on": on.isoformat(), "requested_by": "parent", "born_on": "2017-03-01"}
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    event = Event(Kind.OPENED, "request_received", on, at, "k", capacity="family", facts=facts, rules=rules)
    return advance(process, None, event, library.england()).state


def told(given: dict[str, Any], *states: State, known: dict[str, Any] | None = None) -> list[Any]:
    rows = [(str(n), f"W-{n}", msgspec.json.encode(state)) for n, state in enumerate(states)]
    return rehearsed(given, rows, known or {}, TODAY, NOW)


def test_what_no_council_may_do_is_told_with_its_place_in_the_document_and_the_statute() -> None:
    task = overlay(overlay="tasks", tasks={"call_family": {"say": "Call", "by": ["local_authority"], "at": ["considering"]}})
    found = weighed(document(task, LATE), TODAY)
    assert found.document is not None, "a draft may hold it; it can never be published"
    (late,) = found.violations
    assert late.path == "overlays[1].deadlines.final_plan_sent.within"
    assert "SEND reg.13(2)" in f"{late}"


def test_names_that_lead_nowhere_are_faults_of_form() -> None:
    unknown = overlay(deadlines={"final_plan": {"within": "18 weeks"}})
    given = document(
        unknown,
        {**EARLY, "overlay": "b", "process": "nothing"},
        escalation=[{"process": "ehc_plan", "deadline": "nothing", "on": "breach", "to": "x"}],
        teams={"a": {"say": "A", "members": [], "processes": ["nothing"]}},
    )
    assert {fault.path for fault in weighed(given, TODAY).faults} == {
        "overlays[0].deadlines.final_plan",
        "overlays[1].process",
        "escalation[0].deadline",
        "teams.a.processes",
    }
    assert weighed_text("configuration: 1\nconfiguration: 1", TODAY).faults


@pytest.mark.thorough
def test_the_proof_is_a_certificate_or_the_path_that_breaks_the_law() -> None:
    good, late, strangling = (proof_of(document(one), TODAY) for one in (EARLY, LATE, STRANGLING))
    assert (good["sound"], late["sound"], strangling["sound"]) == (True, False, False)
    assert good["law"] == law_of(document(EARLY), TODAY)
    (process,) = good["processes"]
    assert process["certificate"]["states"] > 100
    assert late["processes"][0]["faults"][0]["path"] == "overlays[0].deadlines.final_plan_sent.within"
    assert strangling["processes"][0]["counter_example"]["cites"]
    assert proof_of(document(EARLY), TODAY)["milliseconds"] <= good["milliseconds"], "what was proved is not proved again"


def test_a_configuration_without_overlays_is_the_law() -> None:
    assert proof_of(document(), TODAY)["sound"]


def test_an_overlay_that_the_law_does_not_allow_is_found_and_the_others_stay() -> None:
    task = overlay(overlay="tasks", tasks={"call_family": {"say": "Call", "by": ["local_authority"], "at": ["considering"]}})
    found = no_longer_lawful(document(task, LATE), TODAY)
    assert [one["overlay"] for one in found] == ["ours"]
    assert no_longer_lawful(document(task, EARLY), TODAY) == []


def test_a_rehearsal_tells_of_the_cases_for_which_something_would_be_otherwise() -> None:
    (early,) = told(document(EARLY), opened())
    assert (early.may_move, early.worsens, early.reference) == (True, False, "W-0")
    assert [one["after"] for one in early.differences] == [date(2026, 9, 7)], "18 weeks from 4 May, beside the law's 20"
    task = overlay(tasks={"call_family": {"say": "Call", "by": ["local_authority"], "at": ["considering"]}})
    assert [one["say"] for one in told(document(task), opened())[0].differences] == ["A task: Call"]
    assert told(document(), opened()) == []


def test_a_case_that_is_pinned_to_an_overlay_is_compared_with_that() -> None:
    (digest,) = (overlay.digest for overlay in parse_configuration(document(EARLY)).overlays)
    library.learn({digest: EARLY})
    pinned = opened(rules=(digest,))
    assert told(document(EARLY), pinned, known={digest: EARLY}) == []
    (back,) = told(document(), pinned, known={digest: EARLY})
    assert back.may_move
    assert [(one["before"], one["after"]) for one in back.differences] == [(date(2026, 9, 7), None)]


def test_a_case_stays_where_the_family_would_have_less_time() -> None:
    longer = overlay(deadlines={"family_window": {"at_least": "21 days"}})
    (digest,) = (overlay.digest for overlay in parse_configuration(document(longer)).overlays)
    library.learn({digest: longer})
    state, window = opened(rules=(digest,)), date(2026, 6, 19)
    clock = Clock(since=date(2026, 5, 30), due=window)
    given = replace(state, clocks={**state.clocks, "family_window": clock}, happened={**state.happened, "draft_plan": clock.since})
    (stays,) = told(document(), given, known={digest: longer})
    assert (stays.may_move, stays.worsens) == (False, True)
    assert "19 June 2026 would become" in stays.say


@pytest.mark.thorough
def test_it_is_proved_beside_every_choice_of_pilots_and_those_that_do_not_go_together_are_told() -> None:
    found = proof_of(document(EARLY), TODAY)
    assert found["sound"]
    assert found["choices"] == len(library.pilot_sets("ehc_plan")) - 1 > 5
    assert found["apart"] == []
    (name, act), *_ = [
        (pilot.name, act)
        for pilot in library.offered()
        for act in library.under("ehc_plan", 1, (), (f"pilot:{pilot.name}",)).acts
        if "ehc_plan" in pilot.parts and act not in library.get("ehc_plan", 1).acts
    ]
    clash = overlay(tasks={act: {"say": "Ours", "by": ["local_authority"], "at": ["considering"]}})
    other = proof_of(document(clash), TODAY)
    assert other["sound"], "it keeps the law: a case opens without the pilot"
    assert [name] in [one["pilots"] for one in other["apart"]]


def test_a_case_opens_without_what_does_not_go_together_and_by_the_law_alone_in_the_last_resort(caplog: pytest.LogCaptureFixture) -> None:
    process = library.get("ehc_plan", 1)
    late, early = (overlay.digest for one in (LATE, EARLY) for overlay in parse_configuration(document(one)).overlays)
    library.learn({late: LATE, early: EARLY})
    assert library.together(process, (early,), {}) == ((early,), {})
    with caplog.at_level("ERROR"):
        assert library.together(process, ("pilot:tailored_list_advisory", late), {"tailored_list": "advisory"}) == ((), {})
    assert len(caplog.records) == 2
    assert library.together(process, ("pilot:tailored_list_advisory", early), {"tailored_list": "advisory"})[1] == {
        "tailored_list": "advisory"
    }


def test_two_overlays_that_set_the_same_limit_are_a_fault_of_the_second() -> None:
    sooner = {**EARLY, "overlay": "sooner", "deadlines": {"final_plan_sent": {"within": "17 weeks"}}}
    assert [fault.path for fault in weighed(document(EARLY, sooner), TODAY).faults] == ["overlays[1].deadlines.final_plan_sent"]


def test_a_case_that_is_moved_keeps_its_pilots_and_gets_none() -> None:
    pilot = "pilot:tailored_list_advisory"
    assert rules_after(opened(rules=(pilot,)), ("aaaaaaaaaaaa",)) == (pilot, "aaaaaaaaaaaa")
    assert rules_after(opened(), ("aaaaaaaaaaaa",)) == ("aaaaaaaaaaaa",)
    (moved,) = told(document(EARLY), opened(rules=(pilot,)))
    assert moved.may_move
    assert told(document(), opened(rules=(pilot,))) == [], "its pilot is not the configuration's to take away"


def test_what_breaks_the_law_only_beside_a_pilot_is_not_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def breaks(piloted: Process, merged: Process, days: Days) -> CounterExample:
        asked.append(merged.digest)
        return CounterExample(piloted.name, merged.digest, "rule", "It breaks", "Planted", (), ("a step",), "In words.")

    monkeypatch.setattr(configuring, "prove", breaks)
    configuring._beside.cache_clear()
    try:
        found = proof_of(document(EARLY), TODAY)
    finally:
        configuring._beside.cache_clear()
    assert not found["sound"]
    assert len(asked) == found["choices"]
    broken = [one for one in found["processes"] if one["pilots"]]
    assert {one["counter_example"]["what"] for one in broken} == {"It breaks"}


# -- the process beside ours ------------------------------------------------------------------------------------------


@pytest.mark.thorough
async def test_work_is_done_in_a_process_of_its_own_and_the_loop_goes_on() -> None:
    aside = Aside()
    try:
        ticks, working = 0, asyncio.create_task(aside.run(60, time.sleep, 0.5))
        while not working.done():
            await asyncio.sleep(0.01)
            ticks += 1
        assert ticks > 10
        first = await aside.run(60, os.getpid)
        assert first != os.getpid()
        assert await aside.run(60, os.getpid) == first, "the process is kept"
        found = await aside.run(60, weighed, document(LATE), TODAY)
        assert found.violations
    finally:
        aside.close()


@pytest.mark.thorough
async def test_what_takes_too_long_is_ended_and_the_next_work_is_done() -> None:
    aside = Aside()
    try:
        before = await aside.run(60, os.getpid)
        with pytest.raises(TookTooLong):
            await aside.run(0.2, time.sleep, 60)
        assert await aside.run(60, os.getpid) != before
        with pytest.raises(ZeroDivisionError):
            await aside.run(60, divmod, 1, 0)
        with pytest.raises(TookTooLong):
            await aside.run(60, os._exit, 3)
        assert await aside.run(60, int, "7") == 7
    finally:
        aside.close()


@pytest.mark.thorough
async def test_too_many_who_wait_are_told_so() -> None:
    aside = Aside()
    try:
        await aside.run(60, os.getpid)
        waiting = [asyncio.create_task(aside.run(60, time.sleep, 0.05)) for _ in range(MOST_WAITING)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await aside.run(60, os.getpid)
        await asyncio.gather(*waiting)
    finally:
        aside.close()


def test_what_comes_back_can_travel() -> None:
    for one in (weighed(document(LATE), TODAY), *told(document(EARLY), opened())):
        assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301 - our own
