"""The journey of an administrator, through GraphQL alone, on the real engine: from a draft that the law refuses to cases that are moved, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from activities.revising import Reviser
from store import people
from store.session import Database
from tests.durable import Shell
from tests.graphql_api.administrator import EARLY, LATE, STRANGLING, administrators, does, done, on, overlay, previewed, published, text
from tests.graphql_api.clerk import OFFICER, PARENT, paths
from tests.graphql_api.conftest import Api
from tests.graphql_api.test_cases_api import opening
from tests.seeds import WESTSHIRE

pytestmark = pytest.mark.durable
DATES = """query($id: ID!) { case(id: $id) { reference version clocks { name due target } actions { name say }
  journal(first: 50) { nodes { sequence kind name } } } }"""
MOVE = """mutation($input: MoveCasesInput!) { moveCases(input: $input) { __typename ... on Refused { say } ... on Denied { reason }
  ... on NotFound { say } ... on Invalid { faults { path } } ... on CasesMoving { revision { id name total moved stayed waiting } } } }"""
PROGRESS = """query($id: ID!) { revision(id: $id) { kind name total moved stayed ended waiting
  stayedCases { nodes { reference reason } } } }"""
CALL = {"say": "Call the family in the first week", "by": ["local_authority"], "at": ["considering"]}
WANTED = {**EARLY, "tasks": {"call_family": CALL}}


async def moves(api: Api, by: people.Person, version: int, **given: Any) -> dict[str, Any]:
    asked = {"key": uuid4().hex, "version": version, "why": "Everybody should have it.", **given}
    found: dict[str, Any] = (await api.ask(WESTSHIRE, by, MOVE, input=asked))["moveCases"]
    return found


async def dates(api: Api, case_id: str) -> dict[str, tuple[date | None, date | None]]:
    found = (await api.ask(WESTSHIRE, OFFICER, DATES, id=case_id))["case"]
    return {clock["name"]: (_day(clock["due"]), _day(clock["target"])) for clock in found["clocks"]}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


async def revised(shell: Shell, database: Database) -> None:
    """The worker's part, as it does it when it hears of it."""
    await Reviser(database, shell.engine, lambda: datetime.now(UTC)).once([WESTSHIRE.slug])


async def another(api: Api, place: int) -> dict[str, Any]:
    child = WESTSHIRE.children[place]
    answer = await api.do(WESTSHIRE, PARENT if place == 0 else OFFICER, "openCase", **opening(childId=str(child.id)))
    assert answer["__typename"] == "CaseChanged", answer
    found: dict[str, Any] = answer["case"]
    return found


