"""Bring a database to the present tables and policies, or say how it differs; works from an installed package."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, NullPool, text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from store import (
    tables_access,
    tables_configuration,
    tables_lifecycle,
    tables_pilots,
    tables_places,
    tables_relations,
    tables_standards,
    tables_webhooks,
)
from store.session import driver_url
from store.tables import SCHEMA, metadata

# A module of tables is known once it is imported: what compares, exports or restores whole databases imports it from here.
MODULES = (
    tables_access,
    tables_configuration,
    tables_lifecycle,
    tables_pilots,
    tables_places,
    tables_relations,
    tables_standards,
    tables_webhooks,
)

# An advisory lock: two pods that start together migrate one after the other.
_ONE_AT_A_TIME = 7_283_551_926


def _only_ours(name: str | None, kind: str, parents: Any) -> bool:
    return name == SCHEMA if kind == "schema" else True


COMPARE: dict[str, Any] = {
    "target_metadata": metadata,
    "include_schemas": True,
    "include_name": _only_ours,
    "version_table_schema": SCHEMA,
    "compare_type": True,
    "compare_server_default": True,
}


async def migrate(dsn_owner: str, to: str = "head") -> None:
    """Run every migration that is missing, then the policies, in one transaction: all of it or nothing.

    `to` is for the way back, "base" or an older revision, which takes its tables away with their records.
    """
    policies = (resources.files("store") / "policies.sql").read_text(encoding="utf-8")
    async with _transaction(dsn_owner) as connection:
        await connection.run_sync(_run, to)
        if to != "head":
            return
        # the driver itself takes a whole script; a prepared statement would take one statement only
        driver: Any = (await connection.get_raw_connection()).driver_connection
        await driver.execute(policies)


async def drift(dsn_owner: str) -> list[str]:
    """How the tables in the database differ from the tables in the code; empty when they agree."""

    def compare(connection: Connection) -> list[str]:
        return [repr(found) for found in compare_metadata(MigrationContext.configure(connection, opts=COMPARE), metadata)]

    async with _transaction(dsn_owner) as connection:
        return await connection.run_sync(compare)


def _run(connection: Connection, to: str) -> None:
    connection.execute(text("select pg_advisory_xact_lock(:one)"), {"one": _ONE_AT_A_TIME})
    # A migration that queues behind a long transaction makes everybody else queue behind it: better to give up early.
    connection.execute(text("set local lock_timeout = '3s'"))
    connection.execute(text("set local statement_timeout = '5min'"))
    connection.execute(text(f"create schema if not exists {SCHEMA}"))
    with resources.as_file(resources.files("store") / "migrations") as scripts:
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        if to == "head":
            command.upgrade(config, to)
        else:
            command.downgrade(config, to)


@asynccontextmanager
async def _transaction(dsn: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(driver_url(dsn), poolclass=NullPool, hide_parameters=True)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()
