"""An embedded PostgreSQL: our own child process, which ends when we end, and asks everybody for a password."""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from bootstrap.faults import StackFault
from bootstrap.postgres_home import (
    OsUser,
    find_binaries,
    forget,
    lock_file,
    os_user,
    prepare_home,
    reachable_binaries,
)

SUPERUSER = "waymark_super"
OWNER = "waymark_owner"
APP = "waymark_app"
_PR_SET_PDEATHSIG = 1
_LEAST_FREE = 256 * 1024 * 1024
_NAME = re.compile(r"[a-z][a-z0-9_]{0,50}")

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "log_min_messages": "warning",
    # a server log must not hold names: no statements, no parameters, no row shown in the detail of an error
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "password_encryption": "scram-sha-256",
}
# fsync off only: a killed server still loses nothing it acknowledged, and Waymark's own check of durability can be tried
_NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}


class EmbeddedPostgres:
    """One PostgreSQL server in one home folder, for this process alone."""

    def __init__(self, home: Path, port: int = 0, durable: bool = True, *, least_free: int = _LEAST_FREE) -> None:
        self.home = home.resolve()
        self.port = port
        self.durable = durable
        self._least_free = least_free
        self._user: OsUser | None = None
        self._place = self.home
        self._bin = Path()
        self._lock: IO[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 60.0) -> EmbeddedPostgres:
        """Start the server, making the database folder the first time; returns when it takes connections."""
        if threading.current_thread() is not threading.main_thread():
            # the kernel ties "end when the parent ends" to the thread that started the child
            raise RuntimeError("the embedded PostgreSQL is started from the main thread")
        self._user = os_user()
        self._bin = reachable_binaries(find_binaries(), self._user)
        self._place = prepare_home(self.home, self._user)
        self._take_lock()
        try:
            self._check_disk()
            self._check_port()
            if (self._data / "PG_VERSION").exists():
                self._check_version()
            else:
                self._initdb()
            self._launch(timeout)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self, timeout: float = 20.0) -> None:
        """End the server: a fast shutdown first, an immediate one if that takes too long."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            for how in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
                process.send_signal(how)
                try:
                    process.wait(timeout)
                    break
                except subprocess.TimeoutExpired:
                    continue
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def erase(self) -> None:
        """End the server and remove everything it kept."""
        self.stop()
        forget(self.home, self._place)

    @property
    def running(self) -> bool:
        """Whether the server process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The server's process id, for those who want to kill it."""
        if self._process is None:
            raise RuntimeError("the embedded PostgreSQL is not running")
        return self._process.pid

    def create_database(self, name: str, template: str = "template0") -> None:
        """Make a database that waymark_owner owns, and the two roles if they are not there yet; once is enough."""
        if not _NAME.fullmatch(name) or not _NAME.fullmatch(template):
            raise ValueError("a database name is lower-case letters, digits and underscores")
        # names checked above, passwords drawn from an alphabet without quotes: nothing here comes from outside
        roles = "".join(
            f"select format('create role %I login', '{role}') where to_regrole('{role}') is null\\gexec\n"
            f"alter role {role} nosuperuser nobypassrls nocreatedb nocreaterole noreplication "
            f"password '{self._password(role)}';\n"
            for role in (OWNER, APP)
        )
        self.run_sql(
            f"{roles}select 'create database {name} owner {OWNER} template {template} strategy file_copy'"  # noqa: S608
            f" where not exists (select from pg_database where datname = '{name}')\\gexec\n"
            f"revoke all on database {name} from public;\n"
            f"grant connect on database {name} to {APP};\n"
        )

    def drop_database(self, name: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        if not _NAME.fullmatch(name):
            raise ValueError("a database name is lower-case letters, digits and underscores")
        self.run_sql(f"drop database if exists {name} with (force);")

    def run_sql(self, sql: str, database: str = "postgres") -> str:
        """Run statements as the superuser; they go by standard input, so that no password is in the list of processes."""
        done = self._run(
            ["psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1", "-p", str(self.port), "-U", SUPERUSER, database],
            given=sql,
            environment={"PGPASSWORD": self._password(SUPERUSER), "PATH": os.environ.get("PATH", "")},
        )
        if done.returncode != 0:
            raise StackFault(
                "The embedded PostgreSQL refused a statement of its set-up.",
                done.stderr.strip()[:400],
                f"look at {self._log}, or start with a new home.",
            )
        return done.stdout

    def dsn(self, role: str, database: str) -> str:
        """The address of a database for one of the roles."""
        return f"postgresql://{role}:{self._password(role)}@127.0.0.1:{self.port}/{database}"

    @property
    def _data(self) -> Path:
        return self._place / "data"

    @property
    def _log(self) -> Path:
        return self.home / "postgres.log"

    def _take_lock(self) -> None:
        self._lock = lock_file(self.home).open("a", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            self._lock = None
            raise StackFault(
                f"Another Waymark uses this folder: {self.home}.",
                "Two servers on one database folder would destroy it.",
                "stop the other one, or give this one another home (WAYMARK_HOME).",
            ) from None

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self._place).free
        if free < self._least_free:
            raise StackFault(
                f"There are only {free // 2**20} MB free where the database lies ({self._place}).",
                f"It needs at least {self._least_free // 2**20} MB; a full disk stops it in the middle of its work.",
                "free some space, or give Waymark a home on another disk (WAYMARK_HOME).",
            )

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.port))
            except OSError as fault:
                raise StackFault(
                    f"Port {self.port} of this machine cannot be had ({fault.strerror}).",
                    "The embedded database has to listen there.",
                    "stop the program that uses it, or choose another port.",
                ) from None
            self.port = int(probe.getsockname()[1])

    def _check_version(self) -> None:
        have = (self._data / "PG_VERSION").read_text(encoding="utf-8").strip()
        words = self._run(["postgres", "--version"]).stdout.split()
        ours = words[2].split(".")[0] if len(words) > 2 else "unknown"
        if have != ours:
            raise StackFault(
                f"The data folder is PostgreSQL {have}, the binaries are PostgreSQL {ours}.",
                "One major version cannot read the folder of another.",
                f"dump it with PostgreSQL {have} and restore the dump into a new home, or set PG_BIN to version {have}.",
            )

    def _initdb(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)  # an initdb that was cut short; PG_VERSION was not there
        secret = self._place / "initdb.password"
        secret.touch(mode=0o600)
        secret.write_text(self._password(SUPERUSER), encoding="utf-8")
        if self._user is not None:
            os.chown(secret, self._user.uid, self._user.gid)
        options = ["-U", SUPERUSER, "-E", "UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={secret}"]
        options += ["--data-checksums"] if self.durable else ["--no-sync"]
        try:
            done = self._run(["initdb", "-D", str(self._data), *options])
        finally:
            secret.unlink()
        if done.returncode != 0:
            shutil.rmtree(self._data, ignore_errors=True)
            raise StackFault(
                "The embedded PostgreSQL could not make its database folder.",
                (done.stderr.strip().splitlines() or ["initdb said nothing."])[-1],
                "check the disk and the rights of the home folder.",
            )

    def _launch(self, timeout: float) -> None:
        settings = {**_SETTINGS, "port": str(self.port), "unix_socket_directories": ""}
        if not self.durable:
            settings |= _NOT_DURABLE
        arguments = [str(self._bin / "postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        with os.fdopen(os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab") as output:
            begin = output.tell()
            self._process = subprocess.Popen(  # noqa: S603
                arguments,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                preexec_fn=_end_with_parent(),  # no other thread of ours runs this early
                start_new_session=True,
                env={"LC_ALL": "C.UTF-8", "TZ": "UTC"},
                **self._as_user(),
            )
        until = time.monotonic() + timeout
        while not self._is_ready():
            if self._process.poll() is not None:
                raise self._ended(begin)
            if time.monotonic() > until:
                raise StackFault(
                    f"The embedded PostgreSQL was not ready after {timeout:.0f} seconds.",
                    "It may still be recovering from a crash.",
                    f"look at {self._log} and start again.",
                )
            time.sleep(0.01)

    def _is_ready(self) -> bool:
        try:
            lines = (self._data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    def _ended(self, begin: int) -> StackFault:
        said = self._log.read_bytes()[begin:].decode(errors="replace").strip().splitlines()
        words = " / ".join(said[-3:]) or "It said nothing."
        return StackFault("The embedded PostgreSQL ended while it started.", words, f"look at {self._log}.")

    def _password(self, role: str) -> str:
        """The password of a role, drawn once and kept in a file that only we can read."""
        if role not in (SUPERUSER, OWNER, APP):
            raise ValueError(f"there is no role {role}")
        kept = self.home / f"{role}.password"
        if not kept.exists():
            with os.fdopen(os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(24))
        return kept.read_text(encoding="utf-8")

    def _run(
        self, words: list[str], *, given: str | None = None, environment: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603
            [str(self._bin / words[0]), *words[1:]],
            check=False,
            capture_output=True,
            text=True,
            input=given,
            cwd="/",
            env={"LC_ALL": "C.UTF-8", "TZ": "UTC", **(environment or {})},
            **self._as_user(),
        )

    def _as_user(self) -> dict[str, Any]:
        return self._user.options() if self._user else {}


def _end_with_parent() -> Callable[[], None]:
    """What the child does before it becomes the server: ask the kernel for a fast shutdown when its parent is gone."""
    system = ctypes.CDLL(None)  # loaded before the fork, where it is safe
    parent = os.getpid()

    def ask() -> None:
        system.prctl(_PR_SET_PDEATHSIG, signal.SIGINT)
        if os.getppid() != parent:
            os._exit(1)

    return ask
