"""The relay: opens what was received, and does what recorded steps call for. At least once, idempotently, outside of history.

What a step calls for is written with the step (the outbox), so nothing is lost when a process dies; it runs here and not as Temporal
activities, because each of those would cost a human step five history events (docs/decisions/0005-outbox-outside-history.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from activities import changed
from activities.delivery import Delivery
from activities.following import Cause, Following, Held, cause_of
from activities.letters import Incomplete, Occasion, beyond_the_law, digest_of, render
from activities.record import state_of
from statute.days import civil
from statute.definition import Process
from statute.explain import written
from statute.types import Event, State, Value
from store import cases, configured, inbox, journal, outbox, overlays, people, pinning, relations
from store.session import Database
from workflows import library, ports
from workflows.engine import Engine, Refused, Unavailable

log = logging.getLogger("waymark.activities")
OFTEN = 1.0  # seconds between looks when nobody calls
EACH = 0.05  # seconds more between rounds for each tenant that there is
FOLLOWING = frozenset({"open", "tell", "announce", "send"})  # posts that act on another case


class Relay:
    """Works through the inbox and the outbox of every tenant."""

    def __init__(self, database: Database, engine: Engine, delivery: Delivery, now: Callable[[], datetime]) -> None:
        self._database, self._engine, self._delivery, self._now = database, engine, delivery, now
        self._following = Following(database, engine)
        self._called = asyncio.Event()
        self._moved: set[str] = set()  # whose journals moved since the last look; '' where some may have been missed

    async def run(self) -> None:
        """Go on for ever; cancel to stop. Nothing that fails here ends it.

        A tenant whose journal moved is served at once, all of them in rounds: with a hundred and fifty a round takes long enough that
        it is made seldom.
        """
        async with self._database.listen("waymark_case", self._hear):
            again = 0.0
            while True:
                self._called.clear()
                moved, self._moved = self._moved, set()
                now = asyncio.get_running_loop().time()
                try:
                    if now >= again or "" in moved:
                        slugs = await self._database.slugs()
                        again = now + max(OFTEN, EACH * len(slugs))
                    else:
                        slugs = sorted(moved)
                    await self.once(slugs)
                except (OSError, SQLAlchemyError) as error:
                    log.warning("the relay cannot reach the database", extra={"error": type(error).__name__})
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._called.wait(), OFTEN)

    def _hear(self, payload: str) -> None:
        self._moved.add(payload.partition(" ")[0])
        self._called.set()

    async def once(self, slugs: list[str] | None = None) -> int:
        """One round over these tenants, or all; how much was done."""
        tenants = await self._database.slugs() if slugs is None else slugs
        return sum([await self._received(tenant) + await self._posted(tenant) for tenant in tenants])

    # -- what was received and has no case yet ---------------------------------------------------------------------------

    async def _received(self, tenant: str) -> int:
        async with self._database.tenant(tenant) as session:
            waiting = await inbox.waiting(session)
            authority = await people.read_tenant(session) if waiting else None
        for row in waiting:
            given = await self._opening(tenant, row, authority.clock_offset_seconds if authority else 0)
            error, refused = "", False
            try:
                await self._engine.open(given)
            except Unavailable:
                error = "Unavailable"
            except Refused:
                error, refused = "Refused", True
            async with self._database.tenant(tenant) as session:
                if error:
                    await inbox.mark_failed(session, row.receipt, error, refused=refused)
                else:
                    await inbox.mark_opened(session, row.receipt)
        return len(waiting)

    async def _opening(self, tenant: str, row: inbox.Received, offset_seconds: int) -> ports.CaseInput:
        given = opening(tenant, row, offset_seconds)
        rules = given.opening.event.rules if given.opening else ()
        if not rules:
            return given
        async with self._database.tenant(tenant) as session:
            return replace(given, overlays=await pinning.documents_of(session, rules))

    # -- what recorded steps call for --------------------------------------------------------------------------------------

    async def _posted(self, tenant: str) -> int:
        async with self._database.tenant(tenant) as session:
            claimed = await outbox.claim(session)
        for post in claimed:
            try:
                await self._do(tenant, post)
            except Held as held:
                async with self._database.tenant(tenant) as session:
                    await outbox.held(session, post, str(held))
            except Exception as error:  # the next attempt is scheduled; one bad post must not stop the others
                log.warning("a post failed", extra={"kind": post.kind, "post": post.key, "error": type(error).__name__})
                async with self._database.tenant(tenant) as session:
                    await outbox.failed(session, post, type(error).__name__)
            else:
                async with self._database.tenant(tenant) as session:
                    await outbox.done(session, post)
        return len(claimed)

    async def _do(self, tenant: str, post: outbox.Waiting) -> None:
        async with self._database.tenant(tenant) as session:
            case = await cases.read_case(session, post.case_id, with_child=True)
            authority = await people.read_tenant(session)
            if case is None or authority is None:
                raise Held("the case is not to be found")
            state = state_of(case.state)
            await library.ready(state.rules, partial(overlays.documents, session))
            process = library.of(state)
            if post.kind == "notice":
                letters = await self._letters(session, process, state, post, case, authority)
            elif post.kind == "rules":
                letters = await self._rules_changed(session, post, case, authority)
            else:
                letters = []
            managers = await relations.managers(session) if post.kind == relations.BROKEN else []
            cause = await cause_of(session, tenant, process, state, post, case) if post.kind in FOLLOWING else None
        if post.kind in ("notice", "rules"):
            await self._deliver(tenant, post, letters)
        elif post.kind in ("warning", "breach"):
            await self._remind(tenant, process, state, post, case)
        elif post.kind == relations.BROKEN:
            name = f"{post.case_id}-{post.seq}-{post.n}-{post.kind}"
            told = f"Case {case.reference} was opened by somebody of the council who has no part in it. See who and why in the report.\n"
            await self._delivery.reminder(tenant, name, told, tuple(one.email for one in managers if one.email))
        elif cause is not None:
            await self._follow(cause, authority.clock_offset_seconds)

    def _today(self, authority: people.Tenant) -> date:
        return civil(self._now() + timedelta(seconds=authority.clock_offset_seconds))

    async def _follow(self, cause: Cause, offset_seconds: int) -> None:
        if cause.post.kind == "open":
            await self._following.open(cause, offset_seconds)
        elif cause.post.kind == "tell":
            await self._following.tell(cause)
        elif cause.post.kind == "announce":
            await self._following.announce(cause)
        else:
            await self._following.send(cause, offset_seconds)

    async def _letters(
        self, session: AsyncSession, process: Process, state: State, post: outbox.Waiting, case: cases.CaseFile, authority: people.Tenant
    ) -> list[tuple[outbox.Letter, tuple[str, ...]]]:
        notice = process.acts.get(post.name)
        if notice is None:
            raise Held("it is a letter of rules from which the case was returned since")
        recorded = {name: await _text(session, case.id, state.facts[name], name) for name in notice.contains if name in state.facts}
        child = f"{case.given_name} {case.family_name}"
        head = await configured.letterhead(session)
        day, pilots = date.fromisoformat(post.body["on"]), beyond_the_law(library.pilots_of(state.rules))
        occasion = Occasion(authority.name, case.reference, child, day, authority.training, head, pilots)
        try:
            html = render(notice, occasion, recorded)
        except Incomplete as incomplete:
            raise Held(str(incomplete)) from None
        to_family = await people.family_of(session, case.child_id, occasion.day, self._today(authority))
        family = tuple(one.email for one in to_family if one.email)
        letters = []
        for role in notice.to:
            letter = outbox.Letter(case.id, post.seq, post.n, notice.name, role, html, digest_of(html))
            await outbox.add_letter(session, letter)
            letters.append((letter, family if role == "family" else ()))
        return letters

    async def _rules_changed(
        self, session: AsyncSession, post: outbox.Waiting, case: cases.CaseFile, authority: people.Tenant
    ) -> list[tuple[outbox.Letter, tuple[str, ...]]]:
        """The family is told: no law asks for this letter, so it is served by nobody and starts nothing."""
        child = f"{case.given_name} {case.family_name}"
        occasion = Occasion(authority.name, case.reference, child, date.fromisoformat(post.body["on"]), authority.training)
        html = changed.render(await changed.changed_by(session, case, post), occasion)
        letter = outbox.Letter(case.id, post.seq, post.n, changed.NOTICE, "family", html, digest_of(html))
        await outbox.add_letter(session, letter)
        family = await people.family_of(session, case.child_id, occasion.day, self._today(authority))
        return [(letter, tuple(one.email for one in family if one.email))]

    async def _deliver(self, tenant: str, post: outbox.Waiting, letters: list[tuple[outbox.Letter, tuple[str, ...]]]) -> None:
        for letter, addresses in letters:
            name = f"{post.case_id}-{post.seq}-{post.n}-{letter.notice}-{letter.recipient_role}"
            went_to = await self._delivery.letter(tenant, name, letter.html, addresses)
            async with self._database.tenant(tenant) as session:
                await outbox.deliver_letter(session, post.case_id, post.seq, post.n, letter.recipient_role, went_to)

    async def _remind(self, tenant: str, process: Process, state: State, post: outbox.Waiting, case: cases.CaseFile) -> None:
        deadline = process.deadlines.get(post.name)
        clock = state.clocks.get(f"{post.name}/{post.item}" if post.item else post.name)
        if deadline is None or clock is None:
            return  # a promise of rules from which the case was returned since: nobody is reminded of it
        due = written(clock.due) if clock.due else "as soon as practicable"
        cites = "; ".join(str(cite) for cite in deadline.cites)
        passed = "has passed" if post.kind == "breach" else "is near"
        text = f"Case {case.reference}: {deadline.say}. The date {passed}: {due}. {cites}\n"
        name = f"{post.case_id}-{post.seq}-{post.n}-{post.kind}"
        async with self._database.tenant(tenant) as session:
            told = await configured.told(session, state.process, post.name, post.kind)
        await self._delivery.reminder(tenant, name, text, ())
        for n, one in enumerate(told):  # each by mail of their own: what the council says to one is not for another
            await self._delivery.reminder(tenant, f"{name}-{n}", f"{text}{one.say}\n" if one.say else text, (one.email,))


def opening(tenant: str, row: inbox.Received, offset_seconds: int) -> ports.CaseInput:
    """What the durable shell is given to open a received case."""
    body = row.body
    file = ports.CaseFile(
        tenant=tenant,
        case_id=str(row.case_id),
        process=row.process,
        version=body["version"],
        child_id=body["child_id"],
        reference=body.get("reference", ""),
        opened_by=body.get("opened_by", ""),
        parent_case=body.get("parent_case", ""),
    )
    act = ports.Act(msgspec.convert(body["event"], Event), row.fingerprint.hex())
    return ports.CaseInput(file, act, offset_seconds=offset_seconds)


async def _text(session: AsyncSession, case_id: UUID, place: Value, name: str) -> str:
    """The text of a fact: the state holds where in the journal it stands, never the text."""
    rows: list[Any] = await journal.history(session, case_id, after=int(place) - 1, limit=1)
    return str(rows[0].event["facts"].get(name, "")) if rows else ""
