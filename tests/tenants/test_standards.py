"""A catalogue is read strictly, with every fault at once, and the national one must say that it is an example."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from statute.types import Faulty
from tenants.standards import MOST_ENTRIES, NEEDS, Amount, Every, Phase, Provider, Section, Tier, parse_local, parse_national
from tests.tenants.catalogues import entry, local, national

DAY = date(2026, 9, 1)


def faults(document: Any) -> list[str]:
    with pytest.raises(Faulty) as raised:
        parse_national(document)
    assert all(one.what and one.why and one.do for one in raised.value.faults)
    return [one.path for one in raised.value.faults]


def test_a_sound_catalogue_says_what_to_expect_for_which_need_at_which_tier_and_by_whom() -> None:
    found = parse_national(national())
    assert (found.name, found.version, found.in_force_from) == ("national_standards", 1, date(2024, 9, 1))
    [therapy] = found.of("ASD", Tier.SPECIALIST, Phase.PRIMARY)
    assert therapy.at_least == Amount(30, Every.WEEK)
    assert therapy.by == (Provider.HEALTH_BODY, Provider.LOCAL_AUTHORITY)
    assert therapy.section is Section.F
    assert therapy.expected == "A therapist works with the child (30 minutes every week)"
    assert found.of("ASD", Tier.SPECIALIST, Phase.POST_16) == ()
    assert [one.name for one in found.of(tier=Tier.UNIVERSAL)] == ["adapted"]
    assert found.standards[1].needs == tuple(NEEDS)


def test_a_local_catalogue_is_numbered_and_dated_by_its_publishing() -> None:
    found = parse_local(local(), 4, DAY)
    assert (found.name, found.version, found.in_force_from) == ("local_provision", 4, DAY)
    assert parse_local(local(), 5, DAY).digest == found.digest != parse_local(local(title="Other"), 4, DAY).digest


def test_a_national_catalogue_that_claims_to_be_law_is_not_read() -> None:
    assert faults(national(status="law", evidence="primary")) == ["status", "evidence"]


def test_every_fault_is_told_at_once_and_where() -> None:
    wrong = {
        "one": entry(needs=["SLCN", "XYZ"], tier="gold", phases=[], section="B", what="magic", by=["setting", "setting"]),
        "two": {"say": "", "needs": ["slcn"], "colour": "red"},
        "three": entry(at_least={"minutes": 0, "every": "moon"}),
        "yes": entry(),
        "four": entry(at_least={"minutes": 10**9, "every": "day"}, needs=["MLD"]),
    }
    found = faults(national(standards=wrong, version=0, title="x" * 3000))
    assert found == [
        "version",
        "standards.one.what",
        "standards.one.needs[1]",
        "standards.one.tier",
        "standards.one.phases",
        "standards.one.section",
        "standards.one.by[1]",
        "standards.two.colour",
        "standards.two.tier",
        "standards.two.phases",
        "standards.two.section",
        "standards.two.what",
        "standards.two.by",
        "standards.two.say",
        "standards.two.needs[0]",
        "standards.three.at_least.minutes",
        "standards.three.at_least.every",
        "standards.yes",
        "standards.four.at_least.minutes",
        "title",
    ]


@pytest.mark.parametrize("document", [None, [], "text", 7, {}, {"local_provision": True}, {1: 2}])
def test_what_is_no_catalogue_is_told_so(document: Any) -> None:
    assert faults(document)


@pytest.mark.parametrize("kind", [False, "yes", None])
def test_the_first_key_says_what_the_file_is(kind: Any) -> None:
    assert "national_standards" in faults(national(national_standards=kind))


def test_two_entries_for_the_same_are_told() -> None:
    twice = {"a": entry(), "b": entry(needs=["ASD"], phases=["secondary"]), "c": entry(needs=["MLD"])}
    assert faults(national(standards=twice)) == ["standards.b"]


def test_a_catalogue_expects_something_and_not_without_end() -> None:
    assert faults(national(standards={})) == ["standards"]
    many = {f"e{n}": entry(what=f"w{n}") for n in range(MOST_ENTRIES + 1)}
    words = {f"w{n}": "x" for n in range(MOST_ENTRIES + 1)}
    assert faults(national(standards=many, provisions=words)) == ["standards"]
    deep: Any = "x"
    for _ in range(60):
        deep = [deep]
    assert faults(national(title=deep)) == ["(the document)"]
