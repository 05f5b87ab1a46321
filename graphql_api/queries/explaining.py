"""`explainAccess`: why somebody may or may not, by rule and by row, for those who answer for it."""

from __future__ import annotations

from datetime import date

import strawberry
from graphql import GraphQLError

from graphql_api.context import Context, Reading
from graphql_api.identifiers import as_uuid, split
from policies import enforcer
from policies.actions import ACTS, Act, Actor, Object, Scope
from policies.explain import Explained, explain
from policies.relations import relations_of
from store import people

_READ = {Scope.CASE: Object.CASE, Scope.CHILD: Object.CHILD, Scope.PERSON: Object.PERSON, Scope.SETTING: Object.SETTING}


@strawberry.type(description="One rule of the policy, as it was weighed.")
class AccessRule:
    line: int = strawberry.field(description="Its line in policies/national.csv, from 1.")
    text: str = strawberry.field(description="The rule: object, act, role, relation, allow or deny.")
    relation: str = strawberry.field(description="The relation that it asks for.")
    allows: bool = strawberry.field(description="Whether it allows; one that does not is a deny, and no allow outvotes it.")
    holds: bool = strawberry.field(description="Whether the relation holds.")


@strawberry.type(description="One row that relates the person to what is asked about.")
class AccessRelation:
    kind: str = strawberry.field(description="As what: parent, works_at, kept_from_record, asked, consulted ...")
    since: date = strawberry.field(description="From this day.")
    until: date | None = strawberry.field(description="The last day, where there is one.")
    current: bool = strawberry.field(description="Whether it holds today.")


@strawberry.type(description="A decision with everything that it stands on. It is the decision that the act itself would get now.")
class AccessExplained:
    allowed: bool = strawberry.field(description="Whether the person may.")
    reason: str = strawberry.field(description="As the person is told it.")
    decided_by: AccessRule | None = strawberry.field(description="The rule that decided; null where none speaks of it for these roles.")
    roles: list[str] = strawberry.field(description="The roles that were judged: as registered, since a token is not at hand.")
    rules: list[AccessRule] = strawberry.field(description="Every rule that speaks of it for these roles, the denies first.")
    relations: list[AccessRelation] = strawberry.field(description="The rows, the earliest first; those that ended and those to come too.")


async def explain_access(context: Context, subject: str, obj: str, act: str, given: str | None) -> AccessExplained | None:
    """Why; null for a person or a row that is not there, or that the caller may not see themselves.

    Raises:
        GraphQLError: there is no such act on such an object.
    """
    if obj not in set(Object) or act not in set(Act) or Act(act) not in ACTS[Object(obj)]:
        raise GraphQLError("object, act: the policy knows no such act on such an object.", extensions={"code": "BAD_REQUEST"})
    of, to = Object(obj), Act(act)
    async with context.read() as reading:
        standing = reading.standing
        if not standing.may(Object.TENANT, Act.EXPLAIN).allowed:
            return None
        parts = split(given) if given else None
        row = parts[1] if parts else as_uuid(given) if given else None
        person = await people.find_subject(reading.session, subject)
        if person is None or not await _sees(reading, ACTS[of][to], row):
            return None
        actor = Actor(person.id, standing.actor.tenant, frozenset(person.roles))
        found = await explain(reading.session, actor, of, to, row, standing.today)
    return _shown(found, person.roles) if found else None


async def _sees(reading: Reading, scope: Scope, row: object) -> bool:
    """Whether the caller may read the row itself: an explanation says who stands how to it."""
    if scope is Scope.TENANT:
        return True
    key = as_uuid(str(row)) if row else None
    standing = reading.standing
    facts = await relations_of(reading.session, standing.actor, scope, key, standing.today) if key else None
    return facts is not None and enforcer.decide(standing.actor, _READ[scope], Act.READ, facts).allowed


def _shown(found: Explained, roles: list[str]) -> AccessExplained:
    rules = [AccessRule(line=one.line, text=one.text, relation=one.relation, allows=one.allows, holds=one.holds) for one in found.weighed]
    held = [AccessRelation(kind=one.kind, since=one.since, until=one.until, current=one.current) for one in found.held]
    by = next((rule for rule in rules if rule.text == found.decision.rule), None)
    decision = found.decision
    return AccessExplained(
        allowed=decision.allowed, reason=decision.reason, decided_by=by, roles=sorted(roles), rules=rules, relations=held
    )
