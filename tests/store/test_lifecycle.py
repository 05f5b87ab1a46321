"""The life of an authority: each change has its row of history, nothing in it is changed again, and no duty ends with an office."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from store import inbox, lifecycle, outbox, people
from store.session import Database
from store.tables import case_file, tenant
from store.tables_lifecycle import tenant_event
from tests.conftest import Dsns
from tests.seeds import NORTHMOOR, WESTSHIRE
from tests.store.steps import open_case

pytestmark = pytest.mark.stored
SLUG = WESTSHIRE.slug
ON = date(2026, 4, 1)


@pytest_asyncio.fixture
async def owner(dsns: Dsns) -> AsyncIterator[Database]:
    db = Database(dsns.owner, 2)
    yield db
    await db.close()


async def standing(database: Database, slug: str = SLUG) -> people.Tenant:
    async with database.tenant(slug) as session:
        found = await people.read_tenant(session)
    assert found is not None
    return found


async def test_each_change_is_told_once_with_who_and_why(owner: Database, database: Database) -> None:
    for change, kind in ((lifecycle.suspend, "suspended"), (lifecycle.resume, "resumed")):
        for again in (False, True):
            async with owner.tenant(SLUG) as session:
                assert await change(session, "pat", f"because of {kind}") is not again
    async with database.tenant(SLUG) as session:
        found = await lifecycle.history(session)
    assert [(one.n, one.kind, one.by) for one in found] == [(1, "created", "tests"), (2, "suspended", "pat"), (3, "resumed", "pat")]
    assert found[1].why == "because of suspended"
    async with database.tenant(NORTHMOOR.slug) as session:
        assert [one.kind for one in await lifecycle.history(session)] == ["created"]


async def test_the_history_only_grows_even_for_the_owner(owner: Database) -> None:
    for change in (delete(tenant_event), update(tenant_event).values(why="else"), text("truncate waymark.tenant_event")):
        with pytest.raises(DBAPIError, match="only grows"):
            async with owner.tenant(SLUG) as session:
                await session.execute(change)


async def test_the_serving_role_neither_suspends_nor_writes_history(database: Database) -> None:
    for change in (
        lambda session: session.execute(update(tenant).values(status="suspended")),
        lambda session: lifecycle.note(session, "suspended", "somebody", "no reason"),
    ):
        with pytest.raises(DBAPIError, match="permission denied"):
            async with database.tenant(SLUG) as session:
                await change(session)


async def test_an_authority_with_an_open_case_a_request_or_a_letter_is_not_closed(owner: Database, database: Database) -> None:
    case_id = await open_case(database, 1)
    async with database.tenant(SLUG) as session:
        await inbox.receive(
            session, person_id=WESTSHIRE.parent.id, key="k", fingerprint=b"f", process="ehc_plan", case_id=UUID(int=2), body={}
        )

    async def refused() -> str:
        with pytest.raises(lifecycle.Standing) as caught:
            async with owner.tenant(SLUG) as session:
                await lifecycle.close(session, "pat", "the order", ON)
        return caught.value.what

    assert "1 open cases, 1 requests without a case yet, 1 letters" in await refused()
    async with owner.tenant(SLUG) as session:
        await session.execute(update(case_file).where(case_file.c.id == case_id).values(closed_on=ON))
    assert "0 open cases, 1 requests" in await refused()
    async with owner.tenant(SLUG) as session:
        waiting = await inbox.waiting(session)
        await inbox.mark_failed(session, waiting[0].receipt, "Refused", refused=True)
    assert "0 requests without a case yet, 1 letters" in await refused()
    async with owner.tenant(SLUG) as session:
        (post,) = await outbox.claim(session)
        await outbox.done(session, post)
    async with owner.tenant(SLUG) as session:
        assert await lifecycle.close(session, "pat", "the order", ON, ["northmoor"])
    now = await standing(database)
    assert (now.status, now.closed_on, now.successors) == ("closed", ON, ["northmoor"])


async def test_an_authority_is_handed_over_once_it_is_suspended_and_has_no_request_without_a_case(
    owner: Database, database: Database
) -> None:
    async def refused(successors: list[str]) -> str:
        with pytest.raises(lifecycle.Standing) as caught:
            async with owner.tenant(SLUG) as session:
                await lifecycle.hand_over(session, "pat", "the order", successors, "digest")
        return caught.value.what

    assert await refused(["east"]) == "westshire is active."
    async with owner.tenant(SLUG) as session:
        await lifecycle.suspend(session, "pat", "the order")
    async with database.tenant(SLUG) as session:
        about = {"key": "k", "fingerprint": b"f", "process": "ehc_plan", "case_id": UUID(int=9), "body": {}}
        receipt = await inbox.receive(session, person_id=WESTSHIRE.parent.id, **about)
    assert "received 1 requests whose cases are not open yet" in await refused(["east"])
    async with database.tenant(SLUG) as session:
        await inbox.mark_opened(session, receipt.receipt)
    async with owner.tenant(SLUG) as session:
        assert await lifecycle.hand_over(session, "pat", "the order", ["west", "east"], "digest")
    assert await refused(["north"]) == "westshire is suspended, and being handed over to east,west."
    with pytest.raises(lifecycle.Standing, match="being handed over to east, west"):
        async with owner.tenant(SLUG) as session:
            await lifecycle.resume(session, "pat", "never mind")


async def test_what_is_closed_stays_closed_and_can_be_read(owner: Database, database: Database) -> None:
    async with owner.tenant(SLUG) as session:
        await lifecycle.close(session, "pat", "the order", ON)
        assert not await lifecycle.close(session, "pat", "again", ON)
    for change in (lifecycle.suspend, lifecycle.resume):
        with pytest.raises(lifecycle.Standing, match="closed on 1 April 2026"):
            async with owner.tenant(SLUG) as session:
                await change(session, "pat", "why")
    async with owner.tenant(SLUG) as session:
        assert not await lifecycle.create(session, replace(WESTSHIRE.tenant, name="Another"), "pat", "why")
    async with database.tenant(SLUG) as session:
        assert len(await people.list_children(session)) == 2
    assert (await standing(database)).name == WESTSHIRE.tenant.name


@pytest.mark.parametrize(
    ("values", "relayed"), [({}, True), ({"status": "suspended"}, True), ({"status": "suspended", "successors": ["x"]}, False)]
)
async def test_letters_go_on_in_suspension_and_wait_while_cases_are_handed_over(
    owner: Database, database: Database, values: dict[str, object], relayed: bool
) -> None:
    await open_case(database, 1)
    if values:
        async with owner.tenant(SLUG) as session:
            await session.execute(update(tenant).values(**values))
    async with database.tenant(SLUG) as session:
        await inbox.receive(
            session, person_id=WESTSHIRE.parent.id, key="k", fingerprint=b"f", process="ehc_plan", case_id=UUID(int=3), body={}
        )
        assert bool(await outbox.claim(session)) is bool(await inbox.waiting(session)) is relayed
