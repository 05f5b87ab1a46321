"""The life of an authority itself: opened, suspended, resumed, closed. Each change is one transaction with its row of history.

Only the owner's role may write here. Whoever is closed stays: its journal is the legal record, and its name and slug are not used again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from store import people
from store.session import tenant_of
from store.tables import case_file, inbox, outbox, tenant
from store.tables_lifecycle import tenant_event

ACTIVE: Final = "active"
SUSPENDED: Final = "suspended"
CLOSED: Final = "closed"


class Standing(Exception):  # noqa: N818 - it says what stands in the way
    """An authority cannot become that now: what is in the way, why it matters, what to do."""

    def __init__(self, what: str, why: str, do: str) -> None:
        super().__init__(what, why, do)
        self.what, self.why, self.do = what, why, do


@dataclass(frozen=True, slots=True)
class Happened:
    """One row of an authority's history. `by` and `why` are written by whoever looks after the service, and name no child."""

    n: int
    kind: str
    by: str
    at: datetime
    why: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What an authority still has to do."""

    cases: int
    requests: int
    posts: int

    def __bool__(self) -> bool:
        return bool(self.cases or self.requests or self.posts)

    def __str__(self) -> str:
        return f"{self.cases} open cases, {self.requests} requests without a case yet, {self.posts} letters and messages that wait"


async def history(session: AsyncSession) -> list[Happened]:
    """What happened to the authority, the first first."""
    columns = (tenant_event.c[name] for name in Happened.__slots__)
    return [Happened(**row._mapping) for row in await session.execute(select(*columns).order_by(tenant_event.c.n))]


async def last(session: AsyncSession, kind: str) -> Happened | None:
    """The latest event of a kind."""
    columns = (tenant_event.c[name] for name in Happened.__slots__)
    query = select(*columns).where(tenant_event.c.kind == kind).order_by(tenant_event.c.n.desc()).limit(1)
    row = (await session.execute(query)).one_or_none()
    return None if row is None else Happened(**row._mapping)


async def note(session: AsyncSession, kind: str, by: str, why: str, **detail: Any) -> int:
    """Add a row to the history; its number. The row of the authority is held, so that two cannot take one number."""
    await _held(session)
    n = int(await session.scalar(select(func.coalesce(func.max(tenant_event.c.n), 0) + 1)) or 1)
    await session.execute(insert(tenant_event).values(tenant=tenant_of(session), n=n, kind=kind, by=by, why=why, detail=detail))
    return n


async def create(session: AsyncSession, new: people.Tenant, by: str, why: str) -> bool:
    """Make an authority known; no, and nothing is changed, where its slug is known already."""
    if await people.read_tenant(session) is not None:
        return False
    await people.add_tenant(session, new)
    await note(session, "created", by, why)
    return True


async def suspend(session: AsyncSession, by: str, why: str) -> bool:
    """Let nobody act there but those who look after the service; its clocks go on. No where it is suspended already. Raises Standing."""
    now = await _held(session)
    if now.status == SUSPENDED:
        return False
    _not_closed(now)
    await session.execute(update(tenant).values(status=SUSPENDED))
    await note(session, "suspended", by, why)
    return True


async def resume(session: AsyncSession, by: str, why: str) -> bool:
    """Let it act again. No where it is active already. Raises Standing."""
    now = await _held(session)
    if now.status == ACTIVE:
        return False
    _not_closed(now)
    if now.successors:
        raise Standing(
            f"{now.tenant} is being handed over to {', '.join(now.successors)}.",
            "A case that goes on there must not be acted on here as well.",
            "finish the split or the merge: give its plan again.",
        )
    await session.execute(update(tenant).values(status=ACTIVE))
    await note(session, "resumed", by, why)
    return True


async def hand_over(session: AsyncSession, by: str, why: str, successors: Collection[str], plan: str) -> bool:
    """Begin to hand a suspended authority over: from now on nothing is relayed and nothing is opened there. No where that is so already.

    Raises:
        Standing: it is not suspended, it is being handed over to others, or requests without a case wait.
    """
    now = await _held(session)
    after = sorted(successors)
    if now.status == SUSPENDED and now.successors == after:
        return False
    if now.status != SUSPENDED or now.successors:
        what = f"{now.tenant} is {now.status}{f', and being handed over to {chr(44).join(now.successors)}' if now.successors else ''}."
        raise Standing(what, "Nobody may act while cases are handed over.", "see `waymark tenant show`.")
    left = await unfinished(session)
    if left.requests:
        what = f"{now.tenant} has received {left.requests} requests whose cases are not open yet."
        raise Standing(what, "They count from the day on which they were received.", "let the relay open them, and begin again.")
    await session.execute(update(tenant).values(successors=after))
    await note(session, "handing_over", by, why, to=after, plan=plan)
    return True


async def close(session: AsyncSession, by: str, why: str, on: date, successors: Collection[str] = ()) -> bool:
    """End it for good. No where it is closed already. Everything stays, for auditors to read.

    Raises:
        Standing: something is left to do there: a duty does not end with an office.
    """
    now = await _held(session)
    if now.status == CLOSED:
        return False
    left = await unfinished(session)
    if left:
        raise Standing(
            f"{now.tenant} cannot be closed: it has {left}.",
            "A duty to a child does not end because an office does.",
            "hand the cases over (`waymark tenant split` or `merge`), or bring them to their end; let the relay finish.",
        )
    after = sorted({*now.successors, *successors})
    await session.execute(update(tenant).values(status=CLOSED, closed_on=on, successors=after))
    await note(session, "closed", by, why, on=on.isoformat(), successors=after)
    return True


async def unfinished(session: AsyncSession) -> Unfinished:
    """What there is still to do."""
    counts = [
        await session.scalar(select(func.count()).select_from(table).where(condition)) or 0
        for table, condition in (
            (case_file, case_file.c.closed_on.is_(None)),
            (inbox, inbox.c.status == "received"),
            (outbox, outbox.c.status == "waiting"),
        )
    ]
    return Unfinished(*counts)


def relayed() -> ColumnElement[bool]:
    """Whether what waits here is worked through: a suspended authority's is, one's that is handed over or closed is not."""
    return select(tenant.c.tenant).where(tenant.c.status != CLOSED, tenant.c.successors == []).exists()


async def _held(session: AsyncSession) -> people.Tenant:
    """The authority, held until the transaction ends. Raises LookupError where there is none."""
    row = (await session.execute(select(tenant).with_for_update())).one_or_none()
    if row is None:
        raise LookupError(tenant_of(session))
    return people.Tenant(**row._mapping)


def _not_closed(now: people.Tenant) -> None:
    if now.status == CLOSED:
        after = f"; after it came {', '.join(now.successors)}" if now.successors else ""
        raise Standing(
            f"{now.tenant} was closed on {now.closed_on:%-d %B %Y}{after}.",
            "What is closed stays closed: its slug and its name are not used again.",
            "give the authority that came after it, or create another.",
        )
