"""The person or setting that an act is directed at gets a part in the case: so it is checked, and nobody is let in by mistake."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from graphql_api.identifiers import global_id
from store import inbox, people
from tests.durable import Shell
from tests.graphql_api.conftest import Api
from tests.graphql_api.test_cases_api import DECIDER, OFFICER, PARENT, SENCO, act, opened, opening
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.durable
NOBODY = str(uuid4())


async def elsewhere(shell: Shell) -> people.Setting:
    """Another school of the same council, where the child is not."""
    other = people.Setting(uuid4(), "Elsewhere School", "999777", "mainstream_school")
    async with shell.database.tenant(WESTSHIRE.slug) as session:
        await people.add_setting(session, other)
    return other


async def nothing_waits(shell: Shell) -> bool:
    async with shell.database.tenant(WESTSHIRE.slug) as session:
        return await inbox.waiting(session) == []


async def test_a_parents_request_lets_no_school_into_the_case(api: Api, shell: Shell) -> None:
    other = await elsewhere(shell)
    answer = await api.do(WESTSHIRE, PARENT, "openCase", **opening(about=str(other.id)))
    assert answer["__typename"] == "Invalid"
    assert answer["faults"][0]["path"] == "about"
    assert await nothing_waits(shell)


async def test_a_school_requests_for_itself_and_for_no_other(api: Api, shell: Shell) -> None:
    other = await elsewhere(shell)
    asked = [{"name": "requested_by", "value": {"choice": "setting"}}]
    given = opening()
    given["facts"] = given["facts"][:1] + asked
    refused = await api.do(WESTSHIRE, SENCO, "openCase", **{**given, "about": global_id("Setting", other.id)})
    assert refused["__typename"] == "Invalid"
    made = await api.do(WESTSHIRE, SENCO, "openCase", **{**given, "key": uuid4().hex})
    assert made["__typename"] == "CaseChanged"


@pytest.mark.parametrize("about", [NOBODY, "rubbish", global_id("Setting", NORTHMOOR.setting.id), global_id("Person", OFFICER.id)])
async def test_an_opening_about_no_setting_of_this_council_is_told_so_and_not_received(api: Api, shell: Shell, about: str) -> None:
    answer = await api.do(WESTSHIRE, OFFICER, "openCase", **opening(about=about))
    assert answer["__typename"] == "Invalid", answer
    assert await nothing_waits(shell)


async def with_family(api: Api) -> dict[str, Any]:
    """A case whose family has the draft plan."""
    case = await opened(api)
    family = "considering_notice"
    for person, mutation, given in (
        (OFFICER, "completeTask", {"name": "consult_family"}),
        (OFFICER, "serveNotice", {"name": family, "how": "email"}),
        (DECIDER, "recordDecision", {"name": "whether_to_assess", "outcome": "will_assess"}),
        (OFFICER, "serveNotice", {"name": "assessment_agreed", "how": "email"}),
        *(
            (OFFICER, "recordEvent", {"name": "advice_requested", "item": item})
            for item in ("education", "medical", "psychological", "social_care")
        ),
        (DECIDER, "recordDecision", {"name": "whether_to_issue", "outcome": "will_issue"}),
        (OFFICER, "serveNotice", {"name": "draft_plan", "how": "email"}),
    ):
        answer = await act(api, person, mutation, case, **given)
        assert answer["__typename"] == "CaseChanged", (given, answer)
        case = answer["case"]
    return case


async def test_only_a_setting_of_this_council_is_consulted(api: Api, shell: Shell) -> None:
    case = await with_family(api)
    for item in ("Hogwarts", NOBODY, str(NORTHMOOR.setting.id), global_id("Person", OFFICER.id)):
        answer = await act(api, OFFICER, "recordEvent", case, name="setting_consulted", item=item)
        assert answer["__typename"] == "Invalid", (item, answer)
        assert [fault["path"] for fault in answer["faults"]] == ["item"]
    here = global_id("Setting", WESTSHIRE.setting.id)
    assert (await act(api, OFFICER, "recordEvent", case, name="setting_consulted", item=here))["__typename"] == "CaseChanged"
    mine = await api.case(WESTSHIRE, SENCO, case["id"]) or {}
    answers = [one for one in mine["actions"] if one["name"] == "setting_answer"]
    assert [one["item"] for one in answers] == [str(WESTSHIRE.setting.id)]
    facts = [{"name": "answer", "value": {"choice": "can_meet_needs"}}]
    done = await act(api, SENCO, "completeTask", case, name="setting_answer", item=here, facts=facts)
    assert done["__typename"] == "CaseChanged"


async def test_only_a_person_of_this_council_is_asked_for_advice(api: Api) -> None:
    case = await opened(api)
    for mutation, person, given in (
        ("completeTask", OFFICER, {"name": "consult_family"}),
        ("recordDecision", DECIDER, {"name": "whether_to_assess", "outcome": "will_assess"}),
        ("serveNotice", OFFICER, {"name": "assessment_agreed", "how": "email"}),
    ):
        assert (await act(api, person, mutation, case, **given))["__typename"] == "CaseChanged"
    for about in (NOBODY, "rubbish", str(NORTHMOOR.senco.id), global_id("Setting", WESTSHIRE.setting.id)):
        answer = await act(api, OFFICER, "recordEvent", case, name="advice_requested", item="education", about=about)
        assert answer["__typename"] == "Invalid", (about, answer)
        assert [fault["path"] for fault in answer["faults"]] == ["about"]
    asked = await act(api, OFFICER, "recordEvent", case, name="advice_requested", item="education", about=global_id("Person", SENCO.id))
    assert asked["__typename"] == "CaseChanged"
    hers = {(one["name"], one["item"]) for one in (await api.case(WESTSHIRE, SENCO, case["id"]) or {})["actions"]}
    assert ("advice", "education") in hers
    assert not {item for name, item in hers if name == "advice"} - {"education"}


async def test_an_act_that_concerns_nobody_takes_nobody(api: Api) -> None:
    case = await opened(api)
    answer = await act(api, PARENT, "recordEvent", case, name="request_withdrawn", about=str(WESTSHIRE.setting.id))
    assert answer["__typename"] == "Invalid"
    assert answer["faults"][0]["path"] == "about"


async def test_a_family_lets_nobody_into_the_case_by_naming_them(api: Api, shell: Shell) -> None:
    """Whoever is assigned may read it: the council names who takes part, and everybody else only themselves."""
    facts = [
        {"name": "decision_sent_on", "value": {"date": date.today().isoformat()}},  # noqa: DTZ011
        {"name": "decision", "value": {"choice": "plan_made"}},
    ]
    given = {"key": uuid4().hex, "process": "mediation_and_appeal", "childId": str(WESTSHIRE.children[0].id), "facts": facts}
    case = (await api.do(WESTSHIRE, OFFICER, "openCase", **given))["case"]
    somebody = global_id("Person", SENCO.id)
    refused = await act(api, PARENT, "recordEvent", case, name="adviser_contacted", about=somebody)
    assert refused["__typename"] == "Invalid", refused
    assert [fault["path"] for fault in refused["faults"]] == ["about"]
    assert (await act(api, PARENT, "recordEvent", case, name="adviser_contacted"))["__typename"] == "CaseChanged"
    named = await act(api, OFFICER, "recordEvent", case, name="adviser_contacted_late", about=somebody)
    assert named["__typename"] in ("CaseChanged", "Refused"), named
