"""A council is split on the real engine: no date moves, no right is lost, each case runs once; stopped anywhere, the same plan goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import update
from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError

from bootstrap import reorganisation
from bootstrap.faults import StackFault
from bootstrap.reorganisation import carried_out, previewed
from statute.types import Kind
from store import lifecycle, outbox, people
from store.journal import verify
from store.origins import torn
from store.session import Database
from store.tables import case_file
from tenants.reorganisation import Plan, Share
from tests.conftest import Dsns
from tests.durable import Opened, Shell, client, shell, temporal
from tests.graphql_api.conftest import Api, apis
from tests.seeds import WESTSHIRE
from workflows import ports
from workflows.engine import Unavailable

__all__ = ["client", "shell", "temporal"]
pytestmark = pytest.mark.durable
OF, CHILD, SIBLING = WESTSHIRE.slug, WESTSHIRE.children[0], WESTSHIRE.children[1]
TODAY = datetime.now(UTC).date()
PLAN = Plan("The Order", TODAY, (OF,), (Share("east", children=frozenset({CHILD.upn or ""})), Share("west", rest=True)))
AT = {slug: replace(WESTSHIRE, slug=slug) for slug in ("east", "west")}


class Killed(BaseException):
    """As if the process had been killed there: nothing after it runs."""


@pytest_asyncio.fixture
async def owner(dsns: Dsns) -> AsyncIterator[Database]:
    db = Database(dsns.owner, 2)
    for slug, code in (("east", "991"), ("west", "992")):
        async with db.tenant(slug) as session:
            await lifecycle.create(session, people.Tenant(slug, slug.title(), code, f"E06000{code}", True), "tests", "seeded")
    yield db
    await db.close()


async def split(owner: Database, shell: Shell, plan: Plan = PLAN, kind: str = "split") -> dict[str, Any]:
    return await carried_out(owner, shell.database, shell.engine, plan, kind, "pat", lambda _: None)


async def two(shell: Shell) -> tuple[Opened, Opened]:
    """A case of each child, one of them further on."""
    first = await shell.open()
    second = await shell.open()
    async with shell.database.tenant(OF) as session:
        await session.execute(update(case_file).where(case_file.c.id == second.case_id).values(child_id=SIBLING.id))
    await first.act("consult_family", Kind.DONE)
    return first, second


async def runs(shell: Shell, tenant: str, case_id: UUID) -> str:
    try:
        found = await shell.client.get_workflow_handle(ports.workflow_id(tenant, str(case_id))).describe()
    except RPCError:
        return "none"
    return "runs" if found.status is WorkflowExecutionStatus.RUNNING else "ended"


async def answers(shell: Shell, place: Any, opened: Opened) -> dict[str, Any] | None:
    async with apis(shell.database) as made:
        api: Api = made(shell.engine)
        return await api.case(place, WESTSHIRE.caseworker, str(opened.case_id))


async def test_a_split_council_goes_on_in_two_with_every_answer_as_before(shell: Shell, owner: Database) -> None:
    first, second = await two(shell)
    before = [await answers(shell, WESTSHIRE, one) for one in (first, second)]
    heads = (await verify(shell.database, OF)).heads
    preview = await previewed(owner, PLAN, "split")
    assert preview.faults == []
    assert {to: dict(one) for to, one in preview.counts.items()} == {
        to: {"children": 1, "open cases": 1, "ended cases": 0} for to in ("east", "west")
    }
    await split(owner, shell)
    assert [await answers(shell, AT[slug], one) for slug, one in (("east", first), ("west", second))] == before
    for slug, one in (("east", first), ("west", second)):
        verdict = await verify(shell.database, slug)
        assert verdict.sound
        assert verdict.heads == {one.case_id: heads[one.case_id]}
        assert (await runs(shell, OF, one.case_id), await runs(shell, slug, one.case_id)) == ("ended", "runs")
        assert await answers(shell, AT["east" if slug == "west" else "west"], one) is None
    assert (await verify(shell.database, OF)).heads == heads
    assert await torn(shell.database, OF) == []
    async with shell.database.tenant(OF) as session:
        now = await people.read_tenant(session)
        kinds = [one.kind for one in await lifecycle.history(session)]
    assert now is not None
    assert (now.status, now.closed_on, now.successors) == ("closed", TODAY, ["east", "west"])
    assert kinds == ["created", "suspended", "handing_over", "handed_over", "handed_over", "closed"]
    async with apis(shell.database) as made:
        document = "query($id: ID!) { case(id: $id) { movedFrom { council on until } } }"
        told = await made(shell.engine).ask(AT["east"], WESTSHIRE.parent, document, id=str(first.case_id))
    assert told["case"]["movedFrom"] == [{"council": OF, "on": TODAY.isoformat(), "until": 2}]  # the family sees it
    # it lives on: an act, the repetition of one from before, and time
    there = Opened(shell, "east", first.case_id, first.given)
    assert (await there.act("whether_to_assess", Kind.DECIDED, outcome="will_assess")).seq == 3
    await shell.engine.move_clock("west", str(second.case_id), ports.ClockMoved(int(timedelta(weeks=21).total_seconds())))
    seen = await answers(shell, AT["west"], second)
    assert seen is not None
    assert "PASSED" in {one["status"] for one in seen["clocks"]}
    assert (await verify(shell.database, "west")).sound
    async with shell.database.tenant("east") as session:
        assert await outbox.claim(session)  # the letters that waited are on their way, from there


@pytest.mark.parametrize("where", ["end", "move", "before rebuild", "rebuild", "let_go", "_close"])
async def test_stopped_anywhere_the_same_plan_goes_on_and_each_case_runs_once(
    shell: Shell, owner: Database, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    first, second = await two(shell)
    before = [await answers(shell, WESTSHIRE, one) for one in (first, second)]
    early, where = where.startswith("before "), where.removeprefix("before ")
    whose = {"end": shell.engine, "move": reorganisation.moving, "let_go": reorganisation.whole}.get(where, reorganisation)
    real = getattr(whose, where)

    async def once(*given: Any, **more: Any) -> Any:
        if not early:
            await real(*given, **more)
        raise Killed

    monkeypatch.setattr(whose, where, once)
    with pytest.raises(Killed):
        await split(owner, shell)
    monkeypatch.setattr(whose, where, real)
    await split(owner, shell)
    assert [await answers(shell, AT[slug], one) for slug, one in (("east", first), ("west", second))] == before
    for slug, one in (("east", first), ("west", second)):
        assert (await runs(shell, OF, one.case_id), await runs(shell, slug, one.case_id)) == ("ended", "runs")
        assert (await verify(shell.database, slug)).sound
        async with shell.database.tenant(slug) as session:
            assert await outbox.claim(session)
    again = await split(owner, shell)
    assert {name for name, n in again.items() if n} == set()


async def test_an_opening_that_comes_too_late_is_refused_there_and_its_run_does_not_stay(shell: Shell, owner: Database) -> None:
    """A relay that had not heard of it: nothing is opened at a council that hands over, and no run tries that for ever."""
    async with owner.tenant(OF) as session:
        await lifecycle.suspend(session, "pat", PLAN.order)
        await lifecycle.hand_over(session, "pat", PLAN.order, ["east", "west"], PLAN.digest)
    before = {*await shell.engine.running(OF)}  # of tests before this one
    with pytest.raises((TimeoutError, Unavailable)):
        await asyncio.wait_for(shell.open(), 3)
    (late,) = {*await shell.engine.running(OF)} - before
    await split(owner, shell)
    assert await runs(shell, OF, UUID(late)) == "ended"
    assert (await verify(shell.database, OF)).cases == 0


async def test_two_councils_are_merged_into_one_and_are_closed(shell: Shell, owner: Database) -> None:
    first, second = await two(shell)
    await split(owner, shell)
    async with owner.tenant("north") as session:
        await lifecycle.create(session, people.Tenant("north", "North", "994", "E06000994", True), "tests", "seeded")
    plan = Plan("Another Order", TODAY, ("east", "west"), (Share("north", rest=True),))
    await split(owner, shell, plan, "merge")
    verdict = await verify(shell.database, "north")
    assert (verdict.sound, set(verdict.heads)) == (True, {first.case_id, second.case_id})
    for one in (first, second):
        assert await runs(shell, "north", one.case_id) == "runs"
        assert await answers(shell, replace(WESTSHIRE, slug="north"), one) is not None


async def test_what_stands_against_a_plan_is_told_and_nothing_moves(shell: Shell, owner: Database) -> None:
    await two(shell)
    plans = {
        "go nowhere": replace(PLAN, to=(PLAN.to[0],)),
        "lies ahead": replace(PLAN, on=TODAY + timedelta(days=1)),
        "does not know: 1 children": replace(PLAN, to=(Share("east", children=frozenset({"A000"})), PLAN.to[1])),
        "a merge has one successor": PLAN,
        "nothing to each other": replace(PLAN, to=(*PLAN.to, Share("northmoor"))),
    }
    for said, plan in plans.items():
        with pytest.raises(StackFault) as caught:
            await split(owner, shell, plan, "merge" if said.startswith("a merge") else "split")
        assert said in caught.value.why, said
    async with shell.database.tenant(OF) as session:
        now = await people.read_tenant(session)
    assert now is not None
    assert now.status == "active"
