"""The schema is a contract: the fixed part stays, the committed SDL is the one that is served, and everything is described."""

from __future__ import annotations

from pathlib import Path

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLInterfaceType, GraphQLObjectType, build_schema, find_breaking_changes

from graphql_api.schema import sdl

HERE = Path(__file__).parent
SNAPSHOT = HERE.parent.parent / "graphql_api" / "schema.graphql"
FIXED = {
    "Case": "id reference process stage version openedOn clocks nextDeadline actions tasks journal linked pilots",
    "Clock": "name say binds force due status metOn target receipt",
    "Receipt": "steps citations calendarDigest processDigest",
    "Citation": "instrument pinpoint evidence",
    "Query": "node viewer tenant case cases worklist process processes",
    "Mutation": "openCase recordEvent completeTask recordDecision serveNotice claimExcuse advanceClock",
    "Subscription": "caseChanged worklistChanged",
    "CaseChanged": "case replayed",
    "Refused": "say citations",
    "Conflict": "say case",
    "Invalid": "faults",
}


def test_the_committed_sdl_is_the_one_that_is_served() -> None:
    assert SNAPSHOT.read_text("utf-8") == sdl(), "run: waymark schema print > graphql_api/schema.graphql"


def test_the_fixed_part_of_the_contract_is_there() -> None:
    types = build_schema(sdl()).type_map
    for name, fields in FIXED.items():
        found = types[name]
        assert isinstance(found, GraphQLObjectType)
        assert set(fields.split()) <= set(found.fields), name
    union = {member.name for member in types["CaseResult"].types}  # type: ignore[attr-defined]
    assert {"CaseChanged", "Refused", "Denied", "Conflict", "Invalid", "NotFound"} <= union
    assert "@oneOf" in sdl()


def test_everything_is_described() -> None:
    bare = []
    for name, one in build_schema(sdl()).type_map.items():
        if name.startswith("__") or name in {"String", "Int", "Boolean", "ID", "Float"}:
            continue
        if not one.description:
            bare.append(name)
        if isinstance(one, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            bare += [f"{name}.{field}" for field, what in one.fields.items() if not what.description]
        if isinstance(one, GraphQLEnumType):
            bare += [f"{name}.{value}" for value, what in one.values.items() if not what.description]
    assert bare == []


def test_taking_a_field_away_would_be_noticed() -> None:
    old = build_schema(sdl())
    new = build_schema(sdl().replace("nextDeadline: Clock", "nearest: Clock"))
    assert find_breaking_changes(old, new)
