"""A case in the ranked pilot on the real shell: what is done with places is recorded on the case, once, and takes nothing of the law away."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from graphql_api.identifiers import global_id
from statute.types import Event, Kind
from store import journal
from tests.durable import Shell
from tests.graphql_api.conftest import Api
from tests.graphql_api.piloted import board
from tests.graphql_api.placement import DECIDER, OFFICER, PARENT, Council, built, council, do, hired, ranked, shown
from tests.graphql_api.test_cases_api import act, opened, opening
from tests.seeds import WESTSHIRE
from workflows import library, ports
from workflows.engine import Engine, Unavailable

pytestmark = pytest.mark.durable
NOW = datetime.now(UTC)


async def piloted(shell: Shell, mode: str) -> UUID:
    """A case whose draft plan was served twenty days ago: the family's fifteen days are over."""
    rules, case_id = (f"pilot:tailored_list_{mode}",), uuid4()
    process = library.under("ehc_plan", 1, (), rules)
    day = (NOW - timedelta(days=100)).date()
    facts = {"received_on": day.isoformat(), "requested_by": "parent"}
    opening = Event(
        Kind.OPENED, "request_received", day, NOW, "open", str(PARENT.id), "family", facts=facts, rules=rules, flags={"tailored_list": mode}
    )
    file = ports.CaseFile(WESTSHIRE.slug, str(case_id), "ehc_plan", 1, str(WESTSHIRE.children[0].id), "")
    await shell.engine.open(ports.CaseInput(file, ports.Act(opening, "00")))
    advisers = [("advice_requested", adviser, "", "") for adviser in ("education", "medical", "psychological", "social_care")]
    steps = [
        ("consult_family", "", "", ""),
        ("whether_to_assess", "", "will_assess", ""),
        ("assessment_agreed", "", "", "email"),
        *advisers,
    ]
    for n, (name, item, outcome, how) in enumerate([*steps, ("whether_to_issue", "", "will_issue", ""), ("draft_plan", "", "", "email")]):
        act, on = process.acts[name], (NOW - timedelta(days=20 if name == "draft_plan" else 60)).date()
        event = Event(
            act.kind, name, on, NOW, f"step-{n}", str(OFFICER.id), act.by[0] if act.by else "decision_maker", item, "", outcome, how
        )
        await shell.engine.act(WESTSHIRE.slug, str(case_id), ports.Act(event, "00"))
    return case_id


async def recorded(shell: Shell, case_id: UUID) -> list[tuple[str, str, str]]:
    """What people did after the draft plan: name, capacity, item."""
    async with shell.database.tenant(WESTSHIRE.slug) as session:
        rows = [(row.name, row.capacity, row.item) for row in await journal.history(session, case_id) if row.capacity != "engine"]
    return rows[[name for name, _, _ in rows].index("draft_plan") + 1 :]


async def show(api: Api, case_id: UUID) -> None:
    answer = await api.do(WESTSHIRE, OFFICER, "serveNotice", key=uuid4().hex, caseId=str(case_id), name="list_shown", how="email")
    assert answer["__typename"] == "CaseChanged", answer


async def ready_to_offer(api: Api, shell: Shell) -> tuple[UUID, Council]:
    made = await council(api, shell.database, 0, 1, 1)
    case_id = await piloted(shell, "ranked")
    assert (await built(api, case_id))["__typename"] == "TailoredListBuilt"
    plain, far, special = made.ids
    assert (await ranked(api, case_id, special, plain, far, by=PARENT))["__typename"] == "PreferencesRanked"
    return case_id, made


async def test_what_is_done_with_places_is_recorded_on_the_case_once(api: Api, shell: Shell) -> None:
    case_id, made = await ready_to_offer(api, shell)
    offer: dict[str, Any] = {"caseId": str(case_id), "expectedPreferences": 1, "key": uuid4().hex}
    refused = await do(api, "offerPlace", **offer)
    assert refused["__typename"] == "Refused", refused
    assert refused["say"].startswith("Places are offered from a list that the family was shown.")
    await show(api, case_id)
    stated = {"settingId": made.ids[2], "ground": "UNSUITABLE", "reasons": "No class for this age."}
    assert (await do(api, "stateGrounds", DECIDER, caseId=str(case_id), grounds=[stated]))["__typename"] == "GroundsStated"
    found = await do(api, "offerPlace", **offer)
    assert [one["outcome"] for one in found["offer"]["answers"]] == ["GROUND", "NO_PLACE", "OFFERED"]
    assert (await do(api, "offerPlace", **offer)) == {**found, "replayed": True}
    assert (await do(api, "acceptPlace", PARENT, offerId=found["offer"]["id"]))["offer"]["status"] == "TAKEN"
    assert await recorded(shell, case_id) == [
        ("list_built", "local_authority", ""),
        ("preferences_given", "family", ""),
        ("list_shown", "local_authority", ""),
        ("preference_refused", "decision_maker", str(made.special.id)),
        ("place_offered", "local_authority", str(made.far.id)),
        ("offer_answered", "family", str(made.far.id)),
    ]
    seen = await shown(api, PARENT, case_id)
    assert seen is not None
    assert seen["offers"][0]["status"] == "TAKEN"


