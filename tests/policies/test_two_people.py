"""Where one person is not enough, the database says so too; and nobody decides in the case of their own family."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from policies.actions import ACTS, Act, Actor, Object, Role, Scope
from policies.enforcer import decide, national
from policies.relations import Facts
from policies.two_people import RULES

APART = re.compile(r"\((\w+_by) <> (\w+_by)\)")
CHECKS = """select c.relname::text as name, k.conname::text as rule, pg_get_constraintdef(k.oid) as said
  from pg_constraint k join pg_class c on c.oid = k.conrelid
 where k.contype = 'c' and c.relnamespace = 'waymark'::regnamespace"""
# what is done in the place of a body that decides for or about the child
DECIDING = (
    Act.AS_DECISION_MAKER,
    Act.AS_HEALTH_BODY,
    Act.AS_LOCAL_AUTHORITY,
    Act.AS_MEDIATION_ADVISER,
    Act.AS_SCHOOL,
    Act.AS_TRIBUNAL,
    Act.BREAK_GLASS,
    Act.CLAIM_EXCUSE,
)


@pytest.mark.stored
async def test_every_rule_of_two_people_is_a_check_of_the_database_and_every_such_check_is_a_rule(session: AsyncSession) -> None:
    found = {(row.name, row.rule, pair) for row in await session.execute(text(CHECKS)) for pair in APART.findall(row.said)}
    assert found == {(rule.table, rule.check, pair) for rule in RULES for pair in rule.apart}
    assert len(found) >= 3


def test_every_act_that_approves_is_a_rule_of_two_people() -> None:
    assert {(rule.obj, rule.act) for rule in RULES} == {(obj, act) for obj, acts in ACTS.items() for act in acts if act is Act.APPROVE}


@pytest.mark.parametrize("act", DECIDING)
def test_nobody_decides_in_the_case_of_their_own_family_whatever_else_they_are(act: Act) -> None:
    who = UUID("6f0d2c1e-7d0a-4f5e-9b7e-2f3c4d5e6f70")
    everything = frozenset({"any", "on_roll", "requested", "asked", "consulted", "assigned", "granted", "broke_glass"})
    granting = {role for obj, name, role, _, effect in national().rules() if (obj, name, effect) == (Object.CASE, act, "allow")}
    assert granting
    for role in granting:
        for roles in ({role}, {role, Role.PARENT}, set(Role)):
            actor = Actor(who, "westshire", frozenset(roles))
            assert decide(actor, Object.CASE, act, Facts(everything)).allowed, f"{role}: or the test would show nothing"
            for tie in ("own_child", "self"):
                assert not decide(actor, Object.CASE, act, Facts(everything | {tie})).allowed, f"{role} {tie}"
    assert ACTS[Object.CASE][act] is Scope.CASE
