"""A child goes to the successor with everything that is theirs: each journal hash for hash, each state to the letter, nothing left running."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
import pytest_asyncio
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from activities.rebuild import folded
from activities.record import StepRecorder, state_of
from statute.advance import advance
from statute.types import Refused
from store import cases, inbox, journal, lifecycle, moving, origins, people, whole
from store.session import Database
from store.tables import case_file, outbox, tenant
from store.tables_lifecycle import case_origin, case_successor
from tests.conftest import Dsns
from tests.graphql_api import lived
from tests.seeds import WESTSHIRE
from tests.statute.lives import ENGLAND, Life, Wish
from tests.store.second_verifier import suspects
from tests.store.test_row_security import _fill as fill
from workflows import library, ports

pytestmark = pytest.mark.stored
OF, TO, ON = WESTSHIRE.slug, "east", date(2027, 4, 1)
CHILD, SIBLING = WESTSHIRE.children


@pytest_asyncio.fixture
async def owner(dsns: Dsns) -> AsyncIterator[Database]:
    """The owner's way in, with two authorities that may come after Westshire."""
    db = Database(dsns.owner, 2)
    for slug, code in ((TO, "991"), ("west", "992")):
        async with db.tenant(slug) as session:
            await lifecycle.create(session, people.Tenant(slug, slug.title(), code, f"E06000{code}", True), "tests", "seeded")
    yield db
    await db.close()


async def move(owner: Database, *children: UUID, of: str = OF, to: str = TO) -> moving.Moved:
    async with owner.tenant(of) as session:
        form = await moving.shape(session)
        await moving.move_register(session, form, of, to)
    async with owner.tenant(of) as session:
        return await moving.move(session, form, of, to, children or (CHILD.id, SIBLING.id), ON, "rebuilding")


async def seen(database: Database, slug: str) -> dict[UUID, cases.CaseFile]:
    async with database.tenant(slug) as session:
        return {one.id: one for one in await cases.list_cases(session, limit=1000)}


async def lives(database: Database, many: int, seed: int) -> None:
    """Made-up lives of every process, recorded as the worker records them."""
    chance = random.Random(seed)
    recorder = StepRecorder(database)
    names = [name for name in library.names() if name not in library.drafts()]
    for number in range(many):
        process = library.in_force(names[number % len(names)], date(2026, 6, 1))
        life = Life(process, lingers=True)
        child = str(chance.choice(WESTSHIRE.children).id)
        file = ports.CaseFile(OF, str(uuid4()), process.name, process.version, child, "", str(WESTSHIRE.parent.id))
        for _ in range(chance.randrange(4, 25)):
            event = life.event(Wish(chance.choice((0, 1, 3, 10, 40)), chance.randrange(2**32)))
            try:
                step = advance(process, life.state, event, ENGLAND)
            except Refused:
                continue
            if not step.replayed:
                await recorder.record_step(ports.Recording(file, event, "00", step.state, step.effects))
                life.state = step.state


@pytest.mark.parametrize("seed", [1, 2])
async def test_every_state_date_and_hash_is_after_the_move_what_it_was_before(
    owner: Database, database: Database, dsns: Dsns, seed: int
) -> None:
    await lives(database, 40, seed)
    before, chains = await seen(database, OF), await journal.verify(database, OF)
    assert chains.sound
    assert len(before) > 25
    first = await move(owner, CHILD.id)
    second = await move(owner, SIBLING.id)
    assert {*first.cases, *second.cases} == set(before)
    after = await seen(database, TO)
    assert set(after) == set(before)
    for key, was in before.items():
        now = after[key]
        same = ("id", "reference", "child_id", "process", "version", "process_digest", "stage", "seq", "opened_on", "closed_on", "next_due")
        assert [getattr(now, name) for name in same] == [getattr(was, name) for name in same]
        assert state_of(now.state) == state_of(was.state)
        async with database.tenant(TO) as session:
            assert await folded(session, now) == state_of(was.state)  # its dates, rights and facts follow from its journal, there too
    gone = await seen(database, OF)
    assert all(one.closed_on is not None and one.next_due is None for one in gone.values())
    for slug in (OF, TO):
        verdict = await journal.verify(database, slug)
        assert (verdict.sound, verdict.root) == (True, chains.root)
        assert await origins.torn(database, slug) == []
    assert await suspects(dsns.superuser) == set()  # a verifier that shares no line with ours, and knows of origins


