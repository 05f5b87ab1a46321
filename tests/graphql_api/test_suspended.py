"""A council that is suspended or closed: nobody acts there, every mutation says why, and its limits go on."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio

from graphql_api.in_service import InService
from graphql_api.schema import Mutation, schema
from graphql_api.types.results import Denied
from store import lifecycle, people
from store.session import Database
from tests.conftest import Dsns
from tests.durable import Shell
from tests.graphql_api.conftest import Api
from tests.seeds import WESTSHIRE
from workflows import ports

AUDITOR = people.Person(uuid4(), "Ada Auditor", None, "westshire|auditor", ["auditor"])
TENANT = "{ tenant { status openedOn closedOn successors } }"


@pytest_asyncio.fixture
async def owner(dsns: Dsns) -> AsyncIterator[Database]:
    db = Database(dsns.owner, 2)
    yield db
    await db.close()


def test_every_mutation_asks_whether_the_council_is_in_service_and_can_say_denied() -> None:
    printed = schema()
    for field in Mutation.__strawberry_definition__.fields:  # type: ignore[attr-defined]
        assert [type(one) for one in field.extensions].count(InService) == 1, field.name
        union = printed.get_type_by_name(printed.config.name_converter.from_type(field.type))  # type: ignore[arg-type]
        assert Denied in list(union.types), field.name  # type: ignore[union-attr]


@pytest.mark.durable
async def test_a_suspended_council_denies_every_act_and_its_limits_go_on(api: Api, shell: Shell, owner: Database) -> None:
    opened = await shell.open()
    asked = {"key": uuid4().hex, "caseId": str(opened.case_id), "name": "request_acknowledged"}
    async with owner.tenant(WESTSHIRE.slug) as session:
        await lifecycle.suspend(session, "pat", "a dispute about the contract.")
    answer = await api.do(WESTSHIRE, WESTSHIRE.caseworker, "recordEvent", **asked)
    assert answer["__typename"] == "Denied"
    child = {"key": uuid4().hex, "givenName": "A", "familyName": "B", "bornOn": "2018-01-01"}
    document = "mutation($input: AddChildInput!) { addChild(input: $input) { __typename ... on Denied { reason } } }"
    answer = (await api.ask(WESTSHIRE, WESTSHIRE.caseworker, document, input=child))["addChild"]
    assert "is suspended since" in answer["reason"]
    assert "a dispute about the contract. Every limit of the law goes on" in answer["reason"]
    assert (await api.ask(WESTSHIRE, WESTSHIRE.parent, TENANT))["tenant"]["status"] == "SUSPENDED"
    seen = await api.case(WESTSHIRE, WESTSHIRE.parent, str(opened.case_id))
    assert seen is not None
    assert seen["clocks"], "the family sees its dates as before"
    assert seen["actions"] == [], "and is offered nothing that would only be denied"
    far = timedelta(weeks=21)
    await shell.engine.move_clock(WESTSHIRE.slug, str(opened.case_id), ports.ClockMoved(int(far.total_seconds())))
    now = await api.case(WESTSHIRE, WESTSHIRE.caseworker, str(opened.case_id))
    assert now is not None
    assert "PASSED" in {one["status"] for one in now["clocks"]}  # the engine wrote down what was due in that time, and missed
    async with owner.tenant(WESTSHIRE.slug) as session:
        await lifecycle.resume(session, "pat", "settled")
    answer = (await api.ask(WESTSHIRE, WESTSHIRE.caseworker, document, input=child))["addChild"]
    assert answer["__typename"] == "ChildAdded"
    seen = await api.case(WESTSHIRE, WESTSHIRE.parent, str(opened.case_id))
    assert seen is not None
    assert seen["actions"]


@pytest.mark.stored
async def test_a_closed_council_lets_auditors_read_and_nobody_else_sign_in(reader: Api, owner: Database) -> None:
    async with owner.tenant(WESTSHIRE.slug) as session:
        await people.add_person(session, AUDITOR)
        await lifecycle.close(session, "pat", "the order", date(2026, 4, 1), ["east", "west"])
    answer = await reader.raw(WESTSHIRE, WESTSHIRE.caseworker, TENANT)
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["message"] == "Westshire County Council was closed on 1 April 2026. Its duties are now those of east, west: sign in there."
    seen = await reader.ask(WESTSHIRE, AUDITOR, TENANT)
    assert seen["tenant"] == {"status": "CLOSED", "openedOn": None, "closedOn": "2026-04-01", "successors": ["east", "west"]}
