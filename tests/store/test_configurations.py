"""A configuration's way from draft to published: a second person agrees, two at once lose nothing, and the database itself says no."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from store import configurations
from store.configurations import By, NotYet, Stale, Version
from store.pinning import documents_of, pinned
from store.session import Database
from store.tables_configuration import configuration
from tenants.configuration import parse_configuration
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ONE, OTHER = By(WESTSHIRE.caseworker.id, AT, why="Because."), By(WESTSHIRE.decision_maker.id, AT, why="Agreed.")
LAW = "law"


def document(weeks: int = 18) -> dict[str, Any]:
    overlay = {
        "overlay": "ours",
        "process": "ehc_plan",
        "why": "Early.",
        "deadlines": {"final_plan_sent": {"within": f"{weeks} weeks"}},
    }
    return {"configuration": 1, "overlays": [overlay]}


def digest(given: dict[str, Any]) -> str:
    return parse_configuration(given).digest


async def drafted(database: Database, given: dict[str, Any] | None = None) -> Version:
    given = given or document()
    async with database.tenant("westshire") as session:
        return await configurations.draft(session, ONE, given, digest(given))


async def proved(database: Database, made: Version, **changes: Any) -> None:
    async with database.tenant("westshire") as session:
        await configurations.record_proof(session, made.version, made.digest, {"sound": True, "digest": made.digest, "law": LAW, **changes})


async def approved(database: Database, given: dict[str, Any] | None = None) -> Version:
    made = await drafted(database, given)
    await proved(database, made)
    async with database.tenant("westshire") as session:
        made = await configurations.propose(session, made.version, made.revision, ONE, LAW)
        return await configurations.approve(session, made.version, made.revision, OTHER)


async def published(database: Database, given: dict[str, Any] | None = None) -> Version:
    made = await approved(database, given)
    async with database.tenant("westshire") as session:
        return await configurations.publish(session, made.version, made.revision, ONE, LAW)


async def test_what_is_published_is_what_new_cases_are_pinned_to(database: Database) -> None:
    first = await published(database)
    async with database.tenant("westshire") as session:
        found = await pinned(session, "ehc_plan", date(2026, 3, 2))
        assert list(found.documents.values()) == document()["overlays"]
        assert await documents_of(session, found.rules) == found.documents, "kept for whoever rebuilds the case"
        assert (await pinned(session, "annual_review", date(2026, 3, 2))).rules == ()
    second = await published(database, document(17))
    async with database.tenant("westshire") as session:
        assert (await pinned(session, "ehc_plan", date(2026, 3, 2))).rules != found.rules
        assert await documents_of(session, found.rules) == found.documents, "the cases that are open still find theirs"
        former = await configurations.read(session, first.version)
        told = await configurations.history(session, [first.version, second.version])
    assert former is not None
    assert former.status == "superseded"
    assert second.based_on == first.version
    assert [entry.what for entry in told[first.version]] == ["drafted", "proposed", "approved", "published", "superseded"]
    assert [entry.person_id for entry in told[second.version]] == [ONE.person_id, ONE.person_id, OTHER.person_id, ONE.person_id]


async def test_an_overlay_that_is_left_out_is_pinned_to_no_new_case(database: Database) -> None:
    made = await published(database)
    async with database.tenant("westshire") as session:
        rules = (await pinned(session, "ehc_plan", date(2026, 3, 2))).rules
        await configurations.record_left_out(session, made.version, [{"digest": rules[0]}])
    async with database.tenant("westshire") as session:
        assert (await pinned(session, "ehc_plan", date(2026, 3, 2))).rules == ()
        assert await documents_of(session, rules) != {}


async def test_of_two_who_change_a_draft_at_once_one_is_told_what_is_there_now(database: Database) -> None:
    made = await drafted(database)

    async def change(by: By, weeks: int) -> Version | Stale:
        try:
            async with database.tenant("westshire") as session:
                return await configurations.edit(session, made.version, made.revision, by, document(weeks), digest(document(weeks)))
        except Stale as stale:
            return stale

    found = await asyncio.gather(change(ONE, 17), change(OTHER, 16))
    (won,) = [one for one in found if isinstance(one, Version)]
    (lost,) = [one for one in found if isinstance(one, Stale)]
    assert lost.now.document == won.document
    assert (won.revision, lost.now.revision) == (2, 2)


async def test_two_drafts_at_once_are_two_versions(database: Database) -> None:
    found = await asyncio.gather(*(drafted(database) for _ in range(4)))
    assert sorted(one.version for one in found) == [1, 2, 3, 4]


async def test_what_was_published_since_is_not_undone_unseen(database: Database) -> None:
    waiting = await drafted(database, document(16))
    await published(database)
    await proved(database, waiting)
    with pytest.raises(Stale) as stale:
        async with database.tenant("westshire") as session:
            await configurations.propose(session, waiting.version, waiting.revision, ONE, LAW)
    assert stale.value.now.document == document()
    async with database.tenant("westshire") as session:
        seen = await configurations.edit(session, waiting.version, waiting.revision, ONE, document(16), digest(document(16)))
    assert seen.based_on == stale.value.now.version


@pytest.mark.parametrize("who", [ONE, replace(OTHER, person_id=ONE.person_id)])
async def test_who_proposed_it_cannot_approve_it(database: Database, who: By) -> None:
    made = await drafted(database)
    await proved(database, made)
    async with database.tenant("westshire") as session:
        made = await configurations.propose(session, made.version, made.revision, OTHER if who is ONE else who, LAW)
    with pytest.raises(NotYet, match="a second person"):
        async with database.tenant("westshire") as session:
            await configurations.approve(session, made.version, made.revision, who)


async def test_who_changed_it_last_cannot_approve_it_and_a_change_makes_it_a_draft_again(database: Database) -> None:
    made = await approved(database)
    async with database.tenant("westshire") as session:
        made = await configurations.edit(session, made.version, made.revision, OTHER, document(17), digest(document(17)))
    assert (made.status, made.proof, made.approved_by, made.proposed_by) == ("draft", None, None, None)
    await proved(database, made)
    async with database.tenant("westshire") as session:
        made = await configurations.propose(session, made.version, made.revision, ONE, LAW)
    with pytest.raises(NotYet, match="a second person"):
        async with database.tenant("westshire") as session:
            await configurations.approve(session, made.version, made.revision, OTHER)


@pytest.mark.parametrize("proof", [{"sound": False}, {"digest": "of another"}, {"law": "another"}])
async def test_nothing_is_proposed_without_a_proof_of_it_under_the_law_of_today(database: Database, proof: dict[str, Any]) -> None:
    made = await drafted(database)
    await proved(database, made, **proof)
    with pytest.raises(NotYet):
        async with database.tenant("westshire") as session:
            await configurations.propose(session, made.version, made.revision, ONE, LAW)


async def test_nothing_is_published_under_another_law_than_it_was_proved_under(database: Database) -> None:
    made = await approved(database)
    with pytest.raises(NotYet, match="law changed"):
        async with database.tenant("westshire") as session:
            await configurations.publish(session, made.version, made.revision, ONE, "another")


async def test_each_step_is_taken_in_its_order(database: Database) -> None:
    made = await drafted(database)
    await proved(database, made)
    steps: tuple[Any, ...] = (configurations.approve, configurations.publish)
    for step in steps:
        with pytest.raises(NotYet):
            async with database.tenant("westshire") as session:
                await step(session, made.version, made.revision, OTHER, *([LAW] if step is configurations.publish else []))
    with pytest.raises(NotYet):
        async with database.tenant("westshire") as session:
            await configurations.edit(session, 99, 1, ONE, {}, "")
    async with database.tenant("westshire") as session:
        gone = await configurations.withdraw(session, made.version, made.revision, ONE)
    with pytest.raises(NotYet):
        async with database.tenant("westshire") as session:
            await configurations.edit(session, gone.version, gone.revision, ONE, document(), digest(document()))


async def test_the_same_request_twice_is_once_and_another_under_its_key_is_a_mistake(database: Database) -> None:
    by = replace(ONE, key="k", fingerprint="f")
    async with database.tenant("westshire") as session:
        assert await configurations.done_before(session, by) is None
        made = await configurations.draft(session, by, document(), digest(document()))
    async with database.tenant("westshire") as session:
        assert await configurations.done_before(session, by) == made
        with pytest.raises(configurations.Mismatch):
            await configurations.done_before(session, replace(by, fingerprint="g"))


async def test_the_database_itself_refuses_what_nobody_proved_or_approved(database: Database) -> None:
    made = await drafted(database)
    row = {name: getattr(made, name) for name in Version.__dataclass_fields__} | {"tenant": "westshire", "version": 7}
    good = {"sound": True, "digest": made.digest, "law": LAW}
    lawful = {"status": "published", "proof": good, "proposed_by": ONE.person_id, "approved_by": OTHER.person_id}
    for planted in (
        {"proof": None},
        {"proof": {**good, "sound": False}},
        {"proof": {**good, "digest": "other"}},
        {"approved_by": None},
        {"approved_by": ONE.person_id},
        {"proposed_by": None},
    ):
        with pytest.raises(DBAPIError, match="configuration_lawful_check"):
            async with database.tenant("westshire") as session:
                await session.execute(insert(configuration).values(**row | lawful | planted))


@pytest.mark.parametrize(
    "planted",
    [
        {"document": {"configuration": 1}},
        {"digest": "x"},
        {"proof": {}},
        {"status": "draft"},
        {"approved_by": NORTHMOOR.caseworker.id},
        {"published_by": None},
    ],
)
async def test_what_is_in_force_never_changes(database: Database, planted: dict[str, Any]) -> None:
    made = await published(database)
    with pytest.raises(DBAPIError):
        async with database.tenant("westshire") as session:
            await session.execute(update(configuration).where(configuration.c.version == made.version).values(**planted))


@pytest.mark.parametrize("statement", ["update waymark.configuration_event set why = ''", "delete from waymark.configuration_event"])
async def test_the_history_forgets_nothing(database: Database, statement: str) -> None:
    await drafted(database)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with database.tenant("westshire") as session:
            await session.execute(text(statement))


async def test_another_council_sees_nothing_of_it(database: Database) -> None:
    made = await published(database)
    async with database.tenant("northmoor") as session:
        assert await configurations.published(session) is None
        assert await configurations.read(session, made.version) is None
        assert await configurations.page(session, None, 10) == []
        assert await configurations.history(session, [made.version]) == {made.version: []}
        assert (await pinned(session, "ehc_plan", date(2026, 3, 2))).rules == ()
    with pytest.raises(DBAPIError):  # nor can its people take a part in it
        async with database.tenant("westshire") as session:
            await configurations.draft(session, By(NORTHMOOR.caseworker.id, AT), document(), "d")


async def test_the_tasks_of_a_case_know_the_days_on_which_the_council_is_closed(database: Database) -> None:
    given = document()
    given["closed_days"] = ["2026-12-29"]
    given["overlays"].append(
        {
            "overlay": "calls",
            "process": "ehc_plan",
            "why": "Early.",
            "tasks": {"call": {"say": "Call", "by": ["local_authority"], "at": ["considering"]}},
        }
    )
    await published(database, given)
    async with database.tenant("westshire") as session:
        found = await pinned(session, "ehc_plan", date(2026, 3, 2))
        assert await documents_of(session, found.rules) == found.documents
    assert {one["overlay"]: one.get("closed_days") for one in found.documents.values()} == {"ours": None, "calls": ["2026-12-29"]}
