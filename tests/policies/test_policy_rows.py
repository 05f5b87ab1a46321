"""The SQL of the relations against a plain reading of the same rows, in a real Postgres: lists, single rows and decisions agree."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import Table, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from policies.actions import ACTS, Act, Actor, Object, Role, Scope
from policies.enforcer import capacities, decide, facts_of, facts_of_child, facts_of_setting, national, where
from policies.relations import IN_TENANT, ITEMISED, MEANT, Facts, relations_of
from store.relations import KEEPING
from store.tables import case_file, case_party, child, person, relation, setting

pytestmark = pytest.mark.stored

TODAY = date(2026, 11, 24)
US, THEM = "westshire", "northmoor"
TABLES: dict[Scope, Table] = {Scope.CASE: case_file, Scope.CHILD: child, Scope.PERSON: person, Scope.SETTING: setting}
Row = dict[str, Any]


@dataclass
class World:
    """The rows of one authority, as they were written."""

    tenant: str
    rows: dict[Table, list[Row]] = field(
        default_factory=lambda: {each: [] for each in (setting, person, child, relation, case_file, case_party)}
    )

    def add(self, table: Table, **row: Any) -> Row:
        self.rows[table].append({"tenant": self.tenant, **row})
        return self.rows[table][-1]

    def related(self, who: UUID, kind: str, target: str) -> set[UUID]:
        return {
            each[target]
            for each in self.rows[relation]
            if each["person_id"] == who
            and each["kind"] == kind
            and each["starts_on"] <= TODAY
            and (each["ends_on"] is None or each["ends_on"] >= TODAY)
        }

    def parts(self, who: UUID, kind: str) -> list[Row]:
        """The parties of cases that mean this person, told by the plain sentence and not by the SQL."""
        at, found = self.related(who, "works_at", "setting_id"), []
        for each in self.rows[case_party]:
            named, place = each["person_id"], each["setting_id"]
            if each["kind"] != kind or each["since"] > TODAY:
                continue
            if kind in ("consulted", "requested"):
                meant = place in at if place else named == who
            else:
                meant = (named is None or named == who) and (place is None or place in at)
            if meant:
                found.append(each)
        return found

    def facts(self, who: UUID, scope: Scope, row: Row) -> Facts:
        held, items = {"any"}, set()
        if scope is Scope.PERSON:
            held |= {"self"} if row["id"] == who else set()
        elif scope is Scope.SETTING:
            held |= {"on_roll"} if row["id"] in self.related(who, "works_at", "setting_id") else set()
        else:
            pupil = row["id"] if scope is Scope.CHILD else row["child_id"]
            whole = next(each for each in self.rows[child] if each["id"] == pupil)
            parent = pupil in self.related(who, "parent", "child_id")
            oneself = pupil in self.related(who, "young_person", "child_id")
            held |= {"own_child"} if parent else set()
            held |= {"self"} if oneself else set()
            held |= {"broke_glass"} if pupil in self.related(who, "broke_glass", "child_id") else set()
            held |= {"granted"} if pupil in self.related(who, "support", "child_id") else set()
            wholly = pupil in self.related(who, "kept_from_record", "child_id")
            held |= {"kept_from_record"} if wholly else set()
            for kind in ("kept_from_acting", "kept_from_papers"):
                held |= {kind} if wholly or pupil in self.related(who, kind, "child_id") else set()
            # over compulsory school age on 24 November 2026: sixteen by 31 August 2026
            held |= {"handed_over"} if parent and not oneself and whole["born_on"] <= date(2010, 8, 31) else set()
            held |= {"on_roll"} if whole["setting_id"] in self.related(who, "works_at", "setting_id") else set()
            cases = {each["id"] for each in self.rows[case_file] if each["child_id"] == pupil} if scope is Scope.CHILD else {row["id"]}
            for kind in ("asked", "assigned", "consulted", "requested"):
                parts = [each for each in self.parts(who, kind) if each["case_id"] in cases]
                held |= {kind} if parts else set()
                if scope is Scope.CASE and kind in ITEMISED:
                    items |= {(kind, each["item"]) for each in parts}
                if scope is Scope.CASE and kind == "consulted":
                    items |= {(kind, str(each["setting_id"])) for each in parts if each["setting_id"]}
        return Facts(frozenset(held), frozenset(items))


def imagine(tenant: str, rnd: random.Random) -> World:
    """A small authority with everything in it that could be mistaken: ended, future and double relations, namesake items."""
    world = World(tenant)

    def new() -> UUID:
        return UUID(int=rnd.getrandbits(128), version=4)

    settings = [world.add(setting, id=new(), name=f"Setting {n}", urn=None, kind="school")["id"] for n in range(5)]
    people = [
        world.add(person, id=new(), name=f"Person {n}", email=None, subject=f"{tenant}-policies-{n}", roles=[])["id"] for n in range(14)
    ]
    children = [
        world.add(
            child,
            id=new(),
            given_name=f"Given {n}",
            family_name=f"Family {n}",
            born_on=rnd.choice((date(2010, 8, 31), date(2010, 9, 1), date(2016, 2, 29), date(2008, 1, 1))),
            upn=None,
            setting_id=rnd.choice([*settings, None]),
        )["id"]
        for n in range(10)
    ]
    spans = ((-400, None), (-400, -1), (-400, 0), (0, None), (1, None), (-30, 30))
    for who in people:
        for _ in range(rnd.randint(1, 8)):
            kind = rnd.choice(("parent",) * 6 + ("young_person",) * 3 + ("works_at",) * 3 + ("support", "broke_glass", *KEEPING))
            starts, ends = rnd.choice(spans)
            ends = 30 if kind in ("support", "broke_glass") and ends is None else ends  # a grant ends
            world.add(
                relation,
                id=new(),
                person_id=who,
                child_id=None if kind == "works_at" else rnd.choice(children),
                setting_id=rnd.choice(settings) if kind == "works_at" else None,
                kind=kind,
                starts_on=TODAY + timedelta(starts),
                ends_on=None if ends is None else TODAY + timedelta(ends),
            )
    for n in range(24):
        case = world.add(
            case_file,
            id=new(),
            reference=f"{tenant}-policies-{n}",
            child_id=rnd.choice(children),
            process="ehc_plan",
            version=1,
            process_digest="0",
            stage="considering",
            seq=1,
            opened_on=TODAY,
            state={},
        )
        once = set()
        for _ in range(rnd.randint(0, 4)):
            who, where_ = rnd.choice([(rnd.choice(people), None), (None, rnd.choice(settings)), (rnd.choice(people), rnd.choice(settings))])
            key = (
                rnd.choice(("asked", "asked", "consulted", "assigned", "requested")),
                rnd.choice(("", "medical", "education")),
                who,
                where_,
            )
            if key not in once:
                once.add(key)
                kind, item, *_ = key
                since = TODAY + timedelta(rnd.choice((-9, 0, 0, 1)))
                world.add(case_party, case_id=case["id"], kind=kind, item=item, person_id=who, setting_id=where_, since=since)
    return world


async def as_tenant(session: AsyncSession, tenant: str) -> None:
    await session.execute(text("select set_config('app.tenant', :tenant, true)"), {"tenant": tenant})


@pytest_asyncio.fixture
async def worlds(session: AsyncSession) -> tuple[World, World]:
    """Two authorities full of people; the session speaks for ours."""
    made = (imagine(US, random.Random(83)), imagine(THEM, random.Random(36)))
    for world in reversed(made):
        await as_tenant(session, world.tenant)
        for table, rows in world.rows.items():
            await session.execute(insert(table), rows)
    return made


def everybody(world: World) -> list[UUID]:
    return [each["id"] for each in world.rows[person]]


async def test_the_relations_of_a_row_are_those_that_a_plain_reading_finds(session: AsyncSession, worlds: tuple[World, World]) -> None:
    ours, seen = worlds[0], set()
    for who in everybody(ours):
        actor = Actor(who, US, frozenset())
        for scope, table in TABLES.items():
            for row in ours.rows[table]:
                found = await relations_of(session, actor, scope, row["id"], TODAY)
                assert found == ours.facts(who, scope, row), f"{scope} {row} {who}"
                seen |= {(scope, name) for name in found.relations}
    assert seen == {(scope, name) for scope in TABLES for name in MEANT[scope]}, "the sample must meet every relation"


@pytest.mark.parametrize("role", list(Role))
async def test_a_list_holds_exactly_the_rows_that_single_decisions_allow(
    session: AsyncSession, worlds: tuple[World, World], role: Role
) -> None:
    ours, rnd = worlds[0], random.Random(role)
    compared = 0
    for who in rnd.sample(everybody(ours), 5):
        for roles in ({role}, {role, rnd.choice(list(Role))}):
            actor = Actor(who, US, frozenset(roles))
            for obj, acts in ACTS.items():
                for act, scope in acts.items():
                    if scope is Scope.TENANT:
                        continue
                    table = TABLES[scope]
                    of_world = table.c.id.in_([row["id"] for row in ours.rows[table]])
                    listed = set((await session.scalars(select(table.c.id).where(of_world, where(actor, obj, act, TODAY)))).all())
                    facts = {row["id"]: ours.facts(who, scope, row) for row in ours.rows[table]}
                    items = {row: {item for _, item in held.items} | {""} for row, held in facts.items()}
                    allowed = {
                        row for row, held in facts.items() if any(decide(actor, obj, act, held, item).allowed for item in items[row])
                    }
                    assert listed == allowed, f"{roles} {act} {obj}"
                    compared += 1
                    row = rnd.choice(sorted(facts))
                    by_casbin = any(national().reference.enforce(obj, act, actor, US, (facts[row], item)) for item in items[row])
                    assert by_casbin == (row in listed), f"{roles} {act} {obj}"
    assert compared == 10 * sum(scope is not Scope.TENANT for acts in ACTS.values() for scope in acts.values())


async def test_a_row_of_another_authority_is_nothing_to_anybody(session: AsyncSession, worlds: tuple[World, World]) -> None:
    ours, theirs = worlds
    all_roles = frozenset(Role)
    for who in (everybody(ours)[0], everybody(theirs)[0]):
        actor = Actor(who, US, all_roles)
        for case in theirs.rows[case_file]:
            assert await facts_of(session, actor, case["id"], TODAY) is None
        assert not await facts_of_child(session, actor, theirs.rows[child][0]["id"], TODAY)
        assert not await facts_of_setting(session, actor, theirs.rows[setting][0]["id"], TODAY)


async def test_the_policy_keeps_authorities_apart_even_without_row_security(session: AsyncSession, worlds: tuple[World, World]) -> None:
    """Row security shows the rows of `northmoor`; an actor of `westshire` gets none of them by the policy's own condition."""
    await as_tenant(session, THEM)
    actor = Actor(everybody(worlds[1])[0], US, frozenset(Role))
    assert await session.scalar(select(case_file.c.id).limit(1)) is not None
    for obj, acts in ACTS.items():
        for act, scope in acts.items():
            if scope is not Scope.TENANT:
                assert (await session.scalars(select(TABLES[scope].c.id).where(where(actor, obj, act, TODAY)))).all() == []
    assert await facts_of(session, actor, worlds[1].rows[case_file][0]["id"], TODAY) is None