async def test_an_administrator_configures_through_graphql_alone(api: Api, shell: Shell, database: Database) -> None:
    one, other = await administrators(database)
    before = await published(api, one, other, text(letters={"telephone": "01632 960000"}))
    old = await another(api, 0)
    by_law = await dates(api, old["id"])

    # a draft with a fault of form, one that the law refuses, one whose path breaks it, and then what it allows
    misspelt = text(overlay(deadlines={"final_plan_snt": {"within": "18 weeks"}}))
    assert paths(await does(api, one, "draftConfiguration", yaml=misspelt)) == ["overlays[0].deadlines.final_plan_snt"]
    draft = await done(api, one, "draftConfiguration", yaml=text(LATE))
    assert "SEND reg.13(2)" in (await previewed(api, one, draft["version"]))["refused"][0]["why"]
    draft = await done(api, one, "editConfiguration", yaml=text(STRANGLING), **on(draft))
    assert (await previewed(api, one, draft["version"]))["proof"]["processes"][0]["counterExample"]["what"]
    assert (await does(api, one, "proposeConfiguration", **on(draft)))["__typename"] == "Refused"
    draft = await done(api, one, "editConfiguration", yaml=text(WANTED), **on(draft))
    seen = await previewed(api, one, draft["version"], rehearse=True)
    assert any("our own date becomes 18 weeks (the law says 20 weeks)" in line for line in seen["differences"])
    assert "Letters no longer give as telephone: 01632 960000" in seen["differences"]
    told = seen["rehearsal"]
    assert (told["lookedAt"], told["mayMove"], told["stay"], told["worsen"]) == (1, 1, 0, 0)
    (case,) = told["cases"]["nodes"]
    assert case["reference"] == old["reference"]
    assert "A task: Call the family in the first week" in [one["say"] for one in case["differences"]]

    # a second person, and into force
    draft = await done(api, one, "proposeConfiguration", **on(draft))
    assert (await does(api, one, "approveConfiguration", **on(draft)))["__typename"] == "Refused"
    draft = await done(api, other, "approveConfiguration", **on(draft))
    assert (await moves(api, one, draft["version"]))["__typename"] == "Refused", "it is not in force yet"
    live = await done(api, one, "publishConfiguration", **on(draft))

    # a new case is pinned to it, the old one stays
    new = await another(api, 1)
    own = datetime.now(UTC).date() + timedelta(weeks=18)
    due, target = (await dates(api, new["id"]))["final_plan_sent"]
    assert (due, target) == (own + timedelta(weeks=2), own)
    assert "call_family" in {action["name"] for action in new["actions"]} | await offered(api, new["id"])
    assert await dates(api, old["id"]) == by_law
    assert "call_family" not in await offered(api, old["id"])

    # the old one is moved, by an entry of its journal; no date of law moves
    moving = await moves(api, one, live["version"], key="once")
    assert moving["revision"]["total"] == 1, moving
    assert (await moves(api, one, live["version"], key="once"))["revision"]["id"] == moving["revision"]["id"]
    await revised(shell, database)
    progress = (await api.ask(WESTSHIRE, one, PROGRESS, id=moving["revision"]["id"]))["revision"]
    assert (progress["moved"], progress["stayed"], progress["waiting"]) == (1, 0, 0)
    after = await dates(api, old["id"])
    assert after["final_plan_sent"] == (by_law["final_plan_sent"][0], own)
    assert {name: due for name, (due, _) in after.items() if name in by_law} == {name: due for name, (due, _) in by_law.items()}
    journal = (await api.ask(WESTSHIRE, OFFICER, DATES, id=old["id"]))["case"]["journal"]["nodes"]
    assert ("configuration") in [entry["name"] for entry in journal]

    # and back: two people again, no new proof, and cases opened from then on are under the law alone
    back = await done(api, other, "rollBackConfiguration", to=before["version"])
    back = await done(api, one, "approveConfiguration", **on(back))
    back = await done(api, other, "publishConfiguration", **on(back))
    assert (back["restores"], back["digest"]) == (before["version"], before["digest"])
    assert (await dates(api, new["id"]))["final_plan_sent"][1] == own, "a case stays under what it was opened under"
    await moves(api, other, back["version"])
    await revised(shell, database)
    assert (await dates(api, new["id"]))["final_plan_sent"] == (own + timedelta(weeks=2), None)
    assert (await dates(api, old["id"]))["final_plan_sent"] == by_law["final_plan_sent"]


async def offered(api: Api, case_id: str) -> set[str]:
    found = (await api.ask(WESTSHIRE, OFFICER, DATES, id=case_id))["case"]
    return {action["name"] for action in found["actions"]}


async def test_only_an_administrator_moves_cases_and_only_to_what_is_in_force(api: Api, shell: Shell, database: Database) -> None:
    one, other = await administrators(database)
    longer = overlay(tasks={"call_family": CALL}, deadlines={"decision_notified": {"within": "5 weeks"}})
    await published(api, one, other, text(longer))
    case = await another(api, 0)
    gone = await published(api, one, other, text())
    assert (await moves(api, OFFICER, gone["version"]))["__typename"] == "Denied"
    assert (await moves(api, one, 99))["__typename"] == "NotFound"
    assert (await moves(api, one, 1))["__typename"] == "Refused"
    seen = await previewed(api, one, gone["version"], rehearse=True)
    assert [each["reference"] for each in seen["rehearsal"]["cases"]["nodes"]] == [case["reference"]]
    moving = await moves(api, one, gone["version"])
    await revised(shell, database)
    progress = (await api.ask(WESTSHIRE, other, PROGRESS, id=moving["revision"]["id"]))["revision"]
    assert (progress["moved"], progress["stayed"]) == (1, 0)
    assert "call_family" not in await offered(api, case["id"])
