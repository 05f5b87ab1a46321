"""A pilot with open cases is switched off: every case goes back to the standard route with its dates and rights, and its family is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from activities.delivery import FileDelivery
from activities.dispatch import Relay
from activities.revising import Reviser
from bootstrap.settings import Settings
from bootstrap.temporal import connect
from store import revisions
from tests.durable import KEYS, Shell
from tests.graphql_api.conftest import Api
from tests.graphql_api.piloted import Board, board
from tests.seeds import WESTSHIRE
from workflows.engine import Engine

pytestmark = pytest.mark.durable
OFFICER, PARENT = WESTSHIRE.caseworker, WESTSHIRE.parent
CASE = """query($id: ID!) { case(id: $id) { id version pilots { name } clocks { name item due status force } actions { name capacity }
  letters { notice say served html } journal { nodes { name } } process { digest } } }"""


@pytest_asyncio.fixture
async def desk(api: Api, shell: Shell) -> AsyncIterator[Board]:
    yield await board(api, shell.database)


def reviser(shell: Shell) -> Reviser:
    return Reviser(shell.database, shell.engine, lambda: datetime.now(UTC))


async def seen(desk: Board, case_id: str, by: Any = PARENT) -> dict[str, Any]:
    return dict((await desk.api.ask(WESTSHIRE, by, CASE, id=case_id))["case"])


async def opened(desk: Board, sent_on: date, key: str = "") -> str:
    """A decision that can be appealed was sent on a day: mediation and appeal begin."""
    facts = [
        {"name": "decision_sent_on", "value": {"date": sent_on.isoformat()}},
        {"name": "decision", "value": {"choice": "refused_to_assess"}},
    ]
    given = {"process": "mediation_and_appeal", "childId": str(WESTSHIRE.children[0].id), "event": "decision_notified", "facts": facts}
    answer = await desk.api.do(WESTSHIRE, OFFICER, "openCase", key=f"{sent_on}{key}", on=sent_on.isoformat(), **given)
    assert answer["__typename"] == "CaseChanged", answer
    return str(answer["case"]["id"])


async def act(desk: Board, case_id: str, name: str, **given: Any) -> None:
    answer = await desk.api.do(WESTSHIRE, PARENT, "recordEvent", key=f"{case_id}{name}", caseId=case_id, name=name, **given)
    assert answer["__typename"] == "CaseChanged", answer


def lawful(case: dict[str, Any]) -> dict[str, str]:
    """The dates of a case that are not the council's own promises."""
    return {f"{one['name']}/{one['item']}": one["due"] for one in case["clocks"] if one["force"] != "LOCAL"}


async def test_a_case_is_pinned_when_it_opens_and_a_flag_that_is_withdrawn_later_changes_nothing_in_it(desk: Board) -> None:
    setting = await desk.set()
    today = datetime.now(UTC).date()
    case_id = await opened(desk, today)
    before = await seen(desk, case_id)
    assert before["pilots"] == [{"name": "mediation_strengthened"}]
    assert "early_mediation_offered_in_time" in {one["name"] for one in before["clocks"]}
    withdrawn = await desk.do("withdrawFlag", desk.first, id=setting["id"], expectedRevision=setting["revision"])
    assert withdrawn["__typename"] == "FlagChanged"
    await act(desk, case_id, "adviser_contacted")
    after = await seen(desk, case_id)
    assert (after["pilots"], after["process"]) == (before["pilots"], before["process"])
    other = await seen(desk, await opened(desk, today - timedelta(days=1)))
    assert other["pilots"] == []
    assert (await desk.pilot("mediation_strengthened"))["openCases"] == 1


