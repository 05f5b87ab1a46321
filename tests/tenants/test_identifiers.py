"""The numbers of pupils and settings are checked as the rules for them say."""

from __future__ import annotations

import pytest

from tenants.identifiers import check_laestab, check_ukprn, check_upn, check_urn

PERMANENT = ("H801200001001", "F302201125001", "R330123426001")


@pytest.mark.parametrize("upn", [*PERMANENT, "R30220112500A"])
def test_a_upn_whose_check_letter_fits_is_accepted(upn: str) -> None:
    assert check_upn(upn) is None


@pytest.mark.parametrize("upn", PERMANENT)
def test_every_single_mistyped_digit_is_found(upn: str) -> None:
    for place in range(1, 13):
        for digit in "0123456789":
            if digit != upn[place]:
                assert check_upn(upn[:place] + digit + upn[place + 1 :]), (place, digit)


@pytest.mark.parametrize("upn", PERMANENT)
def test_two_neighbouring_digits_that_changed_places_are_found(upn: str) -> None:
    for place in range(1, 12):
        swapped = upn[:place] + upn[place + 1] + upn[place] + upn[place + 2 :]
        assert (check_upn(swapped) is None) == (swapped == upn)


@pytest.mark.parametrize(
    "upn", ["", "H80120000100", "H8012000010011", "h801200001001", "I801200001001", "R30220112500O", "H80120000100١", " H801200001001"]
)
def test_what_has_not_the_form_of_a_upn_is_refused(upn: str) -> None:
    assert check_upn(upn)


def test_the_fault_does_not_repeat_the_number() -> None:
    for wrong in ("A801200001001", "H8012000", "S801200001001"):
        assert wrong not in (check_upn(wrong) or "")


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (check_laestab, "302/4001", "302/40"),
        (check_laestab, "3024001", "30-24001"),
        (check_laestab, "3024001", "0024001"),
        (check_urn, "100001", "01000"),
        (check_urn, "999001", "0990011"),
        (check_ukprn, "10012345", "20012345"),
        (check_ukprn, "10012345", "1001234"),
    ],
)
def test_the_numbers_of_settings_have_their_form(check, right: str, wrong: str) -> None:  # type: ignore[no-untyped-def]
    assert check(right) is None
    assert check(wrong)
