"""Writing in the council's register over HTTP: one mutation, its answer in one shape, and more people of Westshire to do it."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from store import people
from store.session import Database
from tenants.identifiers import upn_check_letter
from tests.graphql_api.conftest import Api
from tests.seeds import WESTSHIRE, Place, seed_id

NO = "__typename ... on Refused { say } ... on Denied { reason } ... on NotFound { say } ... on Invalid { faults { path what why do } }"
RELATIONS = "relations { id kind since until child { id } setting { id } person { name } }"
YES = {
    "addChild": "ChildAdded { replayed child { id givenName familyName bornOn upn setting { id } } }",
    "addSetting": "SettingAdded { replayed setting { id name kind urn } }",
    "addPerson": f"PersonAdded {{ replayed person {{ id name email roles {RELATIONS} }} }}",
    "addRelation": "RelationAdded { replayed relation { id kind since until history { what until why by { name } } } }",
    "endRelation": "RelationEnded { replayed relation { id kind since until } }",
    "moveChild": "ChildMoved { replayed child { id setting { id } } }",
    "recordTerms": "TermsRecorded { replayed setting { id terms { first last closed } } }",
}
OFFICER, PARENT, DECIDER, SENCO = WESTSHIRE.caseworker, WESTSHIRE.parent, WESTSHIRE.decision_maker, WESTSHIRE.senco


def document(mutation: str) -> str:
    kind = mutation[0].upper() + mutation[1:] + "Input"
    return f"mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {NO} ... on {YES[mutation]} }} }}"


async def write(api: Api, mutation: str, by: people.Person = OFFICER, *, place: Place = WESTSHIRE, **given: Any) -> dict[str, Any]:
    """One act on the register; a key is made where none is given."""
    answer: dict[str, Any] = (await api.ask(place, by, document(mutation), input={"key": uuid4().hex, **given}))[mutation]
    return answer


def paths(answer: dict[str, Any]) -> list[str]:
    """What is wrong with an input, where each fault says what, why and what to do."""
    assert answer["__typename"] == "Invalid", answer
    for fault in answer["faults"]:
        assert fault["what"], fault
        assert fault["why"], fault
        assert fault["do"], fault
    return [fault["path"] for fault in answer["faults"]]


async def hired(database: Database, *roles: str) -> people.Person:
    """Somebody of Westshire in these roles, related to nobody."""
    name = "-".join(roles)
    found = people.Person(seed_id(f"westshire|hired|{name}"), f"A {name}", None, f"hired-{name}", list(roles))
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_person(session, found)
    return found


async def elsewhere(database: Database) -> people.Setting:
    """Another school of Westshire, where none of the seeded people works."""
    found = people.Setting(seed_id("westshire|elsewhere"), "Elsewhere School", "999777", "mainstream_school")
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_setting(session, found)
    return found


def upn(number: int) -> str:
    """A sound UPN of a block that belongs to nobody."""
    rest = f"999400126{number:03d}"
    return upn_check_letter(rest) + rest
