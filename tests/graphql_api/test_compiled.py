"""Compiled or not, every document gets the same answer: data, messages, paths and places, byte for byte."""

from __future__ import annotations

import dataclasses
import gc
import os
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from random import Random
from typing import Annotated, Any, cast
from uuid import uuid4

import orjson
import pytest
import strawberry
from graphql import Undefined
from strawberry import Info
from strawberry.extensions import ParserCache
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from bootstrap.settings import Settings
from graphql_api import schema as served
from graphql_api.compiled import CompiledExecutor
from graphql_api.context import Context, Deps
from graphql_api.identifiers import global_id
from graphql_api.identity import Caller, Verifier
from graphql_api.queries.cases import CaseConnection, page_of
from graphql_api.scalars import SCALARS
from graphql_api.types.case import Case
from graphql_api.types.child import Child, children_of
from graphql_api.types.clock import Clock
from graphql_api.types.journal import JournalConnection
from graphql_api.types.people import Node, Setting, settings_of
from graphql_api.types.results import CaseChanged, CaseResult, Conflict, Denied, NotFound
from statute.types import Kind
from store import people
from store.session import Database
from tests.graphql_api.conftest import apis
from tests.graphql_api.documents import Drawn
from tests.graphql_api.lived import FIRST, opened
from tests.seeds import WESTSHIRE
from workflows.engine import Engine

