"""Who may come in now: so many requests of one council and of one person, fair turns between councils, and an end to each request.

Three layers, from the outside in. `Admission` counts before a byte of the body is read, so that refusing costs least. `Turns` stands
behind the guard, where it is known whether a request reads or acts, and shares what one process can do: a council alone may use all of
it, and once a second council asks, each has a share that a flood of the other cannot take. `InTime` ends what takes too long.
All of it is counted in one process; the numbers are product defaults, none of them is law. Seconds everywhere.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter as Counted
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphql_api.answers import turned_away
from graphql_api.document import Operation
from graphql_api.guard import OPERATION
from graphql_api.identity import CALLER, Caller

TOOK = Histogram("waymark_graphql_seconds", "Time of GraphQL requests.", ["operation"])
SHED = Counter("waymark_graphql_shed_total", "Requests turned away because a council has too many under way.", ["tenant"])
PLACE = "waymark.place"  # the key under which the place taken is left in the ASGI scope, so that a stream can change it
STREAM = "subscription"
# What is proved or rehearsed before it is answered: minutes for a large council, in a process of its own, so neither reading nor act.
_ACTS = ("draft", "edit", "propose", "approve", "publish", "rollBack")
PROVED = frozenset({"configurationPreview", *(f"{act}Configuration" for act in _ACTS)})

_GOLDEN = 0.6180339887  # steps of this lie evenly in the unit interval, however many are taken


@dataclass(frozen=True, slots=True)
class Room:
    """How much of one process a council and a person may use."""

    of_a_council: int = 32  # requests under way, those that wait for their turn among them
    of_a_person: int = 16
    streams_of_a_council: int = 500
    streams_of_a_person: int = 10
    reads_alone: int = 8  # as many as the database has connections for
    reads_beside_others: int = 4
    acts_alone: int = 24  # an act mostly waits for the engine
    acts_beside_others: int = 8
    crowd: int = 8  # a council of which more wait than this has one turn at a time while others ask: they did not make its queue
    beside_for: float = 5.0  # so long after its last request a council counts as being there
    rests: float = 1.0  # so many times as long as its turn took, a council with a crowd rests before the next, while others ask
    waits: float = 2.0  # for a turn, or a little less, so that not all give up at once; then 429
    holds: float = 2.0  # a refusal is held back so long and up to twice as long, so that a flood neither spins nor comes in waves
    held_at_most: int = 512  # refusals held at once; past it they are answered at once
    takes: float = 20.0  # a request; an act waits six seconds for the engine
    proofs: int = 8  # requests that prove or rehearse, of one council; they wait for a process beside ours, with no connection
    takes_to_prove: float = 240.0


class Place:
    """One request's place among those of its council and of its person; given back once."""

    def __init__(self, counts: Counted[tuple[str, ...]], keys: tuple[tuple[str, ...], ...]) -> None:
        self._counts, self._keys = counts, keys
        counts.update(keys)

    def give_back(self) -> None:
        for key in self._keys:
            self._counts[key] -= 1
            if not self._counts[key]:
                del self._counts[key]
        self._keys = ()


class Admission:
    """Pure ASGI, before anything of the body is read. What waits is bounded, and so is what is refused."""

    def __init__(self, app: ASGIApp, room: Room | None = None) -> None:
        self._app = app
        self._room = room or Room()
        self._counts: Counted[tuple[str, ...]] = Counted()
        self._held = 0
        self._spread = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope.get(CALLER)
        if scope["type"] != "http" or caller is None:
            await self._app(scope, receive, send)
            return
        council, person = ("council", caller.tenant), ("person", caller.tenant, caller.issuer, caller.subject)
        for key, most, whose in ((council, self._room.of_a_council, "one council"), (person, self._room.of_a_person, "one person")):
            if self._counts[key] >= most:
                await self._refuse(caller, whose, scope, receive, send)
                return
        place = Place(self._counts, (council, person))
        try:
            await self._app({**scope, PLACE: place}, receive, send)
        finally:
            place.give_back()

    async def _refuse(self, caller: Caller, whose: str, scope: Scope, receive: Receive, send: Send) -> None:
        if self._held < self._room.held_at_most:
            self._held += 1
            try:
                self._spread = (self._spread + _GOLDEN) % 1.0
                await asyncio.sleep(self._room.holds * (1 + self._spread))
            finally:
                self._held -= 1
        await too_many(caller, f"Too many requests of {whose} are under way.")(scope, receive, send)


def too_many(caller: Caller, why: str) -> ASGIApp:
    """429: nothing was done, and when to try again."""
    SHED.labels(caller.tenant).inc()
    return turned_away(429, "TOO_MANY", f"{why} Nothing was done. Try again shortly.", {"retry-after": "1"})


@dataclass(slots=True)
class _Line:
    """The requests of one kind: how many of each council run, and who waits, each council in the order of coming."""

    alone: int
    beside: int
    running: Counted[str] = field(default_factory=Counted)
    waiting: dict[str, deque[asyncio.Future[None]]] = field(default_factory=lambda: defaultdict(deque))


