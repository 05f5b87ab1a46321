"""Moving open cases to other rules: what was asked for, which cases it means, and what became of each. The worker does it (`activities/revising.py`).

Asked for in the transaction that changes the rules, so that no case is forgotten; worked off case by case under the key `key_of`, so that
doing it twice is doing it once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, text, true, update
from sqlalchemy.dialects.postgresql import JSONB, distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession

from statute.revise import PILOT, own
from store.session import tenant_of
from store.tables import case_file, inbox, journal
from store.tables_pilots import revision, revision_case

CHANNEL = "waymark_revision"
LEASE = timedelta(minutes=3)  # longer than a batch takes while the engine does not answer
LOOK_AGAIN = timedelta(seconds=5)  # for cases that were on their way when it was asked
WATCH = timedelta(minutes=10)  # at least so long
MOST_TRIES = 12  # then the case is left as it is, and listed


@dataclass(frozen=True, slots=True)
class Revision:
    """What was asked for. `rules_of`: process -> the overlays that take the place of those pinned; `without`: pilot -> its flag, taken away."""

    id: UUID
    kind: str
    name: str
    rules_of: Mapping[str, Sequence[str]]
    without: Mapping[str, str]
    child_id: UUID | None
    why: str
    asked_by: UUID
    asked_at: datetime
    moment: datetime
    status: str
    finished_at: datetime | None

    def rules(self, process: str, rules: Sequence[str], flags: Mapping[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
        """The rules and flags of a case as they are to be: its pilots less those taken away, then the overlays named for its process or its own."""
        pilots = [rule for rule in rules if rule.startswith(PILOT) and rule.removeprefix(PILOT) not in self.without]
        overlays = self.rules_of.get(process, own(rules))
        return (*pilots, *overlays), {name: variant for name, variant in flags.items() if name not in self.without.values()}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a revision has come: every case that it means is in one of the four."""

    waiting: int = 0
    moved: int = 0
    stayed: int = 0
    ended: int = 0

    @property
    def total(self) -> int:
        return self.waiting + self.moved + self.stayed + self.ended


@dataclass(frozen=True, slots=True)
class Stayed:
    """A case that could not be moved, and why."""

    case_id: UUID
    reference: str
    reason: str


def key_of(revision_id: UUID) -> str:
    """The key of the `revised` event of each case: opaque, and the same however often it is tried."""
    return f"revision:{revision_id.hex}"


async def ask(
    session: AsyncSession,
    kind: str,
    name: str,
    *,
    moment: datetime,
    why: str,
    asked_by: UUID,
    rules_of: Mapping[str, Sequence[str]] | None = None,
    without: Mapping[str, str] | None = None,
    child_id: UUID | None = None,
    revision_id: UUID | None = None,
) -> UUID:
    """Ask for the open cases to be moved; they are listed in this transaction, and the worker hears of it when it commits.

    `kind` is `kill` (a pilot), `consent` (of one child, taken back) or `configuration`. `moment` is the council's own time. For a
    configuration `rules_of` says, process by process, which overlays (digests, in order) take the place of those that cases are pinned
    to; pilots stay pinned. For a pilot `without` names it and its flag. Asked again with the same `revision_id` it is asked once.
    """
    new = revision_id or uuid4()
    added = await session.scalar(
        insert(revision)
        .values(
            tenant=tenant_of(session),
            id=new,
            kind=kind,
            name=name,
            rules_of={process: list(rules) for process, rules in (rules_of or {}).items()},
            without=dict(without or {}),
            child_id=child_id,
            why=why,
            asked_by=asked_by,
            moment=moment,
        )
        .on_conflict_do_nothing()
        .returning(revision.c.id)
    )
    if added is not None:
        found = await read(session, new)
        assert found is not None  # noqa: S101 - it was written a moment ago
        await enlist(session, found)
        await session.execute(select(func.pg_notify(CHANNEL, tenant_of(session))))
    return new


