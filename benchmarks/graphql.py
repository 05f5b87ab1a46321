"""The page of fifty cases through GraphQL, against a bare Starlette route on the same SQL: CPU and statements, in turns in one run.

The bare route is what somebody would write by hand who needs no GraphQL: the same statements, the same rules, dictionaries, orjson. Both are
called as ASGI applications, without a network. The same page is also executed by graphql-core alone (WAYMARK_COMPILED=off).
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Any, cast
from uuid import UUID, uuid4

import msgspec
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks import postgraphile
from benchmarks.durable import cpu
from bootstrap.postgres import APP, OWNER, EmbeddedPostgres
from graphql_api.app import build
from graphql_api.context import Deps
from graphql_api.identifiers import as_uuid, global_id
from graphql_api.types.journal import VIEWS, said
from policies import enforcer
from policies.actions import Act, Actor, Object
from statute.clocks import split_key
from statute.days import civil
from statute.types import State
from store import cases, people
from store.lines import histories
from store.migrate import migrate
from store.session import Database
from tests.graphql_api.counted import counted
from tests.graphql_api.desk import Desk, Hands, verifier_of
from tests.graphql_api.lived import FIRST, consulted
from tests.seeds import WESTSHIRE, seed
from workflows import library
from workflows.engine import Engine

CASES, ENTRIES, ROUNDS, REQUESTS = 50, 10, 9, 4
NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
OFFICER = WESTSHIRE.caseworker
PAGE = """query Worklist($first: Int) { worklist(first: $first) { nodes { id reference version openedOn stage { name say }
  child { id givenName familyName bornOn setting { name urn } }
  clocks { name item say due status metOn setting { name } }
  journal(first: 10) { nodes { sequence kind name say on recordedAt } } } } }"""
WITH_REASONS = """query Reasons($first: Int) { worklist(first: $first) { nodes { id reference child { givenName familyName }
  clocks { name say due status receipt { steps { say date } citations { instrument pinpoint evidence } } }
  actions { name kind capacity say facts { name type required } citations { pinpoint } } journal(first: 10) { nodes { say on } } } } }"""
ONE = """query One($id: ID!) { case(id: $id) { id reference stage { name say } child { givenName familyName } nextDeadline { say due }
  clocks { name say due status receipt { steps { say date } citations { instrument pinpoint evidence } } }
  actions { name kind say } journal { nodes { say on } } } }"""
Asks = Callable[[], Awaitable[bytes]]


async def compare() -> None:
    """Print what a page costs."""
    with tempfile.TemporaryDirectory(prefix="waymark-bench-") as home:
        server = EmbeddedPostgres(Path(home, "postgres"), 0, durable=False)
        server.start()
        try:
            async with _peopled(server) as (database, case_id):
                await _measure(database, case_id, server.pid)
                if (place := postgraphile.folder()) is not None:
                    async with postgraphile.serving(place, server.dsn(APP, "bench"), CASES) as (ask, node):
                        await _against(database, ask, server.pid, node)
        finally:
            server.erase()


@asynccontextmanager
async def _peopled(server: EmbeddedPostgres) -> AsyncIterator[tuple[Database, str]]:
    """Fifty cases of fifty children in ten schools, each in its fourteenth week, with a school consulted."""
    server.create_database("bench")
    await migrate(server.dsn(OWNER, "bench"))
    await seed(server.dsn(OWNER, "bench"))
    database = Database(server.dsn(APP, "bench"))
    schools = [people.Setting(uuid4(), f"School {n}", f"99980{n}", "mainstream_school") for n in range(10)]
    async with database.tenant(WESTSHIRE.slug) as session:
        for school in schools:
            await people.add_setting(session, school)
    case_id = ""
    for n in range(CASES):
        child = people.Child(uuid4(), f"Child {n}", "Measured", date(2017, 5, 4), None, schools[n % 10].id)
        async with database.tenant(WESTSHIRE.slug) as session:
            await people.add_child(session, child)
        case_id = global_id("Case", (await consulted(database, child.id, schools[(n + 1) % 10].id, FIRST)).id)
    try:
        yield database, case_id
    finally:
        await database.close()


class _Face:
    """The API, and how it is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._desk = Desk()
        self.token = self._desk.token(sub=OFFICER.subject, tenants={WESTSHIRE.slug: list(OFFICER.roles)})

    def served(self, compiled: bool) -> Any:
        return build(Deps(self._database, cast(Engine, None), verifier_of(self._desk, Hands()), now=lambda: NOW, compiled=compiled))

    def asks(self, app: Any, document: str, **variables: Any) -> Asks:
        body = orjson.dumps({"query": document, "variables": variables})
        return lambda: _post(app, "/graphql", body, self.token)


