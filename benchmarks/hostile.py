"""`python -m benchmarks.hostile`: what the hostile corpus costs, in milliseconds: the guard alone, and the whole application with a good token.

The best of three, because the machine is shared: what the work itself takes, not what the neighbours on the machine do.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import cast

from starlette.responses import JSONResponse
from starlette.types import Message

from bootstrap.postgres import APP, OWNER, EmbeddedPostgres
from graphql_api.document import Limits
from graphql_api.guard import Guard
from store.migrate import migrate
from store.session import Database
from tests.graphql_api.conftest import apis
from tests.graphql_api.hostile import CORPUS, Hostile
from tests.graphql_api.hostile_with_token import REAL
from tests.graphql_api.lived import opened
from tests.seeds import WESTSHIRE, seed
from workflows.engine import Engine

CASES = 20


async def _told(guard: Guard, one: Hostile) -> None:
    """One request without any client: what is measured is the guard."""
    headers = [(name.lower().encode(), value.encode()) for name, value in one.headers.items()]
    scope = {
        "type": "http", "http_version": "1.1", "method": one.method, "scheme": "http", "path": "/graphql", "raw_path": b"/graphql",
        "query_string": one.query_string.encode(), "headers": headers, "client": ("127.0.0.1", 1), "server": ("x", 80),
    }  # fmt: skip

    async def receive() -> Message:
        return {"type": "http.request", "body": one.body, "more_body": False}

    async def send(message: Message) -> None:
        return

    await guard(scope, receive, send)


async def _best(ask: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        await ask()
        times.append((time.perf_counter() - begun) * 1000)
    return min(times)


def _say(what: str, times: dict[str, float]) -> None:
    slowest = sorted(times, key=lambda name: times[name])[-3:]
    told = ", ".join(f"{name} {times[name]:.1f}" for name in reversed(slowest))
    print(f"{what}: {len(times)} requests, median {statistics.median(times.values()):.2f} ms; slowest: {told}", flush=True)


async def compare() -> None:
    """The guard with nothing behind it, and everything."""
    guard = Guard(JSONResponse({"data": {}}), Limits(remembered_documents=0))
    times = {one.name: await _best(lambda one=one: _told(guard, one)) for one in CORPUS}  # type: ignore[misc]
    _say("the guard alone, called as the server calls it", times)
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as home:
        postgres = EmbeddedPostgres(Path(home) / "postgres", 0, durable=False)
        postgres.start()
        try:
            postgres.create_database("waymark")
            await migrate(postgres.dsn(OWNER, "waymark"))
            await seed(postgres.dsn(OWNER, "waymark"))
            await _whole(Database(postgres.dsn(APP, "waymark")))
        finally:
            postgres.erase()


async def _whole(database: Database) -> None:
    for _ in range(CASES):
        await opened(database)
    async with apis(database) as made:
        api = made(cast(Engine, None))
        for person in (WESTSHIRE.caseworker, WESTSHIRE.parent):
            times = {}
            for one in REAL:
                times[one.name] = await _best(lambda one=one, person=person: api.sent(WESTSHIRE, person, one.body(), one.headers))  # type: ignore[misc]
            _say(f"with a good token, {person.roles[0]}", times)
    await database.close()


if __name__ == "__main__":
    asyncio.run(compare())
