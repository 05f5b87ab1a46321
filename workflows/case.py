"""One durable workflow for every process: it holds a case, wakes at the next due instant, and survives anything.

The rules are `statute.advance`; this shell only makes them last. Each step is in the journal before the state changes, and a
journal that is ahead of history (a lost workflow task) is adopted: docs/decisions/0004-adopting-journal.md. Its commands are few and
uniform, one local activity a step and one timer, so that a change of the rules replays.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError, FailureError

with workflow.unsafe.imports_passed_through():
    from statute.advance import advance
    from statute.clocks import next_wake
    from statute.days import civil
    from statute.definition import Process
    from statute.types import Event, Kind, Refused, State, Step
    from workflows import library, ports

# Bounded by attempts, about 2.5 s inside one workflow task: `schedule_to_close_timeout` of a local activity that fails fast
# is not enforced, and an unbounded retry would hold up the worker's shutdown.
ATTEMPTS = RetryPolicy(
    initial_interval=timedelta(milliseconds=100),
    maximum_interval=timedelta(seconds=1),
    maximum_attempts=6,
    non_retryable_error_types=[ports.JOURNAL_GAP],
)
FIRST_BACK_OFF, LONGEST_BACK_OFF = timedelta(seconds=5), timedelta(minutes=15)


@workflow.defn(name=ports.CASE_WORKFLOW)  # PINNED is the default of a versioned worker
class StatutoryCase:
    """A case of any process."""

    @workflow.init
    def __init__(self, given: ports.CaseInput) -> None:
        self._file = given.file
        self._overlays = dict(given.overlays)  # they travel with the run, so that a replay needs nothing but its history
        library.learn(self._overlays)
        self._state: State | None = given.state
        self._offset = timedelta(seconds=given.offset_seconds)
        self._lock = asyncio.Lock()
        self._woken = False
        self._continue = False
        self._refused: Refused | None = None

    @workflow.run
    async def run(self, given: ports.CaseInput) -> ports.Outcome:
        """Live through one run: until the case ends, or until it continues as new (after each stage, and before limits)."""
        if self._state is None and given.opening is not None:
            self._refused = await self._patiently(given.opening)
        if self._refused is not None:
            await workflow.wait_condition(workflow.all_handlers_finished)
            return ports.Outcome(0, ports.REFUSED)
        timer: asyncio.Task[None] | None = None
        timer_at: datetime | None = None
        while not self._has_ended():
            self._woken = False
            wake = self._next_wake()
            if wake is not None and wake <= self._now():
                await self._let_time_pass(self._now())
                continue
            # A lazy timer: keep the one that runs unless the next instant is earlier; when it fires, look again.
            if timer is not None and (timer.done() or (wake is not None and timer_at is not None and wake < timer_at)):
                timer.cancel()
                timer = None
            if timer is None and wake is not None:
                timer_at, timer = wake, asyncio.create_task(workflow.sleep(wake - self._now(), summary="next look"))
            await workflow.wait_condition(lambda t=timer: self._woken or (t is not None and t.done()) or self._must_continue(given))  # type: ignore[misc]
            if self._must_continue(given) and not self._has_ended():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(
                    replace(
                        given, opening=None, state=self._state, offset_seconds=int(self._offset.total_seconds()), overlays=self._pinned()
                    ),
                    initial_versioning_behavior=workflow.ContinueAsNewVersioningBehavior.AUTO_UPGRADE,
                )
        await workflow.wait_condition(workflow.all_handlers_finished)
        state = self._known()
        return ports.Outcome(state.seq, state.stage)

    # -- messages -----------------------------------------------------------------------------------------------------

    @workflow.update(name=ports.ACT)
    async def act(self, act: ports.Act) -> ports.Ack:
        """Record one act. Fails with a typed refusal or conflict, or with `JournalUnavailable` (nothing happened: send it again)."""
        await workflow.wait_condition(lambda: self._state is not None)
        self._overlays.update(act.overlays)
        try:
            return await self._apply(act)
        except Refused as refused:
            raise _refusal(refused) from None

    @act.validator
    def _validate(self, act: ports.Act) -> None:
        # `advance` with its result thrown away: a refusal here costs no history at all.
        if self._state is None or act.event.key in self._state.keys:
            return
        self._check_version(act)
        library.learn(act.overlays)
        try:
            self._play(act.event)
        except Refused as refused:
            raise _refusal(refused) from None

    @workflow.update(name=ports.OPEN)
    async def open(self) -> ports.Ack:
        """Answer once the opening stands in the journal: what update-with-start waits for."""
        await workflow.wait_condition(lambda: self._state is not None or self._refused is not None)
        if self._refused is not None:
            raise _refusal(self._refused)
        return ports.Ack(self._known().seq)

    @workflow.update(name=ports.CLOCK_MOVED)
    async def clock_moved(self, moved: ports.ClockMoved) -> ports.Ack:
        """Training tenants: live through every due instant up to the tenant's new now, in order."""
        await workflow.wait_condition(lambda: self._state is not None)
        self._offset = max(self._offset, timedelta(seconds=moved.offset_seconds))
        while not self._has_ended() and (wake := self._next_wake()) is not None and wake <= self._now():
            await self._let_time_pass(wake)
        self._woken = True
        return ports.Ack(self._known().seq)

    @workflow.signal(name=ports.NUDGE)
    def nudge(self) -> None:
        """Wake up, for a new worker version or a repaired journal."""
        self._woken = self._continue = True

    @workflow.query(name="state")
    def state(self) -> State | None:
        """For debugging only: reads come from Postgres."""
        return self._state

    # -- the one path for every event ----------------------------------------------------------------------------------

    async def _apply(self, act: ports.Act) -> ports.Ack:
        async with self._lock:
            while True:
                step = self._play(act.event)
                if step.replayed:
                    return ports.Ack(step.state.seq, replayed=True)
                self._check_version(act)
                ahead = await self._record(act, step)
                if not ahead:
                    self._take(step)
                    return ports.Ack(step.state.seq)
                for row in ahead:
                    if row.event.key == act.event.key and row.seq <= self._seq():
                        return ports.Ack(row.seq, replayed=True)  # known to the journal, forgotten by the state
                    if row.seq == self._seq() + 1:
                        self._take(self._play(row.event))

    async def _record(self, act: ports.Act, step: Step) -> list[ports.Recorded]:
        recording = ports.Recording(self._file, act.event, act.fingerprint, step.state, step.effects)
        try:
            ahead: list[ports.Recorded] = await workflow.execute_local_activity(
                ports.RECORD_STEP,
                recording,
                result_type=list[ports.Recorded],
                start_to_close_timeout=timedelta(seconds=3),
                retry_policy=ATTEMPTS,
            )
        except FailureError as error:  # a failed local activity raises ApplicationError, not ActivityError
            raise ApplicationError("the journal cannot be written", type=ports.JOURNAL_UNAVAILABLE, non_retryable=True) from error
        return ahead

    def _take(self, step: Step) -> None:
        self._continue |= self._state is not None and self._state.stage != step.state.stage
        self._state = step.state
        self._woken = True

    async def _let_time_pass(self, at: datetime) -> None:
        # The sequence makes the key new where one day is looked at twice, and the same where a lost task comes again.
        key = f"time:{civil(at)}:{self._seq() + 1}"
        await self._patiently(ports.Act(Event(Kind.TIME_PASSED, "time_passed", civil(at), at, key, capacity="engine")))

    async def _patiently(self, act: ports.Act) -> Refused | None:
        """For events that nobody waits for: back off durably while the journal is down; never fail the run.

        The refusal, if it is not (or no longer) lawful: somebody acted while we waited.
        """
        wait = FIRST_BACK_OFF
        while True:
            try:
                await self._apply(act)
                return None
            except FailureError:
                await workflow.sleep(wait, summary="journal unavailable")
                wait = min(wait * 3, LONGEST_BACK_OFF)
            except Refused as refused:
                return refused

    # -- what is known -------------------------------------------------------------------------------------------------

    def _check_version(self, act: ports.Act) -> None:
        if act.expected_version is not None and act.expected_version != self._seq():
            raise ApplicationError("the case moved on", self._seq(), type=ports.CONFLICT, non_retryable=True)

    def _must_continue(self, given: ports.CaseInput) -> bool:
        info = workflow.info()
        return (
            self._continue
            or info.is_continue_as_new_suggested()
            or info.get_current_history_length() > given.events_a_run
            or info.is_target_worker_deployment_version_changed()
        )

    def _play(self, event: Event) -> Step:
        opened = self._state
        rules = (
            library.under(self._file.process, self._file.version, (), event.rules) if opened is None else library.rules_for(opened, event)
        )
        return advance(rules, opened, event, library.england())

    def _process(self) -> Process:
        return library.of(self._known())

    def _pinned(self) -> dict[str, Any]:
        """The overlays that the case is still under."""
        return {digest: document for digest, document in self._overlays.items() if digest in self._known().rules}

    def _now(self) -> datetime:
        return workflow.now() + self._offset

    def _next_wake(self) -> datetime | None:
        return next_wake(self._process(), self._state) if self._state is not None else None

    def _has_ended(self) -> bool:
        return self._state is not None and self._process().stages[self._state.stage].ends

    def _seq(self) -> int:
        return self._state.seq if self._state is not None else 0

    def _known(self) -> State:
        if self._state is None:
            raise ApplicationError("the case is not open", type=ports.CONFLICT, non_retryable=True)
        return self._state


def _refusal(refused: Refused) -> ApplicationError:
    """A refusal as a failure that wedges nothing. Its words are in the details, which are encrypted; the message says no more."""
    details = ports.Refusal(refused.say, refused.citations, refused.faults)
    return ApplicationError("refused", details, type=ports.REFUSED, non_retryable=True)