async def enlist(session: AsyncSession, one: Revision) -> int:
    """Write down the open cases that a revision means and that are not written down yet; how many there were."""
    named = select(case_file.c.tenant, literal(one.id).label("revision_id"), case_file.c.id).where(
        case_file.c.closed_on.is_(None), _meant(one)
    )
    rows = insert(revision_case).from_select(["tenant", "revision_id", "case_id"], named).on_conflict_do_nothing()
    return len((await session.execute(rows.returning(revision_case.c.case_id))).all())


def _meant(one: Revision) -> ColumnElement[bool]:
    """The cases opened until then that would be under other rules. JSON has no index under row security: the rows of one council are read."""
    rules = func.coalesce(case_file.c.state["rules"], text("'[]'::jsonb"), type_=JSONB)
    conditions: list[ColumnElement[bool]] = []
    if one.without:
        conditions.append(or_(*(rules.contains([f"{PILOT}{name}"]) for name in one.without)))
    if one.rules_of:
        own = func.jsonb_path_query_array(rules, text("'$[*] ? (!(@ starts with \"pilot:\"))'::jsonpath"), type_=JSONB)
        conditions.append(
            or_(*(and_(case_file.c.process == process, own != literal(list(wanted), JSONB)) for process, wanted in one.rules_of.items()))
        )
    # what opened later was pinned to the rules as they were by then; an opening is written down with the council's own time
    before = (
        select(journal.c.seq)
        .where(
            journal.c.tenant == case_file.c.tenant,
            journal.c.case_id == case_file.c.id,
            journal.c.seq == 1,
            journal.c.recorded_at <= one.moment,
        )
        .exists()
    )
    return and_(before, or_(*conditions), case_file.c.child_id == one.child_id if one.child_id else true())


async def read(session: AsyncSession, revision_id: UUID) -> Revision | None:
    """One revision."""
    row = (await session.execute(select(*_COLUMNS).where(revision.c.id == revision_id))).one_or_none()
    return Revision(**row._mapping) if row else None


async def find_key(session: AsyncSession, key: str) -> Revision | None:
    """The revision whose event in a journal has this key."""
    kind, _, digits = key.partition(":")
    try:
        return await read(session, UUID(hex=digits)) if kind == "revision" else None
    except ValueError:
        return None


async def latest(session: AsyncSession, limit: int = 50, after: tuple[datetime, UUID] | None = None) -> list[Revision]:
    """Revisions, the latest first."""
    query = select(*_COLUMNS).order_by(revision.c.asked_at.desc(), revision.c.id.desc()).limit(limit)
    if after is not None:
        at, key = after
        query = query.where(or_(revision.c.asked_at < at, and_(revision.c.asked_at == at, revision.c.id < key)))
    return [Revision(**row._mapping) for row in await session.execute(query)]


async def last_kills(session: AsyncSession) -> dict[str, Revision]:
    """The last time that each pilot was switched off for every case, by its name."""
    query = select(*_COLUMNS).ext(distinct_on(revision.c.name)).where(revision.c.kind == "kill")
    rows = await session.execute(query.order_by(revision.c.name, revision.c.asked_at.desc()))
    return {row.name: Revision(**row._mapping) for row in rows}


async def progress(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Progress]:
    """How far revisions have come, in one statement."""
    query = (
        select(revision_case.c.revision_id, revision_case.c.status, func.count().label("many"))
        .where(revision_case.c.revision_id.in_(ids))
        .group_by(revision_case.c.revision_id, revision_case.c.status)
    )
    found: dict[UUID, dict[str, int]] = {one: {} for one in ids}
    for row in await session.execute(query):
        found[row.revision_id][row.status] = row.many
    return {one: Progress(**counts) for one, counts in found.items()}


