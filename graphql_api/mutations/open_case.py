"""`openCase`: received first, in one transaction that gives it a receipt number; then opened. The clock counts from the receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
import strawberry

from graphql_api import directed, inputs
from graphql_api.acting import changed
from graphql_api.context import Context, Reading
from graphql_api.identifiers import as_uuid, key_of
from graphql_api.types import results
from policies import enforcer
from policies.actions import Act, Object
from statute import types as core
from statute.advance import advance
from statute.choose import began
from statute.definition import Process
from store import cases, inbox, people
from store.pinning import pinned
from store.session import Database
from store.tables import case_file
from store.terms import terms_for
from tenants.flags import Child
from workflows import engine, library, ports


@strawberry.input(description="The opening of a case: the process, the child and the opening facts.")
class OpenCaseInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    process: str = strawberry.field(description="The name of the process.")
    child_id: strawberry.ID = strawberry.field(description="The child.")
    event: str | None = strawberry.field(default=None, description="The opening event; left out: the first of the definition.")
    about: strawberry.ID | None = strawberry.field(default=None, description="The setting on whose behalf a request is made.")
    on: date | None = strawberry.field(default=None, description=inputs.ON)
    facts: list[inputs.FactInput] = strawberry.field(default_factory=list, description=inputs.FACTS)


async def open_case(context: Context, given: OpenCaseInput) -> results.Result:
    """Receive it, open it, and answer with the case; or with the receipt while the engine is away."""
    child_id = key_of("Child", given.child_id) or as_uuid(given.child_id)
    facts, faults = inputs.facts_of(given.facts)
    faults += [fault] if (fault := inputs.faulty_key(given.key)) else []
    if faults:
        return results.invalid(*faults)
    if child_id is None:
        return results.NotFound(say="There is no such child here, or none that you may see.")
    content = [given.process, str(child_id), given.event, given.about, given.on, facts]
    print_ = inputs.fingerprint("openCase", content)
    async with context.read() as reading:
        actor, tenant = reading.standing.actor, reading.standing.tenant
        key = inputs.journal_key(actor.person_id, given.key)
        known = await inbox.find_received(reading.session, actor.person_id, key)
        prepared = None if known else await _prepare(reading, given, child_id, facts, key)
    if prepared is not None and not isinstance(prepared, Prepared):
        return prepared
    await context.leave()
    database = context.deps.database
    try:
        async with database.tenant(actor.tenant, str(actor.person_id)) as session:
            receipt = await inbox.receive(
                session,
                person_id=actor.person_id,
                key=key,
                fingerprint=bytes.fromhex(print_),
                process=given.process,
                case_id=prepared.case_id if prepared else uuid4(),
                body=prepared.body if prepared else {},
                at=reading.standing.now,
            )
    except inbox.Mismatch:
        return results.invalid(core.Fault("key", "was used for another request", "one key is one request", "make a new key"))
    context.case_id = str(receipt.case_id)
    if prepared is None or receipt.status == "opened":
        answer = await changed(context, receipt.case_id, replayed=True)
        opened = isinstance(answer, results.CaseChanged) or receipt.status == "opened"  # open, and perhaps no longer the caller's to see
        return answer if opened else _received(receipt, reading)
    try:
        await context.deps.engine.open(prepared.input(actor.tenant, print_, tenant.clock_offset_seconds))
    except engine.Refused as refused:
        await _mark_refused(database, actor.tenant, receipt.receipt)
        return results.refused(refused.refusal.say, refused.refusal.citations, refused.refusal.faults)
    except (engine.Unavailable, engine.Closed):
        return _received(receipt, reading)
    return await changed(context, receipt.case_id, replayed=receipt.replayed)


class Prepared(msgspec.Struct):
    """A lawful opening, ready to be received."""

    case_id: UUID
    process: str
    version: int
    child_id: str
    opened_by: str
    event: core.Event
    overlays: Mapping[str, Any] = {}  # those of the event's rules, by digest; the relay finds them where they are kept

    @property
    def body(self) -> dict[str, object]:
        """What the inbox keeps, so that the relay can open the case without us."""
        return {
            "child_id": self.child_id,
            "version": self.version,
            "reference": "",
            "opened_by": self.opened_by,
            "event": msgspec.to_builtins(self.event),
        }

    def input(self, tenant: str, fingerprint: str, offset_seconds: int) -> ports.CaseInput:
        """What the durable shell is given."""
        file = ports.CaseFile(tenant, str(self.case_id), self.process, self.version, self.child_id, "", self.opened_by)
        return ports.CaseInput(file, ports.Act(self.event, fingerprint), offset_seconds=offset_seconds, overlays=self.overlays)


async def _prepare(
    reading: Reading, given: OpenCaseInput, child_id: UUID, facts: dict[str, core.Value], key: str
) -> Prepared | results.Result:
    standing = reading.standing
    stands = await enforcer.facts_of_child(reading.session, standing.actor, child_id, standing.today)
    child = await people.read_child(reading.session, child_id) if stands is not None else None
    if stands is None or child is None:
        return results.NotFound(say="There is no such child here, or none that you may see.")
    may = enforcer.decide(standing.actor, Object.CASE, Act.OPEN, stands)
    if not may.allowed:
        return results.Denied(reason=may.reason)
    try:
        process = library.in_force(given.process, standing.today)
    except library.Unknown as unknown:
        known = [one.name for one in library.all_in_force(standing.today)]
        what = "is not in force" if given.process in library.names() else "is unknown"
        return results.invalid(core.Fault("process", what, str(unknown), f"choose one of {', '.join(known)}"))
    open_one = (case_file.c.child_id == child_id) & (case_file.c.process == process.name) & case_file.c.closed_on.is_(None)
    if not process.several and await cases.list_cases(reading.session, open_one, limit=1):
        return results.Refused(say="A case of this kind is open for this child already.", citations=[])
    name, held = given.event or process.opens_with[0], enforcer.capacities(standing.actor, stands)
    asking = await directed.opening(reading, process, name, given.about, held, child.setting_id)
    facts, elsewhere = await directed.settings_in(reading.session, process, facts)
    if asking.faults or elsewhere:
        return results.invalid(*elsewhere, *asking.faults)
    terms = await terms_for(reading.session, process, facts)
    event = _event(reading, process, name, given, facts, child, key, asking)
    pin = await pinned(reading.session, process.name, began(process, event), Child(child.id, child.born_on), library.offered())
    library.learn(pin.documents)
    rules, chosen = library.together(process, pin.rules, pin.flags)
    event = replace(event, terms=terms, rules=rules, flags=chosen)
    try:
        advance(library.under(process.name, process.version, (), rules), None, event, library.england())
    except core.Refused as refused:
        return results.refused(refused.say, refused.citations, refused.faults)
    return Prepared(uuid4(), process.name, process.version, str(child_id), str(standing.actor.person_id), event, pin.documents)


def _event(
    reading: Reading,
    process: Process,
    name: str,
    given: OpenCaseInput,
    facts: dict[str, core.Value],
    child: people.Child,
    key: str,
    asking: directed.Opening,
) -> core.Event:
    standing = reading.standing
    act = process.acts.get(name)
    if act is not None and any(use.name == "born_on" for use in act.facts):
        facts = {**facts, "born_on": child.born_on.isoformat()}
    received = facts.get("received_on")
    on = given.on or (date.fromisoformat(received) if isinstance(received, str) and _is_day(received) else standing.today)
    actor = str(standing.actor.person_id)
    return core.Event(core.Kind.OPENED, name, on, standing.now, key, actor, asking.capacity, about=asking.about, facts=facts)


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _received(receipt: inbox.Receipt, reading: Reading) -> results.Received:
    say = "Your request is received, and the law counts from this day. The case opens as soon as the engine is back."
    return results.Received(receipt=receipt.receipt, received_on=reading.standing.today, say=say)


async def _mark_refused(database: Database, tenant: str, receipt: str) -> None:
    async with database.tenant(tenant) as session:
        await inbox.mark_failed(session, receipt, "Refused", refused=True)
