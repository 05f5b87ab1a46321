"""Numbers that people read out over the telephone: random, without letters that look or sound alike."""

from __future__ import annotations

import secrets

# Crockford's base 32: no I, L, O or U
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_reference() -> str:
    """A case's reference, as WM-7K3Q-92F. It says nothing about the case, and is a proposal until it is recorded."""
    drawn = _draw(7)
    return f"WM-{drawn[:4]}-{drawn[4:]}"


def new_receipt(year: int) -> str:
    """A receipt's number, as R-2026-7K3Q92FM."""
    return f"R-{year}-{_draw(8)}"


def _draw(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))
