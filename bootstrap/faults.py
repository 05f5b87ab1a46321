"""Faults of the stack that runs Waymark: what went wrong, why it matters, and what to do about it."""

from __future__ import annotations


class StackFault(Exception):  # noqa: N818
    """Something around Waymark is not as it must be; the text is meant for the person at the terminal."""

    def __init__(self, what: str, why: str, do: str) -> None:
        super().__init__(what, why, do)
        self.what = what
        self.why = why
        self.do = do

    def __str__(self) -> str:
        return f"{self.what} {self.why} What to do: {self.do}"
