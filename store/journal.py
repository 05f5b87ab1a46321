"""The journal: the append-only legal record of every case, and the one function that adds to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, Uuid, and_, any_, bindparam, func, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from store import origins
from store.append import BEFORE, LOCK, OPEN, STEP
from store.chain import GENESIS, link
from store.origins import Origin
from store.references import new_reference
from store.session import Database, tenant_of
from store.tables import case_file, journal

_DRAWS = 5
_ROWS = select(journal)
Moment = tuple[date, datetime, UUID, int]  # where a page of a timeline ends: the day, when it was written, the case and the step


class JournalGap(Exception):  # noqa: N818
    """A step cannot be recorded because the step before it is not in the journal."""

    def __init__(self, case_id: UUID, seq: int) -> None:
        super().__init__(f"step {seq} of case {case_id} has no step before it in the journal")
        self.case_id = case_id
        self.seq = seq


@dataclass(frozen=True, slots=True)
class Record:
    """One step of one case, as it is recorded."""

    tenant: str
    case_id: UUID
    seq: int
    key: str
    fingerprint: bytes
    kind: str
    name: str
    item: str
    actor: str
    capacity: str
    on: date
    at: datetime
    event: dict[str, Any]
    process_digest: str
    calendar_digest: str
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Where a case stands after the step: what the lists and pages read."""

    process: str
    version: int
    process_digest: str
    stage: str
    opened_on: date
    closed_on: date | None
    next_due: date | None
    next_clock: str | None
    state: dict[str, Any]
    child_id: UUID
    reference: str = ""  # a proposal, used only when the case is opened; '' or one that is taken draws another
    opened_by: UUID | None = None
    parent_case: UUID | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """Something to be done because of the step, and done at least once: a row of the outbox."""

    n: int
    kind: str
    name: str
    item: str
    body: dict[str, Any]
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who has a part in the case from a day on."""

    kind: str
    item: str
    person_id: UUID | None
    setting_id: UUID | None
    since: date


async def record(
    session: AsyncSession, step: Record, head: Head, posts: Sequence[Post], parties: Sequence[Party] = ()
) -> list[Record] | None:
    """Append the step, with all that follows from it, if the journal stands just before it; None says it was appended.

    When the journal is already ahead, or knows the key, nothing is written and the rows that the caller has to adopt
    are returned in their order. A retry and twenty callers at once are therefore as good as one caller.
    """
    if step.tenant != tenant_of(session):
        raise ValueError("a step is recorded in its own tenant's session")
    if step.seq > 1:
        await session.execute(LOCK, {"tenant": step.tenant, "case_id": step.case_id})
    values = _values(step, head, posts, parties)
    for _ in range(_DRAWS):
        # read in a statement after the lock: the statement that waited for the lock would still see the time before
        now, prev, ahead = await _before(session, step)
        if ahead:
            return ahead
        if prev is None:
            break
        values |= {"written_at": now, "prev": prev, "hash": link(prev, legal_content(step, now))}
        if step.seq > 1:
            statement = STEP
        else:
            statement = OPEN
            values |= {"case_reference": values["case_reference"] or new_reference()}
        if (await session.execute(statement, values)).one_or_none() is not None:
            return None
        # Not appended: somebody opened this case a moment before, which the next look shows, or the reference was taken.
        values["case_reference"] = ""
    raise JournalGap(step.case_id, step.seq)


async def history(session: AsyncSession, case_id: UUID, after: int = 0, limit: int = 100) -> list[Record]:
    """The steps of a case after a given one, in their order."""
    found = await session.execute(_ROWS.where(journal.c.case_id == case_id, journal.c.seq > after).order_by(journal.c.seq).limit(limit))
    return [as_record(row) for row in found]


@dataclass(frozen=True, slots=True)
class Told:
    """A step with the case that it belongs to, where several cases are told as one."""

    record: Record
    reference: str
    process: str
    version: int
    written_at: datetime

    @property
    def place(self) -> Moment:
        """Where it stands in the timeline: what the next page comes after."""
        return (self.record.on, self.written_at, self.record.case_id, self.record.seq)


async def timeline(
    session: AsyncSession, child_id: UUID, where: ColumnElement[bool] | None = None, after: Moment | None = None, limit: int = 50
) -> list[Told]:
    """The steps of all the cases of a child on which a condition holds, by the day they happened."""
    return (await timelines(session, [child_id], where, after, limit)).get(child_id, [])


async def timelines(
    session: AsyncSession, children: Sequence[UUID], where: ColumnElement[bool] | None = None, after: Moment | None = None, limit: int = 50
) -> dict[UUID, list[Told]]:
    """The timelines of children, as long as the limit each: one statement.

    Steps of one day are in the order in which they were written, so that those of a case keep theirs.
    """
    order = (journal.c.on_date, journal.c.written_at, journal.c.case_id, journal.c.seq)
    rank = func.row_number().over(partition_by=case_file.c.child_id, order_by=order).label("rank")
    steps = (
        select(journal, case_file.c.reference, case_file.c.process, case_file.c.version, case_file.c.child_id, rank)
        .join_from(journal, case_file, and_(case_file.c.tenant == journal.c.tenant, case_file.c.id == journal.c.case_id))
        .where(case_file.c.child_id == any_(bindparam("children", list(children), ARRAY(Uuid))), true() if where is None else where)
    )
    if after is not None:
        steps = steps.where(tuple_(*order) > after)
    ranked = steps.subquery()
    found: dict[UUID, list[Told]] = {}
    for row in await session.execute(select(ranked).where(ranked.c.rank <= limit).order_by(ranked.c.child_id, ranked.c.rank)):
        found.setdefault(row.child_id, []).append(Told(as_record(row), row.reference, row.process, row.version, row.written_at))
    return found


async def find_key(session: AsyncSession, case_id: UUID, key: str) -> Record | None:
    """The step that was recorded for a caller's key, if there is one."""
    row = (await session.execute(_ROWS.where(journal.c.case_id == case_id, journal.c.key == key))).one_or_none()
    return None if row is None else as_record(row)


