"""Why somebody may or may not: the rules that were weighed, and the rows with their days that make a relation hold. Reads, and decides nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, literal, null, or_, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from policies.actions import ACTS, Act, Actor, Object, Scope
from policies.enforcer import Decision, Weighed, national
from policies.relations import IN_TENANT, relations_of
from store.tables import case_file, case_party, child, relation


@dataclass(frozen=True, slots=True)
class Held:
    """One row of the register or of a case that relates the person to what is asked about: as what, from which day, until which."""

    kind: str
    since: date
    until: date | None
    current: bool  # whether it holds on the day that is asked about


@dataclass(frozen=True, slots=True)
class Explained:
    """A decision with everything it stands on."""

    decision: Decision
    weighed: tuple[Weighed, ...]
    held: tuple[Held, ...]


async def explain(
    session: AsyncSession, actor: Actor, obj: Object, act: Act, row: UUID | None, today: date, item: str = ""
) -> Explained | None:
    """The same decision that the act itself would get, on the same facts; nothing where the authority has no such row."""
    scope = ACTS[obj][act]
    facts = IN_TENANT if scope is Scope.TENANT else await relations_of(session, actor, scope, row, today) if row else None
    if facts is None:
        return None
    held = await _held(session, actor, scope, row, today) if row else ()
    policy = national()
    return Explained(policy.decide(actor, obj, act, facts, item), policy.weigh(actor, obj, act, facts, item), held)


async def _held(session: AsyncSession, actor: Actor, scope: Scope, row: UUID, today: date) -> tuple[Held, ...]:
    """The rows, ended ones and those to come among them: an end that was yesterday is the commonest reason for a no."""
    if scope in (Scope.TENANT, Scope.PERSON):
        return ()
    mine = and_(relation.c.tenant == actor.tenant, relation.c.person_id == actor.person_id)
    works = select(relation.c.setting_id).where(mine, relation.c.kind == "works_at")
    register = select(relation.c.kind, relation.c.starts_on.label("since"), relation.c.ends_on.label("until"))
    if scope is Scope.SETTING:
        query: Select[Any] | CompoundSelect[Any] = register.where(mine, relation.c.setting_id == row)
    else:
        of_case = select(case_file.c.child_id).where(case_file.c.tenant == actor.tenant, case_file.c.id == row)
        pupil: ColumnElement[UUID] = literal(row) if scope is Scope.CHILD else of_case.scalar_subquery()
        school = select(child.c.setting_id).where(child.c.tenant == actor.tenant, child.c.id == pupil).scalar_subquery()
        cases = case_party.c.case_id == row
        if scope is Scope.CHILD:
            cases = case_party.c.case_id.in_(select(case_file.c.id).where(case_file.c.tenant == actor.tenant, case_file.c.child_id == row))
        parties = select(case_party.c.kind, case_party.c.since, null().label("until")).where(
            case_party.c.tenant == actor.tenant, cases, or_(case_party.c.person_id == actor.person_id, case_party.c.setting_id.in_(works))
        )
        query = union_all(register.where(mine, or_(relation.c.child_id == pupil, relation.c.setting_id == school)), parties)
    rows = [tuple(one) for one in await session.execute(query)]
    found = [Held(kind, since, until, since <= today and (until is None or until >= today)) for kind, since, until in rows]
    return tuple(sorted(found, key=lambda one: (one.since, one.kind)))
