"""Letters through the API: the council sees what is prepared, the family what was served on it, and nobody else any."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from activities.delivery import FileDelivery
from activities.dispatch import Relay
from tests.durable import Shell
from tests.graphql_api.conftest import Api
from tests.graphql_api.test_cases_api import DECIDER, OFFICER, PARENT, SENCO, act, opened
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.durable
LETTERS = "query($id: ID!) { case(id: $id) { letters { notice say recipient served digest html madeAt } } }"


async def letters(api: Api, person: Any, case: dict[str, Any]) -> list[dict[str, Any]]:
    found = (await api.ask(WESTSHIRE, person, LETTERS, id=case["id"]))["case"]
    return list(found["letters"])


async def test_a_family_reads_a_letter_once_it_was_served(api: Api, shell: Shell, tmp_path: Path) -> None:
    relay = Relay(shell.database, shell.engine, FileDelivery(tmp_path), lambda: datetime.now(UTC))
    case = await opened(api)
    await relay.once()
    [prepared] = await letters(api, OFFICER, case)
    assert (prepared["notice"], prepared["recipient"], prepared["served"]) == ("considering_notice", "family", False)
    assert await letters(api, PARENT, case) == []
    await act(api, OFFICER, "serveNotice", case, name="considering_notice", how="email")
    [served] = await letters(api, PARENT, case)
    assert served["served"]
    assert served["html"] == prepared["html"]
    assert WESTSHIRE.children[0].given_name in served["html"]
    assert await letters(api, SENCO, case) == []


async def test_a_letter_to_the_partners_is_not_the_family_s(api: Api, shell: Shell, tmp_path: Path) -> None:
    relay = Relay(shell.database, shell.engine, FileDelivery(tmp_path), lambda: datetime.now(UTC))
    case = await opened(api)
    await act(api, OFFICER, "completeTask", case, name="consult_family")
    await act(api, DECIDER, "recordDecision", case, name="whether_to_assess", outcome="will_assess")
    await act(api, OFFICER, "serveNotice", case, name="assessment_agreed", how="email")
    await relay.once()
    assert {one["recipient"] for one in await letters(api, OFFICER, case) if one["notice"] == "assessment_agreed"} == {"family", "partners"}
    assert {one["recipient"] for one in await letters(api, PARENT, case)} == {"family"}
    assert (await api.ask(NORTHMOOR, NORTHMOOR.caseworker, LETTERS, id=case["id"]))["case"] is None
