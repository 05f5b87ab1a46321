"""What the guard lets in whole, and to whom the schema is shown, on the real application."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest

from graphql_api.document import Limits
from graphql_api.guard import read_request
from graphql_api.schema import LONGEST_MESSAGE
from policies.actions import Role
from store.session import Database
from tests.graphql_api.administrator import administrators, does, text
from tests.graphql_api.clerk import OFFICER, PARENT, SENCO, hired, paths
from tests.graphql_api.conftest import Api
from tests.seeds import WESTSHIRE

SCHEMA = "{ __schema { queryType { name } } }"


@pytest.mark.stored
async def test_a_configuration_of_60_000_characters_fits_and_one_more_is_told_as_a_fault(reader: Api, database: Database) -> None:
    one, _ = await administrators(database)
    yaml = text(closed_days=["2026-12-24"])
    # as many bytes as the characters can need: four each
    longest = yaml + "# " + "👩" * (60_000 - len(yaml) - 3) + "\n"
    assert len(longest) == 60_000
    for given, typename in ((longest, "ConfigurationRecorded"), (longest + "x", "Invalid")):
        answer = await does(reader, one, "draftConfiguration", yaml=given)
        assert answer["__typename"] == typename, answer
    assert paths(answer) == ["yaml"]


@pytest.mark.stored
async def test_a_file_of_standards_of_50_000_characters_reaches_its_mutation(reader: Api, database: Database) -> None:
    admin = await hired(database, "la_administrator")
    mutation = "mutation($input: DraftLocalProvisionInput!) { draftLocalProvision(input: $input) { __typename ... on Invalid { faults { path } } } }"
    for characters in (50_000, 50_001):
        given = {"key": uuid4().hex, "yaml": "\n" * characters, "expectedVersion": 0, "why": "The first plan."}
        answer: dict[str, Any] = (await reader.ask(WESTSHIRE, admin, mutation, input=given))["draftLocalProvision"]
        assert answer["__typename"] == "Invalid", "read, and found to hold nothing; or too long"


@pytest.mark.stored
async def test_what_is_larger_than_any_act_is_told_with_413(reader: Api) -> None:
    answer = await reader.raw(WESTSHIRE, OFFICER, "query($a: String) { viewer { name } }", a="x" * 300_000)
    assert answer.status_code == 413
    assert str(Limits().body_bytes) in answer.json()["errors"][0]["message"]
    answer = await reader.raw(WESTSHIRE, OFFICER, "{ viewer { name } }" + " " * 70_000)
    assert answer.status_code == 413
    assert "as variables" in answer.json()["errors"][0]["message"]


def test_the_largest_proposal_of_provision_fits() -> None:
    item = dict.fromkeys(("section", "need", "what", "details", "tier", "providedBy", "departsBecause"), "a word")
    item = item | {"howOften": {"minutes": 30, "every": "WEEK"}}  # type: ignore[dict-item]
    given = {
        "items": [item] * 200,
        "needs": [{"need": "A", "tier": "B", "say": "x"}] * 40,
        "missing": [{"standard": "a", "why": "b"}] * 200,
    }
    read_request(json.dumps({"query": "mutation { a }", "variables": {"input": given}}).encode(), Limits())


@pytest.mark.stored
async def test_the_schema_is_shown_to_staff_and_not_to_families(reader: Api, database: Database) -> None:
    young = await hired(database, Role.YOUNG_PERSON)
    for person, status in ((OFFICER, 200), (SENCO, 200), (PARENT, 403), (young, 403)):
        answer = await reader.raw(WESTSHIRE, person, SCHEMA)
        assert answer.status_code == status, answer.text
        assert (answer.json()["data"] is None) == (status == 403)
        named = await reader.raw(WESTSHIRE, person, "{ __typename viewer { __typename } }")
        assert "errors" not in named.json()


@pytest.mark.stored
@pytest.mark.parametrize("person", [PARENT, OFFICER])
async def test_a_wrong_guess_is_not_helped_along(person: Any, reader: Api) -> None:
    for query in (
        "{ viewr { name } }",
        "{ viewer { nam } }",
        "{ cases(frst: 1) { nodes { id } } }",
        "query($a: CaseFilte) { cases(filter: $a) { nodes { id } } }",
    ):
        (error,) = (await reader.raw(WESTSHIRE, person, query)).json()["errors"][:1]
        assert "Did you mean" not in error["message"]


@pytest.mark.stored
async def test_a_file_that_does_not_fit_its_variable_is_not_sent_back_whole(reader: Api) -> None:
    answer = await reader.raw(WESTSHIRE, OFFICER, "query($n: Int) { cases(first: $n) { nodes { id } } }", n="x" * 50_000)
    assert 10 < len(answer.json()["errors"][0]["message"]) <= LONGEST_MESSAGE
