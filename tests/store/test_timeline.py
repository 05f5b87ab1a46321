"""The steps of all cases of a child are one list: by the day they happened, whole in pages of any size, and nobody else's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, false

from store.journal import Moment, Told, record, timeline
from store.session import Database
from store.tables import case_file
from tests.seeds import NORTHMOOR, WESTSHIRE
from tests.store.steps import ON, head, open_case, step

pytestmark = pytest.mark.stored
CHILD, OTHER = WESTSHIRE.children


async def lived(db: Database, *days: int, **changes: object) -> UUID:
    """A case whose steps happened so many days after the first day."""
    case_id = uuid4()
    for seq, day in enumerate(days, 1):
        async with db.tenant(WESTSHIRE.slug) as session:
            on = ON + timedelta(days=day)
            assert await record(session, replace(step(case_id, seq), on=on), head(**changes), []) is None
    return case_id


async def told(db: Database, child: UUID = CHILD.id, tenant: str = WESTSHIRE.slug, **more: object) -> list[Told]:
    async with db.tenant(tenant) as session:
        return await timeline(session, child, **more)  # type: ignore[arg-type]


async def test_steps_are_in_the_order_of_their_days_and_those_of_one_day_as_they_were_written(database: Database) -> None:
    first = await lived(database, 0, 5, 2)
    second = await lived(database, 3, 5, 5)
    assert [(one.record.case_id, one.record.seq) for one in await told(database)] == [
        (first, 1),
        (first, 3),  # recorded last, of an earlier day
        (second, 1),
        (first, 2),
        (second, 2),
        (second, 3),
    ]


async def test_a_step_comes_with_the_case_that_it_belongs_to(database: Database) -> None:
    case_id = await lived(database, 0, reference="WM-TEST-001")
    [one] = await told(database)
    assert (one.record, one.reference, one.process, one.version) == (step(case_id, 1), "WM-TEST-001", "ehc_plan", 1)


async def test_a_timeline_is_whole_in_pages_of_any_size(database: Database) -> None:
    for n in range(3):
        await lived(database, *((n + 2 * seq) % 4 for seq in range(4)))
    whole = await told(database, limit=100)
    assert len(whole) == 12
    for size in (1, 5, 12):
        paged: list[Told] = []
        after: Moment | None = None
        while page := await told(database, after=after, limit=size):
            paged += page
            after = page[-1].place
        assert paged == whole


async def test_it_tells_of_this_child_in_this_council_and_where_the_condition_holds(database: Database) -> None:
    kept = await lived(database, 0, stage="assessing")
    await lived(database, 1)
    await lived(database, 0, child_id=OTHER.id)
    await open_case(database, 1, NORTHMOOR)
    assert len(await told(database)) == 2
    assert {one.record.case_id for one in await told(database, where=case_file.c.stage == "assessing")} == {kept}
    assert await told(database, where=false()) == []
    assert await told(database, tenant=NORTHMOOR.slug) == []


async def test_it_is_one_statement_whatever_the_number_of_cases(database: Database) -> None:
    for _ in range(4):
        await lived(database, 0, 1)
    async with database.tenant(WESTSHIRE.slug) as session:
        seen: list[str] = []
        event.listen(database._engine.sync_engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        assert len(await timeline(session, CHILD.id)) == 8
    assert len(seen) == 1