# An error ends what is asked beside it, perhaps before it began: Python then says of graphql-core's coroutines that nobody awaited them.
UNBEGUN = ("ignore:coroutine .* was never awaited:RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
pytestmark = [pytest.mark.stored, *map(pytest.mark.filterwarnings, UNBEGUN)]
NIGHT = os.environ.get("HYPOTHESIS_PROFILE") == "nightly"
DOCUMENTS = 3000 if NIGHT else 40
SEED = Random().randrange(10**9) if NIGHT else 7
VARIABLES = ({"yes": True, "no": False}, {"yes": False, "no": True})


async def lived(database: Database) -> list[str]:
    """Cases at several places of their way, one of a child that nobody else has; the ids of everything there is."""
    first = await (await opened(database, FIRST)).assess(FIRST)
    second = await opened(database, FIRST, WESTSHIRE.children[1], first.id)
    await second.step(Kind.DONE, "consult_family", FIRST)
    keys = [("Case", first.id), ("Case", second.id), *(("Child", child.id) for child in WESTSHIRE.children)]
    keys += [("Setting", WESTSHIRE.setting.id), ("Person", WESTSHIRE.parent.id), ("Case", uuid4())]
    return [global_id(*key) for key in keys]


def request(database: Database, person: people.Person) -> Context:
    deps = Deps(database, cast(Engine, None), cast(Verifier, None), now=lambda: datetime(2026, 3, 2, 9, 30, tzinfo=UTC))
    return Context(deps, Caller(person.subject, "", WESTSHIRE.slug, frozenset(person.roles)))


def told(result: Any) -> tuple[bytes, list[bytes]]:
    """An answer as bytes; errors in any order, because what is asked at once may fail in any order.

    Where cursors are none in several places at once, the first to fail ends the others, and graphql-core leaves to chance which are told:
    so here only that there was one. That it is told with its path and place is looked at by itself.
    """
    errors = []
    for error in (dict(error.formatted) for error in result.errors or ()):
        error.get("extensions", {}).pop("id", None)  # drawn anew each time
        errors.append({"message": error["message"]} if error.get("extensions", {}).get("code") == "BAD_CURSOR" else error)
    return orjson.dumps(result.data), sorted({orjson.dumps(error) for error in errors})


async def answers(schema: strawberry.Schema, document: str, variables: dict[str, Any], context: Context, root: Any = None) -> Any:
    try:
        return told(await schema.execute(document, dict(variables), context, root))
    finally:
        await context.close()


@pytest.fixture(autouse=True)
def swept() -> Iterator[None]:
    """What graphql-core leaves unbegun is collected here, and not in the middle of the next test."""
    yield
    gc.collect()


@pytest.fixture
def by_core(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The types of the objects that graphql-core answered, in a compiled schema."""
    found: list[str] = []
    base: Any = CompiledExecutor.__mro__[1]
    inherited = base.complete_object_value

    def counted(self: Any, return_type: Any, *rest: Any) -> Any:
        if isinstance(self, CompiledExecutor):
            found.append(return_type.name)
        return inherited(self, return_type, *rest)

    monkeypatch.setattr(base, "complete_object_value", counted)
    return found


@pytest.mark.timeout(36_000 if NIGHT else 300)
async def test_any_document_over_our_schema_gets_the_same_answer(database: Database, by_core: list[str]) -> None:
    ids, random = await lived(database), Random(SEED)
    plain, compiled = served.schema(True, False), served.schema(True, True)
    valid = failed = 0
    for _ in range(DOCUMENTS):
        document = Drawn(plain._schema, random, ids).query()
        person = random.choice([WESTSHIRE.caseworker, WESTSHIRE.caseworker, WESTSHIRE.parent, WESTSHIRE.senco])
        for variables in VARIABLES:
            expected = await answers(plain, document, variables, request(database, person))
            for attempt in range(3):
                if attempt == 2:
                    by_core.clear()
                seen = await answers(compiled, document, variables, request(database, person))
                assert seen == expected, (SEED, document, variables)
            valid += expected[0] != b"null"
            failed += bool(expected[1])
            assert expected[1] or not by_core, (document, by_core)
    assert valid > DOCUMENTS
    assert failed > DOCUMENTS / 20


async def test_an_error_of_a_field_that_is_put_off_has_its_path_and_its_place(database: Database) -> None:
    first, *_ = await lived(database)
    document = 'query($id: ID!) { case(id: $id) { reference again: journal(after: "junk") { nodes { say } } } viewer { name } }'
    for compiled in (False, True, True):
        result = await served.schema(True, compiled).execute(document, {"id": first}, request(database, WESTSHIRE.caseworker))
        assert result.data == {"case": None, "viewer": {"name": WESTSHIRE.caseworker.name}}
        [error] = [error.formatted for error in result.errors or ()]
        assert error["path"] == ["case", "again"]
        assert error["locations"] == [{"line": 1, "column": 45}]
        assert error["extensions"] == {"code": "BAD_CURSOR"}


Holder = Annotated[Case | Child | Setting, strawberry.union("Holder")]


def spoilt(name: str) -> Callable[[Info], Any]:
    def resolve(info: Info) -> Any:
        return info.root_value[name]

    return resolve


@strawberry.type
class Query:
    page: CaseConnection = strawberry.field(resolver=spoilt("page"))
    perhaps: CaseConnection | None = strawberry.field(resolver=spoilt("perhaps"))
    cases: list[Case] = strawberry.field(resolver=spoilt("cases"))
    some: list[Case | None] | None = strawberry.field(resolver=spoilt("some"))
    child: Child | None = strawberry.field(resolver=spoilt("child"))
    clocks: list[Clock | None] = strawberry.field(resolver=spoilt("clocks"))
    journal: JournalConnection | None = strawberry.field(resolver=spoilt("journal"))
    node: Node | None = strawberry.field(resolver=spoilt("node"))
    nodes: list[Node | None] = strawberry.field(resolver=spoilt("nodes"))
    holders: list[Holder | None] = strawberry.field(resolver=spoilt("holders"))
    answers: list[CaseResult | None] = strawberry.field(resolver=spoilt("answers"))


class Odd:
    def __repr__(self) -> str:
        return "odd"


class Text(str):
    __slots__ = ()


BY_WHICH_IT_IS_READ = ("context", "file", "key")  # who is spoilt in these spoils the answer of all that are read with it
BAD: list[Any] = [None, None, None, 3, 2**40, 1.5, True, "x", Text("y"), date(2026, 1, 2), datetime(2026, 1, 1, tzinfo=UTC), ValueError("bad"), Undefined, Odd(), [None], ("a",), {}, uuid4()]  # fmt: skip


def spoil(value: Any, random: Random, often: float) -> Any:
    """The same object with some of its attributes not what they should be, or something else altogether."""
    if random.random() < often / 3:
        return random.choice(BAD)
    if isinstance(value, list):
        return [spoil(each, random, often) for each in value]
    if dataclasses.is_dataclass(value) and hasattr(value, "__strawberry_definition__"):
        for each in dataclasses.fields(value):
            if each.name not in BY_WHICH_IT_IS_READ and hasattr(value, each.name):
                setattr(value, each.name, spoil(getattr(value, each.name), random, often))
    elif random.random() < often:
        return random.choice(BAD)
    return value


async def spoilt_root(context: Context, seed: int) -> dict[str, Any]:
    """Real objects, read anew and then spoilt in the same way for the same seed."""
    random = Random(seed)
    often = random.choice([0, 0, 0.01, 0.05, 0.2])

    async def page() -> CaseConnection:
        return await page_of(context, 50, None)

    [child, *_] = (await children_of(context, 5, None)).nodes
    [setting, *_] = (await settings_of(context, 5, None)).nodes
    cases = (await page()).nodes
    await context.facts_of(cases[0].file.id)
    many: list[Any] = [cases[0], child, setting, *(await page()).nodes]
    answers = [CaseChanged(case=cases[0], replayed=False), Conflict(say="", case=cases[1]), Denied(reason=""), NotFound(say="x")]
    root = {"page": await page(), "perhaps": await page(), "cases": (await page()).nodes, "some": (await page()).nodes}
    root |= {"child": child, "clocks": cases[0].clocks(), "journal": await cases[0].journal(), "node": cases[1], "nodes": many}  # type: ignore[operator]
    root |= {"holders": list(many), "answers": answers}
    return {name: spoil(value, random, often) for name, value in root.items()}


def over_spoilt(compiled: bool) -> strawberry.Schema:
    return served.WaymarkSchema(  # it does not log errors
        Query,
        config=StrawberryConfig(scalar_map=dict(SCALARS)),
        extensions=[ParserCache],
        execution_context_class=CompiledExecutor if compiled else None,
    )


@pytest.mark.timeout(36_000 if NIGHT else 300)
async def test_what_is_not_as_it_should_be_is_told_in_the_same_words(database: Database) -> None:
    ids, random = await lived(database), Random(SEED)
    plain, compiled = over_spoilt(False), over_spoilt(True)
    failed = 0
    for _ in range(DOCUMENTS):
        document, seed = Drawn(plain._schema, random, ids).query(), random.random()
        expected = None
        for schema in (plain, compiled, compiled, compiled):
            context = request(database, WESTSHIRE.caseworker)
            root = await spoilt_root(context, cast(int, seed))
            seen = await answers(schema, document, VARIABLES[0], context, root)
            expected = expected or seen
            assert seen == expected, (SEED, document, seed)
        failed += bool(expected and expected[1])
    assert failed > DOCUMENTS / 10


@pytest.mark.parametrize(("said", "class_"), [("off", StrawberryGraphQLCoreExecutionContext), ("on", CompiledExecutor)])
async def test_compiled_code_can_be_turned_off_and_the_api_goes_on_serving(
    database: Database, monkeypatch: pytest.MonkeyPatch, said: str, class_: type[Any]
) -> None:
    await lived(database)
    monkeypatch.setenv("WAYMARK_COMPILED", said)
    settings = Settings(_env_file=None)
    assert served.schema(True, settings.compiled).execution_context_class is class_
    async with apis(database) as made:
        api = made(cast(Engine, None), compiled=settings.compiled)
        for _ in range(3):
            seen = await api.ask(
                WESTSHIRE, WESTSHIRE.caseworker, "{ worklist { nodes { child { givenName } journal { nodes { sequence } } } } }"
            )
            assert sorted(len(one["journal"]["nodes"]) for one in seen["worklist"]["nodes"]) == [2, 4]
