"""People come into the register with all their relations or not at all; what a relation gives begins and ends on its days."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from graphql_api.identifiers import global_id
from policies.actions import Role
from store import people
from store.session import Database
from store.tables import person, relation
from tests.graphql_api.clerk import DECIDER, OFFICER, PARENT, SENCO, elsewhere, hired, paths, write
from tests.graphql_api.conftest import Api
from tests.seeds import NORTHMOOR, SINCE, WESTSHIRE, seed_id

pytestmark = pytest.mark.stored
TODAY = datetime.now(UTC).date()
MINE, OTHER = (global_id("Child", child.id) for child in WESTSHIRE.children)
HERE = global_id("Setting", WESTSHIRE.setting.id)
PAT: dict[str, Any] = {"name": "Pat Quillon", "subject": "pat.quillon", "roles": ["parent"]}
SEES = "{ children { nodes { id } } }"


def on(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


async def counted(database: Database) -> tuple[int, int]:
    """How many people and relations Westshire has."""
    async with database.tenant(WESTSHIRE.slug) as session:
        rows = [await session.scalar(select(func.count()).select_from(table)) for table in (person, relation)]
    return rows[0] or 0, rows[1] or 0


def signed_in(given: dict[str, Any]) -> people.Person:
    """The person who was added, as they sign in."""
    return people.Person(uuid4(), given["name"], None, given["subject"], given["roles"])


async def sees(reader: Api, by: people.Person) -> list[str]:
    return [one["id"] for one in (await reader.ask(WESTSHIRE, by, SEES))["children"]["nodes"]]


async def relation_to(reader: Api, child: str = MINE, by: people.Person = OFFICER) -> dict[str, Any]:
    """The one relation of somebody to a child, as the register shows it."""
    query = "query($id: ID!) { node(id: $id) { ... on Child { relations { id kind since until person { id name } } } } }"
    [found] = (await reader.ask(WESTSHIRE, by, query, id=child))["node"]["relations"]
    return dict(found)


async def test_a_parent_who_is_added_signs_in_and_sees_the_child_from_the_first_day_on(reader: Api) -> None:
    answer = await write(reader, "addPerson", email=" pat@families.invalid ", parentOf=[OTHER, OTHER, str(WESTSHIRE.children[1].id)], **PAT)
    assert answer["__typename"] == "PersonAdded"
    found = answer["person"]
    assert (found["name"], found["email"], found["roles"]) == ("Pat Quillon", "pat@families.invalid", ["parent"])
    [held] = found["relations"]
    assert (held["kind"], held["since"], held["until"]) == ("parent", TODAY.isoformat(), None)
    assert (held["child"], held["setting"], held["person"]) == ({"id": OTHER}, None, {"name": "Pat Quillon"})
    assert await sees(reader, signed_in(PAT)) == [OTHER]


async def test_a_relation_that_begins_later_gives_nothing_yet(reader: Api) -> None:
    answer = await write(reader, "addPerson", parentOf=[MINE], youngPerson=[OTHER], since=on(5), **PAT)
    assert {(one["kind"], one["since"]) for one in answer["person"]["relations"]} == {("parent", on(5)), ("young_person", on(5))}
    assert await sees(reader, signed_in(PAT)) == []


async def test_somebody_who_works_at_a_school_sees_its_pupils(reader: Api, database: Database) -> None:
    senco: dict[str, Any] = {"name": "Sol Quillon", "subject": "sol", "roles": ["school_senco", "setting_consulted", "school_senco"]}
    other = await elsewhere(database)
    answer = await write(reader, "addPerson", await hired(database, "la_administrator"), worksAt=[HERE, str(other.id)], **senco)
    assert answer["person"]["roles"] == ["school_senco", "setting_consulted"]
    assert {one["setting"]["id"] for one in answer["person"]["relations"]} == {HERE, global_id("Setting", other.id)}
    assert set(await sees(reader, signed_in(senco))) == {MINE, OTHER}


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.LA_CASEWORKER, Role.LA_ADMINISTRATOR)])
async def test_nobody_else_adds_people_or_ends_relations(reader: Api, database: Database, role: str) -> None:
    by, known = await hired(database, role), (await relation_to(reader))["id"]
    before = await counted(database)
    for given in (PAT, PAT | {"parentOf": [str(uuid4())]}):
        assert (await write(reader, "addPerson", by, **given))["__typename"] == "Denied"
    ends = [await write(reader, "endRelation", by, relationId=one, endsOn=on(0)) for one in (known, str(uuid4()), "x")]
    assert ends[0] == ends[1] == ends[2]
    assert ends[0]["__typename"] == "Denied"
    assert await counted(database) == before


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"parentOf": [MINE, str(uuid4())]}, "parentOf.1"),
        ({"parentOf": [str(NORTHMOOR.children[0].id)]}, "parentOf.0"),
        ({"youngPerson": [global_id("Child", NORTHMOOR.children[0].id)]}, "youngPerson.0"),
        ({"youngPerson": [HERE]}, "youngPerson.0"),
        ({"worksAt": [HERE, global_id("Setting", NORTHMOOR.setting.id)]}, "worksAt.1"),
        ({"worksAt": ["x"]}, "worksAt.0"),
        ({"worksAt": [HERE] * 51}, "worksAt"),
        ({"name": "\n"}, "name"),
        ({"subject": " "}, "subject"),
        ({"subject": "s" * 256}, "subject"),
        ({"subject": "a\x01b"}, "subject"),
        ({"subject": WESTSHIRE.parent.subject}, "subject"),
        ({"email": "pat at home"}, "email"),
        ({"email": ""}, "email"),
        ({"roles": ["parent", "headteacher"]}, "roles.1"),
        ({"roles": []}, "roles"),
        ({"key": ""}, "key"),
    ],
)
async def test_a_person_who_cannot_be_is_told_why_and_nothing_is_half_written(
    reader: Api, database: Database, given: dict[str, Any], path: str
) -> None:
    before = await counted(database)
    assert paths(await write(reader, "addPerson", **({"parentOf": [MINE]} | PAT | given))) == [path]
    assert await counted(database) == before


async def test_everything_that_is_wrong_with_a_person_is_told_at_once(reader: Api) -> None:
    wrong: dict[str, Any] = {"name": "", "subject": "", "email": "x", "roles": ["x"], "parentOf": ["x"], "worksAt": ["x"]}
    assert paths(await write(reader, "addPerson", **wrong)) == ["name", "email", "subject", "roles.0", "parentOf.0", "worksAt.0"]


async def test_another_councils_child_is_as_unknown_as_an_invented_one(reader: Api) -> None:
    told = [await write(reader, "addPerson", parentOf=[one], **PAT) for one in (str(uuid4()), str(NORTHMOOR.children[0].id))]
    assert told[0] == told[1]
    ours = (await relation_to(reader))["id"]
    theirs = [
        await write(reader, "endRelation", NORTHMOOR.caseworker, place=NORTHMOOR, relationId=one, endsOn=on(0))
        for one in (ours, str(uuid4()), "x", MINE)
    ]
    assert all(one == theirs[0] for one in theirs)
    assert theirs[0]["__typename"] == "NotFound"


async def test_an_administrator_who_sees_no_children_ties_nobody_to_one_and_unties_nobody(reader: Api, database: Database) -> None:
    by, known = await hired(database, "la_administrator"), (await relation_to(reader))["id"]
    assert paths(await write(reader, "addPerson", by, parentOf=[MINE], **PAT)) == ["parentOf.0"]
    assert (await write(reader, "endRelation", by, relationId=known, endsOn=on(0)))["__typename"] == "NotFound"
    query = "query($id: ID!) { node(id: $id) { ... on Person { name relations { kind } } } }"
    shown = await reader.ask(WESTSHIRE, by, query, id=global_id("Person", PARENT.id))
    assert shown["node"] == {"name": PARENT.name, "relations": []}


async def test_the_same_key_adds_a_person_once_with_relations_once(reader: Api, database: Database) -> None:
    before, given = await counted(database), PAT | {"key": "once", "parentOf": [MINE, OTHER]}
    answers = await asyncio.gather(*(write(reader, "addPerson", **given) for _ in range(6)))
    assert [answer["replayed"] for answer in answers].count(False) == 1
    assert all(answer["person"] == answers[0]["person"] for answer in answers)
    assert await counted(database) == (before[0] + 1, before[1] + 2)
    [ended, *_] = answers[0]["person"]["relations"]
    await write(reader, "endRelation", relationId=ended["id"], endsOn=on(0))
    assert (await write(reader, "addPerson", **given))["replayed"]  # what ended was added all the same


@pytest.mark.parametrize(
    "changed",
    [
        {"name": "Pat Other"},
        {"email": "a@b.invalid"},
        {"roles": ["ops"]},
        {"subject": "other"},
        {"parentOf": []},
        {"parentOf": [OTHER]},
        {"worksAt": [HERE]},
        {"youngPerson": [MINE]},
        {"since": on(-1)},
    ],
)
async def test_a_key_with_another_person_is_refused(reader: Api, database: Database, changed: dict[str, Any]) -> None:
    given = PAT | {"key": "k", "parentOf": [MINE], "since": on(-3)}
    await write(reader, "addPerson", **given)
    before = await counted(database)
    assert paths(await write(reader, "addPerson", **(given | changed))) == ["key"]
    assert await counted(database) == before
    assert (await write(reader, "addPerson", **{name: value for name, value in given.items() if name != "since"}))["replayed"]


async def test_a_subject_that_is_taken_is_told_without_saying_whose_it_is(reader: Api) -> None:
    answer = await write(reader, "addPerson", **(PAT | {"subject": SENCO.subject}))
    assert paths(answer) == ["subject"]
    assert SENCO.subject not in str(answer)
    assert SENCO.name not in str(answer)
    elsewhere_known = await write(reader, "addPerson", **(PAT | {"subject": NORTHMOOR.senco.subject}))
    assert elsewhere_known["__typename"] == "PersonAdded"
    at_once = await asyncio.gather(*(write(reader, "addPerson", **(PAT | {"subject": "one"})) for _ in range(3)))
    assert sorted(answer["__typename"] for answer in at_once) == ["Invalid", "Invalid", "PersonAdded"]


async def test_a_parent_whom_an_order_keeps_away_sees_the_child_up_to_the_last_day(reader: Api) -> None:
    found = await relation_to(reader)
    assert (found["kind"], found["person"]["name"], found["until"]) == ("parent", PARENT.name, None)
    for days, seen in ((3, [MINE]), (0, [MINE]), (-1, [])):
        ended = await write(reader, "endRelation", relationId=found["id"], endsOn=on(days))
        assert ended["relation"] == {"id": found["id"], "kind": "parent", "since": SINCE.isoformat(), "until": on(days)}
        assert not ended["replayed"]
        assert await sees(reader, PARENT) == seen
    assert (await write(reader, "endRelation", relationId=found["id"], endsOn=on(-1)))["replayed"]
    assert paths(await write(reader, "endRelation", relationId=found["id"], endsOn=on(0))) == ["endsOn"]  # never put off
    assert await sees(reader, PARENT) == []


async def test_somebody_who_left_a_school_no_longer_sees_its_pupils(reader: Api, database: Database) -> None:
    query = "query($id: ID!) { node(id: $id) { ... on Setting { relations { id kind person { name } } } } }"
    administrator = await hired(database, "la_administrator")
    [works] = (await reader.ask(WESTSHIRE, administrator, query, id=HERE))["node"]["relations"]
    assert (works["kind"], works["person"]) == ("works_at", {"name": SENCO.name})
    assert await sees(reader, SENCO)
    assert (await write(reader, "endRelation", administrator, relationId=works["id"], endsOn=on(-1)))["__typename"] == "RelationEnded"
    assert await sees(reader, SENCO) == []
    assert (await reader.ask(WESTSHIRE, administrator, query, id=HERE))["node"]["relations"] == []


@pytest.mark.parametrize(("given", "path"), [({"endsOn": (SINCE - timedelta(days=1)).isoformat()}, "endsOn"), ({"key": " "}, "key")])
async def test_an_end_that_cannot_be_is_told_why(reader: Api, given: dict[str, Any], path: str) -> None:
    found = await relation_to(reader)
    assert paths(await write(reader, "endRelation", **({"relationId": found["id"], "endsOn": on(0)} | given))) == [path]
    assert (await relation_to(reader))["until"] is None


async def test_of_two_ends_at_once_the_earlier_one_stays(reader: Api, database: Database) -> None:
    found = await relation_to(reader)
    await asyncio.gather(*(write(reader, "endRelation", relationId=found["id"], endsOn=on(-days)) for days in (1, 5, 3, 2)))
    async with database.tenant(WESTSHIRE.slug) as session:
        kept = await people.read_relation(session, seed_id(f"{PARENT.subject}|parent"))
    assert kept is not None
    assert kept.ends_on == TODAY - timedelta(days=5)


async def test_who_stands_how_to_a_child_is_for_those_alone_who_keep_the_register(reader: Api) -> None:
    query = "query($id: ID!) { node(id: $id) { ... on Child { relations { id } setting { relations { id } } } } }"
    for by in (PARENT, SENCO, DECIDER):
        assert (await reader.ask(WESTSHIRE, by, query, id=MINE))["node"] == {"relations": [], "setting": {"relations": []}}
    shown = (await reader.ask(WESTSHIRE, OFFICER, query, id=MINE))["node"]
    assert len(shown["relations"]) == len(shown["setting"]["relations"]) == 1


async def test_a_person_is_shown_to_themselves_and_to_those_who_keep_the_register(reader: Api) -> None:
    query = "query($id: ID!) { node(id: $id) { __typename id } }"
    key = global_id("Person", SENCO.id)
    assert (await reader.ask(WESTSHIRE, OFFICER, query, id=key))["node"] == {"__typename": "Person", "id": key}
    assert (await reader.ask(WESTSHIRE, SENCO, query, id=key))["node"] == {"__typename": "Viewer", "id": key}
    for by in (PARENT, DECIDER):
        assert (await reader.ask(WESTSHIRE, by, query, id=key))["node"] is None
    assert (await reader.ask(NORTHMOOR, NORTHMOOR.caseworker, query, id=key))["node"] is None
    mine = (await reader.ask(WESTSHIRE, SENCO, "{ viewer { relations { id kind person { name } } } }"))["viewer"]["relations"]
    assert [(one["kind"], one["person"]["name"]) for one in mine] == [("works_at", SENCO.name)]


async def test_an_old_first_day_is_kept_as_it_was_given(reader: Api) -> None:
    answer = await write(reader, "addPerson", parentOf=[MINE], since="1987-12-01", **PAT)
    assert date.fromisoformat(answer["person"]["relations"][0]["since"]) == date(1987, 12, 1)
