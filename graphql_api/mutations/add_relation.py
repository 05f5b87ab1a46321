"""`addRelation`: how somebody who is known stands to a child or a setting: kin, work, an order of a court, a grant of support."""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum
from uuid import UUID

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context, Reading
from graphql_api.types import registered, results
from graphql_api.types.person import relation_of
from policies import enforcer
from policies.actions import Act, Object
from statute.types import Fault
from store import people, relations

NOBODY = "There is nobody like that here, or nobody that you may see."
# the product's own limit: no law says for how long a council may let the service look
SUPPORT_DAYS = 30


@strawberry.enum(description="How somebody stands to a child or a setting.")
class RelationKind(Enum):
    PARENT = strawberry.enum_value("parent", description="A parent of the child (Children and Families Act 2014 s.83).")
    YOUNG_PERSON = strawberry.enum_value("young_person", description="The young person, or who stands in for them (s.80).")
    WORKS_AT = strawberry.enum_value("works_at", description="Works at the setting.")
    KEPT_FROM_ACTING = strawberry.enum_value("kept_from_acting", description="An order: takes no step for the child; still reads.")
    KEPT_FROM_PAPERS = strawberry.enum_value(
        "kept_from_papers", description="An order: sees no letters, provision, lists or journal, and is sent none; still knows of the case."
    )
    KEPT_FROM_RECORD = strawberry.enum_value("kept_from_record", description="An order: sees nothing of the child and takes no step.")
    SUPPORT = strawberry.enum_value("support", description="The service's own people may look at the child's cases until a day.")


@strawberry.input(description="How somebody stands to a child or to a setting, from a day and perhaps until a day.")
class AddRelationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    person_id: strawberry.ID = strawberry.field(description="Who.")
    kind: RelationKind = strawberry.field(description="How.")
    child_id: strawberry.ID | None = strawberry.field(default=None, description="To which child; for WORKS_AT none.")
    setting_id: strawberry.ID | None = strawberry.field(default=None, description="To which setting; for WORKS_AT alone.")
    since: date | None = strawberry.field(default=None, description="The first day on which it holds; left out: today.")
    until: date | None = strawberry.field(
        default=None, description=f"The last day, where it is known; SUPPORT needs one, {SUPPORT_DAYS} days from today at most."
    )
    why: str = strawberry.field(
        description="Why it is recorded, and on what: the order with its date, the birth certificate. Personal data."
    )


async def add_relation(context: Context, given: AddRelationInput) -> registered.AddedRelation:
    """Record it once by (person who asks, key). What concerns oneself is for somebody else to record."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing = reading.standing
        may = standing.may(Object.PERSON, Act.GRANT_SUPPORT if given.kind is RelationKind.SUPPORT else Act.CREATE)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        person = register.key_in("Person", given.person_id)
        if person is None or not await _knows(reading, person):
            return results.NotFound(say=NOBODY)
        if person == standing.actor.person_id:
            return results.Denied(reason=register.CONCERNS_YOU)
        new, why, faults = await _relation(reading, given, person)
        if new is None or faults:
            return results.invalid(*faults)
        before = await people.read_relation(reading.session, new.id)
        if before is not None:
            if not _same(before, new, given):
                return results.invalid(register.KEY_USED)
            return registered.RelationAdded(relation=relation_of(context, before), replayed=True)
        if await relations.of_two(reading.session, new):
            do = "end that one first, or leave it as it is"
            return results.invalid(Fault("kind", "is so between the two already", "one relation is one row with its days", do))
        if not await relations.add(reading.session, new, why, standing.actor.person_id, standing.now):
            return results.invalid(register.KEY_USED)
    return registered.RelationAdded(relation=relation_of(context, new), replayed=False)


async def _knows(reading: Reading, person: UUID) -> bool:
    standing = reading.standing
    return await enforcer.facts_of_person(reading.session, standing.actor, person, standing.today) is not None


async def _relation(reading: Reading, given: AddRelationInput, person: UUID) -> tuple[people.Relation | None, str, list[Fault]]:
    """The relation as it would be, what is said of it, and everything wrong with it. The child or setting is held: two do not write the same."""
    faults: list[Fault] = []
    today, since = reading.standing.today, given.since or reading.standing.today
    works = given.kind is RelationKind.WORKS_AT
    kind, path, named = (Object.SETTING, "settingId", given.setting_id) if works else (Object.CHILD, "childId", given.child_id)
    if (given.child_id if works else given.setting_id) is not None:
        do = "leave it out"
        faults.append(Fault("childId" if works else "settingId", "does not belong here", "a relation is to one child or one setting", do))
    key = register.key_in(kind.value.capitalize(), named) if named is not None else None
    if key is None or not await register.visible(reading, kind, [key]):
        faults.append(Fault(path, "names nothing that you may see", "whoever is related gets a part in it", f"give the id of one {kind}"))
        return None, "", faults
    held = people.read_setting(reading.session, key, hold=True) if works else people.read_child(reading.session, key, hold=True)
    await held
    if given.until is not None and given.until < since:
        faults.append(Fault("until", "lies before the relation begins", f"it holds from {since} on", "give that day or a later one"))
    if given.kind is RelationKind.SUPPORT and (given.until is None or given.until > today + timedelta(days=SUPPORT_DAYS)):
        say, do = "a grant ends by itself", f"give a day within {SUPPORT_DAYS} days from today"
        faults.append(Fault("until", "is missing or too late", say, do))
    why = register.prose_of(faults, "why", given.why)
    row = register.row_id(reading, "relation", given.key)
    return (
        people.Relation(row, person, given.kind.name.lower(), since, None if works else key, key if works else None, given.until),
        why,
        faults,
    )


def _same(before: people.Relation, new: people.Relation, given: AddRelationInput) -> bool:
    """The same request again; its end may have been said since, and left out, the first day is that of the first time."""
    apart = {"ends_on"} | ({"starts_on"} if given.since is None else set())
    return all(getattr(before, name) == getattr(new, name) for name in new.__slots__ if name not in apart)
