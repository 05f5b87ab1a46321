"""No row of another authority can be seen or written, in any table; and the walker that says so would notice."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from store import (
    access,
    cases,
    configurations,
    inbox,
    local_provision,
    mediators,
    outbox,
    overlays,
    people,
    plan_provision,
    rehearsals,
    relations,
    webhooks,
)
from store.session import Database
from store.tables import case_file, child, journal, metadata
from store.tables_access import SUBJECT
from store.tables_lifecycle import case_origin, case_successor
from tenants.mediators import Accreditation, Entry, Step
from tests.conftest import Dsns
from tests.seeds import NORTHMOOR, PLACES, WESTSHIRE
from tests.store.placed import placed
from tests.store.set_flags import a_pilot
from tests.store.steps import open_case
from tests.store.walker import leaks

pytestmark = pytest.mark.stored
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DECLARED = {table.name for table in metadata.sorted_tables}


async def _fill(database: Database) -> None:
    """At least one row of both authorities in every table."""
    for place in PLACES:
        case_id = await open_case(database, 2, place)
        async with database.tenant(place.slug) as session:
            await overlays.keep(session, {"0123456789ab": {"process": "ehc_plan"}})
            made = await configurations.draft(session, configurations.By(place.caseworker.id, AT, why="why"), {"configuration": 1}, "d")
            told = rehearsals.Told(case_id, "W-1", "ehc_plan", may_move=True, worsens=False, say="", differences=[])
            await rehearsals.record(session, made.version, {}, [told])
            await outbox.add_letter(session, outbox.Letter(case_id, 1, 0, "notice", "family", "<p></p>", "d"))
            held = Accreditation("Body", "1", date(2024, 9, 1), date(2027, 8, 31), "Service")
            who = place.senco.id
            await mediators.write(session, mediators.Kept(who, Entry(1, Step.ADDED, held), uuid4(), who, datetime.now(UTC)))
            await local_provision.write(
                session, local_provision.Step(1, uuid4(), "drafted", None, None, "", {}, "", who, datetime.now(UTC))
            )
            kept = plan_provision.Proposed(case_id, 1, uuid4(), date(2026, 1, 6), "primary", [], [], [], [], "f", who, datetime.now(UTC))
            await plan_provision.write(session, kept)
            await inbox.receive(session, person_id=place.parent.id, key="k", fingerprint=b"f", process="p", case_id=uuid4(), body={})
            await placed(session, case_id, place)
            await a_pilot(session, place, case_id)
            case, day = await cases.read_case(session, case_id), date(2026, 3, 2)
            assert case is not None
            opened = people.Relation(uuid4(), who, relations.BROKEN, day, case.child_id, None, day)
            await relations.break_glass(session, case, opened, "why", AT)
            await access.revoke(session, access.Ended(uuid4(), SUBJECT, "somebody", str(who), "why"))
            await webhooks.allow(session, webhooks.Host("hooks.example", who, "why"))
            await webhooks.register(session, webhooks.Webhook(uuid4(), "https://hooks.example/", "hooks.example", b"s" * 32, who))
        await open_case(database, 1, place)


async def _seam(dsns: Dsns) -> None:
    """That a case of each came from elsewhere, and goes on elsewhere: the owner alone writes it."""
    owner = Database(dsns.owner, 1)
    for place in PLACES:
        async with owner.tenant(place.slug) as session:
            row = (await session.execute(select(journal).limit(1))).one()
            seam = {"tenant": place.slug, "case_id": row.case_id, "head": row.hash, "on_date": row.on_date}
            await session.execute(insert(case_origin).values(n=1, from_tenant="before", until=row.seq, **seam))
            await session.execute(insert(case_successor).values(to_tenant="after", seq=row.seq, **seam))
    await owner.close()


async def test_no_table_shows_a_row_of_another_tenant(database: Database, dsns: Dsns) -> None:
    await _fill(database)
    await _seam(dsns)
    for place in PLACES:
        assert await leaks(dsns.app, DECLARED, place.slug) == []


@pytest.mark.parametrize(
    ("mistake", "noticed"),
    [
        ("alter table waymark.child disable row level security", "child: row security"),
        ("alter table waymark.child no force row level security", "child: row security"),
        ("create policy wide on waymark.letter using (true)", "letter: has not exactly"),
        ("drop policy of_tenant on waymark.inbox", "inbox: has not exactly"),
        ("alter policy of_tenant on waymark.person with check (true)", "person: has not exactly"),
        ("alter policy of_tenant on waymark.person using (true)", "person: 4 rows of others"),
        ("create table waymark.note (id int primary key, tenant text)", "note: there and not declared"),
        ("create table waymark.note (id int primary key, tenant text)", "note: does not begin"),
        ("create view waymark.all_children as select * from waymark.child", "all_children: a view"),
        ("create materialized view waymark.m as select * from waymark.child", "m: a materialised view"),
        ("create function waymark.f() returns bigint language sql security definer as 'select 1::bigint'", "f: a function"),
        ("alter table waymark.tenant_slug add column name text", "tenant_slug: holds more"),
        ("create index wrong on waymark.child (upn)", "wrong does not begin with the tenant"),
        ("alter role waymark_app bypassrls", "may bypass"),
        ("grant waymark_owner to waymark_app", "owns it"),
        ("grant delete on waymark.journal to waymark_app", "journal: the serving role may DELETE"),
        ("grant truncate on waymark.child to waymark_app", "child: the serving role may TRUNCATE"),
        ("truncate waymark.letter", "letter: westshire has no row"),
    ],
)
async def test_the_walker_notices_a_planted_mistake(database: Database, dsns: Dsns, mistake: str, noticed: str) -> None:
    await _fill(database)
    await _seam(dsns)
    superuser = await asyncpg.connect(dsns.superuser)
    try:
        await superuser.execute(mistake)
        found = await leaks(dsns.app, DECLARED, "westshire")
    finally:
        # roles belong to the whole server
        await superuser.execute("alter role waymark_app nobypassrls; revoke waymark_owner from waymark_app")
        await superuser.close()
    assert any(noticed in each for each in found), found


async def test_a_row_cannot_be_written_for_another_tenant_nor_moved_there(database: Database) -> None:
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.tenant("westshire") as session:
            await session.execute(insert(child).values(tenant="northmoor", id=uuid4(), given_name="x", family_name="y", born_on=func.now()))
    with pytest.raises(DBAPIError, match="row-level security"):
        async with database.tenant("westshire") as session:
            await session.execute(update(child).values(tenant="northmoor"))
    async with database.tenant("westshire") as session:
        changed = await session.execute(
            update(child).where(child.c.id == NORTHMOOR.children[0].id).values(given_name="x").returning(child.c.id)
        )
        assert changed.all() == []


async def test_fifty_sessions_of_two_tenants_over_few_connections_stay_apart(dsns: Dsns) -> None:
    db = Database(dsns.app, pool_size=2, wait_seconds=30)

    async def names(slug: str) -> set[str]:
        async with db.tenant(slug) as session:
            return {each.given_name for each in await people.list_children(session)}

    try:
        seen = await asyncio.gather(*(names(PLACES[n % 2].slug) for n in range(50)))
    finally:
        await db.close()
    for n, each in enumerate(seen):
        assert each == {found.given_name for found in PLACES[n % 2].children}


async def test_the_tenant_survives_a_savepoint_that_is_rolled_back(database: Database) -> None:
    async with database.tenant("westshire") as session:
        with pytest.raises(DBAPIError):
            async with session.begin_nested():
                await session.execute(text("select 1/0"))
        assert await session.scalar(select(func.count()).select_from(child)) == 2


async def test_an_error_does_not_repeat_names_or_numbers(database: Database) -> None:
    first, second = WESTSHIRE.children
    with pytest.raises(DBAPIError) as caught:
        async with database.tenant("westshire") as session:
            await people.add_child(session, people.Child(uuid4(), "Secretname", "Y", first.born_on, upn=second.upn))
    said = f"{caught.value!s} {caught.value!r} {caught.value.orig!s} {caught.value.__cause__!s}"
    assert second.upn is not None
    assert second.upn not in said
    assert "Secretname" not in said


async def test_the_same_upn_in_another_authority_tells_nobody_anything(database: Database) -> None:
    child_there = NORTHMOOR.children[0]
    async with database.tenant("westshire") as session:
        await people.add_child(session, people.Child(uuid4(), "A", "B", child_there.born_on, upn=child_there.upn))


async def test_a_case_of_another_tenant_is_not_found(database: Database) -> None:
    case_id = await open_case(database, 1, NORTHMOOR)
    async with database.tenant("westshire") as session:
        for table, column in ((case_file, case_file.c.id), (journal, journal.c.case_id)):
            assert (await session.execute(select(table).where(column == case_id))).all() == []
