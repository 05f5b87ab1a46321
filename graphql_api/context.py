"""What one request stands on: who asks, what time it is in their authority, and one transaction to read in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

import strawberry
from graphql import GraphQLError
from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.routing import BaseRoute

from graphql_api.identity import Caller, Verifier
from graphql_api.loaders import Loaders
from policies import enforcer
from policies.actions import Act, Actor, Object, Role
from policies.relations import IN_TENANT, Facts
from statute.days import civil
from store import lifecycle, people
from store.access import Revoked
from store.news import News
from store.session import Database
from workflows.aside import Aside
from workflows.engine import Engine


@dataclass(frozen=True, slots=True)
class Readiness:
    """What /readyz says. Ready means that requests are received and answered, so Temporal being away does not make it unready."""

    ready: bool
    conditions: dict[str, str] = field(default_factory=dict)


async def _ready() -> Readiness:
    return Readiness(True)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Deps:
    """What the face needs from the one who puts everything together."""

    database: Database
    engine: Engine
    verifier: Verifier
    extra_routes: Sequence[BaseRoute] = ()
    now: Callable[[], datetime] = _utc_now
    allow_introspection: bool = False
    only_trusted: bool = False  # whether only the documents of our own clients are answered
    compiled: bool = True  # whether documents are executed in compiled code; off, graphql-core does everything
    ready: Callable[[], Awaitable[Readiness]] = _ready
    aside: Aside = field(default_factory=Aside)  # for what takes seconds; its process begins with the first such work
    allowed_origins: Sequence[str] = ()  # of pages elsewhere that may ask, for example https://pages.example; ours always may
    webhooks_anywhere: bool = False  # for training and tests: an address may be http and on this machine
    news: News = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "news", News(self.database))


@dataclass(frozen=True, slots=True)
class Standing:
    """Who asks, in which authority, and what time it is there: a training authority has a clock of its own."""

    actor: Actor
    person: people.Person
    tenant: people.Tenant
    now: datetime
    today: date

    @property
    def in_service(self) -> bool:
        """Whether anything may be done there now: no act is offered that would only be denied."""
        return self.tenant.status == lifecycle.ACTIVE or of_the_service(self.actor.roles)

    def may(self, obj: Object, act: Act) -> enforcer.Decision:
        """Whether the person may do what is judged on no row."""
        return enforcer.decide(self.actor, obj, act, IN_TENANT)

    def where(self, obj: Object, act: Act) -> ColumnElement[bool]:
        """The rows on which the person may do this today."""
        return enforcer.where(self.actor, obj, act, self.today)


@dataclass(frozen=True, slots=True)
class Reading:
    """A session within its transaction, and who reads."""

    session: AsyncSession
    standing: Standing


class Context:
    """One request. Its transaction begins with the first read and is left before anything is asked of the engine.

    `kept` holds the transaction until then, so that one answer shows one moment; without it each read has its own, for streams.
    """

    def __init__(
        self, deps: Deps, caller: Caller | None, *, kept: bool = True, again: Callable[[], Awaitable[Caller]] | None = None
    ) -> None:
        self.deps = deps
        self.caller = caller
        self.again = again  # checks the caller's token once more: for streams, which may outlive it
        self.connection_params: dict[str, Any] = {}  # the first message of a WebSocket
        self.outcome = ""  # what the operation came to, for the metrics
        self.case_id = ""  # the case that it was about, for the trace
        self._kept = kept
        self._lock = asyncio.Lock()
        self._over = False
        self._stack = AsyncExitStack()
        self._reading: Reading | None = None
        self._today: date | None = None
        self._facts: dict[UUID, Facts | None] = {}

    def anew(self, caller: Caller | None = None) -> Context:
        """A context for one event of a stream: nothing that an earlier event saw is kept."""
        return Context(self.deps, caller or self.caller, kept=False, again=self.again)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Reading]:
        """The transaction, for one statement after another: a session cannot do two things at once."""
        async with self._lock:
            if self._over:
                raise asyncio.CancelledError("the request is over")  # a loader was still under way when an error ended the answer
            if self._reading is None:
                self._reading = await self._begin()
            try:
                yield self._reading
            except asyncio.CancelledError as gone:
                await self._break_off(self._reading.session, gone)
                raise
            finally:
                if not self._kept:
                    await self._end()

    async def close(self) -> None:
        """The request is over: a transaction that began now would be ended by nobody."""
        self._over = self._kept  # without that, each reading ends its own, and a WebSocket has one context for many operations
        await self.leave()

    async def leave(self) -> None:
        """End the transaction and forget what it showed; the next read begins another."""
        async with self._lock:
            await self._end()
            self._facts.clear()
            self.__dict__.pop("loaders", None)

    @property
    def today(self) -> date | None:
        """The civil date of the caller's authority, once a reading began."""
        return self._today

    async def facts_of(self, case_id: UUID) -> Facts | None:
        """How the person stands to a case; asked once a request."""
        async with self.read() as reading:
            return await self.facts_within(reading, case_id)

    async def facts_within(self, reading: Reading, case_id: UUID) -> Facts | None:
        """The same, by somebody who is reading."""
        if case_id not in self._facts:
            self._facts[case_id] = await enforcer.facts_of(reading.session, reading.standing.actor, case_id, reading.standing.today)
        return self._facts[case_id]

    async def facts_of_many(self, reading: Reading, case_ids: Iterable[UUID]) -> dict[UUID, Facts]:
        """The same for many cases: one statement for those that were not asked about before. A case that may not be seen is left out."""
        wanted = set(case_ids)
        if unknown := wanted - self._facts.keys():
            found = await enforcer.facts_of_cases(reading.session, reading.standing.actor, unknown, reading.standing.today)
            self._facts |= {key: found.get(key) for key in unknown}
        return {key: facts for key in wanted if (facts := self._facts[key]) is not None}

    @cached_property
    def loaders(self) -> Loaders:
        """What is fetched for many objects in one statement."""
        return Loaders(self.read)

    async def _begin(self) -> Reading:
        if self.caller is None:
            raise not_signed_in("Send a token: Authorization: Bearer ...")
        caller = self.caller
        session = await self._stack.enter_async_context(self.deps.database.tenant(caller.tenant))
        try:
            try:
                found = await people.find_caller(session, caller.subject, caller.token_id, caller.issued_at)
            except Revoked:
                raise not_signed_in("This sign-in was ended. Sign in again.") from None
            if found is None:
                # Alike for an authority that is not here and for a person whom it does not know.
                raise not_signed_in("You are not known in this local authority.")
            tenant, person = found
            if tenant.status == lifecycle.CLOSED and not of_the_service(caller.roles):
                raise not_signed_in(_closed(tenant))
            now = self.deps.now() + timedelta(seconds=tenant.clock_offset_seconds)
            self._today = civil(now)
            actor = Actor(person.id, caller.tenant, caller.roles)
            return Reading(session, Standing(actor, person, tenant, now, self._today))
        except BaseException as fault:
            await self._break_off(session, fault)
            raise

    async def _break_off(self, session: AsyncSession, fault: BaseException) -> None:
        """Leave the transaction without committing. An error elsewhere in the document may have ended us in the middle of a statement."""
        self._reading = None
        if isinstance(fault, asyncio.CancelledError):
            await session.invalidate()  # the connection still waits for that statement, and is fit for no other
        await self._stack.__aexit__(type(fault), fault, fault.__traceback__)

    async def _end(self) -> None:
        self._reading = None
        await self._stack.aclose()


def context_of(info: strawberry.Info[Any, Any]) -> Context:
    """The request's context."""
    context: Context = info.context
    return context


def of_the_service(roles: Collection[str]) -> bool:
    """Whether somebody looks after the service or over it, or over its pilots: they see a council that is suspended or closed as before."""
    return bool({Role.OPS, Role.AUDITOR, Role.NATIONAL_PILOT_AUTHORITY} & set(roles))


def _closed(tenant: people.Tenant) -> str:
    after = f" Its duties are now those of {', '.join(tenant.successors)}: sign in there." if tenant.successors else ""
    return f"{tenant.name} was closed on {tenant.closed_on:%-d %B %Y}.{after}"


def not_signed_in(why: str) -> GraphQLError:
    """The token is good, but the person is nobody here."""
    return GraphQLError(why, extensions={"code": "UNAUTHENTICATED"})