async def test_a_moved_case_takes_no_step_where_it_was_and_goes_on_where_it_is(owner: Database, database: Database) -> None:
    life = await lived.opened(database)
    await move(owner)
    with pytest.raises(Exception, match="does not fit"):
        await life.assess(lived.FIRST)
    there = lived.Life(database, ports.CaseFile(TO, life.file.case_id, life.file.process, 1, life.file.child_id, ""), life.state)
    await there.assess(lived.FIRST)
    verdict = await journal.verify(database, TO)
    assert verdict.sound
    assert verdict.heads[life.id][0] == 4
    assert (await journal.verify(database, OF)).heads[life.id][0] == 1
    await move(owner, CHILD.id, of=TO, to="west")  # and once more: each step bears the name of where it was written
    async with database.tenant("west") as session:
        found = (await origins.of_cases(session))[life.id]
        assert [(one.from_tenant, one.until) for one in found] == [(OF, 1), (TO, 4)]
    assert (await journal.verify(database, "west")).sound


async def test_an_authority_that_hands_over_opens_nothing_and_the_others_do(owner: Database, database: Database) -> None:
    async with owner.tenant(OF) as session:
        await lifecycle.suspend(session, "pat", "the order")
        assert await lifecycle.hand_over(session, "pat", "the order", [TO], "digest")
        assert not await lifecycle.hand_over(session, "pat", "the order", [TO], "digest")
    with pytest.raises(Exception, match="does not fit"):
        await lived.opened(database)


async def test_moving_again_moves_nothing(owner: Database, database: Database) -> None:
    await lived.opened(database)
    assert len((await move(owner)).cases) == 1
    counts = await rows_of(owner, TO)
    again = await move(owner)
    assert (again.cases, again.open) == ((), ())
    assert await rows_of(owner, TO) == counts


async def test_letters_that_wait_are_sent_by_the_successor_alone(owner: Database, database: Database) -> None:
    await lived.opened(database)
    async with database.tenant(OF) as session:
        waiting = len((await session.execute(select(outbox).where(outbox.c.status == "waiting"))).all())
    assert waiting
    await move(owner)
    for slug, said in ((OF, moving.HELD), (TO, "rebuilding")):
        async with database.tenant(slug) as session:
            found = (await session.execute(select(outbox.c.status, outbox.c.last_error))).all()
        assert [tuple(one) for one in found] == [("held", said)] * waiting
    async with owner.tenant(TO) as session:
        await whole.let_go(session, "rebuilding")
    async with owner.tenant(OF) as session:
        await whole.let_go(session, "rebuilding")
        assert not (await lifecycle.unfinished(session)).posts


async def test_a_family_goes_with_its_child_alone_and_those_who_work_there_are_known_to_both(owner: Database, database: Database) -> None:
    await move(owner, SIBLING.id)  # the parent is one of the other child
    async with database.tenant(TO) as session:
        assert await people.read_person(session, WESTSHIRE.parent.id) is None
        assert await people.read_person(session, WESTSHIRE.senco.id) is not None
        assert await people.read_setting(session, WESTSHIRE.setting.id) is not None
    await move(owner, CHILD.id)
    async with database.tenant(TO) as session:
        assert await people.read_person(session, WESTSHIRE.parent.id) == WESTSHIRE.parent


