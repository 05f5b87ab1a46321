"""What follows from a step in other cases, on the real engine: opened once, with the right facts; told, announced, handed to another council."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from activities.delivery import FileDelivery
from activities.dispatch import Relay
from activities.record import event_of, state_of
from statute.types import Event, Kind, State
from store import cases, journal, lifecycle, people
from store.session import Database
from tests.conftest import Dsns
from tests.durable import Shell, client, shell, temporal
from tests.reliability import life
from tests.seeds import NORTHMOOR, WESTSHIRE
from workflows import library, ports

__all__ = ["client", "shell", "temporal"]
pytestmark = pytest.mark.durable
CHILD = WESTSHIRE.children[0]
BEGAN = (datetime.now(UTC) - timedelta(days=200)).replace(hour=12, minute=0, second=0, microsecond=0)


@dataclass
class Office:
    """A council's desk: opens cases, acts on them, and lets the relay do what follows."""

    shell: Shell
    folder: Path

    async def relay(self, rounds: int = 3) -> None:
        relay = Relay(self.shell.database, self.shell.engine, FileDelivery(self.folder), lambda: datetime.now(UTC))
        for _ in range(rounds):
            await relay.once()

    async def open(self, process: str, opens: str, on: date, **facts: Any) -> UUID:
        case_id, rules = uuid4(), library.in_force(process, on)
        at = datetime(on.year, on.month, on.day, 10, tzinfo=UTC)
        event = Event(Kind.OPENED, opens, on, at, "open", "somebody", rules.acts[opens].by[0], facts=facts)
        file = ports.CaseFile(WESTSHIRE.slug, str(case_id), process, rules.version, str(CHILD.id), "")
        await self.shell.engine.open(ports.CaseInput(file, ports.Act(event, "00")))
        return case_id

    async def act(
        self, case_id: UUID, name: str, on: date, *, outcome: str = "", how: str = "", tenant: str = WESTSHIRE.slug, **facts: Any
    ) -> None:
        case = await self.case(case_id, tenant)
        act = library.of(state_of(case.state)).acts[name]
        at = datetime(on.year, on.month, on.day, 10, tzinfo=UTC)
        event = Event(act.kind, name, on, at, uuid4().hex, "somebody", act.by[0], "", "", outcome, how, facts)
        await self.shell.engine.act(tenant, str(case_id), ports.Act(event, "00"))

    async def case(self, case_id: UUID, tenant: str = WESTSHIRE.slug) -> cases.CaseFile:
        async with self.shell.database.tenant(tenant) as session:
            found = await cases.read_case(session, case_id)
        assert found is not None
        return found

    async def state(self, case_id: UUID, tenant: str = WESTSHIRE.slug) -> State:
        return state_of((await self.case(case_id, tenant)).state)

    async def all(self, process: str, tenant: str = WESTSHIRE.slug) -> list[cases.CaseFile]:
        async with self.shell.database.tenant(tenant) as session:
            return [case for case in await cases.list_cases(session, None) if case.process == process]

    async def posts(self) -> list[tuple[str, str, str, str | None]]:
        from sqlalchemy import select

        from store.tables import outbox

        async with self.shell.database.tenant(WESTSHIRE.slug) as session:
            rows = await session.execute(select(outbox.c.kind, outbox.c.name, outbox.c.status, outbox.c.last_error))
            return [tuple(row) for row in rows]


@pytest.fixture
def office(shell: Shell, tmp_path: Path) -> Office:
    return Office(shell, tmp_path)


async def refused(office: Office) -> UUID:
    """A request that was refused, five weeks after it came."""
    day = BEGAN.date()
    case = await office.open("ehc_plan", "request_received", day, received_on=day.isoformat(), requested_by="parent")
    await office.act(case, "consult_family", day)
    await office.act(case, "considering_notice", day, how="by_hand")
    on = day + timedelta(days=35)
    await office.act(case, "whether_to_assess", on, outcome="will_not_assess", reasons="No evidence")
    await office.act(case, "assessment_refused", on, how="first_class_post")
    return case


