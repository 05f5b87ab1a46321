"""Rounds of phase transfers: never more children than places, stable, no gain by pretending, and nobody waits for a round.

Stability and truthfulness are searched, not believed: on small instances every matching and every false order is tried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statute.offering import Ground, Judgement, Outcome
from statute.rounds import Applicant, Claim, Criteria, Round, propose, run

pytestmark = pytest.mark.thorough  # together longer than make fast has

ON = date(2027, 1, 18)
SETTINGS = "xyz"
CRITERIA = Criteria("round-1", ("looked_after", "sibling"))
NO = Judgement(Ground.UNSUITABLE, "Said why.", "person")
claims = st.builds(Claim, st.sampled_from(["", "looked_after", "sibling", "unknown"]), st.none() | st.sampled_from([100, 200, 300]))


@st.composite
def cohorts(draw: st.DrawFn, most: int = 5) -> list[Applicant]:
    """Some children, each with some order of some settings; now and then a person stated a ground."""
    found = []
    for n in range(draw(st.integers(1, most))):
        order = draw(st.permutations(SETTINGS))[: draw(st.integers(0, len(SETTINGS)))]
        stated = {one: NO for one in SETTINGS if draw(st.integers(0, 9)) == 0}
        found.append(Applicant(f"case-{n}", tuple(order), None, ON - timedelta(1), {one: draw(claims) for one in SETTINGS}, stated))
    return found


places = st.fixed_dictionaries({one: st.integers(0, 2) for one in SETTINGS})


def wanted(one: Applicant) -> list[str]:
    return [setting for setting in one.preferences if setting not in one.judged]


def liking(one: Applicant, setting: str) -> int:
    """How far down the child's list it is; without a place comes after all that it wants."""
    order = wanted(one)
    return order.index(setting) if setting else len(order)


def blocking(cohort: Sequence[Applicant], free: Mapping[str, int], given_: Mapping[str, str]) -> list[tuple[str, str]]:
    """Who wants a setting more than what they have, where a place is empty or goes to somebody who comes after them."""
    found = []
    for one in cohort:
        for setting in wanted(one)[: liking(one, given_[one.case])]:
            there = [other for other in cohort if given_[other.case] == setting]
            own = CRITERIA.priority(one, setting)
            if len(there) < free[setting] or any(CRITERIA.priority(other, setting) > own for other in there):
                found.append((one.case, setting))
    return found


def matchings(cohort: Sequence[Applicant], free: Mapping[str, int]) -> Iterator[dict[str, str]]:
    """Every way to give places that no setting and no child would refuse outright."""
    for some in product(*(["", *wanted(one)] for one in cohort)):
        if all(some.count(setting) <= free[setting] for setting in SETTINGS):
            yield {one.case: setting for one, setting in zip(cohort, some, strict=True)}


def outcome(cohort: Sequence[Applicant], free: Mapping[str, int]) -> dict[str, str]:
    return {one.case: one.setting for one in run(cohort, free, CRITERIA, ON).placed}


@given(cohorts(), places, st.randoms(use_true_random=False))
def test_a_round_is_the_same_in_whatever_order_the_children_come(cohort: list[Applicant], free: dict[str, int], chance: object) -> None:
    other = list(cohort)
    chance.shuffle(other)  # type: ignore[attr-defined]
    assert run(cohort, free, CRITERIA, ON) == run(other, dict(reversed(free.items())), CRITERIA, ON)


@given(cohorts(), places)
def test_no_setting_has_more_children_than_places_and_no_child_what_it_did_not_ask_for(
    cohort: list[Applicant], free: dict[str, int]
) -> None:
    found = outcome(cohort, free)
    assert set(found) == {one.case for one in cohort}
    assert all(list(found.values()).count(setting) <= free[setting] for setting in SETTINGS)
    assert all(found[one.case] in ["", *wanted(one)] for one in cohort)


@given(cohorts(), places)
def test_a_round_is_stable_and_the_best_stable_one_for_every_child(cohort: list[Applicant], free: dict[str, int]) -> None:
    found = outcome(cohort, free)
    stable = [one for one in matchings(cohort, free) if not blocking(cohort, free, one)]
    assert found in stable
    for other in stable:
        assert all(liking(one, found[one.case]) <= liking(one, other[one.case]) for one in cohort)


@given(cohorts(4), places)
def test_nobody_gains_by_giving_another_order_than_the_true_one(cohort: list[Applicant], free: dict[str, int]) -> None:
    found = outcome(cohort, free)
    for n, one in enumerate(cohort):
        for length in range(len(SETTINGS) + 1):
            for order in permutations(SETTINGS, length):
                pretended = [*cohort[:n], replace(one, preferences=order), *cohort[n + 1 :]]
                got = outcome(pretended, free)[one.case]
                if got in ["", *wanted(one)]:
                    assert liking(one, found[one.case]) <= liking(one, got), (one, order)


