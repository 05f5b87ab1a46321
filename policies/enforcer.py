"""Who may do what: casbin reads and checks the policy once; an index over the same rules answers at run time.

One set of rules gives a single decision, the capacities of a person on a case, and the condition of every list. The
casbin enforcer itself stays available as the reference that the tests hold the index against.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from importlib.resources import as_file, files
from pathlib import Path
from types import MappingProxyType
from uuid import UUID

import casbin
from sqlalchemy import ColumnElement, and_, false, not_, or_
from sqlalchemy.ext.asyncio import AsyncSession

from policies.actions import ACTS, ANYBODY, CAPACITIES, Act, Actor, Object, Role, Scope, in_words
from policies.relations import ITEMISED, MEANT, RELATIONS, Asking, Facts, in_scope, inside, predicate, relations_of, relations_of_cases

# casbin writes the whole request to its log on every denial: that is personal data
logging.getLogger("casbin.enforcer").setLevel(logging.ERROR)

_EFFECT = "some(where (p_eft == allow)) && !some(where (p_eft == deny))"
# acts done for one item, so that an itemised relation must hold for that very item
_FOR_AN_ITEM = frozenset({Act.AS_ADVISER, Act.AS_HEALTH_BODY, Act.AS_PROVIDER, Act.AS_SETTING})


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, a sentence for the person who asked, and the rule that decided (empty when no rule speaks of it)."""

    allowed: bool
    reason: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Weighed:
    """One rule as it was weighed: its text, its line in the file from 1, its relation, whether it allows, and whether it holds."""

    text: str
    line: int
    relation: str
    allows: bool
    holds: bool


