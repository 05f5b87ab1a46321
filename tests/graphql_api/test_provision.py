"""A draft plan's provision over HTTP: compared, explained, kept by version, for council and family; and no step waits for it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
import pytest_asyncio

from graphql_api.identifiers import global_id
from graphql_api.providing import DRAFTING
from statute.types import Kind
from store import people
from store.session import Database
from tests.graphql_api.clerk import DECIDER, OFFICER, PARENT, SENCO, hired, paths
from tests.graphql_api.conftest import Api, apis
from tests.graphql_api.lived import Life, opened
from tests.graphql_api.test_child_and_timeline import statements
from tests.graphql_api.test_directed import Noting
from tests.graphql_api.test_local_provision import publish
from tests.seeds import NORTHMOOR, WESTSHIRE
from workflows import library
from workflows.engine import Engine

pytestmark = pytest.mark.stored
DAY = timedelta(days=1)
TODAY = datetime.now(UTC).date()
BEGUN = TODAY - 90 * DAY
SHOWN = """fragment Shown on Provision { version phase needs { need tier } items { section need what details tier providedBy howOften { minutes every } }
  departures { gap catalogue catalogueVersion standard expected item because } catalogues { name version } writtenBy { name } }"""
READ = "query($id: ID!) { case(id: $id) { provision { ...Shown } provisions { nodes { version } } } } " + SHOWN
ANSWER = """{ __typename ... on ProvisionProposed { replayed provision { ...Shown } } ... on ProvisionConflict { say provision { version } }
  ... on Refused { say } ... on Denied { reason } ... on NotFound { say } ... on Invalid { faults { path what why do } } }"""
DOCUMENT = f"mutation($input: ProposeProvisionInput!) {{ proposeProvision(input: $input) {ANSWER} }} {SHOWN}"
SLCN = [{"need": "SLCN", "tier": "SPECIALIST"}]
THERAPY: dict[str, Any] = {
    "section": "F", "need": "SLCN", "what": "speech_and_language_therapy", "details": "Direct work on understanding.", "tier": "SPECIALIST",
    "providedBy": "HEALTH_BODY", "howOften": {"minutes": 30, "every": "WEEK"},
}  # fmt: skip
STANDARD = "national_standards/therapy_for_language"


async def with_family(database: Database, child: people.Child | None = None, doctor: people.Person | None = None) -> Life:
    """A case whose family has the draft plan, and has had its fifteen days."""
    life = await (await opened(database, BEGUN, child)).step(Kind.SERVED, "considering_notice", BEGUN + DAY, how="email")
    await life.assess(BEGUN + DAY)
    for item in ("education", "medical", "psychological", "social_care"):
        about = str(doctor.id) if doctor and item == "medical" else ""
        await life.step(Kind.HAPPENED, "advice_requested", BEGUN + 5 * DAY, item=item, about=about)
    await life.step(Kind.DECIDED, "whether_to_issue", BEGUN + 50 * DAY, "decision_maker", outcome="will_issue")
    return await life.step(Kind.SERVED, "draft_plan", BEGUN + 51 * DAY, how="email")


@pytest_asyncio.fixture
async def life(database: Database) -> Life:
    return await with_family(database)


async def propose(api: Api, life: Life, by: people.Person = OFFICER, **given: Any) -> dict[str, Any]:
    usual = {"key": uuid4().hex, "caseId": str(life.id), "expectedVersion": 0, "phase": "PRIMARY", "needs": SLCN, "items": [THERAPY]}
    answer: dict[str, Any] = (await api.ask(WESTSHIRE, by, DOCUMENT, input={**usual, **given}))["proposeProvision"]
    return answer


async def read(api: Api, life: Life, by: people.Person) -> dict[str, Any] | None:
    found: dict[str, Any] | None = (await api.ask(WESTSHIRE, by, READ, id=str(life.id)))["case"]
    return found


async def test_what_meets_the_standards_is_recorded_with_what_it_was_compared_with(reader: Api, life: Life) -> None:
    answer = await propose(reader, life)
    assert answer["__typename"] == "ProvisionProposed", answer
    found = answer["provision"]
    assert (found["version"], found["departures"]) == (1, [])
    assert found["catalogues"] == [{"name": "national_standards", "version": 1}]
    assert found["items"] == [THERAPY]
    assert found["writtenBy"] == {"name": OFFICER.name}


@pytest.mark.parametrize(
    ("items", "gap", "item"),
    [
        ([{**THERAPY, "what": "a lamp"}], "MISSING", None),
        ([{**THERAPY, "howOften": {"minutes": 20, "every": "WEEK"}}], "BELOW", 0),
        ([{**THERAPY, "providedBy": "SETTING"}], "OTHER", 0),
    ],
)
async def test_a_departure_is_named_until_it_has_a_reason_and_then_recorded(
    reader: Api, life: Life, items: list[dict[str, Any]], gap: str, item: int | None
) -> None:
    answer = await propose(reader, life, items=items)
    path = "missing" if item is None else "items.0.departsBecause"
    assert paths(answer) == [path]
    [fault] = answer["faults"]
    for told in (STANDARD, "A speech and language therapist works with the child (30 minutes every week)"):
        assert told in fault["what"]
    assert "National Standards: an example of what was proposed, version 1" in fault["why"]
    assert "not law" in fault["why"]
    because = "The child is not ready for it."
    if item is None:
        done = await propose(reader, life, items=items, missing=[{"standard": STANDARD, "departsBecause": because}])
    else:
        done = await propose(reader, life, items=[{**items[0], "departsBecause": because}])
    assert done["__typename"] == "ProvisionProposed", done
    [departure] = done["provision"]["departures"]
    assert (departure["gap"], departure["item"], departure["because"]) == (gap, item, because)
    assert (departure["catalogue"], departure["catalogueVersion"], departure["standard"]) == (
        "national_standards",
        1,
        "therapy_for_language",
    )


@pytest.mark.parametrize(
    "more",
    [
        {"howOften": {"minutes": 60, "every": "WEEK"}},
        {"howOften": {"minutes": 10, "every": "DAY"}},
        {"providedBy": "LOCAL_AUTHORITY"},
    ],
)
async def test_more_than_the_standard_is_no_departure(reader: Api, life: Life, more: dict[str, Any]) -> None:
    lamp = {**THERAPY, "what": "A lamp", "howOften": None, "tier": "UNIVERSAL"}
    answer = await propose(reader, life, items=[{**THERAPY, **more}, lamp])
    assert answer["provision"]["departures"] == []


async def test_a_plan_is_compared_with_what_the_council_published_too(reader: Api, database: Database, life: Life) -> None:
    admin = await hired(database, "la_administrator")
    await publish(reader, admin, 60, 0)
    [fault] = (await propose(reader, life, items=[{**THERAPY, "what": "speech_and_language_therapy"}]))["faults"]
    assert "local_provision/weekly" in fault["what"]
    assert "Westshire's local inclusion plan, version 1 expects it" in fault["why"]
    because = {"standard": "local_provision/weekly", "departsBecause": "The health service does it."}
    done = await propose(reader, life, missing=[because])
    assert done["provision"]["catalogues"] == [{"name": "national_standards", "version": 1}, {"name": "local_provision", "version": 1}]
    assert [one["catalogueVersion"] for one in done["provision"]["departures"]] == [1]
    await publish(reader, admin, 90, 2)
    kept = await read(reader, life, OFFICER)
    assert kept is not None
    assert kept["provision"]["catalogues"][1]["version"] == 1, "a version that was compared keeps what it was compared with"


async def test_what_cannot_be_is_told_all_at_once(reader: Api, life: Life) -> None:
    wrong = {**THERAPY, "need": "VI", "what": " ", "howOften": {"minutes": 0, "every": "WEEK"}, "details": "\u0001"}
    assert paths(await propose(reader, life, items=[wrong])) == [
        "items.0.need", "items.0.howOften.minutes", "items.0.what", "items.0.details",
    ]  # fmt: skip
    assert paths(await propose(reader, life, items=[], needs=[])) == ["needs", "items"]
    useless = await propose(reader, life, items=[{**THERAPY, "departsBecause": "x"}], missing=[{"standard": "y", "departsBecause": "x"}])
    assert paths(useless) == ["missing.0.standard", "items.0.departsBecause"]
    twice = [{"standard": STANDARD, "departsBecause": "x"}] * 2
    assert paths(await propose(reader, life, items=[{**THERAPY, "what": "a lamp"}], missing=twice)) == ["missing.1.standard"]
    assert paths(await propose(reader, life, key=" ")) == ["key"]


async def test_versions_are_kept_and_of_two_at_once_one_is_told(reader: Api, life: Life) -> None:
    assert (await propose(reader, life, expectedVersion=1))["__typename"] == "NotFound"
    assert (await propose(reader, life, key="one"))["provision"]["version"] == 1
    assert (await propose(reader, life, key="one"))["replayed"]
    assert paths(await propose(reader, life, key="one", phase="SECONDARY")) == ["key"]
    answers = await asyncio.gather(*(propose(reader, life, expectedVersion=1) for _ in range(3)))
    assert sorted(one["__typename"] for one in answers) == ["ProvisionConflict", "ProvisionConflict", "ProvisionProposed"]
    assert {one["provision"]["version"] for one in answers} == {2}
    assert (await propose(reader, life, expectedVersion=0))["__typename"] == "ProvisionConflict"
    seen = await read(reader, life, PARENT)
    assert seen is not None
    assert [one["version"] for one in seen["provisions"]["nodes"]] == [2, 1]


async def test_the_council_and_the_family_see_it_and_nobody_else_who_sees_the_case(reader: Api, database: Database) -> None:
    doctor = await hired(database, "health_adviser")
    life = await with_family(database, doctor=doctor)
    await life.step(Kind.HAPPENED, "setting_consulted", TODAY - DAY, item=str(WESTSHIRE.setting.id))
    await propose(reader, life)
    for who in (OFFICER, DECIDER, PARENT, await hired(database, "la_manager"), await hired(database, "auditor")):
        seen = await read(reader, life, who)
        assert seen is not None
        assert seen["provision"]["version"] == 1
    for who in (doctor, SENCO):
        seen = await read(reader, life, who)
        assert seen is not None, "they see the case"
        assert (seen["provision"], seen["provisions"]["nodes"]) == (None, [])
    assert await read(reader, life, await hired(database, "ops")) is None
    hidden = await reader.ask(NORTHMOOR, NORTHMOOR.caseworker, READ, id=str(life.id))
    assert hidden["case"] is None


async def test_only_the_council_proposes_and_nobody_for_their_own_child(reader: Api, database: Database, life: Life) -> None:
    for who in (PARENT, DECIDER, SENCO):
        assert (await propose(reader, life, who))["__typename"] == "Denied"
    torn = await hired(database, "la_caseworker", "parent")
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_relation(session, people.Relation(uuid4(), torn.id, "parent", BEGUN, WESTSHIRE.children[0].id))
    denied = await propose(reader, life, torn)
    assert denied["reason"] == "You are a parent of this child here, so you may not act for the council in this case."
    for unknown in (str(uuid4()), "x", global_id("Person", OFFICER.id)):
        assert (await propose(reader, life, caseId=unknown))["__typename"] == "NotFound"


async def test_there_is_no_provision_where_no_plan_is_drafted(reader: Api, database: Database) -> None:
    early = await opened(database, BEGUN, WESTSHIRE.children[1])
    refused = await propose(reader, early)
    assert refused["__typename"] == "Refused"


def test_the_stages_where_a_plan_is_drafted_are_stages_of_their_processes_and_none_of_them_is_an_end() -> None:
    for name, stages in DRAFTING.items():
        rules = library.in_force(name, TODAY)
        assert stages <= set(rules.stages), name
        assert not any(rules.stages[stage].ends for stage in stages), name


async def test_the_provision_of_many_cases_is_no_more_statements(reader: Api, database: Database, life: Life) -> None:
    query = "{ cases { nodes { provision { version } } } }"
    await propose(reader, life)
    before = await statements(reader, database, query)
    await propose(reader, await with_family(database, WESTSHIRE.children[1]))
    assert await statements(reader, database, query) == before
    assert (await reader.ask(WESTSHIRE, OFFICER, query))["cases"]["nodes"] == [{"provision": {"version": 1}}] * 2


async def test_the_final_plan_is_served_with_departures_that_nobody_explained(database: Database, life: Life) -> None:
    """Nothing in the standards is law: what was never recorded, or was refused for want of a reason, stops no step."""
    engine = Noting()
    async with apis(database) as made:
        api = made(cast(Engine, engine))
        assert (await propose(api, life, items=[{**THERAPY, "what": "nothing of the kind"}]))["__typename"] == "Invalid"
        seen = await read(api, life, OFFICER)
        assert seen is not None
        assert seen["provision"] is None
        facts = [{"name": "reasons", "value": {"text": "A type only."}}]
        decided = {"key": "decide", "caseId": str(life.id), "name": "what_to_name", "outcome": "name_type_only", "facts": facts}
        assert (await api.do(WESTSHIRE, DECIDER, "recordDecision", **decided))["__typename"] == "Unavailable"
        await life.step(Kind.DECIDED, "what_to_name", TODAY, "decision_maker", outcome="name_type_only", facts={"reasons": "A type only."})
        served = {"key": "serve", "caseId": str(life.id), "name": "final_plan", "how": "email"}
        assert (await api.do(WESTSHIRE, OFFICER, "serveNotice", **served))["__typename"] == "Unavailable"
    assert [event.name for event in engine.events] == ["what_to_name", "final_plan"]
    await life.step(Kind.SERVED, "final_plan", TODAY, how="email")
    assert life.state is not None
    assert life.state.stage == "issued"


async def test_no_word_of_it_reaches_the_log(reader: Api, life: Life, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(0):
        await propose(reader, life, items=[{**THERAPY, "details": "canary-detail", "what": "canary-what"}])
        await propose(reader, life, items=[{**THERAPY, "details": "canary-detail"}])
    assert "canary" not in caplog.text


async def test_the_same_key_at_once_is_one_act(reader: Api, life: Life) -> None:
    answers = await asyncio.gather(*(propose(reader, life, key="once") for _ in range(4)))
    assert sorted(one["replayed"] for one in answers) == [False, True, True, True]
