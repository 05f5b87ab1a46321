"""The API on a real port, and clients that watch: server-sent events and WebSockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import httpx
import uvicorn
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection, connect

from graphql_api.app import build
from graphql_api.context import Deps
from store import people
from store.session import Database
from tests.graphql_api.desk import Desk, Hands, verifier_of
from tests.seeds import Place
from workflows.engine import Engine

WATCH = "subscription($id: ID!) { caseChanged(id: $id) { version } }"
WORKLIST = "subscription { worklistChanged { nodes { version } } }"
LONG = 20.0  # seconds: a bound, not a measure


@dataclass
class Live:
    """A served API."""

    deps: Deps
    desk: Desk
    address: str

    def token(self, place: Place, person: people.Person, **claims: Any) -> str:
        return self.desk.token(sub=person.subject, tenants={place.slug: list(person.roles)}, **claims)

    @asynccontextmanager
    async def events(self, token: str, query: str, **variables: Any) -> AsyncIterator[Events]:
        """Watch by server-sent events."""
        headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream"}
        async with (
            httpx.AsyncClient(timeout=LONG) as http,
            http.stream("POST", f"http://{self.address}/graphql", json={"query": query, "variables": variables}, headers=headers) as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            assert answer.headers["content-type"].startswith("text/event-stream")
            yield Events(answer.aiter_lines())

    @asynccontextmanager
    async def socket(self, token: str, **options: Any) -> AsyncIterator[ClientConnection]:
        """A WebSocket that is let in."""
        protocol: Any = ["graphql-transport-ws"]
        async with connect(f"ws://{self.address}/graphql", subprotocols=protocol, **options) as socket:
            await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}))
            assert (await said(socket))["type"] == "connection_ack"
            yield socket


class Events:
    """What a stream of server-sent events says."""

    def __init__(self, lines: AsyncIterator[str]) -> None:
        self._lines = lines

    async def next(self) -> tuple[str, Any]:
        """The next event and its data; comments are passed over."""
        return await asyncio.wait_for(self._next(), LONG)

    async def _next(self) -> tuple[str, Any]:
        kind = ""
        async for line in self._lines:
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data:"):
                data = line[5:].strip()
                return kind, json.loads(data) if data else None
        return "closed", None


async def said(socket: ClientConnection) -> dict[str, Any]:
    """The next message of a WebSocket: as text, which is what a browser's client reads."""
    message = await asyncio.wait_for(socket.recv(), LONG)
    assert isinstance(message, str)
    return cast(dict[str, Any], json.loads(message))


async def subscribe(socket: ClientConnection, query: str, name: str = "1", **variables: Any) -> None:
    """Ask over a WebSocket."""
    await socket.send(json.dumps({"id": name, "type": "subscribe", "payload": {"query": query, "variables": variables}}))


@asynccontextmanager
async def served(database: Database, hands: Hands | None = None, **options: Any) -> AsyncIterator[Live]:
    """The API on a free port of loopback."""
    desk = Desk()
    deps = Deps(database, cast(Engine, None), verifier_of(desk, hands or Hands()), **options)
    server = uvicorn.Server(
        uvicorn.Config(build(deps), host="127.0.0.1", port=0, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    )
    running = asyncio.create_task(server.serve())
    await until(lambda: truth(server.started))
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield Live(deps, desk, f"127.0.0.1:{port}")
    finally:
        server.should_exit = True
        await running


async def truth(value: bool) -> bool:
    return value


async def until(asked: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so; fail when it does not become so."""
    async with asyncio.timeout(LONG):
        while not await asked():  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0.02)


async def listeners(database: Database) -> int:
    """How many connections listen, of this database."""
    query = text("select count(*) from pg_stat_activity where application_name = 'waymark listener' and datname = current_database()")
    async with database.tenant("westshire") as session:
        return int(await session.scalar(query) or 0)