async def test_a_refusal_opens_mediation_and_the_right_to_appeal_once_with_the_day_it_was_sent(office: Office) -> None:
    parent = await refused(office)
    await office.relay()
    [opened] = await office.all("mediation_and_appeal")
    assert opened.parent_case == parent
    assert opened.child_id == CHILD.id
    state = state_of(opened.state)
    sent = (BEGAN + timedelta(days=35)).date()
    assert (state.facts["decision"], state.facts["decision_sent_on"]) == ("refused_to_assess", sent.isoformat())
    await office.relay()
    assert len(await office.all("mediation_and_appeal")) == 1
    assert not [post for post in await office.posts() if post[0] == "open" and post[2] != "done"]


async def test_a_final_plan_opens_the_review_the_next_transfer_and_the_appeal(office: Office) -> None:
    file = ports.CaseFile(WESTSHIRE.slug, str(uuid4()), "ehc_plan", 1, str(CHILD.id), "")
    await life.live(office.shell.engine, library.get("ehc_plan", 1), file, BEGAN, life.moves(), str(WESTSHIRE.setting.id))
    await office.relay()
    sent = (BEGAN + timedelta(days=116)).date()
    [review], [transfer], [appeal] = [await office.all(name) for name in ("annual_review", "phase_transfer", "mediation_and_appeal")]
    assert state_of(review.state).facts["last_reviewed_on"] == sent.isoformat()
    assert state_of(review.state).facts["born_on"] == CHILD.born_on.isoformat()
    assert state_of(transfer.state).facts["transfers_on"] == "2028-09-01"  # born in March 2017: Year 7
    assert state_of(appeal.state).facts["decision"] == "plan_made"


async def test_an_appeal_tells_the_case_that_led_to_it(office: Office) -> None:
    day = date(2026, 5, 1)
    ceasing = await office.open("ceasing", library.get("ceasing", 1).opens_with[0], day, **opening_facts("ceasing", day))
    found = await office.case(ceasing)
    assert found.process == "ceasing"
    appeal = await office.open("mediation_and_appeal", "decision_notified", day, decision_sent_on=day.isoformat(), decision="plan_amended")
    await office.act(appeal, "appeal_made", date(2026, 6, 1), only_about_placement=True)
    await office.relay()
    [tribunal] = await office.all("tribunal_appeal")
    assert tribunal.parent_case == appeal
    assert state_of(tribunal.state).facts["lodged_on"] == "2026-06-01"
    assert (await office.state(ceasing)).stage == found.stage, (
        "an appeal about another decision tells a case that did not lead to it nothing"
    )


def opening_facts(process: str, day: date) -> dict[str, Any]:
    """The least that an opening asks for."""
    rules = library.get(process, 1)
    found: dict[str, Any] = {}
    for use in rules.acts[rules.opens_with[0]].facts:
        rule = rules.facts[use.name]
        if use.required:
            found[use.name] = rule.choices[0] if rule.choices else day.isoformat() if "date" in rule.type else True
    return found


async def test_a_plan_that_ends_ends_every_other_case_that_is_about_it(office: Office) -> None:
    day = date(2026, 3, 2)
    review = await office.open("annual_review", "cycle_began", day, last_reviewed_on=day.isoformat())
    transfer = await office.open("plan_transfer", "child_moved", day, moved_on=day.isoformat(), aware_on=day.isoformat())
    facts = {name: day.isoformat() for name in ("transferred_on", "plan_made_on", "last_reviewed_on")}
    await office.act(transfer, "plan_sent", day, new_authority="111", **facts)
    await office.relay()
    assert [post for post in await office.posts() if post[0] == "send"] == [
        (
            "send",
            "plan_received",
            "held",
            "no other council with the code 111 is here: send the plan by other means, and record its receipt",
        )
    ]
    await office.act(transfer, "received_by_new_authority", date(2026, 3, 9))
    await office.relay()
    assert (await office.state(review)).stage == "plan_ended"


