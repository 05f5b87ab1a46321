"""Who and where: the caller, the council, children, settings."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from graphql_api.identifiers import global_id
from store import people


@strawberry.interface(description="Anything with a global id.")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, and the same for ever.")


@strawberry.type(description="A school, college or other place of education.")
class Setting(Node):
    name: str = strawberry.field(description="Its name.")
    kind: str = strawberry.field(description="What kind it is.")
    urn: str | None = strawberry.field(description="Its unique reference number.")


@strawberry.type(description="A child or young person. Personal data.")
class Child(Node):
    given_name: str = strawberry.field(description="Personal data.")
    family_name: str = strawberry.field(description="Personal data.")
    born_on: date = strawberry.field(description="Personal data.")
    upn: str | None = strawberry.field(description="Unique pupil number. Personal data.")


@strawberry.type(description="The caller's local authority.")
class Tenant:
    slug: str = strawberry.field(description="Its short name.")
    name: str = strawberry.field(description="Its name.")
    dfe_code: str = strawberry.field(description="Its code at the Department for Education.")
    gss_code: str = strawberry.field(description="Its code at the Office for National Statistics.")
    training: bool = strawberry.field(description="Whether it is for training: nobody is real and its clock can be advanced.")
    today: date = strawberry.field(description="Its civil date now.")
    now: datetime = strawberry.field(description="Its instant now.")


@strawberry.type(description="Who is asking.")
class Viewer(Node):
    name: str = strawberry.field(description="The caller's own name.")
    tenant: Tenant = strawberry.field(description="Where.")
    roles: list[str] = strawberry.field(description="As what.")


def child_of(one: people.Child) -> Child:
    """A child for those who may see it."""
    key = global_id("Child", one.id)
    return Child(id=key, given_name=one.given_name, family_name=one.family_name, born_on=one.born_on, upn=one.upn)


def setting_of(one: people.Setting) -> Setting:
    """A setting."""
    return Setting(id=global_id("Setting", one.id), name=one.name, kind=one.kind, urn=one.urn)
