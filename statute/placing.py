"""The tailored list: which settings of the local inclusion plan suit one child, with a reason for every setting, in and out.

The list is no law (a proposal of 2023, tested since 2024 as an advisory list). It only advises: the family may ask for any
setting of CFA s.38(3), on the list or not. So it follows the law where the law speaks: no code of need and no full class rules a
mainstream setting out (CFA s.33), and a full setting stays on the list, because that by itself is no ground to refuse it (CFA s.39(4)).

Places on the ground are eastings and northings of the National Grid, in whole metres: distances are then exact in integers, and the
same everywhere. They are rounded to 100 metres before they are shown or kept, so that no list tells where a child lives.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isqrt

from statute.explain import written
from statute.types import Citation, Evidence

RULE = "tailored_list/1"  # stored with every list; any change of what follows is a new one
ROUNDED_TO = 100  # metres
USUAL_REACH = 16_000  # metres in a straight line, about ten miles: the product's default, a council sets its own
TOLD_LATELY = 30  # days after which a capacity is called old: the product's default

CFA = "Children and Families Act 2014"
MAINSTREAM = Citation(CFA, "s.33", Evidence.NONE)
REQUEST = Citation(CFA, "s.38(3)", Evidence.NONE)
GROUNDS = Citation(CFA, "s.39(4)", Evidence.SECONDARY)
NAME_ANOTHER = Citation(CFA, "s.39(5)", Evidence.NONE)
NAME_A_TYPE = Citation(CFA, "s.40", Evidence.NONE)
INDEPENDENT = Citation("Education Act 1996", "s.9", Evidence.NONE)

# The primary types of need in the SEN2 return (Education Act 1996 s.29): codes and how they are called.
NEEDS = {
    "SPLD": "specific learning difficulty",
    "MLD": "moderate learning difficulty",
    "SLD": "severe learning difficulty",
    "PMLD": "profound and multiple learning difficulty",
    "SEMH": "social, emotional and mental health",
    "SLCN": "speech, language and communication needs",
    "HI": "hearing impairment",
    "VI": "vision impairment",
    "MSI": "multi-sensory impairment",
    "PD": "physical disability",
    "ASD": "autistic spectrum disorder",
    "DS": "Down syndrome",
    "OTH": "other difficulty or disability",
}


class Phase(StrEnum):
    """Where a child goes in a phase of education."""

    NURSERY = "nursery"
    PRIMARY = "primary"
    MIDDLE = "middle"
    SECONDARY = "secondary"
    POST_16 = "post_16"


class Category(StrEnum):
    """What a setting is in law: all but the last may be asked for under CFA s.38(3)."""

    MAINTAINED_SCHOOL = "maintained_school"
    MAINTAINED_NURSERY = "maintained_nursery"
    ACADEMY = "academy"
    FURTHER_EDUCATION = "further_education"
    NON_MAINTAINED_SPECIAL = "non_maintained_special"
    APPROVED_SCHOOL = "section_41_school"
    APPROVED_POST_16 = "section_41_post_16"
    INDEPENDENT = "independent"

    @property
    def requestable(self) -> bool:
        """Whether CFA s.38(3) names it."""
        return self is not Category.INDEPENDENT


@dataclass(frozen=True, slots=True)
class Point:
    """A place on the National Grid, in metres."""

    easting: int
    northing: int

    def metres_to(self, other: Point) -> int:
        """The straight line, in metres, rounded to the nearest 100."""
        exact = isqrt((self.easting - other.easting) ** 2 + (self.northing - other.northing) ** 2)
        return (exact + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO


@dataclass(frozen=True, slots=True)
class Line:
    """One setting in one phase, as the local inclusion plan has it. `setting` is an opaque id.

    Years are those of the National Curriculum, 0 for Reception. `free` places are as told on `as_of`; None: nobody told.
    """

    setting: str
    phase: Phase
    first_year: int
    last_year: int
    category: Category
    mainstream: bool
    needs: frozenset[str] = frozenset()
    at: Point | None = None
    free: int | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What the list asks about a child. Where the child lives is used here and kept nowhere."""

    phase: Phase
    year: int
    code: str
    at: Point | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a setting is on the list, not on it, or where it is on it; `speaks_for` tells the two apart."""

    name: str
    say: str
    speaks_for: bool
    cites: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One setting of the plan, in or out, and every reason. The mainstream option without a setting is a type (CFA s.40)."""

    setting: str
    phase: Phase
    listed: bool
    rank: int  # from 1; 0: not listed
    mainstream: bool
    reasons: tuple[Reason, ...]
    metres: int | None = None
    free: int | None = None
    as_of: date | None = None


