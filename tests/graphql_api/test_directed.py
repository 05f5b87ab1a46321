"""The one place that checks whom an act is directed at: each rule by itself, without the engine."""

from __future__ import annotations

from dataclasses import replace
from typing import cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from graphql_api import directed
from graphql_api.context import Context, Deps
from graphql_api.identifiers import global_id
from graphql_api.identity import Caller, Verifier
from policies import enforcer
from statute.definition import FactRule, FactType
from statute.types import Event, Kind, Value
from store import people
from store.session import Database
from tests.graphql_api.conftest import Api, apis
from tests.graphql_api.lived import FIRST, opened
from tests.seeds import NORTHMOOR, SINCE, WESTSHIRE
from workflows import library, ports
from workflows.engine import Engine, Unavailable

pytestmark = pytest.mark.stored
RULES = library.get("ehc_plan", 1)
WITH_SCHOOL = replace(RULES, facts={**RULES.facts, "school": FactRule("school", FactType.SETTING)})
CHILD, HERE, NOBODY = WESTSHIRE.children[0], str(WESTSHIRE.setting.id), str(uuid4())
PERSON, SETTING = global_id("Person", WESTSHIRE.senco.id), global_id("Setting", WESTSHIRE.setting.id)


@pytest.mark.parametrize(
    ("kind", "name", "item", "about", "path"),
    [
        (Kind.HAPPENED, "advice_requested", "education", PERSON, ""),
        (Kind.HAPPENED, "advice_requested", "education", str(WESTSHIRE.senco.id), ""),
        (Kind.HAPPENED, "advice_requested", "education", None, ""),
        (Kind.HAPPENED, "advice_requested", "education", SETTING, "about"),
        (Kind.HAPPENED, "advice_requested", "education", str(NORTHMOOR.senco.id), "about"),
        (Kind.HAPPENED, "advice_requested", "education", str(WESTSHIRE.senco.id).upper(), "about"),
        (Kind.HAPPENED, "setting_consulted", SETTING, None, ""),
        (Kind.HAPPENED, "setting_consulted", HERE, SETTING, "about"),  # the item says it already
        (Kind.HAPPENED, "setting_consulted", PERSON, None, "item"),
        (Kind.HAPPENED, "setting_requested", NOBODY, None, "item"),
        (Kind.DONE, "setting_answer", str(NORTHMOOR.setting.id), None, "item"),
        (Kind.EXCUSED, "settings_answer", NOBODY, None, "item"),
        (Kind.EXCUSED, "advice_from_partners", "medical", None, ""),
        (Kind.DONE, "consult_family", None, SETTING, "about"),
        (Kind.OPENED, "child_brought_to_attention", None, SETTING, "about"),
        (Kind.OPENED, "request_received", None, SETTING, ""),
        (Kind.OPENED, "request_received", None, PERSON, "about"),
        (Kind.HAPPENED, "no_such_act", NOBODY, NOBODY, ""),  # the core says what is wrong with that
    ],
)
async def test_each_act_takes_whom_it_is_directed_at_and_nobody_else(
    database: Database, kind: Kind, name: str, item: str | None, about: str | None, path: str
) -> None:
    async with database.tenant(WESTSHIRE.slug) as session:
        faults = await directed.misdirected(session, RULES, kind, name, item, about)
    assert [fault.path for fault in faults] == ([path] if path else [])
    assert all(fault.what and fault.why and fault.do for fault in faults)


async def test_another_councils_setting_is_as_unknown_as_an_invented_one(database: Database) -> None:
    async with database.tenant(WESTSHIRE.slug) as session:
        told = [
            await directed.misdirected(session, RULES, Kind.OPENED, "request_received", None, about)
            for about in (str(NORTHMOOR.setting.id), NOBODY, "rubbish")
        ]
    assert told[0] == told[1] == told[2] != []


@pytest.mark.parametrize("given", [HERE, SETTING])
async def test_a_fact_that_names_a_setting_is_kept_by_its_plain_id(database: Database, given: str) -> None:
    async with database.tenant(WESTSHIRE.slug) as session:
        facts, faults = await directed.settings_in(session, WITH_SCHOOL, {"school": given, "views": SETTING})
    assert (facts, faults) == ({"school": HERE, "views": SETTING}, [])


@pytest.mark.parametrize("given", [NOBODY, "rubbish", PERSON, str(NORTHMOOR.setting.id), 7, True])
async def test_a_fact_that_names_no_setting_of_this_council_is_told_so(database: Database, given: str | int) -> None:
    async with database.tenant(WESTSHIRE.slug) as session:
        _, faults = await directed.settings_in(session, WITH_SCHOOL, {"school": given})
    assert [fault.path for fault in faults] == ["facts.school"]


