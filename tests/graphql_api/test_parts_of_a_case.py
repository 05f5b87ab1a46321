"""What a case shows besides its clocks: tasks, what it led to, its journal, and what may be done with all that doing it asks for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from graphql_api.identifiers import global_id
from statute.types import Kind
from store import people
from store.session import Database
from tests.graphql_api.conftest import Api
from tests.graphql_api.lived import FIRST, Life, opened
from tests.seeds import NORTHMOOR, WESTSHIRE

pytestmark = pytest.mark.stored
PARENT, OFFICER, DECIDER, SENCO = WESTSHIRE.parent, WESTSHIRE.caseworker, WESTSHIRE.decision_maker, WESTSHIRE.senco
FACTS = "facts { name type choices required }"
CASE = f"""query($id: ID!) {{ case(id: $id) {{
  tasks {{ name item itemLabel say doneOn clock {{ name item due setting {{ id name }} }} }}
  journal {{ nodes {{ sequence kind name say on capacity }} }}
  linked {{ id }} pilots {{ name }} child {{ givenName }}
  clocks {{ name item itemLabel since due setting {{ id }} }}
  actions {{ name kind mutation capacity item itemLabel needsItem about setting {{ name }} {FACTS} outcomes ways {{ name sends {FACTS} }}
    grounds excuses {{ name say {FACTS} }} service {{ name say after }} citations {{ pinpoint }} }} }} }}"""


async def seen(reader: Api, life: Life, person: people.Person = OFFICER) -> dict[str, Any]:
    found: dict[str, Any] = (await reader.ask(WESTSHIRE, person, CASE, id=global_id("Case", life.id)))["case"]
    return found


async def advised(database: Database, begun: date = FIRST) -> Life:
    """A case in which a doctor and the child's school were asked for advice, and the school gave it."""
    life = await (await opened(database, begun)).assess(begun)
    for item, about in (("medical", ""), ("education", str(SENCO.id))):
        await life.step(Kind.HAPPENED, "advice_requested", begun + timedelta(days=4), item=item, about=about)
    return await life.step(Kind.DONE, "advice", begun + timedelta(days=8), "adviser", item="education")


async def drafted(database: Database) -> Life:
    """A case whose family has the draft, and in which the child's school was consulted."""
    begun = datetime.now(UTC).date() - timedelta(days=30)
    life = await advised(database, begun)
    for item in ("psychological", "social_care"):
        await life.step(Kind.HAPPENED, "advice_requested", begun + timedelta(days=8), item=item)
    await life.step(Kind.DECIDED, "whether_to_issue", begun + timedelta(days=9), "decision_maker", outcome="will_issue")
    await life.step(Kind.SERVED, "draft_plan", begun + timedelta(days=10), how="email")
    return await life.step(Kind.HAPPENED, "setting_consulted", begun + timedelta(days=11), item=str(WESTSHIRE.setting.id))


async def test_the_tasks_of_a_case_are_those_that_were_asked_each_with_its_clock(reader: Api, database: Database) -> None:
    tasks = {(one["name"], one["item"]): one for one in (await seen(reader, await advised(database)))["tasks"]}
    assert {item for name, item in tasks if name == "advice"} == {"medical", "education"}
    medical, education = tasks["advice", "medical"], tasks["advice", "education"]
    assert medical["doneOn"] is None
    assert (medical["clock"]["name"], medical["clock"]["item"]) == ("advice_from_partners", "medical")
    assert medical["itemLabel"] == "A health care professional named by the NHS"
    assert education["doneOn"] == "2026-01-14"
    assert education["clock"]["name"] == "advice_by_guidance"
    assert tasks["consult_family", None]["clock"]["name"] == "family_consulted"
    assert all(one["say"] for one in tasks.values())


async def test_a_clock_a_task_and_an_action_name_the_setting_that_they_concern(reader: Api, database: Database) -> None:
    case = await seen(reader, await drafted(database), SENCO)
    here = {"id": global_id("Setting", WESTSHIRE.setting.id), "name": WESTSHIRE.setting.name}
    [task] = [one for one in case["tasks"] if one["name"] == "setting_answer"]
    assert task["clock"]["setting"] == here
    assert [one["setting"] for one in case["clocks"] if one["name"] == "settings_answer"] == [{"id": here["id"]}]
    [action] = [one for one in case["actions"] if one["name"] == "setting_answer"]
    assert (action["setting"], action["item"], action["needsItem"]) == ({"name": here["name"]}, str(WESTSHIRE.setting.id), False)
    assert [one["setting"] for one in case["clocks"] if one["name"] == "advice_by_guidance" and one["item"] == "education"] == [None]


