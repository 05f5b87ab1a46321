"""Two authorities with people, settings and children; every name holds a word that occurs nowhere else, to find leaks by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from store import lifecycle, people
from store.session import Database
from store.terms import Term, record_terms

SPACE = UUID("6b3f7a52-0c1e-4d5a-9a54-51a3a6f4d2c8")
SINCE = date(2024, 9, 2)
TERMS = (
    Term(date(2026, 9, 2), date(2026, 12, 18), tuple(date(2026, 10, day) for day in range(26, 31))),
    Term(date(2027, 1, 5), date(2027, 3, 25), tuple(date(2027, 2, day) for day in range(15, 20))),
)


def seed_id(name: str) -> UUID:
    """The same id for the same name, in every run."""
    return uuid5(SPACE, name)


@dataclass(frozen=True, slots=True)
class Place:
    """One seeded authority: what its ids are, and the words that belong to it alone."""

    slug: str
    tenant: people.Tenant
    setting: people.Setting
    parent: people.Person
    caseworker: people.Person
    decision_maker: people.Person
    senco: people.Person
    children: tuple[people.Child, people.Child]
    canaries: tuple[str, ...]


def _place(slug: str, name: str, dfe: str, gss: str, urn: str, training: bool, words: tuple[str, str, str], upns: tuple[str, str]) -> Place:
    def person(what: str, role: str) -> people.Person:
        subject = f"{slug}|{what}"
        return people.Person(seed_id(subject), f"{what.title()} {words[2]}", f"{what}@{slug}.example", subject, [role])

    setting = people.Setting(seed_id(f"{slug}|setting"), f"{words[2]} School", urn, "mainstream_school")
    children = tuple(
        people.Child(seed_id(f"{slug}|child{n}"), word, f"{words[2]}son", date(2017, 3, n + 1), upns[n], setting.id)
        for n, word in enumerate(words[:2])
    )
    return Place(
        slug,
        people.Tenant(slug, name, dfe, gss, training),
        setting,
        person("parent", "parent"),
        person("caseworker", "la_caseworker"),
        person("decider", "decision_maker"),
        person("senco", "school_senco"),
        (children[0], children[1]),
        (*words, *upns),
    )


# invented authorities: codes that no authority has, so that no number can be a real child's
WESTSHIRE = _place(
    "westshire", "Westshire County Council", "999", "E10999999", "999001", True,
    ("Wrenquil", "Wistoria", "Waldenmoss"), ("T999400126001", "G999400126002"),
)  # fmt: skip
NORTHMOOR = _place(
    "northmoor", "Northmoor Borough Council", "998", "E08999998", "998001", False,
    ("Nimbrel", "Nolaveth", "Netherquay"), ("N998400126001", "C998400126002"),
)  # fmt: skip
PLACES = (WESTSHIRE, NORTHMOOR)


async def seed(owner_dsn: str) -> None:
    """Put both authorities into an empty, migrated database, as the owner does."""
    db = Database(owner_dsn, pool_size=1)
    try:
        for place in PLACES:
            async with db.tenant(place.slug) as session:
                await lifecycle.create(session, place.tenant, "tests", "seeded")
                await people.add_setting(session, place.setting)
                await record_terms(session, place.setting.id, TERMS)
                for person in (place.parent, place.caseworker, place.decision_maker, place.senco):
                    await people.add_person(session, person)
                for child in place.children:
                    await people.add_child(session, child)
                for person, kind, child_id, setting_id in (
                    (place.parent, "parent", place.children[0].id, None),
                    (place.senco, "works_at", None, place.setting.id),
                ):
                    new = people.Relation(seed_id(f"{person.subject}|{kind}"), person.id, kind, SINCE, child_id, setting_id)
                    await people.add_relation(session, new)
    finally:
        await db.close()
