"""The guard keeps every hostile request from the schema, cheaply, and lets the lawful ones through."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import strawberry
from graphql import get_introspection_query
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig

from graphql_api.document import Limits, Measured, TurnedAway, measure
from graphql_api.graphiql import page
from graphql_api.guard import OPERATION, Guard
from tests.graphql_api.hostile import CORPUS, JSON, Hostile, asked, blow_up, chain, flat_blow_up, ladder, nested

# Generous, because the machine is shared; work is what is really counted.
SECONDS = 0.25


@strawberry.type
class Node:
    """A node that has parents without end."""

    id: strawberry.ID = strawberry.ID("1")

    @strawberry.field
    def parent(self) -> Node:
        return Node()


@strawberry.type
class Query:
    """Something to ask."""

    @strawberry.field
    def hello(self, n: int = 1) -> str:
        return "hello"

    @strawberry.field
    def echo(self, text: str) -> str:
        return text

    @strawberry.field
    def node(self) -> Node:
        return Node()


@strawberry.type
class Mutation:
    """Something to do."""

    @strawberry.mutation
    def change(self) -> str:
        return "changed"


@strawberry.type
class Subscription:
    """Something to follow."""

    @strawberry.subscription
    async def ticks(self) -> AsyncIterator[int]:
        yield 1


class Real:
    """The tiny real application behind the guard; it keeps the scopes that reached it."""

    def __init__(self) -> None:
        config = StrawberryConfig(disable_field_suggestions=True)
        schema = strawberry.Schema(Query, Mutation, Subscription, config=config)
        self.graphql: Any = GraphQL(schema, graphql_ide=None, allow_queries_via_get=False)
        self.reached: list[Scope] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached.append(scope)
        if scope["type"] == "http" and scope["method"] == "GET":
            await page()(scope, receive, send)
        else:
            await self.graphql(scope, receive, send)


@pytest.fixture
def real() -> Real:
    return Real()


@pytest.fixture
def client(real: Real) -> httpx.AsyncClient:
    app = Starlette(routes=[Route("/graphql", Guard(real))])
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")


async def send(client: httpx.AsyncClient, hostile: Hostile) -> httpx.Response:
    address = "/graphql" + (f"?{hostile.query_string}" if hostile.query_string else "")
    request = client.build_request(hostile.method, address, content=hostile.body, headers=hostile.headers)
    return await client.send(request)


def test_the_corpus_is_large_and_has_no_two_of_one_name() -> None:
    names = [hostile.name for hostile in CORPUS]
    assert len(names) >= 45
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("hostile", CORPUS, ids=lambda hostile: hostile.name)
async def test_a_hostile_request_is_answered_in_good_form(hostile: Hostile, client: httpx.AsyncClient, real: Real) -> None:
    answer = await send(client, hostile)
    assert answer.status_code == hostile.status
    assert answer.headers["content-type"].startswith("application/json")
    body = answer.json()
    if hostile.code is None:
        assert real.reached
        assert "internal" not in answer.text.lower()
        return
    assert not real.reached, "a request that is turned away must not reach the schema"
    (error,) = body["errors"]
    assert error["extensions"]["code"] == hostile.code
    assert len(error["message"]) > 10
    assert re.fullmatch(r"[0-9a-f]{32}", error["extensions"]["id"])


async def test_no_hostile_request_takes_long(real: Real) -> None:
    # Nothing is remembered, so that each of the three tries measures its document again.
    guard = Guard(real, Limits(remembered_documents=0))
    transport = httpx.ASGITransport(Starlette(routes=[Route("/graphql", guard)]))
    client = httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")
    await client.post("/graphql", json={"query": "{hello}"})
    slow = {}
    for hostile in CORPUS:
        # Time of this process, best of three: the request's own work is judged, not the neighbours on this machine.
        best = min([await _timed(client, hostile) for _ in range(3)])
        if best > SECONDS:
            slow[hostile.name] = best
    assert not slow


async def _timed(client: httpx.AsyncClient, hostile: Hostile) -> float:
    begun = time.process_time()
    await send(client, hostile)
    return time.process_time() - begun


@pytest.mark.parametrize("make", [blow_up, flat_blow_up, ladder, chain])
def test_the_work_of_measuring_grows_with_the_text_and_not_with_what_it_expands_to(make: Any) -> None:
    boundless = Limits(depth=10**9, selections=10**18, aliases=10**18, fragments=10**6, tokens=10**6, repeats=10**6)
    few, many = (measure(make(levels), boundless) for levels in (10, 40))
    assert many.visited < 5 * few.visited
    assert many.visited < 300
    if make is not chain:
        assert many.operations[0].selections > 10**8, "the document must really explode"


def test_fragments_are_counted_each_time_they_are_used() -> None:
    measured = measure("{ node { ...A parent { ...A } } } fragment A on Node { x: id parent { id } }", Limits())
    (operation,) = measured.operations
    # node, ...A (3 inside), parent, ...A (3 inside)
    assert (operation.selections, operation.depth, operation.aliases, operation.root_fields) == (10, 4, 2, 1)


def test_the_fields_at_the_top_are_known_by_name_however_they_are_spread() -> None:
    measured = measure("{ a ...A b: c { x } } fragment A on Q { ... { d ...B } } fragment B on Q { e { f } }", Limits())
    assert measured.operations[0].asked == {"a", "c", "d", "e"}


@pytest.mark.parametrize(
    ("limit", "within", "beyond"),
    [
        ({"depth": 5}, nested(3), nested(4)),
        ({"selections": 3}, "{node{id parent}}", "{node{id parent x}}"),
        ({"root_fields": 2}, "{a b}", "{a b c}"),
        ({"aliases": 1}, "{a: b}", "{a: b c: d}"),
        ({"fragments": 1}, chain(0), chain(1)),
        ({"operations": 1}, "query A {a}", "query A {a} query B {b}"),
        ({"directives": 1}, "{a @x}", "{a @x b @y}"),
        ({"variables": 1}, "query($a: Int) {a}", "query($a: Int, $b: Int) {a}"),
        ({"repeats": 1}, "{a a}", "{a a a}"),
        ({"tokens": 4}, "{a b}", "{a b c}"),
        ({"brackets": 2}, "{a{b}}", "{a{b{c}}}"),
        ({"comments": 1}, "#\n{a}", "#\n#\n{a}"),
        ({"number_characters": 3}, "{a(b:123)}", "{a(b:1234)}"),
        ({"introspection_depth": 2}, "{__schema{types}}", "{__schema{types{name}}}"),
        ({"introspection_lists": 1}, "{__type{fields}}", "{__type{fields{fields}}}"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_each_limit_holds_exactly_where_it_says(limit: dict[str, int], within: str, beyond: str) -> None:
    limits = Limits(**limit)
    assert isinstance(measure(within, limits), Measured)
    with pytest.raises(TurnedAway):
        measure(beyond, limits)


def test_brackets_in_texts_and_comments_do_not_count() -> None:
    document = '{ echo(text: "((((((") # {{{{{{{{\n }'
    assert measure(document, Limits(brackets=2)).operations[0].depth == 1
    assert measure('{ echo(text: """(({{ \\""" (( """) }', Limits(brackets=2))


@pytest.mark.parametrize(
    "query",
    [
        get_introspection_query(),
        get_introspection_query(
            descriptions=True,
            specified_by_url=True,
            directive_is_repeatable=True,
            schema_description=True,
            input_value_deprecation=True,
            one_of=True,
        ),
    ],
    ids=["standard", "with everything, as GraphiQL asks"],
)
async def test_the_introspection_that_tools_ask_passes(query: str, client: httpx.AsyncClient) -> None:
    answer = await client.post("/graphql", json={"query": query, "operationName": "IntrospectionQuery"})
    assert answer.status_code == 200
    assert "errors" not in answer.json()
    assert answer.json()["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_a_lawful_request_reaches_the_schema_whole(client: httpx.AsyncClient, real: Real) -> None:
    document = "query Ask($text: String!) { echo(text: $text) }"
    given_text = 'Żółć, 家, 👩‍👧 and \\ " \n'
    body = {"query": document, "variables": {"text": given_text}, "operationName": "Ask"}
    answer = await client.post("/graphql", json=body)
    assert answer.json()["data"] == {"echo": given_text}
    assert (real.reached[0][OPERATION].name, real.reached[0][OPERATION].kind) == ("Ask", "query")


async def test_one_mutation_passes_and_is_known_as_one(client: httpx.AsyncClient, real: Real) -> None:
    answer = await client.post("/graphql", json={"query": "mutation { change }", "variables": None})
    assert answer.json()["data"] == {"change": "changed"}
    assert real.reached[0][OPERATION].kind == "mutation"


async def test_json_with_its_charset_passes(client: httpx.AsyncClient) -> None:
    headers = {"content-type": 'Application/JSON; Charset="UTF-8"'}
    answer = await client.post("/graphql", content=asked("{hello}"), headers=headers)
    assert answer.json()["data"] == {"hello": "hello"}


async def test_a_browser_gets_the_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/graphql", headers={"accept": "text/html,*/*;q=0.8"})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


async def test_what_may_be_done_instead_is_said_with_405(client: httpx.AsyncClient) -> None:
    answer = await client.put("/graphql", content=b"")
    assert answer.headers["allow"] == "GET, POST"


async def test_a_websocket_passes_untouched(real: Real) -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def nothing(*_: Any) -> Any:
        raise AssertionError("the guard must not read a WebSocket")

    scope: Scope = {"type": "websocket", "path": "/graphql", "headers": []}
    await Guard(app)(scope, nothing, nothing)
    assert seen == [scope]


async def run(body: list[Message], headers: dict[str, str] | None = None) -> tuple[list[Message], int, list[bytes]]:
    """The guard alone on a stream of messages: what it sent, how much it read, and what the application was given."""
    messages = iter(body)
    sent: list[Message] = []
    read = 0
    arrived: list[bytes] = []

    async def receive() -> Message:
        nonlocal read
        read += 1
        return next(messages)

    async def collect(message: Message) -> None:
        sent.append(message)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        arrived.append((await receive())["body"])
        assert (await receive())["type"] == "http.disconnect", "after the body comes the connection itself"

    raw = [(name.encode(), value.encode()) for name, value in (headers or JSON).items()]
    scope: Scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": raw, "query_string": b""}
    await Guard(app)(scope, receive, collect)
    return sent, read, arrived


async def test_an_endless_body_is_read_no_further_than_the_cap() -> None:
    chunk: Message = {"type": "http.request", "body": b"x" * 16_384, "more_body": True}
    sent, read, arrived = await run([chunk] * 1000)
    assert sent[0]["status"] == 413
    assert read == Limits().body_bytes // 16_384 + 1
    assert not arrived


async def test_a_body_in_pieces_arrives_whole() -> None:
    pieces = [asked("{hello}")[n : n + 1] for n in range(len(asked("{hello}")))]
    messages: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    last: list[Message] = [{"type": "http.request"}, {"type": "http.disconnect"}]
    _, _, arrived = await run(messages + last)
    assert arrived == [asked("{hello}")]


async def test_a_caller_who_goes_away_is_not_answered() -> None:
    sent, _, arrived = await run([{"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"}])
    assert (sent, arrived) == ([], [])


async def test_a_message_that_is_no_request_passes() -> None:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def nothing(*_: Any) -> Any:
        raise AssertionError

    await Guard(app)({"type": "lifespan"}, nothing, nothing)
    assert seen == [{"type": "lifespan"}]


def test_a_document_is_measured_once_and_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def counted(text: str, limits: Limits) -> Measured:
        calls.append(text)
        return measure(text, limits)

    monkeypatch.setattr("graphql_api.guard.measure", counted)
    guard = Guard(Real())
    assert guard._measure("{hello}") is guard._measure("{hello}")
    long = "{hello}" + " " * 10_000
    guard._measure(long)
    guard._measure(long)
    assert calls == ["{hello}", long, long], "long documents are not kept in memory"
