"""The place that is offered to one child: the first in the family's order where one is free, and why not each that comes before it.

Allocation by rank goes beyond the law in force: it is a pilot (`beyond_current_law`). So the model keeps two things apart. That no
place is free is a fact, and the algorithm may say it. It is no ground: a council must name the setting that was asked for unless a
ground of CFA s.39(4) applies, and whether one applies is a person's decision, with reasons. A full setting comes under it only where
the child's attendance would be incompatible with the efficient education of others, or with the efficient use of resources.

A family that accepts another place asks for that one; one that declines has lost nothing: what it asked for still has to be decided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from statute.placing import GROUNDS, NAME_ANOTHER, REQUEST
from statute.types import Citation


class Ground(StrEnum):
    """The only three grounds on which a setting that was asked for need not be named (CFA s.39(4))."""

    UNSUITABLE = "unsuitable"
    EDUCATION_OF_OTHERS = "education_of_others"
    USE_OF_RESOURCES = "use_of_resources"


GROUND_SAYS = {
    Ground.UNSUITABLE: "it is unsuitable for the child's age, ability, aptitude or special educational needs",
    Ground.EDUCATION_OF_OTHERS: "the child's attendance there would be incompatible with the efficient education of others",
    Ground.USE_OF_RESOURCES: "the child's attendance there would be incompatible with the efficient use of resources",
}


class Outcome(StrEnum):
    """What became of one preference."""

    OFFERED = "offered"
    NO_PLACE = "no_place"  # a fact at that moment, and no ground
    NOT_TOLD = "not_told"  # nobody told whether there is a place: a person has to ask
    GROUND = "ground"  # a person's decision
    NOT_REACHED = "not_reached"  # it comes after the one that is offered


@dataclass(frozen=True, slots=True)
class Judgement:
    """A decision maker's ground for one setting and one child, with reasons. `by` is an opaque id."""

    ground: Ground
    reasons: str
    by: str

    def __post_init__(self) -> None:
        if not self.reasons.strip() or not self.by:
            raise ValueError("a ground of CFA s.39(4) is a person's decision, with reasons")


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one preference, in words for the family. `owed`: before another is named, a person must state a ground for it."""

    setting: str
    preference: int  # from 1
    outcome: Outcome
    say: str
    cites: tuple[Citation, ...]
    ground: Ground | None = None
    owed: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """What is offered ('' where nothing could be: then a person goes on), and an answer to every preference."""

    setting: str
    answers: tuple[Answer, ...]

    @property
    def owed(self) -> tuple[str, ...]:
        """The settings for which a person still has to state a ground, before another than these is named."""
        return tuple(answer.setting for answer in self.answers if answer.owed)


def offer(preferences: Sequence[str], places: Mapping[str, int], judged: Mapping[str, Judgement] | None = None) -> Offer:
    """The first setting in the order of preference that has a place and against which no ground was stated.

    `places` are the free ones at that moment, by setting; one that is not there was never told. Taking the place is the store's act.

    :raises ValueError: a setting is preferred twice.
    """
    if len(set(preferences)) != len(preferences):
        raise ValueError("a setting is preferred twice")
    stated = judged or {}
    chosen = next((one for one in preferences if one not in stated and places.get(one, 0) > 0), "")
    answers = []
    for n, setting in enumerate(preferences, 1):
        after = chosen != "" and n > preferences.index(chosen) + 1
        answers.append(_answer(setting, n, chosen, places, stated.get(setting), after=after))
    return Offer(chosen, tuple(answers))


def _answer(setting: str, n: int, chosen: str, places: Mapping[str, int], judgement: Judgement | None, *, after: bool) -> Answer:
    if setting == chosen:
        say = "A place is offered here and kept for you. You may accept it, and then it is the one that you ask for, or decline it."
        return Answer(setting, n, Outcome.OFFERED, say, (REQUEST,))
    if judgement is not None:
        say = f"A decision maker of the council stated the ground that {GROUND_SAYS[judgement.ground]}. The reasons are with it."
        return Answer(setting, n, Outcome.GROUND, say, (GROUNDS, NAME_ANOTHER), judgement.ground)
    if after:
        say = "You put it after the one that is offered. You may still ask for it."
        return Answer(setting, n, Outcome.NOT_REACHED, say, (REQUEST,))
    if setting in places:
        say = (
            "No place was free at that moment. That by itself is no reason in law: unless you choose another, "
            "the council must name it, or a person must state one of the three grounds of the law, with reasons."
        )
        return Answer(setting, n, Outcome.NO_PLACE, say, (GROUNDS,), owed=True)
    say = "Whether it has a place was not told. The council has to ask it, and must name it unless a person states one of the three grounds of the law."
    return Answer(setting, n, Outcome.NOT_TOLD, say, (GROUNDS,), owed=True)