@dataclass(frozen=True, slots=True)
class TailoredList:
    """All settings of the plan: those listed by rank, then the others. It advises and binds nobody."""

    rule: str
    on: date
    need: str
    phase: Phase
    year: int
    reach: int
    entries: tuple[Entry, ...]
    say: str
    cites: tuple[Citation, ...]

    @property
    def listed(self) -> tuple[Entry, ...]:
        """Those that are on it, the first first."""
        return tuple(entry for entry in self.entries if entry.listed)


ANY_SETTING = "This list only advises. You may ask for any school or college that the law lets you ask for, on this list or not, and mainstream education is always open to you."


def build_list(need: Need, lines: Iterable[Line], on: date, reach: int = USUAL_REACH) -> TailoredList:
    """The list for one child on a day; the same for the same input, in whatever order the lines come.

    :raises ValueError: a need that is no code of the SEN2 return, or a plan that has a setting twice in one phase.
    """
    if need.code not in NEEDS:
        raise ValueError(f"{need.code} is no code of need")
    known = sorted(lines, key=lambda line: (line.setting, line.phase))
    if len({(line.setting, line.phase) for line in known}) != len(known):
        raise ValueError("a setting is in the plan twice for one phase")
    judged = [(line, _reasons(need, line, on, reach)) for line in known]
    inside = [line for line, reasons in judged if all(reason.speaks_for or reason.name in _ORDER_ONLY for reason in reasons)]
    nearest = None if any(line.mainstream for line in inside) else _nearest_mainstream(need, known)
    if nearest is not None:
        inside.append(nearest)
    inside.sort(key=lambda line: _order(need, line))
    ranks = {(line.setting, line.phase): n for n, line in enumerate(inside, 1)}
    entries = [_entry(need, line, reasons, ranks.get((line.setting, line.phase), 0), line is nearest) for line, reasons in judged]
    if not any(entry.listed and entry.mainstream for entry in entries):
        entries.append(Entry("", need.phase, True, len(inside) + 1, True, (_A_TYPE,)))
    entries.sort(key=lambda entry: (not entry.listed, entry.rank, entry.setting, entry.phase))
    return TailoredList(RULE, on, need.code, need.phase, need.year, reach, tuple(entries), ANY_SETTING, (REQUEST, MAINSTREAM))


_ORDER_ONLY = frozenset({"no_place_told", "capacity_unknown", "capacity_old", "need_not_in_plan", "distance_unknown", "not_requestable"})
_A_TYPE = Reason(
    "mainstream_type",
    "The plan has no mainstream setting for this year. A mainstream school or college is open to you all the same, and can be named as a type.",
    True,
    (MAINSTREAM, NAME_A_TYPE),
)
_STAYS = Reason(
    "mainstream_stays",
    "It is the nearest mainstream setting for this year: one is always on the list, whatever else is said.",
    True,
    (MAINSTREAM,),
)


def _reasons(need: Need, line: Line, on: date, reach: int) -> tuple[Reason, ...]:
    return (
        _of_phase(need, line),
        _of_year(need, line),
        _of_need(need, line),
        _of_distance(need, line, reach),
        *_of_places(line, on),
        *_of_law(line),
    )


