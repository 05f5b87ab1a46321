"""Real servers outside of pytest: for the script that keeps histories, and for the benchmarks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from bootstrap.postgres import APP, OWNER, EmbeddedPostgres
from bootstrap.settings import Settings
from bootstrap.temporal import TemporalServer, connect
from bootstrap.worker import build
from store.migrate import migrate
from store.session import Database
from tests.durable import KEYS, Shell
from tests.seeds import WESTSHIRE, seed
from workflows import ports
from workflows.engine import Engine


@asynccontextmanager
async def standing(home: Path) -> AsyncIterator[tuple[Shell, tuple[int, int]]]:
    """Postgres (durable) and Temporal (a file) with a worker in this process; and the process ids of the two servers."""
    postgres = EmbeddedPostgres(home / "postgres")
    temporal = TemporalServer(home / "temporal")
    try:
        postgres.start()
        temporal.start()
        postgres.create_database("waymark")
        await migrate(postgres.dsn(OWNER, "waymark"))
        await seed(postgres.dsn(OWNER, "waymark"))
        database = Database(postgres.dsn(APP, "waymark"))
        client = await connect(Settings(temporal_address=temporal.address, codec_keys=KEYS), lazy=False)
        async with build(client, database):
            yield Shell(Engine(client), client, database, ports.TASK_QUEUE), (postgres.pid, temporal.pid)
        await database.close()
    finally:
        temporal.stop()
        postgres.erase()


def new_file(reference: str = "") -> ports.CaseFile:
    """A case of the first child of Westshire."""
    return ports.CaseFile(WESTSHIRE.slug, str(uuid4()), "ehc_plan", 1, str(WESTSHIRE.children[0].id), reference)
