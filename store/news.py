"""One listening connection a process, however many watch: what the database tells is fanned out by tenant.

A case that moved on is told as "tenant case sequence", access that may have changed as "tenant". Nothing else travels. Whoever watches is
woken and reads again under row security, as they may by then. What waits for a watcher is two flags and never grows: several changes are
one reading.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from store.access import CHANNEL as ACCESS
from store.session import Database

CASE = "waymark_case"
MOST_OF_TENANT = 1000  # that watch something of one council, in one process
MOST_OF_PERSON = 20


class TooMany(Exception):  # noqa: N818 - the house names refusals by what happened
    """As many as may watch at once are watching."""


class Watcher:
    """One who watches: a case, or with '' all of a council. `changed` and `access` say what happened since they last looked."""

    def __init__(self, tenant: str, person: str, case_id: str) -> None:
        self.tenant, self.person, self.case_id = tenant, person, case_id
        self.changed = self.access = False
        self._woken = asyncio.Event()

    def wake(self, *, changed: bool = False, access: bool = False) -> None:
        """Let them look again."""
        self.changed, self.access = self.changed or changed, self.access or access
        self._woken.set()

    async def wait(self, seconds: float) -> tuple[bool, bool]:
        """Wait until something happened, but no longer than so many seconds: whether what they watch moved on, and whether access may have
        changed; neither where nothing was told."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), max(0.0, seconds))
        happened = self.changed, self.access
        self.changed = self.access = False
        self._woken.clear()
        return happened


class News:
    """Who watches what in this process. The connection is opened for the first of them and closed after the last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._watchers: defaultdict[str, set[Watcher]] = defaultdict(set)
        self._of_person: Counter[tuple[str, str]] = Counter()
        self._lock = asyncio.Lock()
        self._listening: AsyncExitStack | None = None

    @property
    def watching(self) -> int:
        """How many watch."""
        return sum(map(len, self._watchers.values()))

    @asynccontextmanager
    async def watch(self, tenant: str, person: str, case_id: str = "") -> AsyncIterator[Watcher]:
        """Watch for as long as the block lasts. What happens from its beginning on is told. Raises TooMany."""
        who = (tenant, person)
        if len(self._watchers[tenant]) >= MOST_OF_TENANT or self._of_person[who] >= MOST_OF_PERSON:
            raise TooMany
        watcher = Watcher(tenant, person, case_id)
        self._watchers[tenant].add(watcher)
        self._of_person[who] += 1
        try:
            await self._begin()
            yield watcher
        finally:
            self._watchers[tenant].discard(watcher)
            self._of_person -= Counter([who])  # forgets those who watch nothing any more
            if not self._watchers[tenant]:
                del self._watchers[tenant]
            await asyncio.shield(self._end())

    async def _begin(self) -> None:
        async with self._lock:
            if self._listening is None:
                stack = AsyncExitStack()
                await stack.enter_async_context(self._database.listen_to({CASE: self._case, ACCESS: self._access}))
                self._listening = stack

    async def _end(self) -> None:
        async with self._lock:
            if self._listening is not None and not self.watching:
                stack, self._listening = self._listening, None
                await stack.aclose()

    def _case(self, payload: str) -> None:
        tenant, _, rest = payload.partition(" ")
        if not payload:
            self._all()
            return
        case_id = rest.partition(" ")[0]
        for watcher in self._watchers.get(tenant, ()):
            if watcher.case_id in ("", case_id):
                watcher.wake(changed=True)

    def _access(self, tenant: str) -> None:
        if not tenant:
            self._all()
            return
        for watcher in self._watchers.get(tenant, ()):
            watcher.wake(access=True)

    def _all(self) -> None:
        """The connection had broken: some may have been missed."""
        for watchers in self._watchers.values():
            for watcher in watchers:
                watcher.wake(changed=True, access=True)
