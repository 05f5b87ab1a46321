"""One SENCO, several councils, one worklist: each council by its own policy, merged by legal risk, and nothing of where she is nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from store import access, people
from store.session import Database
from store.tables_access import SUBJECT
from tests.graphql_api.conftest import Api
from tests.graphql_api.lived import FIRST, opened
from tests.seeds import NORTHMOOR, PLACES, SINCE, WESTSHIRE, Place

pytestmark = pytest.mark.stored
SENCO = replace(WESTSHIRE.senco, id=uuid4(), subject="one-senco", name="One Senco")
QUERY = """query($first: Int, $after: String, $councils: [String!]) { worklistAcross(first: $first, after: $after, councils: $councils) {
  councils nodes { council councilName case { id reference stage { name } clocks { due status } child { givenName } } } pageInfo { hasNextPage endCursor } } }"""


async def living(database: Database, each: int = 2, places: tuple[Place, ...] = PLACES) -> None:
    """In every council a SENCO of the same sign-in, at that council's school, and cases of its children that fall due on the same days."""
    for place in places:
        async with database.tenant(place.slug) as session:
            her = replace(SENCO, id=uuid4())
            await people.add_person(session, her)
            await people.add_relation(session, people.Relation(uuid4(), her.id, "works_at", SINCE, None, place.setting.id))
    for n in range(each):
        for place in places:
            life = await opened(database, FIRST + timedelta(days=n // 2), place.children[n % 2], place=place)
            async with database.tenant(place.slug) as session:
                due = {"due": FIRST + timedelta(days=30 + n // 2) if n < each - 1 else None, "id": life.id}
                await session.execute(text("update waymark.case_file set next_due = cast(:due as date) where id = :id"), due)


async def across(reader: Api, roles: dict[str, list[str]], **given: Any) -> dict[str, Any]:
    token = reader._desk.token(sub=SENCO.subject, tenants=roles)
    headers = {"authorization": f"Bearer {token}", "x-waymark-tenant": WESTSHIRE.slug}
    answer = (await reader._http.post("/graphql", json={"query": QUERY, "variables": given}, headers=headers)).json()
    assert not answer.get("errors"), answer["errors"]
    found: dict[str, Any] = answer["data"]["worklistAcross"]
    return found


BOTH = {place.slug: ["school_senco"] for place in PLACES}


async def test_the_cases_of_all_councils_are_one_list_and_each_says_whose_it_is(reader: Api, database: Database) -> None:
    await living(database)
    found = await across(reader, BOTH)
    assert found["councils"] == sorted(BOTH)
    assert {(one["council"], one["councilName"]) for one in found["nodes"]} == {(place.slug, place.tenant.name) for place in PLACES}
    assert len(found["nodes"]) == 4
    for one in found["nodes"]:
        words = next(place for place in PLACES if place.slug == one["council"]).canaries
        assert one["case"]["child"]["givenName"] in words


async def test_pages_of_any_size_hold_every_case_once_and_in_one_order(reader: Api, database: Database) -> None:
    await living(database, 5)
    whole = [(one["council"], one["case"]["id"]) for one in (await across(reader, BOTH))["nodes"]]
    assert len(set(whole)) == 10
    for size in (1, 2, 3, 7):
        walked, after = [], None
        while True:
            page = await across(reader, BOTH, first=size, after=after)
            assert len(page["nodes"]) <= size
            walked += [(one["council"], one["case"]["id"]) for one in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                break
        assert walked == whole, f"pages of {size}"


async def test_nothing_of_a_council_where_she_has_no_role_is_not_known_or_that_is_closed(reader: Api, database: Database) -> None:
    await living(database)
    for roles in ({WESTSHIRE.slug: ["school_senco"]}, BOTH | {NORTHMOOR.slug: []}):
        found = await across(reader, roles)
        assert (found["councils"], {one["council"] for one in found["nodes"]}) == ([WESTSHIRE.slug], {WESTSHIRE.slug})
    found = await across(reader, BOTH | {"nowhere": ["school_senco"]})
    assert found["councils"] == sorted(BOTH)
    assert (await across(reader, BOTH | {NORTHMOOR.slug: ["ops"]}))["councils"] == sorted(BOTH)
    assert {one["council"] for one in (await across(reader, BOTH | {NORTHMOOR.slug: ["ops"]}))["nodes"]} == {WESTSHIRE.slug}, (
        "each by its role"
    )
    async with database.tenant(NORTHMOOR.slug) as session:
        await session.execute(text("update waymark.relation set ends_on = starts_on where kind = 'works_at'"))
    assert {one["council"] for one in (await across(reader, BOTH))["nodes"]} == {WESTSHIRE.slug}, "and by her relations there"


async def test_nothing_of_a_council_that_ended_her_sign_in(reader: Api, database: Database) -> None:
    await living(database)
    async with database.tenant(NORTHMOOR.slug) as session:
        await access.revoke(session, access.Ended(uuid4(), SUBJECT, SENCO.subject, "an administrator", "she left"))
    found = await across(reader, BOTH)
    assert (found["councils"], {one["council"] for one in found["nodes"]}) == ([WESTSHIRE.slug], {WESTSHIRE.slug})


async def test_a_council_that_the_token_does_not_name_cannot_be_asked_for(reader: Api, database: Database) -> None:
    await living(database)
    assert {one["council"] for one in (await across(reader, BOTH, councils=[NORTHMOOR.slug]))["nodes"]} == {NORTHMOOR.slug}
    token = reader._desk.token(sub=SENCO.subject, tenants={WESTSHIRE.slug: ["school_senco"]})
    asked = {"query": QUERY, "variables": {"councils": [NORTHMOOR.slug]}}
    answer = (await reader._http.post("/graphql", json=asked, headers={"authorization": f"Bearer {token}"})).json()
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
