"""A split or a merge of authorities: checked first, then carried out in batches; stopped anywhere, it goes on when its plan is given again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from activities.rebuild import Unfaithful, rebuild, rebuild_all
from bootstrap.embedded import beside
from bootstrap.faults import StackFault
from bootstrap.lifecycle import known, owning
from bootstrap.settings import Settings
from bootstrap.tenant_files import REBUILDING, engine_of
from statute.days import civil
from store import lifecycle, moving, people, whole
from store.session import Database
from store.tables import case_file, child, setting
from store.tables_lifecycle import case_successor
from store.tables_pilots import revision
from tenants.dfe import change_programme
from tenants.reorganisation import Known, Plan, Shared, share
from workflows.engine import Engine, Unavailable

BATCH = 20  # children in one transaction


@dataclass(slots=True)
class Preview:
    """What a plan would do, and what stands against it."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)  # by successor
    stays: dict[str, dict[str, int]] = field(default_factory=dict)  # by predecessor: its own tables
    notes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    shared: dict[str, Shared] = field(default_factory=dict)

    def lines(self) -> list[str]:
        """For people."""
        told = [f"{to}: {', '.join(f'{n} {what}' for what, n in sorted(counts.items()))}" for to, counts in sorted(self.counts.items())]
        told += [
            f"stays with {of}, as its own: {', '.join(f'{name} ({n})' for name, n in sorted(rows.items()))}"
            for of, rows in sorted(self.stays.items())
            if rows
        ]
        return [*told, *(f"note: {one}" for one in self.notes), *(f"FAULT: {one}" for one in self.faults)]


async def ordered(
    settings: Settings, plan: Plan, kind: str, by: str, say: Callable[[str], None], *, dry_run: bool
) -> tuple[dict[str, Any], list[str], bool]:
    """Look at a plan, or do it; what was found or done, and whether it is well. Raises StackFault."""
    async with owning(settings) as database:
        preview = await previewed(database, plan, kind)
        found = {
            "plan": plan.digest,
            "counts": {to: dict(one) for to, one in preview.counts.items()},
            "notes": preview.notes,
            "faults": preview.faults,
        }
        if dry_run or preview.faults:
            return {**found, "stays": preview.stays}, preview.lines(), not preview.faults
        beside_it = beside(settings)
        beside_it.need("database_url")
        serving = Database(beside_it.database_url.get_secret_value(), 2)
        try:
            done = await carried_out(database, serving, await engine_of(settings), plan, kind, by, say)
        except Unavailable:
            why, do = "What was moved stays moved.", "start Temporal, and give the plan again."
            raise StackFault("Temporal does not answer.", why, do) from None
        finally:
            await serving.close()
    what = ", ".join(f"{n} {name}" for name, n in sorted(done.items()))
    return {**found, "done": done}, [*preview.lines(), f"done: {what or 'nothing was left to do'}"], True


async def previewed(database: Database, plan: Plan, kind: str, now: datetime | None = None) -> Preview:
    """Look at a plan without doing any of it.

    Raises:
        StackFault: an authority of the plan is not here.
    """
    found = Preview(counts={one.tenant: Counter() for one in plan.to})
    of = [await known(database, slug) for slug in plan.of]
    to = [await known(database, one.tenant) for one in plan.to]
    if kind == "split" and len(of) != 1:
        found.faults.append("a split has one predecessor: use `waymark tenant merge`")
    if kind == "merge" and len(to) != 1:
        found.faults.append("a merge has one successor: use `waymark tenant split`")
    for one in to:
        if one.status != lifecycle.ACTIVE:
            found.faults.append(f"{one.tenant} is {one.status}: it cannot take duties over")
    areas = change_programme()
    for before in of:
        if before.dfe_code in areas and (less := [one.tenant for one in to if one.dfe_code not in areas]):
            pinned = "cases keep the pilots that they are pinned to, and new ones there are not offered those of the programme"
            found.notes.append(f"{before.tenant} was a Change Programme area and {', '.join(less)} is none: {pinned}")
        found.faults += _at_odds(before, to, plan.on, now or datetime.now(UTC))
        await _look(database, plan, before, found)
    return found


