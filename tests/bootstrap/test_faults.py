"""What an operator is told at the terminal can be read at a glance."""

from __future__ import annotations

from bootstrap.faults import FEW, no_tenant


def test_a_few_councils_are_all_told() -> None:
    assert "There are: eastmere, westshire." in str(no_tenant("nowhere", ["westshire", "eastmere"]))


def test_of_all_councils_of_england_only_similar_names_are_told() -> None:
    many = [f"council-{n}" for n in range(150)] + ["westshire", "west-sussex"]
    said = str(no_tenant("westshir", many))
    assert "There are 152; of a similar name: " in said
    assert "westshire" in said
    assert said.count(",") < FEW
    assert "none of a similar name" in str(no_tenant("zzzzzzzz", many))
