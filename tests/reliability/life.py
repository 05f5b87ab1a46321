"""One whole EHC plan case, from request to final plan, as moves on days: for histories, for leaks, and for the benchmarks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from statute.advance import advance
from statute.clocks import next_wake
from statute.days import Days, civil
from statute.definition import Process
from statute.types import Event, Kind, State, Value
from workflows import ports
from workflows.engine import Engine

SETTING = "the setting"  # stands for a setting's id until a life is lived
ADVISERS = ("education", "medical", "psychological", "social_care")


@dataclass(frozen=True)
class Move:
    """What is done on the nth day of the case."""

    day: int
    name: str
    item: str = ""
    outcome: str = ""
    how: str = ""
    facts: Mapping[str, Value] = field(default_factory=dict)


def moves(*, views: str = "Synthetic views.", reasons: str = "Synthetic reasons.") -> list[Move]:
    """Lawful in every step, and late in one: social care answers after its six weeks."""
    return [
        Move(0, "request_received"),
        Move(2, "consult_family"),
        Move(2, "notify_partners"),
        Move(2, "considering_notice", how="email"),
        Move(41, "whether_to_assess", outcome="will_assess"),
        Move(41, "assessment_agreed", how="email"),
        *(Move(42, "advice_requested", adviser) for adviser in ADVISERS),
        *(Move(day, "advice", adviser) for day, adviser in zip((70, 72, 73, 90), ADVISERS, strict=True)),
        Move(94, "whether_to_issue", outcome="will_issue"),
        Move(95, "draft_plan", how="by_hand"),
        Move(96, "representations_made", facts={"views": views}),
        Move(97, "setting_requested", SETTING),
        Move(98, "setting_consulted", SETTING),
        Move(105, "setting_answer", SETTING, facts={"answer": "can_meet_needs"}),
        Move(115, "what_to_name", outcome="name_other", facts={"reasons": reasons}),
        Move(116, "final_plan", how="portal"),
    ]


def event_of(process: Process, move: Move, began: datetime, key: str, setting: str = SETTING, actor: str = "") -> Event:
    """A move as the core hears of it, in a case that began at an instant."""
    at = began + timedelta(days=move.day)
    act = process.acts[move.name]
    item = setting if move.item == SETTING else move.item
    facts = {"received_on": civil(at).isoformat(), "requested_by": "parent"} if act.kind is Kind.OPENED else move.facts
    return Event(
        act.kind, move.name, civil(at), at, key, actor, act.by[0] if act.by else "decision_maker", item, "", move.outcome, move.how, facts
    )


def events(process: Process, days: Days, began: datetime, setting: str = SETTING, *, actor: str = "", upto: int = 10**6) -> Iterator[Event]:
    """The life as the core plays it, to the end or up to a day, with the looks at the clock in between."""
    state: State | None = None
    for number, move in enumerate(each for each in moves() if each.day <= upto):
        at = began + timedelta(days=move.day)
        while state is not None and (wake := next_wake(process, state)) is not None and wake <= at:
            key = f"time:{civil(wake)}:{state.seq + 1}"
            look = Event(Kind.TIME_PASSED, "time_passed", civil(wake), wake, key, capacity="engine")
            yield look
            state = advance(process, state, look, days).state
        event = event_of(process, move, began, f"key-{number}", setting, actor)
        yield event
        state = advance(process, state, event, days).state


async def live(engine: Engine, process: Process, file: ports.CaseFile, began: datetime, life: list[Move], setting: str) -> int:
    """Live a life through the durable shell, with the case's clock moved from day to day; the sequence at its end."""
    opening = ports.Act(event_of(process, life[0], began, "open", setting, file.child_id), "00")
    ack = await engine.open(ports.CaseInput(file, opening))
    day = 0
    for number, move in enumerate(life[1:], start=1):
        if move.day > day:
            day = move.day
            await engine.move_clock(file.tenant, file.case_id, ports.ClockMoved(int(timedelta(days=day).total_seconds())))
        event = event_of(process, move, began, f"key-{number}", setting, file.child_id)
        ack = await engine.act(file.tenant, file.case_id, ports.Act(event, "00"))
    return ack.seq
