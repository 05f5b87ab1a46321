"""What the local inclusion plan offers is drafted, published and read over HTTP: every step is kept, and nobody overwrites another."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from store import local_provision, people
from store.session import Database
from tests.graphql_api.clerk import OFFICER, PARENT, hired, paths
from tests.graphql_api.conftest import Api
from tests.seeds import NORTHMOOR, WESTSHIRE, Place

pytestmark = pytest.mark.stored
TODAY = datetime.now(UTC).date()
DAY = timedelta(days=1)
SHOWN = """fragment Shown on LocalProvision { version inForce { name version title inForceFrom standards { nodes { name atLeast { minutes every } } } }
  draft { step kind yaml why } history { nodes { step kind version why writtenBy { name } } } }"""
READ = "query($on: Date) { localProvision(on: $on) { ...Shown } } " + SHOWN
ANSWER = """{ __typename ... on LocalProvisionRecorded { replayed localProvision { ...Shown } }
  ... on LocalProvisionConflict { say localProvision { version } } ... on Denied { reason } ... on NotFound { say }
  ... on Invalid { faults { path what why do } } }"""
FILE = """# a remark that is kept
local_provision: true
title: Westshire's local inclusion plan
say: What we offer.
provisions: {therapy: Therapy}
offers:
  weekly: {say: A therapist comes each week, needs: [SLCN], tier: specialist, phases: [primary], section: F, what: therapy, by: [local_authority],
           at_least: {minutes: %d, every: week}}
