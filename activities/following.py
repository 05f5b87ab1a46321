"""What follows from a step in other cases: the next process opens, an earlier case is told, another council receives a plan.

Each is an ordinary event of the other case, with a key made of this step, so that doing it twice is doing it once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from uuid import UUID, uuid5

from sqlalchemy.ext.asyncio import AsyncSession

from activities.record import event_of, state_of
from statute.choose import began
from statute.definition import FactRule, FactType, FactUse, Opening, Process
from statute.named_days import follow
from statute.types import Event, Kind, State, Value
from store import cases, journal, lifecycle, outbox, overlays, people
from store.pinning import pinned
from store.session import Database
from store.tables import case_file
from store.terms import terms_for
from tenants.flags import Child
from workflows import library, ports
from workflows.engine import Closed, Engine, Refused

ENGINE = "engine"
ARRIVED = "received_by_new_authority"  # what the sending council's case hears once the other journal has the plan
SENDER = "old_authority"
MARKS = {
    "old_record": "the sending council",
    "new_record": "the receiving council",
}  # text facts that hold a fingerprint of the other journal


class Held(Exception):  # noqa: N818 - a person has to look at it
    """The work must not be done as things stand."""


@dataclass(frozen=True)
class Cause:
    """The step that something follows from."""

    tenant: str
    post: outbox.Waiting
    case: cases.CaseFile
    process: Process
    state: State
    event: Event
    mark: str  # the fingerprint of its row in the journal
    born_on: date | None


async def cause_of(session: AsyncSession, tenant: str, process: Process, state: State, post: outbox.Waiting, case: cases.CaseFile) -> Cause:
    """The step behind a post."""
    row, mark = await journal.marked(session, post.case_id, post.seq)
    child = await people.read_child(session, case.child_id)
    return Cause(tenant, post, case, process, state, event_of(row), mark, child.born_on if child else None)


class Following:
    """Does it, with the engine of the durable shell."""

    def __init__(self, database: Database, engine: Engine) -> None:
        self._database, self._engine = database, engine

    async def open(self, cause: Cause, offset_seconds: int) -> None:
        """Open the next process of the same child."""
        act = cause.process.acts[cause.event.name]
        opening = next(one for one in act.opens if one.process == cause.post.name)
        following = _in_force(opening.process, cause.event.on)
        event = opening_event(following, opening, cause)
        if event is None:
            return  # nothing of that kind lies ahead: no phase transfer after the last one
        case_id = uuid5(cause.post.case_id, f"{cause.post.seq}:{cause.post.n}")
        child, parent = str(cause.case.child_id), str(cause.case.id)
        await self._begin(cause.tenant, following, case_id, child, event, offset_seconds, parent)

    async def tell(self, cause: Cause) -> None:
        """Let the act happen in each case that led to this one and has a place for it now."""
        for case in await self._ancestors(cause):
            await self._act(cause.tenant, case, cause.post.name, cause, {})

    async def announce(self, cause: Cause) -> None:
        """Let the act happen in every other open case of the child that has a place for it: a plan that ends, ends everywhere."""
        async with self._database.tenant(cause.tenant) as session:
            own = case_file.c.child_id == cause.case.child_id
            others = await cases.list_cases(session, own & case_file.c.closed_on.is_(None) & (case_file.c.id != cause.case.id))
        for case in others:
            await self._act(cause.tenant, case, cause.post.name, cause, {})

    async def send(self, cause: Cause, offset_seconds: int) -> None:
        """Hand the child's case on to another council: its case begins there, and ours is told once its journal has it."""
        code = next((str(value) for name, value in cause.event.facts.items() if _type(cause.process, name) is FactType.AUTHORITY), "")
        tenant = await self._council(code)
        if tenant is None or tenant.tenant == cause.tenant:
            raise Held(f"no other council with the code {code} is here: send the plan by other means, and record its receipt")
        async with self._database.tenant(cause.tenant) as session:
            own = await people.read_tenant(session)
        if own is None or own.training != tenant.training:
            raise Held("a council that only trains and one that is real hand nothing to each other")
        following = _in_force(cause.post.name, cause.event.on)
        event = opening_event(following, Opening(following.name, facts={SENDER: own.dfe_code}), cause, across=True)
        if event is None:
            raise Held("the plan has nothing to open with there")
        case_id = uuid5(cause.post.case_id, f"{tenant.tenant}:{cause.post.seq}:{cause.post.n}")
        child = await self._child(cause, tenant.tenant)
        await self._begin(tenant.tenant, following, case_id, str(child), event, max(offset_seconds, tenant.clock_offset_seconds), "")
        async with self._database.tenant(tenant.tenant) as session:
            _, mark = await journal.marked(session, case_id, 1)
        await self._act(cause.tenant, cause.case, ARRIVED, cause, {"new_record": mark})

    async def _begin(self, tenant: str, process: Process, case_id: UUID, child: str, event: Event, offset: int, parent: str) -> None:
        file = ports.CaseFile(tenant, str(case_id), process.name, process.version, child, "", parent_case=parent)
        async with self._database.tenant(tenant) as session:
            known = await people.read_child(session, UUID(child))
            whose = Child(known.id, known.born_on) if known else None
            pin = await pinned(session, process.name, began(process, event), whose, library.offered())
            library.learn(pin.documents)
            rules, flags = library.together(process, pin.rules, pin.flags)
            event = replace(event, terms=await terms_for(session, process, event.facts), rules=rules, flags=flags)
        try:
            await self._engine.open(ports.CaseInput(file, ports.Act(event, "00"), offset_seconds=offset, overlays=pin.documents))
        except Refused as refused:
            raise Held(f"{process.name} cannot be opened: {refused.refusal.say}"[:300]) from None

    async def _act(self, tenant: str, case: cases.CaseFile, name: str, cause: Cause, more: Mapping[str, Value]) -> None:
        state = state_of(case.state)
        if library.unlearned(state.rules):
            async with self._database.tenant(tenant) as session:
                await library.ready(state.rules, partial(overlays.documents, session))
        rules = library.of(state)
        act = rules.acts.get(name)
        if act is None or state.stage not in act.at:
            return
        known = {**cause.state.facts, **more}
        facts = {
            use.name: known[use.name] for use in act.facts if use.name in known and _fits(rules.facts[use.name], known[use.name], more)
        }
        event = Event(act.kind, name, cause.event.on, cause.event.at, f"told:{cause.post.key}:{name}", ENGINE, act.by[0], facts=facts)
        try:
            await self._engine.act(tenant, str(case.id), ports.Act(event, "00"))
        except (Closed, Refused):
            return  # it happened there already, or the case has gone on without it

    async def _ancestors(self, cause: Cause) -> list[cases.CaseFile]:
        found: list[cases.CaseFile] = []
        parent = cause.case.parent_case
        async with self._database.tenant(cause.tenant) as session:
            while parent is not None and len(found) < 12:
                case = await cases.read_case(session, parent)
                if case is None:
                    break
                found.append(case)
                parent = case.parent_case
        return found

    async def _council(self, code: str) -> people.Tenant | None:
        for slug in await self._database.slugs():
            async with self._database.tenant(slug) as session:
                tenant = await people.read_tenant(session)
            if tenant is None or tenant.dfe_code != code:
                continue
            if tenant.status == lifecycle.CLOSED:  # an old code is never mapped silently
                raise Held(
                    f"the council with the code {code} is closed: send the plan to the one after it ({', '.join(tenant.successors)})"
                )
            if tenant.successors:
                raise Held(
                    f"the council with the code {code} is being handed over to {', '.join(tenant.successors)}: send it there once that is done"
                )
            return tenant
        return None

    async def _child(self, cause: Cause, tenant: str) -> UUID:
        """The same child at the other council: known there by the UPN, else copied. No row of one council points into another."""
        async with self._database.tenant(cause.tenant) as session:
            child = await people.read_child(session, cause.case.child_id)
        if child is None:
            raise Held("the child is not to be found")
        key = uuid5(child.id, tenant)
        async with self._database.tenant(tenant) as session:
            known = await people.find_upn(session, child.upn) if child.upn else None
            if known is None:
                known = await people.read_child(session, key)
            if known is None:
                await people.add_child(session, people.Child(key, child.given_name, child.family_name, child.born_on, child.upn, None))
        return known.id if known else key