async def test_a_case_that_is_not_to_be_seen_is_like_one_that_is_not_there(session: AsyncSession, worlds: tuple[World, World]) -> None:
    case = worlds[0].rows[case_file][0]
    who = everybody(worlds[0])[0]
    for role in (Role.OPS, Role.LA_ADMINISTRATOR):
        assert await facts_of(session, Actor(who, US, frozenset({role})), case["id"], TODAY) is None
    stranger = Actor(UUID(int=1), US, frozenset(Role) - {Role.LA_CASEWORKER, Role.LA_MANAGER, Role.DECISION_MAKER, Role.AUDITOR})
    assert await facts_of(session, stranger, case["id"], TODAY) is None
    assert await facts_of(session, Actor(who, US, frozenset(Role)), UUID(int=2), TODAY) is None
    officer = await facts_of(session, Actor(UUID(int=1), US, frozenset({Role.LA_CASEWORKER})), case["id"], TODAY)
    assert officer == IN_TENANT


async def test_a_relation_that_ends_is_gone_from_the_next_statement(session: AsyncSession, worlds: tuple[World, World]) -> None:
    ours = worlds[0]
    case = ours.rows[case_file][0]
    who = UUID(int=5, version=4)
    await session.execute(insert(person), {"tenant": US, "id": who, "name": "New parent", "subject": "policies-new", "roles": []})
    link = {"tenant": US, "id": UUID(int=6, version=4), "person_id": who, "kind": "parent", "starts_on": TODAY - timedelta(9)}
    await session.execute(insert(relation), link | {"child_id": case["child_id"]})
    parent = Actor(who, US, frozenset({Role.PARENT}))
    mine = select(case_file.c.id).where(where(parent, Object.CASE, Act.LIST, TODAY))
    assert case["id"] in (await session.scalars(mine)).all()
    assert "own_child" in (await facts_of(session, parent, case["id"], TODAY) or ())
    await session.execute(relation.update().where(relation.c.id == link["id"]).values(ends_on=TODAY - timedelta(1)))
    again = select(case_file.c.id).where(where(parent, Object.CASE, Act.LIST, TODAY))
    assert (await session.scalars(again)).all() == []
    assert await facts_of(session, parent, case["id"], TODAY) is None


