"""One authority goes into a file and comes out of it whole, or not at all; nobody without the key reads a word of it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from bootstrap import tenant_files
from bootstrap.faults import StackFault
from bootstrap.lifecycle import closed, created, suspended
from bootstrap.sealed_file import BadFile, opened, sealed
from bootstrap.settings import Settings
from bootstrap.tenant_files import exported, restored
from store import lifecycle, outbox, people, whole
from store.journal import verify
from store.session import Database
from store.tables import metadata
from tenants.form import Form
from tests.conftest import Dsns
from tests.durable import KEYS
from tests.seeds import WESTSHIRE
from tests.store.steps import open_case
from tests.store.test_row_security import _fill as fill
from tests.store.test_row_security import _seam as seam
from workflows.codec import Keys

SLUG = WESTSHIRE.slug
OTHER_KEYS = KEYS.replace("test:", "later:").replace("a2", "b2")


def settings_of(dsns: Dsns, home: Path, keys: str = KEYS) -> Settings:
    return Settings(home=home, database_owner_url=dsns.owner, database_url=dsns.app, codec_keys=keys)


async def snapshot(dsn: str, slug: str) -> dict[str, list[str]]:
    """Every row of a tenant, as text."""
    database, found = Database(dsn, 1), {}
    try:
        async with database.tenant(slug, snapshot=True) as session:
            for table in await whole.tables(session):
                found[table.name] = sorted([row async for row in whole.rows(session, table)])
    finally:
        await database.close()
    return found


async def filled_everywhere(database: Database, dsns: Dsns) -> None:
    """A row in every table there is."""
    await fill(database)
    await seam(dsns)


async def filled(database: Database, cases: int = 2) -> list[UUID]:
    """Cases with their letters, one of them the child of another."""
    first = await open_case(database, 3)
    return [first, *[await open_case(database, 2, parent_case=first) for _ in range(cases - 1)]]


@pytest.mark.stored
async def test_what_is_restored_is_what_was_exported_row_for_row(dsns: Dsns, empty_dsns: Dsns, database: Database, tmp_path: Path) -> None:
    await filled(database, 700)  # more than one batch
    file = tmp_path / "westshire.wmt"
    before = await snapshot(dsns.owner, SLUG)
    manifest, _, sound = await exported(settings_of(dsns, tmp_path), SLUG, file, "pat", "a move")
    assert sound
    assert file.stat().st_mode & 0o777 == 0o600
    assert manifest["tables"] == {name: len(rows) for name, rows in before.items()}
    assert manifest["root"] == (await verify(database, SLUG)).root
    assert manifest["tables"]["journal"] == 700 * 2 + 1
    told, _ = await restored(settings_of(empty_dsns, tmp_path), file, "pat", "a move")
    assert told["chains"] == manifest["chains"]
    after = await snapshot(empty_dsns.owner, SLUG)
    events = after.pop("tenant_event")
    assert [json.loads(one)["kind"] for one in events] == [*[json.loads(one)["kind"] for one in before.pop("tenant_event")], "restored"]
    assert {json.loads(one)["last_error"] for one in after["outbox"]} == {"rebuilding"}  # nothing is sent before the cases go on
    assert len(after.pop("outbox")) == len(before.pop("outbox"))
    assert after == before
    async with database.tenant(SLUG) as session:
        assert [one.kind for one in await lifecycle.history(session)] == ["created", "exported"]


@pytest.mark.stored
async def test_every_table_of_the_code_comes_back(dsns: Dsns, empty_dsns: Dsns, database: Database, tmp_path: Path) -> None:
    await filled_everywhere(database, dsns)
    before = await snapshot(dsns.owner, SLUG)
    assert [name for name, rows in before.items() if not rows] == []
    assert set(before) == {table.name for table in metadata.sorted_tables}
    await exported(settings_of(dsns, tmp_path), SLUG, tmp_path / "file", "pat", "why")
    await restored(settings_of(empty_dsns, tmp_path), tmp_path / "file", "pat", "why")
    after = await snapshot(empty_dsns.owner, SLUG)
    apart = ("tenant_event", "outbox")
    assert {name: rows for name, rows in after.items() if name not in apart} == {n: rows for n, rows in before.items() if n not in apart}


@pytest.mark.stored
async def test_a_table_that_is_added_later_is_not_forgotten(dsns: Dsns, empty_dsns: Dsns, database: Database, tmp_path: Path) -> None:
    superuser = await asyncpg.connect(dsns.superuser)
    await superuser.execute(
        "create table waymark.planted (tenant text not null, child_id uuid, note jsonb, seen bytea, primary key (tenant, child_id),"
        " foreign key (tenant, child_id) references waymark.child (tenant, id)); alter table waymark.planted owner to waymark_owner"
    )
    child = WESTSHIRE.children[0].id
    await superuser.execute("insert into waymark.planted values ('westshire', $1, '{\"a\": [1, null]}', '\\x00ff')", child)
    file = tmp_path / "file"
    manifest, _, _ = await exported(settings_of(dsns, tmp_path), SLUG, file, "pat", "why")
    assert manifest["tables"]["planted"] == 1
    with pytest.raises(StackFault, match="no such table"):
        await restored(settings_of(empty_dsns, tmp_path), file, "pat", "why")
    assert await snapshot(empty_dsns.owner, SLUG) == {name: [] for name in await snapshot(empty_dsns.owner, SLUG)}
    await superuser.close()


@pytest.mark.stored
async def test_it_is_not_restored_where_it_or_its_code_is_nor_without_its_key(
    dsns: Dsns, empty_dsns: Dsns, database: Database, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    await exported(settings_of(dsns, tmp_path), SLUG, file, "pat", "why")
    with pytest.raises(StackFault, match="westshire is here already"):
        await restored(settings_of(dsns, tmp_path), file, "pat", "why")
    with pytest.raises(StackFault, match="file is there"):
        await exported(settings_of(dsns, tmp_path), SLUG, file, "pat", "why")
    into = settings_of(empty_dsns, tmp_path)
    with pytest.raises(StackFault) as caught:
        await restored(settings_of(empty_dsns, tmp_path, OTHER_KEYS), file, "pat", "why")
    assert "key that is not here" in caught.value.why
    await created(into, Form("other", "Other", WESTSHIRE.tenant.dfe_code, "E06000999"), "pat", "why")
    with pytest.raises(StackFault, match="other has the code 999"):
        await restored(into, file, "pat", "why")


@pytest.mark.stored
async def test_a_journal_that_was_changed_is_told_on_export_and_not_believed_on_restore(
    dsns: Dsns, empty_dsns: Dsns, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case_id,) = await filled(database, 1)
    real = whole.put

    async def forging(session: Any, table: whole.Rows, lines: list[str]) -> int:
        return await real(session, table, [line.replace("advice_received", "advice_refused") for line in lines])

    sound = tmp_path / "sound"
    await exported(settings_of(dsns, tmp_path), SLUG, sound, "pat", "why")
    monkeypatch.setattr(whole, "put", forging)
    with pytest.raises(StackFault) as caught:
        await restored(settings_of(empty_dsns, tmp_path), sound, "pat", "why")
    assert "the broken are not those of the manifest" in caught.value.why
    monkeypatch.undo()
    superuser = await asyncpg.connect(dsns.superuser)
    await superuser.execute(
        "alter table waymark.journal disable trigger journal_is_append_only; update waymark.journal set name = 'x' where seq = 2"
    )
    await superuser.close()
    broken = tmp_path / "broken"
    manifest, lines, well = await exported(settings_of(dsns, tmp_path), SLUG, broken, "pat", "why")
    assert not well
    assert manifest["broken"][0][:2] == [str(case_id), 2]
    assert any(line.startswith("NOT SOUND") for line in lines)
    await restored(settings_of(empty_dsns, tmp_path), broken, "pat", "why")  # as broken as it was, and no more
    assert not (await verify(Database(empty_dsns.app, 1), SLUG)).sound


@pytest.mark.stored
async def test_a_closed_or_suspended_authority_is_restored_as_it_was(
    dsns: Dsns, empty_dsns: Dsns, database: Database, tmp_path: Path
) -> None:
    there, here = settings_of(dsns, tmp_path), settings_of(empty_dsns, tmp_path)
    await suspended(there, SLUG, "pat", "why")
    await closed(there, "northmoor", "pat", "why", None, [SLUG])
    for slug in (SLUG, "northmoor"):
        await exported(there, slug, tmp_path / slug, "pat", "why")
        await restored(here, tmp_path / slug, "pat", "why")
    for slug, status, after in ((SLUG, "suspended", []), ("northmoor", "closed", [SLUG])):
        async with Database(empty_dsns.app, 1).tenant(slug) as session:
            found = await people.read_tenant(session)
        assert found is not None
        assert (found.status, found.successors, found.closed_on is not None) == (status, after, status == "closed")


@pytest.mark.stored
async def test_what_waited_is_sent_once_the_cases_go_on(dsns: Dsns, empty_dsns: Dsns, database: Database, tmp_path: Path) -> None:
    await filled(database, 1)
    await exported(settings_of(dsns, tmp_path), SLUG, tmp_path / "f", "pat", "why")
    await restored(settings_of(empty_dsns, tmp_path), tmp_path / "f", "pat", "why")
    here = Database(empty_dsns.app, 1)
    async with here.tenant(SLUG) as session:
        assert await outbox.claim(session) == []
        await whole.let_go(session, tenant_files.REBUILDING)
        assert len(await outbox.claim(session)) == 3
    await here.close()


# -- the file by itself ----------------------------------------------------------------------------------------------


def written(path: Path, lines: list[str], keys: str = KEYS) -> Path:
    with sealed(path, Keys.read(keys), SLUG) as write:
        for line in lines:
            write(line)
    return path


def read(path: Path, keys: str = KEYS) -> list[str]:
    with opened(path, Keys.read(keys)) as (slug, lines):
        assert slug == SLUG
        return [line.decode().rstrip("\n") for line in lines]


LINES = [f'{{"n":{n},"noise":"{os.urandom(3000).hex()}","name":"Wrenquil"}}' for n in range(900)]  # several pieces, however well they pack


def test_lines_come_back_as_they_were_and_nothing_of_them_can_be_read_in_between(tmp_path: Path) -> None:
    for lines in ([], ["one"], LINES):
        file = written(tmp_path / str(len(lines)), lines)
        assert read(file) == lines
        assert b"Wrenquil" not in file.read_bytes()
        assert file.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["0", "1", "900"]


def test_two_files_of_the_same_lines_have_nothing_in_common(tmp_path: Path) -> None:
    first, second = (written(tmp_path / name, ["the same"]).read_bytes() for name in "ab")
    assert first.rpartition(b"\n")[2] != second.rpartition(b"\n")[2]


@pytest.mark.parametrize("harm", ["cut", "cut at a piece", "grown", "flipped", "swapped", "another tenant", "no file of ours", "empty"])
def test_a_file_that_was_cut_or_changed_is_refused(tmp_path: Path, harm: str) -> None:
    whole_file = written(tmp_path / "whole", LINES).read_bytes()
    head, first, rest = pieces(whole_file)
    changed = {
        "cut": whole_file[:-1],
        "cut at a piece": head + first,
        "grown": whole_file + first,
        "flipped": whole_file[:-1] + bytes([whole_file[-1] ^ 1]),
        "swapped": head + rest[0] + first + b"".join(rest[1:]),
        "another tenant": whole_file.replace(b'"westshire"', b'"northmoor"', 1),
        "no file of ours": b"PK" + whole_file,
        "empty": b"",
    }[harm]
    (tmp_path / "harmed").write_bytes(changed)
    with pytest.raises(BadFile), opened(tmp_path / "harmed", Keys.read(KEYS)) as (_, lines):
        for _ in lines:
            pass


def pieces(whole_file: bytes) -> tuple[bytes, bytes, list[bytes]]:
    begin = whole_file.index(b"}\n") + 2
    found, place = [], begin
    while place < len(whole_file):
        length = int.from_bytes(whole_file[place : place + 4])
        found.append(whole_file[place : place + 4 + length])
        place += 4 + length
    assert len(found) > 2
    return whole_file[:begin], found[0], found[1:]


def test_a_write_that_fails_leaves_no_file(tmp_path: Path) -> None:
    def fail() -> None:
        with sealed(tmp_path / "half", Keys.read(KEYS), SLUG) as write:
            write("a")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []
