"""Random bytes, random JSON and random words make the guard say no, and never raise."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from graphql_api.document import Limits, TurnedAway, measure
from graphql_api.guard import read_request


def never_raises(body: bytes) -> None:
    limits = Limits()
    try:
        request = read_request(body, limits)
        measure(request["query"], limits).choose(request.get("operationName"))
    except TurnedAway as refusal:
        turned_away = refusal
    else:
        return
    turned_away.message.encode("utf-8")
    assert turned_away.status == 400


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
    max_leaves=20,
)
words = st.sampled_from(
    [
        *'{}()[]:@$!|&=#"1,a\n\\',
        "...",
        "on",
        "query",
        "mutation",
        "fragment",
        "subscription",
        "__schema",
        "-0",
        "1e9",
        *"\ufeff\x00é",
        '"""',
        '"x"',
        "true",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=2000))
@example(b'{"query":"{a}","operationName":""}')
def test_random_bytes_never_raise(body: bytes) -> None:
    never_raises(body)


@settings(max_examples=120, deadline=None)
@given(json_values, json_values, json_values, json_values)
def test_random_json_never_raises(query: Any, variables: Any, name: Any, extensions: Any) -> None:
    request = {"query": query, "variables": variables, "operationName": name, "extensions": extensions}
    never_raises(json.dumps(request).encode("utf-8"))
    never_raises(json.dumps(query).encode("utf-8"))


@settings(max_examples=500, deadline=None)
@given(st.lists(words, max_size=60).map(" ".join) | st.lists(words, max_size=60).map("".join))
def test_random_documents_never_raise(query: str) -> None:
    never_raises(json.dumps({"query": query}).encode("utf-8"))
