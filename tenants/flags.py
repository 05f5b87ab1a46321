"""The flags that a council may set, and the cohort to which one applies: a group of cases, never a child.

A flag chooses between the law as it is (the default) and a pilot (`workflows/definitions/pilots`). It is set for a council with dates, a
legal basis and two people, and is pinned to a case when it opens: docs/decisions/0021-flags-and-pilots.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any
from uuid import UUID

from statute.types import Fault


@dataclass(frozen=True, slots=True)
class Flag:
    """A choice that a council has, by name; `variants` with a sentence each, the default first: it is the law as it is."""

    name: str
    say: str
    variants: Mapping[str, str]

    @property
    def default(self) -> str:
        """What holds for everybody where nothing is set."""
        return next(iter(self.variants))


KNOWN: Mapping[str, Flag] = MappingProxyType(
    {
        flag.name: flag
        for flag in (
            Flag(
                "mediation",
                "How mediation comes before an appeal",
                {
                    "certificate": "The law: a family contacts an adviser, may decline mediation, and gets a certificate",
                    "strengthened": "Mediation stays the family's choice; the council promises more of itself",
                    "mandatory": "Mediation has to be tried before an appeal, but for the exemptions. Beyond the law in force",
                },
            ),
            Flag(
                "tailored_list",
                "Whether a family is given a list of settings that fit",
                {
                    "off": "The law: the family asks for any setting of the kinds that the Act names",
                    "advisory": "The family is given a list as advice, and may ask for a setting that is not on it",
                    "ranked": "The family ranks the list and the first place that is free is offered. Beyond the law in force",
                },
            ),
            Flag(
                "ap_tiers",
                "Whether alternative provision is recorded in three tiers",
                {"off": "The law, which knows no tiers", "on": "Targeted support, time-limited placements and transitional placements"},
            ),
        )
    }
)

PHASES = ("early_years", "primary", "secondary", "post_16")
_FIRST_YEAR = MappingProxyType({"primary": 0, "secondary": 7, "post_16": 12})  # Reception counts as year 0
LEAST_IN_COHORT = 5  # children born in the years that a cohort names: fewer would single somebody out


@dataclass(frozen=True, slots=True)
class Cohort:
    """Which cases a flag applies to. All that is given has to hold; nothing given: every case.

    Years of birth are academic years by the year in which they begin (2015: 1 September 2015 to 31 August 2016), so that no cohort can
    name a birthday. `percent` takes a stable share of the children by a hash of an opaque id: more percent only ever adds children.
    """

    processes: tuple[str, ...] = ()
    phases: tuple[str, ...] = ()
    born_from: int | None = None
    born_to: int | None = None
    percent: int = 100

    def written(self) -> dict[str, Any]:
        """As it is stored: only what narrows."""
        given = {
            "processes": list(self.processes),
            "phases": list(self.phases),
            "born_from": self.born_from,
            "born_to": self.born_to,
            "percent": self.percent,
        }
        return {name: value for name, value in given.items() if value not in ([], None) and (name, value) != ("percent", 100)}

    def takes_in(self, flag: str, process: str, child: Child | None, day: date) -> bool:
        """Whether a case of this process that opens on this day for this child is among them; without a child, only where none is asked about."""
        if self.processes and process not in self.processes:
            return False
        if child is None:
            return not self.phases and self.born_from is None and self.born_to is None and self.percent == 100
        year = academic_year(child.born_on)
        if (self.born_from is not None and year < self.born_from) or (self.born_to is not None and year > self.born_to):
            return False
        if self.phases and phase_of(child.born_on, day) not in self.phases:
            return False
        return share(flag, child.id) < self.percent


@dataclass(frozen=True, slots=True)
class Child:
    """What a cohort may ask about a child: an opaque id, for the share, and the birthday, for the year and the phase."""

    id: UUID
    born_on: date


def cohort_of(stored: Mapping[str, Any]) -> Cohort:
    """A cohort as it was stored."""
    return Cohort(
        processes=tuple(stored.get("processes", ())),
        phases=tuple(stored.get("phases", ())),
        born_from=stored.get("born_from"),
        born_to=stored.get("born_to"),
        percent=stored.get("percent", 100),
    )


def faults_of(cohort: Cohort, processes: frozenset[str]) -> list[Fault]:
    """What is wrong with a cohort; `processes` are those that the pilot changes."""
    found = []
    for name in cohort.processes:
        if name not in processes:
            known = ", ".join(sorted(processes)) or "none"
            found.append(
                Fault("cohort.processes", f"{name} is no process that this pilot changes", "it would do nothing there", f"name of {known}")
            )
    for name in cohort.phases:
        if name not in PHASES:
            found.append(
                Fault("cohort.phases", f"{name} is no phase", "a cohort is told in words that all share", f"use {', '.join(PHASES)}")
            )
    for path, year in (("cohort.bornFrom", cohort.born_from), ("cohort.bornTo", cohort.born_to)):
        if year is not None and not 1980 <= year <= 2100:
            found.append(Fault(path, "is no year", "an academic year is named by the year in which it begins", "give a year, such as 2015"))
    if cohort.born_from is not None and cohort.born_to is not None and cohort.born_to < cohort.born_from:
        found.append(Fault("cohort.bornTo", "lies before bornFrom", "nobody would be in it", "correct one of the two"))
    if not 1 <= cohort.percent <= 100:
        found.append(Fault("cohort.percent", "is no share", "a share is taken of the children", "give 1 to 100"))
    return found


def share(flag: str, child: UUID) -> int:
    """Where a child falls among a hundred equal parts for a flag: the same for ever, and for each flag anew."""
    return int.from_bytes(hashlib.sha256(f"{flag}:{child}".encode()).digest()[:8], "big") % 100


def academic_year(day: date) -> int:
    """The academic year of a day by the year in which it begins, on 1 September."""
    return day.year if day.month >= 9 else day.year - 1


def phase_of(born_on: date, day: date) -> str:
    """The phase in which somebody born then is in the usual course on a day: Reception begins in September after the fourth birthday.

    A grouping for cohorts and not a rule of law: where a child really learns is not asked.
    """
    year = academic_year(day) - academic_year(born_on) - 5
    return next((name for name in reversed(_FIRST_YEAR) if year >= _FIRST_YEAR[name]), "early_years")
