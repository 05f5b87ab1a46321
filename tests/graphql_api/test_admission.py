"""Who may come in now: counted in requests and turns, never in time, so that a busy machine changes nothing."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from graphql_api.admission import PROVED, Admission, InTime, Room, Turns
from graphql_api.document import Operation
from graphql_api.guard import OPERATION, Guard
from graphql_api.identity import CALLER, Caller
from graphql_api.schema import schema
from tests.graphql_api.hostile import JSON, asked

SMALL = Room(of_a_council=6, of_a_person=3, streams_of_a_council=3, streams_of_a_person=2, reads_alone=4, reads_beside_others=2, holds=0)


class Slow:
    """An application whose requests run until they are let go."""

    def __init__(self) -> None:
        self.running: list[str] = []
        self.most: dict[str, int] = {}
        self.gate = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        tenant = scope[CALLER].tenant
        self.running.append(tenant)
        self.most[tenant] = max(self.most.get(tenant, 0), self.running.count(tenant))
        try:
            await self.gate.wait()
        finally:
            self.running.remove(tenant)
        await JSONResponse({"data": {}})(scope, receive, send)


class Stepped:
    """An application whose requests are ended one by one."""

    def __init__(self) -> None:
        self._under_way: list[tuple[str, asyncio.Event]] = []

    def running(self, tenant: str) -> int:
        return [name for name, _ in self._under_way].count(tenant)

    async def end_one(self, tenant: str) -> None:
        next(end for name, end in self._under_way if name == tenant).set()
        await breathe()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        mine = (scope[CALLER].tenant, asyncio.Event())
        self._under_way.append(mine)
        await mine[1].wait()
        self._under_way.remove(mine)
        await JSONResponse({"data": {}})(scope, receive, send)


def who(tenant: str = "westshire", subject: str = "ada") -> Caller:
    return Caller(subject, "https://issuer.test", tenant, frozenset({"la_caseworker"}))


class Sent:
    """One request, and what came back."""

    def __init__(self, app: Any, caller: Caller, kind: str | None = "query", body: bytes = b"", asked: str = "viewer") -> None:
        self.messages: list[Message] = []
        self.read = 0
        raw = [(name.encode(), value.encode()) for name, value in JSON.items()]
        scope: Scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": raw, "query_string": b"", CALLER: caller}
        if kind:
            scope[OPERATION] = Operation(None, kind, 1, 1, 1, 0, asked=frozenset({asked}))

        async def receive() -> Message:
            self.read += 1
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            self.messages.append(message)

        self.task = asyncio.ensure_future(app(scope, receive, send))

    @property
    def status(self) -> int | None:
        return self.messages[0]["status"] if self.messages else None

    def headers(self) -> dict[str, str]:
        return {name.decode(): value.decode() for name, value in self.messages[0]["headers"]}

    def code(self) -> str:
        return str(json.loads(self.messages[1]["body"])["errors"][0]["extensions"]["code"])


async def breathe() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def finish(app: Slow, *sent: Sent) -> list[int | None]:
    app.gate.set()
    await asyncio.gather(*(one.task for one in sent))
    return [one.status for one in sent]


async def test_past_its_places_a_council_is_told_429_and_when_to_come_again_before_its_body_is_read() -> None:
    app = Slow()
    door = Admission(app, SMALL)
    inside = [Sent(door, who(subject=f"p{n}"), None) for n in range(6)]
    await breathe()
    shed = Sent(door, who(subject="late"), None, asked("{hello}"))
    other = Sent(door, who("northmoor"), None)
    await breathe()
    assert (shed.status, shed.headers()["retry-after"], shed.code()) == (429, "1", "TOO_MANY")
    assert shed.read == 0, "it is refused before a byte of it is read, let alone parsed"
    assert app.running.count("northmoor") == 1
    assert await finish(app, *inside, other) == [200] * 7
    assert await finish(app, Sent(door, who(), None)) == [200], "the places are given back"
    assert not door._counts, "nothing is remembered of who has gone"


async def test_one_person_cannot_take_all_the_places_of_a_council() -> None:
    app = Slow()
    door = Admission(app, SMALL)
    inside = [Sent(door, who(), None) for _ in range(3)]
    await breathe()
    shed = Sent(door, who(), None)
    colleague = Sent(door, who(subject="grace"), None)
    await breathe()
    assert shed.status == 429
    assert len(app.running) == 4
    assert await finish(app, *inside, colleague) == [200] * 4


async def test_the_same_subject_of_another_issuer_is_another_person() -> None:
    app = Slow()
    door = Admission(app, Room(of_a_person=1, holds=0))
    first = Sent(door, who(), None)
    second = Sent(door, Caller("ada", "https://other.test", "westshire", frozenset()), None)
    await breathe()
    assert len(app.running) == 2
    assert await finish(app, first, second) == [200, 200]


async def test_a_refusal_is_held_back_but_only_so_many_at_once() -> None:
    app = Slow()
    door = Admission(app, Room(of_a_person=1, holds=3600, held_at_most=2))
    inside = Sent(door, who(), None)
    await breathe()
    held = [Sent(door, who(), None) for _ in range(2)]
    await breathe()
    at_once = Sent(door, who(), None)
    await breathe()
    assert [one.status for one in held] == [None, None]
    assert at_once.status == 429
    for one in held:
        one.task.cancel()
    await asyncio.gather(*(one.task for one in held), return_exceptions=True)
    assert door._held == 0
    await finish(app, inside)


async def test_a_council_alone_has_all_the_turns_and_beside_another_its_share() -> None:
    app = Slow()
    turns = Turns(app, SMALL)
    flood = [Sent(turns, who()) for _ in range(10)]
    await breathe()
    assert app.running == ["westshire"] * 4
    quiet = [Sent(turns, who("northmoor")) for _ in range(2)]
    await breathe()
    assert app.running.count("northmoor") == 2, "the other council runs at once, whatever waits before it"
    assert await finish(app, *flood, *quiet) == [200] * 12
    assert not turns._lines["query"].waiting
    assert not +turns._lines["query"].running


async def test_while_others_ask_a_flood_never_runs_beyond_its_share() -> None:
    app = Slow()
    turns = Turns(app, SMALL)
    quiet = Sent(turns, who("northmoor"))
    await breathe()
    flood = [Sent(turns, who()) for _ in range(10)]
    await breathe()
    assert app.running.count("westshire") == 2
    assert await finish(app, quiet, *flood) == [200] * 11
    assert app.most["westshire"] == 2


async def test_a_crowd_has_one_turn_at_a_time_while_others_ask() -> None:
    app = Stepped()
    turns = Turns(app, Room(reads_alone=4, reads_beside_others=3, crowd=2, rests=0))
    flood = [Sent(turns, who()) for _ in range(12)]
    quiet = [Sent(turns, who("northmoor")) for _ in range(3)]
    await breathe()
    assert (app.running("westshire"), app.running("northmoor")) == (4, 3), "the flood was alone when it began"
    for left in (3, 2, 1, 1, 1):
        await app.end_one("westshire")
        assert app.running("westshire") == left
    while app.running("westshire") or app.running("northmoor"):
        await app.end_one("westshire" if app.running("westshire") else "northmoor")
    assert [(await one.task, one.status)[1] for one in [*flood, *quiet]] == [200] * 15


async def test_a_crowd_rests_between_its_turns_and_whoever_is_not_a_crowd_does_not() -> None:
    app = Stepped()
    turns = Turns(app, Room(reads_beside_others=1, crowd=1, rests=1e9))
    quiet = Sent(turns, who("northmoor"))
    await breathe()
    flood = [Sent(turns, who()) for _ in range(4)]
    await breathe()
    await app.end_one("northmoor")
    await app.end_one("westshire")
    assert app.running("westshire") == 0, "three still wait"
    other = Sent(turns, who("northmoor"))
    await breathe()
    assert app.running("northmoor") == 1
    await app.end_one("northmoor")
    assert (quiet.status, other.status) == (200, 200)
    for one in flood:
        one.task.cancel()
    await asyncio.gather(*(one.task for one in flood), return_exceptions=True)


async def test_a_council_that_has_gone_home_leaves_its_share_to_others() -> None:
    now = [0.0]
    app = Slow()
    turns = Turns(app, SMALL, clock=lambda: now[0])
    app.gate.set()
    await Sent(turns, who("northmoor")).task
    app.gate.clear()
    now[0] = SMALL.beside_for + 1
    flood = [Sent(turns, who()) for _ in range(5)]
    await breathe()
    assert app.running == ["westshire"] * 4
    await finish(app, *flood)


async def test_who_waits_too_long_for_a_turn_is_told_so_and_leaves_nothing_behind() -> None:
    app = Slow()
    turns = Turns(app, Room(reads_alone=1, waits=0.01))
    first, second = Sent(turns, who()), Sent(turns, who())
    await second.task
    assert (second.status, second.headers()["retry-after"]) == (429, "1")
    assert await finish(app, first) == [200]
    assert not turns._lines["query"].waiting or not any(turns._lines["query"].waiting.values())
    assert await finish(app, Sent(turns, who())) == [200]


async def test_who_goes_away_while_waiting_takes_no_turn() -> None:
    app = Slow()
    turns = Turns(app, Room(reads_alone=1))
    first, gone, third = (Sent(turns, who()) for _ in range(3))
    await breathe()
    gone.task.cancel()
    await breathe()
    assert await finish(app, first, third) == [200, 200]
    assert not +turns._lines["query"].running


async def test_acts_and_readings_have_turns_of_their_own() -> None:
    app = Slow()
    turns = Turns(app, Room(reads_alone=1, acts_alone=1))
    sent = [Sent(turns, who()), Sent(turns, who(), "mutation")]
    await breathe()
    assert len(app.running) == 2, "a dashboard never keeps an act from being recorded"
    await finish(app, *sent)


async def test_what_is_proved_for_minutes_keeps_neither_readings_nor_acts_waiting() -> None:
    app = Slow()
    room = Room(reads_alone=1, acts_alone=1, proofs=2, takes=0)
    turns = Turns(InTime(app, room), room)
    proofs = [Sent(turns, who(), asked="configurationPreview"), Sent(turns, who(), "mutation", asked="proposeConfiguration")]
    await breathe()
    await asyncio.sleep(0.01)
    assert len(app.running) == 2, "the time of others is not theirs"
    reading = Sent(Turns(app, room), who())
    await breathe()
    assert len(app.running) == 3
    assert await finish(app, *proofs, reading) == [200] * 3


async def test_every_field_that_is_proved_is_in_the_schema() -> None:
    core = schema()._schema
    assert core.query_type is not None
    assert core.mutation_type is not None
    assert {*core.query_type.fields, *core.mutation_type.fields} >= PROVED


async def test_streams_are_counted_by_themselves_and_leave_the_places_to_requests() -> None:
    app = Slow()
    door = Admission(Turns(app, SMALL), SMALL)
    streams = [Sent(door, who(), "subscription") for _ in range(2)]
    await breathe()
    assert not door._counts
    third = Sent(door, who(), "subscription")
    await breathe()
    assert (third.status, third.headers()["retry-after"]) == (429, "1")
    requests = [Sent(door, who()) for _ in range(3)]
    await breathe()
    assert len(app.running) == 5
    assert await finish(app, *streams, *requests) == [200] * 5


async def test_what_takes_too_long_is_ended_and_told_503() -> None:
    app = Slow()
    sent = Sent(InTime(app, Room(takes=0.01)), who())
    await sent.task
    assert (sent.status, sent.headers()["retry-after"], sent.code()) == (503, "2", "TOOK_TOO_LONG")
    assert not app.running, "what it was doing is cancelled"
    act = Sent(InTime(app, Room(takes=0.01)), who(), "mutation")
    await act.task
    assert "same key" in act.messages[1]["body"].decode()


async def test_a_stream_may_last() -> None:
    app = Slow()
    stream = Sent(InTime(app, Room(takes=0)), who(), "subscription")
    await breathe()
    assert stream.status is None
    assert await finish(app, stream) == [200]


async def test_a_timeout_of_something_within_is_not_taken_for_ours() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        await Sent(InTime(broken, Room()), who()).task


@pytest.mark.parametrize(("may", "status"), [(True, 200), (False, 403)])
@pytest.mark.parametrize(
    "query",
    [
        "{ __schema { queryType { name } } }",
        '{ hello __type(name: "Case") { name } }',
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ... { x: __schema { types { name } } } }",
    ],
)
async def test_the_schema_is_shown_to_whom_the_policy_names(may: bool, status: int, query: str) -> None:
    app = Slow()
    app.gate.set()
    sent = Sent(Guard(app, may_see_schema=lambda _: may), who(), None, asked(query))
    await sent.task
    assert sent.status == status
    if not may:
        assert sent.code() == "SCHEMA_NOT_SHOWN"


async def test_what_a_page_asks_by_itself_is_not_a_question_about_the_schema() -> None:
    app = Slow()
    app.gate.set()
    sent = Sent(Guard(app, may_see_schema=lambda _: False), who(), None, asked("{ __typename viewer { __typename } }"))
    await sent.task
    assert sent.status == 200
