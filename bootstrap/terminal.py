"""How the commands speak: results on stdout, progress on stderr, and an end that is not held up."""

from __future__ import annotations

import getpass
import json
import os
import sys
from collections.abc import Coroutine
from typing import Annotated, Any

import typer
from rich.console import Console

err = Console(stderr=True)
Json = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]
TenantOption = Annotated[str, typer.Option(help="The local authority, for example westshire.")]


def say(text: str) -> None:
    """Progress, for people."""
    err.print(text, highlight=False)


def give(value: Any, *, as_json: bool, lines: list[str]) -> None:
    """A result, on stdout."""
    sys.stdout.write((json.dumps(value, indent=2, default=str) if as_json else "\n".join(lines)) + "\n")


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to the end."""
    import uvloop

    return uvloop.run(work)


def leave(code: int) -> None:
    """End at once: an interpreter that took down the Temporal client's threads in its own time may abort (sdk-python#300)."""
    if (telemetry := sys.modules.get("bootstrap.telemetry")) is not None:  # only what serves has any
        telemetry.stop()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def whoever() -> str:
    """Who sits at this machine: what the history says where nobody is named."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may have no name for its number
        return f"uid {os.getuid()}"
