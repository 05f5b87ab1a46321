"""Publishing before 10,000 open cases: the proof, and the rehearsal of the whole caseload from a real PostgreSQL, each in a process of its own.

The cases are played by the core from their openings through random lawful acts, and put into the table that lists read.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import asyncpg
import msgspec

from bootstrap.postgres import APP, OWNER, SUPERUSER, EmbeddedPostgres
from graphql_api import configuring as face
from graphql_api.context import Context, Deps
from graphql_api.identity import Caller, Verifier
from statute.advance import advance
from statute.tenant_overlay import parse_overlay
from statute.types import Refused, State
from store import configurations, overlays, people, rehearsals
from store.migrate import migrate
from store.session import Database
from tenants.configuration import parse_configuration
from tests.seeds import WESTSHIRE, seed
from tests.statute.lives import ENGLAND, Life, Wish
from workflows import library
from workflows.aside import Aside
from workflows.engine import Engine

CASES, LIVES, GOAL = 10_000, 400, 60
NOW = datetime(2027, 2, 1, 9, tzinfo=UTC)
TENANT = WESTSHIRE.slug
ADMINISTRATOR = people.Person(uuid4(), "An administrator", None, "bench|administrator", ["la_administrator"])


def document() -> dict[str, Any]:
    """What a council might well set: its own dates, tasks with limits, words in letters, for the two largest processes of its caseload."""
    call = {
        "say": "Call the family in the first week", "by": ["local_authority"], "at": ["considering"],
        "deadline": {"within": "5 working_days", "from": "received_on"},
    }  # fmt: skip
    plan = {
        "overlay": "plan", "process": "ehc_plan", "why": "Families should hear early.", "tasks": {"call_family": call},
        "deadlines": {
            "decision_notified": {"within": "5 weeks"}, "final_plan_sent": {"within": "18 weeks", "warn": ["28 days", "7 days"]},
            "family_window": {"at_least": "21 days"},
        },
    }  # fmt: skip
    review = {
        "overlay": "review", "process": "annual_review", "why": "A review should end soon.",
        "tasks": {"thank_family": {"say": "Thank the family", "by": ["local_authority"], "at": [review_stage()]}},
    }  # fmt: skip
    return {"configuration": 1, "overlays": [plan, review]}


def former() -> dict[str, Any]:
    """What half of the caseload is pinned to: more time for the family than the new document gives, so that some cases must stay."""
    return {
        "overlay": "former", "process": "annual_review", "why": "Families need time.",
        "deadlines": {"family_window": {"at_least": "28 days"}},
    }  # fmt: skip


def review_stage() -> str:
    return library.get("annual_review", 1).first_stage


def states() -> list[State]:
    """Open cases somewhere on their way."""
    pinned = parse_overlay(former())
    library.learn({pinned.digest: former()})
    found: list[State] = []
    number = 0
    while len(found) < LIVES:
        number += 1
        chance = random.Random(number)
        name = "ehc_plan" if number % 5 < 3 else "annual_review"
        rules = (pinned.digest,) if name == pinned.process and number % 2 else ()
        life = Life(library.under(name, 1, (), rules), lingers=True)
        for _ in range(chance.randrange(3, 40)):
            event = life.event(Wish(chance.randrange(9), chance.randrange(10**9)))
            with suppress(Refused):
                life.state = advance(life.process, life.state, replace(event, rules=rules), ENGLAND).state
        if life.state is not None and not life.process.stages[life.state.stage].ends:
            found.append(life.state)
    return found


async def load(dsn: str, made: list[tuple[State, str]]) -> None:
    """Ten thousand rows at once. COPY knows no row security, so it is the superuser's."""
    connection = await asyncpg.connect(dsn)
    await connection.set_type_codec(
        "jsonb", schema="pg_catalog", encoder=lambda text: b"\x01" + text.encode(), decoder=bytes, format="binary"
    )
    columns = ("tenant", "id", "reference", "child_id", "process", "version", "process_digest", "stage", "seq", "opened_on", "state")
    child = WESTSHIRE.children[0].id
    rows = [
        (TENANT, uuid4(), f"B-{n:05d}", child, one.process, one.version, one.digest, one.stage, one.seq, one.opened_on, text)
        for n in range(CASES)
        for one, text in [made[n % len(made)]]
    ]
    await connection.copy_records_to_table("case_file", schema_name="waymark", columns=columns, records=rows)
    await connection.execute("analyze waymark.case_file")
    await connection.close()


async def compare() -> None:
    """Print how long each part takes."""
    made = [(one, msgspec.json.encode(one).decode()) for one in states()]
    server = EmbeddedPostgres(Path(tempfile.mkdtemp(prefix="waymark-bench-")), 0, durable=False)
    server.start()
    aside = Aside()
    try:
        server.create_database("bench")
        await migrate(server.dsn(OWNER, "bench"))
        await seed(server.dsn(OWNER, "bench"))
        await load(server.dsn(SUPERUSER, "bench"), made)
        database = Database(server.dsn(APP, "bench"))
        try:
            await _measure(database, aside)
        finally:
            await database.close()
    finally:
        aside.close()
        server.erase()


async def _measure(database: Database, aside: Aside) -> None:
    written = document()
    async with database.tenant(TENANT) as session:
        await people.add_person(session, ADMINISTRATOR)
        await overlays.keep(session, {parse_overlay(former()).digest: former()})
        by = configurations.By(ADMINISTRATOR.id, NOW, why="bench")
        await configurations.draft(session, by, written, parse_configuration(written).digest)
    caller = Caller(ADMINISTRATOR.subject, "bench", TENANT, frozenset(ADMINISTRATOR.roles))
    deps = Deps(database, cast(Engine, None), cast(Verifier, None), now=lambda: NOW, aside=aside)
    ticks: list[float] = []
    beating = asyncio.create_task(_beat(ticks))
    begun = time.perf_counter()
    one = await _version(database)
    proved = await face.prove(Context(deps, caller), one)
    assert isinstance(proved, configurations.Version)
    assert proved.proved, proved.proof
    first = time.perf_counter()
    told = await face.rehearse(Context(deps, caller), proved, ["annual_review", "ehc_plan"], again=True)
    whole = time.perf_counter() - begun
    assert isinstance(told, dict), told
    proof = first - begun
    beating.cancel()
    async with database.tenant(TENANT) as session:
        shown = await rehearsals.page(session, one.version, None, 50)
    print(f"publishing before {CASES} open cases ({LIVES} different lives): goal under {GOAL} s")
    choices = proved.proof["choices"] if proved.proof else 0
    print(f"  the proof of two processes, beside {choices} choices of pilots too, with the start of the process beside: {proof:.2f} s")
    print(f"  the rehearsal: {whole - proof:.2f} s, {(whole - proof) / CASES * 1e3:.2f} ms a case; together {whole:.2f} s")
    print(f"  {told['unchanged']} unchanged, {told['may_move']} may move, {told['stay']} stay, {told['worsen']} of them would worsen")
    print(f"  meanwhile the event loop was late by {max(ticks) * 1e3:.0f} ms at most; a page shows {len(shown)}")


async def _beat(late: list[float]) -> None:
    while True:
        begun = time.perf_counter()
        await asyncio.sleep(0.01)
        late.append(time.perf_counter() - begun - 0.01)


async def _version(database: Database) -> configurations.Version:
    async with database.tenant(TENANT) as session:
        found = await configurations.read(session, 1)
    assert found is not None
    return found


if __name__ == "__main__":
    asyncio.run(compare())