async def newcomer(session: AsyncSession, n: int, **works: UUID) -> UUID:
    """A person of ours without a past, perhaps at a setting."""
    who = UUID(int=700 + n, version=4)
    await session.execute(insert(person), {"tenant": US, "id": who, "name": "New", "subject": f"policies-new-{n}", "roles": []})
    if works:
        link = {"tenant": US, "id": UUID(int=800 + n, version=4), "person_id": who, "kind": "works_at", "starts_on": TODAY - timedelta(9)}
        await session.execute(insert(relation), link | {"setting_id": works["at"]})
    return who


async def reads(session: AsyncSession, who: UUID, role: Role, item: str = "") -> set[UUID]:
    """The cases on a person's list; each opens singly too, and shows what they may be in it."""
    actor = Actor(who, US, frozenset({role}))
    listed = set((await session.scalars(select(case_file.c.id).where(where(actor, Object.CASE, Act.LIST, TODAY)))).all())
    for case_id in listed:
        held = await facts_of(session, actor, case_id, TODAY)
        assert held is not None
        assert capacities(actor, held, item)
    return listed


async def test_the_part_that_an_act_gives_lets_in_whom_it_names_and_nobody_else(session: AsyncSession, worlds: tuple[World, World]) -> None:
    """What `relates` leaves behind: a person or a setting assigned, a setting consulted, a health body asked."""
    files = [each["id"] for each in worlds[0].rows[case_file]]
    rowan, alder = (UUID(int=600 + n, version=4) for n in range(2))
    for place in (rowan, alder):
        await session.execute(insert(setting), {"tenant": US, "id": place, "name": "Provision", "kind": "alternative_provision"})
    mediator, other = await newcomer(session, 1), await newcomer(session, 2)
    at_rowan, at_alder = await newcomer(session, 3, at=rowan), await newcomer(session, 4, at=alder)
    part = {"tenant": US, "item": "", "person_id": None, "setting_id": None, "since": TODAY}
    for given in (
        {"case_id": files[0], "kind": "assigned", "person_id": mediator},
        {"case_id": files[1], "kind": "assigned", "item": str(rowan), "setting_id": rowan},
        {"case_id": files[2], "kind": "consulted", "item": str(rowan), "setting_id": rowan},
        {"case_id": files[3], "kind": "asked", "person_id": mediator},
    ):
        await session.execute(insert(case_party), part | given)
    assert await reads(session, mediator, Role.MEDIATION_ADVISER) == {files[0]}
    assert await reads(session, mediator, Role.TRIBUNAL_STAFF) == {files[0]}
    assert await reads(session, mediator, Role.HEALTH_COMMISSIONER) == {files[0], files[3]}
    assert await reads(session, at_rowan, Role.AP_PROVIDER, str(rowan)) == {files[1], files[2]}
    for who in (other, at_alder):
        for role in (Role.MEDIATION_ADVISER, Role.TRIBUNAL_STAFF, Role.HEALTH_COMMISSIONER, Role.AP_PROVIDER):
            assert await reads(session, who, role) == set()
    provider = Actor(at_rowan, US, frozenset({Role.AP_PROVIDER}))
    consulted = await facts_of(session, provider, files[2], TODAY)
    assert consulted is not None
    assert capacities(provider, consulted, str(alder)) == capacities(provider, consulted) == frozenset()
    ended = relation.update().where(relation.c.person_id == at_rowan).values(ends_on=TODAY - timedelta(1))
    await session.execute(ended)
    assert await reads(session, at_rowan, Role.AP_PROVIDER) == set(), "who left the provider left its cases"


