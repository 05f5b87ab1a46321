"""The worker: plays cases, records steps, and relays what they call for."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime, timedelta

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.plugin import SimplePlugin
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig

from activities.delivery import Delivery, FileDelivery, MailDelivery
from activities.dispatch import Relay
from activities.record import StepRecorder
from activities.revising import Reviser
from activities.webhooks import Teller
from bootstrap.published import check_published
from bootstrap.settings import WORKER_GRACE_SECONDS, Settings
from bootstrap.temporal import connect
from bootstrap.waiting import until_checked
from store.session import Database
from workflows import library, ports
from workflows.case import StatutoryCase
from workflows.engine import Engine

log = logging.getLogger("waymark.worker")
DEPLOYMENT = "waymark"


def build(client: Client, database: Database, *, build_id: str = "", task_queue: str = ports.TASK_QUEUE) -> Worker:
    """A worker for every process. With a build id, cases stay on the version of the rules that they began their stage with."""
    deployment = (
        WorkerDeploymentConfig(
            version=WorkerDeploymentVersion(DEPLOYMENT, build_id),
            use_worker_versioning=True,
            default_versioning_behavior=VersioningBehavior.PINNED,
        )
        if build_id
        else None
    )
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[StatutoryCase],
        activities=[StepRecorder(database).record_step],
        workflow_runner=UnsandboxedWorkflowRunner(),  # the sandbox costs 1.7 times the CPU; a test runs every process in it
        max_concurrent_workflow_tasks=20,
        max_concurrent_local_activities=20,
        max_cached_workflows=2000,
        graceful_shutdown_timeout=timedelta(seconds=WORKER_GRACE_SECONDS),
        identity="waymark-worker",
        deployment_config=deployment,
    )


def delivery_of(settings: Settings) -> Delivery:
    """Where letters go: files, and mail besides where an SMTP server is named."""
    files = FileDelivery(settings.home / "outbox")
    url = settings.smtp_url.get_secret_value()
    return MailDelivery(url, files, settings.sender) if url else files


async def run(settings: Settings, stopped: asyncio.Event, plugins: list[SimplePlugin], health_port: int = 0) -> None:
    """Work until `stopped` is set. Definitions are read and checked before the first case is touched."""
    settings.need("database_url", "codec_keys")
    for name, version in library.files():
        library.get(name, version)
    database = Database(settings.database_url.get_secret_value(), settings.database_pool)
    await until_checked(database, allow_unsafe=settings.allow_unsafe_database)
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(database.close)
        await check_published(database)
        if health_port:
            await stack.enter_async_context(_health(health_port))
        client = await _connected(settings, plugins, stopped)
        if client is None:
            return
        relay = Relay(database, Engine(client), delivery_of(settings), lambda: datetime.now(UTC))
        teller = Teller(database, delivery_of(settings), anywhere=settings.webhooks_anywhere)
        reviser = Reviser(database, Engine(client), lambda: datetime.now(UTC))
        async with build(client, database, build_id=settings.build_id):
            log.info("working", extra={"processes": list(library.names())})
            relaying = asyncio.create_task(relay.run(), name="relay")
            revising = asyncio.create_task(reviser.run(), name="reviser")
            telling = asyncio.create_task(teller.run(), name="teller")
            stopping = asyncio.create_task(stopped.wait())
            await asyncio.wait({relaying, revising, telling, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in (relaying, revising, telling, stopping):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task


async def _connected(settings: Settings, plugins: list[SimplePlugin], stopped: asyncio.Event) -> Client | None:
    """A client once Temporal answers; None when told to stop before."""
    while not stopped.is_set():
        with contextlib.suppress(RuntimeError):
            return await connect(settings, plugins, lazy=False)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), 0.3)
    return None


@contextlib.asynccontextmanager
async def _health(port: int):  # type: ignore[no-untyped-def]
    """`/healthz` and `/metrics` for the platform that runs the worker."""
    import uvicorn

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    app = Starlette(routes=[Route("/healthz", healthz), Route("/metrics", metrics)])
    server = uvicorn.Server(uvicorn.Config(app, host="0.0.0.0", port=port, log_level="warning", lifespan="off", log_config=None))  # noqa: S104 - in a pod
    serving = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await serving