async def test_a_plan_is_handed_to_another_council_and_both_journals_agree(office: Office, dsns: Dsns) -> None:
    owner = Database(dsns.owner, 1)
    async with owner.tenant("eastmere") as session:
        await people.add_tenant(session, people.Tenant("eastmere", "Eastmere Council", "993", "E06000993", training=True))
    await owner.close()
    day = date(2026, 3, 2)
    transfer = await office.open("plan_transfer", "child_moved", day, moved_on=day.isoformat(), aware_on=day.isoformat())
    facts = {"transferred_on": day.isoformat(), "plan_made_on": "2024-05-01", "last_reviewed_on": "2025-10-01"}
    await office.act(transfer, "plan_sent", day, new_authority="993", named_setting=str(WESTSHIRE.setting.id), **facts)
    await office.relay()
    [received] = await office.all("plan_received", "eastmere")
    theirs = state_of(received.state)
    assert {name: theirs.facts[name] for name in facts} == facts
    assert theirs.facts["old_authority"] == WESTSHIRE.tenant.dfe_code
    assert "named_setting" not in theirs.facts, "no row of one council points into another"
    assert received.parent_case is None
    async with office.shell.database.tenant("eastmere") as session:
        child = await people.read_child(session, received.child_id)
        opening, their_mark = await journal.marked(session, received.id, 1)
    assert child is not None
    assert (child.given_name, child.born_on, child.upn) == (CHILD.given_name, CHILD.born_on, CHILD.upn)
    assert child.id != CHILD.id
    ours = await office.state(transfer)
    assert ours.stage == "transferred"
    async with office.shell.database.tenant(WESTSHIRE.slug) as session:
        rows = await journal.history(session, transfer)
        sent = next(row for row in rows if row.name == "plan_sent")
        _, our_mark = await journal.marked(session, transfer, sent.seq)
    told = event_of(next(row for row in rows if row.name == "received_by_new_authority"))
    assert told.facts["new_record"] == their_mark
    assert event_of(opening).facts["old_record"] == our_mark
    await office.relay()
    assert len(await office.all("plan_received", "eastmere")) == 1


async def test_a_training_council_hands_nothing_to_a_real_one(office: Office) -> None:
    day = date(2026, 3, 2)
    transfer = await office.open("plan_transfer", "child_moved", day, moved_on=day.isoformat(), aware_on=day.isoformat())
    facts = {name: day.isoformat() for name in ("transferred_on", "plan_made_on", "last_reviewed_on")}
    await office.act(transfer, "plan_sent", day, new_authority=NORTHMOOR.tenant.dfe_code, **facts)
    await office.relay()
    [post] = [post for post in await office.posts() if post[0] == "send"]
    assert (post[2], post[3]) == ("held", "a council that only trains and one that is real hand nothing to each other")
    assert await office.all("plan_received", NORTHMOOR.slug) == []


@pytest.mark.parametrize(
    ("closed", "said"),
    [
        (True, "the council with the code 993 is closed: send the plan to the one after it (northmoor)"),
        (False, "the council with the code 993 is being handed over to northmoor: send it there once that is done"),
    ],
)
async def test_a_plan_for_a_council_that_is_no_more_waits_for_a_person_and_is_mapped_to_no_other(
    office: Office, dsns: Dsns, closed: bool, said: str
) -> None:
    owner = Database(dsns.owner, 1)
    async with owner.tenant("eastmere") as session:
        await lifecycle.create(session, people.Tenant("eastmere", "Eastmere Council", "993", "E06000993", training=True), "tests", "why")
        await lifecycle.suspend(session, "tests", "why")
        await lifecycle.hand_over(session, "tests", "why", [NORTHMOOR.slug], "digest")
        if closed:
            await lifecycle.close(session, "tests", "why", date(2026, 3, 1))
    await owner.close()
    day = date(2026, 3, 2)
    transfer = await office.open("plan_transfer", "child_moved", day, moved_on=day.isoformat(), aware_on=day.isoformat())
    facts = {name: day.isoformat() for name in ("transferred_on", "plan_made_on", "last_reviewed_on")}
    await office.act(transfer, "plan_sent", day, new_authority="993", **facts)
    await office.relay()
    [post] = [post for post in await office.posts() if post[0] == "send"]
    assert (post[2], post[3]) == ("held", said)
