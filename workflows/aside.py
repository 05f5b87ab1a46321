"""Work that takes seconds, done in a process of its own: the event loop goes on serving, and what takes too long is ended.

One job at a time: a proof fills a processor, and requests need the other. The process is kept, because reading the law takes a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import multiprocessing.connection
import threading
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

_T = TypeVar("_T")
MOST_WAITING = 8


class TookTooLong(Exception):  # noqa: N818 - it says what is so
    """The work was ended: nothing came of it."""


class Busy(Exception):  # noqa: N818
    """Too many are waiting for the process."""


class Aside:
    """A process beside ours. It is started by the first job, and again after one that had to be ended."""

    def __init__(self) -> None:
        self._spawn = multiprocessing.get_context("spawn")  # a fork would take our connections and threads along
        self._process: BaseProcess | None = None
        self._pipe: multiprocessing.connection.Connection | None = None
        self._turn = asyncio.Lock()
        self._one = threading.Lock()
        self._waiting = 0

    async def run(self, seconds: float, work: Callable[..., _T], *given: Any) -> _T:
        """What a function of a module gives for these values, all of which can be pickled.

        Raises:
            TookTooLong: it did not end in that time, and was ended.
            Busy: too many wait already.
            Exception: what the function raised.
        """
        if self._waiting >= MOST_WAITING:
            raise Busy
        self._waiting += 1
        try:
            async with self._turn:
                done: tuple[bool, Any] = await asyncio.shield(asyncio.to_thread(self._run, seconds, work, given))
        finally:
            self._waiting -= 1
        good, result = done
        if not good:
            raise result
        found: _T = result
        return found

    def _run(self, seconds: float, work: Callable[..., Any], given: tuple[Any, ...]) -> tuple[bool, Any]:
        with self._one:  # whoever asked may have gone away while its work goes on
            pipe = self._ready()
            try:
                pipe.send((work, given))
                if pipe.poll(seconds):
                    answer: tuple[bool, Any] = pipe.recv()
                    return answer
            except (EOFError, OSError) as broken:
                self.close()
                return False, TookTooLong(f"the process ended: {type(broken).__name__}")
            self.close()
            return False, TookTooLong(f"it took more than {seconds:g} seconds")

    def _ready(self) -> multiprocessing.connection.Connection:
        if self._pipe is None or self._process is None or not self._process.is_alive():
            self.close()
            ours, theirs = self._spawn.Pipe()
            self._process = self._spawn.Process(target=_serve, args=(theirs,), name="waymark-aside", daemon=True)
            self._process.start()
            theirs.close()
            self._pipe = ours
        return self._pipe

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join(5)
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None


def _serve(pipe: multiprocessing.connection.Connection) -> None:
    """Work until whoever asks is gone."""
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            work, given = pipe.recv()
            try:
                answer = (True, work(*given))
            except Exception as error:
                answer = (False, error)
            try:
                pipe.send(answer)
            except Exception as error:  # an answer that cannot be pickled
                pipe.send((False, RuntimeError(type(error).__name__)))
