"""The application: one GraphQL route behind the guard, the page that explores it, and what a platform asks of a process."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL

from graphql_api import graphiql
from graphql_api.admission import Admission, InTime, Room, Turns
from graphql_api.context import Context, Deps
from graphql_api.guard import OPERATION, Guard
from graphql_api.identity import CALLER, TENANT_HEADER, Caller, SignIn, Unauthorised, identify
from graphql_api.schema import AWAY, schema
from graphql_api.streams import Frames, OnlySubscriptions, Origins, is_stream
from policies import enforcer
from policies.actions import Act, Actor, Object
from policies.relations import IN_TENANT
from store.session import UnsafeDatabase

NOBODY = UUID(int=0)  # a role is judged here before the person is looked up


class Door(GraphQL[Context, None]):
    """Strawberry's ASGI application with our context. A subscription comes as server-sent events, or over a WebSocket."""

    websocket_adapter_class = Frames
    graphql_transport_ws_handler_class = OnlySubscriptions

    def __init__(self, deps: Deps) -> None:
        super().__init__(
            schema(deps.allow_introspection, deps.compiled, deps.only_trusted),
            allow_queries_via_get=False,
            graphql_ide=None,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL),
            allowed_origins=deps.allowed_origins,
        )
        self._deps = deps

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Context:
        operation, caller = request.scope.get(OPERATION), request.scope.get(CALLER)
        if request.scope["type"] == "http" and not is_stream(operation):
            return Context(self._deps, caller, kept=True)
        headers = request.headers
        given, wanted = headers.get("authorization"), headers.get(TENANT_HEADER)

        async def again() -> Caller:
            return await identify(self._deps.verifier, given, wanted)

        return Context(self._deps, caller, kept=False, again=again)

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

    def create_response(self, response_data: Any, sub_response: Response) -> Response:
        """200, whatever a resolver says; 503 where no record could be reached, so that clients and balancers know when to try again."""
        response = super().create_response(response_data, sub_response)
        if response_data.get("data") is None and any(one["extensions"].get("code") == AWAY for one in response_data.get("errors") or ()):
            response.status_code = 503
            response.headers["retry-after"] = "2"
        return response

    def encode_json(self, data: object) -> bytes:
        return orjson.dumps(data, default=str)


class Page:
    """GET is the page that explores the API; everything else goes on."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] in ("GET", "HEAD"):
            await graphiql.page()(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _may_see_schema(scope: Scope) -> bool:
    """Whether the caller may ask what the schema is: a rule of the policy, on the roles of the token alone."""
    caller: Caller | None = scope.get(CALLER)
    if caller is None:
        return False
    return enforcer.decide(Actor(NOBODY, caller.tenant, caller.roles), Object.SCHEMA, Act.READ, IN_TENANT).allowed


def build(deps: Deps, room: Room | None = None) -> Starlette:
    """The application; `room` is how much of it a council and a person may use."""

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

    room = room or Room()
    inner = Turns(InTime(Page(Door(deps)), room), room)
    signed_in = SignIn(Admission(Guard(inner, may_see_schema=_may_see_schema), room), deps.verifier)
    door = Origins(signed_in, deps.allowed_origins)
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
