"""The way to the database: a session belongs to one tenant, is one transaction, and cannot be had without a tenant."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg
import orjson
from sqlalchemy import event, select, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, SessionTransaction

from store.tables import tenant_slug

log = logging.getLogger("waymark.store")

_SET_TENANT = "select set_config('app.tenant', $1, true), set_config('app.person', $2, true)"
_LISTEN_AGAIN_AFTER = 1.0


class NoTenant(RuntimeError):  # noqa: N818
    """A session was asked for without saying whose."""

    def __init__(self) -> None:
        super().__init__("a database session was opened without a tenant")


class UnsafeDatabase(RuntimeError):  # noqa: N818
    """The database would break a promise that Waymark makes: what, why it matters, what to do."""

    def __init__(self, what: str, why: str, do: str) -> None:
        super().__init__(what, why, do)
        self.what = what
        self.why = why
        self.do = do

    def __str__(self) -> str:
        return f"{self.what} {self.why} What to do: {self.do}"


class _TenantSession(Session):
    """A session whose every transaction begins by naming the tenant."""


@event.listens_for(_TenantSession, "after_begin")
def _name_the_tenant(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    tenant = session.info.get("tenant")
    if not tenant:
        raise NoTenant
    connection.exec_driver_sql(_SET_TENANT, (tenant, session.info.get("person", "")))


def tenant_of(session: AsyncSession) -> str:
    """The tenant whose session this is."""
    return str(session.info["tenant"])


def driver_url(url: str) -> URL:
    """The same address, spoken to through asyncpg."""
    return make_url(url).set(drivername="postgresql+asyncpg")


class Database:
    """One pool of connections of the serving role, and the only way to a session."""

    def __init__(self, url: str, pool_size: int = 8, *, wait_seconds: float = 6.0) -> None:
        self._url = driver_url(url)
        self._engine = create_async_engine(
            self._url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=wait_seconds,
            hide_parameters=True,  # parameters are names and free text; an exception ends in a log
            json_serializer=lambda value: orjson.dumps(value).decode(),
            json_deserializer=orjson.loads,
            connect_args={"timeout": wait_seconds, "server_settings": {"application_name": "waymark", "jit": "off"}},
        )
        self._sessions = async_sessionmaker(self._engine, sync_session_class=_TenantSession, expire_on_commit=False)

    @asynccontextmanager
    async def tenant(self, tenant: str, person: str = "", *, snapshot: bool = False) -> AsyncIterator[AsyncSession]:
        """One transaction of one tenant: committed when the block ends well, rolled back when it does not.

        With `snapshot` all its statements see the database as it was at the first of them.
        """
        if not tenant:
            raise NoTenant
        session = await self._begin(tenant, person, {"isolation_level": "REPEATABLE READ"} if snapshot else {})
        async with session:
            yield session
            await session.commit()

    async def _begin(self, tenant: str, person: str, options: dict[str, Any]) -> AsyncSession:
        """Begin, once more if the pooled connection was broken: nothing was asked of it yet, so nothing can happen twice."""
        again = True
        while True:
            session = self._sessions(info={"tenant": tenant, "person": person})
            try:
                await session.connection(execution_options=options)
            except DBAPIError as fault:
                await session.close()
                if not (again and fault.connection_invalidated):
                    raise
                again = False
            except BaseException:
                await session.close()
                raise
            else:
                return session

    async def slugs(self) -> list[str]:
        """Every tenant there is, for the relays that go through all of them."""
        async with self._engine.connect() as connection:
            return list((await connection.scalars(select(tenant_slug.c.tenant).order_by(tenant_slug.c.tenant))).all())

    async def check(self, *, allow_unsafe: bool = False) -> None:
        """Refuse a database that could lose what it acknowledged, or a role that row security does not bind.

        `allow_unsafe` excuses only durability, for tests and demonstrations; the role is never excused.
        """
        async with self._engine.connect() as connection:
            found = (await connection.execute(_CHECK)).one()
        if not allow_unsafe:
            _check_durability(found)
        _check_role(found)
        if not found.migrated:
            raise UnsafeDatabase(
                "The database has no Waymark tables.",
                "Nothing could be recorded.",
                "run `waymark db migrate` with the owner's address.",
            )

    def listen(self, channel: str, callback: Callable[[str], None]) -> AbstractAsyncContextManager[None]:
        """Call back with each notification of one channel (`listen_to`)."""
        return self.listen_to({channel: callback})

    @asynccontextmanager
    async def listen_to(self, callbacks: Mapping[str, Callable[[str], None]]) -> AsyncIterator[None]:
        """Call back with each notification, by channel, from one connection; '' means "some may have been missed, look again".

        A database that cannot be reached is tried again for as long as the block lasts: it may be starting, as we are.
        """
        tried = asyncio.Event()
        listener = asyncio.create_task(self._listen(callbacks, tried), name=f"listen {' '.join(callbacks)}")
        try:
            await tried.wait()
            yield
        finally:
            listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await listener

    async def _listen(self, callbacks: Mapping[str, Callable[[str], None]], tried: asyncio.Event) -> None:
        dsn = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        channels = " ".join(callbacks)

        def heard(connection: Any, pid: int, name: str, payload: object) -> None:
            callbacks[name](str(payload))

        while True:
            gone = asyncio.Event()
            try:
                connection = await asyncpg.connect(dsn, server_settings={"application_name": "waymark listener"})
                try:
                    connection.add_termination_listener(lambda _, gone=gone: gone.set())
                    for channel in callbacks:
                        await connection.add_listener(channel, heard)
                    if tried.is_set():
                        for callback in callbacks.values():
                            callback("")
                    tried.set()
                    await gone.wait()
                finally:
                    connection.terminate()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("listener cannot connect", extra={"channel": channels, "error": type(error).__name__})
            else:
                log.warning("listener lost its connection", extra={"channel": channels})
            tried.set()
            await asyncio.sleep(_LISTEN_AGAIN_AFTER)

    async def close(self) -> None:
        """Close every connection of the pool."""
        await self._engine.dispose()


# Membership is asked too: a role that may become another one is as strong as that one.
_CHECK = text(
    """
    select current_setting('synchronous_commit') as synchronous_commit,
           current_setting('fsync') as fsync,
           current_setting('full_page_writes') as full_page_writes,
           exists (select from pg_roles
                    where (rolsuper or rolbypassrls) and pg_has_role(current_user, oid, 'MEMBER')) as above_rows,
           exists (select from pg_namespace
                    where nspname = 'waymark' and pg_has_role(current_user, nspowner, 'MEMBER'))
        or exists (select from pg_class
                    where relnamespace = to_regnamespace('waymark') and pg_has_role(current_user, relowner, 'MEMBER'))
        or exists (select from pg_proc
                    where pronamespace = to_regnamespace('waymark') and pg_has_role(current_user, proowner, 'MEMBER'))
           as owns,
           to_regclass('waymark.journal') is not null as migrated
    """
)


def _check_durability(found: Any) -> None:
    if found.synchronous_commit in ("off", "local"):
        raise UnsafeDatabase(
            f"The database has synchronous_commit = {found.synchronous_commit}.",
            "It would acknowledge steps and lose them when it is killed: a receipt given to a family must be true.",
            "set synchronous_commit to on, remote_write or remote_apply for this role and database.",
        )
    for name in ("fsync", "full_page_writes"):
        if getattr(found, name) != "on":
            raise UnsafeDatabase(
                f"The database has {name} = off.",
                "A power cut could destroy the journal, which is the legal record.",
                f"set {name} = on in the server's configuration and restart it.",
            )


def _check_role(found: Any) -> None:
    if found.above_rows:
        raise UnsafeDatabase(
            "The serving role is a superuser, may bypass row security, or may become a role that does.",
            "One authority's cases would be visible to another.",
            "connect as waymark_app and take SUPERUSER, BYPASSRLS and such memberships from it.",
        )
    if found.owns:
        raise UnsafeDatabase(
            "The serving role owns the schema, or something in it, or may become the role that does.",
            "An owner can switch row security and the journal's guard off.",
            "let waymark_owner own the schema (run migrations as that role) and serve as waymark_app.",
        )
