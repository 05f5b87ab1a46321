"""An administrator at a council's configuration over HTTP: one mutation, its answer in one shape, and documents to write."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from store import people
from store.session import Database
from tenants.configuration_text import as_yaml
from tests.graphql_api.clerk import hired
from tests.graphql_api.conftest import Api
from tests.seeds import WESTSHIRE, Place, seed_id

SHOWN = """fragment Set on Configuration { version status revision digest basedOn restores why proved yaml closedDays
  overlays { name process why digest } letters { telephone } escalation { process deadline on to } teams { name members }
  leftOut { overlay why } history { what why revision by { name } } }"""
ANSWER = """{ __typename ... on ConfigurationRecorded { replayed configuration { ...Set } }
  ... on ConfigurationConflict { say configuration { ...Set } } ... on Refused { say } ... on Denied { reason } ... on NotFound { say }
  ... on Invalid { faults { path what why do } } ... on Unavailable { say } }"""
PREVIEW = (
    """query($v: Int!, $r: Boolean!, $first: Int, $after: String) { configurationPreview(version: $v, rehearse: $r) { __typename
  ... on Denied { reason } ... on NotFound { say } ... on Unavailable { say }
  ... on ConfigurationPreview { differences refused { path what why do } configuration { ...Set }
    proof { sound processes { process version sound certificate { states digest national limits { deadline say } } counterExample { say what why cites path } } }
    rehearsal { lookedAt unchanged mayMove stay worsen cases(first: $first, after: $after) { pageInfo { hasNextPage endCursor }
      nodes { reference process mayMove worsens say differences { say before after relaxes } } } } } } } """
    + SHOWN
)


def takes_for_ever(*_: object) -> None:
    """Work that does not end by itself: a process beside ours finds it by its name."""
    time.sleep(60)


def overlay(name: str = "ours", **parts: Any) -> dict[str, Any]:
    return {"overlay": name, "process": "ehc_plan", "why": "Families should hear early.", **parts}


EARLY = overlay(deadlines={"final_plan_sent": {"within": "18 weeks"}})
LATE = overlay(deadlines={"final_plan_sent": {"within": "22 weeks"}})
STRANGLING = overlay(deadlines={"family_window": {"at_least": "160 days"}})


def text(*overlays: dict[str, Any], **parts: Any) -> str:
    return as_yaml({"configuration": 1, "overlays": list(overlays), **parts})


async def administrators(database: Database, place: Place = WESTSHIRE) -> tuple[people.Person, people.Person]:
    """Two of them."""
    if place is WESTSHIRE:
        one = await hired(database, "la_administrator")
    found = [
        people.Person(seed_id(f"{place.slug}|admin{n}"), f"Administrator {n}", None, f"{place.slug}-admin{n}", ["la_administrator"])
        for n in range(2)
    ]
    async with database.tenant(place.slug) as session:
        for each in found:
            await people.add_person(session, each)
    return (one, found[1]) if place is WESTSHIRE else (found[0], found[1])


async def does(api: Api, by: people.Person, mutation: str, *, place: Place = WESTSHIRE, **given: Any) -> dict[str, Any]:
    """One act; a key and a reason are made where none is given."""
    document = f"mutation($input: {mutation[0].upper() + mutation[1:]}Input!) {{ {mutation}(input: $input) {ANSWER} }} {SHOWN}"
    asked = {"key": uuid4().hex, "why": "It was agreed.", **given}
    answer: dict[str, Any] = (await api.ask(place, by, document, input=asked))[mutation]
    return answer


async def done(api: Api, by: people.Person, mutation: str, **given: Any) -> dict[str, Any]:
    """The version after an act that went well."""
    answer = await does(api, by, mutation, **given)
    assert answer["__typename"] == "ConfigurationRecorded", answer
    found: dict[str, Any] = answer["configuration"]
    return found


def on(found: dict[str, Any]) -> dict[str, Any]:
    """The version as it was seen."""
    return {"version": found["version"], "expectedRevision": found["revision"]}


async def published(api: Api, one: people.Person, other: people.Person, yaml: str) -> dict[str, Any]:
    """A document brought into force by two people."""
    found = await done(api, one, "draftConfiguration", yaml=yaml)
    found = await done(api, one, "proposeConfiguration", **on(found))
    found = await done(api, other, "approveConfiguration", **on(found))
    return await done(api, one, "publishConfiguration", **on(found))


async def previewed(api: Api, by: people.Person, version: int, *, rehearse: bool = False, **page: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await api.ask(WESTSHIRE, by, PREVIEW, v=version, r=rehearse, **page))["configurationPreview"]
    return found
