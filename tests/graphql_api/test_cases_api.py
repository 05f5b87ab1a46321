"""Cases through the public API, on real Temporal and real Postgres: who sees what, and what bad input is answered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from bootstrap.settings import Settings
from bootstrap.temporal import connect, free_port
from store import inbox
from tests.durable import KEYS, Shell
from tests.graphql_api.conftest import Api
from tests.seeds import NORTHMOOR, WESTSHIRE
from workflows.engine import Engine

pytestmark = pytest.mark.durable
PARENT, OFFICER, DECIDER, SENCO = WESTSHIRE.parent, WESTSHIRE.caseworker, WESTSHIRE.decision_maker, WESTSHIRE.senco


def opening(**more: Any) -> dict[str, Any]:
    today = datetime.now(UTC).date().isoformat()
    facts = [{"name": "received_on", "value": {"date": today}}, {"name": "requested_by", "value": {"choice": "parent"}}]
    return {"key": uuid4().hex, "process": "ehc_plan", "childId": str(WESTSHIRE.children[0].id), "facts": facts, **more}


async def opened(api: Api) -> dict[str, Any]:
    answer = await api.do(WESTSHIRE, PARENT, "openCase", **opening())
    assert answer["__typename"] == "CaseChanged", answer
    return dict(answer["case"])


async def act(api: Api, person: Any, mutation: str, case: dict[str, Any], **given: Any) -> dict[str, Any]:
    return await api.do(WESTSHIRE, person, mutation, **{"key": uuid4().hex, "caseId": case["id"], **given})


async def test_a_parent_opens_a_case_and_sees_all_three_dates_on_day_one(api: Api) -> None:
    case = await opened(api)
    today = datetime.now(UTC).date()
    due = {clock["name"]: clock["due"] for clock in case["clocks"]}
    weeks = {"decision_notified": 6, "no_plan_notified": 16, "final_plan_sent": 20}
    assert {name: due[name] for name in weeks} == {name: (today + timedelta(weeks=n)).isoformat() for name, n in weeks.items()}
    assert case["nextDeadline"]["name"] == "decision_notified"
    assert case["clocks"][0]["receipt"]["steps"]


async def test_the_same_key_is_one_act_and_another_content_under_it_is_refused(api: Api) -> None:
    given = opening()
    first = await api.do(WESTSHIRE, PARENT, "openCase", **given)
    again = await api.do(WESTSHIRE, PARENT, "openCase", **given)
    assert again["replayed"]
    assert again["case"]["id"] == first["case"]["id"]
    other = await api.do(WESTSHIRE, PARENT, "openCase", **{**given, "facts": given["facts"][:1]})
    assert other["__typename"] == "Invalid"
    case = first["case"]
    task = {"key": "once", "caseId": case["id"], "name": "notify_partners"}
    assert not (await api.do(WESTSHIRE, OFFICER, "completeTask", **task))["replayed"]
    assert (await api.do(WESTSHIRE, OFFICER, "completeTask", **task))["replayed"]
    changed = await api.do(WESTSHIRE, OFFICER, "completeTask", **{**task, "name": "consult_family"})
    assert changed["faults"][0]["path"] == "key"


async def test_another_tenants_case_is_byte_for_byte_not_found(api: Api) -> None:
    case = await opened(api)
    query = "query($id: ID!) { case(id: $id) { id } node(id: $id) { id } }"
    theirs = await api.raw(NORTHMOOR, NORTHMOOR.caseworker, query, id=case["id"])
    nobodys = await api.raw(NORTHMOOR, NORTHMOOR.caseworker, query, id=str(uuid4()))
    assert theirs.content == nobodys.content
    done = [
        await api.do(NORTHMOOR, NORTHMOOR.caseworker, "completeTask", key="k", caseId=one, name="consult_family")
        for one in (case["id"], str(uuid4()), "rubbish")
    ]
    assert done[0] == done[1] == done[2]
    assert done[0]["__typename"] == "NotFound"


async def test_a_parent_sees_her_childs_case_and_no_other(api: Api, shell: Shell) -> None:
    other = await api.do(WESTSHIRE, OFFICER, "openCase", **opening(childId=str(WESTSHIRE.children[1].id)))
    mine = await opened(api)
    seen = await api.ask(WESTSHIRE, PARENT, "{ cases { nodes { id } } worklist { nodes { id } } children { nodes { givenName } } }")
    assert [one["id"] for one in seen["cases"]["nodes"]] == [mine["id"]]
    assert [one["id"] for one in seen["worklist"]["nodes"]] == [mine["id"]]
    assert [one["givenName"] for one in seen["children"]["nodes"]] == [WESTSHIRE.children[0].given_name]
    assert await api.case(WESTSHIRE, PARENT, other["case"]["id"]) is None
    everything = await api.ask(WESTSHIRE, OFFICER, "{ cases { nodes { id } } }")
    assert len(everything["cases"]["nodes"]) == 2


async def test_what_is_offered_is_what_may_be_done(api: Api) -> None:
    case = await opened(api)
    for person, may in ((PARENT, {"request_withdrawn"}), (OFFICER, {"consult_family", "notify_partners", "considering_notice"})):
        offered = {one["name"] for one in (await api.case(WESTSHIRE, person, case["id"]) or {})["actions"]}
        assert may <= offered
    assert "consult_family" not in {one["name"] for one in case["actions"]}
    denied = await act(api, PARENT, "completeTask", case, name="consult_family")
    assert denied["__typename"] == "Denied"


async def test_a_refusal_is_typed_and_cites_the_law(api: Api) -> None:
    case = await opened(api)
    refused = await act(api, DECIDER, "recordDecision", case, name="whether_to_assess", outcome="will_assess")
    assert refused["__typename"] == "Refused"
    assert refused["citations"] == [{"pinpoint": "s.36(4)"}]


async def test_a_stale_version_is_a_conflict_with_the_case_as_it_is(api: Api) -> None:
    case = await opened(api)
    await act(api, OFFICER, "completeTask", case, name="notify_partners")
    stale = await act(api, OFFICER, "completeTask", case, name="consult_family", expectedVersion=1)
    assert stale["__typename"] == "Conflict"
    assert stale["case"]["version"] == 2


TOMORROW = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()


@pytest.mark.parametrize(
    ("mutation", "given", "path"),
    [
        ("completeTask", {"name": "consult_famly"}, "name"),
        ("completeTask", {"name": "consult_family", "on": TOMORROW}, "on"),
        ("completeTask", {"name": "consult_family", "on": "1990-01-01"}, "on"),
        ("completeTask", {"name": "consult_family", "item": "medical"}, "item"),
        ("completeTask", {"name": "consult_family", "facts": [{"name": "mood", "value": {"text": "x"}}]}, "facts.mood"),
        ("recordEvent", {"name": "consult_family"}, "name"),
        ("serveNotice", {"name": "considering_notice", "how": "pigeon"}, "how"),
        ("completeTask", {"name": "consult_family", "key": " "}, "key"),
    ],
)
async def test_malformed_acts_are_told_what_why_and_what_to_do(api: Api, mutation: str, given: dict[str, Any], path: str) -> None:
    case = await opened(api)
    answer = await act(api, OFFICER, mutation, case, **given)
    assert answer["__typename"] == "Invalid", answer
    [fault] = answer["faults"]
    assert fault["path"] == path
    assert fault["what"]
    assert fault["why"]
    assert fault["do"]


@pytest.mark.parametrize(
    "facts",
    [
        [{"name": "received_on", "value": {"date": TOMORROW}}, {"name": "requested_by", "value": {"choice": "parent"}}],
        [{"name": "received_on", "value": {"text": "soon"}}, {"name": "requested_by", "value": {"choice": "cat"}}],
        [{"name": "received_on", "value": {"date": "1999-01-01"}}, {"name": "requested_by", "value": {"choice": "parent"}}],
        [],
    ],
)
async def test_an_opening_that_cannot_be_leaves_nothing_behind(api: Api, shell: Shell, facts: list[Any]) -> None:
    answer = await api.do(WESTSHIRE, PARENT, "openCase", **opening(facts=facts))
    assert answer["__typename"] == "Invalid"
    async with shell.database.tenant(WESTSHIRE.slug) as session:
        assert await inbox.waiting(session) == []


async def test_a_request_is_received_while_temporal_is_down_and_opened_later(
    api_with: Callable[[Engine], Api], shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workflows.engine.PATIENCE", timedelta(seconds=1))
    nowhere = await connect(Settings(temporal_address=f"127.0.0.1:{free_port()}", codec_keys=KEYS))
    given = opening()
    answer = await api_with(Engine(nowhere)).do(WESTSHIRE, PARENT, "openCase", **given)
    assert answer["__typename"] == "Received"
    assert answer["receipt"].startswith("R-")
    from activities.delivery import FileDelivery
    from activities.dispatch import Relay
    from bootstrap.settings import Settings as Unused

    relay = Relay(shell.database, shell.engine, FileDelivery(Unused().home / "never"), lambda: datetime.now(UTC))
    await relay._received(WESTSHIRE.slug)
    later = await api_with(shell.engine).do(WESTSHIRE, PARENT, "openCase", **given)
    assert later["__typename"] == "CaseChanged"
    assert later["case"]["version"] == 1


async def test_a_training_clock_lives_through_every_day_and_a_real_one_does_not_move(api: Api) -> None:
    case = await opened(api)
    moved = "mutation($input: AdvanceClockInput!) { advanceClock(input: $input) { __typename ... on ClockAdvanced { today casesMoved } } }"
    answer = await api.ask(WESTSHIRE, OFFICER, moved, input={"key": "k", "days": 45})
    assert answer["advanceClock"]["__typename"] == "ClockAdvanced"
    seen = await api.case(WESTSHIRE, PARENT, case["id"])
    assert seen is not None
    assert {clock["name"]: clock["status"] for clock in seen["clocks"]}["decision_notified"] == "PASSED"
    real = await api.ask(NORTHMOOR, NORTHMOOR.caseworker, moved, input={"key": "k", "days": 45})
    assert real["advanceClock"]["__typename"] == "Refused"


async def test_somebody_unknown_in_the_tenant_is_told_so_and_nothing_fails(api: Api) -> None:
    answer = await api.raw(NORTHMOOR, WESTSHIRE.parent, "{ viewer { name } }")
    assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
