"""What provision to expect for which need, at which tier, and by whom: one version of a catalogue, read strictly, with every fault at once.

There are two kinds: an example of the National Standards that were proposed and never published, and what a council's local inclusion plan
offers. Neither is law: nothing here may stop a step of a procedure. How often is counted in a school year of 190 days in 38 weeks and three
terms, which is a product default that only compares one number with another.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from statute.parse import digest_of
from statute.reader import Reader, oversized
from statute.types import Fault, Faulty

NATIONAL, LOCAL = "national_standards", "local_provision"
MOST_MINUTES = 100_000
MOST_ENTRIES = 2000
LONGEST_SENTENCE = 2000

# The types of special educational need of the SEN2 return, with the words for a parent. From knowledge of the return of 2026.
NEEDS: Mapping[str, str] = {
    "ASD": "Autistic spectrum disorder",
    "DS": "Down syndrome",
    "HI": "Hearing impairment",
    "MLD": "Moderate learning difficulty",
    "MSI": "Multi-sensory impairment",
    "OTH": "Another difficulty or disability",
    "PD": "Physical disability",
    "PMLD": "Profound and multiple learning difficulty",
    "SEMH": "Social, emotional and mental health",
    "SLCN": "Speech, language and communication needs",
    "SLD": "Severe learning difficulty",
    "SPLD": "Specific learning difficulty",
    "VI": "Vision impairment",
}


class Tier(StrEnum):
    """How far the provision goes beyond what everybody gets; in this order."""

    UNIVERSAL = "universal"
    TARGETED = "targeted"
    SPECIALIST = "specialist"


class Phase(StrEnum):
    """The phase of education."""

    EARLY_YEARS = "early_years"
    PRIMARY = "primary"
    SECONDARY = "secondary"
    POST_16 = "post_16"


class Provider(StrEnum):
    """Who provides."""

    SETTING = "setting"
    LOCAL_AUTHORITY = "local_authority"
    HEALTH_BODY = "health_body"


class Section(StrEnum):
    """The sections of a plan that hold provision (SEND reg.12(1): special educational, health, social care)."""

    F = "F"
    G = "G"
    H1 = "H1"
    H2 = "H2"


class Every(StrEnum):
    """How often; from the most often."""

    DAY = "day"
    WEEK = "week"
    FORTNIGHT = "fortnight"
    HALF_TERM = "half_term"
    TERM = "term"
    YEAR = "year"


RANK: Mapping[Tier, int] = {tier: n for n, tier in enumerate(Tier)}
A_YEAR: Mapping[Every, int] = {
    Every.DAY: 190,
    Every.WEEK: 38,
    Every.FORTNIGHT: 19,
    Every.HALF_TERM: 6,
    Every.TERM: 3,
    Every.YEAR: 1,
}  # how many of them a school year has


@dataclass(frozen=True, slots=True)
class Amount:
    """So many minutes, so often."""

    minutes: int
    every: Every

    @property
    def a_year(self) -> int:
        """Minutes in a school year."""
        return self.minutes * A_YEAR[self.every]

    def __str__(self) -> str:
        return f"{self.minutes} minutes every {self.every.replace('_', ' ')}"


@dataclass(frozen=True, slots=True)
class Standard:
    """What to expect for these needs at this tier in these phases: what, at least how much, and by one of whom."""

    name: str
    say: str
    needs: tuple[str, ...]
    tier: Tier
    phases: tuple[Phase, ...]
    section: Section
    what: str
    by: tuple[Provider, ...]
    at_least: Amount | None = None

    @property
    def expected(self) -> str:
        """What is expected, in a sentence."""
        return f"{self.say}{f' ({self.at_least})' if self.at_least else ''}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One version of a catalogue. `words` says what each kind of provision is."""

    name: str
    version: int
    title: str
    say: str
    in_force_from: date
    digest: str
    words: Mapping[str, str]
    standards: tuple[Standard, ...]

    def of(self, need: str | None = None, tier: Tier | None = None, phase: Phase | None = None) -> tuple[Standard, ...]:
        """The standards for a need, a tier and a phase; for all, where none is given."""
        return tuple(
            one
            for one in self.standards
            if (need is None or need in one.needs) and (tier is None or tier is one.tier) and (phase is None or phase in one.phases)
        )


def parse_national(document: object) -> Catalogue:
    """A version of the national catalogue.

    Raises:
        Faulty: with every fault. It must say that it is an example and that nothing was read for it: no National Standards were published.
    """
    reader = Reader()
    found = _top(reader, document, f"{NATIONAL} version title status evidence say in_force provisions standards")
    reader.one_of(found.get("status"), "status", ("example",))
    reader.one_of(found.get("evidence"), "evidence", ("none",))
    force = reader.mapping(found.get("in_force"), "in_force", "from") or {}
    return _catalogue(reader, found, "standards", NATIONAL, reader.number(found.get("version"), "version"), force.get("from"))


