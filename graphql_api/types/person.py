"""People as those see them who keep the register, and how people stand to children and settings."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry import Private

from graphql_api.context import Context
from graphql_api.identifiers import global_id
from graphql_api.types.child import Child, child_by
from graphql_api.types.people import Node, Setting, setting_by
from store import people
from store import relations as stored


@strawberry.type(description="Something that was done with a relation.")
class RelationStep:
    context: Private[Context]
    person_key: Private[UUID]
    what: str = strawberry.field(description="added or ended.")
    until: date | None = strawberry.field(description="The last day, as it was said then.")
    why: str = strawberry.field(description="Personal data.")
    at: datetime = strawberry.field(description="When it was written down.")

    @strawberry.field(description="Who wrote it down, for those who may see them.")
    async def by(self) -> Person | None:
        return await person_by(self.context, self.person_key)


@strawberry.type(description="How somebody stands to a child or to a setting.")
class Relation:
    context: Private[Context]
    key: Private[UUID]
    person_key: Private[UUID]
    child_key: Private[UUID | None]
    setting_key: Private[UUID | None]
    id: strawberry.ID = strawberry.field(description="Opaque, and the same for ever: what endRelation takes.")
    kind: str = strawberry.field(
        description="parent, young_person, works_at, kept_from_acting, kept_from_papers, kept_from_record or support."
    )
    since: date = strawberry.field(description="The first day on which it holds.")
    until: date | None = strawberry.field(description="The last day on which it holds, where one is known.")

    @strawberry.field(description="The child.")
    async def child(self) -> Child | None:
        return await child_by(self.context, self.child_key)

    @strawberry.field(description="The setting.")
    async def setting(self) -> Setting | None:
        return await setting_by(self.context, self.setting_key)

    @strawberry.field(description="Who recorded and who ended it, when and why, for those who keep the register; the earliest first.")
    async def history(self) -> list[RelationStep]:
        return [step_of(self.context, one) for one in await self.context.loaders.relation_steps.load(self.key)]

    @strawberry.field(description="Whose relation it is, for themselves and for those who keep the register.")
    async def person(self) -> Person | None:
        return await person_by(self.context, self.person_key)


@strawberry.type(description="Somebody who signs in, as those see them who keep the register. Personal data.")
class Person(Node):
    context: Private[Context]
    key: Private[UUID]
    name: str = strawberry.field(description="Personal data.")
    email: str | None = strawberry.field(description="Where they are written to. Personal data.")
    roles: list[str] = strawberry.field(description="As what they are registered; what they may do is decided by their sign-in.")

    @strawberry.field(description="How they stand to children and settings, today or from a later day.")
    async def relations(self) -> list[Relation]:
        return await relations_of(self.context, self.key)


def person_of(context: Context, one: people.Person) -> Person:
    """A person for those who may see them."""
    return Person(id=global_id("Person", one.id), context=context, key=one.id, name=one.name, email=one.email, roles=sorted(one.roles))


async def person_by(context: Context, key: UUID) -> Person | None:
    """A person by their key, if it is one whom the caller may see; many of one answer are one statement."""
    found = await context.loaders.person.load(key)
    return person_of(context, found) if found else None


def relation_of(context: Context, one: people.Relation) -> Relation:
    """A relation for those who may see it."""
    return Relation(
        context=context,
        key=one.id,
        person_key=one.person_id,
        child_key=one.child_id,
        setting_key=one.setting_id,
        id=global_id("Relation", one.id),
        kind=one.kind,
        since=one.starts_on,
        until=one.ends_on,
    )


def step_of(context: Context, one: stored.Step) -> RelationStep:
    """A step for those who may see it."""
    return RelationStep(context=context, person_key=one.written_by, what=one.what, until=one.ends_on, why=one.why, at=one.written_at)


async def relations_of(context: Context, key: UUID) -> list[Relation]:
    """The relations of a person, to a child or to a setting, for those who may list people."""
    return [relation_of(context, one) for one in await context.loaders.relations.load(key)]