class Away:
    """An engine that gives no answer in time."""

    async def act(self, *given: object) -> ports.Ack:
        raise Unavailable


async def test_an_offer_without_an_answer_of_the_engine_is_recorded_by_asking_again_and_is_the_same(
    api: Api, shell: Shell, api_with: Callable[[Engine], Api]
) -> None:
    case_id, made = await ready_to_offer(api, shell)
    await show(api, case_id)
    offer: dict[str, Any] = {"caseId": str(case_id), "expectedPreferences": 1, "key": uuid4().hex}
    assert (await do(api_with(cast(Engine, Away())), "offerPlace", **offer))["__typename"] == "Unavailable"
    assert "place_offered" not in {name for name, _, _ in await recorded(shell, case_id)}
    found = await do(api, "offerPlace", **offer)
    assert (found["replayed"], found["offer"]["setting"]["name"]) == (True, "Special School")
    assert [one for one in await recorded(shell, case_id) if one[0] == "place_offered"] == [
        ("place_offered", "local_authority", str(made.special.id))
    ]


async def test_a_round_records_each_offer_on_its_case(api: Api, shell: Shell) -> None:
    case_id, made = await ready_to_offer(api, shell)
    await show(api, case_id)
    manager = await hired(shell.database, "la_manager")
    given: dict[str, Any] = {"name": "round", "phase": "SECONDARY", "entry": 2027, "key": uuid4().hex}
    dry = (await do(api, "runRound", manager, **given))["round"]
    assert ([one["setting"]["name"] for one in dry["placed"]], dry["notYet"]) == (["Special School"], [])
    for _ in range(2):
        done = await do(api, "runRound", manager, **given, dryRun=False, expectedDigest=dry["digest"])
        assert (done["__typename"], done["round"]["confirmed"]) == ("RoundShown", True), done
    assert [one for one in await recorded(shell, case_id) if one[0] == "place_offered"] == [
        ("place_offered", "local_authority", str(made.special.id))
    ]


async def test_a_family_asks_for_a_setting_outside_the_list_as_in_every_case(api: Api, shell: Shell) -> None:
    """Scenario 57: the list only advises, and what the law says of a request runs as normal."""
    await council(api, shell.database)
    case_id = await piloted(shell, "advisory")
    found = (await built(api, case_id))["list"]
    school = global_id("Setting", WESTSHIRE.setting.id)
    assert school not in {one["setting"]["id"] for one in found["entries"]["nodes"]}
    assert (await ranked(api, case_id, school, by=PARENT))["__typename"] == "PreferencesRanked"
    given = {"caseId": str(case_id), "item": school}
    asked = await api.do(WESTSHIRE, PARENT, "recordEvent", key=uuid4().hex, name="setting_requested", **given)
    assert asked["__typename"] == "CaseChanged", asked
    consulted = await api.do(WESTSHIRE, OFFICER, "recordEvent", key=uuid4().hex, name="setting_consulted", **given)
    assert consulted["__typename"] == "CaseChanged", consulted
    named = await api.do(
        WESTSHIRE, DECIDER, "recordDecision", key=uuid4().hex, caseId=str(case_id), name="what_to_name", outcome="name_requested"
    )
    assert named["__typename"] == "CaseChanged", named


async def test_a_council_that_sets_the_flag_has_lists_in_the_cases_that_open_from_then_on(api: Api, shell: Shell) -> None:
    """The whole way: two administrators set the flag, the next case opens, and the flag is pinned to it."""
    await council(api, shell.database)
    before = await opened(api)
    other = opening(childId=str(WESTSHIRE.children[1].id))
    await (await board(api, shell.database)).set("tailored_list", "advisory")
    after = (await api.do(WESTSHIRE, OFFICER, "openCase", **other))["case"]
    for case in (before, after):
        await act(api, OFFICER, "completeTask", case, name="consult_family")
        await act(api, DECIDER, "recordDecision", case, name="whether_to_assess", outcome="will_assess")
    early = await built(api, after["id"])
    assert (early["__typename"], "pinned" in early["say"]) == ("Refused", False), "it is in the pilot, and not yet at that stage"
    for case in (before, after):
        await act(api, OFFICER, "serveNotice", case, name="assessment_agreed", how="email")
    assert (await built(api, after["id"]))["__typename"] == "TailoredListBuilt"
    assert "pinned to off" in (await built(api, before["id"]))["say"]