def opening_event(following: Process, opening: Opening, cause: Cause, *, across: bool = False) -> Event | None:
    """The event that opens a following process; None where the day that it is about does not lie ahead.

    `across` councils no id of a setting goes along: each has its own register.
    """
    opens = following.acts[opening.event or following.opens_with[0]]
    facts = {
        name: value
        for name, value in _carried(following, opens.facts, opening, cause)
        if not (across and _type(following, name) is FactType.SETTING)
    }
    ahead = follow(following, facts, facts, cause.event.on)
    wanted = {use.name for use in opens.facts}
    if any(day.first_of and day.name in wanted and day.name not in {**facts, **ahead} for day in following.days.values()):
        return None
    return Event(Kind.OPENED, opens.name, cause.event.on, cause.event.at, cause.post.key, ENGINE, opens.by[0], facts=facts)


def _carried(following: Process, uses: Iterable[FactUse], opening: Opening, cause: Cause) -> Iterable[tuple[str, Value]]:
    """The facts that go along: those of `with`, the day of the act, what the case knows by the same name, and the child's birthday."""
    known = {**cause.state.facts, **cause.event.facts}
    for use in uses:
        rule = following.facts[use.name]
        if use.name in opening.facts:
            yield use.name, opening.facts[use.name]
        elif use.name in opening.dated:
            yield use.name, cause.event.on.isoformat()
        elif use.name == "born_on" and cause.born_on is not None:
            yield use.name, cause.born_on.isoformat()
        elif use.name in MARKS:
            yield use.name, cause.mark
        elif use.name in following.days:
            continue  # it follows anew there: the next transfer is not the last one
        elif use.name in known and rule.type is not FactType.TEXT and _type(cause.process, use.name) is rule.type:
            if not rule.choices or known[use.name] in rule.choices:
                yield use.name, known[use.name]
        elif use.required and rule.type is FactType.DATE:
            yield use.name, cause.event.on.isoformat()


def _fits(rule: FactRule, value: Value, told: Mapping[str, Value]) -> bool:
    """The state keeps where in the journal a text stands, never the text: it is not passed on."""
    return rule.name in told or (rule.type is not FactType.TEXT and (not rule.choices or value in rule.choices))


def _type(process: Process, fact: str) -> FactType | None:
    rule = process.facts.get(fact)
    return rule.type if rule else None


def _in_force(name: str, on: date) -> Process:
    try:
        return library.in_force(name, on)
    except library.Unknown:
        raise Held(f"there is no process {name} in force yet") from None
