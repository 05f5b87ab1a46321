"""What every test may ask for: a real PostgreSQL, and fresh databases with two authorities in them.

What only the stored tests need is imported where it is used, so that the pure ones start without a database driver.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from bootstrap.postgres import APP, OWNER, SUPERUSER, EmbeddedPostgres

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from store.session import Database

_EMPTY = "template_empty"  # migrated, nobody in it
SEEDED = "template_seeded"  # the two authorities of tests.seeds
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Dsns:
    """The addresses of one database, by role."""

    name: str
    app: str
    owner: str
    superuser: str


@pytest.fixture(scope="session")
def postgres() -> Iterator[EmbeddedPostgres]:
    """One PostgreSQL for the whole run, in memory where there is room, without fsync."""
    memory = Path("/dev/shm")  # noqa: S108
    roomy = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 2**30
    home = Path(tempfile.mkdtemp(prefix="waymark-test-", dir=memory if roomy else None))
    server = EmbeddedPostgres(home, 0, durable=False)
    server.start()
    yield server
    server.erase()


@pytest.fixture(scope="session")
def templates(postgres: EmbeddedPostgres) -> EmbeddedPostgres:
    """The server with both template databases made, migrated once."""

    from store.migrate import migrate
    from tests.seeds import seed

    async def make() -> None:
        await migrate(postgres.dsn(OWNER, _EMPTY))
        postgres.create_database(SEEDED, template=_EMPTY)
        await seed(postgres.dsn(OWNER, SEEDED))

    postgres.create_database(_EMPTY)
    # a loop and a thread of its own, so that the session's loop is left alone
    runner = asyncio.Runner()
    try:
        runner.run(make())
    finally:
        runner.close()
    return postgres


def fresh(server: EmbeddedPostgres, template: str) -> Iterator[Dsns]:
    """A database of its own, for as long as it is asked for."""
    name = f"test_{next(_numbers)}"
    server.create_database(name, template=template)
    yield Dsns(name, *(server.dsn(role, name) for role in (APP, OWNER, SUPERUSER)))
    server.drop_database(name)


@pytest.fixture
def dsns(templates: EmbeddedPostgres) -> Iterator[Dsns]:
    """A fresh database with the two authorities in it, for this test alone."""
    yield from fresh(templates, SEEDED)


@pytest.fixture
def empty_dsns(templates: EmbeddedPostgres) -> Iterator[Dsns]:
    """A fresh, migrated database with nobody in it."""
    yield from fresh(templates, _EMPTY)


@pytest.fixture
def blank_dsns(postgres: EmbeddedPostgres) -> Iterator[Dsns]:
    """A fresh database without even the tables."""
    yield from fresh(postgres, "template0")


@pytest_asyncio.fixture
async def database(dsns: Dsns) -> AsyncIterator[Database]:
    """The fresh database as the serving role sees it."""
    from store.session import Database

    db = Database(dsns.app)
    yield db
    await db.close()


@pytest_asyncio.fixture
async def session(database: Database) -> AsyncIterator[AsyncSession]:
    """A transaction of Westshire, as the serving role."""
    from tests.seeds import WESTSHIRE

    async with database.tenant(WESTSHIRE.slug, str(WESTSHIRE.caseworker.id)) as opened:
        yield opened
