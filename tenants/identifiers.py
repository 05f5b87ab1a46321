"""The numbers by which children and settings are known in England: each check returns the fault, or nothing.

The fault never repeats what was given: a pupil's number is personal data.
"""

from __future__ import annotations

import re

# 23 letters: I, O and S are left out because they look like digits
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_UPN = re.compile(r"[A-Z][0-9]{11}[0-9A-Z]", re.ASCII)
_LAESTAB = re.compile(r"[2-9][0-9]{2}/?[0-9]{4}", re.ASCII)
_URN = re.compile(r"[1-9][0-9]{5}", re.ASCII)
_UKPRN = re.compile(r"1[0-9]{7}", re.ASCII)


def check_upn(upn: str) -> str | None:
    """The fault of a unique pupil number, permanent or temporary: its form, or its check letter."""
    if not _UPN.fullmatch(upn):
        return "A UPN is a letter, eleven digits, and a digit (or a letter, when it is temporary)."
    if upn[0] not in _UPN_LETTERS or (upn[12].isalpha() and upn[12] not in _UPN_LETTERS):
        return "A UPN has none of the letters I, O and S."
    if upn[0] != upn_check_letter(upn[1:]):
        return "The first letter of this UPN does not fit its other characters: one of them is mistyped."
    return None


def upn_check_letter(rest: str) -> str:
    """The letter that the other twelve characters ask for."""
    values = [int(each) if each.isdigit() else _UPN_LETTERS.index(each) for each in rest]
    return _UPN_LETTERS[sum(weight * value for weight, value in enumerate(values, start=2)) % 23]


def check_laestab(laestab: str) -> str | None:
    """The fault of an establishment's number: the authority's three digits and four of its own."""
    if _LAESTAB.fullmatch(laestab):
        return None
    return "A LAESTAB is the three digits of the local authority and four digits, as 302/4001 or 3024001."


def check_urn(urn: str) -> str | None:
    """The fault of a unique reference number in the register of schools."""
    return None if _URN.fullmatch(urn) else "A URN has six digits and does not begin with 0."


def check_ukprn(ukprn: str) -> str | None:
    """The fault of a provider's reference number."""
    return None if _UKPRN.fullmatch(ukprn) else "A UKPRN has eight digits and begins with 1."
