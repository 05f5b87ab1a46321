"""The migrations make exactly the tables of the code, from nothing, as often as they are run, and can be taken back."""

from __future__ import annotations

import asyncio
from importlib import resources
from pathlib import Path

import asyncpg
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bootstrap.postgres import OWNER, EmbeddedPostgres
from store.migrate import drift, migrate
from store.session import driver_url
from store.tables import metadata
from tests.conftest import Dsns
from tests.store.walker import leaks

# everything that was declared: columns, keys, checks, indexes
SHAPE = """
select 'column', c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull::text,
       coalesce(pg_get_expr(d.adbin, d.adrelid), '')
  from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
 where c.relnamespace = 'waymark'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
   and c.relname <> 'alembic_version'
union all
select 'constraint', conrelid::regclass::text, conname::text, pg_get_constraintdef(oid), '', ''
  from pg_constraint where connamespace = 'waymark'::regnamespace and conrelid::regclass::text <> 'waymark.alembic_version'
union all
select 'index', indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid), '', ''
  from pg_index i join pg_class c on c.oid = indrelid where relnamespace = 'waymark'::regnamespace and relname <> 'alembic_version'
order by 1, 2, 3
"""


async def _shape(dsn: str) -> list[tuple[str, ...]]:
    connection = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await connection.fetch(SHAPE)]
    finally:
        await connection.close()


def test_there_is_one_line_of_migrations_with_one_head() -> None:
    with resources.as_file(resources.files("store") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts))
        script = ScriptDirectory.from_config(config)
        assert len(script.get_heads()) == 1
        assert len(list(Path(scripts, "versions").glob("*.py"))) == len(list(script.walk_revisions()))


@pytest.mark.stored
async def test_an_empty_database_becomes_what_the_code_says(blank_dsns: Dsns, postgres: EmbeddedPostgres) -> None:
    await migrate(blank_dsns.owner)
    assert await drift(blank_dsns.owner) == []
    declared = f"{blank_dsns.name}_declared"
    postgres.create_database(declared)
    engine = create_async_engine(driver_url(postgres.dsn(OWNER, declared)))
    async with engine.begin() as connection:
        await connection.execute(text("create schema waymark"))
        await connection.run_sync(metadata.create_all)
    await engine.dispose()
    try:
        assert await _shape(blank_dsns.owner) == await _shape(postgres.dsn(OWNER, declared))
    finally:
        postgres.drop_database(declared)


@pytest.mark.stored
async def test_a_database_that_differs_from_the_code_is_noticed(empty_dsns: Dsns) -> None:
    owner = await asyncpg.connect(empty_dsns.owner)
    await owner.execute("alter table waymark.letter add column colour text; drop index waymark.outbox_waiting_idx")
    await owner.close()
    found = await drift(empty_dsns.owner)
    assert any("colour" in each for each in found)
    assert any("outbox_waiting_idx" in each for each in found)


@pytest.mark.stored
async def test_migrating_again_and_from_two_places_at_once_changes_nothing(blank_dsns: Dsns) -> None:
    await asyncio.gather(migrate(blank_dsns.owner), migrate(blank_dsns.owner))
    before = await _shape(blank_dsns.owner)
    await migrate(blank_dsns.owner)
    assert await _shape(blank_dsns.owner) == before


@pytest.mark.stored
async def test_a_table_that_is_right_is_not_locked_by_migrating_again(dsns: Dsns) -> None:
    reader = await asyncpg.connect(dsns.app)
    async with reader.transaction():
        await reader.execute("select set_config('app.tenant', 'westshire', true)")
        await reader.fetch("select * from waymark.child, waymark.journal")
        await migrate(dsns.owner)  # would run into its lock timeout behind this open transaction
    await reader.close()


@pytest.mark.stored
@pytest.mark.parametrize(
    "mistake",
    [
        "alter table waymark.child no force row level security",
        "create policy wide on waymark.child using (true)",
        "alter policy of_tenant on waymark.child using (true)",
        "grant delete, truncate on waymark.journal to waymark_app",
        "alter table waymark.journal disable trigger journal_is_append_only",
    ],
)
async def test_migrating_puts_the_policies_right_again(dsns: Dsns, mistake: str) -> None:
    owner = await asyncpg.connect(dsns.owner)
    await owner.execute(mistake)
    await migrate(dsns.owner)
    found = await leaks(dsns.app, {table.name for table in metadata.sorted_tables}, "westshire")
    assert [each for each in found if "nothing is proved" not in each] == []
    with pytest.raises(asyncpg.RestrictViolationError):
        await owner.execute("delete from waymark.journal")
    await owner.close()


@pytest.mark.stored
async def test_a_migration_that_fails_leaves_nothing_behind(blank_dsns: Dsns) -> None:
    superuser = await asyncpg.connect(blank_dsns.superuser)
    await superuser.execute("create schema waymark authorization waymark_owner; create table waymark.letter (id int)")
    with pytest.raises(Exception, match="letter"):
        await migrate(blank_dsns.owner)
    assert [row[0] for row in await superuser.fetch("select relname::text from pg_class where relnamespace = 'waymark'::regnamespace")] == [
        "letter"
    ]
    await superuser.close()


@pytest.mark.stored
async def test_the_first_migration_can_be_taken_back(blank_dsns: Dsns) -> None:
    await migrate(blank_dsns.owner)
    await migrate(blank_dsns.owner, "base")
    superuser = await asyncpg.connect(blank_dsns.superuser)
    left = await superuser.fetch("select relname::text from pg_class where relnamespace = 'waymark'::regnamespace and relkind = 'r'")
    assert [row[0] for row in left] == ["alembic_version"]
    assert await superuser.fetchval("select count(*) from pg_proc where pronamespace = 'waymark'::regnamespace") == 0
    await superuser.close()
    await migrate(blank_dsns.owner)
    assert await drift(blank_dsns.owner) == []
