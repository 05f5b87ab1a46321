"""Somebody who watches a case and holds every step against the laws of the core, by means of their own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import msgspec

from statute.advance import advance
from statute.allowed import allowed
from statute.clocks import next_wake
from statute.days import Days
from statute.definition import FactType, Process, Sense
from statute.explain import explain
from statute.types import Clock, Event, Force, Kind, Refused, State, Status, Step
from tests.statute.lives import SECRET, wellformed

SECOND = timedelta(seconds=1)

PLANNED = frozenset({Sense.BEFORE, Sense.BY})  # these move with the plan that they are before


@dataclass
class Witness:
    """Plays events, and fails on the first broken law. `seen` counts what was accepted and refused."""

    process: Process
    days: Days
    state: State | None = None
    text: bytes = b"null"  # the state as it is stored
    accepted: list[Event] = field(default_factory=list)
    effects: list[tuple[str, str, str]] = field(default_factory=list)
    drafts: list[date] = field(default_factory=list)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    largest: int = 0
    often: int = 1  # how often the costly laws are looked at
    own_laws_only: bool = False  # those of the core; not those that only a proven definition keeps

    def play(self, event: Event) -> Step | None:
        """What an event does, None if it is refused; any other exception is a broken law."""
        state, before = self.state, self.text
        try:
            step = advance(self.process, state, event, self.days)
        except Refused as refused:
            self._refused(refused, event)
            assert msgspec.json.encode(state) == before, "a refusal changes nothing"
            return None
        assert msgspec.json.encode(state) == before, "a state is never changed in place"
        if step.replayed:
            assert step.state == state, "a replay changes nothing"
            assert step.effects == (), "a replay tells nothing"
            self.seen["replayed", event.kind.value] += 1
            return step
        self._stepped(event, state, step)
        self.state = step.state
        self.accepted.append(event)
        self.effects += [(effect.kind, effect.name, effect.item) for effect in step.effects]
        self.seen["accepted", f"{event.name}/{event.outcome}" if event.kind is Kind.EXCUSED else event.name] += 1
        again = advance(self.process, step.state, event, self.days)
        assert again.replayed, "the same key twice is one event"
        assert again.state is step.state, "the same key twice is one event"
        assert not again.effects, "the same key twice is one event"
        return step

    def _refused(self, refused: Refused, event: Event) -> None:
        self.seen["refused", f"{event.name}/{event.outcome}" if event.kind is Kind.EXCUSED else event.name] += 1
        assert refused.say.strip(), "a refusal says why"
        assert SECRET not in f"{refused.say}{refused.faults}", "what people write stays with them"
        for fault in refused.faults:
            assert all(part.strip() for part in (fault.path, fault.what, fault.why, fault.do)), fault

    def _stepped(self, event: Event, before: State | None, step: Step) -> None:
        after = step.state
        assert after.seq == (before.seq if before else 0) + 1, "one event, one number"
        assert after.keys[event.key] == after.seq
        text = self.text = msgspec.json.encode(after)
        self.largest = max(self.largest, len(text))
        self.seen["stage", after.stage] += 1
        assert SECRET.encode() not in text, "free text never enters the state"
        assert msgspec.json.decode(text, type=State) == after, "a state survives its storage"
        if before is None or after.facts != before.facts:
            for name, value in after.facts.items():
                dated = name in self.process.days or self.process.facts[name].type in (FactType.DATE, FactType.PLANNED_DATE)
                assert not dated or date.fromisoformat(str(value)).isoformat() == value, f"{name} is kept as {value}"
        for name, clock in after.clocks.items():
            self._clock(name, before.clocks.get(name) if before else None, clock, after.happened.get(event.name))
        if before is not None:
            assert set(before.clocks) <= set(after.clocks), "a clock never disappears"
            assert before.happened.keys() <= after.happened.keys(), "what happened, happened"
        if after.seq % self.often == 0:
            self._wake(after)
        if self.own_laws_only:
            return
        if self.process.stages[after.stage].ends:
            owed = [name for name, clock in after.clocks.items() if clock.status is Status.RUNNING and self._binds(name)]
            assert not owed, f"after the ending {after.stage} the case still owes {owed}"
        self._fifteen_days(event, after)

    def _binds(self, clock: str) -> bool:
        return self.process.deadlines[clock.partition("/")[0]].force is Force.MUST

    def _clock(self, name: str, before: Clock | None, after: Clock, day: date | None) -> None:
        sense = self.process.deadlines[name.partition("/")[0]].sense
        if before is not None:
            later = (after.due or date.min) >= (before.due or date.min)
            lawful = sense in PLANNED or (later if sense in (Sense.AT_LEAST, Sense.LATEST_OF) else after.due == before.due)
            assert lawful, f"the date of {name} moved from {before.due} to {after.due}"
            kept = {Status.MET_LATE, Status.STOPPED, Status.DISAPPLIED} | ({Status.MET} if sense is not Sense.AT_LEAST else set())
            if sense in PLANNED and after.due != before.due:
                kept = {Status.STOPPED}  # another plan, another duty; what became of the first stays in the journal
            assert before.status not in kept or after.status is before.status, f"{name} was {before.status} and is {after.status}"
            if after.status is Status.STOPPED and before.status is not Status.STOPPED and after.due is not None:
                # by dates, not by when somebody looked: a duty that fell away after its last day had passed by then
                assert day is not None, f"{name} stopped by itself"
                assert day <= after.due, f"{name} was due {after.due}, and falling away on {day} hides that it had passed"
            assert after.warned >= before.warned or after.since != before.since
        if sense is not Sense.AT_LEAST and after.due is not None and after.met_on is not None and after.status is not Status.DISAPPLIED:
            in_time = after.met_on <= after.due
            assert after.status is (Status.MET if in_time else Status.MET_LATE), (
                f"{name}: done {after.met_on}, due {after.due}, {after.status}"
            )
        if after.status in (Status.MET, Status.MET_LATE):
            assert after.met_on is not None, "what was met was met on a day"

    def _wake(self, state: State) -> None:
        """Nobody sleeps while a clock runs, nobody wakes for nothing, and nobody wakes at one instant for ever."""
        instant = next_wake(self.process, state)
        dated = [name for name, clock in state.clocks.items() if clock.status is Status.RUNNING and clock.due is not None]
        assert (instant is None) == (not dated), f"{instant} although {dated} run"
        if instant is None:
            return
        assert self._look(state, instant - SECOND, "wake-early").state is state or self.is_late(state, instant), (
            "it would have been due earlier"
        )
        looked = self._look(state, instant, "wake")
        assert not looked.replayed, "it woke for nothing"
        twice = self._look(looked.state, instant, "wake-again")
        assert twice.state is looked.state, "time passing twice at one instant is once"
        assert not twice.effects, "time passing twice at one instant is once"
        following = next_wake(self.process, looked.state)
        assert following is None or following > instant, "it would wake for ever"

    @staticmethod
    def is_late(state: State, instant: datetime) -> bool:
        """Whether clocks are behind: an event came before the time that had passed was looked at."""
        return any(clock.due is not None and clock.due < instant.date() for clock in state.clocks.values())

    def _look(self, state: State, at: datetime, key: str) -> Step:
        event = Event(kind=Kind.TIME_PASSED, name="time_passed", on=at.date(), at=at, key=key, capacity="engine")
        return advance(self.process, state, event, self.days)

    def _fifteen_days(self, event: Event, after: State) -> None:
        """No final plan before the family had the draft for fifteen whole days, the day of service the first of them."""
        if event.name == "draft_plan":
            arrived = event.on
            left = 2 if event.how == "first_class_post" else 0
            while left:
                arrived += timedelta(days=1)
                left -= arrived.weekday() < 5 and arrived not in self.days.holidays
            self.drafts.append(arrived)
        if after.stage == "issued" and event.kind is not Kind.EXCUSED:
            assert self.drafts, "a final plan without a draft"
            given = (event.on - max(self.drafts)).days
            assert given >= 15, f"the family was given {given} days"

    def offers_what_it_accepts(self, today: date) -> int:
        """Everything offered today is accepted today. How many offers there were."""
        if self.state is None:
            return 0
        everybody = {name for act in self.process.acts.values() for name in act.by}
        offers = 0
        for action in allowed(self.process, self.state, everybody, today, self.days):
            if action.kind is Kind.EXCUSED:
                continue
            for outcome in [outcome.name for outcome in action.outcomes] or [""]:
                item = action.item or ("setting_new" if self.process.acts[action.name].each else "")
                event = wellformed(self.process, self.process.acts[action.name], today, item, outcome, action.capacity)
                try:
                    advance(self.process, self.state, event, self.days)
                except Refused as refused:
                    raise AssertionError(f"{action.name} {item} {outcome} is offered and refused: {refused.say}") from None
                offers += 1
        return offers

    def was_offered(self, event: Event, before: State) -> bool:
        """Whether an event that was accepted on its own day had been offered to whoever sent it."""
        today = event.at.date()
        if event.kind in (Kind.TIME_PASSED, Kind.OPENED) or event.on != today:
            return True
        wanted = (event.name, event.item)
        return any(
            (action.name, action.item) in (wanted, (event.name, ""))
            and (event.kind is Kind.EXCUSED or not action.outcomes or event.outcome in [outcome.name for outcome in action.outcomes])
            for action in allowed(self.process, before, {event.capacity}, today, self.days)
        )

    def ends(self) -> None:
        """What must hold of a whole life."""
        state: State | None = None
        effects: list[tuple[str, str, str]] = []
        for event in self.accepted:
            step = advance(self.process, state, event, self.days)
            state = step.state
            effects += [(effect.kind, effect.name, effect.item) for effect in step.effects]
        assert state == self.state, "folding the recorded events gives the stored state"
        assert effects == self.effects, "folding the recorded events tells the same"
        if state is not None:
            for name, clock in state.clocks.items():
                receipt = explain(self.process, state, name, self.days)
                assert receipt.citations or not self._binds(name), f"{name} is explained without its law"
                assert clock.due is None or clock.due in [line.date for line in receipt.steps], (
                    f"the receipt of {name} does not lead to {clock.due}"
                )
                assert clock.since in [line.date for line in receipt.steps], f"the receipt of {name} does not begin on {clock.since}"