async def test_who_is_known_at_the_successor_already_is_one_person_there(owner: Database, database: Database) -> None:
    """A merge: the same parent, child and school are in both registers under other ids."""
    life = await lived.opened(database)
    own = people.Person(uuid4(), "Parent there", None, WESTSHIRE.parent.subject, ["parent"])
    child = people.Child(uuid4(), CHILD.given_name, CHILD.family_name, CHILD.born_on, CHILD.upn, None)
    async with owner.tenant(TO) as session:
        await people.add_person(session, own)
        await people.add_child(session, child)
        await people.add_setting(session, people.Setting(uuid4(), "The same school", WESTSHIRE.setting.urn, "mainstream_school"))
        await session.execute(update(tenant).values(training=True))
    await move(owner)
    async with database.tenant(TO) as session:
        file = await cases.read_case(session, life.id)
        assert file is not None
        assert file.child_id == child.id
        assert [one.person_id for one in await people.list_relations(session, ON, child_id=child.id)] == [own.id]
        ghost = await people.read_person(session, WESTSHIRE.parent.id)
        assert ghost is not None
        assert (ghost.subject, ghost.roles, ghost.email) == (f"moved:{ghost.id}", [], None)
        school = await people.read_setting(session, WESTSHIRE.setting.id)
        assert school is not None
        assert school.urn is None


async def test_a_reference_that_is_taken_gets_another_and_that_is_told(owner: Database, database: Database) -> None:
    life = await lived.opened(database)
    async with database.tenant(OF) as session:
        old = (await session.scalars(select(case_file.c.reference))).one()
    await move(owner, CHILD.id)
    async with owner.tenant(OF) as session:
        await people.add_child(session, people.Child(other := uuid4(), "A", "B", CHILD.born_on))
    twin = await lived.opened(database, child=people.Child(other, "A", "B", CHILD.born_on))
    async with owner.tenant(OF) as session:
        await session.execute(update(case_file).where(case_file.c.id == life.id).values(reference="WM-0000-000"))
        await session.execute(update(case_file).where(case_file.c.id == twin.id).values(reference=old))
    moved = await move(owner, other)
    assert list(moved.renamed) == [old]
    async with database.tenant(TO) as session:
        found = {row.id: row.reference for row in await session.execute(select(case_file.c.id, case_file.c.reference))}
    assert found == {life.id: old, twin.id: moved.renamed[old]}


@pytest.mark.parametrize(
    ("tampering", "where"),
    [
        ("update waymark.journal set name = 'x' where tenant = 'east' and seq = 1", "journal"),
        ("update waymark.case_origin set head = '\\x" + "00" * 32 + "'", "journal"),
        ("update waymark.case_origin set from_tenant = 'west'", "journal"),
        ("delete from waymark.case_origin", "journal"),
        ("delete from waymark.case_origin", "torn"),
        ("update waymark.case_successor set head = '\\x" + "00" * 32 + "'", "torn"),
    ],
)
async def test_whoever_changes_the_seam_is_found(owner: Database, database: Database, dsns: Dsns, tampering: str, where: str) -> None:
    await lived.opened(database)
    await move(owner)
    superuser = await asyncpg.connect(dsns.superuser)
    await superuser.execute("set session_replication_role = replica")
    await superuser.execute(tampering)
    await superuser.close()
    assert await origins.torn(database, OF) if where == "torn" else not (await journal.verify(database, TO)).sound


async def test_the_seam_only_grows_even_for_the_owner(owner: Database, database: Database) -> None:
    await lived.opened(database)
    await move(owner)
    for slug, table in ((TO, case_origin), (OF, case_successor)):
        with pytest.raises(IntegrityError, match="only grows"):
            async with owner.tenant(slug) as session:
                await session.execute(table.delete())


