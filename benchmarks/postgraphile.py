"""PostGraphile on the same database, where it is at hand: WAYMARK_POSTGRAPHILE names a folder in which `npm install postgraphile@5` ran.

It needs Node 22 or later: `node` on the path, or WAYMARK_NODE. It gives the rows as they are (the clocks inside `state`, unexplained; the journal
without its words), as the serving role under row security, so it does less than our page and may be taken for a floor.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import orjson

_CONFIG = """
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { makePgService } from "postgraphile/adaptors/pg";
export default {
  extends: [PostGraphileAmberPreset],
  pgServices: [makePgService({ connectionString: process.env.DATABASE_URL, schemas: ["waymark"] })],
  grafserv: { port: Number(process.env.PORT), host: "127.0.0.1", watch: false, graphiql: false },
  grafast: { explain: false, context: () => ({ pgSettings: { "app.tenant": "westshire" } }) },
};
"""
_PAGE = """query Page($first: Int!) { allCaseFiles(first: $first, orderBy: NEXT_DUE_ASC) { nodes {
  rowId reference seq openedOn stage state
  childByTenantAndChildId { rowId givenName familyName bornOn settingByTenantAndSettingId { name urn } }
  journalsByTenantAndCaseId(first: 10, orderBy: SEQ_ASC) { nodes { seq kind name item onDate recordedAt } } } } }"""


def folder() -> Path | None:
    """Where PostGraphile is, if anywhere."""
    named = os.environ.get("WAYMARK_POSTGRAPHILE")
    return Path(named).resolve() if named and Path(named, "node_modules", "postgraphile").is_dir() else None


@asynccontextmanager
async def serving(place: Path, dsn: str, first: int) -> AsyncIterator[tuple[Callable[[], Awaitable[bytes]], int]]:
    """Asks for the page, and the process that answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.NamedTemporaryFile("w", suffix=".mjs", dir=place, delete=False) as config:
        config.write(_CONFIG)
    around = {**os.environ, "DATABASE_URL": dsn, "PORT": str(port), "GRAPHILE_ENV": "production", "NODE_ENV": "production"}
    command = [os.environ.get("WAYMARK_NODE", "node"), "node_modules/.bin/postgraphile", "-C", Path(config.name).name]
    process = subprocess.Popen(command, cwd=place, env=around, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: ASYNC220 - a moment
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:

            async def ask() -> bytes:
                answer = await http.post("/graphql", json={"query": _PAGE, "variables": {"first": first}})
                assert b'"errors"' not in answer.content, answer.text[:600]
                assert len(orjson.loads(answer.content)["data"]["allCaseFiles"]["nodes"]) == first
                return answer.content

            for _ in range(120):
                try:
                    await ask()
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.25)
            yield ask, process.pid
    finally:
        process.terminate()
        process.wait()
        os.unlink(config.name)
