"""`waymark up`: the stack in the foreground, a case played on it if asked, and everything ended cleanly on Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable

from rich.console import Console

from bootstrap.embedded import Stack, prepare
from bootstrap.settings import Settings
from bootstrap.sign_in import token_for
from tenants.seeds import all_seeds


def serve(settings: Settings, say: Callable[[str], None], *, play: bool) -> None:
    """Start, play, print what is where, and go on until SIGINT or SIGTERM.

    Raises:
        StackFault: something is in the way; everything that was started is ended again.
    """
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stack = prepare(settings, say)
    try:
        asyncio.run(stack.start())
        if play and not stopped.is_set():
            from bootstrap.demo import play as play_demo

            play_demo(stack.url, settings, "westshire", Console(highlight=False, soft_wrap=True), stopped.is_set)
        _tell(stack)
        while not stopped.wait(1.0):
            stack.watch()
        say("Stopping")
    finally:
        stack.stop()
    say("Stopped. `make run` goes on where this was.")


def _tell(stack: Stack) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"\nGraphiQL      {stack.url}/graphql")
    console.print(f"Temporal UI   http://127.0.0.1:{stack.settings.ui_port}")
    console.print(f"Letters       {stack.settings.home}/outbox")
    for seed in all_seeds():
        console.print(f"\nTokens for {seed.name} ({'training: its clock can be advanced' if seed.training else 'real time'})")
        for role in dict.fromkeys(role for person in seed.people for role in person.roles):
            console.print(f"  {role:<25} {token_for(stack.settings, seed.tenant, role)}")
    console.print("\nCtrl-C stops everything.")
