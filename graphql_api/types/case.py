"""A case as clients see it: where it stands, its clocks, what may be done, its tasks and its journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cached_property
from uuid import UUID

import msgspec
import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid, global_id, key_of
from graphql_api.loaders import ready
from graphql_api.together import one_of, together
from graphql_api.types.action import Action, actions_of
from graphql_api.types.child import Child, child_by, children_by
from graphql_api.types.clock import Clock, clock_of, label
from graphql_api.types.journal import JournalConnection, journals_of
from graphql_api.types.law import Citation, Process, Stage, citations, stage_of
from graphql_api.types.letter import Letter, letters_of
from graphql_api.types.origin import CaseOrigin, origins_of
from graphql_api.types.paging import USUAL
from graphql_api.types.people import Node
from graphql_api.types.provision import Provision, ProvisionConnection, provision_by, provisions_of
from policies.actions import Act, Object
from statute import definition
from statute import types as core
from statute.clocks import clock_key, split_key
from statute.revise import own
from store import cases as stored
from store.tables import case_file
from workflows import library

MOST_LINKED = 50  # of one case: it opened a few, and was opened by one


@strawberry.type(description="Something asked of somebody: advice, a consultation, a step of the council.")
class Task:
    name: str = strawberry.field(description="As in the definition.")
    item: str | None = strawberry.field(description="Which of several alike.")
    item_label: str | None = strawberry.field(description="That, in words; for a setting, see the `setting` of its clock.")
    say: str = strawberry.field(description="What is asked.")
    done_on: date | None = strawberry.field(description="When it was done.")
    clock: Clock | None = strawberry.field(description="Its own clock.")


@strawberry.type(description="A pilot that was pinned to the case when it opened.")
class PilotChoice:
    name: str = strawberry.field(description="Which pilot.")
    title: str = strawberry.field(description="Its title.")
    say: str = strawberry.field(description="What the family is told of it.")
    flag: str = strawberry.field(description="The flag that chose it.")
    variant: str = strawberry.field(description="The variant of that flag.")
    since: date = strawberry.field(description="The day on which the case opened under it: none begins in a case that is open.")
    legal_basis: str = strawberry.field(description="On what it is founded.")
    citations: list[Citation] = strawberry.field(description="The law or policy that it is founded on, with what was read for it.")
    beyond_current_law: bool = strawberry.field(description="Whether it goes beyond the law in force.")
    departs_from: list[Citation] = strawberry.field(description="The law in force beyond which it goes.")


@strawberry.type(
    description="What the council set for its own cases of this kind, within the law, when this one opened or was moved to it."
)
class OwnRules:
    name: str = strawberry.field(description="As the council calls it.")
    why: str = strawberry.field(description="Why, in words for families.")
    digest: str = strawberry.field(description="Its fingerprint: exactly these rules.")


async def _actions(cases: Sequence[Case]) -> list[list[Action]]:
    context = cases[0].context
    async with context.read() as reading:
        if not reading.standing.in_service:
            return [[] for _ in cases]
        facts, actor = await context.facts_of_many(reading, [one.file.id for one in cases]), reading.standing.actor
    return [actions_of(context, actor, found, one.rules, one.state) if (found := facts.get(one.file.id)) else [] for one in cases]


async def _journals(cases: Sequence[Case], first: int | None = USUAL, after: str | None = None) -> list[JournalConnection]:
    return await journals_of(cases[0].context, [(one.file.id, one.rules) for one in cases], first, after)


async def _provisions(cases: Sequence[Case], first: int | None = USUAL, after: str | None = None) -> list[ProvisionConnection]:
    return await provisions_of(cases[0].context, [one.file.id for one in cases], first, after)


async def _letters(cases: Sequence[Case]) -> list[list[Letter]]:
    return await letters_of(cases[0].context, [(one.file.id, one.rules, one.state) for one in cases])


async def _children(cases: Sequence[Case]) -> list[Child | None]:
    return await children_by(cases[0].context, [one.file.child_id for one in cases])


async def _linked(cases: Sequence[Case]) -> list[list[Case]]:
    context, files = cases[0].context, [one.file for one in cases]
    related = case_file.c.parent_case.in_({one.id for one in files}) | case_file.c.id.in_({one.parent_case for one in files} - {None})
    async with context.read() as reading:
        where, most = reading.standing.where(Object.CASE, Act.LIST), MOST_LINKED * len(files)
        found = await stored.list_cases(reading.session, where & related, "opened_on", limit=most)
        await ready(reading.session, found)
    of_each = [[one for one in found if one.parent_case == file.id or one.id == file.parent_case] for file in files]
    return [[case_of(context, one) for one in some[:MOST_LINKED]] for some in of_each]


@strawberry.type(description="One child's run of one process.")
class Case(Node):
    context: Private[Context]  # the one that read it: in a stream each event has its own, and sees nothing that an earlier one saw
    file: Private[stored.CaseFile]
    reference: str = strawberry.field(description="Opaque to outsiders: no name, no UPN.")
    version: int = strawberry.field(description="The journal sequence that this answer shows.")
    opened_on: date = strawberry.field(description="The day it began.")

    @cached_property
    def state(self) -> core.State:
        """Where it stands, read from what is stored only when something of it is asked."""
        return msgspec.convert(self.file.state, core.State)

    @cached_property
    def rules(self) -> definition.Process:
        """The rules that it is under by now: `loaders.ready` came first."""
        return library.of(self.state)

    @strawberry.field(description="The rules that it runs under.")
    def process(self) -> Process:
        return Process(source=self.rules)

    @strawberry.field(description="Where it stands.")
    def stage(self) -> Stage:
        return stage_of(self.rules, self.state.stage)

    @strawberry.field(description="Every deadline, past and running.")
    def clocks(self) -> list[Clock]:
        return sorted((self._clock(key) for key in self.state.clocks), key=lambda one: (one.due or date.max, one.name, one.item or ""))

    @strawberry.field(description="The nearest legal limit that is not met.")
    def next_deadline(self) -> Clock | None:
        return self._clock(self.file.next_clock) if self.file.next_clock else None

    @strawberry.field(description="What this caller may do now, with the facts each needs; nothing while the council is suspended.")
    @together(_actions)
    async def actions(self) -> list[Action]:
        return await one_of(self, _actions)

    @strawberry.field(description="Advice, consultations and the council's own steps, each with its clock.")
    def tasks(self) -> list[Task]:
        return [self._task(act, item) for act in self.rules.acts.values() if act.kind is core.Kind.DONE for item in self._asked(act)]

    @strawberry.field(description="What happened, in order; empty for those who may not read it.")
    @together(_journals)
    async def journal(self, first: int | None = USUAL, after: str | None = None) -> JournalConnection:
        return await one_of(self, _journals, first=first, after=after)

    @strawberry.field(description="Its letters: a family's are those that were served on it. Empty for those who may not read them.")
    @together(_letters)
    async def letters(self) -> list[Letter]:
        return await one_of(self, _letters)

    @strawberry.field(description="The child, for those who may see it.")
    @together(_children)
    async def child(self) -> Child | None:
        return await child_by(self.context, self.file.child_id)

    @strawberry.field(
        description="The provision that its draft plan proposes, as of now; null for those who may not see it, and where there is none."
    )
    async def provision(self) -> Provision | None:
        return await provision_by(self.context, self.file.id)

    @strawberry.field(description="Every version of that provision, the latest first.")
    @together(_provisions)
    async def provisions(self, first: int | None = USUAL, after: str | None = None) -> ProvisionConnection:
        return await one_of(self, _provisions, first=first, after=after)

    @strawberry.field(description="Processes that this one opened, or that opened it.")
    @together(_linked)
    async def linked(self) -> list[Case]:
        return await one_of(self, _linked)

    @strawberry.field(description="The councils that had it before, where one was split or merged; the first first.")
    async def moved_from(self) -> list[CaseOrigin]:
        return await origins_of(self.context, self.file.id)

    @strawberry.field(description="The council's own rules under which it runs. They never make a date in law later.")
    def own_rules(self) -> list[OwnRules]:
        found = [library.change(rule) for rule in own(self.state.rules)]
        return [OwnRules(name=one.name, why=one.why, digest=one.digest) for one in found]

    @strawberry.field(description="The pilots to which it was pinned when it opened, and from which it was not returned since.")
    def pilots(self) -> list[PilotChoice]:
        return [
            PilotChoice(
                name=one.name,
                title=one.title,
                say=one.say,
                flag=one.flag,
                variant=one.variant,
                since=self.state.opened_on,
                legal_basis=one.basis.say,
                citations=citations(one.basis.cites),
                beyond_current_law=one.beyond,
                departs_from=citations(one.departs_from),
            )
            for one in library.pilots_of(self.state.rules)
        ]

    def _clock(self, key: str) -> Clock:
        return clock_of(self.context, self.rules, self.state, key)

    def _asked(self, act: definition.Act) -> list[str]:
        """The items for which a task was asked; for a task that is one, the empty one while it has a place or is done."""
        if not act.each:
            return [""] if self.state.stage in act.at or act.name in self.state.happened else []
        return sorted({key.partition("/")[2] for gate in act.gates for key in self.state.happened if key.partition("/")[0] in gate.needs})

    def _task(self, act: definition.Act, item: str) -> Task:
        keys = [key for deadline in self.rules.meets.get(act.name, ()) for key in self._keys(deadline, item)]
        return Task(
            name=act.name,
            item=item or None,
            item_label=label(self.rules, act.each, item),
            say=act.say,
            done_on=self.state.happened.get(f"{act.name}/{item}" if item else act.name),
            clock=self._clock(keys[0]) if keys else None,
        )

    def _keys(self, deadline: definition.Deadline, item: str) -> list[str]:
        """The clocks of a deadline for an item; a review has one for each round, the latest first."""
        clocks, own = self.state.clocks, clock_key(deadline, item)
        if deadline.each or own in clocks:
            return [own] if own in clocks else []
        return sorted((key for key in clocks if split_key(key)[0] == deadline.name), key=lambda key: clocks[key].since, reverse=True)


def case_of(context: Context, file: stored.CaseFile) -> Case:
    """A case for those who may see it."""
    return Case(
        id=global_id("Case", file.id),
        context=context,
        file=file,
        reference=file.reference,
        version=file.seq,
        opened_on=file.opened_on,
    )


def case_key(given: str) -> UUID | None:
    """The key of a case from its global id, or from the plain UUID."""
    return key_of("Case", given) or as_uuid(given)
