"""Faults of the stack that runs Waymark: what went wrong, why it matters, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

FEW = 10  # so many names can be read at a glance; of all councils of England nobody looks for one in a paragraph


class StackFault(Exception):  # noqa: N818
    """Something around Waymark is not as it must be; the text is meant for the person at the terminal."""

    def __init__(self, what: str, why: str, do: str) -> None:
        super().__init__(what, why, do)
        self.what = what
        self.why = why
        self.do = do

    def __str__(self) -> str:
        return f"{self.what} {self.why} What to do: {self.do}"


def no_tenant(tenant: str, there: Iterable[str], which: str = "There") -> StackFault:
    """That a local authority is not here, with those that are: all of a few, and of many those of a similar name."""
    names = sorted(there)
    shown = names if len(names) <= FEW else get_close_matches(tenant, names, FEW, 0.5)
    said = f"{which} are: {', '.join(shown)}" if shown else f"{which} are {len(names)}, none of a similar name"
    if len(shown) < len(names) and shown:
        said = f"{which} are {len(names)}; of a similar name: {', '.join(shown)}"
    do = "choose one of them." if len(shown) == len(names) else "`waymark tenant list` has them all."
    return StackFault(f"There is no tenant {tenant} here.", f"{said}.", do)
