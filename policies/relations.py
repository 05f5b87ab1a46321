"""Relations between a person and a case, child, setting or person: dated rows of the store, each with one SQL predicate.

Lists, single reads and decisions all use these predicates, so they cannot disagree. Every statement names the tenant
itself, as a second wall beside row security; no predicate is ever null, so that a deny may negate it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, cached_property
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Date, Select, Table, Text, Uuid, all_, and_, any_, bindparam, cast, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from policies.actions import Actor, Scope
from store.tables import case_file, case_party, child, person, relation, setting


@dataclass(frozen=True, slots=True)
class Relation:
    """One name, and what a user is told when it holds and when it does not."""

    name: str
    holds: str
    fails: str


_ALL: tuple[Relation, ...] = (
    Relation("any", "Your role here covers this", "This is not with this council"),
    Relation("asked", "You were asked for advice here", "You were not asked for this advice"),
    Relation("assigned", "This case is assigned to you", "This case is not assigned to you"),
    Relation("broke_glass", "You opened a case of this child with a reason", "You have not opened a case of this child, or no longer"),
    Relation("consulted", "The place where you work was consulted here", "The place where you work was not consulted here"),
    Relation(
        "granted",
        "This council lets you look at this child's cases until a day",
        "This council has not let you look at this child's cases, or no longer",
    ),
    Relation(
        "handed_over",
        "Compulsory school age has ended and these rights are now the young person's own",
        "Compulsory school age has not ended, or you stand in for the young person",
    ),
    Relation("kept_from_acting", "An order keeps you from acting for this child", "No order keeps you from acting for this child"),
    Relation("kept_from_papers", "An order keeps you from the papers of this child", "No order keeps you from the papers of this child"),
    Relation("kept_from_record", "An order keeps you from the record of this child", "No order keeps you from the record of this child"),
    Relation(
        "on_roll",
        "The child is on the roll of a school or college where you work",
        "The child is not on the roll of a school or college where you work",
    ),
    Relation("own_child", "You are a parent of this child here", "You are not a parent of this child here"),
    Relation("requested", "Your school or college made this request", "Your school or college did not make this request"),
    Relation("self", "This is about you", "This is not about you"),
)
RELATIONS: Mapping[str, Relation] = MappingProxyType({each.name: each for each in _ALL})

# The same relation where it is judged on a setting and no child is asked about: pupils are on its roll, so one works there.
_OF_A_SETTING = Relation("on_roll", "You work at this school or college", "This is not for a school or college where you work")


def in_scope(scope: Scope, name: str) -> Relation:
    """The relation with the words that fit the row it is judged on."""
    return _OF_A_SETTING if scope is Scope.SETTING and name == _OF_A_SETTING.name else RELATIONS[name]


# These hold for an item, one adviser's advice or one setting's answer: who was asked for one may not give another.
ITEMISED = frozenset({"asked", "consulted"})


@dataclass(frozen=True, slots=True)
class Facts:
    """Which relations hold between one person and one row, and for which items the itemised ones do."""

    relations: frozenset[str]
    items: frozenset[tuple[str, str]] = frozenset()

    def __contains__(self, name: str) -> bool:
        return name in self.relations

    @property
    def asked(self) -> frozenset[str]:
        """The items of advice that this person was asked for."""
        return frozenset(item for name, item in self.items if name == "asked")


# What is true of everybody in their own authority: for acts that are judged on no row of their own.
IN_TENANT = Facts(frozenset({"any"}))


# What a condition says whoever asks, built once. The table of relations checks that its rows point at what their kind needs.
_ENDLESS = relation.c.ends_on.is_(None)
_NOBODY = case_party.c.person_id.is_(None)
_NOWHERE = case_party.c.setting_id.is_(None)
_KIND: Mapping[str, ColumnElement[bool]] = MappingProxyType(
    {kind: relation.c.kind == kind for kind in ("parent", "young_person", "works_at", "support", "broke_glass", "kept_from_record")}
    | {kind: relation.c.kind.in_((kind, "kept_from_record")) for kind in ("kept_from_acting", "kept_from_papers")}
    | {kind: case_party.c.kind == kind for kind in ("asked", "assigned", "consulted", "requested")}
)


@dataclass(frozen=True)
class Asking:
    """Who asks and when, as SQL expressions: values for a list, named parameters for the one statement about a row."""

    tenant: ColumnElement[str]
    person: ColumnElement[UUID]
    today: ColumnElement[date]
    of_age_before: ColumnElement[date]
    case: ColumnElement[UUID] | None = None  # when one case is asked about: no other case's parties need be read

    @cached_property
    def settings(self) -> ColumnElement[Any]:
        """Where the person works today. Several relations ask for it; building it is most of the price of a condition."""
        return _array(_related(self, "works_at", relation.c.setting_id))

    @cached_property
    def named_party(self) -> ColumnElement[bool]:
        """Rows of case_party that mean this person: everybody whom the row names is met, so no colleague slips in."""
        return or_(and_(self._me, or_(_NOWHERE, self._at)), and_(_NOBODY, self._at))

    @cached_property
    def setting_party(self) -> ColumnElement[bool]:
        """Rows of case_party that mean where this person works now, whoever signed for it; or the person, if no setting is named."""
        return or_(self._at, and_(self._me, _NOWHERE))

    @cached_property
    def party(self) -> ColumnElement[bool]:
        """Rows of case_party that are true already."""
        narrowed = true() if self.case is None else case_party.c.case_id == self.case
        return and_(case_party.c.tenant == self.tenant, case_party.c.since <= self.today, narrowed)

    @cached_property
    def related(self) -> ColumnElement[bool]:
        """What the person is related to today; the last day of a relation is a day on which it still holds."""
        return and_(
            relation.c.tenant == self.tenant,
            relation.c.person_id == self.person,
            relation.c.starts_on <= self.today,
            or_(_ENDLESS, relation.c.ends_on >= self.today),
        )

    @cached_property
    def _me(self) -> ColumnElement[bool]:
        return case_party.c.person_id == self.person

    @cached_property
    def _at(self) -> ColumnElement[bool]:
        return case_party.c.setting_id == any_(self.settings)

    @classmethod
    def by(cls, actor: Actor, today: date) -> Asking:
        """This person today, as values."""
        return cls(
            tenant=bindparam(None, actor.tenant, Text),
            person=bindparam(None, actor.person_id, Uuid),
            today=bindparam(None, today, Date),
            of_age_before=bindparam(None, of_age_before(today), Date),
        )

    @classmethod
    def named(cls, scope: Scope) -> Asking:
        """Parameters to be filled in on execution, about one row of the scope."""
        return cls(
            tenant=bindparam("tenant", type_=Text),
            person=bindparam("person", type_=Uuid),
            today=bindparam("today", type_=Date),
            of_age_before=bindparam("of_age_before", type_=Date),
            case=bindparam("row", type_=Uuid) if scope is Scope.CASE else None,
        )


def of_age_before(today: date) -> date:
    """Those born before this day are over compulsory school age: they reached 16 in a school year whose leaving date has passed.

    The leaving date is the last Friday in June (Education Act 1996 s.8, SI 1997/1970); compulsory school age ends with
    that day. School years are taken to begin on 1 September.
    """
    end_of_june = date(today.year, 6, 30)
    leaving = end_of_june - timedelta(days=(end_of_june.weekday() - 4) % 7)
    return date((today.year if today > leaving else today.year - 1) - 16, 9, 1)


def _array(rows: Select[Any]) -> ColumnElement[Any]:
    """The ids as an array: computed once a statement, and unlike IN (SELECT ...) it can use an index below an OR.

    It never looks at the statement around it, which may well read the same table.
    """
    return func.array(rows.correlate(None).scalar_subquery(), type_=ARRAY(Uuid))


def _related(asking: Asking, kind: str, target: ColumnElement[Any]) -> Select[Any]:
    return select(target).where(asking.related, _KIND[kind])


def _party(asking: Asking, kind: str) -> ColumnElement[bool]:
    """The person's part in cases: a setting makes requests and is consulted, a person is asked and assigned."""
    return and_(asking.party, _KIND[kind], asking.setting_party if kind in ("consulted", "requested") else asking.named_party)


