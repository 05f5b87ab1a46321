"""Putting the fictional tenants into a database, once however often it is done."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

from store import mediators, people
from store.session import Database
from tenants.mediators import Entry, Step
from tenants.seeds import Seed, SeededPerson, all_seeds, identity

WRITTEN = datetime(2014, 9, 1, tzinfo=UTC)
SINCE = date(2014, 9, 1)  # the relations of seeded people hold from the day the Act came into force


async def seed(owner: Database) -> tuple[Seed, ...]:
    """Write every seed; what is there stays as it is. Needs the owner's role, because authorities are its to make."""
    seeds = all_seeds()
    for one in seeds:
        async with owner.tenant(one.tenant) as session:
            await people.add_tenant(session, people.Tenant(one.tenant, one.name, one.dfe_code, one.gss_code, one.training))
            for setting in one.settings:
                await people.add_setting(session, people.Setting(setting.id, setting.name, setting.urn, setting.kind))
            for child in one.children:
                await people.add_child(
                    session,
                    people.Child(child.id, child.given_name, child.family_name, child.born_on, child.upn, child.setting_id),
                )
            for person in one.people:
                await people.add_person(session, people.Person(person.id, person.name, person.email, person.subject, list(person.roles)))
                for relation in _relations(one.tenant, person):
                    await people.add_relation(session, relation)
                if person.accredited is not None:
                    entry = Entry(1, Step.ADDED, person.accredited, "seeded")
                    key = identity(one.tenant, "mediator", person.subject)
                    await mediators.write(session, mediators.Kept(person.id, entry, key, person.id, WRITTEN))
    return seeds


def _relations(tenant: str, person: SeededPerson) -> list[people.Relation]:
    def relation(kind: str, *, child: UUID | None = None, setting: UUID | None = None) -> people.Relation:
        name = f"{person.id}/{kind}/{child or setting}"
        since = person.since or SINCE
        return people.Relation(identity(tenant, "relation", name), person.id, kind, since, child_id=child, setting_id=setting)

    found = [relation("parent", child=child) for child in person.parent_of]
    found += [relation("young_person", child=person.is_child)] if person.is_child else []
    return found + [relation("works_at", setting=setting) for setting in person.works_at]
