"""Setting flags: two people, dates, a group and never a child, nothing beyond the law without enrolment, and nobody else."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio

from policies.actions import Role
from store.session import Database
from tests.graphql_api.clerk import hired, paths
from tests.graphql_api.conftest import Api
from tests.graphql_api.piloted import Board, board, day
from tests.seeds import NORTHMOOR, WESTSHIRE
from tests.store.test_evaluation import lived

pytestmark = pytest.mark.stored
FLAGS = """{ flags { name variants { name isLaw pilot } current { variant } scheduled { variant } proposed { variant } past { variant status }
  history { nodes { what variant why who { name } } pageInfo { hasNextPage endCursor } } } }"""


@pytest_asyncio.fixture
async def desk(reader: Api, database: Database) -> Board:
    return await board(reader, database)


async def flags(desk: Board) -> dict[str, Any]:
    return {one["name"]: one for one in (await desk.api.ask(WESTSHIRE, desk.first, FLAGS))["flags"]}


async def test_what_one_proposes_another_approves_and_every_step_is_kept(desk: Board) -> None:
    proposed = (await desk.propose(endsOn=day(90), cohort={"phases": ["primary"], "percent": 50}))["setting"]
    assert (proposed["status"], proposed["inForce"], proposed["revision"]) == ("PROPOSED", False, 1)
    assert (await flags(desk))["mediation"]["current"] is None
    approved = (await desk.approve(proposed))["setting"]
    assert (approved["status"], approved["inForce"], approved["revision"]) == ("APPROVED", True, 2)
    assert approved["proposedBy"]["name"] != approved["approvedBy"]["name"]
    assert approved["cohort"] == {"processes": [], "phases": ["primary"], "bornFrom": None, "bornTo": None, "percent": 50}
    seen = (await flags(desk))["mediation"]
    assert seen["current"] == {"variant": "strengthened"}
    assert [(one["what"], one["variant"], one["who"]["name"]) for one in seen["history"]["nodes"]] == [
        ("approved", "strengthened", desk.second.name),
        ("proposed", "strengthened", desk.first.name),
    ]


async def test_nobody_approves_their_own_proposal(desk: Board) -> None:
    proposed = (await desk.propose())["setting"]
    answer = await desk.approve(proposed, desk.first)
    assert answer == {"__typename": "Refused", "say": "Another administrator has to approve it: nobody sets a flag alone."}
    assert (await flags(desk))["mediation"]["current"] is None


async def test_beyond_the_law_in_force_nothing_is_approved_before_the_council_is_enrolled(desk: Board) -> None:
    proposed = (await desk.propose(variant="mandatory"))["setting"]
    answer = await desk.approve(proposed)
    assert answer["__typename"] == "Refused"
    assert "the national pilot authority has not enrolled this council" in answer["say"]
    assert (await desk.enrol(until=day(30)))["pilot"]["enrolment"]["holds"] is True
    assert (await desk.approve(proposed))["setting"]["status"] == "APPROVED"
    assert (await desk.pilot("mediation_mandatory"))["switchedOn"] is True


async def test_an_enrolment_that_ends_before_the_first_day_is_none(desk: Board) -> None:
    await desk.enrol(until=day(30))
    proposed = (await desk.propose(variant="mandatory", startsOn=day(31)))["setting"]
    assert (await desk.approve(proposed))["__typename"] == "Refused"


async def test_whoever_works_for_the_council_does_not_enrol_it_whatever_else_they_are(desk: Board, database: Database) -> None:
    both = await hired(database, "la_manager", "national_pilot_authority")
    for somebody in (desk.first, desk.manager, both, WESTSHIRE.caseworker, WESTSHIRE.parent):
        assert (await desk.enrol(by=somebody))["__typename"] == "Denied"
    assert (await desk.enrol())["__typename"] == "EnrolmentChanged"


async def test_an_enrolment_is_ended_by_its_revision_and_once_a_key(desk: Board) -> None:
    enrolled = (await desk.enrol())["pilot"]["enrolment"]
    given = {"pilot": "mediation_mandatory", "until": day(-1), "expectedRevision": enrolled["revision"]}
    assert (await desk.do("endEnrolment", desk.authority, **{**given, "expectedRevision": 7}))["__typename"] == "EnrolmentConflict"
    key = uuid4().hex
    ended = await desk.do("endEnrolment", desk.authority, key=key, **given)
    assert (ended["replayed"], ended["pilot"]["enrolment"]["holds"]) == (False, False)
    assert (await desk.do("endEnrolment", desk.authority, key=key, **given))["replayed"] is True
    assert paths(await desk.do("endEnrolment", desk.authority, **{**given, "until": day(-2)})) == ["until"]


async def test_two_settings_of_a_flag_are_never_in_force_on_one_day(desk: Board) -> None:
    await desk.set(endsOn=day(10))
    overlapping = (await desk.propose(startsOn=day(10)))["setting"]
    answer = await desk.approve(overlapping)
    assert "with two at once nobody could say which holds" in answer["say"]
    after = (await desk.propose(startsOn=day(11)))["setting"]
    assert (await desk.approve(after))["setting"]["inForce"] is False
    seen = (await flags(desk))["mediation"]
    assert (len(seen["scheduled"]), len(seen["proposed"])) == (1, 1)


async def test_a_stale_revision_is_a_conflict_that_shows_what_is_there(desk: Board) -> None:
    setting = await desk.set()
    answer = await desk.do("withdrawFlag", desk.first, id=setting["id"], expectedRevision=1)
    assert (answer["__typename"], answer["setting"]) == ("FlagConflict", {"revision": 2})
    withdrawn = await desk.do("withdrawFlag", desk.first, id=setting["id"], expectedRevision=2)
    assert (withdrawn["setting"]["status"], withdrawn["setting"]["revision"]) == ("WITHDRAWN", 3)
    assert (await desk.do("withdrawFlag", desk.first, id=setting["id"], expectedRevision=3))["__typename"] == "Refused"
    assert (await flags(desk))["mediation"]["past"] == [{"variant": "strengthened", "status": "WITHDRAWN"}]


async def test_the_same_key_is_one_act_and_another_content_under_it_a_mistake(desk: Board) -> None:
    key = uuid4().hex
    first, again = await desk.propose(key=key), await desk.propose(key=key)
    assert (first["replayed"], again["replayed"]) == (False, True)
    assert first["setting"]["id"] == again["setting"]["id"]
    assert paths(await desk.propose(key=key, endsOn=day(3))) == ["key"]
    approval = uuid4().hex
    await desk.approve(first["setting"], key=approval)
    assert (await desk.approve(first["setting"], key=approval))["replayed"] is True


@pytest.mark.parametrize(
    ("given", "where"),
    [
        ({"name": "colour"}, ["name"]),
        ({"variant": "certificate"}, ["variant"]),
        ({"variant": "sometimes"}, ["variant"]),
        ({"startsOn": day(-1)}, ["startsOn"]),
        ({"startsOn": day(5), "endsOn": day(4)}, ["endsOn"]),
        ({"why": "short"}, ["why"]),
        ({"legalBasis": " "}, ["legalBasis"]),
        ({"cohort": {"processes": ["suspension"]}}, ["cohort.processes"]),
        ({"cohort": {"phases": ["sixth_form"], "percent": 0}}, ["cohort.phases", "cohort.percent"]),
        ({"cohort": {"bornFrom": 2016, "bornTo": 2016}}, ["cohort"]),  # the two children of the seeds were born then
    ],
)
async def test_what_is_wrong_with_a_proposal_is_told_with_its_place(desk: Board, given: dict[str, Any], where: list[str]) -> None:
    assert paths(await desk.propose(**given)) == where


async def test_a_pilot_of_the_change_programme_is_not_for_another_council(desk: Board, database: Database) -> None:
    from store import people
    from tests.seeds import seed_id

    pair = [people.Person(seed_id(f"northmoor|{n}"), f"Admin {n}", None, f"northmoor|admin{n}", ["la_administrator"]) for n in (1, 2)]
    async with database.tenant(NORTHMOOR.slug) as session:
        for one in pair:
            await people.add_person(session, one)
    given = {"name": "mediation", "variant": "strengthened", "startsOn": day(0), "legalBasis": "Our own decision, taken in public."}
    proposed = (await desk.do("proposeFlag", pair[0], place=NORTHMOOR, **given))["setting"]
    answer = await desk.do("approveFlag", pair[1], place=NORTHMOOR, id=proposed["id"], expectedRevision=1)
    assert answer["say"] == "Strengthened mediation, voluntary and offered early is for the councils of the change programme."
    elsewhere = await desk.do("approveFlag", desk.second, id=proposed["id"], expectedRevision=1)
    assert elsewhere["__typename"] == "NotFound", "another council's setting is not there"


ACTS = {
    "proposeFlag": (
        {"name": "mediation", "variant": "strengthened", "startsOn": day(0), "legalBasis": "A decision of ours."},
        {"la_administrator"},
    ),
    "approveFlag": ({"id": str(uuid4()), "expectedRevision": 1}, {"la_administrator"}),
    "withdrawFlag": ({"id": str(uuid4()), "expectedRevision": 1}, {"la_administrator"}),
    "enrolPilot": ({"pilot": "mediation_mandatory", "since": day(0)}, {"national_pilot_authority"}),
    "endEnrolment": ({"pilot": "mediation_mandatory", "until": day(0), "expectedRevision": 1}, {"national_pilot_authority"}),
    "killPilot": ({"pilot": "mediation_mandatory"}, {"la_administrator", "la_manager", "national_pilot_authority"}),
}


async def test_only_those_may_whom_the_policy_names_and_all_others_are_told_so(desk: Board, database: Database) -> None:
    for role in Role:
        somebody = await hired(database, role)
        for mutation, (given, may) in ACTS.items():
            answer = await desk.do(mutation, somebody, **given)
            assert (answer["__typename"] != "Denied") == (role in may), f"{role} {mutation}: {answer}"


async def test_a_family_sees_which_pilots_there_are_and_no_flag(desk: Board) -> None:
    await desk.set()
    asked = await desk.api.ask(
        WESTSHIRE, WESTSHIRE.parent, "{ flags { name } pilots { name say openCases setting { id } switchedOn } revisions { nodes { id } } }"
    )
    assert (asked["flags"], asked["revisions"]["nodes"]) == ([], [])
    assert {one["name"]: (one["openCases"], one["setting"], one["switchedOn"]) for one in asked["pilots"]} == {
        "ap_three_tiers": (None, None, False),
        "mediation_mandatory": (None, None, False),
        "mediation_strengthened": (None, None, True),
        "tailored_list_advisory": (None, None, False),
        "tailored_list_ranked": (None, None, False),
    }


async def test_history_is_paged(desk: Board) -> None:
    for _ in range(3):
        await desk.propose()
    query = (
        "query($after: String) { flags { name history(first: 2, after: $after) { nodes { what } pageInfo { hasNextPage endCursor } } } }"
    )
    page = next(one for one in (await desk.api.ask(WESTSHIRE, desk.first, query))["flags"] if one["name"] == "mediation")["history"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (2, True)
    rest = await desk.api.ask(WESTSHIRE, desk.first, query, after=page["pageInfo"]["endCursor"])
    page = next(one for one in rest["flags"] if one["name"] == "mediation")["history"]
    assert (len(page["nodes"]), page["pageInfo"]["hasNextPage"]) == (1, False)


EVALUATION = """query($pilot: String!) { pilotEvaluation(pilot: $pilot) { said processes { process title cases { pilot standard hidden }
  tables { name say figures { name say pilot standard pilotPercent standardPercent hidden } } medians { name say pilot standard } } } }"""


async def test_those_who_answer_for_a_pilot_read_how_it_went_and_nobody_else(desk: Board, database: Database) -> None:
    await lived(database, 7, "strengthened", ended=("issued", 100))
    await lived(database, 3, "strengthened", ended=("refused", 100))
    await lived(database, 20, ended=("issued", 100))
    for somebody in (desk.manager, desk.auditor, desk.authority):
        found = (await desk.api.ask(WESTSHIRE, somebody, EVALUATION, pilot="mediation_strengthened"))["pilotEvaluation"]
        [plan] = found["processes"]
        assert (plan["process"], plan["cases"]) == ("ehc_plan", {"pilot": 10, "standard": 20, "hidden": False})
        [outcome] = [one for one in plan["tables"] if one["name"] == "outcome"]
        shown = {one["name"]: (one["pilot"], one["standard"]) for one in outcome["figures"] if not one["hidden"]}
        assert "refused" not in shown
        assert "issued" not in shown
        [appealed] = [one for one in plan["tables"] if one["name"] == "appealed"]
        assert [one["pilotPercent"] for one in appealed["figures"]] == [100, 0]
        assert {one["pilotPercent"] for one in outcome["figures"] if one["hidden"]} == {None}
        assert all(one["say"] for table in plan["tables"] for one in table["figures"])
    for somebody in (desk.first, WESTSHIRE.parent, WESTSHIRE.caseworker, WESTSHIRE.decision_maker):
        assert (await desk.api.ask(WESTSHIRE, somebody, EVALUATION, pilot="mediation_strengthened"))["pilotEvaluation"] is None
    assert (await desk.api.ask(WESTSHIRE, desk.manager, EVALUATION, pilot="nothing"))["pilotEvaluation"] is None