def _cases(asking: Asking, kind: str) -> Select[Any]:
    return select(case_party.c.case_id).where(_party(asking, kind))


def _own_children(asking: Asking) -> Select[Any]:
    return _related(asking, "parent", relation.c.child_id)


def _oneself(asking: Asking) -> Select[Any]:
    return _related(asking, "young_person", relation.c.child_id)


def _pupils(asking: Asking) -> Select[Any]:
    return select(child.c.id).where(child.c.tenant == asking.tenant, child.c.setting_id == any_(asking.settings))


def _handed_over(asking: Asking) -> Select[Any]:
    """Own children over compulsory school age, unless the parent is recorded as standing in for the young person."""
    return select(child.c.id).where(
        child.c.tenant == asking.tenant,
        child.c.born_on < asking.of_age_before,
        child.c.id == any_(_array(_own_children(asking))),
        child.c.id != all_(_array(_oneself(asking))),
    )


def _of_kind(kind: str) -> Callable[[Asking], Select[Any]]:
    """Children to whom the person is related in this way; who is kept from the record is kept from acting and from the papers too."""
    return lambda asking: _related(asking, kind, relation.c.child_id)


_CHILDREN: Mapping[str, Callable[[Asking], Select[Any]]] = MappingProxyType(
    {
        "broke_glass": _of_kind("broke_glass"),
        "granted": _of_kind("support"),
        **{kind: _of_kind(kind) for kind in ("kept_from_acting", "kept_from_papers", "kept_from_record")},
        "handed_over": _handed_over,
        "on_roll": _pupils,
        "own_child": _own_children,
        "self": _oneself,
    }
)
_PARTIES = frozenset({"asked", "assigned", "consulted", "requested"})

