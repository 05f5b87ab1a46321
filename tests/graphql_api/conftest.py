"""The API on the real stack: a verifier with real tokens, the durable shell, and one caller a person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import pytest_asyncio

from graphql_api.app import build
from graphql_api.context import Deps
from store import people
from store.session import Database
from tests.durable import Shell, client, shell, temporal
from tests.graphql_api.desk import Desk, Hands, verifier_of
from tests.seeds import Place
from workflows.aside import Aside
from workflows.engine import Engine

ASIDE = Aside()  # one process for the whole run: reading the law takes a second
__all__ = ["client", "shell", "temporal"]
CASE = """fragment Seen on Case { id reference version openedOn stage { name ends } actions { name kind item capacity outcomes }
  clocks { name item status due metOn force receipt { steps { say date } citations { instrument pinpoint evidence } } }
  tasks { name item doneOn } journal { nodes { sequence name on } } child { givenName } nextDeadline { name } linked { id } }"""
ANSWER = """{ __typename ... on CaseChanged { replayed case { ...Seen } } ... on Refused { say citations { pinpoint } }
  ... on Invalid { faults { path what why do } } ... on Denied { reason } ... on Conflict { say case { version } }
  ... on NotFound { say } ... on Received { receipt say } ... on Unavailable { say } }"""


class Api:
    """The application, asked over HTTP by whoever is named."""

    def __init__(self, http: httpx.AsyncClient, desk: Desk) -> None:
        self._http, self._desk = http, desk

    async def raw(self, place: Place, person: people.Person, query: str, **variables: Any) -> httpx.Response:
        token = self._desk.token(sub=person.subject, tenants={place.slug: list(person.roles)})
        return await self._http.post(
            "/graphql", json={"query": query, "variables": variables}, headers={"authorization": f"Bearer {token}"}
        )

    async def sent(
        self, place: Place, person: people.Person, body: bytes, headers: dict[str, str], method: str = "POST", asked: str = ""
    ) -> httpx.Response:
        """Whatever bytes, with a good token."""
        token = self._desk.token(sub=person.subject, tenants={place.slug: list(person.roles)})
        given = {"content-type": "application/json", **headers, "authorization": f"Bearer {token}"}
        return await self._http.request(method, "/graphql" + (f"?{asked}" if asked else ""), content=body, headers=given)

    async def ask(self, place: Place, person: people.Person, query: str, **variables: Any) -> dict[str, Any]:
        answer = await self.raw(place, person, query, **variables)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert not body.get("errors"), body["errors"]
        data: dict[str, Any] = body["data"]
        return data

    async def do(self, place: Place, person: people.Person, mutation: str, **given: Any) -> dict[str, Any]:
        kind = mutation[0].upper() + mutation[1:] + "Input"
        document = f"mutation($input: {kind}!) {{ {mutation}(input: $input) {ANSWER} }} {CASE}"
        answer: dict[str, Any] = (await self.ask(place, person, document, input=given))[mutation]
        return answer

    async def case(self, place: Place, person: people.Person, case_id: str) -> dict[str, Any] | None:
        found: dict[str, Any] | None = (await self.ask(place, person, "query($id: ID!) { case(id: $id) { ...Seen } }" + CASE, id=case_id))[
            "case"
        ]
        return found


@asynccontextmanager
async def apis(database: Database) -> AsyncIterator[Callable[..., Api]]:
    """Makes applications on one database, and closes them."""
    desk = Desk()
    opened: list[httpx.AsyncClient] = []

    def made(engine: Engine, *, compiled: bool = True) -> Api:
        verifier = verifier_of(desk, Hands())
        app = build(Deps(database=database, engine=engine, verifier=verifier, allow_introspection=True, compiled=compiled, aside=ASIDE))
        http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.test", timeout=60)
        opened.append(http)
        return Api(http, desk)

    yield made
    for http in opened:
        await http.aclose()


@pytest_asyncio.fixture
async def api_with(shell: Shell) -> AsyncIterator[Callable[[Engine], Api]]:
    async with apis(shell.database) as made:
        yield made


@pytest_asyncio.fixture
async def api(api_with: Callable[[Engine], Api], shell: Shell) -> Api:
    return api_with(shell.engine)


@pytest_asyncio.fixture
async def reader(database: Database) -> AsyncIterator[Api]:
    """The API without any engine: enough for whoever only reads."""
    async with apis(database) as made:
        yield made(cast(Engine, None))
