"""A council that floods is refused honestly, and its neighbour never is: counted, on the real application. benchmarks/noisy.py has the times."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import cast

import httpx
import pytest

from graphql_api.admission import Room
from graphql_api.app import build
from graphql_api.context import Deps
from store.session import Database
from tests.graphql_api.desk import Desk, Hands, verifier_of
from tests.graphql_api.lived import opened
from tests.seeds import NORTHMOOR, WESTSHIRE, Place
from workflows.engine import Engine

pytestmark = pytest.mark.stored
ROOM = Room(holds=0.01)
PAGE = "{ worklist(first: 20) { nodes { id reference clocks { name due } actions { name } } } }"


async def test_whatever_one_council_sends_another_is_never_refused_and_every_refusal_says_when_to_come_again(database: Database) -> None:
    desk = Desk()
    await opened(database)
    deps = Deps(database=database, engine=cast(Engine, None), verifier=verifier_of(desk, Hands()))
    over, flood, neighbour = asyncio.Event(), Counter[int](), Counter[int]()
    shares: list[int] = []
    transport = httpx.ASGITransport(build(deps, ROOM))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test", timeout=60) as http:

        async def ask(place: Place, number: int, counts: Counter[int]) -> None:
            person = (place.caseworker, place.decision_maker, place.senco)[number % 3]
            token = desk.token(sub=person.subject, tenants={place.slug: list(person.roles)})
            answer = await http.post("/graphql", json={"query": PAGE}, headers={"authorization": f"Bearer {token}"})
            counts[answer.status_code] += 1
            if answer.status_code == 200:
                assert "errors" not in answer.json()
            else:
                assert answer.status_code in (429, 503)
                assert int(answer.headers["retry-after"]) > 0
                assert answer.json()["errors"][0]["extensions"]["code"] == "TOO_MANY"

        async def floods(number: int) -> None:
            while not over.is_set():
                await ask(WESTSHIRE, number, flood)

        async def next_door() -> None:
            for number in range(20):
                before = flood[200]
                await ask(NORTHMOOR, number, neighbour)
                shares.append(flood[200] - before)

        async with asyncio.TaskGroup() as group:
            for number in range(150):
                group.create_task(floods(number))
            await asyncio.sleep(0.2)
            await asyncio.gather(next_door(), next_door())
            over.set()
    assert neighbour == {200: 40}
    assert flood[429] > 0, "the flood was no flood"
    assert flood[200] > 0, "the council that floods is not shut out either"
    # the first may meet what the flood began while it was alone; then two of the neighbour's run beside one of the flood's
    assert sorted(shares)[len(shares) // 2] <= 8
