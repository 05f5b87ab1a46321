"""At start each published configuration is laid on the law of the release: what it does not allow is left out of new cases, and told."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime
from typing import Any

import pytest

from bootstrap.published import LEFT_OUT, check_published
from store import configurations
from store.configurations import By
from store.pinning import pinned
from store.session import Database
from tenants.configuration import parse_configuration
from tests.seeds import WESTSHIRE
from workflows import configuring

pytestmark = pytest.mark.stored
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ONE, OTHER = By(WESTSHIRE.caseworker.id, AT, why="Because."), By(WESTSHIRE.decision_maker.id, AT, why="Agreed.")


def overlay(name: str, **parts: Any) -> dict[str, Any]:
    return {"overlay": name, "process": "ehc_plan", "why": "Early.", **parts}


TASK = overlay("tasks", tasks={"call_family": {"say": "Call", "by": ["local_authority"], "at": ["considering"]}})
EARLY = overlay("early", deadlines={"final_plan_sent": {"within": "18 weeks"}})
LATE = overlay("late", deadlines={"final_plan_sent": {"within": "22 weeks"}})
STRANGLING = overlay("strangling", deadlines={"family_window": {"at_least": "160 days"}})


async def in_force(database: Database, *overlays: dict[str, Any], law: str = "then") -> None:
    """Published under a law that allowed it: the proof says so."""
    document = {"configuration": 1, "overlays": list(overlays)}
    digest = parse_configuration(document).digest
    async with database.tenant("westshire") as session:
        made = await configurations.draft(session, ONE, document, digest)
        await configurations.record_proof(session, made.version, digest, {"sound": True, "digest": digest, "law": law})
        made = await configurations.propose(session, made.version, made.revision, ONE, law)
        made = await configurations.approve(session, made.version, made.revision, OTHER)
        await configurations.publish(session, made.version, made.revision, ONE, law)


async def test_what_the_law_does_not_allow_any_more_is_left_out_of_new_cases_and_told(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    await in_force(database, TASK, LATE)
    with caplog.at_level(logging.WARNING, "waymark.configuration"):
        assert await check_published(database) == 1
        assert await check_published(database) == 1, "each start says so again"
    async with database.tenant("westshire") as session:
        found = await configurations.published(session)
        pin = await pinned(session, "ehc_plan", date(2026, 3, 2))
    assert found is not None
    (left_out,) = found.left_out
    assert left_out["overlay"] == "late"
    assert "SEND reg.13(2)" in left_out["why"]
    assert list(pin.documents.values()) == [TASK], "the rest of what the council set stays in force"
    assert LEFT_OUT.labels("westshire")._value.get() == 1
    assert [record.getMessage() for record in caplog.records] == ["a published overlay is left out"] * 2


async def test_what_is_lawful_is_left_alone_and_comes_back_when_it_is_lawful_again(database: Database) -> None:
    await in_force(database, TASK, EARLY)
    async with database.tenant("westshire") as session:
        await configurations.record_left_out(session, 1, [{"digest": "0", "overlay": "early", "process": "ehc_plan", "why": "then"}])
    assert await check_published(database) == 0
    async with database.tenant("westshire") as session:
        found = await configurations.published(session)
        assert len((await pinned(session, "ehc_plan", date(2026, 3, 2))).rules) == 2
    assert found is not None
    assert found.left_out == []


async def test_what_was_proved_under_another_law_is_walked_again_and_left_out_with_the_path(database: Database) -> None:
    """Each of its numbers may be set, and together they leave no day for the law's twenty weeks: only a walk sees that."""
    await in_force(database, STRANGLING)
    assert await check_published(database) == 1
    async with database.tenant("westshire") as session:
        found = await configurations.published(session)
        assert (await pinned(session, "ehc_plan", date(2026, 3, 2))).rules == ()
    assert found is not None
    (left_out,) = found.left_out
    assert left_out["overlay"] == "strangling"
    assert left_out["why"].startswith("If "), "the path, in one sentence"


async def test_what_was_proved_under_this_law_is_not_walked_again(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    law = configuring.law_of({"configuration": 1, "overlays": [EARLY]}, datetime.now(UTC).date())
    await in_force(database, EARLY, law=law)
    monkeypatch.setattr(configuring, "no_longer_proved", pytest.fail)
    assert await check_published(database) == 0
