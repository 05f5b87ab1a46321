"""A plan says where each child goes, once; every fault of it is told before anything moves."""

from __future__ import annotations

from datetime import date

import pytest

from tenants.form import FaultyForm
from tenants.reorganisation import Known, Share, read_plan, share

PLAN = """
order: The Surrey (Structural Changes) Order 2026
on: 2027-04-01
from: surrey
to:
  - {tenant: east-surrey, settings: ["125001"], children: [A123456789012]}
  - {tenant: west-surrey, rest: true}
"""


def known(name: str, urn: str | None = None, *names: str) -> Known:
    return Known(name, frozenset({name, *names}), urn)


def test_a_plan_is_read() -> None:
    plan = read_plan(PLAN)
    assert (plan.on, plan.of) == (date(2027, 4, 1), ("surrey",))
    assert plan.to == (Share("east-surrey", frozenset({"125001"}), frozenset({"A123456789012"})), Share("west-surrey", rest=True))
    assert plan.digest == read_plan(PLAN + "\n# a remark\n").digest
    assert plan.digest != read_plan(PLAN.replace("125001", "125002")).digest


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("order: The Surrey (Structural Changes) Order 2026", "", "order is missing"),
        ("on: 2027-04-01", "on: April", "on is no day"),
        ("from: surrey", "from: []", "from names no authority"),
        ("from: surrey", "from: [surrey, surrey]", "named twice"),
        ("from: surrey", "from: west-surrey", "after itself"),
        ("rest: true", "rest: perhaps", "neither true nor false"),
        ("rest: true", "everything: true", "'everything' is no field"),
        ("rest: true", "settings: ['125001']", "another's too"),
        ("rest: true", "children: A1", "is no list"),
        ("children: [A123456789012]", "rest: true", "two take the rest"),
        ("from: surrey", "from: surrey\nby: me", "'by' is no field"),
        ("tenant: west-surrey, ", "", "has no tenant"),
    ],
)
def test_each_fault_of_a_plan_is_told(old: str, new: str, said: str) -> None:
    assert old in PLAN
    with pytest.raises(FaultyForm, match=said):
        read_plan(PLAN.replace(old, new))


def test_a_child_goes_where_it_is_named_then_with_its_school_then_with_the_rest() -> None:
    plan = read_plan(PLAN)
    found = share(plan, [known("1", "125009", "A123456789012"), known("2", "125001"), known("3", "125009"), known("4")])
    assert found.to == {"1": "east-surrey", "2": "east-surrey", "3": "west-surrey", "4": "west-surrey"}
    assert (found.nowhere, found.twice, found.unknown) == ((), (), ())


def test_a_child_that_goes_nowhere_or_to_two_is_told_by_its_id_and_by_no_number() -> None:
    plan = read_plan(PLAN.replace("rest: true", "children: [WM-1, A999]"))
    found = share(plan, [known("1", None, "A123456789012", "WM-1"), known("2", "125009", "A000")])
    assert (found.nowhere, found.twice) == (("2",), ("1",))
    assert found.unknown == ("125001", "1 children")
