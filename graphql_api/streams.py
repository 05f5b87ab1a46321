"""What is particular to streams: whose page may ask for one, and that a WebSocket carries subscriptions, within the limits of every document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnect
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.http.websocket_origin import is_same_origin, normalize_allowed_origins, normalize_origin
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import SubscribeMessage

from graphql_api.answers import turned_away
from graphql_api.document import Limits, Operation, TurnedAway, measure
from graphql_api.guard import read_request

_LIMITS = Limits()


def is_stream(operation: Operation | None) -> bool:
    """Whether the answer goes on for as long as somebody listens."""
    return operation is not None and operation.kind == "subscription"


class Origins:
    """Pure ASGI: a page of another origin is answered 403, whatever it asks for and however. Who is no page sends no Origin."""

    def __init__(self, app: ASGIApp, allowed: Sequence[str] = ()) -> None:
        self._app = app
        self._allowed = normalize_allowed_origins(allowed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        given = headers.getlist("origin")
        if not given or (len(given) == 1 and self._may(given[0], headers.get("host"))):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()  # websocket.connect
            await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the server answers 403
        else:
            await turned_away(403, "WRONG_ORIGIN", "Pages of this origin may not ask here.")(scope, receive, send)

    def _may(self, origin: str, host: str | None) -> bool:
        return normalize_origin(origin) in self._allowed or is_same_origin(origin, host)


class Frames(ASGIWebSocketAdapter):
    """Messages as text, as the protocol wants them: a browser gives bytes to a page as a Blob, which no client reads."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        try:
            await self.ws.send_text(self.view.encode_json_string(message))
        except WebSocketDisconnect as gone:
            raise WebSocketDisconnected from gone


class OnlySubscriptions(BaseGraphQLTransportWSHandler[Any, None]):
    """The protocol's handler, with the guard before it: a WebSocket is no way round what every POST goes through."""

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        try:
            body = json.dumps(message["payload"]).encode()
            if len(body) > _LIMITS.body_bytes:
                raise TurnedAway("BODY_TOO_LARGE", f"The request is larger than {_LIMITS.body_bytes} bytes.", 413)
            request = read_request(body, _LIMITS)
            message["payload"]["query"] = request["query"]  # a document that is known by its fingerprint
            operation = measure(request["query"], _LIMITS).choose(request.get("operationName"))
            if not is_stream(operation):
                raise TurnedAway("ONLY_SUBSCRIPTIONS_STREAM", "A WebSocket carries subscriptions; ask for everything else by POST.")
        except TurnedAway as why:
            if not self.connection_acknowledged:
                await self.websocket.close(code=4401, reason="Unauthorized")
                return
            refused = GraphQLError(why.message, extensions={"code": why.code})
            await self.send_message({"id": message["id"], "type": "error", "payload": [refused.formatted]})
            return
        await super().handle_subscribe(message)
