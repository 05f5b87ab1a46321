"""The API process: wires the face to the database, the durable shell and the issuers, and serves it with uvicorn."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import uvicorn
from starlette.applications import Starlette
from temporalio.plugin import SimplePlugin

from bootstrap.issuer import Issuer
from bootstrap.published import check_published
from bootstrap.settings import Settings
from bootstrap.temporal import connect
from bootstrap.waiting import until_checked
from graphql_api.app import build
from graphql_api.context import Deps
from graphql_api.identity import Verifier
from store.session import Database
from workflows import library
from workflows.engine import Engine

MOST_BYTES = 256 * 1024  # of one message of a WebSocket
GRACE_SECONDS = 5  # how long a stopping server waits for answers under way; a stream would go on for ever


@contextlib.asynccontextmanager
async def application(settings: Settings, host: str, plugins: list[SimplePlugin]) -> AsyncIterator[Starlette]:
    """The application with its connections, closed when the block ends."""
    settings.need("database_url", "codec_keys", "issuers")
    for name, version in library.files():
        library.get(name, version)
    database = Database(settings.database_url.get_secret_value(), settings.database_pool)
    await until_checked(database, allow_unsafe=settings.allow_unsafe_database)
    await check_published(database)
    issuer = Issuer(settings.home, settings.issuer_list()[0], audience=settings.audience) if settings.embedded_issuer else None
    async with httpx.AsyncClient(timeout=5) as http:
        verifier = Verifier(settings.issuer_list(), settings.audience, http)
        deps = Deps(
            database=database,
            engine=Engine(await connect(settings, plugins)),
            verifier=verifier,
            extra_routes=issuer.routes(host) if issuer else (),
            now=lambda: datetime.now(UTC),
            allow_introspection=settings.introspection,
            compiled=settings.compiled,
            only_trusted=settings.only_trusted,
            allowed_origins=settings.origin_list(),
            webhooks_anywhere=settings.webhooks_anywhere,
        )
        try:
            yield build(deps)
        finally:
            deps.aside.close()
            await database.close()


async def run(settings: Settings, host: str, port: int, plugins: list[SimplePlugin]) -> None:
    """Serve until a signal says otherwise."""
    async with application(settings, host, plugins) as app:
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="websockets-sansio",
            ws_max_size=MOST_BYTES,
            ws_max_queue=8,
            timeout_graceful_shutdown=GRACE_SECONDS,
            log_config=None,
        )
        await uvicorn.Server(config).serve()
