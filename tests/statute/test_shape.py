"""The walk looks at the shape of a process alone: leaving out the rest changes no finding, and one shape is walked once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from enum import Enum
from random import Random
from typing import Any

import pytest

from statute.definition import Process
from statute.explore import CAP, CounterExample, Survey, Trail, Walk, certified, explore, survey
from statute.overlay import merge
from statute.shape import PARTS, shape
from statute.tenant_overlay import parse_overlay
from tests.statute.overlays import document, lawful, northmoor
from tests.statute.test_explore import PLANTED, changed
from workflows import library

NATIONAL = library.get("ehc_plan", 1)
SHELF = sorted(library.files())


def whole(process: Process) -> Survey | None:
    """A walk over everything that the definition says."""
    walk, trail = Walk(process), Trail()
    return walk.surveyed(trail) if walk.search(trail, CAP) is None else None


def everything(value: Any) -> Iterator[Any]:
    """A value and all that it is made of."""
    yield value
    if is_dataclass(value):
        inner: Iterable[Any] = [getattr(value, part.name) for part in fields(value)]
    else:
        inner = value.values() if isinstance(value, dict) else value if isinstance(value, (tuple, frozenset)) else ()
    for one in inner:
        yield from everything(one)


def same(process: Process) -> bool:
    """Whether the walk over the shape finds what the walk over the whole finds."""
    walked = shape(process)
    found, expected = survey(walked, CAP), whole(process)
    if found is None or expected is None:
        return found is expected or (found is not None and any(found.stages.isdisjoint(at) for at in walked.left_out.values()))
    return replace(found, transitions=0) == replace(expected, transitions=0)


def test_numbers_sentences_warnings_letters_and_tasks_are_no_part_of_the_shape() -> None:
    quiet = {key: value for key, value in northmoor().items() if key != "gates"}
    merged = merge(NATIONAL, parse_overlay(quiet))
    assert merged != NATIONAL
    assert shape(merged) == shape(NATIONAL)
    assert set(shape(merged).left_out) == {"call_family", "hold_panel"}


@pytest.mark.parametrize(
    "gates", [{"family_heard": {"needs": ["notify_partners"]}}, {"settings_consulted": {"without": ["name_type_only"]}}]
)
def test_what_a_gate_asks_for_is(gates: dict[str, Any]) -> None:
    assert shape(merge(NATIONAL, parse_overlay(document(gates=gates)))) != shape(NATIONAL)


def test_a_shape_holds_no_sentence_and_no_number_of_the_definition() -> None:
    found = shape(NATIONAL).process
    assert [text for value in everything(found) for text in ([value] if isinstance(value, str) else []) if " " in text] == []
    assert all(span is None for deadline in found.deadlines.values() for span, _ in deadline.spans)


@pytest.mark.parametrize(("name", "version"), SHELF)
def test_what_the_fingerprint_leaves_out_is_blank(name: str, version: int) -> None:
    blank: dict[tuple[type, str], Any] = {}
    for value in everything(shape(library.get(name, version)).process):
        for part in fields(value) if is_dataclass(value) else ():
            if part.name not in PARTS[type(value)]:  # every kind of rule is listed there
                given = getattr(value, part.name)
                assert blank.setdefault((type(value), part.name), given) == given, part.name
                assert given in (None, "", (), {}, frozenset(), False, 0, date.min, (9, 1)), part.name


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "version"), SHELF)
def test_the_shape_has_the_paths_of_the_whole(name: str, version: int) -> None:
    process = library.get(name, version)
    assert same(process)
    for seed in range(1 if name in {"mediation_and_appeal", "reassessment"} else 6):  # the largest
        merged = lawful(process, Random(seed))
        if merged is not None:
            assert same(merged)


@pytest.mark.thorough
@pytest.mark.parametrize("mistake", PLANTED)
def test_the_shape_has_the_mistakes_of_the_whole(mistake: str) -> None:
    process = changed(*PLANTED[mistake][0])
    assert whole(process) is None
    assert same(process)


def spoilt(process: Process, chance: Random) -> Process:
    """The process with one field of one rule changed, whichever it is."""
    section = chance.choice(["acts", "deadlines", "gates", "stages", "each"])
    rules = dict(getattr(process, section))
    rule = rules[chance.choice(list(rules))]
    name = chance.choice([part.name for part in fields(rule) if part.name not in {"name", "say"}])
    rules[rule.name] = replace(rule, **{name: _other(getattr(rule, name), chance)})
    found: Process = replace(process, **{section: rules})
    if section == "gates":
        acts = {key: replace(act, gates=tuple(rules[gate.name] for gate in act.gates)) for key, act in process.acts.items()}
        return replace(found, acts=acts)
    if section == "deadlines":
        again = {
            key: {at: tuple(rules[one.name] for one in listed) for at, listed in getattr(process, key).items()}
            for key in ("starts", "meets", "stops")
        }
        return replace(found, **again)
    return found


def _other(value: Any, chance: Random) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, Enum):
        return chance.choice([one for one in type(value) if one is not value])
    if isinstance(value, frozenset):
        return frozenset(sorted(value)[1:]) if value else frozenset({"considering"})
    if isinstance(value, tuple):
        return value[1:] if value else value
    if isinstance(value, dict):
        return dict(list(value.items())[1:])
    return value


@pytest.mark.thorough
def test_whatever_changes_the_walk_changes_the_shape() -> None:
    """Rules are spoilt one field at a time: a shape that did not notice would be told the paths of another process."""
    expected, differ = whole(NATIONAL), 0
    for seed in range(250):
        process = spoilt(NATIONAL, Random(seed))
        if shape(process) == shape(NATIONAL):
            assert whole(process) == expected, seed
        else:
            differ += 1
    assert 60 < differ < 240


def test_a_task_at_a_stage_to_which_no_path_leads_is_found() -> None:
    merged = merge(NATIONAL, parse_overlay(document(tasks={"panel": {"say": "A panel", "by": ["local_authority"], "at": ["assessing"]}})))
    lost = replace(merged, acts={**merged.acts, "panel": replace(merged.acts["panel"], at=frozenset({"nowhere"}))})
    assert isinstance(certified(merged, shape(merged)), type(explore(merged)))
    found = explore(lost)
    assert isinstance(found, CounterExample)
    assert found.rule == "panel"
