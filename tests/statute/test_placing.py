"""The tailored list: deterministic, a reason for every setting in and out, and mainstream education always open."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statute.explain import written
from statute.placing import ANY_SETTING, NEEDS, REQUEST, ROUNDED_TO, TOLD_LATELY, Category, Line, Need, Phase, Point, build_list

pytestmark = pytest.mark.thorough  # together longer than make fast has

ON = date(2027, 1, 11)
HOME = Point(450_000, 300_000)
NEED = Need(Phase.SECONDARY, 7, "ASD", HOME)
points = st.builds(Point, st.integers(400_000, 500_000), st.integers(250_000, 350_000))
needs = st.builds(Need, st.sampled_from(Phase), st.integers(-1, 14), st.sampled_from(sorted(NEEDS)), st.none() | points)


@st.composite
def plans(draw: st.DrawFn) -> list[Line]:
    """Some settings of a plan, each once in a phase."""
    found = {}
    for _ in range(draw(st.integers(0, 8))):
        first = draw(st.integers(-1, 12))
        line = Line(
            draw(st.sampled_from("abcdef")),
            draw(st.sampled_from(Phase)),
            first,
            first + draw(st.integers(0, 7)),
            draw(st.sampled_from(Category)),
            draw(st.booleans()),
            frozenset(draw(st.sets(st.sampled_from(sorted(NEEDS)), max_size=3))),
            draw(st.none() | points),
            draw(st.none() | st.integers(0, 30)),
            ON - timedelta(draw(st.integers(0, 90))),
        )
        found[line.setting, line.phase] = line
    return list(found.values())


def special(name: str, metres: int, **more: object) -> Line:
    at = Point(HOME.easting + metres, HOME.northing)
    line = Line(name, Phase.SECONDARY, 7, 11, Category.MAINTAINED_SCHOOL, False, frozenset({"ASD"}), at, 3, ON)
    return replace(line, **more)  # type: ignore[arg-type]


def mainstream(name: str, metres: int, **more: object) -> Line:
    return replace(special(name, metres), **{"mainstream": True, "needs": frozenset(), **more})  # type: ignore[arg-type]


@given(needs, plans(), st.integers(0, 60_000), st.randoms(use_true_random=False))
def test_the_list_is_the_same_in_whatever_order_the_plan_comes(need: Need, plan: list[Line], reach: int, chance: object) -> None:
    other = list(plan)
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert build_list(need, plan, ON, reach) == build_list(need, other, ON, reach)


@given(needs, plans(), st.integers(0, 60_000))
def test_every_setting_of_the_plan_is_there_once_with_its_reasons(need: Need, plan: list[Line], reach: int) -> None:
    found = build_list(need, plan, ON, reach)
    assert sorted((one.setting, one.phase) for one in found.entries if one.setting) == sorted((one.setting, one.phase) for one in plan)
    for one in found.entries:
        assert one.reasons
        assert all(reason.say.endswith(".") and "_" not in reason.say for reason in one.reasons)
        assert one.listed or any(not reason.speaks_for for reason in one.reasons)
    assert [one.rank for one in found.listed] == list(range(1, len(found.listed) + 1))
    assert all(one.rank == 0 for one in found.entries if not one.listed)


@given(needs, plans(), st.integers(0, 60_000))
def test_a_mainstream_option_and_the_right_to_ask_for_any_setting_are_always_there(need: Need, plan: list[Line], reach: int) -> None:
    found = build_list(need, plan, ON, reach)
    assert any(one.mainstream for one in found.listed)
    assert found.say == ANY_SETTING
    assert REQUEST in found.cites


@given(needs, plans(), st.integers(0, 60_000))
def test_no_full_class_and_no_code_of_need_takes_a_mainstream_setting_off(need: Need, plan: list[Line], reach: int) -> None:
    def those(lines: list[Line]) -> set[str]:
        return {one.setting for one in build_list(need, lines, ON, reach).listed if one.setting}

    assert those([replace(line, free=0) for line in plan]) == those([replace(line, free=9) for line in plan])
    bare = [replace(line, needs=frozenset()) if line.mainstream else line for line in plan]
    full = [replace(line, needs=frozenset(NEEDS)) if line.mainstream else line for line in plan]
    assert those(bare) == those(full)


@given(points, points)
def test_a_distance_is_told_in_steps_that_hide_the_house(one: Point, other: Point) -> None:
    assert one.metres_to(other) == other.metres_to(one)
    assert one.metres_to(other) % ROUNDED_TO == 0


def test_places_come_first_then_the_need_then_the_distance() -> None:
    plan = [
        special("far", 9_000),
        special("near", 2_000),
        special("full", 100, free=0),
        mainstream("plain", 500),
        mainstream("unit", 3_000, needs=frozenset({"ASD"})),
    ]
    assert [one.setting for one in build_list(NEED, plan, ON).listed] == ["near", "unit", "far", "plain", "full"]


def test_why_a_setting_is_out_is_said_in_words() -> None:
    plan = [
        mainstream("in", 1_000),
        special("primary", 1_000, phase=Phase.PRIMARY, first_year=0, last_year=6),
        special("upper", 1_000, first_year=10, last_year=11),
        special("deaf", 1_000, needs=frozenset({"HI"})),
        special("far", 20_000),
    ]
    out = {
        one.setting: [reason.say for reason in one.reasons if not reason.speaks_for]
        for one in build_list(NEED, plan, ON).entries
        if not one.listed
    }
    assert out == {
        "primary": ["It is for the primary phase, and the list is for secondary.", "It has Reception to Year 6, and not Year 7."],
        "upper": ["It has Year 10 to Year 11, and not Year 7."],
        "deaf": ["The local inclusion plan does not say that it meets this need: autistic spectrum disorder."],
        "far": ["It is about 20.0 km away in a straight line, and the council's own reach for this list is 16.0 km."],
    }


def test_the_nearest_mainstream_setting_stays_when_none_is_within_reach_and_a_type_when_there_is_none() -> None:
    found = build_list(NEED, [special("near", 100), mainstream("far", 30_000), mainstream("farther", 40_000)], ON)
    assert [one.setting for one in found.listed] == ["near", "far"]
    assert found.listed[1].reasons[-1].name == "mainstream_stays"
    found = build_list(NEED, [special("near", 100)], ON)
    assert [one.setting for one in found.listed] == ["near", ""]
    assert [reason.name for reason in found.listed[1].reasons] == ["mainstream_type"]


def test_a_full_setting_says_that_this_is_no_reason_in_law() -> None:
    [one] = build_list(NEED, [mainstream("full", 100, free=0)], ON).listed
    [reason] = [reason for reason in one.reasons if reason.name == "no_place_told"]
    assert "no reason in law" in reason.say
    assert [str(cite) for cite in reason.cites] == ["Children and Families Act 2014 s.39(4)"]


def test_an_old_capacity_says_so_and_a_wholly_independent_setting_says_that_the_duty_does_not_apply() -> None:
    old = ON - timedelta(TOLD_LATELY + 1)
    [one] = build_list(NEED, [mainstream("old", 100, as_of=old, category=Category.INDEPENDENT)], ON).listed
    assert {"capacity_old", "not_requestable"} <= {reason.name for reason in one.reasons}
    [one] = build_list(NEED, [mainstream("new", 100, as_of=ON - timedelta(TOLD_LATELY))], ON).listed
    assert not {"capacity_old", "not_requestable"} & {reason.name for reason in one.reasons}
    days = [reason.say for reason in one.reasons if reason.name == "has_places"]
    assert all(f"as told on {written(ON - timedelta(TOLD_LATELY))}" in say for say in days)
    assert days, "a family reads a day, not a code"


def test_a_need_without_a_code_and_a_setting_that_is_there_twice_are_faults() -> None:
    with pytest.raises(ValueError, match="no code of need"):
        build_list(replace(NEED, code="AUT"), [], ON)
    with pytest.raises(ValueError, match="twice"):
        build_list(NEED, [special("a", 1), special("a", 2)], ON)