def _of_phase(need: Need, line: Line) -> Reason:
    if line.phase is need.phase:
        return Reason("of_this_phase", f"It is for the {_said(need.phase)} phase.", True)
    return Reason("of_another_phase", f"It is for the {_said(line.phase)} phase, and the list is for {_said(need.phase)}.", False)


def _of_year(need: Need, line: Line) -> Reason:
    if line.first_year <= need.year <= line.last_year:
        return Reason("has_this_year", f"It has {_year(need.year)}.", True)
    return Reason("has_not_this_year", f"It has {_year(line.first_year)} to {_year(line.last_year)}, and not {_year(need.year)}.", False)


def _of_need(need: Need, line: Line) -> Reason:
    said = NEEDS[need.code]
    if need.code in line.needs:
        return Reason("meets_need", f"The local inclusion plan says that it meets this need: {said}.", True)
    if line.mainstream:
        say = f"The local inclusion plan does not name this need for it: {said}. A mainstream setting is not left out for that."
        return Reason("need_not_in_plan", say, False, (MAINSTREAM,))
    return Reason("does_not_meet_need", f"The local inclusion plan does not say that it meets this need: {said}.", False)


def _of_distance(need: Need, line: Line, reach: int) -> Reason:
    metres = _metres(need, line)
    if metres is None:
        return Reason("distance_unknown", "How far away it is, is not known here.", False)
    say = f"It is about {metres / 1000:.1f} km away in a straight line"
    if metres <= reach:
        return Reason("within_reach", f"{say}.", True)
    return Reason("beyond_reach", f"{say}, and the council's own reach for this list is {reach / 1000:.1f} km.", False)


def _of_places(line: Line, on: date) -> tuple[Reason, ...]:
    if line.free is None or line.as_of is None:
        return (Reason("capacity_unknown", "Nobody has told how many places are free.", False),)
    told = f"as told on {written(line.as_of)}"
    if line.free <= 0:
        say = f"No place was free, {told}. That by itself is no reason in law to refuse it."
        return (Reason("no_place_told", say, False, (GROUNDS,)),)
    found = Reason("has_places", f"{line.free} free, {told}.", True)
    old = (on - line.as_of).days > TOLD_LATELY
    return (found, Reason("capacity_old", f"That was told more than {TOLD_LATELY} days ago.", False)) if old else (found,)


def _of_law(line: Line) -> tuple[Reason, ...]:
    if line.category.requestable:
        return (Reason("requestable", "The law lets you ask for it to be named.", True, (REQUEST,)),)
    say = "It is wholly independent: you may say that you want it, and the council must consider that, but the duty to name it does not apply."
    return (Reason("not_requestable", say, False, (INDEPENDENT,)),)


def _nearest_mainstream(need: Need, lines: Iterable[Line]) -> Line | None:
    """The one that stays on the list when no mainstream setting is within reach."""
    fit = [line for line in lines if line.mainstream and line.phase is need.phase and line.first_year <= need.year <= line.last_year]
    return min(fit, key=lambda line: _order(need, line)[2:], default=None)


def _order(need: Need, line: Line) -> tuple[bool, bool, bool, int, str]:
    """Those with a place first, then those that meet the need, then by distance, then by id: never by anything about the family."""
    metres = _metres(need, line)
    return (not (line.free or 0) > 0, need.code not in line.needs, metres is None, metres or 0, line.setting)


def _metres(need: Need, line: Line) -> int | None:
    return need.at.metres_to(line.at) if need.at is not None and line.at is not None else None


def _entry(need: Need, line: Line, reasons: tuple[Reason, ...], rank: int, stays: bool) -> Entry:
    told = (*reasons, _STAYS) if stays else reasons
    return Entry(line.setting, line.phase, rank > 0, rank, line.mainstream, told, _metres(need, line), line.free, line.as_of)


def _said(phase: Phase) -> str:
    return phase.value.replace("_", "-")


def _year(year: int) -> str:
    return "Reception" if year == 0 else "nursery" if year < 0 else f"Year {year}"
