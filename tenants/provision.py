"""A draft plan's provision beside what a catalogue expects: what is missing, below it, or other than it. Pure and deterministic.

More than the standard is never a departure: another item, more minutes, more often, or a higher tier makes none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tenants.standards import A_YEAR, RANK, Amount, Catalogue, Phase, Provider, Section, Standard, Tier


class Gap(StrEnum):
    """How a plan departs from a standard."""

    MISSING = "missing"
    BELOW = "below"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Need:
    """A need that the plan states, and the tier at which it is to be met."""

    code: str
    tier: Tier


@dataclass(frozen=True, slots=True)
class Item:
    """One line of provision. `what` is a word of the catalogues, or the author's own; an amount is not always known."""

    section: Section
    need: str
    what: str
    tier: Tier
    provided_by: Provider
    amount: Amount | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """A standard that the plan does not meet, of which version of which catalogue; `item` is the line that comes nearest."""

    gap: Gap
    catalogue: str
    version: int
    standard: Standard
    item: int | None = None

    @property
    def name(self) -> str:
        """By what a reason refers to it."""
        return f"{self.catalogue}/{self.standard.name}"


def expected(catalogue: Catalogue, needs: Iterable[Need], phase: Phase) -> tuple[Standard, ...]:
    """The standards that are for one of these needs at its tier, in this phase, in the order of the catalogue."""
    asked = set(needs)
    return tuple(
        one
        for one in catalogue.standards
        if phase in one.phases and any(need.tier is one.tier and need.code in one.needs for need in asked)
    )


def compare(needs: Sequence[Need], phase: Phase, items: Sequence[Item], *catalogues: Catalogue) -> tuple[Departure, ...]:
    """Every departure from every catalogue, in the order of the catalogues and of their standards."""
    found, by_word = [], defaultdict[str, list[tuple[int, Item]]](list)
    for n, item in enumerate(items):
        by_word[item.what].append((n, item))
    for catalogue in catalogues:
        for standard in expected(catalogue, needs, phase):
            gap = _gap(standard, by_word.get(standard.what, ()))
            if gap is not None:
                found.append(Departure(gap[0], catalogue.name, catalogue.version, standard, gap[1]))
    return tuple(found)


def _gap(standard: Standard, items: Sequence[tuple[int, Item]]) -> tuple[Gap, int | None] | None:
    """How the numbered items of its word fall short of a standard, and which comes nearest; nothing where they meet it."""
    about = [(n, one) for n, one in items if one.need in standard.needs]
    if not about:
        return Gap.MISSING, None
    fit = [(n, one) for n, one in about if _fits(standard, one)]
    if not fit:
        return Gap.OTHER, about[0][0]
    if standard.at_least is None or _minutes(standard.at_least, [one for _, one in fit]) >= standard.at_least.a_year:
        return None
    return Gap.BELOW, max(fit, key=lambda each: (each[1].amount.a_year if each[1].amount else 0, -each[0]))[0]


def _fits(standard: Standard, item: Item) -> bool:
    """Whether it is the same thing: in that section, at that tier or a higher one, by one of those who are to provide it."""
    return item.section is standard.section and RANK[item.tier] >= RANK[standard.tier] and item.provided_by in standard.by


def _minutes(least: Amount, items: Iterable[Item]) -> int:
    """Minutes in a school year of what comes at least as often as the standard asks: a day a year is no half hour a week."""
    return sum(one.amount.a_year for one in items if one.amount is not None and A_YEAR[one.amount.every] >= A_YEAR[least.every])
