"""The whole schema against a table that was written from the law: every field has a row, and two councils full of canaries are searched.

Whoever asks for everything, as every role in every relation, finds the words that the row allows and no other; and none of the other
council, with both walls and with row security alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from ruamel.yaml import YAML
from sqlalchemy import ColumnElement, text, true
from sqlalchemy.ext.asyncio import AsyncSession

from bootstrap.postgres import EmbeddedPostgres
from graphql_api import cost
from graphql_api.app import build
from graphql_api.context import Deps
from graphql_api.identifiers import global_id
from policies import enforcer
from policies.actions import CAPACITIES, Role
from store import cases, people
from store.session import Database
from tests.conftest import SEEDED, Dsns, fresh
from tests.graphql_api.desk import Desk, Hands, verifier_of
from tests.policies import walked
from tests.policies.canaries import STANDINGS, Council, Found, found_in, plant
from tests.policies.test_policy_table import TABLE, expected
from workflows.aside import Aside
from workflows.engine import Engine

SCHEMA: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("schema.yaml").read_text("utf-8"))
WHO, WORDS, FIELDS = SCHEMA["who"], SCHEMA["words"], SCHEMA["fields"]
HERE, THERE = "westshire", "northmoor"
POLICIES = Path(enforcer.__file__).parent
RULES = [line for line in (POLICIES / "national.csv").read_text("utf-8").splitlines() if line.startswith("p,")]
# no free text in these: keys, days, numbers and words of the program; tenant_event has whoever seeded it
SILENT = [
    "alembic_version", "case_origin", "case_party", "case_successor", "inclusion_place", "place_capacity", "preference", "relation",
    "setting_term", "tenant_event", "tenant_slug",
]  # fmt: skip
BETWEEN = "\x1e"
BY_ROOT = {("cases", "case"): "listedcase", ("worklist", "case"): "listedcase", ("case", "case"): "readcase",
           ("children", "child"): "listedchild", ("node", "child"): "readchild"}  # fmt: skip
stored = pytest.mark.stored


def acts(who: str) -> list[str]:
    """The acts of expected.yaml that a row stands for; none for nobody."""
    return [] if who == "nobody" else WHO.get(who, [who])


def rows() -> Iterator[tuple[str, str]]:
    for kind, by_who in FIELDS.items():
        for who, names in by_who.items():
            yield from ((f"{kind}.{name}", who) for name in names)


def test_every_field_and_every_mutation_has_one_row_and_every_row_a_field() -> None:
    told = [name for name, _ in rows()]
    assert sorted(walked.fields() - set(told)) == [], "say in schema.yaml who may see or do these, and by which law"
    assert sorted(set(told) - walked.fields()) == [], "these are gone from the schema"
    assert len(told) == len(set(told)), "two rows for one field"


def test_every_row_leads_to_acts_that_the_law_gave_to_somebody() -> None:
    named = {who for _, who in rows()} | {word["who"] for word in WORDS.values()}
    assert {act for who in named for act in acts(who)} <= set(TABLE["allowed"])
    assert set(WHO) <= named, "a name that no row uses"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody of a council: the role that their sign-in gives, and how they stand to the first child."""

    council: str
    role: str
    standing: str

    def may(self, found: Found) -> bool:
        """Whether the table lets them read a word."""
        if found.council != self.council or found.kind not in WORDS:
            return False
        word = WORDS[found.kind]
        held = {"any"}
        if word["of"] == "case" and found.about == "alpha":
            held.add(self.standing)
        if word["of"] == "person" and found.about == self.standing.replace("_", ""):
            held.add("self")
        return allowed(self.role, word["who"], frozenset(held))


@cache
def allowed(role: str, who: str, held: frozenset[str]) -> bool:
    return any(expected(role, *act.split("."), held) for act in acts(who))  # type: ignore[arg-type]


def named(role: str) -> set[str]:
    """The relations in which the table gives something to a role."""
    cells = (row[role] for row in TABLE["allowed"].values())
    return {name for cell in cells for name in ([cell] if isinstance(cell, str) else cell)} & set(STANDINGS)


