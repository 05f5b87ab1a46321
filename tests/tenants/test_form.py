"""A new authority is made from a form that is sound; every fault is told at once, with what to do."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tenants.form import FaultyForm, Form, form_of, read_form

SOUND: dict[str, Any] = {"tenant": "east-surrey", "name": "East Surrey Council", "dfe_code": "945", "gss_code": "E06000070"}


def test_a_sound_form_is_an_authority() -> None:
    text = "tenant: east-surrey\nname: East Surrey Council\ndfe_code: '945'\ngss_code: E06000070\nregion_code: E12000008\nopened_on: 2027-04-01\n"
    assert form_of(read_form(text)) == Form(
        "east-surrey", "East Surrey Council", "945", "E06000070", "E12000008", opened_on=date(2027, 4, 1)
    )


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("tenant", "East Surrey", "is no slug"),
        ("tenant", None, "is no slug"),
        ("name", "", "name is missing"),
        ("dfe_code", 945, "is no text"),
        ("dfe_code", "94", "is not the code of a council"),
        ("dfe_code", "909", "give 942 or 943, by the child's postcode"),
        ("gss_code", "E07000001", "is not the GSS code of a council"),
        ("gss_code", "E10000027", "give E06000066"),
        ("region_code", "E12000010", "none of the nine regions"),
        ("training", "yes please", "neither true nor false"),
        ("opened_on", "1 April", "opened_on is no day"),
        ("colour", "blue", "'colour' is no field"),
    ],
)
def test_each_fault_is_told_with_what_to_do(field: str, value: object, said: str) -> None:
    with pytest.raises(FaultyForm) as caught:
        form_of({**SOUND, field: value})
    (fault,) = caught.value.faults
    assert said in str(fault)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(FaultyForm) as caught:
        form_of({})
    assert len(caught.value.faults) == 4


@pytest.mark.parametrize("text", ["tenant: [", "- a list", ""])
def test_a_file_that_is_no_form_is_refused(text: str) -> None:
    with pytest.raises(FaultyForm):
        form_of(read_form(text))
