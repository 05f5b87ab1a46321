"""Who may be assigned as mediation adviser or mediator: the register of an authority, and the law it is held against. Pure.

That they are independent is law: employed by no council in England, no integrated care board and not by NHS England (CFA s.56(2), (3)).
What training they need may be set by regulations (s.56(1)(i), SEND reg.40). Accreditation is a voluntary standard of the profession, and
that only the accredited are assigned is a rule of this product: whoever a family turns to by itself is not touched by it.
Days are civil dates in Europe/London.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from statute.types import Citation, Evidence

WARN = timedelta(days=60)  # product default: how long before its last day an accreditation is warned of

# What was read: section 56 in the revised text of the Act; of regulation 40 nothing but what it is about.
INDEPENDENT = (Citation("CFA", "s.56(2)", Evidence.PRIMARY), Citation("CFA", "s.56(3)", Evidence.PRIMARY))
TRAINED = (Citation("CFA", "s.56(1)(i)", Evidence.PRIMARY), Citation("SEND", "reg.40", Evidence.NONE))

# Roles here that somebody holds only as an employee of the council, or of a health body. Which school is run by the council is not known.
OF_THE_COUNCIL = frozenset({"decision_maker", "la_administrator", "la_caseworker", "la_manager"})
OF_HEALTH = frozenset({"health_commissioner"})


class Employer(StrEnum):
    """Who employs a mediator, as far as the law asks."""

    NONE_OF_THESE = "none_of_these"
    LOCAL_AUTHORITY = "local_authority"
    INTEGRATED_CARE_BOARD = "integrated_care_board"
    NHS_ENGLAND = "nhs_england"


class Step(StrEnum):
    """What an entry of the register records."""

    ADDED = "added"
    RENEWED = "renewed"
    SUSPENDED = "suspended"


class Standing(StrEnum):
    """Where a mediator stands on a day."""

    ACCREDITED = "accredited"
    ENDS_SOON = "ends_soon"
    NOT_YET = "not_yet"
    ENDED = "ended"
    SUSPENDED = "suspended"
    NOT_INDEPENDENT = "not_independent"


@dataclass(frozen=True, slots=True)
class Training:
    """A course, and the day on which it was completed."""

    what: str
    on: date


@dataclass(frozen=True, slots=True)
class Accreditation:
    """By whom, under which number, from a day up to and with a day; and by whom the person is employed meanwhile."""

    body: str
    number: str
    accredited_on: date
    expires_on: date
    employer: str
    employed_by: Employer = Employer.NONE_OF_THESE
    training: tuple[Training, ...] = ()

    def holds(self, on: date) -> bool:
        """Whether it holds on a day; the last day is one on which it still does."""
        return self.accredited_on <= on <= self.expires_on


@dataclass(frozen=True, slots=True)
class Entry:
    """One version of what the register says of a person; a later one never changes an earlier one."""

    version: int
    step: Step
    accreditation: Accreditation
    why: str = ""


@dataclass(frozen=True, slots=True)
class No:
    """Why somebody cannot be assigned, and by what law."""

    say: str
    cites: tuple[Citation, ...] = field(default=())


def days_after(day: date, days: int) -> date:
    """A day so many days later, for who asks what ends until then; never past the end of the calendar."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))


def employed(roles: Collection[str], by: Employer) -> No | None:
    """Why somebody is not independent: by what the register says of the employer, or by their roles with this council."""
    if by is Employer.LOCAL_AUTHORITY or OF_THE_COUNCIL & set(roles):
        return No("This person is employed by a council, and so is not independent", INDEPENDENT)
    if by is not Employer.NONE_OF_THESE or OF_HEALTH & set(roles):
        return No("This person is employed by a health body, and so is not independent", INDEPENDENT)
    return None


def against(entries: Sequence[Entry], roles: Collection[str], on: date, today: date) -> No | None:
    """Why somebody cannot be assigned, nothing for who can. `entries` are theirs, the earliest first.

    It must hold on the day that counts in the case (`on`), under any of the accreditations, and today under the latest: whoever is
    assigned may read the case from now on.
    """
    if not entries:
        return employed(roles, Employer.NONE_OF_THESE) or No("This person is not in the register of mediators", TRAINED)
    latest = entries[-1]
    if (no := employed(roles, latest.accreditation.employed_by)) is not None:
        return no
    if latest.step is Step.SUSPENDED:
        return No("This mediator is suspended", TRAINED)
    for day, held in ((on, entries), (today, entries[-1:])):
        if not any(one.accreditation.holds(day) for one in held):
            return No(f"This mediator's accreditation does not hold on {day:%-d %B %Y}", TRAINED)
    return None


def standing(latest: Entry, today: date) -> Standing:
    """Where a mediator stands, by the latest entry alone: roles are looked at when somebody is to be assigned."""
    held = latest.accreditation
    if held.employed_by is not Employer.NONE_OF_THESE:
        return Standing.NOT_INDEPENDENT
    if latest.step is Step.SUSPENDED:
        return Standing.SUSPENDED
    if today < held.accredited_on:
        return Standing.NOT_YET
    if today > held.expires_on:
        return Standing.ENDED
    return Standing.ENDS_SOON if held.expires_on - today <= WARN else Standing.ACCREDITED
