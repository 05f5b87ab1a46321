"""Requests that nobody means well with, and what each must be answered. Some are lawful GraphQL that must only stay cheap."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from typing import Any

JSON = {"content-type": "application/json"}


@dataclass(frozen=True)
class Hostile:
    """One request, with the code that turns it away; None where the schema itself may answer."""

    name: str
    code: str | None
    body: bytes = b""
    status: int = 400
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    method: str = "POST"
    query_string: str = ""


def asked(query: str, **more: Any) -> bytes:
    return json.dumps({"query": query, **more}).encode()


def nested(levels: int, around: str = "parent") -> str:
    return "{ node " + f"{{ {around} " * levels + "{ id }" + " }" * levels + " }"


def blow_up(levels: int) -> str:
    """Each fragment spreads the next one twice: 2**levels fields from a few lines."""
    parts = ["query Q { node { ...F0 } }"]
    for n in range(levels):
        parts.append(f"fragment F{n} on Node {{ a: parent {{ ...F{n + 1} }} b: parent {{ ...F{n + 1} }} }}")
    parts.append(f"fragment F{levels} on Node {{ id }}")
    return "\n".join(parts)


def flat_blow_up(levels: int) -> str:
    """The same without any depth: inline fragments let a fragment spread the next one twice in one place."""
    parts = ["query Q { node { ...F0 } }"]
    for n in range(levels):
        parts.append(f"fragment F{n} on Node {{ ...F{n + 1} ... on Node {{ ...F{n + 1} }} }}")
    parts.append(f"fragment F{levels} on Node {{ id }}")
    return "\n".join(parts)


def ladder(levels: int) -> str:
    """Each fragment spreads the next two: as many ways down as the Fibonacci numbers grow."""
    parts = ["query Q { node { ...F0 } }"]
    parts += [f"fragment F{n} on Node {{ ...F{n + 1} ...F{n + 2} }}" for n in range(levels - 1)]
    return "\n".join([*parts, *(f"fragment F{n} on Node {{ id }}" for n in (levels - 1, levels))])


def chain(length: int) -> str:
    parts = ["query Q { node { ...F0 } }"]
    parts += [f"fragment F{n} on Node {{ ...F{n + 1} }}" for n in range(length)]
    return "\n".join([*parts, f"fragment F{length} on Node {{ id }}"])


def side_by_side(count: int) -> str:
    """The rule that fields can be merged compares every pair of fragments in one place."""
    fields = "id parent { id parent { id parent { id parent { id parent { id } } } } }"
    parts = ["{ node {", *(f"...F{n}" for n in range(count)), "} }"]
    return " ".join([*parts, *(f"fragment F{n} on Node {{ {fields} }}" for n in range(count))])


ROUND_THE_SCHEMA = "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"

CORPUS: list[Hostile] = [
    # documents that explode
    Hostile("fragments doubling over 24 levels", "TOO_DEEP", asked(blow_up(24))),
    Hostile("fragments doubling over 10 levels", "TOO_MANY_SELECTIONS", asked(blow_up(10))),
    Hostile("fragments doubling without depth", "TOO_MANY_SELECTIONS", asked(flat_blow_up(24))),
    Hostile("fragments on a ladder", "TOO_MANY_SELECTIONS", asked(ladder(29))),
    Hostile("a fragment of itself", "FRAGMENT_CYCLE", asked("{ node { ...A } } fragment A on Node { ...A }")),
    Hostile(
        "two fragments of each other",
        "FRAGMENT_CYCLE",
        asked("{ node { ...A } } fragment A on Node { parent { ...B } } fragment B on Node { parent { ...A } }"),
    ),
    Hostile("an unused cycle", "FRAGMENT_CYCLE", asked("{ hello } fragment A on Node { ...A }")),
    Hostile("a chain of 200 fragments", "TOO_MANY_FRAGMENTS", asked(chain(200))),
    Hostile("two fragments of one name", "NOT_GRAPHQL", asked("{ hello } fragment A on Q { a } fragment A on Q { b }")),
    # depth
    Hostile("depth of 13", "TOO_DEEP", asked(nested(12))),
    Hostile("depth of 59", "TOO_DEEP", asked(nested(56))),
    Hostile("brackets nested 5,000 deep", "TOO_DEEP", asked("{a" * 5000)),
    Hostile("brackets hidden behind comments", "TOO_DEEP", asked("{a #}\n" * 300)),
    Hostile("brackets hidden behind strings", "TOO_DEEP", asked('{a(b:"}") ' * 300)),
    Hostile("lists nested 100 deep", "TOO_DEEP", asked("{ hello(n: " + "[" * 100 + "]" * 100 + ") }")),
    Hostile("objects nested 100 deep", "TOO_DEEP", asked("{ hello(n: " + "{a:" * 100 + "1" + "}" * 100 + ") }")),
    Hostile("list types nested 100 deep", "TOO_DEEP", asked("query($a: " + "[" * 100 + "Int" + "]" * 100 + ") { hello }")),
    Hostile("inline fragments nested 55 deep", None, asked("{" + "...{" * 55 + "hello" + "}" * 55 + "}"), 200),
    Hostile("round the schema", "TOO_DEEP", asked(ROUND_THE_SCHEMA)),
    Hostile(
        "round the schema by fragments",
        "TOO_DEEP",
        asked(
            "{ __schema { types { ...A } } } fragment A on __Type { fields { type { ...B } } }"
            "fragment B on __Type { interfaces { possibleTypes { name } } }"
        ),
    ),
    # width
    Hostile("300 aliases", "TOO_MANY_ROOT_FIELDS", asked("{" + " ".join(f"a{n}: hello" for n in range(300)) + "}")),
    Hostile("40 aliases below", "TOO_MANY_ALIASES", asked("{node{" + " ".join(f"a{n}: id" for n in range(40)) + "}}")),
    Hostile(
        "aliases multiplied by fragments",
        "TOO_MANY_ALIASES",
        asked("{node{...A parent{...A} }} fragment A on Node {" + " ".join(f"a{n}: id" for n in range(16)) + "}"),
    ),
    Hostile("one field 500 times", "TOO_MANY_REPEATS", asked("{node{" + "id " * 500 + "}}")),
    Hostile("one field in 400 inline fragments", "TOO_MANY_REPEATS", asked("{node{" + "...{id} " * 400 + "}}")),
    Hostile("one spread 500 times", "TOO_MANY_REPEATS", asked("{node{" + "...A " * 500 + "}} fragment A on Node {id}")),
    Hostile("700 different fields", "TOO_MANY_SELECTIONS", asked("{node{" + " ".join(f"f{n}" for n in range(700)) + "}}")),
    Hostile("500 unknown fields", None, asked("{node{" + " ".join(f"f{n}" for n in range(500)) + "}}"), 200),
    Hostile("13 root fields", "TOO_MANY_ROOT_FIELDS", asked("{" + " ".join(f"f{n}" for n in range(13)) + "}")),
    Hostile(
        "root fields by a fragment",
        "TOO_MANY_ROOT_FIELDS",
        asked("{ ...A } fragment A on Query {" + " ".join(f"f{n}" for n in range(13)) + "}"),
    ),
    Hostile("200 directives on a field", "TOO_MANY_DIRECTIVES", asked("{ hello" + " @include(if: true)" * 200 + "}")),
    Hostile("500 empty directives", "TOO_MANY_DIRECTIVES", asked("{ hello" + " @a" * 500 + "}")),
    Hostile("directives on the operation", "TOO_MANY_DIRECTIVES", asked("query Q" + " @a" * 500 + "{ hello }")),
    Hostile("20,000 words", "TOO_MANY_TOKENS", asked("{" + "a " * 20_000 + "}")),
    Hostile("2,500 variables", "TOO_MANY_TOKENS", asked("query(" + "$a:Int " * 2500 + "){hello}")),
    Hostile("400 variables", "TOO_MANY_VARIABLES", asked("query(" + " ".join(f"$a{n}:Int" for n in range(400)) + "){hello}")),
    Hostile("30 alike fragments side by side", None, asked(side_by_side(30)), 200),
    Hostile("10,000 comments", "TOO_MANY_TOKENS", asked("#\n" * 10_000 + "{hello}")),
    Hostile("6,000 escapes in a block string", "NOT_GRAPHQL", asked('{hello(n:"""' + '\\"""' * 6_000)),
    # operations
    Hostile("two mutations in one request", "ONE_MUTATION", asked("mutation { a: change b: change }")),
    Hostile("two mutations by a fragment", "ONE_MUTATION", asked("mutation {...A} fragment A on Mutation {a: change b: change}")),
    Hostile("200 operations", "TOO_MANY_OPERATIONS", asked(" ".join(f"query Q{n} {{hello}}" for n in range(200)))),
    Hostile("two operations, none chosen", "OPERATION_NAME_NEEDED", asked("query A {hello} query B {hello}")),
    Hostile("an operation that is not there", "OPERATION_NOT_FOUND", asked("query A {hello}", operationName="B")),
    Hostile("two operations of one name", "NOT_GRAPHQL", asked("query A {hello} query A {hello}", operationName="A")),
    Hostile("two subscriptions in one", "ONE_SUBSCRIPTION", asked("subscription { a: ticks b: ticks }")),
    Hostile(
        "twelve subscriptions by a fragment",
        "ONE_SUBSCRIPTION",
        asked("subscription {...A} fragment A on Subscription {a: ticks b: ticks}"),
    ),
    Hostile("a document of 70,000 characters", "DOCUMENT_TOO_LARGE", asked("{ hello }" + " " * 70_000), 413),
    Hostile("a block string of 60,000 characters", None, asked('{ echo(text: """' + "\n \\" * 15_000 + ' """) }'), 200),
    Hostile("a subscription without a stream", "SUBSCRIPTION_NEEDS_A_STREAM", asked("subscription { ticks }")),
    Hostile("a schema definition", "NOT_AN_OPERATION", asked("type A { a: Int } { hello }")),
    Hostile("only a fragment", "NOT_AN_OPERATION", asked("fragment A on Query { hello }")),
    Hostile("an empty document", "NO_QUERY", asked("   ")),
    Hostile("a document of commas", "NOT_GRAPHQL", asked("," * 5000)),
    Hostile("not GraphQL", "NOT_GRAPHQL", asked("{ hello ")),
    # numbers and texts
    Hostile("a number of 6,000 digits in the document", "NUMBER_TOO_LONG", asked("{ hello(n: " + "9" * 6000 + ") }")),
    Hostile("a number of 6,000 digits in a variable", "NUMBER_TOO_LONG", b'{"query":"{hello}","variables":{"n":' + b"9" * 6000 + b"}}"),
    Hostile("an infinite fraction in the document", "NUMBER_TOO_LONG", asked("{ hello(n: 1e999) }")),
    Hostile("an infinite fraction in a variable", "NUMBER_TOO_LONG", b'{"query":"{hello}","variables":{"n":1e999}}'),
    Hostile("a huge number in a default", "NUMBER_TOO_LONG", asked("query($n: Int = " + "9" * 500 + ") {hello(n:$n)}")),
    Hostile("a huge number in a directive", "NUMBER_TOO_LONG", asked("{hello @include(if: " + "9" * 500 + ")}")),
    Hostile("a huge number in a list in an object", "NUMBER_TOO_LONG", asked("{hello(n:{a:[" + "9" * 500 + "]})}")),
    Hostile("NaN", "NOT_JSON", b'{"query":"{hello}","variables":{"n":NaN}}'),
    Hostile("Infinity", "NOT_JSON", b'{"query":"{hello}","variables":{"n":-Infinity}}'),
    Hostile("a whole number beyond Int", None, asked("{ hello(n: 99999999999) }"), 200),
    Hostile("NUL in a variable", "TEXT_CANNOT_BE_KEPT", asked("{hello}", variables={"a": "\x00"})),
    Hostile("NUL in a key", "TEXT_CANNOT_BE_KEPT", asked("{hello}", variables={"\x00": 1})),
    Hostile("NUL escaped in the document", "TEXT_CANNOT_BE_KEPT", asked('{echo(text:"\\u0000")}')),
    Hostile("NUL as such in the document", "TEXT_CANNOT_BE_KEPT", asked("{hello\x00}")),
    Hostile("half of a pair in a variable", "TEXT_CANNOT_BE_KEPT", b'{"query":"{hello}","variables":{"a":"\\ud800"}}'),
    Hostile("half of a pair in the document", "TEXT_CANNOT_BE_KEPT", b'{"query":"{echo(text:\\"\\udfff\\")}"}'),
    Hostile("half of a pair in the operation name", "TEXT_CANNOT_BE_KEPT", b'{"query":"{hello}","operationName":"\\ud800"}'),
    Hostile("half of a pair escaped in the document", "NOT_GRAPHQL", asked('{echo(text:"\\ud800")}')),
    # bodies
    Hostile("a batch", "NO_BATCHES", b'[{"query":"{hello}"},{"query":"{hello}"}]'),
    Hostile("an empty batch", "NO_BATCHES", b"[]"),
    Hostile("an empty body", "NOT_JSON", b""),
    Hostile("a text", "WRONG_SHAPE", b'"{hello}"'),
    Hostile("null", "WRONG_SHAPE", b"null"),
    Hostile("no query", "NO_QUERY", b'{"variables":{}}'),
    Hostile("a query that is a number", "NO_QUERY", b'{"query":1}'),
    Hostile("a query that is a list", "NO_QUERY", b'{"query":["{hello}"]}'),
    Hostile("variables that are a list", "WRONG_SHAPE", asked("{hello}", variables=[1])),
    Hostile("extensions that are a text", "WRONG_SHAPE", asked("{hello}", extensions="x")),
    Hostile("an operation name that is an object", "WRONG_SHAPE", asked("{hello}", operationName={"a": 1})),
    Hostile("the same key twice", "DUPLICATE_KEY", b'{"query":"{hello}","query":"mutation{change}"}'),
    Hostile("the same key twice in a variable", "DUPLICATE_KEY", b'{"query":"{hello}","variables":{"a":1,"a":2}}'),
    Hostile("JSON nested 10,000 deep", "JSON_TOO_DEEP", b"[" * 10_000),
    Hostile("variables nested 30 deep", "JSON_TOO_DEEP", b'{"query":"{hello}","variables":{"a":' + b"[" * 30 + b"]" * 30 + b"}}"),
    Hostile("30,000 values", "TOO_MANY_VALUES", b'{"query":"{hello}","variables":{"a":[' + b"0," * 30_000 + b"0]}}"),
    Hostile("a body of 2 MB", "BODY_TOO_LARGE", asked("{hello}", variables={"a": "x" * 2_000_000}), 413),
    Hostile("a lying length", "BODY_TOO_LARGE", asked("{hello}"), 413, {**JSON, "content-length": "9" * 30}),
    Hostile("bytes that are not UTF-8", "NOT_UTF8", b'{"query":"\xff\xfe"}'),
    Hostile("UTF-16", "NOT_UTF8", '{"query":"{hello}"}'.encode("utf-16")),
    Hostile("a byte order mark", "NOT_JSON", b"\xef\xbb\xbf" + asked("{hello}")),
    Hostile("half a JSON", "NOT_JSON", b'{"query":"{hello}"'),
    Hostile("two JSONs", "NOT_JSON", asked("{hello}") * 2),
    # headers and methods
    Hostile("a form", "WRONG_CONTENT_TYPE", b"query={hello}", 415, {"content-type": "application/x-www-form-urlencoded"}),
    Hostile("a multipart form", "WRONG_CONTENT_TYPE", b"--x--", 415, {"content-type": "multipart/form-data; boundary=x"}),
    Hostile("plain text", "WRONG_CONTENT_TYPE", asked("{hello}"), 415, {"content-type": "text/plain"}),
    Hostile("no content type", "WRONG_CONTENT_TYPE", asked("{hello}"), 415, {}),
    Hostile("another charset", "WRONG_CONTENT_TYPE", asked("{hello}"), 415, {"content-type": "application/json; charset=utf-7"}),
    Hostile("a truncated gzip", "NO_COMPRESSION", gzip.compress(asked("{hello}"))[:12], 415, {**JSON, "content-encoding": "gzip"}),
    Hostile("gzip without saying so", "NOT_UTF8", gzip.compress(asked("{hello}"))),
    Hostile("a question in the address", "METHOD_NOT_ALLOWED", b"", 405, {}, "GET", "query={hello}"),
    Hostile("a browser's question in the address", "METHOD_NOT_ALLOWED", b"", 405, {"accept": "text/html"}, "GET", "a=1&query={hello}"),
    Hostile("an address of 500 fields", "METHOD_NOT_ALLOWED", b"", 405, {"accept": "text/html"}, "GET", "a=1&" * 500),
    Hostile("GET by a program", "METHOD_NOT_ALLOWED", b"", 405, {"accept": "application/json"}, "GET"),
    Hostile("PUT", "METHOD_NOT_ALLOWED", asked("{hello}"), 405, dict(JSON), "PUT"),
    Hostile("DELETE", "METHOD_NOT_ALLOWED", b"", 405, {}, "DELETE"),
]
