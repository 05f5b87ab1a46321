"""One offer: the first place in the family's order, and an honest word about each preference that is not met."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statute.offering import GROUND_SAYS, Ground, Judgement, Outcome, offer

SETTINGS = "abcde"
orders = st.permutations(SETTINGS).flatmap(lambda order: st.integers(0, len(order)).map(lambda n: tuple(order[:n])))
free = st.dictionaries(st.sampled_from(SETTINGS), st.integers(0, 2))
judged = st.dictionaries(st.sampled_from(SETTINGS), st.builds(Judgement, st.sampled_from(Ground), st.just("Said why."), st.just("person")))


@given(orders, free, judged)
def test_it_is_the_first_with_a_place_against_which_no_ground_was_stated(
    order: tuple[str, ...], places: dict[str, int], stated: dict[str, Judgement]
) -> None:
    found = offer(order, places, stated)
    able = [one for one in order if places.get(one, 0) > 0 and one not in stated]
    assert found.setting == (able[0] if able else "")
    assert found == offer(order, dict(reversed(places.items())), stated)


@given(orders, free, judged)
def test_every_preference_has_an_answer_and_only_a_person_gives_a_ground(
    order: tuple[str, ...], places: dict[str, int], stated: dict[str, Judgement]
) -> None:
    found = offer(order, places, stated)
    assert [answer.setting for answer in found.answers] == list(order)
    assert [answer.preference for answer in found.answers] == list(range(1, len(order) + 1))
    for answer in found.answers:
        assert answer.say.endswith(".")
        assert answer.cites
        assert (answer.ground is not None) == (answer.setting in stated)
        assert answer.owed == (answer.outcome in (Outcome.NO_PLACE, Outcome.NOT_TOLD))
    passed_over = order[: order.index(found.setting)] if found.setting else order
    assert set(found.owed) == {one for one in passed_over if one not in stated}


def test_a_full_setting_is_no_ground_and_says_so() -> None:
    found = offer(["full", "free", "later"], {"full": 0, "free": 1, "later": 4})
    assert [answer.outcome for answer in found.answers] == [Outcome.NO_PLACE, Outcome.OFFERED, Outcome.NOT_REACHED]
    assert "no reason in law" in found.answers[0].say
    assert found.answers[0].ground is None
    assert found.owed == ("full",)


def test_a_ground_says_which_of_the_three_it_is() -> None:
    assert set(GROUND_SAYS) == set(Ground)
    for ground in Ground:
        [answer] = offer(["a"], {"a": 1}, {"a": Judgement(ground, "Because.", "x")}).answers
        assert answer.ground is ground
        assert GROUND_SAYS[ground] in answer.say
        assert "Because" not in answer.say, "free text stays where it is protected"


def test_a_ground_without_reasons_or_a_person_is_none() -> None:
    for reasons, by in ((" ", "x"), ("Because.", "")):
        with pytest.raises(ValueError, match="person's decision"):
            Judgement(Ground.UNSUITABLE, reasons, by)
    with pytest.raises(ValueError, match="twice"):
        offer(["a", "a"], {})
