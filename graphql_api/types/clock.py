"""A deadline of a case as clients see it, and why its date is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from enum import Enum

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import as_uuid
from graphql_api.together import together
from graphql_api.types.law import Citation, Force, citations
from graphql_api.types.people import Setting, setting_by, settings_by
from statute import definition
from statute import types as core
from statute.clocks import split_key
from statute.explain import explain, own_day
from workflows import library


@strawberry.enum(description="The condition of a clock.")
class ClockStatus(Enum):
    RUNNING = strawberry.enum_value("running", description="The duty is still to be done.")
    MET = strawberry.enum_value("met", description="Done in time.")
    MET_LATE = strawberry.enum_value("met_late", description="Done, but late: for ever on the record.")
    PASSED = strawberry.enum_value("passed", description="The day has passed and the duty is still to be done.")
    STOPPED = strawberry.enum_value("stopped", description="The duty fell away.")
    DISAPPLIED = strawberry.enum_value("disapplied", description="A legal ground excuses from the limit. The date stays.")


# a table: calling an enumeration for every clock of a page takes longer than all the rest of the clock
_FORCE = {one: Force(one.value) for one in core.Force}
_STATUS = {one: ClockStatus(one.value) for one in core.Status}


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


async def _settings(clocks: Sequence[Clock]) -> list[Setting | None]:
    return await settings_by(clocks[0].context, [as_uuid(one.item or "") for one in clocks])


@strawberry.type(description="One deadline of one case.")
class Clock:
    rules: Private[definition.Process]
    state: Private[core.State]
    key: Private[str]
    context: Private[Context]
    name: str = strawberry.field(description="As in the definition.")
    item: str | None = strawberry.field(description="Which of several alike.")
    item_label: str | None = strawberry.field(description="That, in words; for a setting, see `setting`.")
    say: str = strawberry.field(description="One sentence fit for a parent.")
    binds: str = strawberry.field(description="Whose duty it is.")
    force: Force = strawberry.field(description="How strongly it binds.")
    since: date = strawberry.field(description="The day from which it counts.")
    due: date | None = strawberry.field(description="The last lawful day; null: as soon as practicable.")
    status: ClockStatus = strawberry.field(description="What became of it.")
    met_on: date | None = strawberry.field(description="When the duty was done.")

    @strawberry.field(description="The council's own earlier date, if any.")
    def target(self) -> date | None:
        name, item = split_key(self.key)
        return own_day(self.state, self.rules.deadlines[name], self.state.clocks[self.key], item, library.england())

    @strawberry.field(description="Why this date.")
    def receipt(self) -> Receipt:
        found = explain(self.rules, self.state, self.key, library.england())
        return Receipt(
            steps=[ReceiptStep(say=step.say, date=step.date) for step in found.steps],
            citations=citations(found.citations),
            calendar_digest=found.calendar_digest,
            process_digest=found.process_digest,
        )

    @strawberry.field(description="The setting that it concerns, where the item is one.")
    @together(_settings)
    async def setting(self) -> Setting | None:
        return await setting_by(self.context, as_uuid(self.item or ""))


def clock_of(context: Context, rules: definition.Process, state: core.State, key: str) -> Clock:
    """A clock of a case, by its name in the state."""
    name, item = split_key(key)
    clock, deadline = state.clocks[key], rules.deadlines[name]
    return Clock(
        rules=rules,
        state=state,
        key=key,
        context=context,
        name=name,
        item=item or None,
        item_label=label(rules, deadline.each, item),
        say=deadline.say,
        binds=deadline.binds,
        force=_FORCE[deadline.force],
        since=clock.since,
        due=clock.due,
        status=_STATUS[clock.status],
        met_on=clock.met_on,
    )


def label(rules: definition.Process, each: str, item: str) -> str | None:
    """An item in words, as the definition has it; the item itself where it is named later."""
    return rules.each[each].items.get(item, item) if each and item else None