async def test_an_action_says_all_that_doing_it_asks_for(reader: Api, database: Database) -> None:
    life = await drafted(database)
    by_name = {(one["name"], one["item"]): one for one in (await seen(reader, life))["actions"]}
    consult = by_name["setting_consulted", None]
    assert (consult["mutation"], consult["needsItem"], consult["about"]) == ("recordEvent", True, None)
    answer = by_name["setting_answer", str(WESTSHIRE.setting.id)]
    assert answer["facts"] == [
        {"name": "answer", "type": "choice", "choices": ["can_meet_needs", "cannot_meet_needs", "full"], "required": True},
        {"name": "reasons", "type": "text", "choices": [], "required": False},
    ]
    assert {way["name"] for way in by_name["draft_plan", None]["service"]} == {"by_hand", "email", "portal", "first_class_post"}
    decided = {one["name"]: one for one in (await seen(reader, life, DECIDER))["actions"]}
    ways = {way["name"]: way for way in decided["what_to_name"]["ways"]}
    assert ways["name_other"]["facts"] == [{"name": "reasons", "type": "text", "choices": [], "required": True}]
    assert (ways["name_requested"]["facts"], ways["name_requested"]["sends"]) == ([], "final_plan")


async def test_an_excuse_says_its_grounds_with_the_two_facts_that_each_of_them_records(reader: Api, database: Database) -> None:
    life = await drafted(database)
    excuses = {(one["name"], one["item"]): one for one in (await seen(reader, life, DECIDER))["actions"] if one["kind"] == "excused"}
    medical = excuses["advice_from_partners", "medical"]
    assert medical["mutation"] == "claimExcuse"
    assert medical["grounds"] == [one["name"] for one in medical["excuses"]]
    facts = {one["name"]: [fact["name"] for fact in one["facts"]] for one in medical["excuses"]}
    assert facts["missed_appointment"] == ["appointment_on", "impractical_because", "evidence"]
    assert all(names[-2:] == ["impractical_because", "evidence"] for names in facts.values())
    assert all(fact["required"] for one in medical["excuses"] for fact in one["facts"])
    assert not [one for one in (await seen(reader, life))["actions"] if one["kind"] == "excused"]  # not the caseworker's to claim


async def test_asking_for_advice_says_that_it_takes_somebody(reader: Api, database: Database) -> None:
    actions = (await seen(reader, await advised(database)))["actions"]
    asks = {one["item"]: one for one in actions if one["name"] == "advice_requested"}
    assert asks["social_care"]["about"] == "asked"
    assert not asks["social_care"]["needsItem"]


async def test_a_case_shows_what_it_led_to_and_what_led_to_it(reader: Api, database: Database) -> None:
    first = await opened(database)
    second = await opened(database, FIRST + timedelta(days=40), parent_case=first.id)
    third = await opened(database, FIRST + timedelta(days=80), parent_case=second.id)
    ids = {life.id: global_id("Case", life.id) for life in (first, second, third)}
    assert {one["id"] for one in (await seen(reader, first))["linked"]} == {ids[second.id]}
    assert {one["id"] for one in (await seen(reader, second))["linked"]} == {ids[first.id], ids[third.id]}
    assert {one["id"] for one in (await seen(reader, third))["linked"]} == {ids[second.id]}


async def test_what_a_case_led_to_is_shown_to_those_alone_who_may_list_it(reader: Api, database: Database) -> None:
    first = await opened(database)
    await opened(database, child=WESTSHIRE.children[1], parent_case=first.id)
    assert len((await seen(reader, first))["linked"]) == 1
    assert (await seen(reader, first, PARENT))["linked"] == []


async def test_no_pilot_is_pinned_where_none_exists(reader: Api, database: Database) -> None:
    assert (await seen(reader, await opened(database)))["pilots"] == []


async def test_the_journal_says_what_happened_in_words_and_in_order(reader: Api, database: Database) -> None:
    life = await advised(database)
    for person in (OFFICER, PARENT):
        nodes = (await seen(reader, life, person))["journal"]["nodes"]
        assert [one["sequence"] for one in nodes] == list(range(1, len(nodes) + 1))
        assert nodes[0]["say"] == "A request for an EHC needs assessment was received"
        assert nodes[2]["say"].endswith("The council will assess")
        assert nodes[-1]["say"] == "Give advice (The school, nursery or college)"
        assert (nodes[-1]["on"], nodes[-1]["capacity"]) == ("2026-01-14", "adviser")
    assert (await seen(reader, life, SENCO))["journal"]["nodes"] == []  # a school reads the case, not its journal


