"""kill -9 of the API, the worker, Temporal and Postgres at random moments: every acknowledged act is in the journal exactly once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import tempfile
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from bootstrap.embedded import DATABASE, Stack, prepare
from bootstrap.postgres import APP, OWNER
from bootstrap.settings import Settings
from bootstrap.temporal import free_port
from graphql_api.inputs import journal_key
from store import journal, people
from store.session import Database
from tenants.seeds import identity
from tests.durable import Shell
from tests.reliability.oracle import Row, faults
from workflows import ports

pytestmark = [pytest.mark.durable, pytest.mark.timeout(240)]
CASES, SECONDS, SEED = 20, 20.0, 20260106
OFFICER, DECIDER = "jo.marsh", "chris.vale"
ANSWER = "{ __typename ... on CaseChanged { case { id } replayed } ... on Refused { say } ... on Invalid { faults { path what } } }"


@pytest.mark.parametrize(
    ("rows", "acked", "told"),
    [
        ([("a", 1, "x")], [("a", "x"), ("a", "y")], "lost"),
        ([("a", 1, "x"), ("a", 2, "x")], [("a", "x")], "doubled"),
        ([("a", 1, "x"), ("a", 3, "y")], [], "gap"),
    ],
)
def test_the_oracle_notices(rows: list[Row], acked: list[tuple[str, str]], told: str) -> None:
    assert [fault.split(":")[0] for fault in faults(rows, acked)] == [told]
    assert faults([("a", 1, "x"), ("a", 2, "y")], [("a", "x")]) == []


async def test_a_journal_that_is_ahead_of_history_is_adopted(shell: Shell) -> None:
    """A worker that died after the commit and before its task completed leaves exactly this behind."""
    case = await shell.open()
    async with shell.database.tenant(case.tenant) as session:
        [first] = await journal.history(session, case.case_id)
    await _as_if_lost(shell, case.given, first)
    ack = await case.act("consult_family", key="after", kind=_done())
    assert ack.seq == 3
    async with shell.database.tenant(case.tenant) as session:
        rows = await journal.history(session, case.case_id)
    assert [row.name for row in rows] == ["request_received", "notify_partners", "consult_family"]
    again = await case.act("notify_partners", key="lost", kind=_done())
    assert again.replayed


async def test_a_journal_that_is_not_handed_back_would_be_noticed(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted defect: a recorder that says "recorded" where Postgres was ahead."""
    import activities.record as record

    real = record.journal.record

    async def naive(*given: Any, **more: Any) -> None:
        await real(*given, **more)

    case = await shell.open()
    async with shell.database.tenant(case.tenant) as session:
        [first] = await journal.history(session, case.case_id)
    await _as_if_lost(shell, case.given, first)
    monkeypatch.setattr(record.journal, "record", naive)
    await case.act("consult_family", key="after", kind=_done())
    async with shell.database.tenant(case.tenant) as session:
        rows = [("c", row.seq, row.key) for row in await journal.history(session, case.case_id)]
    assert faults(rows, [("c", "after")]) == ["lost: c after"]


def _done() -> Any:
    from statute.types import Kind

    return Kind.DONE


async def _as_if_lost(shell: Shell, given: ports.CaseInput, first: journal.Record) -> None:
    """Write the next step into the journal behind the workflow's back."""
    from activities.record import StepRecorder, event_of
    from statute.advance import advance
    from statute.types import Event
    from workflows import library

    process, days = library.get(first.event and given.file.process, given.file.version), library.england()
    state = advance(process, None, event_of(first), days).state
    now = datetime.now(UTC)
    event = Event(_done(), "notify_partners", now.date(), now, "lost", "tester", "local_authority")
    recording = ports.Recording(given.file, event, "00", advance(process, state, event, days).state)
    assert await StepRecorder(shell.database).record_step(recording) == []


class Play:
    """Clients that send, repeat and never forget an unknown outcome."""

    def __init__(self, stack: Stack, chance: random.Random) -> None:
        self.stack, self.chance = stack, chance
        self.acked: set[tuple[str, str]] = set()
        self.under_way, self.repeats, self.stopped = 0, 0, False
        self.last = ""  # the last answer that did not say what happened
        self.tokens = {
            who: stack.issuer.token(who, {"westshire": [role]}) for who, role in ((OFFICER, "la_caseworker"), (DECIDER, "decision_maker"))
        }

    async def send(self, http: httpx.AsyncClient, who: str, mutation: str, given: dict[str, Any]) -> dict[str, Any]:
        """Until there is an answer that says what happened."""
        kind = mutation[0].upper() + mutation[1:] + "Input"
        body = {"query": f"mutation($input: {kind}!) {{ {mutation}(input: $input) {ANSWER} }}", "variables": {"input": given}}
        while True:
            self.under_way += 1
            try:
                answer = await http.post("/graphql", json=body, headers={"authorization": f"Bearer {self.tokens[who]}"})
                found = (answer.json().get("data") or {}).get(mutation) if answer.status_code == 200 else None
                if found and found["__typename"] not in ("Unavailable", "Received"):
                    return dict(found)
                self.last = answer.text[:300]
            except (httpx.HTTPError, ValueError) as error:
                self.last = type(error).__name__
            finally:
                self.under_way -= 1
            await asyncio.sleep(0.3)

    async def live(self, http: httpx.AsyncClient, child: UUID) -> None:
        today = date.today().isoformat()  # noqa: DTZ011
        facts = [{"name": "received_on", "value": {"date": today}}, {"name": "requested_by", "value": {"choice": "parent"}}]
        opened = await self.send(
            http, OFFICER, "openCase", {"key": uuid4().hex, "process": "ehc_plan", "childId": str(child), "facts": facts}
        )
        assert opened["__typename"] == "CaseChanged", opened
        case = opened["case"]["id"]
        sent: list[tuple[str, str, dict[str, Any]]] = []
        script = [(OFFICER, "completeTask", {"name": "consult_family"}), (OFFICER, "completeTask", {"name": "notify_partners"})]
        while not self.stopped:
            if sent and self.chance.random() < 0.15:
                who, mutation, given = self.chance.choice(sent)  # an old key, perhaps from before a restart
                self.repeats += 1
            else:
                who, mutation, more = (
                    script.pop(0) if script else (DECIDER, "recordDecision", {"name": "whether_to_assess", "outcome": "will_assess"})
                )
                given = {"key": uuid4().hex, "caseId": case, **more}
            answer = await self.send(http, who, mutation, given)
            assert answer["__typename"] == "CaseChanged", answer
            self.acked.add((_plain(case), journal_key(identity("westshire", "person", who), given["key"])))
            sent.append((who, mutation, given))
            await asyncio.sleep(self.chance.random() * 0.4)