async def _against(database: Database, ask: Asks, postgres: int, node: int) -> None:
    """Ours and PostGraphile in turns: all processes that answer, with Postgres. It has HTTP in it, ours has not."""
    face = _Face(database)
    ours = face.asks(face.served(True), PAGE, first=CASES)
    total = {"compiled": [0.0, 0.0], "PostGraphile": [0.0, 0.0]}
    for turn in range(ROUNDS + 3):
        for name, way in (("compiled", ours), ("PostGraphile", ask)):
            began, own = cpu((postgres, node)), time.process_time()
            for _ in range(REQUESTS):
                await way()
            ended = cpu((postgres, node))
            server = ended.temporal - began.temporal if name == "PostGraphile" else time.process_time() - own
            if turn >= 3:
                total[name] = [total[name][0] + server, total[name][1] + ended.postgres - began.postgres]
    print(f"GraphQL, the page against PostGraphile 5, {ROUNDS * REQUESTS} requests each in turns; ms of CPU")
    for name, parts in total.items():
        server, theirs = (part / ROUNDS / REQUESTS * 1000 for part in parts)
        print(f"  {name:13s}{server:7.1f}, Postgres {theirs:4.1f}, together {server + theirs:.1f}")


async def _measure(database: Database, case_id: str, postgres: int) -> None:
    face = _Face(database)
    asks, token = face.asks, face.token
    compiled, plain = face.served(True), face.served(False)
    bare = Starlette(routes=[Route("/bare", _bare(database), methods=["POST"])])
    pages: dict[str, dict[str, Asks]] = {
        "the page of fifty cases": {
            "bare": lambda: _post(bare, "/bare", b"", token),
            "compiled": asks(compiled, PAGE, first=CASES),
            "graphql-core": asks(plain, PAGE, first=CASES),
        },
        "the same cases with receipts and actions": {
            "compiled": asks(compiled, WITH_REASONS, first=CASES),
            "graphql-core": asks(plain, WITH_REASONS, first=CASES),
        },
        "one case with everything": {
            "compiled": asks(compiled, ONE, id=case_id),
            "graphql-core": asks(plain, ONE, id=case_id),
        },
    }
    for title, ways in pages.items():
        await _one_page(title, ways, postgres)


async def _one_page(title: str, ways: dict[str, Asks], postgres: int) -> None:
    answers = {}
    statements = {}
    for name, ask in ways.items():
        for _ in range(3):
            answers[name] = await ask()
        with counted() as asked:
            await ask()
        statements[name] = len(asked)
    assert len(set(answers.values())) == 1, "the ways answer differently"
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name in random.sample(list(ways), len(ways)):
            began, others = time.process_time(), cpu((postgres, os.getpid())).postgres
            for _ in range(REQUESTS):
                await ways[name]()
            spent[name].append(((time.process_time() - began) / REQUESTS, (cpu((postgres, os.getpid())).postgres - others) / REQUESTS))
    size = len(next(iter(answers.values()))) / 1000
    print(f"GraphQL, {title}: {size:,.0f} kB, {ROUNDS * REQUESTS} requests each in turns; ms of CPU")
    first = next(iter(spent))
    for name, costs in spent.items():
        ours, theirs = (median(each[part] for each in costs) * 1000 for part in (0, 1))
        ratio = median(one[0] / other[0] for one, other in zip(spent[first], costs, strict=True))
        against = f", {first} is {ratio:.2f} of it" if name != first else ""
        print(f"  {name:13s}{ours:7.1f}, Postgres {theirs:4.1f}; {statements[name]} statements{against}")


