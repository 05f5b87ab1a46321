"""A desk at which one case is worked on, in one line per act: for tests that tell a short story and look at its end."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from statute.advance import advance
from statute.days import Days
from statute.definition import Process
from statute.types import Clock, Event, Kind, Refused, State, Step, Value

ADVISERS = ("education", "medical", "psychological", "social_care")


@dataclass
class Desk:
    """A case and what is done on it. Days are written as in a letter: 2026-01-06."""

    process: Process
    days: Days
    state: State | None = None
    number: int = 0

    def event(
        self,
        name: str,
        on: str,
        *,
        recorded: str = "",
        kind: Kind | None = None,
        capacity: str = "",
        item: str = "",
        outcome: str = "",
        how: str = "",
        key: str = "",
        facts: dict[str, Value] | None = None,
        terms: dict[str, tuple[str, ...]] | None = None,
    ) -> Event:
        """The event of an act: by whoever may do it first, recorded at noon."""
        self.number += 1
        act = self.process.acts.get(name)
        served = act is not None and act.kind is Kind.SERVED
        return Event(
            kind=kind or (act.kind if act else Kind.HAPPENED),
            name=name,
            on=date.fromisoformat(on),
            at=datetime.combine(date.fromisoformat(recorded or on), time(12), UTC),
            key=key or f"00000000-0000-4000-8000-{self.number:012d}",
            actor="somebody",
            capacity=capacity or (act.by[0] if act else "decision_maker"),
            item=item,
            outcome=outcome,
            how=how or (next(iter(self.process.service)) if served else ""),
            facts=facts or {},
            terms=terms or {},
        )

    def play(self, event: Event) -> Step:
        step = advance(self.process, self.state, event, self.days)
        self.state = step.state
        return step

    def do(
        self,
        name: str,
        on: str,
        *,
        recorded: str = "",
        capacity: str = "",
        item: str = "",
        outcome: str = "",
        how: str = "",
        key: str = "",
        **facts: Value,
    ) -> Step:
        """Do it; `Refused` comes through."""
        return self.play(
            self.event(name, on, recorded=recorded, capacity=capacity, item=item, outcome=outcome, how=how, key=key, facts=facts)
        )

    def excuse(self, name: str, ground: str, on: str, *, item: str = "", capacity: str = "decision_maker", **facts: Value) -> Step:
        given: dict[str, Value] = {"impractical_because": "Nobody could be seen", "evidence": "A letter", **facts}
        return self.play(self.event(name, on, kind=Kind.EXCUSED, capacity=capacity, item=item, outcome=ground, facts=given))

    def look(self, on: str) -> Step:
        return self.play(self.event("time_passed", on, kind=Kind.TIME_PASSED, capacity="engine"))

    def refused(self, event: Event) -> Refused:
        """What the case answers to an event that it must refuse, unchanged."""
        before = self.state
        try:
            self.play(event)
        except Refused as refused:
            assert self.state is before
            return refused
        raise AssertionError(f"{event.name} was accepted")

    def clock(self, key: str) -> Clock:
        assert self.state is not None
        return self.state.clocks[key]

    # The twenty weeks, told as far as a test needs them. Received on 6 January 2026: 17 February, 28 April, 26 May.

    def opened(self, received: str = "2026-01-06") -> Desk:
        self.do("request_received", received, received_on=received, requested_by="parent")
        return self

    def agreed(self) -> Desk:
        self.opened()
        self.do("consult_family", "2026-01-08")
        self.do("whether_to_assess", "2026-02-16", outcome="will_assess")
        self.do("assessment_agreed", "2026-02-17", how="email")
        return self

    def asked(self) -> Desk:
        self.agreed()
        for item in ADVISERS:
            self.do("advice_requested", "2026-02-17", item=item)
        return self

    def drafted(self) -> Desk:
        self.asked()
        self.do("whether_to_issue", "2026-04-10", outcome="will_issue")
        self.do("draft_plan", "2026-04-14")
        return self

    def named(self) -> Desk:
        self.drafted()
        self.do("setting_consulted", "2026-04-16", item="hill_school")
        self.do("what_to_name", "2026-04-29", outcome="name_requested")
        return self