class Unfit(Exception):  # noqa: N818 - it says what the policy is
    """A policy that cannot be loaded; carries every fault found, not the first."""

    def __init__(self, faults: Iterable[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


@dataclass(frozen=True, slots=True)
class _Rule:
    """One line of the policy, with both of its answers made beforehand."""

    role: str
    relation: str
    itemised: bool
    met: Decision
    unmet: Decision

    def holds(self, facts: Facts, item: str) -> bool:
        return self.relation in facts.relations and (not self.itemised or (self.relation, item) in facts.items)


@dataclass(slots=True)
class _Entry:
    """All the rules about one act on one object."""

    scope: Scope
    silent: Decision
    allows: list[_Rule] = field(default_factory=list)
    denies: list[_Rule] = field(default_factory=list)


class Policy:
    """The rules of one policy file, checked and indexed."""

    def __init__(self, model: Path, rules: Path) -> None:
        lines = [line for line in rules.read_text("utf-8").splitlines() if line.strip() and not line.startswith("#")]
        if faults := list(_faults(lines)):
            raise Unfit(faults)
        self.reference = casbin.Enforcer(str(model), str(rules))
        self.reference.add_function("has_role", _has_role)
        self.reference.add_function("holds", _holds)
        if self.reference.get_model().model["e"]["e"].value != _EFFECT:
            raise Unfit(["the model's effect is not the one that the index keeps: one allow, and no deny"])
        self._index = _index(self.reference.get_policy())
        whole = enumerate(rules.read_text("utf-8").splitlines(), 1)
        self._lines = {", ".join(part.strip() for part in line.split(",")[1:]): n for n, line in whole if line.startswith("p,")}

    def decide(self, actor: Actor, obj: Object, act: Act, facts: Facts, item: str = "") -> Decision:
        """May this person do this, given the relations that hold; `item` is whose advice or answer it is."""
        entry, roles = self._index[obj, act], actor.roles
        for rule in entry.denies:
            if (rule.role in roles or rule.role == ANYBODY) and rule.holds(facts, item):
                return rule.met
        unmet = entry.silent
        for rule in entry.allows:
            if rule.role in roles:
                if rule.holds(facts, item):
                    return rule.met
                if unmet is entry.silent:  # the first rule of a role says best what is missing
                    unmet = rule.unmet
        return unmet

    def weigh(self, actor: Actor, obj: Object, act: Act, facts: Facts, item: str = "") -> tuple[Weighed, ...]:
        """Every rule that speaks of this act for the person's roles, and whether it holds: the denies first, as they decide first."""
        entry = self._index[obj, act]
        ours = [rule for rule in (*entry.denies, *entry.allows) if rule.role in actor.roles or rule.role == ANYBODY]
        return tuple(
            Weighed(rule.met.rule, self._lines[rule.met.rule], rule.relation, rule.met.allowed, rule.holds(facts, item)) for rule in ours
        )

    def capacities(self, actor: Actor, facts: Facts, item: str = "") -> frozenset[str]:
        """As what this person may act here: the words that a definition uses in `by`."""
        return frozenset(name for name, act in CAPACITIES.items() if self.decide(actor, Object.CASE, act, facts, item).allowed)

    def where(self, actor: Actor, obj: Object, act: Act, today: date) -> ColumnElement[bool]:
        """The rows on which the act is allowed, as a condition on the table of its scope; an item's act for any item."""
        entry, asking = self._index[obj, act], Asking.by(actor, today)
        allows = {rule.relation for rule in entry.allows if rule.role in actor.roles}
        denies = {rule.relation for rule in entry.denies if rule.role in actor.roles or rule.role == ANYBODY}
        if not allows:
            return false()
        if "any" in allows:
            allows = {"any"}
        condition = and_(inside(entry.scope, asking), or_(*(predicate(entry.scope, name, asking) for name in sorted(allows))))
        if denies:
            condition = and_(condition, not_(or_(*(predicate(entry.scope, name, asking) for name in sorted(denies)))))
        return condition

    def rules(self) -> tuple[tuple[str, ...], ...]:
        """The rules as they were read."""
        return tuple(tuple(rule) for rule in self.reference.get_policy())


def _faults(lines: Iterable[str]) -> Iterable[str]:
    """Everything wrong with the lines: casbin itself passes over what it does not know, and a lost deny is a leak."""
    seen: set[tuple[str, ...]] = set()
    for line in lines:
        first, *rule = (part.strip() for part in line.split(","))
        if first != "p" or len(rule) != 5:
            yield f"{line}: not a rule (p, obj, act, role, rel, eft)"
            continue
        obj, act, role, relation, effect = rule
        if tuple(rule[:4]) in seen:
            yield f"{line}: said twice"
        seen.add(tuple(rule[:4]))
        if role not in set(Role) and not (role == ANYBODY and effect == "deny"):
            yield f"{line}: no role {role}"
        if effect not in ("allow", "deny"):
            yield f"{line}: neither allow nor deny"
        if obj not in set(Object) or act not in set(Act) or Act(act) not in ACTS[Object(obj)]:
            yield f"{line}: no act {act} on {obj}"
        elif relation not in RELATIONS:
            yield f"{line}: no relation {relation}"
        elif relation not in MEANT[ACTS[Object(obj)][Act(act)]]:
            yield f"{line}: relation {relation} means nothing on a {ACTS[Object(obj)][Act(act)]}"


def _index(rules: Iterable[Iterable[str]]) -> Mapping[tuple[str, str], _Entry]:
    index = {
        (str(obj), str(act)): _Entry(scope, Decision(False, f"Your role here does not let you {in_words(obj, act)}."))
        for obj, acts in ACTS.items()
        for act, scope in acts.items()
    }
    for obj, act, role, name, effect in rules:
        relation, text = in_scope(index[obj, act].scope, name), ", ".join((obj, act, role, name, effect))
        words = in_words(Object(obj), Act(act))
        allow = effect == "allow"
        met = Decision(allow, f"{relation.holds}." if allow else f"{relation.holds}, so you may not {words}.", text)
        rule = _Rule(role, name, name in ITEMISED and act in _FOR_AN_ITEM, met, Decision(False, f"{relation.fails}.", text))
        (index[obj, act].allows if allow else index[obj, act].denies).append(rule)
    return MappingProxyType(index)


def _has_role(actor: Actor, tenant: str, role: str) -> bool:
    return actor.tenant == tenant and (role in actor.roles or role == ANYBODY)


def _holds(act: str, relation: str, asked_about: tuple[Facts, str]) -> bool:
    facts, item = asked_about
    if relation in ITEMISED and act in _FOR_AN_ITEM and (relation, item) not in facts.items:
        return False
    return relation in facts.relations


@cache
def national() -> Policy:
    """The policy of every local authority, read once."""
    folder = files("policies")
    with as_file(folder / "model.conf") as model, as_file(folder / "national.csv") as rules:
        return Policy(model, rules)


def decide(actor: Actor, obj: Object, act: Act, facts: Facts, item: str = "") -> Decision:
    """May this person do this, by the national policy."""
    return national().decide(actor, obj, act, facts, item)


def capacities(actor: Actor, facts: Facts, item: str = "") -> frozenset[str]:
    """As what this person may act here (family, local_authority, ...), for this item."""
    return national().capacities(actor, facts, item)


@lru_cache(maxsize=1024)
def where(actor: Actor, obj: Object, act: Act, today: date) -> ColumnElement[bool]:
    """The rows of case_file, child, person or setting on which this person may do this.

    Kept, because building it costs more than asking the database: it holds the question, never the answer, so a
    relation that ends is gone from the next statement.
    """
    return national().where(actor, obj, act, today)


async def facts_of(session: AsyncSession, actor: Actor, case_id: UUID, today: date) -> Facts | None:
    """The relations between the person and a case; None alike for a case that is not there and one not to be seen."""
    return await _visible(session, actor, Object.CASE, case_id, today)


async def facts_of_cases(session: AsyncSession, actor: Actor, case_ids: Collection[UUID], today: date) -> dict[UUID, Facts]:
    """The relations between the person and each of these cases that they may see, in one statement."""
    found = await relations_of_cases(session, actor, case_ids, today)
    return {key: facts for key, facts in found.items() if decide(actor, Object.CASE, Act.READ, facts).allowed}


async def facts_of_child(session: AsyncSession, actor: Actor, child_id: UUID, today: date) -> Facts | None:
    """The relations between the person and a child, for opening a case; None when not there or not to be seen."""
    return await _visible(session, actor, Object.CHILD, child_id, today)


async def facts_of_person(session: AsyncSession, actor: Actor, person_id: UUID, today: date) -> Facts | None:
    """The relations between the person who asks and a person; None when not there or not to be seen."""
    return await _visible(session, actor, Object.PERSON, person_id, today)


async def facts_of_setting(session: AsyncSession, actor: Actor, setting_id: UUID, today: date) -> Facts | None:
    """The relations between the person and a setting, for registering a pupil; None when not there or not to be seen."""
    return await _visible(session, actor, Object.SETTING, setting_id, today)


async def _visible(session: AsyncSession, actor: Actor, obj: Object, row: UUID, today: date) -> Facts | None:
    facts = await relations_of(session, actor, ACTS[obj][Act.READ], row, today)
    return facts if facts is not None and decide(actor, obj, Act.READ, facts).allowed else None
