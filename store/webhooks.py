"""Webhooks of a council: allowed hosts, registered addresses, and what each has still to be told. At least once, in any order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, delete, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from store.lifecycle import relayed
from store.session import tenant_of
from store.tables import case_file
from store.tables_webhooks import webhook, webhook_host, webhook_post

ACTIVE, DISABLED, ENDED = "active", "disabled", "ended"
MOST = 20  # that a council may have active at once
GIVES_UP_AFTER = timedelta(days=3)  # of nothing but failures
_LEASE = timedelta(seconds=60)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Host:
    """A host to which this council lets its webhooks go, in lower case and without a port."""

    host: str
    allowed_by: UUID
    why: str
    allowed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Webhook:
    """A registered address. Its secret signs what it is told."""

    id: UUID
    url: str
    host: str
    secret: bytes
    registered_by: UUID
    status: str = ACTIVE
    registered_at: datetime | None = None
    told_at: datetime | None = None
    failing_since: datetime | None = None
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Post:
    """One step to tell of: no name, no text."""

    webhook_id: UUID
    case_id: UUID
    seq: int
    kind: str
    attempts: int
    process: str
    url: str
    host: str
    secret: bytes


async def allow(session: AsyncSession, new: Host) -> bool:
    """Let webhooks go to a host; no where that is so already."""
    values = {"host": new.host, "allowed_by": new.allowed_by, "why": new.why}
    query = insert(webhook_host).values(tenant=tenant_of(session), **values).on_conflict_do_nothing().returning(webhook_host.c.host)
    return await session.scalar(query) is not None


async def hosts(session: AsyncSession) -> list[Host]:
    """The hosts that are allowed, by name."""
    rows = await session.execute(select(*(webhook_host.c[name] for name in Host.__slots__)).order_by(webhook_host.c.host))
    return [Host(**row._mapping) for row in rows]


async def register(session: AsyncSession, new: Webhook) -> Webhook:
    """Register an address; the one under the same id where there is one."""
    values = {name: getattr(new, name) for name in ("id", "url", "host", "secret", "registered_by")}
    await session.execute(insert(webhook).values(tenant=tenant_of(session), **values).on_conflict_do_nothing())
    return await read(session, new.id) or new


async def read(session: AsyncSession, key: UUID) -> Webhook | None:
    """One webhook."""
    row = (await session.execute(select(*(webhook.c[name] for name in Webhook.__slots__)).where(webhook.c.id == key))).one_or_none()
    return None if row is None else Webhook(**row._mapping)


async def listed(session: AsyncSession) -> list[Webhook]:
    """Every webhook that there was, the first first."""
    query = select(*(webhook.c[name] for name in Webhook.__slots__)).order_by(webhook.c.registered_at, webhook.c.id)
    return [Webhook(**row._mapping) for row in await session.execute(query)]


async def end(session: AsyncSession, key: UUID, status: str = ENDED, why: str | None = None) -> bool:
    """Tell it nothing any more, and forget what it was still to be told. No where that is so already."""
    query = update(webhook).where(webhook.c.id == key, webhook.c.status == ACTIVE).values(status=status, last_error=why)
    if await session.scalar(query.returning(webhook.c.id)) is None:
        return False
    await session.execute(delete(webhook_post).where(webhook_post.c.webhook_id == key))
    return True


async def claim(session: AsyncSession, limit: int = 20) -> Sequence[Post]:
    """Take what is due, the longest due first. Others pass over it for a minute, then it is due again."""
    place = tuple_(webhook_post.c.webhook_id, webhook_post.c.case_id, webhook_post.c.seq)
    due = (
        select(webhook_post.c.webhook_id, webhook_post.c.case_id, webhook_post.c.seq)
        .where(webhook_post.c.not_before <= func.clock_timestamp(), relayed())
        .order_by(webhook_post.c.not_before)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    query = (
        update(webhook_post)
        .where(
            place.in_(due), webhook.c.tenant == webhook_post.c.tenant, webhook.c.id == webhook_post.c.webhook_id,
            case_file.c.tenant == webhook_post.c.tenant, case_file.c.id == webhook_post.c.case_id,
        )
        .values(attempts=webhook_post.c.attempts + 1, not_before=func.clock_timestamp() + _LEASE)
        .returning(
            *(webhook_post.c[name] for name in ("webhook_id", "case_id", "seq", "kind", "attempts")),
            case_file.c.process, webhook.c.url, webhook.c.host, webhook.c.secret,
        )
    )  # fmt: skip
    rows = await session.execute(query)
    return sorted((Post(**row._mapping) for row in rows), key=lambda post: (post.case_id, post.seq))


async def told(session: AsyncSession, post: Post) -> None:
    """It was told."""
    await session.execute(delete(webhook_post).where(_is(post)))
    values = {"told_at": func.clock_timestamp(), "failing_since": None, "last_error": None}
    await session.execute(update(webhook).where(webhook.c.id == post.webhook_id).values(**values))


async def failed(session: AsyncSession, post: Post, error: str) -> bool:
    """It could not be told: the next attempt waits twice as long as the last. Whether the webhook was disabled, after days of nothing else."""
    wait = min(timedelta(seconds=5 * 2 ** min(post.attempts, 12)), _LONGEST_WAIT)
    await session.execute(update(webhook_post).where(_is(post)).values(not_before=func.clock_timestamp() + wait))
    since = await session.scalar(
        update(webhook)
        .where(webhook.c.id == post.webhook_id)
        .values(failing_since=func.coalesce(webhook.c.failing_since, func.clock_timestamp()), last_error=error)
        .returning(func.clock_timestamp() - webhook.c.failing_since)
    )
    return since is not None and since > GIVES_UP_AFTER and await end(session, post.webhook_id, DISABLED, error)


def _is(post: Post):  # type: ignore[no-untyped-def]
    return and_(webhook_post.c.webhook_id == post.webhook_id, webhook_post.c.case_id == post.case_id, webhook_post.c.seq == post.seq)