"""


async def write(api: Api, by: people.Person, mutation: str, place: Place = WESTSHIRE, **given: Any) -> dict[str, Any]:
    document = f"mutation($input: {mutation[0].upper() + mutation[1:]}Input!) {{ {mutation}(input: $input) {ANSWER} }} {SHOWN}"
    answer: dict[str, Any] = (await api.ask(place, by, document, input={"key": uuid4().hex, "why": "so", **given}))[mutation]
    return answer


async def read(api: Api, by: people.Person, on: date | None = None, place: Place = WESTSHIRE) -> dict[str, Any]:
    found: dict[str, Any] = (await api.ask(place, by, READ, on=on.isoformat() if on else None))["localProvision"]
    return found


@pytest_asyncio.fixture
async def admin(database: Database) -> people.Person:
    return await hired(database, "la_administrator")


async def publish(api: Api, admin: people.Person, minutes: int, seen: int, **more: Any) -> dict[str, Any]:
    drafted = await write(api, admin, "draftLocalProvision", expectedVersion=seen, yaml=FILE % minutes)
    assert drafted["__typename"] == "LocalProvisionRecorded", drafted
    return await write(api, admin, "publishLocalProvision", expectedVersion=seen + 1, **more)


async def test_a_draft_is_published_under_a_number_and_every_step_says_who_and_why(reader: Api, admin: people.Person) -> None:
    drafted = await write(reader, admin, "draftLocalProvision", expectedVersion=0, yaml=FILE % 30, why="The first plan.")
    assert drafted["localProvision"]["draft"] == {"step": 1, "kind": "DRAFTED", "yaml": FILE % 30, "why": "The first plan."}
    assert drafted["localProvision"]["inForce"] is None
    published = await write(reader, admin, "publishLocalProvision", expectedVersion=1, why="Agreed by the board.")
    shown = published["localProvision"]
    assert (shown["version"], shown["draft"]) == (2, None)
    assert (shown["inForce"]["name"], shown["inForce"]["version"]) == ("local_provision", 1)
    assert shown["inForce"]["standards"]["nodes"] == [{"name": "weekly", "atLeast": {"minutes": 30, "every": "WEEK"}}]
    assert [(one["step"], one["kind"], one["version"], one["why"]) for one in shown["history"]["nodes"]] == [
        (2, "PUBLISHED", 1, "Agreed by the board."),
        (1, "DRAFTED", None, "The first plan."),
    ]
    assert {one["writtenBy"]["name"] for one in shown["history"]["nodes"]} == {admin.name}


async def test_what_was_published_stays_and_a_later_one_begins_on_its_day(reader: Api, admin: people.Person) -> None:
    await publish(reader, admin, 30, 0)
    later = TODAY + 30 * DAY
    await publish(reader, admin, 45, 2, inForceFrom=later.isoformat())

    async def minutes(on: date) -> int:
        found = (await read(reader, OFFICER, on))["inForce"]
        return int(found["standards"]["nodes"][0]["atLeast"]["minutes"])

    assert [await minutes(on) for on in (TODAY, later - DAY, later, later + DAY)] == [30, 30, 45, 45]
    assert (await read(reader, OFFICER, TODAY - DAY))["inForce"] is None
    again = await publish(reader, admin, 60, 4)
    assert again["localProvision"]["inForce"]["version"] == 3
    assert await minutes(later) == 45, "what begins later is looked at later, whichever was published first"


async def test_two_who_write_at_once_lose_nothing(reader: Api, admin: people.Person, database: Database) -> None:
    other = await hired(database, "la_administrator", "la_manager")
    files = [FILE % n for n in (10, 20, 30)]
    answers = await asyncio.gather(
        *(
            write(reader, by, "draftLocalProvision", expectedVersion=0, yaml=file)
            for by, file in zip((admin, other, admin), files, strict=True)
        )
    )
    assert sorted(one["__typename"] for one in answers) == ["LocalProvisionConflict", "LocalProvisionConflict", "LocalProvisionRecorded"]
    stale = await write(reader, other, "publishLocalProvision", expectedVersion=0)
    assert (stale["__typename"], stale["localProvision"]["version"]) == ("LocalProvisionConflict", 1)
    async with database.tenant(WESTSHIRE.slug) as session:
        assert len(await local_provision.steps(session, drafts=True)) == 1


async def test_the_same_key_is_one_act(reader: Api, admin: people.Person) -> None:
    given = {"key": "d", "expectedVersion": 0, "yaml": FILE % 30}
    assert [(await write(reader, admin, "draftLocalProvision", **given))["replayed"] for _ in range(2)] == [False, True]
    assert paths(await write(reader, admin, "draftLocalProvision", **{**given, "why": "other"})) == ["key"]
    once = {"key": "p", "expectedVersion": 1}
    assert [(await write(reader, admin, "publishLocalProvision", **once))["replayed"] for _ in range(2)] == [False, True]
    assert paths(await write(reader, admin, "publishLocalProvision", key="d", expectedVersion=2)) == ["key"]


async def test_a_file_that_is_not_sound_is_told_with_every_fault_and_not_kept(reader: Api, admin: people.Person) -> None:
    wrong = 'local_provision: true\ntitle: "\\0"\nsay: x\nprovisions: {}\noffers: {a: {say: x, tier: gold}, b: 7}\n'
    answer = await write(reader, admin, "draftLocalProvision", expectedVersion=0, yaml=wrong)
    assert "yaml: title" in paths(answer)
    assert "yaml: offers.a.tier" in paths(answer)
    for text in ("", "a: [", "[]", "x: &a [*a]", "title: 1\ntitle: 2", "!!python/object:os.system {}", "a: \x01", "\t"):
        assert all(
            path.startswith("yaml") for path in paths(await write(reader, admin, "draftLocalProvision", expectedVersion=0, yaml=text))
        )
    assert paths(await write(reader, admin, "draftLocalProvision", expectedVersion=0, yaml="#" * 50_001)) == ["yaml"]
    assert paths(await write(reader, admin, "draftLocalProvision", expectedVersion=0, yaml=FILE % 1, why=" ")) == ["why"]
    assert (await read(reader, admin))["version"] == 0


async def test_the_past_is_not_written_anew_and_nothing_is_published_without_a_draft(reader: Api, admin: people.Person) -> None:
    assert (await write(reader, admin, "publishLocalProvision", expectedVersion=0))["__typename"] == "NotFound"
    await publish(reader, admin, 30, 0)
    assert (await write(reader, admin, "publishLocalProvision", expectedVersion=2))["__typename"] == "NotFound"
    await write(reader, admin, "draftLocalProvision", expectedVersion=2, yaml=FILE % 31)
    early = await write(reader, admin, "publishLocalProvision", expectedVersion=3, inForceFrom=(TODAY - 2 * DAY).isoformat())
    assert paths(early) == ["inForceFrom"]


async def test_everybody_of_the_council_reads_what_is_published_and_nobody_else_the_draft(
    reader: Api, admin: people.Person, database: Database
) -> None:
    await publish(reader, admin, 30, 0)
    await write(reader, admin, "draftLocalProvision", expectedVersion=2, yaml=FILE % 60)
    assert (await read(reader, admin))["draft"]["step"] == 3
    for who in (PARENT, OFFICER, WESTSHIRE.senco, await hired(database, "la_manager")):
        shown = await read(reader, who)
        assert (shown["version"], shown["draft"], shown["inForce"]["version"]) == (2, None, 1)
        assert [one["kind"] for one in shown["history"]["nodes"]] == ["PUBLISHED"]
        denied = await write(reader, who, "draftLocalProvision", expectedVersion=3, yaml=FILE % 1)
        assert denied == {"__typename": "Denied", "reason": "Your role here does not let you change the settings of this council."}
        assert (await write(reader, who, "publishLocalProvision", expectedVersion=3))["__typename"] == "Denied"
    theirs = await read(reader, NORTHMOOR.caseworker, place=NORTHMOOR)
    assert (theirs["version"], theirs["inForce"], theirs["history"]["nodes"]) == (0, None, [])


async def test_the_history_pages(reader: Api, admin: people.Person) -> None:
    for n in range(5):
        await write(reader, admin, "draftLocalProvision", expectedVersion=n, yaml=FILE % (n + 1))
    query = """query($after: String) { localProvision { history(first: 2, after: $after) { nodes { step } pageInfo { hasNextPage endCursor } } } }"""
    seen, after = [], None
    for _ in range(3):
        page = (await reader.ask(WESTSHIRE, admin, query, after=after))["localProvision"]["history"]
        seen += [one["step"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert seen == [5, 4, 3, 2, 1]
    body = (await reader.raw(WESTSHIRE, admin, query, after="x")).json()
    assert [error["extensions"]["code"] for error in body["errors"]] == ["BAD_CURSOR"]


async def test_the_national_example_says_that_it_is_no_law_and_pages(reader: Api) -> None:
    query = """query($after: String) { nationalStandards { name version title say words { name say }
      standards(need: SLCN, tier: SPECIALIST, phase: PRIMARY) { nodes { name providedBy section what } }
      all: standards(first: 10, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } } }"""
    found = (await reader.ask(WESTSHIRE, PARENT, query))["nationalStandards"]
    assert (found["name"], found["version"]) == ("national_standards", 1)
    assert "not law" in found["say"]
    assert [one["name"] for one in found["standards"]["nodes"]] == ["therapy_for_language"]
    names, after = [], None
    for _ in range(3):
        page = (await reader.ask(WESTSHIRE, PARENT, query, after=after))["nationalStandards"]["all"]
        names += [one["name"] for one in page["nodes"]]
        after = page["pageInfo"]["endCursor"]
    assert len(names) == len(set(names)) == 23
    early = await reader.ask(WESTSHIRE, PARENT, 'query { nationalStandards(on: "2020-01-01") { version } }')
    assert early["nationalStandards"] is None


async def test_the_same_key_at_once_is_one_act(reader: Api, admin: people.Person) -> None:
    given: dict[str, Any] = {"key": "d", "expectedVersion": 0, "yaml": FILE % 30}
    answers = await asyncio.gather(*(write(reader, admin, "draftLocalProvision", **given) for _ in range(4)))
    assert sorted(one["replayed"] for one in answers) == [False, True, True, True]
    given = {"key": "p", "expectedVersion": 1}
    answers = await asyncio.gather(*(write(reader, admin, "publishLocalProvision", **given) for _ in range(4)))
    assert sorted(one["replayed"] for one in answers) == [False, True, True, True]
