"""The second opinion: Z3, which was told the definitions and the table in another way, agrees on what is possible and on what is illegal."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from random import Random
from typing import Any

import pytest
import z3

from statute.certificate import Certificate
from statute.definition import Process
from statute.explore import explore
from statute.overlay import merge
from statute.prove import possible
from statute.tenant_overlay import Relaxation, parse_overlay
from statute.types import Faulty, Kind
from tests.law.orders import Orders, definition
from tests.law.second_table import OURS, limit_of, more_is_later, no_time_left, said_span, wrong
from tests.statute.overlays import blind, document
from tests.statute.planted_reader import ILLEGAL, LEGAL, UNPROVABLE, Planted
from workflows import library
from workflows.proving import proved

NAMES = library.names()
pytestmark = pytest.mark.thorough


def named(one: Planted) -> str:
    return one.name.replace(" ", "-")


def family_acts(process: Process) -> set[tuple[str, str]]:
    return {(act, stage) for act, stage, _ in possible(process) if process.acts[act].kind is not Kind.OPENED}


@pytest.mark.parametrize("name", NAMES)
def test_both_find_the_same_endings_and_the_same_rights(name: str) -> None:
    process, written = library.get(name, 1), definition(name)
    orders, walked = Orders(written), explore(process)
    assert isinstance(walked, Certificate)
    endings = [stage for stage, rule in written["stages"].items() if rule.get("ends") == "true"]
    assert {stage for stage in endings if orders.ending(stage)} == set(walked.routes)
    asked = {(thing.act, stage) for thing in orders.things if "family" in thing.by and not thing.opens for stage in thing.at}
    assert {right for right in asked if orders.act(*right)} == family_acts(process) == asked


def test_what_no_order_allows_is_found_by_both() -> None:
    written: dict[str, Any] = deepcopy(definition("ehc_plan"))
    written["gates"]["family_heard"]["needs"] = ["consult_family", "setting_consulted"]
    orders = Orders(written)
    assert not orders.act("whether_to_assess")
    assert not orders.ending("issued")
    assert orders.ending("withdrawn")


def limits() -> list[tuple[str, str]]:
    return [(name, limit) for name in NAMES for limit, rule in definition(name)["deadlines"].items() if rule["force"] == "must"]


def test_whatever_number_a_tenant_may_write_no_limit_in_law_is_exceeded() -> None:
    """The number is left open: Z3 looks for one that the table allows and that from some day is worse, and finds none."""
    numbers = floors = 0
    number, since = z3.Int("number"), z3.Int("since")
    for name, limit in limits():
        rule = definition(name)["deadlines"][limit]
        sense, said = limit_of(rule)
        if sense not in ("within", "at_least", "before") or not said[0].isdigit():
            continue
        law = said_span(said)
        numbers, floors = numbers + 1, floors + (sense == "at_least")
        solver = z3.Solver()
        solver.add(number > 0, more_is_later(law.unit, since, number, law.number))
        tenants, laws = law.end(since, number), law.end(since)
        longer, others = sense in ("at_least", "before"), rule["binds"] not in OURS and sense != "at_least"
        allowed = z3.BoolVal(val=False) if others else number > law.number if longer else number < law.number
        worse = tenants != laws if others else tenants < laws if longer else tenants > laws
        solver.add(allowed, worse)
        assert solver.check() == z3.unsat, (name, limit, solver.model())
        solver.reset()
        solver.add(number > 0, more_is_later(law.unit, since, number, law.number), tenants > laws)
        assert solver.check() == z3.sat, "without the table there is one"
    assert numbers > 60 < len(limits())
    assert floors >= 8


@pytest.mark.parametrize("one", ILLEGAL, ids=named)
def test_every_illegal_overlay_is_illegal(one: Planted) -> None:
    assert wrong(one.document)


@pytest.mark.parametrize("one", UNPROVABLE, ids=named)
def test_what_only_a_walk_finds_is_found(one: Planted) -> None:
    assert wrong(one.document) or no_time_left(one.document)


@pytest.mark.parametrize("one", LEGAL, ids=named)
def test_every_legal_overlay_is_legal(one: Planted) -> None:
    assert wrong(one.document) == []
    assert no_time_left(one.document) == []


def parts(seed: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Overlays of one change each, drawn without any thought for the law."""
    chance = Random(seed)
    name = chance.choice(NAMES)
    for section, rules in blind(library.get(name, 1), chance).items():
        for key, rule in rules.items() if section != "facts" else ():
            used = {use.rstrip("?") for uses in rule.get("record", {}).values() for use in uses} if section == "decisions" else set()
            yield section, document(name, **{section: {key: rule}}, **({"facts": dict.fromkeys(sorted(used), "text")} if used else {}))


def is_an_overlay(one: dict[str, Any]) -> bool:
    """Whether it is one at all, lawful or not: its names lead somewhere, and its numbers are numbers."""
    try:
        merge(library.get(one["process"], 1), parse_overlay(one))
    except Relaxation:
        return True
    except Faulty:
        return False
    return True


def test_nothing_that_the_product_lets_through_is_illegal_to_the_other() -> None:
    """And of all but gates they think alike, both ways: what a gate may need is narrower in the table than what Z3 finds harmful."""
    through = stopped = 0
    for seed in range(80):
        for section, one in parts(seed):
            found = proved(one["process"], 1, (), (one,))
            if found.faults and not is_an_overlay(one):
                continue
            mine = wrong(one) or no_time_left(one)
            if found.sound:
                through += 1
                assert not mine, one
            elif section != "gates":
                stopped += 1
                assert mine, (one, found.wrong())
    assert through > 40 < stopped
