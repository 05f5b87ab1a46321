"""A council's configuration through the API: what is told to whom, that the law is kept by every path, and that two people lose nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from graphql_api import configuring
from store import people
from store.session import Database
from tests.graphql_api.administrator import (
    EARLY,
    LATE,
    SHOWN,
    STRANGLING,
    administrators,
    does,
    done,
    on,
    overlay,
    previewed,
    published,
    takes_for_ever,
    text,
)
from tests.graphql_api.clerk import DECIDER, OFFICER, PARENT, SENCO, hired, paths
from tests.graphql_api.conftest import Api
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
IN_FORCE = "{ configuration { ...Set } } " + SHOWN
LISTED = (
    "query($n: Int, $after: String) { configurations(first: $n, after: $after) { nodes { ...Set } pageInfo { hasNextPage endCursor } } } "
    + SHOWN
)


async def in_force(api: Api, by: people.Person, place: Any = WESTSHIRE) -> Any:
    return (await api.ask(place, by, IN_FORCE))["configuration"]


async def test_a_document_comes_out_as_it_went_in(reader: Api, database: Database) -> None:
    one, _ = await administrators(database)
    yaml = text(
        EARLY,
        closed_days=["2026-12-24"],
        letters={"telephone": "01632 960000"},
        escalation=[{"process": "ehc_plan", "deadline": "final_plan_sent", "on": "breach", "to": OFFICER.subject}],
        teams={"early": {"say": "Early years", "members": [str(OFFICER.id)]}},
    )
    found = await done(reader, one, "draftConfiguration", yaml=yaml)
    assert found["yaml"] == yaml
    assert (found["version"], found["revision"], found["status"], found["proved"]) == (1, 1, "draft", False)
    assert found["closedDays"] == ["2026-12-24"]
    assert found["escalation"] == [{"process": "ehc_plan", "deadline": "final_plan_sent", "on": "breach", "to": OFFICER.subject}]
    again = await done(reader, one, "draftConfiguration", version=1)
    assert (again["version"], again["digest"]) == (2, found["digest"])
    assert (await done(reader, one, "draftConfiguration"))["overlays"] == [], "nothing is in force: the law as it is"


async def test_every_fault_is_told_with_its_path_and_nothing_is_kept(reader: Api, database: Database) -> None:
    one, _ = await administrators(database)
    wrong = text(
        overlay(deadlines={"final_plan": {"within": "18 weeks"}}),
        teams={"early": {"say": "Early years", "members": ["somebody-of-another-council"]}},
    )
    assert paths(await does(reader, one, "draftConfiguration", yaml=wrong)) == ["overlays[0].deadlines.final_plan"]
    assert paths(await does(reader, one, "draftConfiguration", yaml="configuration: [")) == ["line 1"]
    assert paths(await does(reader, one, "draftConfiguration", yaml="x" * 60_001)) == ["yaml"]
    assert paths(await does(reader, one, "draftConfiguration", yaml=text(), version=1)) == ["version"]
    assert paths(await does(reader, one, "draftConfiguration", yaml=text(), why=" ")) == ["why"]
    stranger = text(escalation=[{"process": "ehc_plan", "on": "breach", "to": NORTHMOOR.caseworker.subject}])
    assert paths(await does(reader, one, "draftConfiguration", yaml=stranger)) == ["escalation[0].to"], "nobody of another council"
    found = await done(reader, one, "draftConfiguration", yaml=text())
    assert found["version"] == 1
    assert paths(await does(reader, one, "editConfiguration", yaml=wrong, **on(found)))


async def test_what_no_council_may_do_is_shown_and_can_be_published_by_no_path(reader: Api, database: Database) -> None:
    one, other = await administrators(database)
    for unlawful in (LATE, STRANGLING):
        found = await done(reader, one, "draftConfiguration", yaml=text(unlawful))
        seen = await previewed(reader, one, found["version"], rehearse=True)
        assert seen["proof"]["sound"] is False
        assert seen["rehearsal"] is None
        if unlawful is LATE:
            (refused,) = seen["refused"]
            assert refused["path"] == "overlays[0].deadlines.final_plan_sent.within"
            assert "SEND reg.13(2)" in refused["why"]
        else:
            (process,) = seen["proof"]["processes"]
            assert process["counterExample"]["say"].startswith("If ")
            assert process["counterExample"]["cites"]
            assert process["certificate"] is None
        for mutation, by in (("proposeConfiguration", one), ("approveConfiguration", other), ("publishConfiguration", one)):
            answer = await does(reader, by, mutation, **on(found))
            assert answer["__typename"] == "Refused", answer
        found = await done(reader, one, "editConfiguration", yaml=text(EARLY), **on(found))
        found = await done(reader, one, "proposeConfiguration", **on(found))
        found = await done(reader, other, "approveConfiguration", **on(found))
        changed = await done(reader, one, "editConfiguration", yaml=text(unlawful), **on(found))
        assert (changed["status"], changed["proved"]) == ("draft", False), "neither the proof nor the approval was of this"
        assert (await does(reader, one, "publishConfiguration", **on(changed)))["__typename"] == "Refused"
    assert await in_force(reader, one) is None


async def test_a_proof_that_takes_too_long_is_ended_and_nothing_is_proposed(
    reader: Api, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = await administrators(database)
    found = await done(reader, one, "draftConfiguration", yaml=text(EARLY))
    with monkeypatch.context() as patch:
        patch.setattr(configuring, "PROVING", 0.2)
        patch.setattr("workflows.configuring.proof_of", takes_for_ever)
        assert (await previewed(reader, one, found["version"]))["__typename"] == "Unavailable"
        assert (await does(reader, one, "proposeConfiguration", **on(found)))["__typename"] == "Unavailable"
    assert (await done(reader, one, "proposeConfiguration", **on(found)))["status"] == "proposed"


async def test_who_proposed_or_changed_it_last_cannot_approve_it(reader: Api, database: Database) -> None:
    one, other = await administrators(database)
    manager = await hired(database, "la_manager")
    found = await done(reader, one, "draftConfiguration", yaml=text(EARLY))
    found = await done(reader, other, "proposeConfiguration", **on(found))
    for person in (one, other):
        answer = await does(reader, person, "approveConfiguration", **on(found))
        assert answer["__typename"] == "Refused", answer
        assert "second person" in answer["say"]
    found = await done(reader, manager, "approveConfiguration", **on(found))
    assert (await does(reader, manager, "publishConfiguration", **on(found)))["__typename"] == "Denied", "that is the administrator's"
    found = await done(reader, one, "publishConfiguration", **on(found))
    assert [entry["by"]["name"] for entry in found["history"]] == [one.name, other.name, manager.name, one.name]
    assert (await in_force(reader, OFFICER))["version"] == 1


async def test_of_two_administrators_at_once_the_second_sees_what_is_there_now(reader: Api, database: Database) -> None:
    one, other = await administrators(database)
    found = await done(reader, one, "draftConfiguration", yaml=text(EARLY))
    seventeen = overlay(deadlines={"final_plan_sent": {"within": "17 weeks"}})
    sixteen = overlay(deadlines={"final_plan_sent": {"within": "16 weeks"}})
    answers = await asyncio.gather(
        does(reader, one, "editConfiguration", yaml=text(seventeen), **on(found)),
        does(reader, other, "editConfiguration", yaml=text(sixteen), **on(found)),
    )
    (won,) = [each for each in answers if each["__typename"] == "ConfigurationRecorded"]
    (lost,) = [each for each in answers if each["__typename"] == "ConfigurationConflict"]
    assert lost["configuration"]["yaml"] == won["configuration"]["yaml"]
    retried = await done(reader, other, "editConfiguration", yaml=text(sixteen), **on(lost["configuration"]))
    assert [entry["what"] for entry in retried["history"]] == ["drafted", "edited", "edited"], "nothing is lost"


async def test_a_draft_does_not_undo_unseen_what_was_published_since(reader: Api, database: Database) -> None:
    one, other = await administrators(database)
    waiting = await done(reader, other, "draftConfiguration", yaml=text(closed_days=["2026-12-24"]))
    await published(reader, one, other, text(EARLY))
    answer = await does(reader, other, "proposeConfiguration", **on(waiting))
    assert answer["__typename"] == "ConfigurationConflict", answer
    assert answer["configuration"]["status"] == "published"
    seen = await previewed(reader, other, waiting["version"])
    assert any("goes back to 20 weeks" in line for line in seen["differences"])
    waiting = await done(reader, other, "editConfiguration", yaml=text(EARLY, closed_days=["2026-12-24"]), **on(waiting))
    assert waiting["basedOn"] == 2
    assert (await done(reader, other, "proposeConfiguration", **on(waiting)))["status"] == "proposed"


async def test_the_same_request_twice_is_once(reader: Api, database: Database) -> None:
    one, _ = await administrators(database)
    given = {"key": "once", "yaml": text(EARLY), "why": "Because."}
    first, again = [await does(reader, one, "draftConfiguration", **given) for _ in range(2)]
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert again["configuration"]["version"] == first["configuration"]["version"]
    assert paths(await does(reader, one, "draftConfiguration", **{**given, "yaml": text()})) == ["key"]


async def test_going_back_needs_a_second_person_and_no_new_proof(reader: Api, database: Database) -> None:
    one, other = await administrators(database)
    first = await published(reader, one, other, text(EARLY))
    await published(reader, one, other, text())
    assert (await does(reader, one, "rollBackConfiguration", to=2))["__typename"] == "Refused", "it is in force"
    assert (await does(reader, one, "rollBackConfiguration", to=9))["__typename"] == "NotFound"
    back = await done(reader, one, "rollBackConfiguration", to=first["version"])
    assert (back["status"], back["restores"], back["digest"], back["proved"]) == ("proposed", 1, first["digest"], True)
    assert (await does(reader, one, "approveConfiguration", **on(back)))["__typename"] == "Refused"
    back = await done(reader, other, "approveConfiguration", **on(back))
    back = await done(reader, one, "publishConfiguration", **on(back))
    assert (await in_force(reader, one))["version"] == back["version"] == 3


async def test_versions_are_listed_page_by_page_with_their_history(reader: Api, database: Database) -> None:
    one, other = await administrators(database)
    await published(reader, one, other, text(EARLY))
    gone = await done(reader, one, "draftConfiguration", yaml=text())
    await done(reader, one, "withdrawConfiguration", **on(gone))
    first = (await reader.ask(WESTSHIRE, one, LISTED, n=1))["configurations"]
    assert [(each["version"], each["status"]) for each in first["nodes"]] == [(2, "withdrawn")]
    assert first["pageInfo"]["hasNextPage"]
    rest = (await reader.ask(WESTSHIRE, one, LISTED, n=5, after=first["pageInfo"]["endCursor"]))["configurations"]
    assert [entry["what"] for entry in rest["nodes"][0]["history"]] == ["drafted", "proposed", "approved", "published"]
    assert not rest["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("person", [PARENT, SENCO, OFFICER, DECIDER])
async def test_nobody_but_an_administrator_changes_anything(reader: Api, database: Database, person: people.Person) -> None:
    one, other = await administrators(database)
    found = await done(reader, one, "draftConfiguration", yaml=text(EARLY))
    seen = {"version": found["version"], "expectedRevision": 1}
    for mutation, given in (
        ("draftConfiguration", {"yaml": text()}),
        ("editConfiguration", {"yaml": text(), **seen}),
        ("proposeConfiguration", seen),
        ("approveConfiguration", seen),
        ("publishConfiguration", seen),
        ("withdrawConfiguration", seen),
        ("rollBackConfiguration", {"to": 1}),
    ):
        assert (await does(reader, person, mutation, **given))["__typename"] == "Denied"
    may_read = person in (OFFICER, DECIDER)
    assert (await previewed(reader, person, 1))["__typename"] == ("ConfigurationPreview" if may_read else "Denied")
    listed = (await reader.ask(WESTSHIRE, person, LISTED))["configurations"]["nodes"]
    assert len(listed) == (1 if may_read else 0)
    assert other


async def test_another_council_sees_and_changes_nothing_of_it(reader: Api, database: Database) -> None:
    one, other = await administrators(database)
    there, _ = await administrators(database, NORTHMOOR)
    await published(reader, one, other, text(EARLY))
    assert await in_force(reader, there, NORTHMOOR) is None
    assert (await reader.ask(NORTHMOOR, there, LISTED))["configurations"]["nodes"] == []
    for mutation, given in (
        ("editConfiguration", {"version": 1, "expectedRevision": 4, "yaml": text()}),
        ("publishConfiguration", {"version": 1, "expectedRevision": 4}),
        ("rollBackConfiguration", {"to": 1}),
        ("draftConfiguration", {"version": 1}),
    ):
        answer = await does(reader, there, mutation, place=NORTHMOOR, **given)
        assert answer["__typename"] == "NotFound", answer
