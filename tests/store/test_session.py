"""A session has a tenant or does not exist; an unsafe database is refused with words that help."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bootstrap.postgres import EmbeddedPostgres
from store import people
from store.session import Database, NoTenant, UnsafeDatabase, tenant_of
from tests.conftest import Dsns

pytestmark = pytest.mark.stored


async def test_a_session_without_a_tenant_is_refused(database: Database) -> None:
    with pytest.raises(NoTenant):
        async with database.tenant(""):
            pass
    async with database._sessions() as session:
        with pytest.raises(NoTenant):
            await session.execute(text("select 1"))


async def test_a_session_names_the_tenant_and_the_person_in_one_statement(database: Database) -> None:
    async with database.tenant("westshire", "somebody") as session:
        assert tenant_of(session) == "westshire"
        query = text("select current_setting('app.tenant'), current_setting('app.person')")
        assert tuple((await session.execute(query)).one()) == ("westshire", "somebody")
    async with database.tenant("westshire") as session:
        assert (await session.execute(query)).one()[1] == ""


async def test_what_was_done_in_a_block_that_failed_is_rolled_back(database: Database) -> None:
    async def fail() -> None:
        async with database.tenant("westshire") as session:
            assert await people.advance_clock(session, 10) == 10
            raise RuntimeError("failed")

    with pytest.raises(RuntimeError, match="failed"):
        await fail()
    async with database.tenant("westshire") as session:
        assert await people.advance_clock(session, 5) == 5


async def test_every_tenant_is_listed_without_naming_one(database: Database) -> None:
    assert await database.slugs() == ["northmoor", "westshire"]


async def test_a_connection_that_broke_in_the_pool_is_replaced_before_anything_is_asked(database: Database, dsns: Dsns) -> None:
    async with database.tenant("westshire") as session:
        pid = await session.scalar(text("select pg_backend_pid()"))
    superuser = await asyncpg.connect(dsns.superuser)
    await superuser.execute("select pg_terminate_backend($1)", pid)
    await superuser.close()
    await asyncio.sleep(0.1)
    async with database.tenant("westshire") as session:
        assert await session.scalar(text("select pg_backend_pid()")) != pid


async def test_a_connection_that_breaks_in_the_middle_is_told_to_the_caller(database: Database, dsns: Dsns) -> None:
    superuser = await asyncpg.connect(dsns.superuser)

    async def break_in_the_middle() -> None:
        async with database.tenant("westshire") as session:
            await people.advance_clock(session, 10)
            await superuser.execute("select pg_terminate_backend($1)", await session.scalar(text("select pg_backend_pid()")))
            await asyncio.sleep(0.1)
            await session.execute(text("select 1"))

    with pytest.raises(DBAPIError):
        await break_in_the_middle()
    await superuser.close()
    async with database.tenant("westshire") as session:
        assert await people.advance_clock(session, 5) == 5


async def test_a_snapshot_does_not_see_what_was_committed_after_it_began(database: Database) -> None:
    async with database.tenant("westshire", snapshot=True) as steady:
        before = await people.read_tenant(steady)
        async with database.tenant("westshire") as session:
            await people.advance_clock(session, 60)
        assert await people.read_tenant(steady) == before


async def test_a_listener_hears_again_after_its_connection_broke(database: Database, dsns: Dsns) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    superuser = await asyncpg.connect(dsns.superuser)
    async with database.listen("news", heard.put_nowait):
        await superuser.execute("notify news, 'one'")
        assert await asyncio.wait_for(heard.get(), 5) == "one"
        await superuser.execute("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'waymark listener'")
        assert await asyncio.wait_for(heard.get(), 10) == ""  # some may have been missed: look again
        await superuser.execute("notify news, 'two'")
        assert await asyncio.wait_for(heard.get(), 5) == "two"
    await superuser.close()


async def test_a_listener_that_cannot_connect_goes_on_trying(database: Database, dsns: Dsns) -> None:
    """A worker that starts beside a database that is starting too must neither end nor stay deaf."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    beside = await asyncpg.connect(dsns.superuser, database="postgres")
    await beside.execute(f"alter database {dsns.name} with allow_connections false")
    try:
        async with database.listen("news", heard.put_nowait):
            await beside.execute(f"alter database {dsns.name} with allow_connections true")
            assert await asyncio.wait_for(heard.get(), 10) == ""
            superuser = await asyncpg.connect(dsns.superuser)
            await superuser.execute("notify news, 'one'")
            assert await asyncio.wait_for(heard.get(), 5) == "one"
            await superuser.close()
    finally:
        await beside.execute(f"alter database {dsns.name} with allow_connections true")
        await beside.close()


async def test_the_serving_role_with_durable_settings_is_accepted(database: Database) -> None:
    await database.check(allow_unsafe=True)  # the test server runs without fsync, and with all the rest


async def test_a_server_without_fsync_is_refused(database: Database) -> None:
    with pytest.raises(UnsafeDatabase, match="fsync = off"):
        await database.check()


@pytest.mark.parametrize("value", ["off", "local"])
async def test_a_database_that_acknowledges_before_it_has_written_is_refused(dsns: Dsns, value: str) -> None:
    superuser = await asyncpg.connect(dsns.superuser)
    await superuser.execute(f"alter database {dsns.name} set synchronous_commit = {value}")
    await superuser.close()
    db = Database(dsns.app)
    with pytest.raises(UnsafeDatabase, match=f"synchronous_commit = {value}"):
        await db.check()
    await db.close()


@pytest.mark.parametrize(
    ("grant", "undo", "said"),
    [
        ("alter role waymark_app bypassrls", "alter role waymark_app nobypassrls", "bypass row security"),
        ("alter role waymark_app superuser", "alter role waymark_app nosuperuser", "superuser"),
        ("grant waymark_owner to waymark_app", "revoke waymark_owner from waymark_app", "owns the schema"),
        ("grant waymark_super to waymark_app", "revoke waymark_super from waymark_app", "superuser"),
        ("alter table waymark.child owner to waymark_app", "alter table waymark.child owner to waymark_owner", "owns the schema"),
    ],
)
async def test_a_role_that_row_security_does_not_bind_is_refused(database: Database, dsns: Dsns, grant: str, undo: str, said: str) -> None:
    superuser = await asyncpg.connect(dsns.superuser)
    try:
        await superuser.execute(grant)
        with pytest.raises(UnsafeDatabase, match=said):
            await database.check(allow_unsafe=True)
    finally:
        await superuser.execute(undo)
        await superuser.close()


async def test_a_database_without_tables_is_refused_with_what_to_do(blank_dsns: Dsns) -> None:
    db = Database(blank_dsns.app)
    with pytest.raises(UnsafeDatabase, match="waymark db migrate"):
        await db.check(allow_unsafe=True)
    await db.close()


async def test_the_test_server_acknowledges_only_what_is_written(templates: EmbeddedPostgres, database: Database) -> None:
    async with database.tenant("westshire") as session:
        assert await session.scalar(text("show synchronous_commit")) == "on"
