"""`endRelation`: a parent whom an order keeps away, somebody who left a school. From the day after, what it gave is gone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context, Reading
from graphql_api.types import registered, results
from graphql_api.types.person import relation_of
from policies.actions import Act, Object
from statute.types import Fault
from store import people, relations


@strawberry.input(description="The end of a relation. It can be brought forward later, and never put off.")
class EndRelationInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    relation_id: strawberry.ID = strawberry.field(description="The relation.")
    ends_on: date = strawberry.field(
        description="The last day on which it holds; for a relation that is to hold no longer today, yesterday."
    )
    why: str | None = strawberry.field(default=None, description="Why it ends; needed where an order is lifted. Personal data.")


async def end_relation(context: Context, given: EndRelationInput) -> registered.EndedRelation:
    """End it. Saying it again changes nothing, and so does saying it after somebody brought the end forward."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        standing, why = reading.standing, (given.why or "").strip()
        may, granting = standing.may(Object.PERSON, Act.CREATE), standing.may(Object.PERSON, Act.GRANT_SUPPORT)
        if not (may.allowed or granting.allowed):
            return results.Denied(reason=may.reason)
        found = await _found(reading, register.key_in("Relation", given.relation_id))
        if not may.allowed and (found is None or found.kind != relations.SUPPORT):
            return results.Denied(reason=may.reason)
        if found is None:
            return results.NotFound(say=register.NO_RELATION)
        if found.person_id == standing.actor.person_id:
            return results.Denied(reason=register.CONCERNS_YOU)
        if len(why) > register.LONGEST_PROSE or not (why or found.kind not in relations.KEEPING):
            do = f"say why, in at most {register.LONGEST_PROSE} characters"
            return results.invalid(Fault("why", "is empty or too long", "an order is not lifted without a word", do))
        fault = _fault(found, given.ends_on)
        if fault is not None:
            return results.invalid(fault)
        if found.ends_on != given.ends_on:
            await relations.end(reading.session, found, given.ends_on, why, standing.actor.person_id, standing.now)
    ended = relation_of(context, replace(found, ends_on=given.ends_on))
    return registered.RelationEnded(relation=ended, replayed=found.ends_on == given.ends_on)


async def _found(reading: Reading, key: UUID | None) -> people.Relation | None:
    """The relation, held; one to a child only for those who may see the child."""
    found = await people.read_relation(reading.session, key, hold=True) if key else None
    if found is None or (found.child_id and not await register.visible(reading, Object.CHILD, [found.child_id])):
        return None
    return found


def _fault(found: people.Relation, ends_on: date) -> Fault | None:
    if ends_on < found.starts_on:
        why, do = f"it holds from {found.starts_on} on", "give that day or a later one"
        return Fault("endsOn", "lies before the relation begins", why, do)
    if found.ends_on is not None and ends_on > found.ends_on:
        why, do = "an end is brought forward and never put off", "leave it as it is"
        return Fault("endsOn", f"lies after {found.ends_on}, when it ends already", why, do)
    return None
