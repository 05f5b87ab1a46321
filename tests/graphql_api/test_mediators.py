"""The register of mediators over HTTP, and that only whom it accredits, and no employee of the council, is assigned to a case."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
import pytest_asyncio

from graphql_api.identifiers import cursor, global_id
from statute.types import Kind
from store import mediators, people
from store.session import Database
from tenants.mediators import Accreditation, Employer, Entry, Step
from tests.graphql_api.clerk import OFFICER, PARENT, hired, paths
from tests.graphql_api.conftest import Api, apis
from tests.graphql_api.lived import Life
from tests.graphql_api.test_directed import Noting
from tests.seeds import NORTHMOOR, WESTSHIRE
from workflows import library, ports
from workflows.engine import Engine

pytestmark = pytest.mark.stored
TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)
SHOWN = """fragment Shown on Mediator { version standing warning personId person { name }
  latest { version step body number accreditedOn expiresOn employer employedBy training { what on } why writtenBy { name } }
  history { version step why } }"""
LIST = (
    """query($n: Int, $first: Int, $after: String) { mediators(first: $first, after: $after, endingWithinDays: $n)
  { nodes { ...Shown } edges { cursor node { personId } } pageInfo { hasNextPage endCursor } } } """
    + SHOWN
)
ANSWER = """{ __typename ... on MediatorRecorded { replayed mediator { ...Shown } } ... on MediatorConflict { say mediator { version } }
  ... on Refused { say citations { instrument pinpoint evidence } } ... on Denied { reason } ... on NotFound { say }
  ... on Invalid { faults { path what why do } } }"""
HELD = {
    "body": "College of Somewhere", "number": "S-17", "accreditedOn": "2024-09-01", "expiresOn": (TODAY + 400 * DAY).isoformat(),
    "employer": "Self-employed", "employedBy": "NONE_OF_THESE", "training": [{"what": "SEND law", "on": "2024-06-01"}],
}  # fmt: skip


async def write(api: Api, by: people.Person, mutation: str, **given: Any) -> dict[str, Any]:
    document = f"mutation($input: {mutation[0].upper() + mutation[1:]}Input!) {{ {mutation}(input: $input) {ANSWER} }} {SHOWN}"
    answer: dict[str, Any] = (await api.ask(WESTSHIRE, by, document, input={"key": uuid4().hex, **given}))[mutation]
    return answer


@pytest_asyncio.fixture
async def manager(database: Database) -> people.Person:
    return await hired(database, "la_manager")


@pytest_asyncio.fixture
async def adviser(database: Database) -> people.Person:
    return await hired(database, "mediation_adviser")


async def added(api: Api, by: people.Person, who: people.Person, **more: Any) -> dict[str, Any]:
    return await write(api, by, "addMediator", personId=global_id("Person", who.id), accreditation={**HELD, **more})


async def test_a_manager_keeps_the_register_and_every_version_stays(reader: Api, manager: people.Person, adviser: people.Person) -> None:
    one = await added(reader, manager, adviser)
    assert one["__typename"] == "MediatorRecorded", one
    assert (one["mediator"]["version"], one["mediator"]["standing"], one["mediator"]["warning"]) == (1, "ACCREDITED", None)
    assert one["mediator"]["person"] == {"name": adviser.name}
    assert one["mediator"]["latest"]["training"] == [{"what": "SEND law", "on": "2024-06-01"}]
    who = {"personId": global_id("Person", adviser.id)}
    two = await write(reader, manager, "suspendMediator", **who, expectedVersion=1, why="A complaint is looked into.")
    assert two["mediator"]["standing"] == "SUSPENDED"
    later = {**HELD, "accreditedOn": TODAY.isoformat()}
    three = await write(reader, manager, "renewAccreditation", **who, expectedVersion=2, why="Unfounded.", accreditation=later)
    assert three["mediator"]["standing"] == "ACCREDITED"
    assert [(each["version"], each["step"], each["why"]) for each in three["mediator"]["history"]] == [
        (3, "RENEWED", "Unfounded."),
        (2, "SUSPENDED", "A complaint is looked into."),
        (1, "ADDED", ""),
    ]
    assert three["mediator"]["latest"]["writtenBy"] == {"name": manager.name}


async def test_the_same_key_is_one_act_and_another_content_under_it_is_told(
    reader: Api, manager: people.Person, adviser: people.Person
) -> None:
    given = {"key": "once", "personId": str(adviser.id), "accreditation": HELD}
    assert [(await write(reader, manager, "addMediator", **given))["replayed"] for _ in range(2)] == [False, True]
    assert paths(await write(reader, manager, "addMediator", **{**given, "accreditation": {**HELD, "number": "S-18"}})) == ["key"]


async def test_a_stale_version_is_a_conflict_and_of_two_at_once_one_is_told(
    reader: Api, manager: people.Person, adviser: people.Person
) -> None:
    await added(reader, manager, adviser)
    again = await added(reader, manager, adviser)
    assert (again["__typename"], again["mediator"]["version"]) == ("MediatorConflict", 1)
    given = {"personId": str(adviser.id), "expectedVersion": 1, "why": "x"}
    answers = await asyncio.gather(*(write(reader, manager, "suspendMediator", **given) for _ in range(3)))
    assert sorted(one["__typename"] for one in answers) == ["MediatorConflict", "MediatorConflict", "MediatorRecorded"]
    assert {one["mediator"]["version"] for one in answers} == {2}


@pytest.mark.parametrize("by", ["LOCAL_AUTHORITY", "INTEGRATED_CARE_BOARD", "NHS_ENGLAND"])
async def test_whom_a_council_or_a_health_body_employs_is_refused_by_the_act(
    reader: Api, manager: people.Person, adviser: people.Person, by: str
) -> None:
    refused = await added(reader, manager, adviser, employedBy=by)
    assert refused["__typename"] == "Refused"
    assert {"instrument": "CFA", "pinpoint": "s.56(3)", "evidence": "PRIMARY"} in refused["citations"]


async def test_an_officer_of_the_council_is_refused_too(reader: Api, manager: people.Person, database: Database) -> None:
    both = await hired(database, "la_caseworker", "mediation_adviser")
    assert (await added(reader, manager, both))["__typename"] == "Refused"


async def test_what_cannot_be_is_told_all_at_once(reader: Api, manager: people.Person, adviser: people.Person) -> None:
    wrong = {"body": " ", "expiresOn": "2024-08-31", "training": [{"what": "", "on": (TODAY + 9 * DAY).isoformat()}]}
    answer = await added(reader, manager, WESTSHIRE.senco, **wrong)
    assert paths(answer) == [
        "accreditation.body", "accreditation.expiresOn", "accreditation.training.0.what", "accreditation.training.0.on", "personId",
    ]  # fmt: skip
    assert paths(await added(reader, manager, adviser, expiresOn=(TODAY - 9 * DAY).isoformat())) == ["accreditation.expiresOn"]
    silent = await write(reader, manager, "suspendMediator", personId=str(adviser.id), expectedVersion=1, why=" ")
    assert paths(silent) == ["why"]


@pytest.mark.parametrize("role", ["la_caseworker", "decision_maker", "auditor", "mediation_adviser", "parent", "ops"])
async def test_nobody_else_writes_in_the_register(reader: Api, database: Database, adviser: people.Person, role: str) -> None:
    denied = await added(reader, await hired(database, role), adviser)
    assert denied == {"__typename": "Denied", "reason": "Your role here does not let you keep the register of mediators."}


async def test_who_is_not_there_is_not_found(reader: Api, manager: people.Person, adviser: people.Person) -> None:
    for who in (str(uuid4()), "x", str(NORTHMOOR.senco.id)):
        assert (await write(reader, manager, "addMediator", personId=who, accreditation=HELD))["__typename"] == "NotFound"
    gone = await write(reader, manager, "suspendMediator", personId=str(adviser.id), expectedVersion=1, why="x")
    assert gone["__typename"] == "NotFound"


async def keep(database: Database, who: people.Person, held: Accreditation, *steps: Step) -> None:
    async with database.tenant(WESTSHIRE.slug) as session:
        for n, step in enumerate(steps, 1):
            entry = Entry(n, step, held)
            assert await mediators.write(session, mediators.Kept(who.id, entry, uuid4(), who.id, datetime.now(UTC)))


def held_until(last: date, by: Employer = Employer.NONE_OF_THESE) -> Accreditation:
    return Accreditation("Body", "N1", date(2024, 9, 1), last, "Service", by)


async def test_the_register_warns_before_the_last_day_and_pages_by_it(reader: Api, database: Database) -> None:
    lasts = [TODAY + n * DAY for n in (-1, 0, 30, 400)]
    for n, last in enumerate(lasts):
        who = people.Person(uuid4(), f"Adviser {n}", None, f"adviser-{n}", ["mediation_adviser"])
        async with database.tenant(WESTSHIRE.slug) as session:
            await people.add_person(session, who)
        await keep(database, who, held_until(last), Step.ADDED)
    everybody = (await reader.ask(WESTSHIRE, OFFICER, LIST))["mediators"]["nodes"]
    assert [one["standing"] for one in everybody] == ["ENDED", "ENDS_SOON", "ENDS_SOON", "ACCREDITED"]
    assert [bool(one["warning"]) for one in everybody] == [True, True, True, False]
    soon = (await reader.ask(WESTSHIRE, OFFICER, LIST, n=30))["mediators"]["nodes"]
    assert soon == everybody[:3]
    paged, after = [], None
    for _ in range(4):
        page = (await reader.ask(WESTSHIRE, OFFICER, LIST, first=1, after=after))["mediators"]
        paged += page["nodes"]
        after = page["pageInfo"]["endCursor"]
    assert paged == everybody
    assert not page["pageInfo"]["hasNextPage"]
    for made_up in ("x", cursor("soon", str(uuid4())), cursor("2026-01-01", "x"), cursor("2026-01-01")):
        body = (await reader.raw(WESTSHIRE, OFFICER, LIST, after=made_up)).json()
        assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_CURSOR"]


async def test_a_mediator_reads_of_themselves_a_family_of_nobody_and_another_council_nothing(
    reader: Api, database: Database, adviser: people.Person
) -> None:
    other = await hired(database, "mediation_adviser", "young_person")
    for who in (adviser, other):
        await keep(database, who, held_until(TODAY), Step.ADDED)
    own = (await reader.ask(WESTSHIRE, adviser, LIST))["mediators"]["nodes"]
    assert [one["personId"] for one in own] == [global_id("Person", adviser.id)]
    for who in (PARENT, await hired(database, "ops"), WESTSHIRE.senco):
        assert (await reader.ask(WESTSHIRE, who, LIST))["mediators"]["nodes"] == []
    assert (await reader.ask(NORTHMOOR, NORTHMOOR.caseworker, LIST))["mediators"]["nodes"] == []


async def notified(database: Database) -> Life:
    """A case in which the family may turn to a mediation adviser."""
    process = library.in_force("mediation_and_appeal", TODAY)
    file = ports.CaseFile(WESTSHIRE.slug, str(uuid4()), process.name, process.version, str(WESTSHIRE.children[0].id), "")
    facts = {"decision_sent_on": (TODAY - 9 * DAY).isoformat(), "decision": "plan_made"}
    return await Life(database, file).step(Kind.OPENED, "decision_notified", TODAY - 9 * DAY, facts=facts)


OK = "Unavailable"  # the engine of this test notes what it is asked and is away: whoever gets so far was let through


@pytest.mark.parametrize(
    ("held", "steps", "found", "cited"),
    [
        (None, (), "Refused", "reg.40"),
        (held_until(TODAY + 400 * DAY), (Step.ADDED,), OK, ""),
        (held_until(TODAY), (Step.ADDED,), OK, ""),
        (held_until(TODAY - DAY), (Step.ADDED,), "Refused", "reg.40"),
        (replace(held_until(TODAY), accredited_on=TODAY + 0 * DAY), (Step.ADDED,), OK, ""),
        (held_until(TODAY + 400 * DAY), (Step.ADDED, Step.SUSPENDED), "Refused", "reg.40"),
        (held_until(TODAY + 400 * DAY), (Step.ADDED, Step.SUSPENDED, Step.RENEWED), OK, ""),
        (held_until(TODAY + 400 * DAY, Employer.LOCAL_AUTHORITY), (Step.ADDED,), "Refused", "s.56(3)"),
    ],
)
async def test_only_who_is_accredited_on_the_day_and_independent_is_assigned(
    database: Database, adviser: people.Person, held: Accreditation | None, steps: tuple[Step, ...], found: str, cited: str
) -> None:
    life, engine = await notified(database), Noting()
    if held is not None:
        await keep(database, adviser, held, *steps)
    async with apis(database) as made:
        given = {"key": uuid4().hex, "caseId": str(life.id), "name": "adviser_contacted"}
        answer = await made(cast(Engine, engine)).do(WESTSHIRE, OFFICER, "recordEvent", **given, about=global_id("Person", adviser.id))
    assert answer["__typename"] == found, answer
    assert cited in {one["pinpoint"] for one in answer.get("citations", [])} | {""}
    assert len(engine.events) == (found == OK)


async def test_the_contact_itself_waits_for_no_register(database: Database) -> None:
    """A family turns to whom it likes, and its two months are met: nobody is named, so nobody is let into the case."""
    life, engine = await notified(database), Noting()
    async with apis(database) as made:
        api = made(cast(Engine, engine))
        for person in (OFFICER, PARENT):
            given = {"key": uuid4().hex, "caseId": str(life.id), "name": "adviser_contacted"}
            assert (await api.do(WESTSHIRE, person, "recordEvent", **given))["__typename"] == OK
    assert [event.about for event in engine.events] == ["", ""]


async def test_an_officer_of_the_council_is_never_assigned_as_mediator(database: Database) -> None:
    life, engine = await notified(database), Noting()
    both = await hired(database, "la_caseworker", "mediation_adviser")
    await keep(database, both, held_until(TODAY + 400 * DAY), Step.ADDED)
    async with apis(database) as made:
        given = {"key": uuid4().hex, "caseId": str(life.id), "name": "adviser_contacted", "about": str(both.id)}
        answer = await made(cast(Engine, engine)).do(WESTSHIRE, OFFICER, "recordEvent", **given)
    assert answer["__typename"] == "Refused"
    assert answer["say"] == "This person is employed by a council, and so is not independent."
    assert engine.events == []


async def test_the_same_key_at_once_is_one_act(reader: Api, manager: people.Person, adviser: people.Person) -> None:
    given = {"key": "once", "personId": str(adviser.id), "accreditation": HELD}
    answers = await asyncio.gather(*(write(reader, manager, "addMediator", **given) for _ in range(4)))
    assert sorted(one["replayed"] for one in answers) == [False, True, True, True]