async def marked(session: AsyncSession, case_id: UUID, seq: int) -> tuple[Record, str]:
    """One step with its fingerprint in the chain: what another council's journal keeps of it."""
    row = (await session.execute(_ROWS.where(journal.c.case_id == case_id, journal.c.seq == seq))).one()
    return as_record(row), row.hash.hex()


def legal_content(step: Record, written_at: datetime) -> dict[str, Any]:
    """What the hash of a step covers: everything but the trace, which is about the software and not about the case."""
    return {
        "tenant": step.tenant,
        "case_id": str(step.case_id),
        "seq": step.seq,
        "key": step.key,
        "fingerprint": step.fingerprint.hex(),
        "kind": step.kind,
        "name": step.name,
        "item": step.item,
        "actor": step.actor,
        "capacity": step.capacity,
        "on": step.on.isoformat(),
        "at": _utc(step.at),
        "written_at": _utc(written_at),
        "event": step.event,
        "process_digest": step.process_digest,
        "calendar_digest": step.calendar_digest,
    }


def as_record(row: Row[Any]) -> Record:
    """A row of the journal as a step."""
    return Record(
        tenant=row.tenant,
        case_id=row.case_id,
        seq=row.seq,
        key=row.key,
        fingerprint=row.fingerprint,
        kind=row.kind,
        name=row.name,
        item=row.item,
        actor=row.actor,
        capacity=row.capacity,
        on=row.on_date,
        at=row.recorded_at,
        event=row.event,
        process_digest=row.process_digest,
        calendar_digest=row.calendar_digest,
        traceparent=row.traceparent,
    )


