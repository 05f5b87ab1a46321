"""A plan's provision beside a catalogue: each departure names its standard, and more than the standard is never one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.provision import Departure, Gap, Item, Need, compare, expected
from tenants.standards import (
    A_YEAR,
    NEEDS,
    RANK,
    Amount,
    Catalogue,
    Every,
    Phase,
    Provider,
    Section,
    Standard,
    Tier,
    parse_local,
    parse_national,
)
from tests.tenants.catalogues import local, national

pytestmark = pytest.mark.thorough  # together longer than make fast has

THE = parse_national(national())
NEED = [Need("SLCN", Tier.SPECIALIST)]
GOOD = Item(Section.F, "SLCN", "therapy", Tier.SPECIALIST, Provider.HEALTH_BODY, Amount(30, Every.WEEK))


def gaps(*items: Item, needs: list[Need] = NEED, phase: Phase = Phase.PRIMARY) -> list[tuple[Gap, int | None]]:
    return [(one.gap, one.item) for one in compare(needs, phase, items, THE)]


def test_what_meets_the_standard_is_no_departure() -> None:
    assert gaps(GOOD) == []


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ((), [(Gap.MISSING, None)]),
        ((replace(GOOD, what="teaching"),), [(Gap.MISSING, None)]),
        ((replace(GOOD, need="MLD"),), [(Gap.MISSING, None)]),  # it is for another need
        ((replace(GOOD, need="ASD"),), []),  # the standard is one for both needs
        ((replace(GOOD, amount=Amount(29, Every.WEEK)),), [(Gap.BELOW, 0)]),
        ((replace(GOOD, amount=None),), [(Gap.BELOW, 0)]),
        ((replace(GOOD, amount=Amount(6000, Every.YEAR)),), [(Gap.BELOW, 0)]),  # more minutes, and not every week
        ((replace(GOOD, amount=Amount(6, Every.DAY)),), []),
        ((replace(GOOD, amount=Amount(5, Every.DAY)),), [(Gap.BELOW, 0)]),
        ((replace(GOOD, amount=Amount(15, Every.WEEK)), replace(GOOD, amount=Amount(15, Every.WEEK))), []),
        ((replace(GOOD, amount=Amount(10, Every.WEEK)), replace(GOOD, amount=Amount(15, Every.WEEK))), [(Gap.BELOW, 1)]),
        ((replace(GOOD, tier=Tier.TARGETED),), [(Gap.OTHER, 0)]),
        ((replace(GOOD, section=Section.G),), [(Gap.OTHER, 0)]),
        ((replace(GOOD, provided_by=Provider.SETTING),), [(Gap.OTHER, 0)]),
        ((replace(GOOD, provided_by=Provider.LOCAL_AUTHORITY),), []),
        ((replace(GOOD, provided_by=Provider.SETTING), GOOD), []),
    ],
)
def test_how_a_plan_departs(items: tuple[Item, ...], found: list[tuple[Gap, int | None]]) -> None:
    assert gaps(*items) == found


@pytest.mark.parametrize("tier", list(Tier))
def test_a_higher_tier_meets_a_standard_of_a_lower_one(tier: Tier) -> None:
    assert gaps(Item(Section.F, "MLD", "teaching", tier, Provider.SETTING), needs=[Need("MLD", Tier.UNIVERSAL)]) == []


def test_nothing_is_expected_for_another_tier_or_phase() -> None:
    assert gaps(needs=[Need("SLCN", Tier.TARGETED)]) == []
    assert gaps(phase=Phase.POST_16) == []
    assert gaps(needs=[]) == []
    assert [one.name for one in expected(THE, [Need("VI", Tier.UNIVERSAL)], Phase.POST_16)] == ["adapted"]


def test_a_plan_is_compared_with_both_catalogues_and_each_departure_names_its_own() -> None:
    more = parse_local(local(), 7, date(2026, 9, 1))
    found = compare(NEED, Phase.PRIMARY, [], THE, more)
    assert [(one.catalogue, one.version, one.name) for one in found] == [
        ("national_standards", 1, "national_standards/weekly_therapy"),
        ("local_provision", 7, "local_provision/weekly_therapy"),
    ]


# -- properties, on catalogues and plans of any shape ------------------------------------------------------------------------

CODES, WORDS = st.sampled_from(sorted(NEEDS)[:3]), st.sampled_from(["a", "b", "own words"])
AMOUNTS = st.builds(Amount, st.integers(1, 200), st.sampled_from(Every))
ITEMS = st.builds(Item, st.sampled_from(Section), CODES, WORDS, st.sampled_from(Tier), st.sampled_from(Provider), st.none() | AMOUNTS)
NEEDED = st.lists(st.builds(Need, CODES, st.sampled_from(Tier)), min_size=1, max_size=3)


def some(values: type[Tier] | type[Phase] | type[Provider] | None = None) -> st.SearchStrategy[tuple[str, ...]]:
    of = CODES if values is None else st.sampled_from(list(values))
    return st.lists(of, min_size=1, unique=True).map(tuple)


STANDARDS = st.lists(
    st.builds(
        Standard, st.just("s"), st.just("Say"), some(), st.sampled_from(Tier), some(Phase), st.sampled_from(Section),
        st.sampled_from(["a", "b"]), some(Provider), st.none() | AMOUNTS,
    ),
    max_size=5,
)  # fmt: skip


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    listed = tuple(replace(one, name=f"s{n}") for n, one in enumerate(draw(STANDARDS)))
    return Catalogue("any", draw(st.integers(1, 9)), "T", "S", date(2024, 9, 1), "d", {"a": "A", "b": "B"}, listed)


def names(found: tuple[Departure, ...]) -> set[str]:
    return {one.name for one in found}


@given(catalogues(), NEEDED, st.sampled_from(Phase), st.lists(ITEMS, max_size=4), st.permutations(range(4)))
def test_the_same_plan_has_the_same_departures_in_whatever_order_it_is_written(
    the: Catalogue, needs: list[Need], phase: Phase, items: list[Item], order: list[int]
) -> None:
    found = compare(needs, phase, items, the)
    assert found == compare(needs, phase, items, the) == compare([*reversed(needs)], phase, items, the)
    shuffled = [items[n] for n in order if n < len(items)]
    other = compare(needs, phase, shuffled, the)
    assert [(one.gap, one.name) for one in found] == [(one.gap, one.name) for one in other]


@given(catalogues(), NEEDED, st.sampled_from(Phase), st.lists(ITEMS, max_size=4), ITEMS)
def test_another_item_is_never_a_departure(the: Catalogue, needs: list[Need], phase: Phase, items: list[Item], more: Item) -> None:
    assert names(compare(needs, phase, [*items, more], the)) <= names(compare(needs, phase, items, the))


@given(
    catalogues(), NEEDED, st.sampled_from(Phase), st.lists(ITEMS, min_size=1, max_size=4), st.integers(0, 3), AMOUNTS, st.sampled_from(Tier)
)
def test_more_of_an_item_is_never_a_departure(
    the: Catalogue, needs: list[Need], phase: Phase, items: list[Item], at: int, much: Amount, tier: Tier
) -> None:
    """At least as many minutes at least as often, at the same tier or a higher one."""
    n = at % len(items)
    one = items[n]
    had = one.amount
    if had is not None and (much.a_year < had.a_year or A_YEAR[much.every] < A_YEAR[had.every]):
        much = Amount(had.minutes + much.minutes, had.every)
    richer = replace(one, amount=much, tier=max(one.tier, tier, key=lambda each: RANK[each]))
    assert names(compare(needs, phase, [*items[:n], richer, *items[n + 1 :]], the)) <= names(compare(needs, phase, items, the))


@given(catalogues(), NEEDED, st.sampled_from(Phase), st.lists(ITEMS, max_size=4))
def test_each_departure_names_a_standard_that_was_expected_and_once(
    the: Catalogue, needs: list[Need], phase: Phase, items: list[Item]
) -> None:
    found = compare(needs, phase, items, the)
    wanted = expected(the, needs, phase)
    assert all(one.standard in wanted and (one.catalogue, one.version) == (the.name, the.version) for one in found)
    assert len({one.name for one in found}) == len(found)
    for one in found:
        assert (one.item is None) is (one.gap is Gap.MISSING)
        if one.item is not None:
            near = items[one.item]
            assert near.what == one.standard.what
            assert near.need in one.standard.needs


def as_expected(the: Catalogue, needs: list[Need], phase: Phase) -> list[Item]:
    return [Item(one.section, one.needs[0], one.what, one.tier, one.by[0], one.at_least) for one in expected(the, needs, phase)]


@given(catalogues(), NEEDED, st.sampled_from(Phase))
def test_a_plan_that_is_the_standard_has_no_departure(the: Catalogue, needs: list[Need], phase: Phase) -> None:
    assert compare(needs, phase, as_expected(the, needs, phase), the) == ()


@given(catalogues(), NEEDED, st.sampled_from(Phase), st.sampled_from(Tier), st.integers(0, 90), st.sampled_from(Every))
def test_a_plan_that_is_more_than_the_standard_has_no_departure(
    the: Catalogue, needs: list[Need], phase: Phase, tier: Tier, minutes: int, every: Every
) -> None:
    """A higher tier, more minutes, and as many as often or more often: each alone and all together."""
    for at, longer, often in (
        (tier, 0, Every.YEAR),
        (Tier.UNIVERSAL, minutes, Every.YEAR),
        (Tier.UNIVERSAL, 0, every),
        (tier, minutes, every),
    ):
        richer = [
            replace(
                one,
                tier=max(one.tier, at, key=lambda each: RANK[each]),
                amount=one.amount and Amount(one.amount.minutes + longer, max(one.amount.every, often, key=lambda each: A_YEAR[each])),
            )
            for one in as_expected(the, needs, phase)
        ]
        assert compare(needs, phase, richer, the) == ()