# The relations that mean something on each kind of row; a policy that names another does not load.
MEANT: Mapping[Scope, frozenset[str]] = MappingProxyType(
    {
        Scope.CASE: frozenset({"any", *_CHILDREN, *_PARTIES}),
        Scope.CHILD: frozenset({"any", *_CHILDREN, *_PARTIES}),
        Scope.PERSON: frozenset({"any", "self"}),
        Scope.SETTING: frozenset({"any", "on_roll"}),  # on_roll of a setting: where its pupils are, one works
        Scope.TENANT: frozenset({"any"}),
    }
)
_TABLES: Mapping[Scope, Table] = MappingProxyType(
    {
        Scope.CASE: case_file,
        Scope.CHILD: child,
        Scope.PERSON: person,
        Scope.SETTING: setting,
    }
)


def _rows(scope: Scope, name: str, asking: Asking) -> ColumnElement[bool]:
    """Membership of the scope's row in what the person is related to by that name."""
    if scope is Scope.PERSON:
        return person.c.id == asking.person
    if scope is Scope.SETTING:
        return setting.c.id == any_(asking.settings)
    if name in _CHILDREN:
        column = case_file.c.child_id if scope is Scope.CASE else child.c.id
        return column == any_(_array(_CHILDREN[name](asking)))
    if scope is Scope.CASE:
        return case_file.c.id == any_(_array(_cases(asking, name)))
    of_cases = select(case_file.c.child_id).where(case_file.c.tenant == asking.tenant, case_file.c.id == any_(_array(_cases(asking, name))))
    return child.c.id == any_(_array(of_cases))


def inside(scope: Scope, asking: Asking) -> ColumnElement[bool]:
    """The row is the person's own authority's: said in every statement, though row security says it too."""
    return true() if scope is Scope.TENANT else _TABLES[scope].c.tenant == asking.tenant


def predicate(scope: Scope, name: str, asking: Asking) -> ColumnElement[bool]:
    """The relation, as a condition on the rows of the scope's table that are `inside`."""
    if name not in MEANT[scope]:
        raise LookupError(f"relation {name} means nothing on a {scope}")
    return true() if name == "any" else _rows(scope, name, asking)


def _columns(scope: Scope, asking: Asking) -> list[ColumnElement[Any]]:
    return [predicate(scope, name, asking).label(name) for name in sorted(MEANT[scope] - {"any"})]


def _items(asking: Asking, *of_case: ColumnElement[bool]) -> list[Any]:
    """The items for which the person was asked and consulted, as arrays."""
    asked = select(func.array_agg(case_party.c.item)).where(_party(asking, "asked"), *of_case)
    # an answer is given for a setting: by the name of the item, or by the setting's own id
    consulted = select(func.array_agg(case_party.c.item) + func.array_agg(cast(case_party.c.setting_id, Text)))
    return [asked, consulted.where(_party(asking, "consulted"), *of_case)]


@cache
def _statement(scope: Scope) -> Select[Any]:
    """One statement that evaluates every relation on one row. Built once: only its parameters change."""
    asking, table = Asking.named(scope), _TABLES[scope]
    columns = _columns(scope, asking)
    if scope is Scope.CASE:
        columns += [
            each.correlate(None).scalar_subquery().label(name)
            for each, name in zip(_items(asking), ("asked_items", "consulted_items"), strict=True)
        ]
    return select(*columns).where(inside(scope, asking), table.c.id == bindparam("row", type_=Uuid))


@cache
def _statement_of_cases() -> Select[Any]:
    """The same of many cases at once: what the person is related to is worked out once, and the items for each case."""
    asking = replace(Asking.named(Scope.CASE), case=None)
    columns = _columns(Scope.CASE, asking)
    columns += [
        each.correlate(case_file).scalar_subquery().label(name)
        for each, name in zip(_items(asking, case_party.c.case_id == case_file.c.id), ("asked_items", "consulted_items"), strict=True)
    ]
    return select(case_file.c.id.label("row"), *columns).where(
        inside(Scope.CASE, asking), case_file.c.id == any_(bindparam("rows", type_=ARRAY(Uuid)))
    )


async def relations_of(session: AsyncSession, actor: Actor, scope: Scope, row: UUID, today: date) -> Facts | None:
    """Every relation between the person and the row, in one statement; None when the authority has no such row."""
    found = (await session.execute(_statement(scope), _parameters(actor, today) | {"row": row})).mappings().one_or_none()
    return None if found is None else _facts(scope, found)


async def relations_of_cases(session: AsyncSession, actor: Actor, rows: Collection[UUID], today: date) -> dict[UUID, Facts]:
    """The same for many cases, in one statement; a case that the authority does not have is not among them."""
    found = (await session.execute(_statement_of_cases(), _parameters(actor, today) | {"rows": list(rows)})).mappings()
    return {each["row"]: _facts(Scope.CASE, each) for each in found}


def _parameters(actor: Actor, today: date) -> dict[str, Any]:
    return {"tenant": actor.tenant, "person": actor.person_id, "today": today, "of_age_before": of_age_before(today)}


def _facts(scope: Scope, found: Mapping[Any, Any]) -> Facts:
    names = {name for name in MEANT[scope] if name == "any" or found[name]}
    items = {(name, item) for name in ITEMISED for item in found.get(f"{name}_items") or () if item is not None}
    return Facts(frozenset(names), frozenset(items))