@dataclass(frozen=True, slots=True)
class Broken:
    """One place where the journal is not what was written."""

    case_id: UUID
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier saw. `root` covers the last hash of every case.

    A whole chain that was written anew, or cut together with its head, is seen only by comparing the root with one that
    was noted outside the database earlier.
    """

    rows: int
    cases: int
    broken: list[Broken]
    root: str
    heads: dict[UUID, tuple[int, bytes]] = field(default_factory=dict)  # case -> its last step and the hash of it

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not self.broken


async def verify(db: Database, tenant: str, case_id: UUID | None = None) -> Verdict:
    """Read the journal of a tenant, or of one case, and compute every link again."""
    # one snapshot for both questions, or a step recorded in between would look like a fault
    async with db.tenant(tenant, snapshot=True) as session:
        return await verify_within(session, case_id)


async def verify_within(session: AsyncSession, case_id: UUID | None = None) -> Verdict:
    """The same, by somebody who reads a snapshot."""
    rows = _ROWS.order_by(journal.c.case_id, journal.c.seq)
    heads = select(case_file.c.id, case_file.c.seq)
    if case_id is not None:
        rows, heads = rows.where(journal.c.case_id == case_id), heads.where(case_file.c.id == case_id)
    before_us = await origins.of_cases(session, case_id)
    count, broken, last = 0, list[Broken](), dict[UUID, tuple[int, bytes]]()
    async for row in await session.stream(rows, execution_options={"yield_per": 500}):
        count += 1
        before, prev = last.get(row.case_id, (0, GENESIS))
        broken.extend(Broken(row.case_id, row.seq, why) for why in _faults(row, before, prev, before_us.get(row.case_id, ())))
        last[row.case_id] = (row.seq, row.hash)
    standing = {row.id: row.seq for row in await session.execute(heads)}
    for case in sorted(standing.keys() | last.keys()):
        end = last.get(case, (0, GENESIS))[0]
        if standing.get(case) != end:
            broken.append(Broken(case, end, f"the case stands at step {standing.get(case)}, its journal ends at step {end}"))
    root = sha256()
    for case in sorted(last):
        root.update(case.bytes + last[case][0].to_bytes(4) + last[case][1])
    return Verdict(count, len(last), broken, root.hexdigest(), last)


def _faults(row: Row[Any], before: int, prev: bytes, came_from: Sequence[Origin] = ()) -> Iterator[str]:
    if row.seq != before + 1:
        yield f"steps {before + 1} to {row.seq - 1} are missing"
    if row.prev != prev:
        yield "it is not tied to the step before it: a step was removed, put in, moved or changed"
    try:
        # a step that was written at another authority bears that one's name
        written_at = next((one.from_tenant for one in came_from if row.seq <= one.until), row.tenant)
        written = link(row.prev, legal_content(replace(as_record(row), tenant=written_at), row.written_at))
    except TypeError:
        written = b""
    if row.hash != written:
        yield "its content is not what was written"
    for one in came_from:
        if one.until == row.seq and one.head != row.hash:
            yield f"it is not where the journal of {one.from_tenant} ended"


async def _before(session: AsyncSession, step: Record) -> tuple[datetime, bytes | None, list[Record]]:
    """The time, the hash to chain to (none when there is a gap), and the rows that the caller does not know."""
    rows = (await session.execute(BEFORE, {"tenant": step.tenant, "case_id": step.case_id, "seq": step.seq, "key": step.key})).all()
    prev = GENESIS if step.seq == 1 else None
    ahead = []
    for row in rows:
        if row.seq is None:
            continue
        if row.seq == step.seq - 1:
            prev = row.hash
        if row.seq >= step.seq or row.key == step.key:
            ahead.append(as_record(row))
    return rows[0].now, prev, ahead


def _values(step: Record, head: Head, posts: Sequence[Post], parties: Sequence[Party]) -> dict[str, Any]:
    return {
        "tenant": step.tenant,
        "case_id": step.case_id,
        "seq": step.seq,
        "key": step.key,
        "fingerprint": step.fingerprint,
        "kind": step.kind,
        "name": step.name,
        "item": step.item,
        "actor": step.actor,
        "capacity": step.capacity,
        "on_date": step.on,
        "recorded_at": step.at,
        "event": step.event,
        "process_digest": step.process_digest,
        "calendar_digest": step.calendar_digest,
        "traceparent": step.traceparent,
        "posts": [_fields(post) for post in posts],
        "parties": [_fields(party) for party in parties],
        "notice": f"{step.tenant} {step.case_id} {step.seq}",
        **{f"case_{name}": value for name, value in _fields(head).items()},
    }


def _fields(value: Head | Post | Party) -> dict[str, Any]:
    """Without the deep copy that `asdict` makes: a state is large."""
    return {name: getattr(value, name) for name in value.__slots__}


def _utc(at: datetime) -> str:
    if at.tzinfo is None:
        raise TypeError("an instant without a time zone cannot be journalled")
    return at.astimezone(UTC).isoformat(timespec="microseconds")
