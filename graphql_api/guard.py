"""The guard in front of the GraphQL route: no request that is malformed, oversized or explosive reaches the schema."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_api.answers import turned_away
from graphql_api.document import Limits, Measured, Operation, TurnedAway, check_number, check_text, measure
from graphql_api.documents import named

# The key under which the operation that will run is left in the ASGI scope, for admission and telemetry.
OPERATION = "waymark.operation"

_STRINGS_AND_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"?|(?P<open>[\[{])|(?P<shut>[\]}])', re.DOTALL)
_STREAM = "text/event-stream"


class Guard:
    """Pure ASGI middleware. It answers in the form of GraphQL, and raises nothing whatever it is sent."""

    def __init__(self, app: ASGIApp, limits: Limits | None = None, may_see_schema: Callable[[Scope], bool] = lambda _: True) -> None:
        self.app = app
        self._may_see_schema = may_see_schema
        self.limits = limits or Limits()
        # The measure of a text never changes, and our own pages ask the same few documents all day.
        self._remembered = lru_cache(self.limits.remembered_documents)(partial(measure, limits=self.limits))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            if scope["method"] == "POST":
                body = await self._read(Headers(scope=scope), receive)
                if body is None:
                    return
                body, operation = self._check(body, Headers(scope=scope))
                if operation.introspective and not self._may_see_schema(scope):
                    raise TurnedAway("SCHEMA_NOT_SHOWN", "The schema is shown to those who work with the service, not to families.", 403)
                scope = {**scope, OPERATION: operation, "headers": _plain_json(scope["headers"])}
                receive = _again(body, receive)
            else:
                _check_page_request(scope)
        except TurnedAway as why:
            allow = {"allow": "GET, POST"} if why.status == 405 else {}
            await turned_away(why.status, why.code, why.message, allow)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    async def _read(self, headers: Headers, receive: Receive) -> bytes | None:
        """The body, read no further than the cap; None when the caller has gone."""
        _check_headers(headers)
        declared = headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and (len(declared) > 12 or int(declared) > self.limits.body_bytes):
            self._too_large()
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            body += message.get("body", b"")
            if len(body) > self.limits.body_bytes:
                self._too_large()
            if not message.get("more_body", False):
                return bytes(body)

    def _too_large(self) -> NoReturn:
        raise TurnedAway("BODY_TOO_LARGE", f"The request is larger than {self.limits.body_bytes} bytes.", 413)

    def _check(self, body: bytes, headers: Headers) -> tuple[bytes, Operation]:
        """The operation that will run, and the body with the document in it where only its fingerprint was sent."""
        request = read_request(body, self.limits)
        if (request.get("extensions") or {}).get("persistedQuery"):
            body = json.dumps(request).encode()
        query = request["query"]
        operation = self._measure(query).choose(request.get("operationName"))
        kinds = {part.partition(";")[0].strip().lower() for part in headers.get("accept", "").split(",")}
        if operation.kind == "subscription" and _STREAM not in kinds:
            raise TurnedAway(
                "SUBSCRIPTION_NEEDS_A_STREAM",
                "Ask for a subscription with Accept: text/event-stream, or over a WebSocket.",
            )
        if operation.kind != "subscription" and _STREAM in kinds:
            raise TurnedAway("ONLY_SUBSCRIPTIONS_STREAM", "Ask for a query or a mutation with Accept: application/json.", 406)
        return body, operation

    def _measure(self, query: str) -> Measured:
        if len(query) > self.limits.remembered_characters:
            return measure(query, self.limits)
        return self._remembered(query)


def read_request(body: bytes, limits: Limits) -> dict[str, Any]:
    """The GraphQL request in a body, or TurnedAway: its shape, its texts and its numbers are sound."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise TurnedAway("NOT_UTF8", "The request is not UTF-8 text.") from None
    _check_nesting(text, limits)

    def integer(written: str) -> int:
        check_number(written, limits)
        return int(written)

    def fraction(written: str) -> float:
        check_number(written, limits)
        return float(written)

    try:
        request = json.loads(
            text,
            parse_int=integer,
            parse_float=fraction,
            parse_constant=_no_constant,
            object_pairs_hook=_each_key_once,
        )
    except (ValueError, RecursionError):
        raise TurnedAway("NOT_JSON", "The request is not JSON.") from None
    if isinstance(request, list):
        raise TurnedAway("NO_BATCHES", "Send one operation a request, not a list of them.")
    if not isinstance(request, dict):
        raise TurnedAway("WRONG_SHAPE", "The request must be a JSON object.")
    if isinstance(request.get("extensions"), dict) and (text_of_it := named(request)) is not None:
        request["query"] = text_of_it
    if not isinstance(request.get("query"), str) or not request["query"].strip():
        raise TurnedAway("NO_QUERY", "The request needs a GraphQL document as text in `query`.")
    if len(request["query"]) > limits.document_characters:
        what = f"The document is longer than {limits.document_characters} characters: give long texts as variables."
        raise TurnedAway("DOCUMENT_TOO_LARGE", what, 413)
    for key, kind in (("variables", dict), ("extensions", dict), ("operationName", str)):
        if request.get(key) is not None and not isinstance(request[key], kind):
            raise TurnedAway("WRONG_SHAPE", f"`{key}` has the wrong shape.")
    _check_values(request, limits)
    return request


