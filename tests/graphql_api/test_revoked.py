"""Access that is taken away: the next request is refused, and what is watched ends, without anything else having to happen."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from graphql_api.identifiers import global_id
from statute.days import civil
from statute.types import Kind
from store import access, lifecycle, people
from store.session import Database
from store.tables_access import SUBJECT, TOKEN
from tests.conftest import Dsns
from tests.graphql_api.conftest import Api
from tests.graphql_api.counted import counted
from tests.graphql_api.lived import FIRST, opened
from tests.graphql_api.streaming import WATCH, WORKLIST, Live, said, served, subscribe
from tests.seeds import NORTHMOOR, WESTSHIRE, seed_id

pytestmark = pytest.mark.stored
OFFICER, PARENT = WESTSHIRE.caseworker, WESTSHIRE.parent
ADMINISTRATOR = replace(OFFICER, id=uuid4(), subject="westshire|administrator", email=None, roles=["la_administrator"])
END = """mutation($input: EndSignInInput!) { endSignIn(input: $input) { __typename ... on SignInEnded { person { id } replayed }
  ... on Denied { reason } ... on NotFound { say } ... on Invalid { faults { path what } } } }"""


@pytest.fixture
async def manned(database: Database) -> Database:
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_person(session, ADMINISTRATOR)
    return database


async def revoke(database: Database, what: str, kind: str = SUBJECT, tenant: str = WESTSHIRE.slug) -> None:
    async with database.tenant(tenant) as session:
        await access.revoke(session, access.Ended(uuid4(), kind, what, "tests", "lost"))


async def ask(live: Live, token: str) -> Any:
    async with httpx.AsyncClient() as http:
        headers = {"authorization": f"Bearer {token}"}
        return (await http.post(f"http://{live.address}/graphql", json={"query": "{ viewer { id } }"}, headers=headers)).json()


def code(answer: Any) -> str:
    return str(answer["errors"][0]["extensions"]["code"])


async def test_a_person_whose_sign_in_was_ended_is_refused_at_once_and_let_in_when_they_sign_in_anew(database: Database) -> None:
    async with served(database) as live:
        token = live.token(WESTSHIRE, OFFICER)
        assert (await ask(live, token))["data"]["viewer"]
        await revoke(database, OFFICER.subject)
        assert code(await ask(live, token)) == "UNAUTHENTICATED"
        assert (await ask(live, live.token(WESTSHIRE, OFFICER, iat=int(time.time()) + 5)))["data"]["viewer"]


async def test_one_token_is_ended_and_the_persons_others_are_not(database: Database) -> None:
    async with served(database) as live:
        lost, kept = live.token(WESTSHIRE, OFFICER, jti="lost"), live.token(WESTSHIRE, OFFICER, jti="kept")
        await revoke(database, "lost", TOKEN)
        assert code(await ask(live, lost)) == "UNAUTHENTICATED"
        assert (await ask(live, kept))["data"]["viewer"]
        assert (await ask(live, live.token(WESTSHIRE, OFFICER)))["data"]["viewer"]  # without an id it is nobody's


async def test_a_sign_in_that_one_council_ended_goes_on_in_another(database: Database) -> None:
    async with served(database) as live:
        await revoke(database, NORTHMOOR.caseworker.subject)  # of the other council's person, in this one
        assert (await ask(live, live.token(NORTHMOOR, NORTHMOOR.caseworker)))["data"]["viewer"]


async def test_asking_costs_no_statement_more(reader: Api) -> None:
    with counted() as statements:
        await reader.ask(WESTSHIRE, OFFICER, "{ viewer { id } }")
    assert len([one for one in statements if "revoked" in one]) == 1
    assert all("person" in one for one in statements if "revoked" in one), "it is part of the statement that finds the caller"


async def test_what_is_watched_ends_when_the_sign_in_does(database: Database) -> None:
    life = await opened(database)
    async with served(database) as live:
        token = live.token(WESTSHIRE, OFFICER)
        async with live.events(token, WATCH, id=global_id("Case", life.id)) as events, live.socket(token) as socket:
            await subscribe(socket, WORKLIST)
            await said(socket)
            await events.next()
            before = time.monotonic()
            await revoke(database, OFFICER.subject)
            kind, told = await events.next()
            assert (kind, code(told), told["data"]) == ("next", "UNAUTHENTICATED", None)
            assert (await events.next())[0] == "complete"
            ended = await said(socket)
            assert code(ended["payload"]) == "UNAUTHENTICATED"
            assert time.monotonic() - before < 10, "told, and not found out by looking every half minute"


async def test_what_a_parent_watches_ends_when_they_are_their_childs_parent_no_more(database: Database) -> None:
    life = await opened(database)
    async with served(database) as live, live.events(live.token(WESTSHIRE, PARENT), WATCH, id=global_id("Case", life.id)) as events:
        assert (await events.next())[1]["data"]["caseChanged"]["version"] == 1
        before = time.monotonic()
        async with database.tenant(WESTSHIRE.slug) as session:
            assert await people.end_relation(session, seed_id(f"{PARENT.subject}|parent"), _yesterday())
        assert await events.next() == ("complete", None)
        assert time.monotonic() - before < 10


async def test_who_keeps_their_access_hears_nothing_of_anothers_end(database: Database) -> None:
    life = await opened(database)
    async with served(database) as live, live.events(live.token(WESTSHIRE, OFFICER), WATCH, id=global_id("Case", life.id)) as events:
        await events.next()
        await revoke(database, PARENT.subject)
        await life.step(Kind.DONE, "notify_partners", FIRST)
        assert (await events.next())[1]["data"]["caseChanged"]["version"] == 2


async def test_what_is_watched_ends_when_the_council_is_suspended(database: Database, dsns: Dsns) -> None:
    owner = Database(dsns.owner, pool_size=1)
    async with served(database) as live, live.events(live.token(WESTSHIRE, OFFICER), WORKLIST) as events:
        await events.next()
        before = time.monotonic()
        async with owner.tenant(WESTSHIRE.slug) as session:
            await lifecycle.suspend(session, "tests", "a leak is looked into")
        kind, told = await events.next()
        assert (kind, code(told)) == ("next", "SUSPENDED")
        assert (await events.next())[0] == "complete"
        assert time.monotonic() - before < 10
    await owner.close()


async def test_what_is_watched_ends_with_its_token(database: Database) -> None:
    async with served(database) as live:
        token = live.token(WESTSHIRE, OFFICER, exp=int(time.time()) - 28)  # two seconds before the leeway of clocks ends
        async with live.events(token, WORKLIST) as events:
            await events.next()
            kind, told = await events.next()
            assert (kind, code(told)) == ("next", "UNAUTHENTICATED")


async def test_an_administrator_ends_a_sign_in_once_by_its_key(manned: Database, reader: Api) -> None:
    given = {"key": "one", "personId": global_id("Person", OFFICER.id), "why": "left the council"}
    first = (await reader.ask(WESTSHIRE, ADMINISTRATOR, END, input=given))["endSignIn"]
    assert first == {"__typename": "SignInEnded", "person": {"id": global_id("Person", OFFICER.id)}, "replayed": False}
    again = (await reader.ask(WESTSHIRE, ADMINISTRATOR, END, input=given))["endSignIn"]
    assert again["replayed"] is True
    other = (await reader.ask(WESTSHIRE, ADMINISTRATOR, END, input={**given, "why": "another"}))["endSignIn"]
    assert other["faults"][0]["path"] == "key"
    async with manned.tenant(WESTSHIRE.slug) as session:
        with pytest.raises(access.Revoked):
            await people.find_caller(session, OFFICER.subject, "", time.time() - 5)


@pytest.mark.parametrize("person", [OFFICER, PARENT, WESTSHIRE.decision_maker, WESTSHIRE.senco], ids=lambda one: one.roles[0])
async def test_nobody_else_ends_a_sign_in(reader: Api, person: people.Person) -> None:
    given = {"key": "one", "personId": global_id("Person", OFFICER.id), "why": "why not"}
    assert (await reader.ask(WESTSHIRE, person, END, input=given))["endSignIn"]["__typename"] == "Denied"


async def test_a_person_of_another_council_is_not_found(manned: Database, reader: Api) -> None:
    given = {"key": "one", "personId": global_id("Person", NORTHMOOR.caseworker.id), "why": "left"}
    assert (await reader.ask(WESTSHIRE, ADMINISTRATOR, END, input=given))["endSignIn"]["__typename"] == "NotFound"


async def test_what_was_ended_stays_ended_even_for_the_owner(database: Database, dsns: Dsns) -> None:
    await revoke(database, OFFICER.subject)
    owner = Database(dsns.owner, pool_size=1)
    with pytest.raises(Exception, match="only grows"):
        async with owner.tenant(WESTSHIRE.slug) as session:
            await session.execute(text("delete from waymark.revoked"))
    await owner.close()


def _yesterday() -> date:
    return civil(datetime.now(UTC)) - timedelta(days=1)
