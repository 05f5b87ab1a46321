"""A case as clients see it: its clocks with their receipts, what may be done, its journal."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from uuid import UUID

import msgspec
import strawberry
from strawberry import Info, Private

from graphql_api.context import Context, Reading, context_of
from graphql_api.identifiers import as_uuid, cursor, global_id, key_of, read_cursor, split
from graphql_api.types.law import Citation, Force, Process, Stage, citations, stage_of
from graphql_api.types.people import Child, Node, child_of
from policies import enforcer
from policies.actions import Act, Object
from statute import definition
from statute import types as core
from statute.allowed import Action as Allowed
from statute.allowed import allowed
from statute.clocks import split_key
from statute.explain import explain
from store import cases as stored
from store import journal as entries
from store.tables import case_file
from workflows import library


@strawberry.enum(description="The condition of a clock.")
class ClockStatus(Enum):
    RUNNING = strawberry.enum_value("running", description="The duty is still to be done.")
    MET = strawberry.enum_value("met", description="Done in time.")
    MET_LATE = strawberry.enum_value("met_late", description="Done, but late: for ever on the record.")
    PASSED = strawberry.enum_value("passed", description="The day has passed and the duty is still to be done.")
    STOPPED = strawberry.enum_value("stopped", description="The duty fell away.")
    DISAPPLIED = strawberry.enum_value("disapplied", description="A legal ground excuses from the limit. The date stays.")


@strawberry.type(description="One step of a calculation.")
class ReceiptStep:
    say: str = strawberry.field(description="The step, in words.")
    date: date | None = strawberry.field(description="The date that it gives.")


@strawberry.type(description="Why a date is what it is.")
class Receipt:
    steps: list[ReceiptStep] = strawberry.field(description="From the trigger to the date.")
    citations: list[Citation] = strawberry.field(description="The law.")
    calendar_digest: str | None = strawberry.field(description="The fingerprint of the calendar used.")
    process_digest: str = strawberry.field(description="The fingerprint of the rules used.")


@strawberry.type(description="One deadline of one case.")
class Clock:
    rules: Private[definition.Process]
    state: Private[core.State]
    key: Private[str]
    name: str = strawberry.field(description="As in the definition.")
    item: str | None = strawberry.field(description="Which of several alike.")
    item_label: str | None = strawberry.field(description="That, in words.")
    say: str = strawberry.field(description="One sentence fit for a parent.")
    binds: str = strawberry.field(description="Whose duty it is.")
    force: Force = strawberry.field(description="How strongly it binds.")
    due: date | None = strawberry.field(description="The last lawful day; null: as soon as practicable.")
    status: ClockStatus = strawberry.field(description="What became of it.")
    met_on: date | None = strawberry.field(description="When the duty was done.")
    target: date | None = strawberry.field(description="The council's own earlier date, if any.")

    @strawberry.field(description="Why this date.")
    def receipt(self) -> Receipt:
        found = explain(self.rules, self.state, self.key, library.england())
        return Receipt(
            steps=[ReceiptStep(say=step.say, date=step.date) for step in found.steps],
            citations=citations(found.citations),
            calendar_digest=found.calendar_digest,
            process_digest=found.process_digest,
        )


@strawberry.type(description="A fact that an action takes.")
class NeededFact:
    name: str = strawberry.field(description="Its name.")
    type: str = strawberry.field(description="date, planned_date, text, truth, number or choice.")
    choices: list[str] = strawberry.field(description="The choices, where there are some.")
    required: bool = strawberry.field(description="Whether it must be given.")


@strawberry.type(description="Something that this caller may do now.")
class Action:
    name: str = strawberry.field(description="As in the definition; for an excuse, the deadline.")
    kind: str = strawberry.field(description="happened, done, decided, served or excused: which mutation it is for.")
    say: str = strawberry.field(description="What it is.")
    capacity: str = strawberry.field(description="In whose place.")
    item: str | None = strawberry.field(description="Which of several alike.")
    facts: list[NeededFact] = strawberry.field(description="The facts that it takes.")
    outcomes: list[str] = strawberry.field(description="For a decision: how it may go.")
    grounds: list[str] = strawberry.field(description="For an excuse: the grounds that the law knows.")
    citations: list[Citation] = strawberry.field(description="The law.")


@strawberry.type(description="Something asked of somebody: advice, a consultation, a step of the council.")
class Task:
    name: str = strawberry.field(description="As in the definition.")
    item: str | None = strawberry.field(description="Which of several alike.")
    say: str = strawberry.field(description="What is asked.")
    done_on: date | None = strawberry.field(description="When it was done.")
    clock: Clock | None = strawberry.field(description="Its own clock.")


@strawberry.type(description="One entry of the journal.")
class JournalEntry:
    sequence: int = strawberry.field(description="Its place.")
    kind: str = strawberry.field(description="What sort of event.")
    name: str = strawberry.field(description="Which.")
    say: str = strawberry.field(description="What happened, in words.")
    on: date = strawberry.field(description="The civil day it happened.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    capacity: str = strawberry.field(description="In whose place it was done.")


@strawberry.type(description="Where a page ends.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more.")
    end_cursor: str | None = strawberry.field(description="Where the next page begins after.")


@strawberry.type(description="A page of the journal.")
class JournalConnection:
    nodes: list[JournalEntry] = strawberry.field(description="The entries.")
    page_info: PageInfo = strawberry.field(description="Where it ends.")


@strawberry.type(description="A pilot that was pinned to the case when it opened.")
class PilotChoice:
    name: str = strawberry.field(description="Which pilot.")


@strawberry.type(description="One child's run of one process.")
class Case(Node):
    file: Private[stored.CaseFile]
    state: Private[core.State]
    rules: Private[definition.Process]
    reference: str = strawberry.field(description="Opaque to outsiders: no name, no UPN.")
    version: int = strawberry.field(description="The journal sequence that this answer shows.")
    opened_on: date = strawberry.field(description="The day it began.")

    @strawberry.field(description="The rules that it runs under.")
    def process(self) -> Process:
        return Process(source=self.rules)

    @strawberry.field(description="Where it stands.")
    def stage(self) -> Stage:
        return stage_of(self.rules, self.state.stage)

    @strawberry.field(description="Every deadline, past and running.")
    def clocks(self) -> list[Clock]:
        return sorted((clock_of(self, key) for key in self.state.clocks), key=lambda one: (one.due or date.max, one.name, one.item or ""))

    @strawberry.field(description="The nearest legal limit that is not met.")
    def next_deadline(self) -> Clock | None:
        return clock_of(self, self.file.next_clock) if self.file.next_clock else None

    @strawberry.field(description="What this caller may do now, with the facts each needs.")
    async def actions(self, info: Info) -> list[Action]:
        context = context_of(info)
        async with context.read() as reading:
            return await actions_of(context, reading, self)

    @strawberry.field(description="Advice, consultations and the council's own steps, each with its clock.")
    def tasks(self) -> list[Task]:
        return tasks_of(self)

    @strawberry.field(description="What happened, in order; empty for those who may not read it.")
    async def journal(self, info: Info, first: int = 50, after: str | None = None) -> JournalConnection:
        return await journal_of(context_of(info), self, first, after)

    @strawberry.field(description="The child, for those who may see it.")
    async def child(self, info: Info) -> Child | None:
        found = await context_of(info).loaders.child.load(self.file.child_id)
        return child_of(found) if found else None

    @strawberry.field(description="Processes that this one opened, or that opened it.")
    async def linked(self, info: Info) -> list[Case]:
        async with context_of(info).read() as reading:
            related = case_file.c.parent_case == self.file.id
            if self.file.parent_case:
                related = related | (case_file.c.id == self.file.parent_case)
            where = reading.standing.where(Object.CASE, Act.LIST) & related
            return [case_of(one) for one in await stored.list_cases(reading.session, where)]

    @strawberry.field(description="Pilots pinned when the case opened.")
    def pilots(self) -> list[PilotChoice]:
        return []


def case_of(file: stored.CaseFile) -> Case:
    """A case for those who may see it."""
    state = msgspec.convert(file.state, core.State)
    rules = library.get(file.process, file.version)
    return Case(
        id=global_id("Case", file.id),
        file=file,
        state=state,
        rules=rules,
        reference=file.reference,
        version=file.seq,
        opened_on=file.opened_on,
    )


def clock_of(case: Case, key: str) -> Clock:
    """A clock of a case."""
    name, item = split_key(key)
    clock, deadline = case.state.clocks[key], case.rules.deadlines[name]
    return Clock(
        rules=case.rules,
        state=case.state,
        key=key,
        name=name,
        item=item or None,
        item_label=case.rules.each[deadline.each].items.get(item, item) if item else None,
        say=deadline.say,
        binds=deadline.binds,
        force=Force(deadline.force.value),
        due=clock.due,
        status=ClockStatus(clock.status.value),
        met_on=clock.met_on,
        target=None,
    )


async def actions_of(context: Context, reading: Reading, case: Case) -> list[Action]:
    """What the caller may do on a case; an adviser only what they were asked for."""
    facts = await context.facts_within(reading, case.file.id)
    if facts is None:
        return []
    actor, today = reading.standing.actor, reading.standing.today
    plain = enforcer.capacities(actor, facts)
    found = {(one.name, one.item): one for one in allowed(case.rules, case.state, plain, today)}
    for item in sorted({item for _, item in facts.items}):
        held = enforcer.capacities(actor, facts, item)
        found |= {(one.name, one.item): one for one in allowed(case.rules, case.state, held, today) if one.item == item}
    return [_action(one) for one in found.values()]


def _action(one: Allowed) -> Action:
    return Action(
        name=one.name,
        kind=one.kind.value,
        say=one.say,
        capacity=one.capacity,
        item=one.item or None,
        facts=[
            NeededFact(name=fact.rule.name, type=fact.rule.type.value, choices=list(fact.rule.choices), required=fact.required)
            for fact in one.facts
        ],
        outcomes=[outcome.name for outcome in one.outcomes],
        grounds=list(one.grounds),
        citations=citations(one.cites),
    )


def tasks_of(case: Case) -> list[Task]:
    """The tasks of a case: those of each item once asked, the others while they have a place or are done."""
    found = []
    for act in case.rules.acts.values():
        if act.kind is not core.Kind.DONE:
            continue
        if act.each:
            asked = {key.partition("/")[2] for gate in act.gates for key in case.state.happened if key.partition("/")[0] in gate.needs}
        else:
            asked = {""} if case.state.stage in act.at or act.name in case.state.happened else set()
        for item in sorted(asked):
            clock = next(
                (key for deadline in case.rules.meets.get(act.name, ()) if (key := _key(deadline, item)) in case.state.clocks), None
            )
            done_on = case.state.happened.get(f"{act.name}/{item}" if item else act.name)
            own = clock_of(case, clock) if clock else None
            found.append(Task(name=act.name, item=item or None, say=act.say, done_on=done_on, clock=own))
    return found


def _key(deadline: definition.Deadline, item: str) -> str:
    return f"{deadline.name}/{item}" if deadline.each else deadline.name


async def journal_of(context: Context, case: Case, first: int, after: str | None) -> JournalConnection:
    """A page of the journal, for those who may read it."""
    first = max(1, min(first, 100))
    begins = read_cursor(after, 1) if after else None
    place = begins[0] if begins and isinstance(begins[0], int) else 0
    async with context.read() as reading:
        facts = await context.facts_within(reading, case.file.id)
        views = (Act.READ, Act.READ_FAMILY_VIEW)
        if facts is None or not any(enforcer.decide(reading.standing.actor, Object.JOURNAL, view, facts).allowed for view in views):
            rows = []
        else:
            rows = await entries.history(reading.session, case.file.id, after=place, limit=first + 1)
    shown = rows[:first]
    nodes = [
        JournalEntry(
            sequence=row.seq, kind=row.kind, name=row.name, say=_said(case.rules, row), on=row.on, recorded_at=row.at, capacity=row.capacity
        )
        for row in shown
    ]
    end = cursor(shown[-1].seq) if shown else None
    return JournalConnection(nodes=nodes, page_info=PageInfo(has_next_page=len(rows) > first, end_cursor=end))


def _said(rules: definition.Process, row: entries.Record) -> str:
    if row.kind == core.Kind.TIME_PASSED:
        return "A date came near or passed"
    if row.kind == core.Kind.EXCUSED:
        return f"Excused: {rules.deadlines[row.name].say}"
    act = rules.acts[row.name]
    outcome = act.outcomes.get(row.event.get("outcome", ""))
    label = rules.each[act.each].items.get(row.item, "") if act.each else ""
    return f"{act.say}{f' ({label})' if label else ''}{f' {outcome.say}' if outcome else ''}"


def plain_item(given: str | None) -> str:
    """An item as the core knows it: the key of a global id, or the word itself."""

    found = split(given) if given else None
    return str(found[1]) if found else (given or "")


def case_key(given: str) -> UUID | None:
    """The key of a case from its global id, or from the plain UUID."""

    return key_of("Case", given) or as_uuid(given)
