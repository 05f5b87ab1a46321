"""The laws of the core, on lives that nobody would lead: `advance` is total, a refusal changes nothing, and the rest of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from random import Random
from time import process_time

import pytest
from hypothesis import event as note
from hypothesis import given, settings, target
from hypothesis import strategies as st

from statute.days import Days
from statute.definition import Process
from statute.types import Event, Kind
from tests.statute.lives import SPOILS, Life, Wish
from tests.statute.witness import Witness
from workflows import library

AFTERLIFE = 3  # events that a case is still sent once it has ended
DAYS = st.one_of(st.integers(0, 3), st.integers(0, 40), st.sampled_from([0, 14, 15, 42, 112, 140, 400]))
WISHES = st.builds(Wish, DAYS, st.integers(0, 2**32 - 1), st.one_of(st.just(""), st.just(""), st.sampled_from(SPOILS)))


@pytest.fixture(scope="module", params=sorted(library.files()), ids=lambda file: f"{file[0]} v{file[1]}")
def process(request: pytest.FixtureRequest) -> Process:
    return library.get(*request.param)


@pytest.fixture(scope="module")
def days() -> Days:
    return library.england()


# Each is a whole life, of every process, and the volume test leads hundreds.
FEWER = settings(max_examples=max(4, settings.default.max_examples * 2 // (1 + len(library.files()))))
MOST = 40_000  # events of one process


def live(life: Life, witness: Witness, wishes: list[Wish], often: int = 1) -> None:
    """One life, from the first wish to the last, or to a little after the case has ended. The costly laws every so `often`."""
    over = 0
    for number, wish in enumerate(wishes):
        before = witness.state
        event = life.event(wish)
        step = witness.play(event)
        life.state = witness.state
        if step is not None and not step.replayed:
            life.keys.append(event.key)
            if before is not None and not wish.spoil and number % often == 0:
                assert witness.was_offered(event, before), (
                    f"{event.name} {event.item} {event.outcome} was accepted and had not been offered"
                )
        if number % (8 * often) == 0:
            witness.offers_what_it_accepts(life.today)
        if witness.state is not None and witness.process.stages[witness.state.stage].ends:
            over += 1
        if over > AFTERLIFE:
            break
    witness.ends()


@FEWER
@given(st.lists(WISHES, min_size=1, max_size=40))
def test_every_life_keeps_the_laws(process: Process, days: Days, wishes: list[Wish]) -> None:
    life, witness = Life(process), Witness(process, days)
    live(life, witness, wishes, often=2)
    note(f"ended {witness.state.stage if witness.state else 'unopened'}")
    target(float(len(witness.accepted)), label="events of a life")


@pytest.mark.thorough
@FEWER
@given(st.lists(WISHES, min_size=5, max_size=40))
def test_how_often_time_is_looked_at_changes_no_clock(process: Process, days: Days, wishes: list[Wish]) -> None:
    """Two cases live the same life; one of them is looked at every day. At the end, after a look, their clocks are the same."""
    often, seldom = Witness(process, days), Witness(process, days)
    life = Life(process)
    for wish in wishes:
        event = life.event(wish)
        if event.kind is Kind.TIME_PASSED:
            continue
        if often.state is not None:
            _look(often, datetime.combine(life.today, datetime.min.time(), UTC), f"look-{life.number}")
        often.play(event)
        seldom.play(event)
        life.state = seldom.state
    for witness in (often, seldom):
        if witness.state is not None:
            _look(witness, datetime.combine(life.today, datetime.max.time(), UTC), "last-look")
    if often.state is not None and seldom.state is not None:
        assert _told(often) == _told(seldom)


def _look(witness: Witness, at: datetime, key: str) -> None:
    witness.play(Event(kind=Kind.TIME_PASSED, name="time_passed", on=at.date(), at=at, key=key, capacity="engine"))


def _told(witness: Witness) -> dict[str, object]:
    assert witness.state is not None
    return {name: (clock.due, clock.status, clock.met_on) for name, clock in witness.state.clocks.items()}


@pytest.mark.thorough
def test_thousands_of_events_do_everything_at_least_once_and_break_nothing(process: Process, days: Days) -> None:
    chance, seen, lengths, spans, played, largest = Random(20260106), Counter[tuple[str, str]](), [], [], 0, 0
    endings: Counter[str] = Counter()
    began = process_time()
    while played < 1_000 or (played < MOST and _missed(process, seen)):
        wanted = {name for name in process.acts if not seen["accepted", name]}
        life, witness = Life(process, lingers=chance.random() < 0.5, wanted=wanted), Witness(process, days, often=5)
        pace = chance.choice([2, 6, 30, 300])
        wishes = [
            Wish(chance.randrange(pace), chance.getrandbits(32), chance.choice(SPOILS) if chance.random() < 0.15 else "")
            for _ in range(chance.choice([20, 80, 200]))
        ]
        live(life, witness, wishes, often=5)
        played += life.number
        seen += witness.seen
        lengths.append(len(witness.accepted))
        largest = max(largest, witness.largest)
        if witness.accepted:
            spans.append((witness.accepted[-1].on - witness.accepted[0].on).days / 365)
        endings[witness.state.stage if witness.state else "unopened"] += 1
    took = process_time() - began
    lengths.sort()
    spans.sort()
    shares = [0, 50, 90, 99, 100]
    print(f"{played} events in {took:.1f} s of CPU, {len(lengths)} lives, largest state {largest} bytes, {dict(endings)}")  # noqa: T201
    print("events of a life:", {share: lengths[(len(lengths) - 1) * share // 100] for share in shares})  # noqa: T201
    print("years of a life:", {share: round(spans[(len(spans) - 1) * share // 100], 1) for share in shares})  # noqa: T201
    assert not _missed(process, seen)
    assert seen["accepted", "time_passed"] or not process.deadlines
    assert largest < 16_384, "the state of a case grew fat"


def _missed(process: Process, seen: Counter[tuple[str, str]]) -> set[str]:
    """What was never accepted or never refused so far, the grounds that excused nothing, and the stages where no case ever stood."""
    missed = {f"{condition} {name}" for condition in ("accepted", "refused") for name in process.acts if not seen[condition, name]}
    grounds = {ground for (condition, name) in seen if condition == "accepted" for _, _, ground in [name.partition("/")]}
    return missed | (set(process.grounds) - grounds) | {f"at {stage}" for stage in process.stages if not seen["stage", stage]}
