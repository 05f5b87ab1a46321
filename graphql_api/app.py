"""The application: one GraphQL route behind the guard, the page that explores it, and what a platform asks of a process."""

from __future__ import annotations

import time
from collections import Counter as Counted
from typing import Any

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Histogram, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from graphql_api import graphiql
from graphql_api.answers import turned_away
from graphql_api.context import Context, Deps
from graphql_api.guard import OPERATION, Guard
from graphql_api.identity import CALLER, SignIn, Unauthorised, identify
from graphql_api.schema import schema
from store.session import UnsafeDatabase

TOOK = Histogram("waymark_graphql_seconds", "Time of GraphQL requests.", ["operation"])
SHED = Counter("waymark_graphql_shed_total", "Requests turned away because a council has too many under way.", ["tenant"])
MOST_UNDER_WAY = 32  # of one council in one process; past it the answer is 429, before the schema is touched


class Door(GraphQL[Context, None]):
    """Strawberry's ASGI application with our context."""

    def __init__(self, deps: Deps) -> None:
        super().__init__(
            schema(deps.allow_introspection, deps.compiled, deps.only_trusted),
            allow_queries_via_get=False,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
        )
        self._deps = deps

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        return Context(self._deps, request.scope.get(CALLER), kept=request.scope["type"] == "http")

    async def on_ws_connect(self, context: Context) -> None:
        given = {str(name).lower(): value for name, value in (context.connection_params or {}).items()}

        async def again() -> Any:
            token, wanted = given.get("authorization"), given.get("x-waymark-tenant")
            return await identify(self._deps.verifier, str(token) if token else None, str(wanted) if wanted else None)

        try:
            context.caller = await again()
        except Unauthorised as why:
            raise ConnectionRejectionError({"reason": why.why}) from None
        context.again = again

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data, default=str)


class Admission:
    """Pure ASGI: so many requests of one council at once, and no more; and the request's transaction ends with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way: Counted[str] = Counted()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller, operation = scope.get(CALLER), scope.get(OPERATION)
        if scope["type"] != "http" or caller is None:
            await self._app(scope, receive, send)
            return
        if self._under_way[caller.tenant] >= MOST_UNDER_WAY:
            SHED.labels(caller.tenant).inc()
            answer = turned_away(
                429, "TOO_MANY", "Too many requests of this council are under way. Try again shortly.", {"retry-after": "1"}
            )
            await answer(scope, receive, send)
            return
        self._under_way[caller.tenant] += 1
        begun = time.perf_counter()
        try:
            await self._app(scope, receive, send)
        finally:
            self._under_way[caller.tenant] -= 1
            TOOK.labels(operation.kind if operation else "unknown").observe(time.perf_counter() - begun)


class Page:
    """GET is the page that explores the API; everything else goes on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            await graphiql.page()(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def build(deps: Deps) -> Starlette:
    """The application."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok")

    async def readyz(_: Request) -> Response:
        # The database decides: requests are received, with a receipt, even while Temporal is away.
        try:
            await deps.database.check(allow_unsafe=True)
        except (SQLAlchemyError, OSError, UnsafeDatabase) as error:
            return JSONResponse({"ready": False, "database": type(error).__name__}, 503)
        found = await deps.ready()
        return JSONResponse({"ready": found.ready, **found.conditions}, 200 if found.ready else 503)

    async def metrics(_: Request) -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    door = SignIn(Guard(Admission(Page(Door(deps)))), deps.verifier)
    routes = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        *deps.extra_routes,
        graphiql.static,
        Route("/graphql", door),
        WebSocketRoute("/graphql", door),
    ]
    return Starlette(routes=routes)
