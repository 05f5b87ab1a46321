"""Moving open cases is asked for in one transaction, listed there, worked off by one at a time, and counted case by case."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from store import pilots, revisions
from store.revisions import Progress, Revision
from store.session import Database
from tests.seeds import NORTHMOOR, WESTSHIRE
from tests.store.steps import AT, open_case

pytestmark = pytest.mark.stored
LATER = AT + timedelta(days=1)
KILL: dict[str, Any] = {"kind": "kill", "name": "trial", "without": {"trial": "mediation"}}


async def ask(database: Database, *, place: Any = WESTSHIRE, **given: Any) -> UUID:
    async with database.tenant(place.slug) as session:
        return await revisions.ask(session, **{**KILL, "moment": LATER, "why": "It harmed.", "asked_by": place.caseworker.id, **given})


async def case(database: Database, *rules: str, process: str = "ehc_plan", **more: Any) -> UUID:
    return await open_case(database, process=process, state={"rules": list(rules), "flags": {"mediation": "trial"}}, **more)


async def progress(database: Database, revision: UUID) -> Progress:
    async with database.tenant(WESTSHIRE.slug) as session:
        return (await revisions.progress(session, [revision]))[revision]


async def listed(database: Database, revision: UUID) -> set[UUID]:
    async with database.tenant(WESTSHIRE.slug) as session:
        return set(await revisions.batch(session, revision, 100))


async def test_a_kill_means_the_open_cases_of_this_council_under_the_pilot_and_no_others(database: Database) -> None:
    under = {await case(database, "pilot:trial"), await case(database, "pilot:other", "pilot:trial", "0123456789ab")}
    await case(database, "pilot:trial_two")
    await case(database)
    await open_case(database)  # a case of before there were pinned rules
    await case(database, "pilot:trial", closed_on=AT.date())
    await case(database, "pilot:trial", place=NORTHMOOR)
    asked = await ask(database)
    assert await listed(database, asked) == under
    assert await progress(database, asked) == Progress(waiting=2)
    async with database.tenant(WESTSHIRE.slug) as session:
        assert await pilots.open_cases(session) == {"trial": 2, "other": 1, "trial_two": 1}


async def test_a_configuration_means_the_open_cases_of_its_processes_that_are_under_other_overlays(database: Database) -> None:
    old = await case(database, "pilot:trial", "0123456789ab")
    await case(database, "pilot:trial", "ba9876543210")
    plain = await case(database)
    await case(database, "0123456789ab", process="annual_review")
    asked = await ask(database, kind="configuration", name="2", without={}, rules_of={"ehc_plan": ["ba9876543210"]})
    assert await listed(database, asked) == {old, plain}


def test_a_case_keeps_its_pilots_in_a_configuration_and_its_overlays_in_a_kill() -> None:
    def one(**given: Any) -> Revision:
        values = {
            "id": uuid4(),
            "kind": "kill",
            "name": "n",
            "rules_of": {},
            "without": {},
            "child_id": None,
            "why": "w",
            "asked_by": uuid4(),
        }
        return Revision(**{**values, "asked_at": AT, "moment": AT, "status": "waiting", "finished_at": None, **given})

    rules, flags = ("pilot:a", "pilot:b", "0123456789ab"), {"mediation": "x", "ap_tiers": "on"}
    assert one(without={"a": "mediation"}).rules("p", rules, flags) == (("pilot:b", "0123456789ab"), {"ap_tiers": "on"})
    assert one(rules_of={"p": ["ba9876543210"]}).rules("p", rules, flags) == (("pilot:a", "pilot:b", "ba9876543210"), flags)
    assert one(rules_of={"p": []}).rules("p", rules, flags) == (("pilot:a", "pilot:b"), flags)
    assert one(rules_of={"q": []}).rules("p", rules, flags) == (rules, flags)


async def test_a_case_that_opened_after_the_moment_was_pinned_to_what_was_chosen_since(database: Database) -> None:
    await case(database, "pilot:trial")
    asked = await ask(database, moment=AT - timedelta(seconds=1))
    assert await listed(database, asked) == set()


async def test_consent_that_is_taken_back_means_the_cases_of_that_child(database: Database) -> None:
    mine = await case(database, "pilot:trial", child_id=WESTSHIRE.children[0].id)
    await case(database, "pilot:trial", child_id=WESTSHIRE.children[1].id)
    asked = await ask(database, kind="consent", child_id=WESTSHIRE.children[0].id)
    assert await listed(database, asked) == {mine}


async def test_asked_twice_with_one_id_it_is_asked_once(database: Database) -> None:
    await case(database, "pilot:trial")
    key = uuid4()
    assert await ask(database, revision_id=key) == await ask(database, revision_id=key) == key
    async with database.tenant(WESTSHIRE.slug) as session:
        assert [one.id for one in await revisions.latest(session)] == [key]


async def test_who_works_at_it_has_it_for_a_while_and_what_was_left_is_taken_up_again(database: Database) -> None:
    asked = await ask(database)
    async with database.tenant(WESTSHIRE.slug) as session:
        first = await revisions.claim(session)
    async with database.tenant(WESTSHIRE.slug) as session:
        assert (first.id if first else None, await revisions.claim(session)) == (asked, None)
        await revisions.wait(session, asked, -1.0)  # its worker was killed, and the lease has run out
    async with database.tenant(WESTSHIRE.slug) as session:
        again = await revisions.claim(session)
    assert again is not None
    assert again.id == asked


async def test_every_case_is_counted_once_and_what_stays_is_listed_with_its_reason(database: Database) -> None:
    ids = sorted([await case(database, "pilot:trial") for _ in range(4)])
    asked = await ask(database)
    async with database.tenant(WESTSHIRE.slug) as session:
        await revisions.settle(session, asked, ids[0], "moved")
        await revisions.settle(session, asked, ids[0], "stayed", "said a second time, it counts for nothing")
        await revisions.settle(session, asked, ids[1], "stayed", "A date would get worse")
        await revisions.settle(session, asked, ids[2], "ended")
        for _ in range(revisions.MOST_TRIES + 3):
            await revisions.put_off(session, asked, ids[3], "Unavailable", counts=False)
        for _ in range(revisions.MOST_TRIES - 1):
            await revisions.put_off(session, asked, ids[3], "Closed")
    assert await progress(database, asked) == Progress(waiting=1, moved=1, stayed=1, ended=1)
    async with database.tenant(WESTSHIRE.slug) as session:
        await revisions.put_off(session, asked, ids[3], "Closed")
        stays = await revisions.stayed(session, asked)
    assert [(one.case_id, one.reason) for one in stays] == [(ids[1], "A date would get worse"), (ids[3], "Closed")]
    assert (await progress(database, asked)).total == 4


async def test_it_is_done_when_none_waits_none_is_on_its_way_and_it_was_watched_long_enough(database: Database) -> None:
    from store import inbox

    asked = await ask(database)
    soon, late = datetime.now(UTC), datetime.now(UTC) + revisions.WATCH + timedelta(seconds=5)

    async def rest(now: datetime) -> str:
        async with database.tenant(WESTSHIRE.slug) as session:
            found = await revisions.read(session, asked)
            assert found is not None
            return await revisions.rest(session, found, now)

    assert await rest(soon) == "watching"
    async with database.tenant(WESTSHIRE.slug) as session:
        given = {
            "person_id": WESTSHIRE.parent.id,
            "key": "k",
            "fingerprint": b"f",
            "process": "p",
            "case_id": uuid4(),
            "body": {},
            "at": AT,
        }
        receipt = await inbox.receive(session, **given)
    assert await rest(late) == "watching", "what was received before is pinned to it and still to be opened"
    async with database.tenant(WESTSHIRE.slug) as session:
        await inbox.mark_opened(session, receipt.receipt)
    straggler = await case(database, "pilot:trial")
    assert await rest(late) == "running"
    assert await listed(database, asked) == {straggler}
    async with database.tenant(WESTSHIRE.slug) as session:
        await revisions.settle(session, asked, straggler, "moved")
    assert await rest(late) == "done"
    async with database.tenant(WESTSHIRE.slug) as session:
        found = await revisions.read(session, asked)
        assert found is not None
        assert found.finished_at is not None
        assert await revisions.claim(session) is None
