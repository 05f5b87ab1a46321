"""After a loss of Temporal, or of a whole installation, every open case goes on from its journal: same state, same dates, same answers."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from activities.rebuild import Unfaithful, folded, rebuild, rebuild_all
from bootstrap.tenant_files import REBUILDING, exported, restored
from bootstrap.worker import build
from statute.types import Kind
from store import cases, whole
from store.journal import verify
from store.session import Database
from store.tables import case_file
from tests.bootstrap.test_tenant_files import settings_of
from tests.conftest import Dsns
from tests.durable import Opened, Shell, client, shell, temporal
from tests.graphql_api import lived
from tests.graphql_api.conftest import apis
from tests.seeds import WESTSHIRE
from workflows import ports
from workflows.engine import Closed, Engine

__all__ = ["client", "shell", "temporal"]
SLUG = WESTSHIRE.slug


async def file_of(database: Database, case_id: UUID) -> cases.CaseFile:
    async with database.tenant(SLUG) as session:
        found = await cases.read_case(session, case_id)
    assert found is not None
    return found


@pytest.mark.stored
async def test_a_journal_comes_to_the_state_that_is_stored_and_a_state_that_was_changed_is_noticed(database: Database) -> None:
    life = await lived.opened(database)
    await life.assess(lived.FIRST)
    async with database.tenant(SLUG) as session:
        assert await folded(session, await file_of(database, life.id)) == life.state
    stored = dict((await file_of(database, life.id)).state)
    for change in ({"stage": "considering"}, {"clocks": {}}, {"facts": {**stored["facts"], "received_on": "2026-01-09"}}):
        async with database.tenant(SLUG) as session:
            await session.execute(update(case_file).where(case_file.c.id == life.id).values(state={**stored, **change}))
        async with database.tenant(SLUG) as session:
            with pytest.raises(Unfaithful, match="another state than the one that is stored"):
                await folded(session, await file_of(database, life.id))


@pytest.mark.durable
async def test_cases_that_lost_their_run_go_on_and_those_that_run_are_left_alone(shell: Shell) -> None:
    lost, alive = await shell.open(), await shell.open()
    await shell.engine.end(SLUG, str(lost.case_id), "a drill")
    with pytest.raises(Closed):
        await lost.act("consult_family", key="k1")
    done = await rebuild_all(shell.database, shell.engine, SLUG)
    assert (done.started, done.running, done.unfaithful) == (1, 1, ())
    assert (await rebuild_all(shell.database, shell.engine, SLUG)).started == 0
    assert not await rebuild(shell.database, shell.engine, SLUG, alive.case_id)
    ack = await lost.act("consult_family", Kind.DONE, key="k1")
    assert (ack.seq, ack.replayed) == (2, False)
    assert (await lost.act("consult_family", Kind.DONE, key="k1")).seq == 2
    with pytest.raises(LookupError):
        await rebuild(shell.database, shell.engine, SLUG, uuid4())


@pytest.mark.durable
async def test_an_authority_that_was_lost_is_restored_elsewhere_with_the_same_heads_and_answers_and_its_clocks_go_on(
    shell: Shell, dsns: Dsns, empty_dsns: Dsns, tmp_path: Path
) -> None:
    opened = [await shell.open() for _ in range(3)]
    await opened[0].act("consult_family", Kind.DONE)

    async def seen(database: Database, engine: Engine) -> list[dict[str, Any] | None]:
        async with apis(database) as made:
            return [await made(engine).case(WESTSHIRE, WESTSHIRE.caseworker, str(one.case_id)) for one in opened]

    before, heads = await seen(shell.database, shell.engine), await verify(shell.database, SLUG)
    manifest, _, _ = await exported(settings_of(dsns, tmp_path), SLUG, tmp_path / "file", "pat", "why")
    for one in opened:
        await shell.engine.end(SLUG, str(one.case_id), "lost")
    await restored(settings_of(empty_dsns, tmp_path), tmp_path / "file", "pat", "why")
    database, queue = Database(empty_dsns.app), f"test-{uuid4().hex[:8]}"
    engine = Engine(shell.client, task_queue=queue)
    async with build(shell.client, database, task_queue=queue):
        assert (await rebuild_all(database, engine, SLUG)).started == 3
        async with database.tenant(SLUG) as session:
            await whole.let_go(session, REBUILDING)
        after = await verify(database, SLUG)
        assert (after.root, after.sound) == (heads.root, True)
        assert manifest["root"] == heads.root
        assert await seen(database, engine) == before
        ack = await Opened(Shell(engine, shell.client, database, queue), SLUG, opened[1].case_id, opened[1].given).act(
            "consult_family", Kind.DONE
        )
        assert ack.seq == 2
        far = ports.ClockMoved(int(timedelta(weeks=21).total_seconds()))
        await engine.move_clock(SLUG, str(opened[2].case_id), far)
        clocks = (await file_of(database, opened[2].case_id)).state["clocks"]
        assert "passed" in {one["status"] for one in clocks.values()}
        assert (await verify(database, SLUG)).sound
        for one in opened:
            await engine.end(SLUG, str(one.case_id), "the test is over")
    await database.close()
