"""Scenario 60: an old code is told from a new one, and never mapped silently."""

from __future__ import annotations

import pytest

from tenants.codes import CLOSED, check_dfe_code


@pytest.mark.parametrize(
    ("code", "do"),
    [
        ("909", "give 942 or 943, by the child's postcode"),
        ("928", "give 940 or 941, by the child's postcode"),
        ("836", "give 839"),
        ("837", "give 839"),
    ],
)
def test_a_closed_council_s_code_is_answered_with_those_that_came_after(code: str, do: str) -> None:
    assert check_dfe_code(code) == ("is the code of a council that no longer exists", do)


@pytest.mark.parametrize("code", ["302", "839", "942", "943", "991"])
def test_a_code_that_may_be_current_is_accepted(code: str) -> None:
    assert check_dfe_code(code) is None


@pytest.mark.parametrize("code", ["", "30", "3020", "E10", "٣٠٢"])
def test_what_is_no_code_is_told_so(code: str) -> None:
    fault = check_dfe_code(code)
    assert fault is not None
    assert fault[0] == "is not the code of a council"


def test_whoever_came_after_is_not_closed_itself() -> None:
    assert not {code for after in CLOSED.values() for code in after} & set(CLOSED)