async def test_a_kill_returns_every_open_case_with_its_dates_and_rights_and_tells_the_family(
    desk: Board, shell: Shell, tmp_path: Path
) -> None:
    await desk.set()
    today = datetime.now(UTC).date()
    ids = [await opened(desk, today, str(n)) for n in range(4)]
    await act(desk, ids[1], "adviser_contacted")
    await act(desk, ids[2], "mediation_wanted")
    await act(desk, ids[3], "adviser_contacted")
    await act(desk, ids[3], "mediation_declined")
    before = [await seen(desk, one) for one in ids]
    killed = await desk.do("killPilot", desk.manager, pilot="mediation_strengthened", why="Families waited longer than before.")
    assert killed["revision"]["total"] == killed["revision"]["waiting"] == 4
    assert killed["pilot"]["switchedOn"] is False
    new = await seen(desk, await opened(desk, today - timedelta(days=9)))
    assert new["pilots"] == [], "off at once for every new case, whenever the worker comes"
    assert await reviser(shell).once([WESTSHIRE.slug]) == 4
    progress = (await desk.pilot("mediation_strengthened"))["killed"]
    assert (progress["moved"], progress["stayed"], progress["waiting"], progress["status"]) == (4, 0, 0, "watching")
    after = [await seen(desk, one) for one in ids]
    for was, now in zip(before, after, strict=True):
        assert now["pilots"] == []
        assert lawful(now) == lawful(was)
        had = {one["name"] for one in was["actions"]} - {"attendance_told"}  # an option of the pilot's own, for its evaluation
        assert had <= {one["name"] for one in now["actions"]}
        assert now["version"] == was["version"] + 1
        assert "early_mediation_offered_in_time" not in {one["name"] for one in now["clocks"]}
        assert now["process"] == new["process"]
    relay = Relay(shell.database, shell.engine, FileDelivery(tmp_path), lambda: datetime.now(UTC))
    while await relay.once([WESTSHIRE.slug]):
        pass
    for one in ids:
        [letter] = [letter for letter in (await seen(desk, one))["letters"] if letter["notice"] == "rules_changed"]
        assert "Strengthened mediation, voluntary and offered early has ended for your case" in letter["html"]
        assert "Why: Families waited longer than before." in letter["html"]
        assert "Before" in letter["html"]
        assert (tmp_path / WESTSHIRE.slug).exists()
    again = await desk.do("killPilot", desk.manager, pilot="mediation_strengthened", why="Families waited longer than before.")
    assert again["revision"]["total"] == 0, "a second kill finds nothing to return"


async def test_a_case_that_may_not_be_moved_stays_and_is_listed_with_the_reason(
    desk: Board, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    from statute import revise

    await desk.set()
    case_id = await opened(desk, datetime.now(UTC).date())
    monkeypatch.setattr(revise, "worse", lambda *_: True)  # as if the law had moved every date since
    await desk.do("killPilot", desk.first, pilot="mediation_strengthened")
    await reviser(shell).once([WESTSHIRE.slug])
    progress = (await desk.pilot("mediation_strengthened"))["killed"]
    assert (progress["moved"], progress["stayed"]) == (0, 1)
    [stays] = progress["stayedCases"]["nodes"]
    assert stays["caseId"] == case_id
    assert "would become" in stays["reason"]
    assert (await seen(desk, case_id))["pilots"] == [{"name": "mediation_strengthened"}]


async def test_consent_is_asked_first_and_taken_back_it_returns_the_childs_cases(desk: Board, shell: Shell) -> None:
    await desk.enrol("tailored_list_ranked")
    await desk.set("tailored_list", "ranked")
    child = str(WESTSHIRE.children[0].id)
    given: dict[str, Any] = {"childId": child, "pilot": "tailored_list_ranked"}

    async def said(yes: bool, by: Any = PARENT) -> dict[str, Any]:
        return await desk.consent(by, **given, given=yes)

    async def plan(key: str) -> str:
        today = datetime.now(UTC).date().isoformat()
        facts = [{"name": "received_on", "value": {"date": today}}, {"name": "requested_by", "value": {"choice": "parent"}}]
        answer = await desk.api.do(WESTSHIRE, PARENT, "openCase", key=key, process="ehc_plan", childId=child, facts=facts)
        assert answer["__typename"] == "CaseChanged", answer
        return str(answer["case"]["id"])

    without = await plan("without")
    assert (await seen(desk, without))["pilots"] == []
    await act(desk, without, "request_withdrawn")
    assert (await said(True))["revision"] is None
    assert (await said(True, WESTSHIRE.decision_maker))["__typename"] == "Denied"
    under = await plan("under")
    assert (await seen(desk, under))["pilots"] == [{"name": "tailored_list_ranked"}]
    back = await said(False)
    assert (back["given"], back["revision"]["total"]) == (False, 1)
    await reviser(shell).once([WESTSHIRE.slug])
    assert (await seen(desk, under))["pilots"] == []


async def test_while_the_engine_is_away_every_case_waits_and_goes_on_when_it_is_back(desk: Board, shell: Shell) -> None:
    await desk.set()
    case_id = await opened(desk, datetime.now(UTC).date())
    await desk.do("killPilot", desk.authority, pilot="mediation_strengthened")
    nowhere = await connect(Settings(temporal_address="127.0.0.1:9", codec_keys=KEYS))
    assert await Reviser(shell.database, Engine(nowhere), lambda: datetime.now(UTC)).once([WESTSHIRE.slug]) == 0
    progress = (await desk.pilot("mediation_strengthened"))["killed"]
    assert (progress["waiting"], progress["stayed"]) == (1, 0)
    async with shell.database.tenant(WESTSHIRE.slug) as session:
        [asked] = await revisions.latest(session)
        await revisions.wait(session, asked.id, 0.0)
    assert await reviser(shell).once([WESTSHIRE.slug]) == 1
    assert (await seen(desk, case_id))["pilots"] == []