@given(cohorts(), places)
def test_every_preference_of_every_child_is_answered_and_no_other_child_is_named(cohort: list[Applicant], free: dict[str, int]) -> None:
    for one, placed in zip(cohort, run(cohort, free, CRITERIA, ON).placed, strict=True):
        assert [answer.setting for answer in placed.answers] == list(one.preferences)
        for answer in placed.answers:
            assert "case-" not in answer.say
            assert (answer.outcome is Outcome.OFFERED) == (answer.setting == placed.setting)
            assert (answer.ground is not None) == (answer.setting in one.judged)
            if answer.outcome is Outcome.NO_PLACE:
                assert "no reason in law" in answer.say
                assert answer.owed


def test_the_first_choice_first_way_would_be_noticed() -> None:
    """The planted defect: whoever puts a setting first gets it. It is not stable, and it pays to pretend."""
    free = {"x": 1, "y": 1, "z": 0}
    near, far = Claim("", 100), Claim("", 300)
    cohort = [
        Applicant("a", ("x", "y"), None, ON - timedelta(1), {"x": near, "y": near}),
        Applicant("b", ("x", "y"), None, ON - timedelta(1), {"x": far, "y": near}),
        Applicant("c", ("y",), None, ON - timedelta(1), {"y": far}),
    ]
    boston = {"a": "x", "b": "", "c": "y"}
    assert blocking(cohort, free, boston) == [("b", "y")]
    assert outcome(cohort, free) == {"a": "x", "b": "y", "c": ""}


def test_a_named_reason_comes_before_distance_and_distance_before_the_draw() -> None:
    def alone(*claimed: Claim) -> list[str]:
        cohort = [Applicant(f"case-{n}", ("x",), None, None, {"x": one}) for n, one in enumerate(claimed)]
        return propose(cohort, {"x": 1}, CRITERIA)["x"]

    assert alone(Claim("", 100), Claim("sibling", 900)) == ["case-1"]
    assert alone(Claim("sibling", 100), Claim("looked_after", 900)) == ["case-1"]
    assert alone(Claim("", 200), Claim("", 100)) == ["case-1"]
    assert alone(Claim("not declared", 200), Claim("", 100)) == ["case-1"]
    assert alone(Claim(""), Claim("", 5000)) == ["case-1"]
    drawn = {Criteria(f"round-{n}").draw("case-0") < Criteria(f"round-{n}").draw("case-1") for n in range(20)}
    assert drawn == {True, False}, "another round is another draw"


@given(
    cohorts(),
    places,
    st.lists(st.integers(-3, 3), min_size=5, max_size=5),
    st.lists(st.none() | st.integers(-3, 3), min_size=5, max_size=5),
)
def test_a_round_delays_nobody_and_takes_nobodys_time_away(
    cohort: list[Applicant], free: dict[str, int], due: list[int], ends: list[int | None]
) -> None:
    cohort = [
        replace(one, due=ON + timedelta(due[n]), window_ends=None if (end := ends[n]) is None else ON + timedelta(end))
        for n, one in enumerate(cohort)
    ]
    found: Round = run(cohort, free, CRITERIA, ON)
    taken = [one.case for one in found.placed]
    assert sorted([*taken, *found.alone, *found.not_yet]) == sorted(one.case for one in cohort)
    for one in cohort:
        assert one.due is not None
        if one.due <= ON:
            assert one.case in found.alone, "whose day comes is offered alone, and waits for no round"
        elif one.window_ends is None or one.window_ends >= ON:
            assert one.case in found.not_yet, "the family still has time to say what it wants"
        else:
            assert one.case in taken


def test_why_a_place_went_to_another_child_is_told_by_the_criterion_that_decided() -> None:
    cohort = [
        Applicant("a", ("x",), None, ON - timedelta(1), {"x": Claim("", 100)}),
        Applicant("b", ("x",), None, ON - timedelta(1), {"x": Claim("", 300)}),
    ]
    [_, second] = run(cohort, {"x": 1}, CRITERIA, ON).placed
    assert second.answers[0].say.startswith(
        "Its one place in this round goes to children who come before: they live nearer to it. That by itself is no reason in law"
    )
    [_, second] = run(cohort, {"x": 0}, CRITERIA, ON).placed
    assert second.answers[0].say.startswith("It has no place in this round. That by itself is no reason in law")


def test_a_case_and_a_preference_are_in_a_round_once() -> None:
    one = Applicant("a", ("x",))
    with pytest.raises(ValueError, match="case is in the round twice"):
        run([one, one], {}, CRITERIA, ON)
    with pytest.raises(ValueError, match="preferred twice"):
        run([replace(one, preferences=("x", "x"))], {}, CRITERIA, ON)