async def test_a_head_acts_for_the_school_in_every_pupils_case_but_that_of_their_own_child(
    session: AsyncSession, worlds: tuple[World, World]
) -> None:
    world = worlds[0]
    place = next(each["setting_id"] for each in world.rows[child] if each["setting_id"])
    pupils = [each["id"] for each in world.rows[child] if each["setting_id"] == place]
    of_pupils = {each["id"]: each["child_id"] for each in world.rows[case_file] if each["child_id"] in pupils}
    own = next(iter(of_pupils.values()))
    who = await newcomer(session, 5, at=place)
    acting = where(Actor(who, US, frozenset({Role.SCHOOL_HEAD, Role.PARENT})), Object.CASE, Act.AS_SCHOOL, TODAY)
    ours = select(case_file.c.id).where(acting)
    assert set((await session.scalars(ours)).all()) == set(of_pupils)
    link = {"tenant": US, "id": UUID(int=900, version=4), "person_id": who, "kind": "parent", "child_id": own, "starts_on": TODAY}
    await session.execute(insert(relation), link)
    assert set((await session.scalars(ours)).all()) == {case for case, pupil in of_pupils.items() if pupil != own}
    assert await reads(session, who, Role.SCHOOL_HEAD) == set(of_pupils), "she still reads it: the child is on her roll"


async def test_a_case_costs_one_statement_whatever_the_relations(session: AsyncSession, worlds: tuple[World, World]) -> None:
    from sqlalchemy import event

    sent: list[str] = []
    bind = session.get_bind()
    engine = getattr(bind, "engine", bind)

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        sent.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        who = everybody(worlds[0])[3]
        await facts_of(session, Actor(who, US, frozenset(Role)), worlds[0].rows[case_file][0]["id"], TODAY)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(sent) == 1
