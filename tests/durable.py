"""Fixtures for tests that need the real Temporal: one dev server a run, a client and a worker a test."""

from __future__ import annotations

import asyncio
import base64
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import pytest_asyncio
from temporalio.client import Client

from bootstrap.settings import Settings
from bootstrap.temporal import TemporalServer, connect
from bootstrap.worker import build
from statute.types import Event, Kind
from store.session import Database
from tests.seeds import WESTSHIRE
from workflows import library, ports
from workflows.engine import Engine

KEYS = f"test:{base64.b64encode(b'k' * 32).decode()}"


@pytest.fixture(scope="session")
def temporal() -> Iterator[TemporalServer]:
    """The real dev server."""
    with tempfile.TemporaryDirectory(prefix="waymark-temporal-") as home:
        server = TemporalServer(Path(home)).start()
        yield server
        server.stop()


@pytest_asyncio.fixture
async def client(temporal: TemporalServer) -> Client:
    """A client whose payloads are encrypted, as everywhere."""
    return await connect(Settings(temporal_address=temporal.address, codec_keys=KEYS), lazy=False)


@dataclass
class Shell:
    """A running worker with the door to it."""

    engine: Engine
    client: Client
    database: Database
    task_queue: str

    async def open(
        self, *, on: date | None = None, tenant: str = WESTSHIRE.slug, overlays: Mapping[str, Any] | None = None, **file: str
    ) -> Opened:
        """Open an EHC plan case, received on a day, under overlays by their digests."""
        at = datetime.now(UTC)
        day = on or at.date()
        case_id = uuid4()
        event = Event(
            Kind.OPENED, "request_received", day, at, "open", str(WESTSHIRE.parent.id), "family",
            facts={"received_on": day.isoformat(), "requested_by": "parent"}, rules=tuple(overlays or ()),
        )  # fmt: skip
        process = library.in_force("ehc_plan", day)
        given = ports.CaseInput(
            ports.CaseFile(tenant, str(case_id), process.name, process.version, str(WESTSHIRE.children[0].id), "", **file),
            ports.Act(event, "00"),
            overlays=overlays or {},
        )
        await self.engine.open(given)
        return Opened(self, tenant, case_id, given)


@dataclass
class Opened:
    """One open case, and acts on it."""

    shell: Shell
    tenant: str
    case_id: UUID
    given: ports.CaseInput

    async def act(self, name: str, kind: Kind = Kind.HAPPENED, *, key: str = "", expected: int | None = None, **more: Any) -> ports.Ack:
        """Do something today, in the first capacity that may."""
        process = library.get("ehc_plan", 1)
        at, overlays = more.pop("at", None) or datetime.now(UTC), more.pop("overlays", {})
        capacity = process.acts[name].by[0] if name in process.acts else "decision_maker"
        fields = {"on": at.date(), "key": key or uuid4().hex[:20], "actor": "tester", "capacity": capacity, **more}
        event = Event(kind, name, at=at, **fields)
        return await self.shell.engine.act(self.tenant, str(self.case_id), ports.Act(event, "00", expected, overlays))

    @property
    def workflow_id(self) -> str:
        return ports.workflow_id(self.tenant, str(self.case_id))


@pytest_asyncio.fixture
async def shell(client: Client, database: Database) -> AsyncIterator[Shell]:
    """A worker on a queue of its own, on a fresh database."""
    queue = f"test-{uuid4().hex[:8]}"
    async with build(client, database, task_queue=queue):
        yield Shell(Engine(client, task_queue=queue), client, database, queue)
    await asyncio.sleep(0)
