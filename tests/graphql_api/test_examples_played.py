"""The dated examples once more: what the pure core plays is played through the public API, on the real shell and the real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import date

import httpx
import pytest
import pytest_asyncio

from bootstrap.postgres import EmbeddedPostgres
from bootstrap.settings import Settings
from bootstrap.temporal import TemporalServer, connect
from bootstrap.worker import build as worker
from graphql_api.app import build
from graphql_api.context import Deps
from store.session import Database
from tests.conftest import SEEDED, Dsns, fresh
from tests.durable import KEYS
from tests.graphql_api.conftest import Api
from tests.graphql_api.desk import Desk, Hands, verifier_of
from tests.graphql_api.player import Player, cast
from tests.workflows.played import Example, Expected, Refusal, differences, examples, expectations, steps
from workflows.engine import Engine

pytestmark = pytest.mark.durable
QUEUE = "played"
# What the API answers before the core is asked, and so in words of its own: who may, and what is open already.
AT_THE_DOOR = {
    "this is for the decision maker": "Denied: Your role here does not let you decide for the council in this case.",
    "this is for the family": "Denied: Your role here does not let you act for the family in this case.",
    "claimed by a decision maker": "Denied: Your role here does not let you decide for the council in this case.",
    "This case is open already": "A case of this kind is open for this child already.",
}


def door(expected: Expected) -> Expected:
    """What is expected of the API where it answers before the core."""
    said = expected.refused and AT_THE_DOOR.get(expected.refused.says)
    return replace(expected, refused=Refusal(said, (), ())) if said else expected


TERMS_THAT_COME_LATER = frozenset({"Once the terms are known it goes on", "With next year's terms the day may lie after the summer"})


def which() -> Iterator[Example]:
    """Every dated scenario of the law; every other one of the twenty weeks, and what is answered at the door there; some with school terms."""
    for number, example in enumerate(one for one in examples() if one.process == "ehc_plan"):
        if number % 2 == 0 or example.scenario is not None or door(expectations(example)) != expectations(example):
            yield example
    yield from (one for one in examples() if one.process != "ehc_plan" and one.scenario is not None)
    yield from [one for one in examples() if any(move.terms for move in steps(one)[:1])][::14]
    yield from (one for one in examples() if one.name in TERMS_THAT_COME_LATER)


PLAYED = tuple(which())


@pytest.fixture(scope="module")
def dsns_of_all(templates: EmbeddedPostgres) -> Iterator[Dsns]:
    yield from fresh(templates, SEEDED)


@pytest_asyncio.fixture(scope="module")
async def player(temporal: TemporalServer, dsns_of_all: Dsns) -> AsyncIterator[Callable[[Example], Player]]:
    """One database, one worker and one API for all of them; the API's today is the day of the step being played."""
    database, desk = Database(dsns_of_all.app), Desk()
    client = await connect(Settings(temporal_address=temporal.address, codec_keys=KEYS), lazy=False)
    everybody = await cast(database)
    async with worker(client, database, task_queue=QUEUE):
        app = build(Deps(database, Engine(client, task_queue=QUEUE), verifier_of(desk, Hands()), now=everybody.now))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://api.test", timeout=60) as http:
            yield lambda example: Player(everybody, Api(http, desk), example)
    await database.close()


@pytest.mark.parametrize("example", PLAYED, ids=lambda example: f"{example.process}: {example.name}")
async def test_it_goes_through_the_api_as_the_example_says(player: Callable[[Example], Player], example: Example) -> None:
    seen = await player(example).play()
    assert differences(door(expectations(example)), seen) == []


def test_every_scenario_and_half_of_the_twenty_weeks_are_played() -> None:
    assert {one.name for one in examples() if one.scenario is not None} <= {one.name for one in PLAYED}
    own = [one for one in examples() if one.process == "ehc_plan"]
    assert len([one for one in PLAYED if one.process == "ehc_plan"]) * 2 >= len(own)
    assert len({(one.process, one.name) for one in PLAYED}) == len(PLAYED)


async def test_an_example_that_is_wrong_is_told_so(player: Callable[[Example], Player]) -> None:
    told = {one.name: one for one in examples() if one.process == "ehc_plan"}
    example = told["An agreement to assess ends the wait for the notice of rights, for the family will be asked anyway"]
    seen, expected = await player(example).play(), expectations(example)
    assert differences(expected, seen) == []
    refused = Refusal("it is too early", ("SEND reg.5(1)",), ())
    status = {"decision_notified": "met_late", "final_plan_sent": "passed"}
    planted = replace(expected, due={"final_plan_sent": date(2026, 5, 27)}, status=status, refused=refused)
    assert differences(planted, seen) == [
        "it was accepted, and should be refused: it is too early",
        "due of final_plan_sent is 2026-05-26, not 2026-05-27",
        "status of decision_notified is met, not met_late",
        "status of final_plan_sent is running, not passed",
    ]
    example = told["The family must be consulted before the council decides"]
    seen, expected = await player(example).play(), expectations(example)
    assert differences(expected, seen) == []
    assert len(differences(replace(expected, refused=None), seen)) == 1
    assert len(differences(replace(expected, refused=Refusal(expected.refused.says, (), ("on",))), seen)) == 2  # type: ignore[union-attr]