def _check_headers(headers: Headers) -> None:
    kinds = headers.getlist("content-type")
    kind, _, parameters = (kinds[0] if len(kinds) == 1 else "").partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if kind.strip().lower() != "application/json" or charset not in ("", "charset=utf-8"):
        raise TurnedAway("WRONG_CONTENT_TYPE", "Send the request as application/json in UTF-8.", 415)
    if any(coding.strip().lower() not in ("", "identity") for coding in headers.getlist("content-encoding")):
        raise TurnedAway("NO_COMPRESSION", "Send the request without compression.", 415)


def _plain_json(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The content type as written by everybody: the framework behind reads `Application/JSON` as something else."""
    others = [(name, value) for name, value in headers if name != b"content-type"]
    return [*others, (b"content-type", b"application/json")]


def _check_page_request(scope: Mapping[str, Any]) -> None:
    """A browser may GET the page; a question in an address would stay in logs and histories."""
    if scope["method"] != "GET" or "text/html" not in Headers(raw=scope["headers"]).get("accept", ""):
        raise TurnedAway("METHOD_NOT_ALLOWED", "Ask by POST, with the document in a JSON body.", 405)
    asked = scope.get("query_string", b"").decode("latin-1")
    try:
        keys = {key for key, _ in parse_qsl(asked, keep_blank_values=True, max_num_fields=50)}
    except ValueError:
        keys = {"query"}
    if keys & {"query", "variables", "operationName", "extensions"}:
        raise TurnedAway("METHOD_NOT_ALLOWED", "Ask by POST: a question never travels in an address.", 405)


def _check_nesting(text: str, limits: Limits) -> None:
    depth = 0
    for found in _STRINGS_AND_BRACKETS.finditer(text):
        if found.lastgroup == "open":
            depth += 1
            if depth > limits.json_depth:
                raise TurnedAway("JSON_TOO_DEEP", f"The JSON nests more than {limits.json_depth} levels.")
        elif found.lastgroup == "shut":
            depth -= 1


def _check_values(request: dict[str, Any], limits: Limits) -> None:
    count = 0
    work: list[Any] = [request]
    while work:
        value = work.pop()
        count += 1
        if count > limits.json_values:
            raise TurnedAway("TOO_MANY_VALUES", f"The JSON holds more than {limits.json_values} values.")
        if isinstance(value, str):
            check_text(value)
        elif isinstance(value, dict):
            work.extend(value)
            work.extend(value.values())
        elif isinstance(value, list):
            work.extend(value)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two readers may take different ones of two equal keys, and then check one and run the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise TurnedAway("DUPLICATE_KEY", "The JSON says the same key twice in one object.")
    return found


def _no_constant(written: str) -> NoReturn:
    raise TurnedAway("NOT_JSON", f"{written} is not JSON.")


def _again(body: bytes, receive: Receive) -> Receive:
    """The body that was read, once more for the application; after it, the connection as it is."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
