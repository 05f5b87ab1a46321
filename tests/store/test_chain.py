"""The journal shows that it was tampered with: attacks are planted with the guard switched off, and all are seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from store.chain import GENESIS, canonical, link
from store.journal import legal_content, verify
from store.session import Database
from tests.conftest import Dsns
from tests.seeds import NORTHMOOR
from tests.store.second_verifier import spell, suspects
from tests.store.steps import open_case, step

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_two_programs_spell_every_content_alike(value: object) -> None:
    assert canonical({"x": value}).decode() == spell({"x": value})


def test_a_link_depends_on_the_content_and_on_everything_before() -> None:
    assert link(GENESIS, {"b": 1, "a": 2}) == sha256(bytes(32) + b'{"a":2,"b":1}').digest()
    assert link(GENESIS, {"a": 1}) != link(GENESIS, {"a": 2})
    assert link(b"x" * 32, {"a": 1}) != link(GENESIS, {"a": 1})


def test_an_instant_without_a_zone_is_not_journalled() -> None:
    with pytest.raises(TypeError):
        legal_content(step(UUID(int=1), 1), datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None))


@pytest_asyncio.fixture
async def intruder(dsns: Dsns) -> AsyncIterator[asyncpg.Connection]:
    """The superuser with the guard of the journal and the foreign keys switched off."""
    connection = await asyncpg.connect(dsns.superuser)
    await connection.execute("set session_replication_role = replica")
    yield connection
    await connection.close()


@pytest.mark.stored
async def test_an_untouched_journal_is_sound_for_both_verifiers(database: Database, dsns: Dsns) -> None:
    for steps in (1, 4, 2):
        await open_case(database, steps)
    await open_case(database, 2, NORTHMOOR)
    verdict = await verify(database, "westshire")
    assert (verdict.rows, verdict.cases, verdict.broken, verdict.sound) == (7, 3, [], True)
    assert await suspects(dsns.superuser) == set()


ATTACKS = {
    "edit a fact": "update waymark.journal set event = jsonb_set(event, '{{facts,received_on}}', '\"2026-01-20\"') where {row}",
    "edit the date": "update waymark.journal set on_date = on_date + 1 where {row}",
    "backdate the writing": "update waymark.journal set written_at = written_at - interval '1 hour' where {row}",
    "edit the actor": "update waymark.journal set actor = 'somebody' where {row}",
    "edit the rules": "update waymark.journal set process_digest = 'other' where {row}",
    "edit the hash": "update waymark.journal set hash = sha256('x') where {row}",
    "delete a step": "delete from waymark.journal where {row}",
    "cut off the end": "delete from waymark.journal where {case} and seq >= {seq}",
    "put in a step": """
        insert into waymark.journal select tenant, case_id, seq + 100, 'forged', fingerprint, kind, name, item, actor, capacity, on_date,
               recorded_at, written_at, event, process_digest, calendar_digest, traceparent, prev, hash
          from waymark.journal where {row}""",
    "exchange two steps": """
        update waymark.journal set seq = seq + 1000 where {case} and seq in ({seq}, {other});
        update waymark.journal set seq = {seq} + {other} - (seq - 1000) where {case} and seq > 1000""",
    "delete a step and close the gap": """
        delete from waymark.journal where {row};
        update waymark.journal set seq = seq - 1 where {case} and seq > {seq};
        update waymark.case_file set seq = seq - 1 where id = '{id}'""",
    "move the head": "update waymark.case_file set seq = seq + 1 where id = '{id}'",
    "delete the whole journal of a case": "delete from waymark.journal where {case}",
    "delete the case and keep its journal": "delete from waymark.case_file where id = '{id}'",
}


# the last step, taken away together with the head, is the one attack that no chain can show: the root does, see below
PLANTED = [(attack, seq) for attack in ATTACKS for seq in (1, 3, 5) if (attack, seq) != ("delete a step and close the gap", 5)]


@pytest.mark.stored
@pytest.mark.parametrize(("attack", "seq"), PLANTED)
async def test_every_planted_attack_is_seen_by_both_verifiers_and_only_there(
    database: Database, dsns: Dsns, intruder: asyncpg.Connection, attack: str, seq: int
) -> None:
    untouched = await open_case(database, 2)
    case_id = await open_case(database, 5)
    case = f"case_id = '{case_id}'"
    planted = ATTACKS[attack].format(row=f"{case} and seq = {seq}", case=case, seq=seq, other=seq % 5 + 1, id=case_id)
    await intruder.execute(planted)
    verdict = await verify(database, "westshire")
    assert {broken.case_id for broken in verdict.broken} == {case_id}
    assert await suspects(dsns.superuser) == {str(case_id)}
    assert (await verify(database, "westshire", untouched)).sound
    assert not (await verify(database, "westshire", case_id)).sound


@pytest.mark.stored
async def test_the_verdict_names_the_place_of_an_edit(database: Database, intruder: asyncpg.Connection) -> None:
    case_id = await open_case(database, 5)
    await intruder.execute("update waymark.journal set actor = 'x' where case_id = $1 and seq = 3", case_id)
    assert [(each.seq, "content" in each.why) for each in (await verify(database, "westshire")).broken] == [(3, True)]


@pytest.mark.stored
async def test_a_chain_cut_together_with_its_head_is_seen_by_the_root_noted_before(
    database: Database, intruder: asyncpg.Connection
) -> None:
    case_id = await open_case(database, 3)
    noted = (await verify(database, "westshire")).root
    assert (await verify(database, "westshire")).root == noted
    await intruder.execute("delete from waymark.journal where case_id = $1 and seq = 3", case_id)
    await intruder.execute("update waymark.case_file set seq = 2 where id = $1", case_id)
    verdict = await verify(database, "westshire")
    assert verdict.sound
    assert verdict.root != noted