class Noting:
    """An engine that is away, and notes what it was asked."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    async def act(self, tenant: str, case_id: str, act: ports.Act) -> None:
        self.events.append(act.event)
        raise Unavailable

    async def open(self, given: ports.CaseInput) -> None:
        assert given.opening is not None
        self.events.append(given.opening.event)
        raise Unavailable


async def test_an_act_carries_the_school_terms_that_its_process_counts_on(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    terms = {HERE: ("2026-09-02/2026-10-23",)}

    async def told(*_: object) -> dict[str, tuple[str, ...]]:
        return terms

    monkeypatch.setattr("graphql_api.acting.terms_for", told)
    monkeypatch.setattr("graphql_api.mutations.open_case.terms_for", told)
    life, engine = await opened(database, FIRST), Noting()
    async with apis(database) as made:
        api = made(cast(Engine, engine))
        task = {"key": "task", "caseId": str(life.id), "name": "consult_family"}
        assert (await api.do(WESTSHIRE, WESTSHIRE.caseworker, "completeTask", **task))["__typename"] == "Unavailable"
        facts = [{"name": "received_on", "value": {"date": "2026-01-06"}}, {"name": "requested_by", "value": {"choice": "other"}}]
        asked = {"key": "open", "process": "ehc_plan", "childId": str(WESTSHIRE.children[1].id), "facts": facts}
        assert (await api.do(WESTSHIRE, WESTSHIRE.caseworker, "openCase", **asked))["__typename"] == "Received"
    assert [one.terms for one in engine.events] == [terms, terms]


@pytest.mark.parametrize(
    ("relates", "each", "named"),
    [
        ("", "", ""),
        ("asked", "", "Person"),
        ("asked", "adviser", "Person"),
        ("assigned", "setting", "Person"),
        ("consulted", "", "Setting"),
        ("consulted", "adviser", "Setting"),
        ("consulted", "setting", ""),
        ("requested", "", "Setting"),
    ],
)
def test_each_relation_is_a_persons_or_a_settings(relates: str, each: str, named: str) -> None:
    assert directed.whom(RULES, replace(RULES.acts["consult_family"], relates=relates, each=each)) == named


async def opening(
    database: Database, person: people.Person, about: str | None, *roles: str, name: str = "request_received"
) -> directed.Opening:
    caller = Caller(person.subject, "issuer", WESTSHIRE.slug, frozenset(roles or person.roles))
    context = Context(Deps(database, cast(Engine, None), cast(Verifier, None)), caller)
    async with context.read() as reading:
        standing = reading.standing
        stands = await enforcer.facts_of_child(reading.session, standing.actor, CHILD.id, standing.today)
        assert stands is not None
        held = enforcer.capacities(standing.actor, stands)
        found = await directed.opening(reading, RULES, name, about, held, CHILD.setting_id)
    await context.leave()
    return found


async def with_relation(database: Database, person: people.Person, kind: str, setting: UUID | None = None) -> None:
    async with database.tenant(WESTSHIRE.slug) as session:
        child = None if setting else CHILD.id
        await people.add_relation(session, people.Relation(uuid4(), person.id, kind, SINCE, child, setting))


async def test_a_school_that_asks_for_its_pupil_is_the_pupils_own(database: Database) -> None:
    assert await opening(database, WESTSHIRE.senco, None) == directed.Opening("requester", HERE)
    assert await opening(database, WESTSHIRE.senco, SETTING) == directed.Opening("requester", HERE)


async def test_the_council_asks_for_any_of_its_settings_and_a_family_for_none(database: Database) -> None:
    assert await opening(database, WESTSHIRE.caseworker, SETTING) == directed.Opening("local_authority", HERE)
    assert await opening(database, WESTSHIRE.caseworker, None) == directed.Opening("local_authority")
    assert await opening(database, WESTSHIRE.parent, None) == directed.Opening("family")
    assert [fault.path for fault in (await opening(database, WESTSHIRE.parent, SETTING)).faults] == ["about"]


async def test_a_parent_who_works_at_the_school_lets_it_in_only_by_naming_it(database: Database) -> None:
    await with_relation(database, WESTSHIRE.senco, "parent")
    both = ("parent", "school_senco")
    assert await opening(database, WESTSHIRE.senco, None, *both) == directed.Opening("family")
    assert await opening(database, WESTSHIRE.senco, SETTING, *both) == directed.Opening("requester", HERE)


async def test_a_school_asks_for_no_other_even_where_the_child_is_its_pupil(database: Database) -> None:
    other = people.Setting(uuid4(), "Elsewhere School", "999777", "mainstream_school")
    async with database.tenant(WESTSHIRE.slug) as session:
        await people.add_setting(session, other)
    assert [fault.path for fault in (await opening(database, WESTSHIRE.senco, str(other.id))).faults] == ["about"]
    await with_relation(database, WESTSHIRE.senco, "works_at", other.id)
    assert await opening(database, WESTSHIRE.senco, str(other.id)) == directed.Opening("requester", str(other.id))


@pytest.mark.parametrize("name", ["child_brought_to_attention", "consult_family", "no_such_act"])
async def test_an_opening_that_takes_nobody_is_given_nobody(database: Database, name: str) -> None:
    assert (await opening(database, WESTSHIRE.senco, None, name=name)).about == ""


async def test_a_denied_act_says_nothing_of_whom_it_names(reader: Api, database: Database) -> None:
    """Whoever may not do it cannot find out either who is known here."""
    life = await opened(database, FIRST)
    answers = [
        await reader.do(
            WESTSHIRE, WESTSHIRE.parent, "recordEvent", key=uuid4().hex, caseId=str(life.id), name="advice_requested", about=about
        )
        for about in (NOBODY, str(WESTSHIRE.senco.id))
    ]
    assert answers[0] == answers[1]
    assert answers[0]["__typename"] == "Denied"


async def test_a_plan_is_not_sent_to_a_council_that_no_longer_exists(session: AsyncSession) -> None:
    """Scenario 60: the old code is answered with those that came after, and mapped by nobody but the one who knows the postcode."""
    facts: dict[str, Value] = {"new_authority": "909", "transferred_on": "2026-03-02"}
    found, [fault] = await directed.settings_in(session, library.get("plan_transfer", 1), facts)
    assert found == facts
    assert (fault.path, fault.do) == ("facts.new_authority", "give 942 or 943, by the child's postcode")
