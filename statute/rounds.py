"""A round of phase transfers: places for many children at once, by deferred acceptance in which the children propose.

The outcome is stable (nobody could rightly say "I come before a child who has a place there that I wanted more"), it is the best
stable one for every child, and no family can gain by giving another order than its true one (Gale and Shapley 1962; Roth 1982).
It is a pilot and no law: children with plans are admitted because the plan names the setting (CFA s.43), so the criteria below
order offers and nothing else, and a place that went to another child is no ground to refuse (`statute.offering`).

A round never makes anybody wait. A child whose statutory date does not lie after the round's day is offered a place alone, before it;
a child whose family still has time to say what it wants (15 days, SEND reg.13(1)(a), reg.22(2)(c)) is not in the round yet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256

from statute.offering import Answer, Judgement, Outcome, offer
from statute.placing import GROUNDS

RULE = "deferred_acceptance/1"
_FAR = 10**9  # metres: a distance that is not known comes after every one that is


@dataclass(frozen=True, slots=True)
class Claim:
    """How a child stands to one setting under the declared criteria: a named reason ('' for none), and the distance in metres."""

    reason: str = ""
    metres: int | None = None


@dataclass(frozen=True, slots=True)
class Applicant:
    """One child in the cohort, by the opaque id of the case.

    `due` is the last day on which the council may lawfully send the plan that names the setting; `window_ends` the last day of the
    family's time to say what it wants (None: it has not begun). A setting in `judged` was refused by a person on a ground of law.
    """

    case: str
    preferences: tuple[str, ...]
    due: date | None = None
    window_ends: date | None = None
    claims: Mapping[str, Claim] = field(default_factory=dict)
    judged: Mapping[str, Judgement] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Criteria:
    """What was declared before the round: its opaque name (it seeds the tie-break), and the named reasons, the strongest first."""

    name: str
    reasons: tuple[str, ...] = ()

    def priority(self, applicant: Applicant, setting: str) -> tuple[int, int, str]:
        """A child's place in the order of one setting, the smallest first: named reason, distance, then a draw that nobody can steer."""
        claim = applicant.claims.get(setting, Claim())
        reason = self.reasons.index(claim.reason) if claim.reason in self.reasons else len(self.reasons)
        return (reason, _FAR if claim.metres is None else claim.metres, self.draw(applicant.case))

    def draw(self, case: str) -> str:
        """The stable tie-break: a hash of the round's name and the case's opaque id, so that it can be checked and not chosen."""
        return sha256(f"{self.name}:{case}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Placed:
    """What the round has for one child: a setting, or '' where a person goes on, and an answer to every preference."""

    case: str
    setting: str
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Round:
    """What a round comes to. `alone` are offered a place individually before it, `not_yet` still have time to say what they want."""

    rule: str
    on: date
    placed: tuple[Placed, ...]
    alone: tuple[str, ...]
    not_yet: tuple[str, ...]


def run(applicants: Iterable[Applicant], places: Mapping[str, int], criteria: Criteria, on: date) -> Round:
    """The round of a day; the same for the same input, in whatever order the children come.

    :raises ValueError: a child is there twice, or prefers a setting twice.
    """
    everybody = sorted(applicants, key=lambda one: one.case)
    if len({one.case for one in everybody}) != len(everybody):
        raise ValueError("a case is in the round twice")
    if any(len(set(one.preferences)) != len(one.preferences) for one in everybody):
        raise ValueError("a setting is preferred twice")
    alone = tuple(one.case for one in everybody if one.due is not None and one.due <= on)
    not_yet = tuple(one.case for one in everybody if one.case not in alone and (one.window_ends is None or one.window_ends >= on))
    inside = [one for one in everybody if one.case not in alone and one.case not in not_yet]
    held = propose(inside, places, criteria)
    given = {case: setting for setting, cases in held.items() for case in cases}
    known = {one.case: one for one in inside}
    placed = tuple(_placed(one, given.get(one.case, ""), held, places, criteria, known) for one in inside)
    return Round(RULE, on, placed, alone, not_yet)


def propose(applicants: Collection[Applicant], places: Mapping[str, int], criteria: Criteria) -> dict[str, list[str]]:
    """Deferred acceptance: setting -> the cases that keep a place, the first in its order first."""
    known = {one.case: one for one in applicants}
    wants = {one.case: [setting for setting in one.preferences if setting in places and setting not in one.judged] for one in applicants}
    held: dict[str, list[str]] = {setting: [] for setting in sorted(places)}
    asked = dict.fromkeys(wants, 0)
    waiting = sorted(wants)
    while waiting:
        case = waiting.pop()
        if asked[case] == len(wants[case]):
            continue  # every setting that it wanted has said no
        setting = wants[case][asked[case]]
        asked[case] += 1
        order = sorted([*held[setting], case], key=lambda one: criteria.priority(known[one], setting))
        held[setting] = order[: max(places[setting], 0)]
        waiting.extend(order[len(held[setting]) :])
    return held


def _placed(
    one: Applicant,
    setting: str,
    held: Mapping[str, Sequence[str]],
    places: Mapping[str, int],
    criteria: Criteria,
    known: Mapping[str, Applicant],
) -> Placed:
    """The answers, in the words of a single offer: to this child exactly one place is free, the one that the round gives."""
    seen = {name: int(name == setting) for name in one.preferences if name in places}
    answers = []
    for answer in offer(one.preferences, seen, one.judged).answers:
        if answer.outcome is Outcome.NO_PLACE:
            say = f"{_why(one, answer.setting, held[answer.setting], criteria, known)} {answer.say.partition('. ')[2]}"
            answer = Answer(answer.setting, answer.preference, answer.outcome, say, (GROUNDS,), owed=True)
        answers.append(answer)
    return Placed(one.case, setting, tuple(answers))


def _why(one: Applicant, setting: str, admitted: Sequence[str], criteria: Criteria, known: Mapping[str, Applicant]) -> str:
    """By which criterion the last of those who have a place there comes before this child: never who that is."""
    if not admitted:
        return "It has no place in this round."
    last, own = criteria.priority(known[admitted[-1]], setting), criteria.priority(one, setting)
    by = next(n for n, (theirs, mine) in enumerate(zip(last, own, strict=True)) if theirs != mine)
    said = (
        "they have a reason that was declared for this round",
        "they live nearer to it",
        "the draw between equals, which can be checked, put them first",
    )
    places = "Its one place in this round goes" if len(admitted) == 1 else f"Its {len(admitted)} places in this round go"
    return f"{places} to children who come before: {said[by]}."
