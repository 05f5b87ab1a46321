"""A case under a pilot beyond the law in force says so wherever it is looked at, and none is under a pilot that began after its letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from activities.delivery import FileDelivery
from activities.dispatch import Relay
from tests.durable import Shell
from tests.graphql_api.conftest import Api
from tests.graphql_api.piloted import Board, board
from tests.graphql_api.test_killed import OFFICER, PARENT, act, opened
from tests.seeds import WESTSHIRE

pytestmark = pytest.mark.durable
CASE = """query($id: ID!) { case(id: $id) { version letters { notice html }
  pilots { name title variant since beyondCurrentLaw say legalBasis citations { instrument pinpoint evidence } departsFrom { instrument pinpoint } } } }"""


async def seen(desk: Board, case_id: str, by: Any = PARENT) -> dict[str, Any]:
    return dict((await desk.api.ask(WESTSHIRE, by, CASE, id=case_id))["case"])


async def mandatory(api: Api, shell: Shell) -> Board:
    desk = await board(api, shell.database)
    await desk.enrol()
    await desk.set("mediation", "mandatory")
    return desk


async def test_a_case_under_a_pilot_beyond_the_law_says_so_and_each_of_its_letters_does(api: Api, shell: Shell, tmp_path: Path) -> None:
    desk = await mandatory(api, shell)
    today = datetime.now(UTC).date()
    case_id = await opened(desk, today)
    [pilot] = (await seen(desk, case_id))["pilots"]
    assert (pilot["name"], pilot["variant"], pilot["since"], pilot["beyondCurrentLaw"]) == (
        "mediation_mandatory",
        "mandatory",
        today.isoformat(),
        True,
    )
    assert pilot["departsFrom"] == [{"instrument": "CFA", "pinpoint": "s.55(4)"}]
    assert pilot["citations"] == [{"instrument": "PLAN", "pinpoint": "on mediation", "evidence": "SECONDARY"}]
    assert "Parliament has not decided it" in pilot["legalBasis"]
    relay = Relay(shell.database, shell.engine, FileDelivery(tmp_path), lambda: datetime.now(UTC))
    while await relay.once([WESTSHIRE.slug]):
        pass
    letters = (await seen(desk, case_id, OFFICER))["letters"]
    assert {one["notice"] for one in letters} == {"pilot_letter"}
    for letter in letters:
        assert "is a pilot and no law. It goes beyond the law in force (CFA s.55(4))." in letter["html"]
        assert "Your time to appeal is what the law gives." in letter["html"]


async def test_the_gate_is_served_and_asked_by_hand(api: Api, shell: Shell) -> None:
    desk = await mandatory(api, shell)
    case_id = await opened(desk, datetime.now(UTC).date())
    await act(desk, case_id, "adviser_contacted")
    await act(desk, case_id, "mediation_declined")
    await act(desk, case_id, "certificate_given", facts=[{"name": "route", "value": {"choice": "declined"}}])
    served = await desk.api.do(WESTSHIRE, OFFICER, "serveNotice", key="letter", caseId=case_id, name="pilot_letter", how="email")
    assert served["__typename"] == "CaseChanged", served
    refused = await desk.api.do(WESTSHIRE, PARENT, "recordEvent", key="early", caseId=case_id, name="appeal_made")
    assert refused["__typename"] == "Refused", refused
    assert "mediation comes before an appeal in the first six weeks" in refused["say"]
    await act(desk, case_id, "exemption_told")
    await act(desk, case_id, "appeal_made")


async def test_what_is_switched_on_today_touches_no_letter_that_was_sent_before(api: Api, shell: Shell) -> None:
    desk = await mandatory(api, shell)
    today = datetime.now(UTC).date()
    facts: list[dict[str, Any]] = [
        {"name": "decision_sent_on", "value": {"date": (today - timedelta(days=1)).isoformat()}},
        {"name": "decision", "value": {"choice": "refused_to_assess"}},
    ]
    given: dict[str, Any] = {
        "process": "mediation_and_appeal",
        "childId": str(WESTSHIRE.children[0].id),
        "event": "decision_notified",
        "facts": facts,
    }
    answer = await desk.api.do(WESTSHIRE, OFFICER, "openCase", key="late", on=today.isoformat(), **given)
    assert answer["__typename"] == "CaseChanged", answer
    assert (await seen(desk, str(answer["case"]["id"])))["pilots"] == []
