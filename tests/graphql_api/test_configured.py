"""What a council configured shows where people see it: on its letters, with whoever it tells of a date, and in its teams."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.delivery import FileDelivery
from activities.dispatch import Relay
from store import configured
from store.configured import Told
from store.session import Database
from tests.durable import Shell
from tests.graphql_api.conftest import Api
from tests.graphql_api.test_cases_api import OFFICER, PARENT, opened
from tests.seeds import WESTSHIRE
from tests.store.test_configurations import published

PNG = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
HEAD = {"logo": PNG, "address": "1 High Street\nWestshire", "telephone": "01632 960000", "sign_off": "Your SEND team <with care>"}
OURS: dict[str, Any] = {
    "configuration": 1,
    "letters": HEAD,
    "escalation": [
        {"process": "ehc_plan", "on": "breach", "to": WESTSHIRE.decision_maker.subject, "say": "Ring the family today."},
        {"process": "ehc_plan", "deadline": "final_plan_sent", "on": "warning", "to": str(WESTSHIRE.caseworker.id)},
        {"process": "ehc_plan", "on": "breach", "to": "nobody.here"},
    ],
    "teams": {
        "plans": {"say": "Makes plans", "members": [WESTSHIRE.caseworker.subject, "nobody.here"], "processes": ["ehc_plan"]},
        "reviews": {"say": "Reviews them", "members": [], "processes": ["annual_review"]},
    },
}
TEAMS = "{ teams { name say processes openCases members { name } } }"


@pytest.mark.durable
async def test_a_letter_bears_the_head_of_the_council_and_all_that_the_law_prescribes(api: Api, shell: Shell, tmp_path: Path) -> None:
    relay = Relay(shell.database, shell.engine, FileDelivery(tmp_path), lambda: datetime.now(UTC))
    await published(shell.database, OURS)
    await opened(api)
    await relay.once()
    [letter] = (tmp_path / "westshire").glob("*.html")
    html = letter.read_text("utf-8")
    assert f'src="{PNG}"' in html
    assert "1 High Street" in html
    assert "Your SEND team &lt;with care&gt;" in html, "what a council writes is text, and never markup"
    assert html.count("<section") > 0


@pytest.mark.durable
async def test_whom_the_council_named_is_told_of_a_breach_besides(shell: Shell, tmp_path: Path) -> None:
    relay = Relay(shell.database, shell.engine, FileDelivery(tmp_path), lambda: datetime.now(UTC))
    await published(shell.database, OURS)
    await shell.open(on=datetime.now(UTC).date() - timedelta(weeks=7))  # six weeks have passed: the worker sees it at once
    for _ in range(100):
        await relay.once()
        if told := [one.read_text("utf-8") for one in (tmp_path / "westshire").glob("*-breach-0.txt")]:
            break
        await asyncio.sleep(0.1)
    assert told
    assert all("has passed" in text and text.endswith("Ring the family today.\n") for text in told)
    assert not list((tmp_path / "westshire").glob("*-breach-1.txt")), "nobody who is not on the register"


@pytest.mark.stored
async def test_each_is_told_of_what_they_are_named_for(database: Database) -> None:
    await published(database, OURS)
    async with database.tenant("westshire") as session:
        assert await configured.told(session, "ehc_plan", "final_plan_sent", "warning") == [Told(str(WESTSHIRE.caseworker.email), "")]
        assert await configured.told(session, "ehc_plan", "decision_notified", "warning") == []
        assert await configured.told(session, "annual_review", "review_held", "breach") == []
    async with database.tenant("northmoor") as session:
        assert await configured.told(session, "ehc_plan", "decision_notified", "breach") == []
        assert (await configured.letterhead(session)).address == ""


@pytest.mark.durable
async def test_a_worklist_is_narrowed_to_the_processes_of_a_team(api: Api, shell: Shell) -> None:
    await published(shell.database, OURS)
    case = await opened(api)
    [plans, reviews] = (await api.ask(WESTSHIRE, OFFICER, TEAMS))["teams"]
    assert plans == {"name": "plans", "say": "Makes plans", "processes": ["ehc_plan"], "openCases": 1, "members": plans["members"]}
    assert reviews["openCases"] == 0
    listed = "query($team: String) { worklist(team: $team) { nodes { id } } }"
    assert (await api.ask(WESTSHIRE, OFFICER, listed, team="plans"))["worklist"]["nodes"] == [{"id": case["id"]}]
    assert (await api.ask(WESTSHIRE, OFFICER, listed, team="reviews"))["worklist"]["nodes"] == []
    wrong = (await api.raw(WESTSHIRE, OFFICER, listed, team="nobody")).json()["errors"][0]["message"]
    assert "There are: plans, reviews" in wrong
    assert (await api.ask(WESTSHIRE, PARENT, TEAMS))["teams"] == []
