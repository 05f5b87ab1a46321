"""The door to the durable shell: open a case, act on it, move its clock. Typed outcomes in place of Temporal's errors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import msgspec
from temporalio.client import Client, WithStartWorkflowOperation, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.common import (
    Priority,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from workflows import ports

IN_FLIGHT = 4  # updates at once on one case: Temporal clears the workflow's memory past 10
PATIENCE = timedelta(seconds=10)  # for an answer, all tries together
ONE_TRY = timedelta(seconds=4)
STRIPES = 512
PASSING = frozenset(
    {
        RPCStatusCode.ABORTED,
        RPCStatusCode.CANCELLED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
    }
)


class Refused(Exception):  # noqa: N818
    """The shell refused: the law, or the form, says no."""

    def __init__(self, refusal: ports.Refusal) -> None:
        super().__init__("refused")
        self.refusal = refusal


class Stale(Exception):  # noqa: N818
    """The case moved on since the version that the caller had seen."""


class Closed(Exception):  # noqa: N818
    """The case has ended, or is unknown to the engine."""


class Unavailable(Exception):  # noqa: N818
    """No answer in time: the act may or may not be recorded. Send it again with the same key."""


class Engine:
    """A client of the durable shell, for the API and for the hands."""

    def __init__(self, client: Client, *, task_queue: str = ports.TASK_QUEUE) -> None:
        self._client, self._task_queue = client, task_queue
        self._slots = tuple(asyncio.Semaphore(IN_FLIGHT) for _ in range(STRIPES))

    async def open(self, given: ports.CaseInput, *, bulk: bool = False) -> ports.Ack:
        """Start a case, once however often it is asked, and answer when its opening is in the journal.

        Raises:
            Refused, Unavailable.
        """
        file = given.file
        start: WithStartWorkflowOperation[Any, ports.Outcome] = WithStartWorkflowOperation(
            ports.CASE_WORKFLOW,
            given,
            id=ports.workflow_id(file.tenant, file.case_id),
            task_queue=self._task_queue,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            priority=Priority(priority_key=5 if bulk else 2, fairness_key=file.tenant),
            search_attributes=_attributes(file),
        )
        return await self._answer(
            lambda: self._client.execute_update_with_start_workflow(
                ports.OPEN, start_workflow_operation=start, id=f"open:{file.case_id}", result_type=ports.Ack, rpc_timeout=ONE_TRY
            )
        )

    async def take_up(self, given: ports.CaseInput) -> bool:
        """Let a case that stands in the journal go on from its state; no where a run of it is alive, which is left alone.

        Raises:
            Unavailable.
        """
        file = given.file
        try:
            await self._client.start_workflow(
                ports.CASE_WORKFLOW,
                given,
                id=ports.workflow_id(file.tenant, file.case_id),
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                priority=Priority(priority_key=5, fairness_key=file.tenant),
                search_attributes=_attributes(file),
            )
        except WorkflowAlreadyStartedError:
            return False
        except (RPCError, RuntimeError) as error:
            raise Unavailable from error
        return True

    async def end(self, tenant: str, case_id: str, why: str) -> bool:
        """End the run of a case, because the case goes on elsewhere; no where none is alive. Its journal stays as it is.

        Raises:
            Unavailable.
        """
        try:
            await self._client.get_workflow_handle(ports.workflow_id(tenant, case_id)).terminate(reason=why)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise Unavailable from error
        except RuntimeError as error:
            raise Unavailable from error
        return True

    async def running(self, tenant: str) -> list[str]:
        """The ids of the cases of a tenant whose runs are alive, as far as the server's index of them knows.

        Raises:
            Unavailable.
        """
        query = f"{ports.TENANT} = '{tenant}' and ExecutionStatus = 'Running'"
        try:
            return [found.id.partition(":")[2] async for found in self._client.list_workflows(query)]
        except (RPCError, RuntimeError) as error:
            raise Unavailable from error

    async def act(self, tenant: str, case_id: str, act: ports.Act) -> ports.Ack:
        """Record one act; the same key is the same act.

        Raises:
            Refused, Stale, Closed, Unavailable.
        """
        handle = self._client.get_workflow_handle(ports.workflow_id(tenant, case_id))
        async with self._slots[hash(case_id) % STRIPES]:
            return await self._answer(
                lambda: handle.execute_update(ports.ACT, act, id=act.event.key, result_type=ports.Ack, rpc_timeout=ONE_TRY)
            )

    async def move_clock(self, tenant: str, case_id: str, moved: ports.ClockMoved) -> None:
        """Let a case of a training tenant live up to its tenant's new now. A case that has ended has no clock to move."""
        handle = self._client.get_workflow_handle(ports.workflow_id(tenant, case_id))
        key = f"clock:{moved.offset_seconds}"
        try:
            await self._answer(lambda: handle.execute_update(ports.CLOCK_MOVED, moved, id=key, result_type=ports.Ack, rpc_timeout=ONE_TRY))
        except Closed:
            return

    async def _answer(self, ask: Callable[[], Awaitable[ports.Ack]]) -> ports.Ack:
        loop = asyncio.get_running_loop()
        give_up = loop.time() + PATIENCE.total_seconds()
        wait = 0.05
        while True:
            try:
                return await ask()
            except WorkflowUpdateFailedError as error:
                self._raise(error)
            except (WorkflowUpdateRPCTimeoutOrCancelledError, RPCError, RuntimeError) as error:
                # A client that never reached the server yet raises RuntimeError.
                status = error.status if isinstance(error, RPCError) else RPCStatusCode.UNAVAILABLE
                if status is RPCStatusCode.NOT_FOUND:
                    raise Closed from error
                if status not in PASSING:
                    raise Unavailable from error
            if loop.time() > give_up:
                raise Unavailable
            await asyncio.sleep(wait)
            wait = min(wait * 2, 1.0)

    @staticmethod
    def _raise(error: WorkflowUpdateFailedError) -> None:
        cause = error.cause
        kind = cause.type if isinstance(cause, ApplicationError) else None
        if kind == ports.REFUSED and isinstance(cause, ApplicationError):
            raise Refused(msgspec.convert(cause.details[0], ports.Refusal)) from error
        if kind == ports.CONFLICT:
            raise Stale from error
        if kind == ports.JOURNAL_UNAVAILABLE:
            raise Unavailable from error
        if kind is None:
            return  # the run closed or was continued with the update under way: ask again with the same id
        raise Unavailable from error


def _attributes(file: ports.CaseFile) -> TypedSearchAttributes:
    return TypedSearchAttributes(
        [
            SearchAttributePair(SearchAttributeKey.for_keyword(ports.TENANT), file.tenant),
            SearchAttributePair(SearchAttributeKey.for_keyword(ports.PROCESS_VERSION), f"{file.process}.v{file.version}"),
        ]
    )