async def _post(app: Any, path: str, body: bytes, token: str) -> bytes:
    """One request, as a server hands it to an application."""
    headers = [(b"content-type", b"application/json"), (b"authorization", f"Bearer {token}".encode()), (b"host", b"bench")]
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "root_path": "", "scheme": "http", "headers": headers, "client": ("127.0.0.1", 1), "server": ("bench", 80), "asgi": {"version": "3.0"},
    }  # fmt: skip
    sent: list[bytes] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200, message
        sent.append(message.get("body", b""))

    await app(scope, receive, send)
    return b"".join(sent)


def _bare(database: Database) -> Callable[[Request], Awaitable[Response]]:
    """The page by hand."""

    async def page(_: Request) -> Response:
        async with database.tenant(WESTSHIRE.slug) as session:
            found = await people.find_caller(session, OFFICER.subject)
            assert found is not None
            actor, today = Actor(found[1].id, WESTSHIRE.slug, frozenset(OFFICER.roles)), civil(NOW)

            def where(obj: Object, act: Act) -> Any:
                return enforcer.where(actor, obj, act, today)

            narrowed = cases.Narrowed(is_open=True)
            rows = await cases.list_cases(session, where(Object.CASE, Act.LIST), "next_due", None, CASES + 1, narrowed=narrowed)
            states = [msgspec.convert(row.state, State) for row in rows]
            wanted = list({row.child_id for row in rows})
            of = where(Object.CHILD, Act.READ)
            children = {one.id: one for one in await people.list_children(session, limit=len(wanted), where=of, ids=wanted)}
            keys = {one.setting_id for one in children.values() if one.setting_id}
            keys |= {key for state in states for name in state.clocks if (key := as_uuid(split_key(name)[1]))}
            of = where(Object.SETTING, Act.READ)
            settings = {one.id: one for one in await people.list_settings(session, limit=len(keys), where=of, ids=list(keys))}
            seen = where(Object.CASE, Act.READ) & (where(Object.JOURNAL, VIEWS[0]) | where(Object.JOURNAL, VIEWS[1]))
            journals = await histories(session, [row.id for row in rows], seen, 0, ENTRIES + 1)
        nodes = [_case(row, state, children, settings, journals.get(row.id, [])) for row, state in zip(rows, states, strict=True)]
        return Response(orjson.dumps({"data": {"worklist": {"nodes": nodes}}}), media_type="application/json")

    return page


def _case(row: cases.CaseFile, state: State, children: Any, settings: Any, journal: Any) -> dict[str, Any]:
    rules = library.of(state)
    stage, child = rules.stages[state.stage], children[row.child_id]
    school = settings[child.setting_id]
    clocks = []
    for key, clock in state.clocks.items():
        name, item = split_key(key)
        at = settings.get(UUID(item)) if as_uuid(item) else None
        clocks.append(
            {"name": name, "item": item or None, "say": rules.deadlines[name].say, "due": clock.due, "status": clock.status.name,
             "metOn": clock.met_on, "setting": {"name": at.name} if at else None}
        )  # fmt: skip
    clocks.sort(key=lambda one: (one["due"] or date.max, one["name"], one["item"] or ""))
    entries = [
        {"sequence": one.seq, "kind": one.kind, "name": one.name, "say": said(rules, one.kind, one.name, one.item, one.outcome), "on": one.on,
         "recordedAt": one.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")}
        for one in journal[:ENTRIES]
    ]  # fmt: skip
    return {
        "id": global_id("Case", row.id), "reference": row.reference, "version": row.seq, "openedOn": row.opened_on,
        "stage": {"name": stage.name, "say": stage.say},
        "child": {"id": global_id("Child", child.id), "givenName": child.given_name, "familyName": child.family_name, "bornOn": child.born_on,
                  "setting": {"name": school.name, "urn": school.urn}},
        "clocks": clocks, "journal": {"nodes": entries},
    }  # fmt: skip
