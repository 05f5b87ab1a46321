"""The embedded PostgreSQL starts anywhere it can, dies with its parent, keeps its secrets, and says clearly why it cannot start."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bootstrap.faults import StackFault
from bootstrap.postgres import APP, OWNER, SUPERUSER, EmbeddedPostgres
from bootstrap.postgres_home import find_binaries, os_user, reachable_binaries
from store.migrate import drift, migrate
from store.session import Database

pytestmark = pytest.mark.stored
ROOT = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="concerns a Waymark that root starts")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can pass through, for homes to be made in."""
    made = Path(tempfile.mkdtemp(prefix="waymark-pg-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(folder / "home", durable=False)
    made.start()
    yield made
    made.erase()


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _reached(python: str, user: dict[str, Any]) -> bool:
    words = "import sys, bootstrap.postgres; sys.exit(sys.version_info < (3, 11))"
    try:
        return subprocess.run([python, "-B", "-c", words], cwd=ROOT, check=False, capture_output=True, **user).returncode == 0
    except PermissionError:
        return False


def _gone(pid: int, within: float = 10) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.02)
    return False


async def _answers(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        return bool(await connection.fetchval("select 1") == 1)
    finally:
        await connection.close()


async def test_both_roles_can_sign_in_and_nobody_without_a_password(server: EmbeddedPostgres) -> None:
    server.create_database("one")
    server.create_database("one")  # again changes nothing
    for role in (OWNER, APP, SUPERUSER):
        assert await _answers(server.dsn(role, "one"))
    for wrong in (f"postgresql://{SUPERUSER}@127.0.0.1:{server.port}/one", f"postgresql://{SUPERUSER}:x@127.0.0.1:{server.port}/one"):
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(wrong)


async def test_the_whole_store_works_on_it_and_passes_its_own_check(folder: Path) -> None:
    server = EmbeddedPostgres(folder / "home")  # durable, as for people
    server.start()
    try:
        server.create_database("waymark")
        await migrate(server.dsn(OWNER, "waymark"))
        db = Database(server.dsn(APP, "waymark"))
        await db.check()
        await db.close()
    finally:
        server.erase()


@pytest.mark.skipif(not Path("/usr/lib/postgresql/15/bin/postgres").exists(), reason="PostgreSQL 15 is not on this machine")
async def test_the_oldest_supported_version_takes_every_migration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", "/usr/lib/postgresql/15/bin")
    server = EmbeddedPostgres(folder / "home", durable=False)
    server.start()
    try:
        server.create_database("waymark")
        await migrate(server.dsn(OWNER, "waymark"))
        assert await drift(server.dsn(OWNER, "waymark")) == []
        assert server.run_sql("show server_version_num").startswith("15")
    finally:
        server.erase()


async def test_secrets_and_data_are_for_nobody_else(server: EmbeddedPostgres) -> None:
    server.create_database("one")
    assert _mode(server.home) in (0o700, 0o711)
    assert {_mode(each) for each in server.home.glob("*.password")} == {0o600}
    assert len(list(server.home.glob("*.password"))) == 3
    assert _mode(server.home / "postgres.log") == 0o600
    assert _mode(server._data) == 0o700
    assert not list(server.home.rglob("initdb.password"))


def test_passwords_are_in_no_process_list_while_it_is_set_up(server: EmbeddedPostgres) -> None:
    command = Path(f"/proc/{server.pid}/cmdline").read_bytes() + Path(f"/proc/{server.pid}/environ").read_bytes()
    assert server._password(SUPERUSER).encode() not in command


async def test_it_keeps_what_it_has_over_a_restart_and_a_kill(server: EmbeddedPostgres) -> None:
    server.create_database("one")
    connection = await asyncpg.connect(server.dsn(OWNER, "one"))
    await connection.execute("create schema s; create table s.t (n int)")
    for n, end in enumerate((signal.SIGINT, signal.SIGKILL, signal.SIGKILL)):
        await connection.execute("insert into s.t values ($1)", n)
        os.kill(server.pid, end)
        server.stop()
        assert not server.running
        server.start()
        connection = await asyncpg.connect(server.dsn(OWNER, "one"))
        assert await connection.fetchval("select count(*) from s.t") == n + 1
    await connection.close()


def test_a_second_waymark_on_the_same_folder_is_refused(server: EmbeddedPostgres) -> None:
    with pytest.raises(StackFault, match="Another Waymark uses this folder"):
        EmbeddedPostgres(server.home).start()
    assert server.running
    server.stop()
    server.start()  # the lock is given back


def test_it_ends_when_its_parent_is_killed(folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from bootstrap.postgres import EmbeddedPostgres;"
        "s = EmbeddedPostgres(Path(sys.argv[1]), durable=False); s.start(); print(s.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(folder / "home")], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
    assert _gone(pid)
    server = EmbeddedPostgres(folder / "home", durable=False)
    server.start()  # and the folder can be used again at once
    server.erase()


def test_a_folder_of_another_major_version_is_refused(server: EmbeddedPostgres) -> None:
    server.stop()
    (server._data / "PG_VERSION").write_text("14\n")
    with pytest.raises(StackFault, match=r"PostgreSQL 14, the binaries are PostgreSQL \d+.*dump it with PostgreSQL 14"):
        server.start()


def test_a_port_that_is_taken_is_named(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(StackFault, match=f"Port {port}"):
            EmbeddedPostgres(folder / "home", port).start()


def test_too_little_disk_is_said_before_anything_is_written(folder: Path) -> None:
    with pytest.raises(StackFault, match=r"MB free.*home on another disk"):
        EmbeddedPostgres(folder / "home", least_free=2**60).start()
    assert not list(folder.rglob("PG_VERSION"))


def test_a_set_up_that_was_cut_short_is_begun_again(server: EmbeddedPostgres) -> None:
    server.stop()
    (server._data / "PG_VERSION").unlink()
    server.start()
    assert server.run_sql("select 'new'") == "new\n"


def test_a_server_that_ends_while_it_starts_says_why(server: EmbeddedPostgres) -> None:
    server.stop()
    (server._data / "postgresql.conf").write_text("work_mem = 'a lot'\n")
    with pytest.raises(StackFault, match=r"ended while it started.*work_mem"):
        server.start()
    assert not server.running


def test_it_is_started_from_the_main_thread_only(folder: Path) -> None:
    caught: list[BaseException] = []

    def start() -> None:
        try:
            EmbeddedPostgres(folder / "home").start()
        except BaseException as fault:
            caught.append(fault)

    thread = threading.Thread(target=start)
    thread.start()
    thread.join()
    assert [type(each) for each in caught] == [RuntimeError]


def test_pg_bin_that_names_nothing_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PG_BIN", str(folder))
    with pytest.raises(StackFault, match="PG_BIN"):
        EmbeddedPostgres(folder / "home").start()


def test_names_of_databases_are_not_statements(server: EmbeddedPostgres) -> None:
    for wrong in ("a; drop", "A", "", "a-b", "a'"):
        with pytest.raises(ValueError, match="database name"):
            server.create_database(wrong)
        with pytest.raises(ValueError, match="database name"):
            server.drop_database(wrong)


async def test_the_log_of_the_server_holds_no_statement_and_no_row(server: EmbeddedPostgres) -> None:
    server.create_database("one")
    connection = await asyncpg.connect(server.dsn(OWNER, "one"))
    await connection.execute("create schema s; create table s.t (n text unique)")
    for _ in range(2):
        try:
            await connection.execute("insert into s.t values ($1) /* canarystatement */", "canaryvalue")
        except asyncpg.UniqueViolationError:
            await connection.execute("do $$ begin raise warning 'seen'; end $$")
    await connection.close()
    log = (server.home / "postgres.log").read_text()
    assert "seen" in log
    assert "duplicate key" in log
    assert "canary" not in log


@as_root
def test_run_by_root_it_is_not_root(server: EmbeddedPostgres) -> None:
    assert Path(f"/proc/{server.pid}").stat().st_uid != 0
    assert Path(f"/proc/{server.pid}").stat().st_uid == server._data.stat().st_uid
    assert (server.home / f"{SUPERUSER}.password").stat().st_uid == 0


@as_root
def test_a_home_that_the_servers_user_cannot_reach_points_to_one_that_it_can(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedPostgres(closed / "home", durable=False)
    server.start()
    try:
        pointed = Path((server.home / "data-is-at").read_text().strip())
        assert (pointed / "data" / "PG_VERSION").exists()
        assert _mode(pointed) == 0o700
        assert _mode(closed) == 0o700
        server.create_database("one")
        server.stop()
        server.start()
        assert server.run_sql("select datname from pg_database where datname = 'one'") == "one\n"
        server.stop()
        shutil.move(pointed, folder / "elsewhere")
        with pytest.raises(StackFault, match="is gone"):
            server.start()
    finally:
        server.erase()
    assert not pointed.exists()


@as_root
def test_a_folder_that_has_other_things_in_it_keeps_its_rights(folder: Path) -> None:
    home = folder / "full"
    home.mkdir(mode=0o700)
    (home / "letter.txt").write_text("private")
    server = EmbeddedPostgres(home, durable=False)
    server.start()
    try:
        assert _mode(home) == 0o700
    finally:
        server.stop()
        shutil.rmtree(server._place)


@as_root
def test_binaries_that_the_servers_user_cannot_reach_are_copied_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    package = find_binaries().parents[1]
    shutil.copytree(package, closed / package.name, symlinks=True)
    libraries = package.with_name(package.name + ".libs")
    if libraries.is_dir():
        shutil.copytree(libraries, closed / libraries.name, symlinks=True)
    hidden = closed / package.name / find_binaries().relative_to(package)
    monkeypatch.setenv("PG_BIN", str(hidden))
    copied = reachable_binaries(hidden, os_user())
    try:
        assert copied != hidden
        assert reachable_binaries(hidden, os_user()) == copied
        server = EmbeddedPostgres(folder / "home", durable=False)
        server.start()
        server.create_database("one")
        assert str(copied) in Path(f"/proc/{server.pid}/cmdline").read_text()
        server.erase()
        assert _mode(closed) == 0o700
    finally:
        shutil.rmtree(copied.parents[2])


@as_root
def test_an_ordinary_user_can_run_it_too(folder: Path) -> None:
    user = pwd.getpwnam("nobody")
    home = folder / "theirs"
    home.mkdir()
    os.chown(home, user.pw_uid, user.pw_gid)
    script = (
        "import sys; from pathlib import Path; from bootstrap.postgres import EmbeddedPostgres;"
        "s = EmbeddedPostgres(Path(sys.argv[1]) / 'home', durable=False); s.start(); s.create_database('one');"
        "print(s.run_sql('select 1', 'one').strip(), oct(s.home.stat().st_mode)[-3:], s._data.parent == s.home); s.erase()"
    )
    as_nobody: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    # the launcher needs the standard library only, so that the system's Python does where ours is below /root
    python = next((each for each in (sys.executable, "/usr/bin/python3") if _reached(each, as_nobody)), None)
    if python is None:
        pytest.skip("another user can reach no Python 3.11 and this folder")
    done = subprocess.run(
        [python, "-B", "-c", script, str(home)],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        env={"PG_BIN": str(reachable_binaries(find_binaries(), os_user()))},
        **as_nobody,
    )
    assert done.stdout.split() == ["1", "700", "True"], done.stderr
