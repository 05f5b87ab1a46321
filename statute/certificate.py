"""What a proof comes to: a certificate, or the shortest path that breaks the law, in words that a parent can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from statute.definition import Process, Sense, Span
from statute.paths import words
from statute.types import Citation, Force


class Unproven(Exception):  # noqa: N818 - it says what is so: the walk did not end, so nothing is shown
    """There are more states than the cap: neither a certificate nor a counter-example."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """Every path was walked and none breaks a rule. `routes` is the shortest lawful way to each ending.

    `national` is the fingerprint of the process of the law that it was held against: its own where it was held against none.
    `limits` are the latest lawful days of what the law asks of anybody, in words: "6 weeks from received on".
    """

    process: str
    version: int
    national: str
    digest: str
    states: int
    transitions: int
    routes: Mapping[str, tuple[str, ...]]
    limits: Mapping[str, str]

    @property
    def longest(self) -> tuple[str, tuple[str, ...]]:
        """The ending to which even the shortest lawful way is the longest, and that way."""
        return max(self.routes.items(), key=lambda route: len(route[1]), default=("", ()))

    def as_document(self) -> dict[str, object]:
        """It as plain values, to be stored beside the fingerprint that it vouches for."""
        return {
            "process": self.process,
            "version": self.version,
            "national": self.national,
            "digest": self.digest,
            "states": self.states,
            "transitions": self.transitions,
            "routes": [{"ending": ending, "steps": list(steps)} for ending, steps in self.routes.items()],
            "longest": self.longest[0],
            "limits": dict(self.limits),
        }


@dataclass(frozen=True, slots=True)
class CounterExample:
    """The shortest path that breaks a rule: what is wrong, why, by what law, and how to get there, step by step.

    `say` is all of it in one sentence: "If the draft plan is sent on 1 March, then ... in week 9; SEND reg.22(4)".
    """

    process: str
    digest: str
    rule: str  # the act, outcome, stage or deadline that it is about
    what: str
    why: str
    cites: tuple[Citation, ...]
    path: tuple[str, ...]
    say: str

    def as_document(self) -> dict[str, object]:
        """It as plain values."""
        return {
            "process": self.process,
            "digest": self.digest,
            "rule": self.rule,
            "say": self.say,
            "what": self.what,
            "why": self.why,
            "cites": [str(cite) for cite in self.cites],
            "path": list(self.path),
        }

    def __str__(self) -> str:
        cited = f" ({', '.join(map(str, self.cites))})" if self.cites else ""
        return f"{self.what}. {self.why}{cited}. Path: {' -> '.join(self.path) or 'none'}"


def limits(process: Process) -> dict[str, str]:
    """The latest lawful day of each ceiling in law, in words."""
    told = {}
    for deadline in process.deadlines.values():
        if deadline.force is Force.MUST and deadline.sense is not Sense.AT_LEAST:
            told[deadline.name] = " or, if later, ".join(_limit(deadline.sense, span, name) for span, name in deadline.spans)
    return told


def _limit(sense: Sense, span: Span | None, trigger: str) -> str:
    if span is None:
        return f"as soon as practicable from {words(trigger)}"
    if sense is Sense.BY:
        return f"by {words(trigger)}"
    if not span.number:
        return f"on the day of {words(trigger)}"
    return f"{span} {'before' if sense is Sense.BEFORE else 'from'} {words(trigger)}"