async def test_a_move_that_fails_leaves_everything_where_it_was(
    owner: Database, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await lived.opened(database)
    before = await rows_of(owner, OF), await rows_of(owner, TO)

    def broken(*_: Any) -> None:
        raise RuntimeError("in the middle")

    monkeypatch.setattr(moving, "insert", broken)
    with pytest.raises(RuntimeError, match="in the middle"):
        await move(owner)
    monkeypatch.undo()
    after = await rows_of(owner, OF), await rows_of(owner, TO)
    assert after[0] == before[0]
    assert {**after[1], "person": [], "relation": [], "setting": [], "setting_term": []} == {
        **before[1], "person": [], "relation": [], "setting": [], "setting_term": []
    }  # fmt: skip


async def test_every_table_of_children_or_cases_goes_along_or_is_told(owner: Database, database: Database, dsns: Dsns) -> None:
    superuser = await asyncpg.connect(dsns.superuser)
    await superuser.execute(
        """
        create table waymark.goes (tenant text, id int, child_id uuid, primary key (tenant, id),
            foreign key (tenant, child_id) references waymark.child (tenant, id));
        create table waymark.plan (tenant text, id int, primary key (tenant, id));
        create table waymark.stays (tenant text, case_id uuid, plan int, primary key (tenant, case_id),
            foreign key (tenant, case_id) references waymark.case_file (tenant, id),
            foreign key (tenant, plan) references waymark.plan (tenant, id));
        alter table waymark.goes owner to waymark_owner; alter table waymark.plan owner to waymark_owner;
        alter table waymark.stays owner to waymark_owner
        """
    )
    await superuser.execute("insert into waymark.goes values ('westshire', 1, $1)", CHILD.id)
    async with owner.tenant(OF) as session:
        form = await moving.shape(session)
    assert form.found_by["goes"] == "child_id"
    assert "stays" in form.stuck
    assert "plan" in form.own()
    told = {*form.found_by, *form.stuck, *form.own(), *moving.REGISTER, *moving.CONTENT, *moving.ROOTS, *moving.LEFT}
    assert {table.name for table in form.tables} - told == {"tenant", "tenant_slug", "tenant_event"}
    await move(owner)
    assert await superuser.fetchval("select count(*) from waymark.goes where tenant = 'east'") == 1
    await superuser.close()


async def test_with_a_row_in_every_table_what_is_the_childs_goes_and_the_rest_is_told(owner: Database, database: Database) -> None:
    await fill(database)
    about = {"person_id": WESTSHIRE.parent.id, "process": "ehc_plan", "case_id": uuid4(), "body": {"child_id": str(CHILD.id), "version": 1}}
    async with database.tenant(OF) as session:
        receipt = await inbox.receive(session, key="asked", fingerprint=b"f", **about)
        await inbox.mark_opened(session, receipt.receipt)
    before = await rows_of(owner, OF)
    async with owner.tenant(OF) as session:
        form = await moving.shape(session)
        stuck = await moving.counted(session, form.stuck, (CHILD.id, SIBLING.id))
        stays = await moving.counted(session, form.own())
    assert set(stuck) == set(form.stuck)  # each of them has a row, and each row is told
    assert {name: len(before[name]) for name in form.own()} == stays
    await move(owner)
    after = await rows_of(owner, TO)
    async with database.tenant(TO) as session:
        assert (
            await inbox.find_receipt(session, WESTSHIRE.parent.id, receipt.receipt) is not None
        )  # the number that the family has is good there
    before["inbox"] = before["inbox"][:1]  # the other one is about no child
    going = {*form.found_by, *moving.ROOTS, *moving.REGISTER, *moving.CONTENT} - {"case_origin"}
    assert {name: len(after[name]) for name in going} == {name: len(before[name]) for name in going}
    assert {name for name, rows in after.items() if rows} - going == {"case_origin", "tenant", "tenant_event", "tenant_slug"}


async def rows_of(owner: Database, slug: str) -> dict[str, list[str]]:
    async with owner.tenant(slug, snapshot=True) as session:
        return {table.name: sorted([row async for row in whole.rows(session, table)]) for table in await whole.tables(session)}
