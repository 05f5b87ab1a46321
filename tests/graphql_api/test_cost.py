"""What an answer could hold is known before it is read, in work that is linear in the document, and too much is refused."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from graphql_api.cost import LIST, MOST, NODES, _Count, cost
from graphql_api.documents import trusted
from graphql_api.schema import schema

SCHEMA = schema()._schema


def worth(document: str, **variables: Any) -> int:
    return cost(SCHEMA, parse(document), None, variables)


@pytest.mark.parametrize(
    ("document", "variables", "expected"),
    [
        ("{ viewer { name } }", {}, 2),
        ("{ worklist(first: 7) { nodes { id reference } } }", {}, 1 + 1 + 7 * 2),
        ("{ worklist { nodes { id } } }", {}, 2 + 50),
        ("{ worklist(first: 100000) { nodes { id } } }", {}, 2 + 100),
        ("{ worklist(first: null) { nodes { id } } }", {}, 2 + 50),
        ("query($n: Int) { worklist(first: $n) { nodes { id } } }", {"n": 3}, 2 + 3),
        ("query($n: Int) { worklist(first: $n) { nodes { id } } }", {}, 2 + 100),  # whatever it stands for by default
        ("{ worklist(first: 2) { edges { cursor node { id } } pageInfo { endCursor } } }", {}, 1 + 1 + 2 * 3 + 2),
        ("{ worklist(first: 2) { ...F } } fragment F on CaseConnection { nodes { ...G ...G } } fragment G on Case { id }", {}, 2 + 2 * 2),
        ("{ worklist(first: 4) { nodes { journal(first: 5) { nodes { on } } } } }", {}, 2 + 4 * (1 + 1 + 5)),
        ("{ worklist(first: 1) { nodes { clocks { name } } } }", {}, 2 + 1 + LIST),
        ("{ node(id: 1) { id ... on Child { cases { id } } ... { id } } }", {}, 1 + 1 + 1 + NODES + 1),
    ],
)
def test_an_answer_is_as_large_as_its_pages_may_be(document: str, variables: dict[str, Any], expected: int) -> None:
    assert worth(document, **variables) == expected


def test_our_own_documents_hold_less_than_half_of_what_is_answered() -> None:
    assert max(worth(text, first=100) for text in trusted().values()) < MOST / 2


def test_cases_that_lead_to_cases_are_refused_before_they_are_many() -> None:
    around = "{ cases { nodes { child { cases { child { cases { child { cases { id } } } } } } } } }"  # 3.4 seconds for one child of twenty cases
    assert worth(around) > MOST


def doubling(levels: int) -> str:
    spreads = [f"fragment F{n} on Child {{ cases {{ child {{ ...F{n + 1} ...F{n + 1} }} }} }}" for n in range(levels)]
    return " ".join(["{ children { nodes { ...F0 } } }", *spreads, f"fragment F{levels} on Child {{ id }}"])


def test_the_work_grows_with_the_document_and_not_with_the_answer() -> None:
    visited = []
    for levels in (5, 10, 20):
        document = parse(doubling(levels))
        count = _Count(SCHEMA, document, {})
        operation: Any = document.definitions[0]
        assert count.of(operation.selection_set, SCHEMA.query_type, 1) > 10**levels
        visited.append(count.visited)
    assert visited[1] - visited[0] == 5 * 4
    assert visited[2] - visited[1] == 10 * 4


async def test_what_would_hold_too_much_is_refused_before_anything_is_read() -> None:
    query = "{ children(first: 100) { nodes { cases { child { cases { journal(first: 100) { nodes { say } } } } } } } }"
    answer = await schema().execute(query)
    assert answer.data is None
    assert [error.extensions for error in answer.errors or ()] == [{"code": "TOO_COSTLY"}]
