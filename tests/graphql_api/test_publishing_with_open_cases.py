"""Publishing together with the open cases: all of them are moved, or nothing is published because one would be worse against the law."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from activities.record import state_of
from activities.revising import Reviser
from statute.types import Kind
from store import cases, configurations
from store.pinning import documents_of
from store.session import Database
from tests.durable import Opened, Shell
from tests.graphql_api.administrator import EARLY, administrators, does, done, on, overlay, published, text
from tests.graphql_api.conftest import Api
from tests.seeds import WESTSHIRE
from tests.statute.desk import ADVISERS

pytestmark = pytest.mark.durable
LONGER = overlay(deadlines={"family_window": {"at_least": "21 days"}})


async def drafted(shell: Shell, database: Database) -> Opened:
    """A case under what is in force, whose draft plan was sent today, so that the family's time runs."""
    async with database.tenant(WESTSHIRE.slug) as session:
        rules = tuple(await configurations.in_force(session, "ehc_plan"))
        case = await shell.open(overlays=await documents_of(session, rules))
    await case.act("consult_family", Kind.DONE)
    await case.act("whether_to_assess", Kind.DECIDED, outcome="will_assess")
    await case.act("assessment_agreed", Kind.SERVED, how="email")
    for item in ADVISERS:
        await case.act("advice_requested", item=item)
    await case.act("whether_to_issue", Kind.DECIDED, outcome="will_issue")
    await case.act("draft_plan", Kind.SERVED, how="email")
    return case


async def rules_of(case: Opened) -> tuple[str, ...]:
    async with case.shell.database.tenant(case.tenant) as session:
        file = await cases.read_case(session, case.case_id)
    assert file is not None
    return state_of(file.state).rules


async def test_nothing_is_published_with_open_cases_where_one_would_lose_time(api: Api, shell: Shell, database: Database) -> None:
    one, other = await administrators(database)
    await published(api, one, other, text(LONGER))
    case = await drafted(shell, database)
    before = await rules_of(case)
    draft = await done(api, one, "draftConfiguration", yaml=text(EARLY))
    draft = await done(api, one, "proposeConfiguration", **on(draft))
    draft = await done(api, other, "approveConfiguration", **on(draft))
    refused = await does(api, one, "publishConfiguration", openCases="MOVE", **on(draft))
    assert refused["__typename"] == "Refused"
    assert refused["say"].startswith("1 of 1 open cases would be worse against the law")
    live = await done(api, one, "publishConfiguration", **on(draft))
    assert (live["status"], await rules_of(case)) == ("published", before), "let stay, it is published and the case keeps its time"


async def test_open_cases_that_lose_nothing_are_moved_with_the_publishing(api: Api, shell: Shell, database: Database) -> None:
    one, other = await administrators(database)
    case = await drafted(shell, database)
    draft = await done(api, one, "draftConfiguration", yaml=text(EARLY))
    draft = await done(api, one, "proposeConfiguration", **on(draft))
    draft = await done(api, other, "approveConfiguration", **on(draft))
    live = await done(api, one, "publishConfiguration", openCases="MOVE", key="once", **on(draft))
    again = await does(api, one, "publishConfiguration", openCases="MOVE", key="once", **on(draft))
    assert (again["replayed"], again["configuration"]["digest"]) == (True, live["digest"])
    await Reviser(database, shell.engine, lambda: datetime.now(UTC)).once([WESTSHIRE.slug])
    async with database.tenant(WESTSHIRE.slug) as session:
        assert await rules_of(case) == tuple(await configurations.in_force(session, "ehc_plan")) != ()