class Turns:
    """Pure ASGI, behind the guard: a council's requests run beside those of others, never instead of them.

    A council that alone asks has `alone` turns of a kind; while others ask too, each has `beside`, and those are always free for it. A
    council with a crowd waiting then has one turn at a time: one thread answers for all, so what it runs at once is what others wait for.
    Streams take no turn: each event of theirs is a short reading, and they are counted by themselves.
    """

    def __init__(self, app: ASGIApp, room: Room | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._app = app
        self._room = room or Room()
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._lines = {
            "query": _Line(self._room.reads_alone, self._room.reads_beside_others),
            "mutation": _Line(self._room.acts_alone, self._room.acts_beside_others),
            "proof": _Line(self._room.proofs, self._room.proofs),
        }
        self._streams: Counted[tuple[str, ...]] = Counted()
        self._spread = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        caller, operation = scope.get(CALLER), scope.get(OPERATION)
        if scope["type"] != "http" or caller is None or operation is None:
            await self._app(scope, receive, send)
            return
        self._seen[caller.tenant] = self._clock()
        if operation.kind == STREAM:
            await self._stream(caller, scope, receive, send)
            return
        line = self._lines["proof" if operation.asked & PROVED else operation.kind]
        if not await self._turn(line, caller.tenant):
            await too_many(caller, "Too many requests of one council wait for their turn.")(scope, receive, send)
            return
        begun = time.perf_counter()
        try:
            await self._app(scope, receive, send)
        finally:
            took = time.perf_counter() - begun
            TOOK.labels(operation.kind).observe(took)
            if self._room.rests and self._crowded(line, caller.tenant):
                asyncio.get_running_loop().call_later(min(took, 1.0) * self._room.rests, self._give_back, line, caller.tenant)
            else:
                self._give_back(line, caller.tenant)

    def _give_back(self, line: _Line, tenant: str) -> None:
        line.running[tenant] -= 1
        self._call_up(line)

    def _crowded(self, line: _Line, tenant: str) -> bool:
        return len(self._seen) > 1 and len(line.waiting[tenant]) > self._room.crowd

    def _share(self, line: _Line, tenant: str) -> int:
        """How many of this council may run now."""
        since = self._clock() - self._room.beside_for
        for other in [each for each, seen in self._seen.items() if seen < since and each != tenant]:
            del self._seen[other]
        if len(self._seen) < 2:
            return line.alone
        return 1 if self._crowded(line, tenant) else line.beside

    async def _turn(self, line: _Line, tenant: str) -> bool:
        if not line.waiting[tenant] and line.running[tenant] < self._share(line, tenant):
            line.running[tenant] += 1
            return True
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.waiting[tenant].append(mine)
        try:
            # shielded: who calls up counts the turn as taken, so a call must never be lost in a timeout
            self._spread = (self._spread + _GOLDEN) % 1.0
            await asyncio.wait_for(asyncio.shield(mine), self._room.waits * (1 - self._spread / 2))
        except TimeoutError:
            if mine.done():
                return True
            line.waiting[tenant].remove(mine)
            return False
        except asyncio.CancelledError:
            if mine.done():
                self._give_back(line, tenant)
            else:
                line.waiting[tenant].remove(mine)
            raise
        return True

    def _call_up(self, line: _Line) -> None:
        for tenant in list(line.waiting):
            queue = line.waiting[tenant]
            while queue and line.running[tenant] < self._share(line, tenant):
                line.running[tenant] += 1
                queue.popleft().set_result(None)
            if not queue:
                del line.waiting[tenant]
        line.running += Counted()  # forget who runs nothing

    async def _stream(self, caller: Caller, scope: Scope, receive: Receive, send: Send) -> None:
        council, person = ("council", caller.tenant), ("person", caller.tenant, caller.issuer, caller.subject)
        if self._streams[council] >= self._room.streams_of_a_council or self._streams[person] >= self._room.streams_of_a_person:
            await too_many(caller, "Too many streams are open.")(scope, receive, send)
            return
        place = Place(self._streams, (council, person))
        if PLACE in scope:
            scope[PLACE].give_back()  # it stays for hours: among the requests it would be in everybody's way
        try:
            await self._app(scope, receive, send)
        finally:
            place.give_back()


class InTime:
    """Pure ASGI: a request ends within its time, streams apart. What it was doing is cancelled, and its transaction rolled back."""

    def __init__(self, app: ASGIApp, room: Room | None = None) -> None:
        self._app = app
        self._room = room or Room()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        operation: Operation | None = scope.get(OPERATION)
        if scope["type"] != "http" or operation is None or operation.kind == STREAM:
            await self._app(scope, receive, send)
            return
        begun = False

        async def sent(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            async with asyncio.timeout(self._room.takes_to_prove if operation.asked & PROVED else self._room.takes) as limit:
                await self._app(scope, receive, sent)
        except TimeoutError:
            if begun or not limit.expired():
                raise
            said = "It took too long and was ended. An act may have been done all the same: send it again with the same key."
            if operation.kind == "query":
                said = "It took too long and was ended. Ask for less at once, or try again."
            await turned_away(503, "TOOK_TOO_LONG", said, {"retry-after": "2"})(scope, receive, send)
