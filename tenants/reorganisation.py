"""The plan of a split or a merge: whose duties go to whom, on which day, by which order. Read whole, every fault at once.

A child is named by its unique pupil number, its id or the reference of one of its cases; or it goes with the school where it is on roll; or
it goes with the rest. Whoever is named goes where they are named.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tenants.form import FaultyForm, Wrong, read_form

_SLUG = re.compile(r"[a-z][a-z0-9-]{1,39}")
FIELDS, SHARE = ("order", "on", "from", "to", "leaves"), ("tenant", "settings", "children", "rest")


@dataclass(frozen=True, slots=True)
class Share:
    """What one successor takes over."""

    tenant: str
    settings: frozenset[str] = frozenset()  # by their URN: the children on their rolls
    children: frozenset[str] = frozenset()
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A reorganisation."""

    order: str  # the instrument by which the functions pass
    on: date
    of: tuple[str, ...]
    to: tuple[Share, ...]
    leaves: frozenset[str] = frozenset()  # tables whose rows may stay with the predecessor though they are of children

    @property
    def digest(self) -> str:
        """The fingerprint of the plan, which the history of each authority keeps."""
        shares = [[one.tenant, sorted(one.settings), sorted(one.children), one.rest] for one in self.to]
        told = [self.order, self.on.isoformat(), sorted(self.of), sorted(shares), sorted(self.leaves)]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Known:
    """A child as the plan may name it."""

    id: str
    names: frozenset[str]
    urn: str | None


@dataclass(frozen=True, slots=True)
class Shared:
    """Which child goes where; who is not told, and who is told twice (by id: no number and no name)."""

    to: Mapping[str, str]
    nowhere: tuple[str, ...]
    twice: tuple[str, ...]
    unknown: tuple[str, ...]  # settings and children that the plan names and the authority has not: numbers of settings, else how many


def read_plan(text: str) -> Plan:
    """A plan from YAML. Raises FaultyForm."""
    given = read_form(text)
    faults = [
        Wrong(f"{name!r} is no field", "It would be ignored", f"the fields are {', '.join(FIELDS)}") for name in given if name not in FIELDS
    ]
    of = given.get("from")
    of = [of] if isinstance(of, str) else of
    to, leaves = given.get("to"), given.get("leaves", [])
    if not isinstance(given.get("order"), str) or not given["order"].strip():
        faults.append(Wrong("order is missing", "Functions pass by an order and by nothing else", "name the instrument"))
    if type(given.get("on")) is not date:
        faults.append(Wrong("on is no day", "Until then the duties are the predecessor's", "write it as 2027-04-01"))
    if not _slugs(of):
        faults.append(Wrong("from names no authority", "Somebody's duties pass", "give a slug, or a list of them"))
    if not isinstance(leaves, list) or not all(isinstance(one, str) for one in leaves):
        faults.append(Wrong("leaves is no list of tables", "What stays is told by its table", "give the names that a dry run told"))
    shares = list(to) if isinstance(to, list) else []
    if not shares:
        faults.append(Wrong("to is no list of successors", "Every duty goes on somewhere", "give each a tenant, and what it takes over"))
    for one in shares:
        faults += _wrong(one)
    if faults:
        raise FaultyForm(tuple(faults))
    assert of is not None  # noqa: S101 - `_slugs` asked
    found = tuple(
        Share(
            one["tenant"],
            frozenset(str(each) for each in one.get("settings", ())),
            frozenset(str(each).strip() for each in one.get("children", ())),
            bool(one.get("rest", False)),
        )
        for one in shares
    )
    faults += _at_odds(tuple(of), found)
    if faults:
        raise FaultyForm(tuple(faults))
    return Plan(given["order"].strip(), given["on"], tuple(of), found, frozenset(leaves))


def _slugs(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(isinstance(one, str) and _SLUG.fullmatch(one) for one in given)


def _wrong(share: Any) -> Iterator[Wrong]:
    if not isinstance(share, dict) or not isinstance(share.get("tenant"), str) or not _SLUG.fullmatch(share["tenant"]):
        yield Wrong("a successor has no tenant", "Somebody takes the duties over", "give its slug")
        return
    who = share["tenant"]
    for name in share:
        if name not in SHARE:
            yield Wrong(f"{who}: {name!r} is no field", "It would be ignored", f"the fields are {', '.join(SHARE)}")
    for name in ("settings", "children"):
        if not isinstance(share.get(name, []), list):
            yield Wrong(f"{who}: {name} is no list", "Each is told by itself", "write a list")
    if not isinstance(share.get("rest", False), bool):
        yield Wrong(f"{who}: rest is neither true nor false", "One successor may take the rest", "write true or false")


def _at_odds(of: tuple[str, ...], to: tuple[Share, ...]) -> Iterator[Wrong]:
    names = [one.tenant for one in to]
    if len({*names}) < len(names) or len({*of}) < len(of):
        yield Wrong("an authority is named twice", "Nobody could say which share is meant", "name each once")
    if both := sorted({*names} & {*of}):
        yield Wrong(f"{', '.join(both)} is to come after itself", "A predecessor is closed", "give another successor")
    if sum(one.rest for one in to) > 1:
        yield Wrong("two take the rest", "Nobody could say who", "let one of them take it")
    for what in ("settings", "children"):
        seen: set[str] = set()
        for one in to:
            named = getattr(one, what)
            if named & seen:
                yield Wrong(f"{one.tenant}: {len(named & seen)} {what} are another's too", "A child has one authority", "name each once")
            seen |= named


def share(plan: Plan, children: Iterable[Known]) -> Shared:
    """Which child goes where."""
    to: dict[str, str] = {}
    nowhere, twice, seen = [], [], set[str]()
    rest = next((one.tenant for one in plan.to if one.rest), None)
    for one in children:
        named = [each.tenant for each in plan.to if each.children & one.names]
        by_roll = [each.tenant for each in plan.to if one.urn in each.settings]
        seen |= one.names | ({one.urn} if one.urn else set())
        if len(named) > 1:
            twice.append(one.id)
        elif goes := (named or by_roll or ([rest] if rest else [])):
            to[one.id] = goes[0]
        else:
            nowhere.append(one.id)
    settings = {urn for each in plan.to for urn in each.settings} - seen
    told = {name for each in plan.to for name in each.children} - seen
    unknown = (*sorted(settings), *([f"{len(told)} children"] if told else []))
    return Shared(to, tuple(nowhere), tuple(twice), unknown)