async def test_a_case_that_was_moved_to_changed_law_says_so_and_offers_the_excuse_that_it_gave(reader: Api, database: Database) -> None:
    life = await opened(database, date(2020, 4, 20))
    await life.step(Kind.REVISED, "si_2020_471", date(2020, 5, 1), "engine")
    case = await seen(reader, life, DECIDER)
    assert case["journal"]["nodes"][-1]["say"].startswith("The law changed: Special Educational Needs")
    [excuse] = [one for one in case["actions"] if one["name"] == "decision_notified"]
    assert "coronavirus" in excuse["grounds"]
    timeline = "query($id: ID!) { node(id: $id) { ... on Child { timeline { nodes { say } } } } }"
    told = (await reader.ask(WESTSHIRE, OFFICER, timeline, id=global_id("Child", WESTSHIRE.children[0].id)))["node"]["timeline"]["nodes"]
    assert [one["say"] for one in told] == [one["say"] for one in case["journal"]["nodes"]]


VIEWER = "{ viewer { id name roles permissions tenant { slug } relations { kind since until child { givenName } setting { name } } } }"


async def test_the_viewer_has_their_roles_whatever_they_are_related_to(reader: Api, database: Database) -> None:
    async with database.tenant(WESTSHIRE.slug) as session:
        nobodys = people.Person(WESTSHIRE.setting.id, "Un Related", None, "unrelated", ["parent", "auditor"])
        await people.add_person(session, nobodys)
    viewer = (await reader.ask(WESTSHIRE, nobodys, VIEWER))["viewer"]
    assert (viewer["roles"], viewer["relations"]) == (["auditor", "parent"], [])
    assert {"case.read", "journal.read", "case.open"} <= set(viewer["permissions"])
    assert "clock.advance" not in viewer["permissions"]


async def test_the_viewer_sees_whose_parent_and_where_at_work_they_are(reader: Api) -> None:
    viewer = (await reader.ask(WESTSHIRE, PARENT, VIEWER))["viewer"]
    assert viewer["id"] == global_id("Person", PARENT.id)
    assert viewer["roles"] == ["parent"]
    [relation] = viewer["relations"]
    assert (relation["kind"], relation["child"]["givenName"], relation["setting"]) == ("parent", WESTSHIRE.children[0].given_name, None)
    [works] = (await reader.ask(NORTHMOOR, NORTHMOOR.senco, VIEWER))["viewer"]["relations"]
    assert (works["kind"], works["setting"]["name"], works["until"]) == ("works_at", NORTHMOOR.setting.name, None)


async def test_everything_is_found_again_by_its_global_id(reader: Api, database: Database) -> None:
    life = await opened(database)
    kinds = {"Case": life.id, "Child": WESTSHIRE.children[0].id, "Setting": WESTSHIRE.setting.id, "Person": PARENT.id}
    for kind, key in kinds.items():
        found = (await reader.ask(WESTSHIRE, PARENT, "query($id: ID!) { node(id: $id) { id } }", id=global_id(kind, key)))["node"]
        assert found == {"id": global_id(kind, key)}
    for stranger in (global_id("Person", OFFICER.id), global_id("Child", WESTSHIRE.children[1].id), global_id("Cat", PARENT.id), "rubbish"):
        assert (await reader.ask(WESTSHIRE, PARENT, "query($id: ID!) { node(id: $id) { id } }", id=stranger))["node"] is None


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        ({}, 2),
        ({"process": "ehc_plan", "stage": ""}, 2),
        ({"stage": "withdrawn"}, 1),
        ({"open": True}, 1),
        ({"open": False}, 1),
        ({"process": "annual_review"}, 0),
    ],
)
async def test_cases_are_narrowed_as_asked_and_a_worklist_to_the_open_ones(
    reader: Api, database: Database, chosen: dict[str, Any], found: int
) -> None:
    await opened(database)
    await (await opened(database, FIRST + timedelta(days=1))).step(Kind.HAPPENED, "request_withdrawn", FIRST + timedelta(days=2), "family")
    query = "query($chosen: CaseFilter) { cases(filter: $chosen) { nodes { id } } worklist { nodes { id } } }"
    seen = await reader.ask(WESTSHIRE, OFFICER, query, chosen=chosen)
    assert (len(seen["cases"]["nodes"]), len(seen["worklist"]["nodes"])) == (found, 1)
