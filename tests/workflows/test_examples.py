"""Every dated example beside a definition, played through the pure core."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

from statute.advance import advance
from statute.allowed import allowed
from statute.definition import Process
from statute.types import Effect, Event, Kind, Refused, State
from tests.workflows.played import Example, Move, Refusal, Seen, SeenClock, Unreadable, differences, examples, expectations, read, steps
from workflows import library

TOLD = {
    "notice": "letters", "warning": "warnings", "breach": "breaches", "open": "opens", "send": "sends", "tell": "tells", "announce": "announces",
}  # fmt: skip


def event_of(process: Process, move: Move, number: int) -> Event:
    """A move as the core hears of it."""
    at = datetime.combine(move.recorded, time(9), UTC)
    if move.kind == "time":
        return Event(kind=Kind.TIME_PASSED, name="time_passed", on=move.on, at=at, key=f"key-{number}", capacity="engine")
    act = process.acts.get(move.name)
    kind = Kind.EXCUSED if move.kind == "excuse" else act.kind if act else Kind.HAPPENED
    capacity = move.capacity or ("decision_maker" if move.kind == "excuse" or act is None else act.by[0])
    return Event(
        kind=kind,
        name=move.name,
        on=move.on,
        at=at,
        key=f"key-{number}",
        actor="somebody",
        capacity=capacity,
        item=move.item,
        outcome=move.outcome,
        how=move.how,
        facts=move.facts,
        terms=move.terms,
    )


def play(example: Example) -> Seen:
    """What the core makes of an example."""
    process, days = library.under(example.process, example.version, (), example.rules), library.england()
    moves = steps(example)
    state: State | None = None
    told: dict[str, list[str]] = {kind: [] for kind in TOLD.values()}
    refusal = None
    for number, move in enumerate(moves):
        try:
            step = advance(process, state, replace(event_of(process, move, number), rules=example.rules if state is None else ()), days)
        except Refused as refused:
            if move is not moves[-1]:
                raise AssertionError(f"step {number} ({move.name} {move.on}) was refused: {refused.say}") from None
            refusal = Refusal(refused.say, tuple(map(str, refused.citations)), tuple(fault.path for fault in refused.faults))
            break
        state = step.state
        for effect in step.effects if move.tried else ():
            told[TOLD[effect.kind]].append(_told(effect))
    assert state is not None, "no case was opened"
    everybody = {name for act in process.acts.values() for name in act.by}
    return Seen(
        stage=state.stage,
        clocks={
            key: SeenClock(clock.due, clock.status.value, clock.met_on, process.deadlines[key.partition("/")[0]].force.value)
            for key, clock in state.clocks.items()
        },
        refusal=refusal,
        happened=state.happened,
        allowed={
            f"{action.name}/{action.item}" if action.item else action.name
            for action in allowed(process, state, everybody, moves[-1].recorded, days)
            if action.kind is not Kind.EXCUSED
        },
        told=told,
    )


def _told(effect: Effect) -> str:
    return f"{effect.name}/{effect.item}" if effect.item else effect.name


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_it_goes_as_the_example_says(example: Example) -> None:
    assert differences(expectations(example), play(example)) == []


def test_every_dated_scenario_of_the_reference_is_played() -> None:
    """But for two that no example can hold: 59, a new version of a definition (test_library), and 60, an old code (tests/tenants/test_codes)."""
    told = {1, 3, 4, 6, 8, 10, 12, 14, 15, 17, 19, 20, 22, 24, 26, 28, 30, 31, 33, 35, 37, 38, 40, 41, 42, 44, 48, 49, 54, 55, 56, 57}
    assert {example.scenario for example in examples()} - {None} == told


def test_every_rule_of_a_definition_has_an_example() -> None:
    played: dict[tuple[str, int], list[Example]] = {}
    for example in examples():
        played.setdefault((example.process, example.version), []).append(example)
    assert set(played) == set(library.files()), "a definition without examples"
    for (name, version), told in played.items():
        process = library.get(name, version)
        expected = [expectations(example) for example in told]
        clocks = {key.partition("/")[0] for then in expected for key in (*then.due, *then.status)}
        done = {move.name for example in told for move in steps(example) if move.kind == "act"}
        outcomes = {move.outcome for example in told for move in steps(example)}
        sentences = [then.refused.says for then in expected if then.refused]
        gates = {
            gate.name for gate in process.gates.values() if any(sentence in gate.say or gate.say in sentence for sentence in sentences)
        }
        assert set(process.deadlines) - clocks == set(), "deadlines without an example"
        assert set(process.acts) - done == set(), "acts without an example"
        assert {name for act in process.acts.values() for name in act.outcomes} - outcomes == set(), "outcomes without an example"
        assert set(process.grounds) - outcomes == set(), "grounds without an example"
        assert set(process.gates) - gates == set(), "gates without an example"
        assert set(process.stages) - {then.stage for then in expected} == set(), "stages without an example"


def test_an_example_that_says_something_nobody_checks_is_a_fault() -> None:
    with pytest.raises(Unreadable) as caught:
        read(
            """
            process: ehc_plan
            version: 1
            stories: {asked: [{act: request_received, on: 2026-01-06}]}
            examples:
              - {name: a, given: [{story: asked}], when: [{act: x, on: 2026-01-07, itme: y}], then: {stage: considering, deu: {a: 2026-01-01}}}
              - {name: b, when: [{today: 2026-01-07}], then: {}}
              - {name: c, when: [{story: told}], then: {stage: considering}}
              - {name: d, when: [{act: x}], then: {refused: {cites: []}}}
              - {name: a, when: [{act: x, on: "2026-01-07"}], then: {due: [a]}, wehn: []}
              - {name: a, when: [{act: x, on: "2026-01-07"}], then: {due: [a]}}
              - {name: e, when: [{excuse: x, on: 2026-01-07, outcome: y}], then: {stage: a}}
            """
        )
    assert str(caught.value).splitlines() == [
        "a: then: deu is an unknown key",
        "a: when: itme is an unknown key",
        "b: then says nothing",
        "c: when: {'story': 'told'} names no story",
        "d: then.refused: says is missing",
        "d: when: on is missing",
        "examples[4]: wehn is an unknown key",
        "a: is told twice",
        "a: then.due is no mapping",
        "a: when: on is no day",
        "e: when: outcome is an unknown key",
        "e: when: ground is missing",
    ]


def test_a_player_that_sees_something_else_is_told_every_difference() -> None:
    example = next(example for example in examples() if example.scenario == 1)
    seen = play(example)
    late = {**seen.clocks, "final_plan_sent": SeenClock(None, "met", None, "should")}
    wrong = Seen(stage="issued", clocks=late, refusal=Refusal("no", (), ()), told={})
    told = differences(expectations(example), wrong)
    assert len(told) >= 4, told
