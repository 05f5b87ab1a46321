"""The whole stack on one machine: PostgreSQL, Temporal, a worker and the API as our own children, with their data in one folder.

It survives a restart, it says clearly what is in its way, and it takes its children with it however it ends.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from bootstrap.faults import StackFault
from bootstrap.issuer import Issuer
from bootstrap.postgres import APP, OWNER, EmbeddedPostgres
from bootstrap.processes import end, end_with_parent
from bootstrap.seed import seed
from bootstrap.settings import Settings
from bootstrap.temporal import TemporalServer, check_free
from store.migrate import migrate
from store.session import Database
from tenants.seeds import Seed

DATABASE = "waymark"
STACK_FILE = "stack.json"  # where the running stack is, for commands beside it
LONGEST_START = 60.0  # seconds for a child to be ready


@dataclass
class Stack:
    """A running stack. `say` tells a person what goes on."""

    settings: Settings
    say: Callable[[str], None]
    postgres: EmbeddedPostgres
    temporal: TemporalServer
    environment: dict[str, str] = field(default_factory=dict)
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    seeds: tuple[Seed, ...] = ()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.settings.port}"

    @property
    def issuer(self) -> Issuer:
        return Issuer(self.settings.home.resolve(), f"{self.url}/issuer", audience=self.settings.audience)

    async def start(self) -> None:
        """Start everything in order and wait until it answers.

        Raises:
            StackFault: what is in the way, and what to do.
        """
        check_free(self.settings.port, "WAYMARK_PORT")
        self.postgres.start()
        self.postgres.create_database(DATABASE)
        self.say("PostgreSQL is up")
        await self._prepare()
        self.temporal.start()
        self.say("Temporal is up")
        self.environment = self._environment()
        _write_private(self.settings.home / STACK_FILE, json.dumps({k: v for k, v in self.environment.items() if k.startswith("WAYMARK_")}))
        self.launch("worker", "worker", "run")
        self.launch("api", "api", "run", "--host", "127.0.0.1", "--port", str(self.settings.port))
        self._wait_ready()
        self.say("The worker and the API are up")

    async def _prepare(self) -> None:
        owner_url = self.postgres.dsn(OWNER, DATABASE)
        await migrate(owner_url)
        owner = Database(owner_url, 2)
        try:
            self.seeds = await seed(owner)
        finally:
            await owner.close()

    def _environment(self) -> dict[str, str]:
        home = self.settings.home.resolve()
        return {
            **os.environ,
            "WAYMARK_HOME": str(home),
            "WAYMARK_PORT": str(self.settings.port),
            "WAYMARK_DATABASE_URL": self.postgres.dsn(APP, DATABASE),
            "WAYMARK_TEMPORAL_ADDRESS": self.temporal.address,
            "WAYMARK_CODEC_KEYS": _codec_keys(home / "codec.keys"),
            "WAYMARK_ISSUERS": f"{self.url}/issuer",
            "WAYMARK_AUDIENCE": self.settings.audience,
            "WAYMARK_EMBEDDED_ISSUER": "true",
        }

    def launch(self, name: str, *arguments: str) -> None:
        """Start (or start again) one of our own processes; what it says goes to a log in the data folder."""
        with (self.settings.home / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(  # noqa: S603 - ourselves
                [sys.executable, "-m", "bootstrap.cli", *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches us alone, and we end them in order
                preexec_fn=end_with_parent(),
            )

    def _wait_ready(self) -> None:
        give_up = time.monotonic() + LONGEST_START
        while time.monotonic() < give_up:
            for name, child in self.children.items():
                if child.poll() is not None:
                    raise StackFault(f"The {name} ended at once.", self._tail(name), f"see {name}.log in the data folder.")
            try:
                if httpx.get(f"{self.url}/readyz", timeout=2).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        raise StackFault("The API does not answer.", self._tail("api"), "see api.log in the data folder.")

    def _tail(self, name: str) -> str:
        log = self.settings.home / f"{name}.log"
        return log.read_text("utf-8", "replace")[-600:].strip() if log.exists() else ""

    def logs(self) -> str:
        """The ends of the logs of our own processes: they hold codes and types, never what people wrote."""
        return "\n".join(f"{name}: {self._tail(name)}" for name in self.children)

    def watch(self) -> None:
        """Start again what has ended; meant to be called often. The databases are not started again: their end is ours."""
        commands = {"worker": ("worker", "run"), "api": ("api", "run", "--host", "127.0.0.1", "--port", str(self.settings.port))}
        for name, child in list(self.children.items()):
            if child.poll() is not None:
                self.say(f"The {name} ended ({child.returncode}) and is started again")
                self.launch(name, *commands[name])
        for name, running in (("PostgreSQL", self.postgres.running), ("Temporal", self.temporal.running())):
            if not running:
                raise StackFault(
                    f"{name} ended.", "Nothing can be recorded without it.", "start again; nothing that was acknowledged is lost."
                )

    def stop(self) -> None:
        """End everything in the reverse order."""
        for name in ("api", "worker"):
            if name in self.children:
                end(self.children[name])
        self.temporal.stop()
        self.postgres.stop()


def prepare(settings: Settings, say: Callable[[str], None]) -> Stack:
    """A stack that is not started yet.

    Raises:
        StackFault: the data folder cannot be made.
    """
    home = settings.home.resolve()
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StackFault(
            f"The data folder {settings.home} cannot be made.", str(error.strerror), "set WAYMARK_HOME to a folder of yours."
        ) from None
    return Stack(settings, say, EmbeddedPostgres(home / "postgres"), TemporalServer(home / "temporal", ui_port=settings.ui_port))


def _codec_keys(path: Path) -> str:
    """The master key of the embedded stack, made once and readable by its owner alone."""
    if not path.exists():
        _write_private(path, f"embedded:{base64.b64encode(secrets.token_bytes(32)).decode()}")
    return path.read_text("utf-8")


def _write_private(path: Path, text: str) -> None:
    """A file that its owner alone may read, whole or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    unfinished.replace(path)


def beside(settings: Settings) -> Settings:
    """The settings of the stack that runs on this data folder, for a command that was given no database of its own."""
    file = settings.home / STACK_FILE
    if settings.database_url.get_secret_value() or not file.exists():
        return settings
    return Settings(**{name.removeprefix("WAYMARK_").lower(): value for name, value in json.loads(file.read_text("utf-8")).items()})
