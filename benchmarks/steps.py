"""The pure core, against `ref`: steps a second of CPU time, the size of a state, and what a definition costs once."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from time import process_time

import msgspec

from benchmarks.ref import Machine, life_of, told
from statute.advance import advance
from statute.explore import CAP, Trail, Walk
from statute.shape import shape
from statute.types import State
from tests.reliability.life import events
from workflows import library

ROUNDS, SECONDS = 15, 0.25
BEGAN = datetime(2026, 1, 6, 9, tzinfo=UTC)


def rate(once: Callable[[], int], seconds: float = SECONDS) -> float:
    """Steps a second of CPU time."""
    steps, began = 0, process_time()
    while (used := process_time() - began) < seconds:
        steps += once()
    return steps / used


def compare() -> None:
    """Print the ratio, once both have been seen to do the same."""
    process, days = library.get("ehc_plan", 1), library.england()
    lived = list(events(process, days, BEGAN))

    def core() -> int:
        state: State | None = None
        for event in lived:
            state = advance(process, state, event, days).state
        return len(lived)

    machine = Machine(process, {(event.name, event.item) for event in lived if event.name in process.acts})
    life = life_of(lived)
    step, empty = machine.step, machine.empty

    def ref() -> int:
        place = empty
        for name, item, day in life:
            place, _, _ = step(place, name, item, day)
        return len(life)

    _same(machine)
    gc.collect()
    gc.disable()
    pairs = [(rate(core), rate(ref)) for _ in range(ROUNDS)]
    gc.enable()
    ratio = median(ours / theirs for ours, theirs in pairs)
    state = final_state()
    print(f"core, a life of {len(lived)} events (goal: at least 0.3 of ref)")
    print(f"  advance       {median(ours for ours, _ in pairs):>12,.0f} steps/s   {ratio:.3f} of ref")
    print(f"  ref           {median(theirs for _, theirs in pairs):>12,.0f} steps/s   1.000")
    print(f"  state at its end {len(msgspec.json.encode(state)):,} bytes (goal: under 4,096)")
    text = library.files()["ehc_plan", 1].read_text("utf-8")
    document = library.read_yaml(text)
    from statute.parse import parse

    print(
        f"  parse and check {_milliseconds(lambda: parse(document)):.1f} ms (goal: under 50), reading the YAML {_milliseconds(lambda: library.read_yaml(text)):.0f} ms"
    )
    print(f"  explore every path {_milliseconds(lambda: Walk(shape(process).process).search(Trail(), CAP)):.0f} ms (goal: under 50)")


def final_state() -> State:
    """The state before the last act, the largest there is."""
    process, days = library.get("ehc_plan", 1), library.england()
    state: State | None = None
    for event in list(events(process, days, BEGAN))[:-1]:
        state = advance(process, state, event, days).state
    assert state is not None
    return state


def _same(machine: Machine) -> None:
    process, days = library.get("ehc_plan", 1), library.england()
    state: State | None = None
    breached, dues = [], {}
    for event in events(process, days, BEGAN):
        step = advance(process, state, event, days)
        state = step.state
        breached += [effect.name for effect in step.effects if effect.kind == "breach"]
        dues |= {key: clock.due for key, clock in state.clocks.items() if clock.due is not None}
    assert state is not None
    ours, theirs = (state.stage, breached, dues), told(machine, life_of(list(events(process, days, BEGAN))))
    assert ours == theirs, f"they do not do the same: {ours} and {theirs}"


def _milliseconds(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        began = process_time()
        work()
        taken.append(process_time() - began)
    return median(taken) * 1000