def _at_odds(before: people.Tenant, to: Sequence[people.Tenant], on: date, now: datetime) -> Iterator[str]:
    today = civil(now + timedelta(seconds=before.clock_offset_seconds))
    if today < on:
        yield f"{on} lies ahead for {before.tenant}: until then its duties are its own"
    successors = sorted(one.tenant for one in to)
    if before.status == lifecycle.CLOSED and sorted(before.successors) != successors:
        yield f"{before.tenant} is closed already, and not for these"
    for one in to:
        if one.training != before.training:
            yield f"{one.tenant} and {before.tenant}: an authority that only trains and one that is real hand nothing to each other"
        elif one.clock_offset_seconds < before.clock_offset_seconds:
            yield f"the training clock of {one.tenant} is behind that of {before.tenant}: advance it first, or a date would move"


async def _look(database: Database, plan: Plan, before: people.Tenant, found: Preview) -> None:
    of = before.tenant
    async with database.tenant(of, snapshot=True) as session:
        form = await moving.shape(session)
        shared = found.shared[of] = share(plan, await children_of(session))
        cases = await _cases_of(session)
        found.stays[of] = await moving.counted(session, form.own())
        ids = [UUID(one) for one in shared.to]
        stuck = await moving.counted(session, form.stuck, ids) if ids and form.stuck else {}
        waiting = await session.scalar(select(func.count()).select_from(revision).where(revision.c.status.in_(("waiting", "running"))))
        numbers = {
            row.upn: row.born_on for row in await session.execute(select(child.c.upn, child.c.born_on).where(child.c.upn.is_not(None)))
        }
    if waiting:
        found.faults.append(f"{of} is moving cases to other rules ({waiting} revisions): let that come to its end first")
    if shared.nowhere:
        found.faults.append(f"{of}: {len(shared.nowhere)} children go nowhere: {', '.join(shared.nowhere[:5])}")
    if shared.twice:
        found.faults.append(f"{of}: {len(shared.twice)} children go to two: {', '.join(shared.twice[:5])}")
    if shared.unknown and len(plan.of) == 1:
        found.faults.append(f"{of} does not know: {', '.join(shared.unknown[:5])}")
    for name, rows in stuck.items():
        if name not in plan.leaves:
            found.faults.append(
                f"{of}: {rows} rows of {name} point to what is its own and cannot go along: say `leaves: [{name}]` if they may stay"
            )
    for key, to in shared.to.items():
        opened, ended = cases.get(key, (0, 0))
        found.counts[to].update({"children": 1, "open cases": opened, "ended cases": ended})
    for one in plan.to:
        await _met(database, one.tenant, numbers, found)


async def _met(database: Database, to: str, numbers: dict[str, date], found: Preview) -> None:
    """Children whom the successor knows already by their number."""
    async with database.tenant(to) as session:
        rows = (await session.execute(select(child.c.upn, child.c.born_on).where(child.c.upn.in_(list(numbers))))).all()
    if odd := sum(numbers[row.upn] != row.born_on for row in rows):
        found.faults.append(f"{to} knows {odd} children by the same number and another birthday: correct that first")


async def children_of(session: AsyncSession) -> list[Known]:
    """Every child of the authority as a plan may name it."""
    references: dict[UUID, set[str]] = {}
    for row in await session.execute(select(case_file.c.child_id, case_file.c.reference)):
        references.setdefault(row.child_id, set()).add(row.reference)
    query = select(child.c.id, child.c.upn, setting.c.urn).select_from(
        child.outerjoin(setting, (setting.c.tenant == child.c.tenant) & (setting.c.id == child.c.setting_id))
    )
    return [
        Known(str(row.id), frozenset({str(row.id), *({row.upn} if row.upn else ()), *references.get(row.id, ())}), row.urn)
        for row in await session.execute(query.order_by(child.c.id))
    ]


async def _cases_of(session: AsyncSession) -> dict[str, tuple[int, int]]:
    """How many cases each child has that did not go before: open, and ended."""
    gone = select(case_successor.c.case_id).where(case_successor.c.case_id == case_file.c.id).exists()
    query = (
        select(case_file.c.child_id, func.count().filter(case_file.c.closed_on.is_(None)), func.count(case_file.c.closed_on))
        .where(~gone)
        .group_by(case_file.c.child_id)
    )
    return {str(row[0]): (row[1], row[2]) for row in await session.execute(query)}