def parse_local(document: object, version: int, in_force_from: date) -> Catalogue:
    """What a council's local inclusion plan offers. Its number and its first day are given when it is published.

    Raises:
        Faulty: with every fault.
    """
    reader = Reader()
    found = _top(reader, document, f"{LOCAL} title say provisions offers")
    return _catalogue(reader, found, "offers", LOCAL, version, in_force_from)


def _top(reader: Reader, document: object, keys: str) -> dict[str, Any]:
    """The document as a mapping; its first key says what it is and holds nothing but true."""
    if oversized(document):
        raise Faulty((Fault("(the document)", "is too deep or too large", "nobody could check it", "divide it"),))
    found = reader.mapping(document, "", keys) or {}
    kind = keys.split()[0]
    if kind in found and found[kind] is not True:
        reader.fault(kind, "is not true", "it says what this file is", f"write `{kind}: true`")
    return found


def _catalogue(reader: Reader, found: dict[str, Any], of: str, name: str, version: int, since: object) -> Catalogue:
    words = {key: _sentence(reader, value, f"provisions.{key}") for key, value in reader.entries(found, "provisions")}
    standards = tuple(_standard(reader, f"{of}.{key}", key, value, words) for key, value in reader.entries(found, of))
    if len(standards) > MOST_ENTRIES:
        reader.fault(of, f"has {len(standards)} entries", f"at most {MOST_ENTRIES} are compared with a plan", "divide it")
    if of in found and not standards:
        reader.fault(of, "has no entry", "nothing could be expected by it", "write at least one")
    for one, path in _twice(standards):
        reader.fault(f"{of}.{one.name}", f"says again what {path} says", "one of the two would be met and the other not", "join them")
    title, say = (_sentence(reader, found.get(key), key) for key in ("title", "say"))
    first = reader.day(since, "in_force.from")
    if reader.faults:
        raise Faulty(tuple(reader.faults))
    return Catalogue(name, version, title, say, first, digest_of(found), words, standards)


def _standard(reader: Reader, path: str, name: str, value: object, words: Mapping[str, str]) -> Standard:
    found = reader.mapping(value, path, "say needs tier phases section what by", "at_least") or {}
    what = reader.text(found.get("what"), f"{path}.what")
    if what and what not in words:
        reader.fault(f"{path}.what", f"{what} is not among the provisions", "a plan is compared by this word", "add it to `provisions`")
    amount = None
    if found.get("at_least") is not None:
        much = reader.mapping(found["at_least"], f"{path}.at_least", "minutes every") or {}
        minutes = reader.number(much.get("minutes"), f"{path}.at_least.minutes")
        if minutes > MOST_MINUTES:
            reader.fault(f"{path}.at_least.minutes", "is too many", f"at most {MOST_MINUTES} are compared", "give minutes, not seconds")
        amount = Amount(minutes, Every(reader.one_of(much.get("every"), f"{path}.at_least.every", tuple(Every))))
    return Standard(
        name,
        _sentence(reader, found.get("say"), f"{path}.say"),
        _several(reader, found.get("needs"), f"{path}.needs", tuple(NEEDS)),
        Tier(reader.one_of(found.get("tier"), f"{path}.tier", tuple(Tier))),
        tuple(Phase(one) for one in _several(reader, found.get("phases"), f"{path}.phases", tuple(Phase))),
        Section(reader.one_of(found.get("section"), f"{path}.section", tuple(Section))),
        what,
        tuple(Provider(one) for one in _several(reader, found.get("by"), f"{path}.by", tuple(Provider))),
        amount,
    )


def _sentence(reader: Reader, value: object, path: str) -> str:
    text = reader.text(value, path)
    if len(text) > LONGEST_SENTENCE:
        reader.fault(path, "is too long", f"people read at most {LONGEST_SENTENCE} characters", "shorten it")
    if any(unicodedata.category(one) in ("Cc", "Cs") and one not in "\n\t" for one in text):
        reader.fault(path, "has signs that are no text", "people read it", "leave them out")
    return text


def _several(reader: Reader, value: object, path: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
    """A list of known words, each once, or `all` of them."""
    if value == "all":
        return allowed
    listed = reader.items(value, path)
    if value is not None and listed == []:
        reader.fault(path, "names none", "it would be for nothing", f"write `all`, or some of: {', '.join(allowed)}")
    found = [reader.one_of(one, f"{path}[{n}]", allowed) if one is not None else "" for n, one in enumerate(listed)]
    for n, one in enumerate(listed):
        if one is None or one in listed[:n]:
            reader.fault(f"{path}[{n}]", "is empty or listed twice", "once is enough", "remove it")
    return tuple(dict.fromkeys(one for one in found if one))


def _twice(standards: tuple[Standard, ...]) -> list[tuple[Standard, str]]:
    """Those that say of the same provision, for the same need, tier and phase, what an earlier one says."""
    seen: dict[tuple[str, str, Tier, Phase], str] = {}
    found: dict[str, tuple[Standard, str]] = {}
    for one in standards:
        for need in one.needs:
            for phase in one.phases:
                earlier = seen.setdefault((one.what, need, one.tier, phase), one.name)
                if earlier != one.name:
                    found.setdefault(one.name, (one, earlier))
    return list(found.values())