# every role in each relation that gives it anything, in one that gives it nothing, and in none
CALLERS = [
    Caller(HERE, role, standing)
    for role in Role
    for standing in sorted({"nobody", *named(role), *sorted(set(STANDINGS) - named(role) - {"nobody"})[:1]})
]
# and who looks for the other council's: from both sides, each role in none, with one that sees much
BESIDE = [Caller(council, role, "nobody") for council in (HERE, THERE) for role in Role]
FEW = [Caller(HERE, *one) for one in ((Role.PARENT, "own_child"), (Role.PARENT, "nobody"), (Role.SETTING_CONSULTED, "consulted"),
       (Role.SCHOOL_HEAD, "on_roll"), (Role.AUDITOR, "nobody"), (Role.LA_ADMINISTRATOR, "nobody"))]  # fmt: skip


class World:
    """The two councils, behind an application."""

    def __init__(self, http: httpx.AsyncClient, desk: Desk, councils: dict[str, Council]) -> None:
        self.http, self.desk, self.councils = http, desk, councils

    async def ask(self, caller: Caller, document: str, signed_in_to: str = "") -> str:
        """The whole answer, headers and body; of a council where the caller is nobody, where one is named."""
        subject = f"{caller.council}.canary.{caller.standing}"
        token = self.desk.token(sub=subject, tenants={signed_in_to or caller.council: [caller.role]})
        answer = await self.http.post("/graphql", json={"query": document}, headers={"authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        return f"{answer.headers}{BETWEEN}{answer.text}{BETWEEN}"

    async def everything(self, caller: Caller) -> str:
        """What one finds who asks every question about what is one's own and about what is another's."""
        return " ".join([await self.ask(caller, document) for document in documents(self, caller.role)])


def arguments(world: World, role: str) -> dict[str, list[str]]:
    """What is named in each question: of both councils alike, as one who guesses would."""
    councils = world.councils.values()
    ids = {
        "Case": [key for one in councils for key in one.cases.values()],
        "Child": [one.child(which) for one in councils for which in ("alpha", "beta")],
        "Person": [one.person(standing) for one in councils for standing in ("own_child", "nobody")],
        "Setting": [one.key("setting other") for one in councils],
    }
    found = {
        "node": [f'(id: "{global_id(kind, key)}")' for kind, keys in ids.items() for key in keys],
        "case": [f'(id: "{key}")' for key in ids["Case"]],
        "tailoredList": [f'(caseId: "{key}")' for key in ids["Case"]],
        "revision": [f'(id: "{global_id("Revision", one.key("revision"))}")' for one in councils],
        "receipt": [f'(number: "canary-{slug}-{which}")' for slug in world.councils for which in ("alpha", "beta")],
        "process": ['(name: "ehc_plan")'],
        "pilotEvaluation": ['(pilot: "tailored_lists")'],
        "configuration": ["", "(version: 1)", "(version: 2)"],
        "explainAccess": [
            f'(subject: "{slug}.canary.own_child", object: "case", act: "read", id: "{global_id("Case", one.cases["alpha"])}")'
            for slug, one in world.councils.items()
        ],
        "inclusionPlan": ["(entry: 2027)"],
    }
    if allowed(role, "configuration.read", frozenset({"any"})):
        found["configurationPreview"] = []  # proving takes seconds: it is asked for once, elsewhere
    else:
        found["configurationPreview"] = ["(version: 2, rehearse: true, again: true)"]
    return found


_DOCUMENTS: dict[bool, list[str]] = {}


def documents(world: World, role: str) -> list[str]:
    key = allowed(role, "configuration.read", frozenset({"any"}))
    if key not in _DOCUMENTS:
        wrong = '{ worklist(team: "nobody") { nodes { id } } }'  # by itself: its error leaves nothing of the rest
        _DOCUMENTS[key] = [*walked.documents(walked.queries(arguments(world, role))), wrong]
    return _DOCUMENTS[key]


@asynccontextmanager
async def served(dsn: str, councils: dict[str, Council]) -> AsyncIterator[World]:
    """The application on a database, asked over ASGI."""
    desk, database = Desk(), Database(dsn)
    app = build(
        Deps(database=database, engine=cast(Engine, None), verifier=verifier_of(desk, Hands()), allow_introspection=True, aside=Aside())
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.test", timeout=60) as http:
        yield World(http, desk, councils)
    await database.close()


class Open:
    """A policy that lets everybody do everything: what is left is the wall of the database."""

    def decide(self, *_: Any) -> enforcer.Decision:
        return enforcer.Decision(True, "open")

    def capacities(self, *_: Any) -> frozenset[str]:
        return frozenset(CAPACITIES)

    def where(self, *_: Any) -> ColumnElement[bool]:
        return true()

    def rules(self) -> tuple[tuple[str, ...], ...]:
        return ()


def changed(folder: Path, rules: list[str]) -> enforcer.Policy:
    """The policy of other rules."""
    written = folder / "rules.csv"
    written.write_text("\n".join(rules), "utf-8")
    return enforcer.Policy(POLICIES / "model.conf", written)


def abroad(heard: Iterable[tuple[Caller, set[Found]]]) -> list[tuple[Caller, Found]]:
    """The words of a council that somebody of the other read."""
    return [(caller, word) for caller, words in heard for word in sorted(words, key=str) if word.council != caller.council]


def strange(heard: Iterable[tuple[Caller, set[Found]]]) -> list[tuple[Caller, Found]]:
    """The words that somebody read and may not."""
    return [(caller, word) for caller, words in heard for word in sorted(words, key=str) if not caller.may(word)]


def missed(heard: Iterable[tuple[Caller, set[Found]]], planted: set[Found]) -> list[tuple[Caller, Found]]:
    """The words that somebody may read, has asked for and did not get."""
    shown = [word for word in planted if WORDS[word.kind].get("shown", True)]
    return [(caller, word) for caller, words in heard for word in shown if caller.may(word) and word not in words]


async def heard_by(world: World, callers: Iterable[Caller]) -> list[tuple[Caller, set[Found]]]:
    """What each of them finds. Nothing may break on the way: an answer that is not there hides what it would have held."""
    heard = []
    for caller in callers:
        said = await world.everything(caller)
        assert "TOO_COSTLY" not in said, re.findall(r"The answer could hold [0-9]+", said)
        assert '"INTERNAL"' not in said, (caller, said[said.index('"errors"') :][:300])
        heard.append((caller, found_in(said) | at_the_root(said)))
    return heard


def at_the_root(said: str) -> set[Found]:
    """Words that came in answer to one question, as words of their own: what a list may show is not what one reads by its id."""
    found = set()
    for answer in filter(None, said.split(BETWEEN)):
        for name, value in (json.loads(answer)["data"] or {}).items() if answer.startswith("{") else ():
            for word in found_in(json.dumps(value)):
                if kind := BY_ROOT.get((name.partition("_")[0], word.kind)):
                    found.add(Found(word.council, kind, word.about))
    return found


@dataclass(frozen=True, slots=True)
class Planted:
    """One seeded database for all of this file: nothing below writes to it."""

    dsns: Dsns
    councils: dict[str, Council]


@pytest.fixture(scope="module")
def databases(templates: EmbeddedPostgres) -> Iterator[Dsns]:
    yield from fresh(templates, SEEDED)


@pytest_asyncio.fixture(scope="module")
async def planted(databases: Dsns) -> Planted:
    return Planted(databases, await plant(databases))


@pytest.fixture(autouse=True)
def everything_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for all there is asks for more than is let through; here it is about who, and not about how much."""
    monkeypatch.setattr(cost, "MOST", 10**12)


@pytest_asyncio.fixture
async def world(planted: Planted) -> AsyncIterator[World]:
    """With both walls."""
    async with served(planted.dsns.app, planted.councils) as made:
        yield made


@pytest.fixture
def policy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], None]]:
    """Puts another policy in the place of the national one, and takes it away again with all that was kept of it."""

    def put(other: Any) -> None:
        monkeypatch.setattr(enforcer, "national", lambda: other)
        enforcer.where.cache_clear()

    yield put
    monkeypatch.undo()
    enforcer.where.cache_clear()


@stored
async def test_everybody_reads_what_the_table_says_and_nothing_else(world: World) -> None:
    heard = await heard_by(world, CALLERS)
    assert strange(heard) == []
    every = {word for _, words in heard for word in words}
    assert {word.kind for word in every} >= {kind for kind, row in WORDS.items() if row.get("shown", True)}
    assert missed(heard, every) == []


@stored
async def test_who_is_nobody_in_a_council_reads_nothing(world: World) -> None:
    heard = []
    for caller, council in ((Caller(HERE, Role.AUDITOR, "nobody"), THERE), (Caller(THERE, Role.LA_CASEWORKER, "self"), HERE)):
        for document in documents(world, caller.role):
            heard += found_in(await world.ask(caller, document, signed_in_to=council))
    assert heard == []
    answer = await world.http.post("/graphql", json={"query": documents(world, Role.PARENT)[0]})
    assert (answer.status_code, found_in(answer.text)) == (401, set())


@stored
async def test_row_security_alone_keeps_councils_apart(world: World, policy: Callable[[Any], None]) -> None:
    policy(Open())
    heard = await heard_by(world, BESIDE)
    assert abroad(heard) == []
    assert strange(heard), "with the policy open, everybody reads what is their own council's"


@stored
@pytest.mark.parametrize(
    "rule",
    ["case, list, parent, own_child", "letter, read, parent, own_child", "provision, read, auditor, any", "child, read, school_head, on_roll",
     "case, read_line, setting_consulted, consulted", "configuration, read, la_administrator, any"],
)  # fmt: skip
async def test_a_dropped_rule_is_seen(world: World, policy: Callable[[Any], None], tmp_path: Path, rule: str) -> None:
    kept = [line for line in RULES if line != f"p, {rule}, allow"]
    assert len(kept) == len(RULES) - 1
    concerned = [caller for caller in FEW if caller.role in rule]
    planted = {word for _, words in await heard_by(world, concerned) for word in words}
    policy(changed(tmp_path, kept))
    assert missed(await heard_by(world, concerned), planted)


@stored
@pytest.mark.parametrize(
    "rule", ["letter, read, school_head, on_roll", "case, list, parent, any", "child, list, auditor, any", "flag, read, parent, any"]
)
async def test_a_rule_too_many_is_seen(world: World, policy: Callable[[Any], None], tmp_path: Path, rule: str) -> None:
    policy(changed(tmp_path, [*RULES, f"p, {rule}, allow"]))
    assert strange(await heard_by(world, [caller for caller in FEW if caller.role in rule]))


@stored
@pytest.mark.parametrize(("module", "name"), [(cases, "list_cases"), (people, "list_children")])
async def test_a_list_without_its_condition_is_seen(world: World, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """The condition that the policy made is thrown away, as one who forgets it would."""
    whole = getattr(module, name)

    async def forgetful(*given: Any, **more: Any) -> Any:
        more = {key: true() if key == "where" else value for key, value in more.items()}
        return await whole(*(true() if isinstance(each, ColumnElement) else each for each in given), **more)

    monkeypatch.setattr(module, name, forgetful)
    assert strange(await heard_by(world, FEW[:4]))


@stored
async def test_a_tenant_that_is_swapped_is_seen(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody is found in their own council, and then the session is the other's."""
    find = people.find_caller

    async def swapped(session: AsyncSession, *given: Any, **more: Any) -> Any:
        found = await find(session, *given, **more)
        await session.execute(text("select set_config('app.tenant', :t, true)"), {"t": THERE})
        session.info["tenant"] = THERE
        return found

    monkeypatch.setattr(people, "find_caller", swapped)
    assert abroad([(caller, found_in(await world.everything(caller))) for caller in FEW[-2:]])


async def overheard(dsns: Dsns) -> dict[str, set[Found]]:
    """Everything that the serving role can select, whatever it is, as one council: where words of the other are."""
    database, found = Database(dsns.app, 1), {}
    readable = text(
        "select relname from pg_class where relnamespace = 'waymark'::regnamespace and relkind in ('r', 'p', 'v', 'm') "
        "and has_table_privilege(oid, 'select') order by 1"
    )
    try:
        async with database.tenant(HERE) as session:
            for name in (await session.scalars(readable)).all():
                rows = await session.scalars(text(f'select row_to_json(each)::text from waymark."{name}" as each'))
                found[name] = {word for row in rows for word in found_in(row)}
    finally:
        await database.close()
    return found


@stored
async def test_no_table_and_no_view_shows_another_council(planted: Planted) -> None:
    found = await overheard(planted.dsns)
    assert {name: words for name, words in found.items() if any(word.council != HERE for word in words)} == {}
    silent = sorted(name for name, words in found.items() if not words)
    assert silent == SILENT, "every table has a canary, but for those without any free text"


@stored
async def test_a_view_that_asks_as_its_owner_is_seen(planted: Planted, templates: EmbeddedPostgres) -> None:
    templates.run_sql(
        "create view waymark.every_child as select * from waymark.child; grant select on waymark.every_child to waymark_app",
        planted.dsns.name,
    )
    try:
        assert {word.council for word in (await overheard(planted.dsns))["every_child"]} == {HERE, THERE}
    finally:
        templates.run_sql("drop view waymark.every_child", planted.dsns.name)
