"""Watching over both ways on a real port: one listening connection for all, nothing of another council, the same limits as every request."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from graphql_api.identifiers import global_id
from statute.types import Kind
from store import news
from store.session import Database
from tests.graphql_api.lived import FIRST, opened
from tests.graphql_api.streaming import WATCH, WORKLIST, listeners, said, served, subscribe, until
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
OFFICER, STRANGER = WESTSHIRE.caseworker, NORTHMOOR.caseworker


async def test_a_case_is_watched_by_server_sent_events(database: Database) -> None:
    life = await opened(database)
    async with served(database) as live:
        async with live.events(live.token(WESTSHIRE, OFFICER), WATCH, id=global_id("Case", life.id)) as events:
            assert await events.next() == ("next", {"data": {"caseChanged": {"version": 1}}})
            await life.step(Kind.DONE, "notify_partners", FIRST)
            assert await events.next() == ("next", {"data": {"caseChanged": {"version": 2}}})
            assert live.deps.news.watching == 1
        await until(lambda: _nobody(live.deps.news))  # who goes away is forgotten
        await until(lambda: _no_listener(database))


async def test_a_case_is_watched_over_a_websocket(database: Database) -> None:
    life = await opened(database)
    async with served(database) as live, live.socket(live.token(WESTSHIRE, OFFICER)) as socket:
        await subscribe(socket, WATCH, id=global_id("Case", life.id))
        assert (await said(socket))["payload"] == {"data": {"caseChanged": {"version": 1}}}
        await life.step(Kind.DONE, "notify_partners", FIRST)
        assert (await said(socket))["payload"] == {"data": {"caseChanged": {"version": 2}}}


async def test_however_many_watch_one_connection_listens(database: Database) -> None:
    life = await opened(database)
    async with served(database) as live, AsyncExitStack() as stack:
        token, case = live.token(WESTSHIRE, OFFICER), global_id("Case", life.id)
        streams = [await stack.enter_async_context(live.events(token, WATCH, id=case)) for _ in range(8)]
        assert [(await one.next())[1]["data"]["caseChanged"]["version"] for one in streams] == [1] * 8
        socket = await stack.enter_async_context(live.socket(token))
        await subscribe(socket, WORKLIST)
        await said(socket)
        assert (live.deps.news.watching, await listeners(database)) == (9, 1)
        await life.step(Kind.DONE, "notify_partners", FIRST)
        assert [(await one.next())[1]["data"]["caseChanged"]["version"] for one in streams] == [2] * 8


async def test_what_moves_in_another_council_wakes_nobody_here(database: Database) -> None:
    life = await opened(database)
    async with database.tenant(WESTSHIRE.slug) as _, served(database) as live:
        watching = live.deps.news
        async with watching.watch(NORTHMOOR.slug, STRANGER.subject) as theirs, watching.watch(WESTSHIRE.slug, "another") as ours:
            await life.step(Kind.DONE, "notify_partners", FIRST)
            assert await ours.wait(20) == (True, False)
            assert not theirs.changed


async def test_another_councils_case_ends_before_it_says_anything(database: Database) -> None:
    life = await opened(database)
    async with served(database) as live, live.events(live.token(NORTHMOOR, STRANGER), WATCH, id=global_id("Case", life.id)) as events:
        assert await events.next() == ("complete", None)


async def test_many_changes_wait_as_one_however_slow_the_reader(database: Database) -> None:
    async with news.News(database).watch("westshire", "slow") as watcher:
        for _ in range(10_000):
            watcher.wake(changed=True)
        assert await watcher.wait(1) == (True, False)
        assert await watcher.wait(0) == (False, False)


async def test_who_watches_too_much_is_told_so(database: Database) -> None:
    watching = news.News(database)
    async with AsyncExitStack() as stack:
        for _ in range(news.MOST_OF_PERSON):
            await stack.enter_async_context(watching.watch("westshire", "one"))
        with pytest.raises(news.TooMany):
            await stack.enter_async_context(watching.watch("westshire", "one"))
        await stack.enter_async_context(watching.watch("westshire", "another"))
    assert watching.watching == 0
    async with watching.watch("westshire", "one"):
        assert watching.watching == 1


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", "http://127.0.0.1:1"])
async def test_a_page_of_another_origin_is_refused_both_ways(database: Database, origin: str) -> None:
    async with served(database) as live:
        token = live.token(WESTSHIRE, OFFICER)
        with pytest.raises(InvalidStatus) as refused:
            async with live.socket(token, origin=origin):
                pass
        assert refused.value.response.status_code == 403
        async with httpx.AsyncClient() as http:
            headers = {"authorization": f"Bearer {token}", "accept": "text/event-stream", "origin": origin}
            answer = await http.post(f"http://{live.address}/graphql", json={"query": WORKLIST}, headers=headers)
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["extensions"]["code"] == "WRONG_ORIGIN"


async def test_our_own_pages_and_those_that_are_allowed_may_ask(database: Database) -> None:
    async with served(database, allowed_origins=("https://pages.example",)) as live:
        token = live.token(WESTSHIRE, OFFICER)
        for origin in (f"http://{live.address}", "https://pages.example"):
            async with live.socket(token, origin=origin) as socket:
                await subscribe(socket, WORKLIST)
                assert "data" in (await said(socket))["payload"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("{ viewer { id } }", "ONLY_SUBSCRIPTIONS_STREAM"),
        ("mutation { __typename }", "ONLY_SUBSCRIPTIONS_STREAM"),
        ("subscription { " + "worklistChanged { nodes { id } } " * 400 + "}", None),
        ("subscription {", None),
    ],
)
async def test_a_websocket_is_no_way_round_the_guard(database: Database, query: str, code: str | None) -> None:
    async with served(database) as live, live.socket(live.token(WESTSHIRE, OFFICER)) as socket:
        await subscribe(socket, query)
        answer = await said(socket)
        assert answer["type"] == "error"
        found = answer["payload"][0]["extensions"]["code"]
        assert found == (code or found)
        assert live.deps.news.watching == 0


async def test_nothing_is_told_to_a_socket_that_has_not_said_who_it_is(database: Database) -> None:
    from websockets.asyncio.client import connect

    async with served(database) as live:
        protocol: list = ["graphql-transport-ws"]  # type: ignore[type-arg]
        async with connect(f"ws://{live.address}/graphql", subprotocols=protocol) as socket:
            await subscribe(socket, WORKLIST)
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), 20)
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401


async def _nobody(watching: news.News) -> bool:
    return watching.watching == 0


async def _no_listener(database: Database) -> bool:
    return await listeners(database) == 0