async def carried_out(
    database: Database,
    serving: Database,
    engine: Engine,
    plan: Plan,
    kind: str,
    by: str,
    say: Callable[[str], None],
    now: datetime | None = None,
) -> dict[str, Any]:
    """Do what the plan says. `database` is the owner's, `serving` reads as those who serve.

    Each child goes in one transaction with all that is theirs; the run of an open case ends before, and begins at the successor after it.

    Raises:
        StackFault: something stands against it; what was moved stays moved, and the same plan goes on from there.
        workflows.engine.Unavailable.
    """
    preview = await previewed(database, plan, kind, now)
    if preview.faults:
        raise StackFault("Nothing was moved.", "; ".join(preview.faults), "mend the plan, or what it tells; look again with --dry-run.")
    total: Counter[str] = Counter()
    for of in plan.of:
        before = await known(database, of)
        if before.status != lifecycle.CLOSED:
            total += await _handed_over(database, serving, engine, plan, of, preview.shared[of], by, say)
    for one in plan.to:  # what an earlier, interrupted time moved and did not start
        rebuilt = await rebuild_all(serving, engine, one.tenant)
        if rebuilt.unfaithful:
            raise _unfaithful(rebuilt.unfaithful[0])
        async with database.tenant(one.tenant) as session:
            await whole.let_go(session, REBUILDING)
        total["started"] += rebuilt.started
    for of in plan.of:
        await _close(database, plan, of, by)
        for case_id in await engine.running(of):  # an opening that was under way and is refused now would be tried for ever
            await engine.end(of, case_id, "its authority is closed")
    return dict(total)


async def _handed_over(
    database: Database, serving: Database, engine: Engine, plan: Plan, of: str, shared: Shared, by: str, say: Callable[[str], None]
) -> Counter[str]:
    successors = sorted(one.tenant for one in plan.to)
    async with database.tenant(of) as session:
        form = await moving.shape(session)
        now = await people.read_tenant(session)
        if now is not None and now.status == lifecycle.ACTIVE:
            await lifecycle.suspend(session, by, plan.order)
    try:
        async with database.tenant(of) as session:
            await lifecycle.hand_over(session, by, plan.order, successors, plan.digest)
    except lifecycle.Standing as standing:
        raise StackFault(standing.what, standing.why, standing.do) from None
    total: Counter[str] = Counter()
    for to in successors:
        async with database.tenant(of) as session:
            await moving.move_register(session, form, of, to)
        going = sorted(key for key, where in shared.to.items() if where == to)
        moved: Counter[str] = Counter()
        for begin in range(0, len(going), BATCH):
            moved += await _batch(database, serving, engine, form, of, to, [UUID(one) for one in going[begin : begin + BATCH]], plan.on)
            say(f"{of} to {to}: {min(begin + BATCH, len(going))} of {len(going)} children")
        if moved["cases"]:
            for slug, what in ((of, "handed_over"), (to, "took_over")):
                async with database.tenant(slug) as session:
                    await lifecycle.note(session, what, by, plan.order, plan=plan.digest, other=to if slug == of else of, **moved)
        total += moved
    return total


async def _batch(
    database: Database, serving: Database, engine: Engine, form: moving.Shape, of: str, to: str, children: Sequence[UUID], on: date
) -> Counter[str]:
    async with database.tenant(of) as session:
        gone = select(case_successor.c.case_id).where(case_successor.c.case_id == case_file.c.id).exists()
        query = select(case_file.c.id).where(case_file.c.child_id.in_(children), case_file.c.closed_on.is_(None), ~gone)
        running = list((await session.scalars(query)).all())
    for case_id in running:
        await engine.end(of, str(case_id), f"it goes on at {to}")
    async with database.tenant(of) as session:
        moved = await moving.move(session, form, of, to, children, on, REBUILDING)
    for case_id in moved.open:
        try:
            await rebuild(serving, engine, to, case_id)
        except Unfaithful as unfaithful:
            raise _unfaithful(unfaithful) from None
    async with database.tenant(to) as session:
        await whole.let_go(session, REBUILDING, moved.cases)
    return Counter(children=moved.children, cases=len(moved.cases), open=len(moved.open), renamed=len(moved.renamed))


async def _close(database: Database, plan: Plan, of: str, by: str) -> None:
    try:
        async with database.tenant(of) as session:
            await lifecycle.close(session, by, plan.order, plan.on)
    except lifecycle.Standing as standing:
        raise StackFault(standing.what, standing.why, "give the plan again: a case was opened meanwhile.") from None


def _unfaithful(one: Unfaithful) -> StackFault:
    return StackFault(
        f"{one.reference} does not go on.", str(one), "it is moved and does not run: see `waymark audit verify`, then give the plan again."
    )
