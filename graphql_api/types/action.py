"""What a caller may do on a case, with everything that doing it asks for: enough for a form, without knowing the definition."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.directed import whom
from graphql_api.identifiers import as_uuid
from graphql_api.together import together
from graphql_api.types.clock import label
from graphql_api.types.law import Citation, Ground, NeededFact, citations, ground_of, needed
from graphql_api.types.people import Setting, setting_by, settings_by
from policies import enforcer
from policies.actions import Act, Actor, Object
from policies.relations import Facts
from statute import definition
from statute import types as core
from statute.allowed import Action as Allowed
from statute.allowed import allowed
from workflows import library

MUTATIONS = {
    core.Kind.HAPPENED: "recordEvent",
    core.Kind.DONE: "completeTask",
    core.Kind.DECIDED: "recordDecision",
    core.Kind.SERVED: "serveNotice",
    core.Kind.EXCUSED: "claimExcuse",
}


@strawberry.type(description="One way a decision may go now.")
class Outcome:
    name: str = strawberry.field(description="As in the definition: the `outcome` of recordDecision.")
    say: str = strawberry.field(description="What it means.")
    facts: list[NeededFact] = strawberry.field(description="What it must or may record, besides the facts of the decision.")
    sends: str = strawberry.field(description="The notice that follows from it.")


@strawberry.type(description="A manner of serving a notice.")
class Service:
    name: str = strawberry.field(description="As in the definition: the `how` of serveNotice.")
    say: str = strawberry.field(description="In words.")
    after: str = strawberry.field(description="How long after sending it is taken to arrive.")


async def _settings(actions: Sequence[Action]) -> list[Setting | None]:
    return await settings_by(actions[0].context, [as_uuid(one.item or "") for one in actions])


@strawberry.type(description="Something that this caller may do now.")
class Action:
    context: Private[Context]
    name: str = strawberry.field(description="As in the definition; for an excuse, the deadline.")
    kind: str = strawberry.field(description="happened, done, decided, served or excused.")
    mutation: str = strawberry.field(description="The mutation that does it.")
    say: str = strawberry.field(description="What it is.")
    capacity: str = strawberry.field(description="In whose place.")
    item: str | None = strawberry.field(description="Which of several alike.")
    item_label: str | None = strawberry.field(description="That, in words; for a setting, see `setting`.")
    needs_item: bool = strawberry.field(description="Whether the caller names the item: a setting, by its id.")
    about: str | None = strawberry.field(
        description="What `about` gives the one it names. asked, assigned: a person; consulted, requested: a setting; null: it takes none."
    )
    facts: list[NeededFact] = strawberry.field(description="The facts that it takes.")
    outcomes: list[str] = strawberry.field(description="For a decision: how it may go.")
    ways: list[Outcome] = strawberry.field(description="The same, with what each asks for.")
    grounds: list[str] = strawberry.field(description="For an excuse: the grounds that the law knows.")
    excuses: list[Ground] = strawberry.field(description="The same, with what each asks for.")
    service: list[Service] = strawberry.field(description="For a notice: the manners of serving it.")
    citations: list[Citation] = strawberry.field(description="The law.")

    @strawberry.field(description="The setting that it concerns, where the item is one.")
    @together(_settings)
    async def setting(self) -> Setting | None:
        return await setting_by(self.context, as_uuid(self.item or ""))


def actions_of(context: Context, actor: Actor, facts: Facts, rules: definition.Process, state: core.State) -> list[Action]:
    """What the caller may do on a case. Who was asked for an item is offered that one: on use, no other would be taken from them.

    So what holds for an item is left out where it is asked for the others, and where an item is yet to be named.
    """
    today = context.today
    if today is None:
        raise LookupError("a case is read before it is asked what may be done on it")
    for_any = enforcer.capacities(actor, Facts(facts.relations))
    found = {(one.name, one.item): one for one in allowed(rules, state, for_any, today, library.england())}
    for item in sorted({item for _, item in facts.items}):
        held = enforcer.capacities(actor, facts, item)
        offers = allowed(rules, state, held, today, library.england()) if held != for_any else ()
        found |= {(one.name, one.item): one for one in offers if one.item == item and (item or not _each(rules, one))}
    excuses = enforcer.decide(actor, Object.CASE, Act.CLAIM_EXCUSE, facts).allowed
    return [_action(context, rules, one) for one in found.values() if excuses or one.kind is not core.Kind.EXCUSED]


def _each(rules: definition.Process, one: Allowed) -> str:
    """Of which items it is done for one; '' where it is done once."""
    return rules.deadlines[one.name].each if one.kind is core.Kind.EXCUSED else rules.acts[one.name].each


def _action(context: Context, rules: definition.Process, one: Allowed) -> Action:
    act, each = rules.acts.get(one.name) if one.kind is not core.Kind.EXCUSED else None, _each(rules, one)
    taken = {fact.rule.name for fact in one.facts}
    ways = [
        Outcome(
            name=way.name,
            say=way.say,
            facts=[needed(rules, use) for use in way.record if use.name not in taken],
            sends=way.send,
        )
        for way in one.outcomes
    ]
    return Action(
        context=context,
        name=one.name,
        kind=one.kind.value,
        mutation=MUTATIONS[one.kind],
        say=one.say,
        capacity=one.capacity,
        item=one.item or None,
        item_label=label(rules, each, one.item),
        needs_item=bool(each) and not one.item,
        about=act.relates if act and whom(rules, act) else None,
        facts=[needed(rules, definition.FactUse(fact.rule.name, fact.required)) for fact in one.facts],
        outcomes=[way.name for way in one.outcomes],
        ways=ways,
        grounds=list(one.grounds),
        excuses=[ground_of(rules, name) for name in one.grounds],
        service=[Service(name=way.name, say=way.say, after=str(way.after)) for way in rules.service.values()]
        if one.kind is core.Kind.SERVED
        else [],
        citations=citations(one.cites),
    )
