"""The planted overlays: what no council may have is refused with its statute, and found again by a proof that nobody helped; what it may have is proved."""

from __future__ import annotations

import pytest

from statute.certificate import Certificate, CounterExample
from statute.overlay import merge
from statute.prove import prove
from statute.tenant_overlay import Relaxation, parse_overlay
from tests.statute.planted_reader import ILLEGAL, LEGAL, UNPROVABLE, Planted, forced
from workflows import library

BY_PROOF = [one for one in ILLEGAL if not one.table_alone]


def named(one: Planted) -> str:
    return one.name.replace(" ", "-")


def test_the_corpus_covers_every_process_that_can_be_opened() -> None:
    assert len(ILLEGAL) >= 60
    assert len(LEGAL) >= 60
    published = set(library.names()) - set(library.drafts())
    assert {one.process for one in ILLEGAL} == published
    assert {one.process for one in LEGAL} == published


@pytest.mark.parametrize("one", ILLEGAL, ids=named)
def test_what_the_law_alone_says_is_refused_with_the_law_that_says_it(one: Planted) -> None:
    with pytest.raises(Relaxation) as caught:
        merge(one.national, parse_overlay(one.document))
    [found] = [violation for violation in caught.value.violations if violation.path == one.path]
    assert one.law in found.why
    assert found.why.rpartition(": ")[2].strip(), "it names the statute"
    assert found.what
    assert found.do
    assert str(found) in str(caught.value)


@pytest.mark.thorough
@pytest.mark.parametrize("one", BY_PROOF, ids=named)
def test_the_proof_finds_it_though_nobody_judged(one: Planted) -> None:
    found = prove(one.national, forced(one.national, one.changes), library.england())
    assert isinstance(found, CounterExample), "nobody noticed"
    assert found.rule == one.proof, found.say
    assert found.say[0].isupper() or found.say[0] == '"'
    assert "_" not in found.say


@pytest.mark.thorough
@pytest.mark.parametrize("one", [one for one in ILLEGAL if one.table_alone], ids=named)
def test_what_the_table_alone_refuses_takes_no_date_and_no_right(one: Planted) -> None:
    assert not one.proof
    assert isinstance(prove(one.national, forced(one.national, one.changes), library.england()), Certificate)


@pytest.mark.thorough
@pytest.mark.parametrize("one", UNPROVABLE, ids=named)
def test_what_the_table_lets_through_is_found_by_the_walk(one: Planted) -> None:
    found = prove(one.national, merge(one.national, parse_overlay(one.document)), library.england())
    assert isinstance(found, CounterExample), "nobody noticed"
    assert found.rule == one.proof, found.say
    assert one.says in found.say
    assert found.cites


@pytest.mark.thorough
@pytest.mark.parametrize("one", LEGAL, ids=named)
def test_what_a_council_may_have_loads_and_is_proved(one: Planted) -> None:
    merged = merge(one.national, parse_overlay(one.document))
    found = prove(one.national, merged, library.england())
    assert isinstance(found, Certificate), found.say
    assert found.digest == merged.digest != one.national.digest == found.national


def test_the_constructor_that_asks_nobody_changes_what_it_is_told_to() -> None:
    for one in ILLEGAL:
        if "moves" not in one.changes and one.name != "as long as a must":
            assert forced(one.national, one.changes) != one.national, one.name
