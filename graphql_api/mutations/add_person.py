"""`addPerson`: somebody who signs in, with how they stand to children and settings."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID, uuid5

import strawberry

from graphql_api import inputs, register
from graphql_api.context import Context, Reading
from graphql_api.types import registered, results
from graphql_api.types.person import person_of
from policies.actions import Act, Object, Role
from statute.types import Fault
from store import people
from store import relations as relating

_EMAIL = re.compile(r"[^\s@]{1,64}@[^\s@]{1,189}")
_LONGEST_SUBJECT = 255
WITH_THEM = "recorded with the person"


@strawberry.input(description="Somebody who signs in. Personal data.")
class AddPersonInput:
    key: strawberry.ID = strawberry.field(description=inputs.KEY)
    name: str = strawberry.field(description="Personal data.")
    email: str | None = strawberry.field(default=None, description="Where they are written to. Personal data.")
    subject: str = strawberry.field(description="By what the sign-in service knows them.")
    roles: list[str] = strawberry.field(description="As what, for the register; what they may do is decided by their sign-in.")
    parent_of: list[strawberry.ID] = strawberry.field(default_factory=list, description="The children whose parent they are.")
    young_person: list[strawberry.ID] = strawberry.field(
        default_factory=list, description="The young person who they are themselves, or for whom they stand in."
    )
    works_at: list[strawberry.ID] = strawberry.field(default_factory=list, description="The schools and colleges where they work.")
    since: date | None = strawberry.field(default=None, description="The first day on which this holds; left out: today.")


async def add_person(context: Context, given: AddPersonInput) -> registered.AddedPerson:
    """Add a person once by (person who asks, key), with all their relations or not at all."""
    fault = inputs.faulty_key(given.key)
    if fault is not None:
        return results.invalid(fault)
    async with register.writing(context) as reading:
        may = reading.standing.may(Object.PERSON, Act.CREATE)
        if not may.allowed:
            return results.Denied(reason=may.reason)
        new, faults = _person(reading, given)
        relations, wrong = await _relations(reading, given, new.id)
        faults += wrong
        if faults:
            return results.invalid(*faults)
        before = await register.admit(reading, new, register.taken("subject", "another person's"))
        if isinstance(before, Fault):
            return results.invalid(before)
        if before and not await _as_before(reading, given, relations):
            return results.invalid(register.KEY_USED)
        for relation in () if before else relations:
            await relating.add(reading.session, relation, WITH_THEM, reading.standing.actor.person_id, reading.standing.now)
    return registered.PersonAdded(person=person_of(context, new), replayed=before)


def _person(reading: Reading, given: AddPersonInput) -> tuple[people.Person, list[Fault]]:
    faults: list[Fault] = []
    name, subject = register.text_of(faults, "name", given.name), given.subject.strip()
    email = given.email.strip() if given.email is not None else None
    if email is not None and not _EMAIL.fullmatch(email):
        faults.append(Fault("email", "is no address", "letters are sent there", "correct it, or leave it out"))
    if not subject or len(subject) > _LONGEST_SUBJECT or not subject.isprintable():
        do = f"take `sub` of their token: at most {_LONGEST_SUBJECT} characters"
        faults.append(Fault("subject", "is empty, too long or not text", "a sign-in is told by it", do))
    unknown = [f"roles.{n}" for n, role in enumerate(given.roles) if role not in set(Role)]
    faults += [Fault(path, "is no role", "the policy knows these alone", f"choose of {', '.join(sorted(Role))}") for path in unknown]
    if not given.roles:
        faults.append(Fault("roles", "is empty", "somebody without a role may do nothing", "give at least one"))
    return people.Person(register.row_id(reading, "person", given.key), name, email, subject, sorted(set(given.roles))), faults


async def _relations(reading: Reading, given: AddPersonInput, person_id: UUID) -> tuple[list[people.Relation], list[Fault]]:
    """The relations as they would be added. Their ids come from the person's, so that a repetition finds them."""
    since, relations, faults = given.since or reading.standing.today, [], []
    for kind, of, path, ids in (
        ("parent", Object.CHILD, "parentOf", given.parent_of),
        ("young_person", Object.CHILD, "youngPerson", given.young_person),
        ("works_at", Object.SETTING, "worksAt", given.works_at),
    ):
        keys, wrong = await register.named(reading, of, path, ids)
        faults += wrong
        for key in keys:
            child, setting = (key, None) if of is Object.CHILD else (None, key)
            relations.append(people.Relation(_relation_id(person_id, kind, key), person_id, kind, since, child, setting))
    return relations, faults


async def _as_before(reading: Reading, given: AddPersonInput, relations: list[people.Relation]) -> bool:
    """Whether these relations were added with the person, and no others. Left out, the first day is that of the first time."""
    person_id = register.row_id(reading, "person", given.key)
    of_person = await people.related(reading.session, date.min, [person_id])
    added = {one.id: one for one in of_person if one.id == _relation_id(person_id, one.kind, one.child_id or one.setting_id)}
    same_day = given.since is None or all(one.starts_on == given.since for one in added.values())
    return same_day and set(added) == {one.id for one in relations}


def _relation_id(person_id: UUID, kind: str, key: UUID | None) -> UUID:
    return uuid5(person_id, f"{kind}:{key}")
