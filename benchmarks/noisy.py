"""`python -m benchmarks.noisy`: one council floods with 150 clients; how long another waits, against its own quiet minutes of the same run.

The server, the flood and the council next door are three processes on loopback; PostgreSQL is a fourth. The flood never waits and never
reads Retry-After. Takes about twenty seconds after the servers stand. Times in milliseconds, and meaning only beside each other.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, cast

import uvicorn

from bootstrap.postgres import APP, OWNER, EmbeddedPostgres
from graphql_api.app import build
from graphql_api.context import Deps
from store import people
from store.migrate import migrate
from store.session import Database
from tests.graphql_api.desk import Desk, Hands, verifier_of
from tests.graphql_api.lived import opened
from tests.seeds import NORTHMOOR, WESTSHIRE, Place, seed
from workflows.engine import Engine

FLOOD, NEIGHBOUR = 150, 2  # clients
QUIET, WARM, NOISY, ROUNDS = 2.5, 1.0, 3.0, 3  # seconds; quiet and noise take turns, so that a slow minute of the machine falls on both
CASES = 20
THINKS = 0.02  # seconds between two questions of the neighbour's
PAGE = """{ worklist(first: 20) { nodes { id reference openedOn stage { name say } child { givenName familyName }
  clocks { name say due status force } actions { name kind } } } }"""


async def _ask(port: int, request: bytes, streams: list[Any]) -> tuple[int, bool, float]:
    """One question over a connection that stays open: its status, whether it says when to try again, and how long it took."""
    if not streams:
        streams += await asyncio.open_connection("127.0.0.1", port)
    reader, writer = streams
    begun = time.perf_counter()
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
    body = await reader.readexactly(length)
    took = (time.perf_counter() - begun) * 1000
    status = int(head.split(b" ", 2)[1])
    if status == 200 and b'"errors"' in body:
        raise RuntimeError(body[:300].decode())
    return status, any(line.startswith(b"retry-after:") for line in lines), took


def _request(token: str) -> bytes:
    body = json.dumps({"query": PAGE}).encode()
    head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer {}\r\ncontent-length: {}\r\n\r\n"
    return head.format(token, len(body)).encode() + body


async def _clients(port: int, tokens: list[str], seconds: float, thinks: float) -> tuple[Counter[str], list[float]]:
    """Clients that ask again as soon as they are answered."""
    counts: Counter[str] = Counter()
    times: list[float] = []
    until = time.monotonic() + seconds

    async def one(token: str) -> None:
        request, streams = _request(token), list[Any]()
        while time.monotonic() < until:
            try:
                status, says_when, took = await _ask(port, request, streams)
            except (OSError, asyncio.IncompleteReadError):
                counts["broken off"] += 1
                streams.clear()
                continue
            counts[str(status)] += 1
            if status == 200:
                times.append(took)
            else:
                counts["honest" if status in (429, 503) and says_when else "dishonest"] += 1
            await asyncio.sleep(thinks)

    await asyncio.gather(*(one(token) for token in tokens))
    return counts, times


def _apart(pipe: Connection, port: int, tokens: list[str], thinks: float) -> None:
    """A process of clients, which asks for so many seconds whenever it is told to."""
    while (seconds := pipe.recv()) is not None:
        pipe.send(asyncio.run(_clients(port, tokens, seconds, thinks)))


def _said(times: list[float]) -> tuple[float, float]:
    ordered = sorted(times)
    return statistics.median(ordered), ordered[int(len(ordered) * 0.99)]


async def _told(pipe: Connection, seconds: float) -> tuple[Counter[str], list[float]]:
    pipe.send(seconds)
    answer: tuple[Counter[str], list[float]] = await asyncio.to_thread(pipe.recv)
    return answer


def _token(desk: Desk, place: Place, person: people.Person) -> str:
    return desk.token(sub=person.subject, tenants={place.slug: list(person.roles)})


async def compare() -> None:
    """Quiet, then with the flood."""
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as home:
        postgres = EmbeddedPostgres(Path(home) / "postgres", 0, durable=False)
        postgres.start()
        try:
            postgres.create_database("waymark")
            await migrate(postgres.dsn(OWNER, "waymark"))
            await seed(postgres.dsn(OWNER, "waymark"))
            await _served(postgres, _compared)
        finally:
            postgres.erase()


async def _served(postgres: EmbeddedPostgres, then: Callable[[Desk, int], Awaitable[None]]) -> None:
    database, desk = Database(postgres.dsn(APP, "waymark")), Desk()
    for place in (WESTSHIRE, NORTHMOOR):
        for _ in range(CASES):
            await opened(database, place=place, child=place.children[0])
    deps = Deps(database=database, engine=cast(Engine, None), verifier=verifier_of(desk, Hands()))
    server = uvicorn.Server(uvicorn.Config(build(deps), host="127.0.0.1", port=0, log_config=None, access_log=False, lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.01)
    try:
        await then(desk, server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        await running
        await database.close()


async def _compared(desk: Desk, port: int) -> None:
    staff = (WESTSHIRE.caseworker, WESTSHIRE.decision_maker, WESTSHIRE.senco)
    flood = [_token(desk, WESTSHIRE, staff[n % len(staff)]) for n in range(FLOOD)]
    quiet = [_token(desk, NORTHMOOR, NORTHMOOR.caseworker)] * NEIGHBOUR
    spawn, pipes, processes = multiprocessing.get_context("spawn"), [], []
    for tokens, thinks in ((flood, 0.0), (quiet, THINKS)):
        ours, theirs = spawn.Pipe()
        processes.append(spawn.Process(target=_apart, args=(theirs, port, tokens, thinks), daemon=True))
        pipes.append(ours)
        processes[-1].start()
    noise, neighbour = pipes
    await _told(neighbour, 2 * WARM)
    before, during, served = list[float](), list[float](), list[float]()
    counts, flooded = Counter[str](), Counter[str]()
    for _ in range(ROUNDS):
        before += (await _told(neighbour, QUIET))[1]
        flooding = asyncio.create_task(_told(noise, WARM + NOISY))
        await asyncio.sleep(WARM)
        asked, times = await _told(neighbour, NOISY - 0.2)
        answers, theirs_served = await flooding
        during, counts = during + times, counts + asked
        flooded, served = flooded + answers, served + theirs_served
    for pipe in pipes:
        pipe.send(None)
    (p50, p99), (n50, n99) = _said(before), _said(during)
    print(f"the neighbour, quiet:   p50 {p50:.1f} p99 {p99:.1f} ms of {len(before)}")
    print(f"beside {FLOOD} flooding: p50 {n50:.1f} p99 {n99:.1f} ms of {len(during)}: p50 x {n50 / p50:.2f}, p99 x {n99 / p99:.2f}")
    print(f"refused to the neighbour: {sum(counts.values()) - counts['200']} of {sum(counts.values())}")
    refused = flooded["429"] + flooded["503"]
    print(
        f"of the flood {flooded['200']} answered ({len(served) / (WARM + NOISY) / ROUNDS:.0f} a second), {refused} refused, "
        f"{flooded['honest']} of them with Retry-After, {flooded['dishonest']} dishonestly, {flooded['broken off']} broken off"
    )


if __name__ == "__main__":
    asyncio.run(compare())