async def stayed(session: AsyncSession, revision_id: UUID, limit: int = 50, after: UUID | None = None) -> list[Stayed]:
    """The cases that stay under their rules, with the reason."""
    query = (
        select(revision_case.c.case_id, case_file.c.reference, revision_case.c.reason)
        .join_from(revision_case, case_file, and_(case_file.c.tenant == revision_case.c.tenant, case_file.c.id == revision_case.c.case_id))
        .where(revision_case.c.revision_id == revision_id, revision_case.c.status == "stayed")
        .order_by(revision_case.c.case_id)
        .limit(limit)
    )
    if after is not None:
        query = query.where(revision_case.c.case_id > after)
    return [Stayed(**row._mapping) for row in await session.execute(query)]


# -- for the worker --------------------------------------------------------------------------------------------------------


async def claim(session: AsyncSession) -> Revision | None:
    """Take the revision that is longest due, for the length of a lease: others pass over it. One that was left half done is due again."""
    due = (
        select(revision.c.tenant, revision.c.id)
        .where(revision.c.status != "done", revision.c.not_before <= func.clock_timestamp())
        .order_by(revision.c.not_before, revision.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .subquery()
    )
    row = (
        await session.execute(
            update(revision)
            .where(revision.c.tenant == due.c.tenant, revision.c.id == due.c.id)
            .values(not_before=func.clock_timestamp() + LEASE)
            .returning(*_COLUMNS)
        )
    ).one_or_none()
    return Revision(**row._mapping) if row else None


async def batch(session: AsyncSession, revision_id: UUID, limit: int) -> list[UUID]:
    """Cases that wait, the least tried first; the lease is renewed."""
    await session.execute(
        update(revision).where(revision.c.id == revision_id).values(not_before=func.clock_timestamp() + LEASE, status="running")
    )
    rows = await session.execute(
        select(revision_case.c.case_id)
        .where(revision_case.c.revision_id == revision_id, revision_case.c.status == "waiting")
        .order_by(revision_case.c.attempts, revision_case.c.case_id)
        .limit(limit)
    )
    return [row.case_id for row in rows]


async def settle(session: AsyncSession, revision_id: UUID, case_id: UUID, status: str, reason: str = "") -> None:
    """What became of a case: moved, stayed or ended."""
    await session.execute(_row(revision_id, case_id).values(status=status, reason=reason))


async def put_off(session: AsyncSession, revision_id: UUID, case_id: UUID, reason: str, *, counts: bool = True) -> None:
    """It could not be moved this time; after the last attempt that counts it stays. The reason is a code."""
    tried = revision_case.c.attempts + int(counts)
    status = case((tried >= MOST_TRIES, "stayed"), else_="waiting")
    await session.execute(_row(revision_id, case_id).values(attempts=tried, reason=reason, status=status))


async def rest(session: AsyncSession, one: Revision, now: datetime) -> str:
    """No case waits: look again for cases that were on their way when it was asked, or be done with it. The status then."""
    on_the_way = await session.scalar(
        select(func.count()).select_from(inbox).where(inbox.c.status == "received", inbox.c.received_at <= one.moment)
    )
    more = await enlist(session, one)
    done = not more and not on_the_way and now >= one.asked_at + WATCH
    values: dict[str, Any] = (
        {"status": "done", "finished_at": func.clock_timestamp()} if done else {"status": "running" if more else "watching"}
    )
    wait = timedelta() if more else LOOK_AGAIN
    await session.execute(update(revision).where(revision.c.id == one.id).values(not_before=func.clock_timestamp() + wait, **values))
    return str(values["status"])


async def wait(session: AsyncSession, revision_id: UUID, seconds: float) -> None:
    """Let it rest: the engine is away."""
    pause = timedelta(seconds=seconds)
    await session.execute(update(revision).where(revision.c.id == revision_id).values(not_before=func.clock_timestamp() + pause))


def _row(revision_id: UUID, case_id: UUID) -> Any:
    return update(revision_case).where(
        revision_case.c.revision_id == revision_id, revision_case.c.case_id == case_id, revision_case.c.status == "waiting"
    )


_COLUMNS = [revision.c[name] for name in Revision.__slots__]
