"""Documents of our own clients: asked by their fingerprints, and the only ones where a council wants it so; and nothing is read twice."""

from __future__ import annotations

from typing import Any, cast

import graphql
import httpx
import pytest
import strawberry.schema.schema as executing
from graphql import parse, validate

from graphql_api.app import build
from graphql_api.context import Deps
from graphql_api.document import Limits, measure
from graphql_api.documents import fingerprint, trusted
from graphql_api.schema import schema
from store.session import Database
from tests.graphql_api.conftest import Api
from tests.graphql_api.desk import Desk, Hands, verifier_of
from tests.graphql_api.lived import opened
from tests.seeds import WESTSHIRE
from workflows.engine import Engine

OFFICER = WESTSHIRE.caseworker
[WORKLIST] = [text for text in trusted().values() if "query Worklist" in text]


@pytest.mark.parametrize("text", trusted().values(), ids=lambda text: text.split("query ")[1].split("(")[0])
def test_each_of_them_is_valid_and_within_what_the_guard_lets_through(text: str) -> None:
    assert validate(schema()._schema, parse(text)) == []
    assert measure(text, Limits()).operations


async def sent(database: Database, body: dict[str, Any], *, only_trusted: bool = False) -> httpx.Response:
    desk = Desk()
    deps = Deps(database, cast(Engine, None), verifier_of(desk, Hands()), allow_introspection=True, only_trusted=only_trusted)
    token = desk.token(sub=OFFICER.subject, tenants={WESTSHIRE.slug: list(OFFICER.roles)})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(build(deps)), base_url="http://api.test", timeout=60) as http:
        return await http.post("/graphql", json=body, headers={"authorization": f"Bearer {token}"})


def by_its_fingerprint(of: str, **more: Any) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": of}}, **more}


@pytest.mark.stored
async def test_a_fingerprint_is_as_good_as_the_document(database: Database) -> None:
    await opened(database)
    whole = (await sent(database, {"query": WORKLIST, "variables": {"first": 5}})).json()
    assert len(whole["data"]["worklist"]["nodes"]) == 1
    for only_trusted in (False, True):
        for body in ({}, {"query": WORKLIST}, {"operationName": "Worklist"}):
            asked = by_its_fingerprint(fingerprint(WORKLIST), variables={"first": 5}, **body)
            assert (await sent(database, asked, only_trusted=only_trusted)).json() == whole


@pytest.mark.stored
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (by_its_fingerprint(fingerprint("{ viewer { name } }")), "PERSISTED_QUERY_NOT_FOUND"),
        (by_its_fingerprint(fingerprint(WORKLIST), query="{ viewer { name } }"), "WRONG_FINGERPRINT"),
        (by_its_fingerprint(fingerprint(WORKLIST), query=3), "WRONG_FINGERPRINT"),
        ({"extensions": {"persistedQuery": "x"}}, "WRONG_SHAPE"),
        ({"extensions": {"persistedQuery": {"sha256Hash": 3}}}, "WRONG_SHAPE"),
        ({"extensions": {}}, "NO_QUERY"),
    ],
)
async def test_a_fingerprint_of_nothing_is_turned_away(database: Database, body: dict[str, Any], code: str) -> None:
    answer = await sent(database, body)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (400, code)


@pytest.mark.stored
async def test_where_only_ours_are_answered_no_other_is_even_read(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(executing, "parse", never)
    for query in (
        "{ viewer { name } }",
        WORKLIST + " ",
        "{ __schema { types { name } } }",
        "subscription { worklistChanged { nodes { id } } }",
    ):
        answer = await schema(True, True, True).execute(query)
        assert [error.extensions for error in answer.errors or ()] == [{"code": "ONLY_TRUSTED"}]
        assert answer.data is None


@pytest.mark.stored
async def test_a_document_is_parsed_and_validated_once(reader: Api, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    for module, name in ((executing, "validate"), (graphql.language.parser, "Parser")):
        real = getattr(module, name)

        def counting(*given: Any, name: str = name, real: Any = real, **more: Any) -> Any:
            seen.append(name)
            return real(*given, **more)

        monkeypatch.setattr(module, name, counting)
    for n in range(5):
        await reader.ask(WESTSHIRE, OFFICER, "query OnlyHere($n: Int) { worklist(first: $n) { nodes { id } } }", n=n + 1)
    assert sorted(seen) == ["Parser", "Parser", "validate"]  # the guard reads a document once, and the schema once