def _plain(case: str) -> str:
    import base64

    return base64.b64decode(case).decode().partition(":")[2]


def _kill(stack: Stack, target: str) -> None:
    """kill -9, and start again within half a second."""
    if target in stack.children:
        stack.children[target].kill()
        stack.children[target].wait()
        stack.watch()
    elif target == "temporal":
        os.kill(stack.temporal.pid, signal.SIGKILL)
        stack.temporal.stop()
        stack.temporal.start()
    else:
        os.kill(stack.postgres.pid, signal.SIGKILL)
        stack.postgres.stop()
        stack.postgres.start()


async def test_what_was_acknowledged_is_in_the_journal_exactly_once_whatever_is_killed() -> None:
    chance = random.Random(SEED)
    kills: Counter[str] = Counter()
    in_flight = []
    with tempfile.TemporaryDirectory(prefix="waymark-kills-", ignore_cleanup_errors=True) as home:
        stack = prepare(Settings(home=Path(home), port=free_port(), ui_port=free_port()), lambda _: None)
        try:
            await stack.start()
            children = await _children(stack)
            play = Play(stack, chance)
            async with httpx.AsyncClient(base_url=stack.url, timeout=15) as http:
                lives = [asyncio.create_task(play.live(http, child)) for child in children]
                until = asyncio.get_running_loop().time() + SECONDS
                while asyncio.get_running_loop().time() < until:
                    await asyncio.sleep(1.0 + chance.random())
                    target = chance.choice(["api", "worker", "temporal", "postgres"])
                    for _ in range(300):  # a kill while nothing is under way shows nothing
                        if play.under_way:
                            break
                        await asyncio.sleep(0.01)
                    in_flight.append(play.under_way)
                    _kill(stack, target)
                    kills[target] += 1
                play.stopped = True
                stuck = await _watched(stack, lives, 90)
                assert not stuck, f"{len(stuck)} of {CASES} have no answer; the last was {play.last}; {stack.logs()}"
                await asyncio.gather(*lives)
            rows, sound = await _journal(stack)
        finally:
            stack.stop()
            stack.postgres.erase()
    print(f"seed {SEED}: kills {dict(kills)}, acked {len(play.acked)}, repeats {play.repeats}, in flight at kills {in_flight}")  # noqa: T201
    assert faults(rows, play.acked) == []
    assert sound
    assert len(play.acked) >= CASES // 2
    assert sorted(in_flight)[len(in_flight) // 2] > 0, "nothing was under way when we killed"


async def _watched(stack: Stack, lives: list[asyncio.Task[None]], seconds: float) -> set[asyncio.Task[None]]:
    """Wait as `waymark up` does, starting again what ended; those that are still without an answer at the end."""
    stuck = set(lives)
    give_up = asyncio.get_running_loop().time() + seconds
    while stuck and asyncio.get_running_loop().time() < give_up:
        stack.watch()
        _, stuck = await asyncio.wait(stuck, timeout=1)
    return stuck


async def _children(stack: Stack) -> list[UUID]:
    owner = Database(stack.postgres.dsn(OWNER, DATABASE), 2)
    ids = [uuid4() for _ in range(CASES)]
    try:
        async with owner.tenant("westshire") as session:
            for number, child in enumerate(ids):
                await people.add_child(session, people.Child(child, "Test", f"Child{number}", date(2018, 1, 1)))
    finally:
        await owner.close()
    return ids


async def _journal(stack: Stack) -> tuple[list[Row], bool]:
    database = Database(stack.postgres.dsn(APP, DATABASE), 2)
    try:
        sound = (await journal.verify(database, "westshire")).sound
        rows: list[Row] = []
        async with database.tenant("westshire") as session:
            from sqlalchemy import select

            from store.tables import journal as table

            rows = [
                (str(row.case_id), row.seq, row.key) for row in await session.execute(select(table.c.case_id, table.c.seq, table.c.key))
            ]
    finally:
        await database.close()
    return rows, sound
