"""The public schema: what can be asked, done and watched. Its SDL is committed; a breaking change is a decision."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from functools import cache, lru_cache
from typing import Any
from uuid import uuid4

import strawberry
from graphql import GraphQLError
from opentelemetry import trace
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from strawberry import Info
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from graphql_api.access_schema import AccessMutation
from graphql_api.compiled import CompiledExecutor
from graphql_api.configuration_schema import ConfigurationMutation
from graphql_api.context import Context, context_of
from graphql_api.cost import Costed
from graphql_api.documents import OnlyTrusted
from graphql_api.in_service import acting
from graphql_api.mutations import (
    add_child,
    add_person,
    add_setting,
    advance_clock,
    claim_excuse,
    complete_task,
    end_relation,
    move_child,
    open_case,
    record_decision,
    record_event,
    record_terms,
    serve_notice,
)
from graphql_api.pilots_schema import PilotsMutation
from graphql_api.places_schema import PlacesMutation
from graphql_api.queries.cases import CaseConnection, case_by, page_of
from graphql_api.queries.root import Query
from graphql_api.scalars import SCALARS
from graphql_api.sign_ins_schema import SignInsMutation
from graphql_api.standards_schema import StandardsMutation
from graphql_api.subscriptions import changes
from graphql_api.types.case import Case, case_key
from graphql_api.types.registered import (
    AddChildResult,
    AddPersonResult,
    AddSettingResult,
    EndRelationResult,
    MoveChildResult,
    RecordTermsResult,
)
from graphql_api.types.results import CaseResult, ClockResult
from graphql_api.webhooks_schema import WebhooksMutation

log = logging.getLogger("waymark.graphql_api")
tracer = trace.get_tracer("waymark.graphql_api")


@acting
@strawberry.type(description="What can be done. One mutation a request; every input has a key that makes a repetition harmless.")
class Mutation(WebhooksMutation, SignInsMutation, AccessMutation, StandardsMutation, PlacesMutation, PilotsMutation, ConfigurationMutation):
    @strawberry.mutation(description="Open a case: received first, with a receipt, even while the engine is away.")
    async def open_case(self, info: Info, input: open_case.OpenCaseInput) -> CaseResult:  # noqa: A002 - the contract's name
        return await open_case.open_case(context_of(info), input)

    @strawberry.mutation(description="Something that happened: name, facts and the day it happened.")
    async def record_event(self, info: Info, input: record_event.RecordEventInput) -> CaseResult:  # noqa: A002
        return await record_event.record_event(context_of(info), input)

    @strawberry.mutation(description="A task, or one of several alike: one adviser's advice, one setting's answer.")
    async def complete_task(self, info: Info, input: complete_task.CompleteTaskInput) -> CaseResult:  # noqa: A002
        return await complete_task.complete_task(context_of(info), input)

    @strawberry.mutation(description="A decision, its outcome and what it must record.")
    async def record_decision(self, info: Info, input: record_decision.RecordDecisionInput) -> CaseResult:  # noqa: A002
        return await record_decision.record_decision(context_of(info), input)

    @strawberry.mutation(description="Confirm that a notice was served, how and when: this is what the law counts.")
    async def serve_notice(self, info: Info, input: serve_notice.ServeNoticeInput) -> CaseResult:  # noqa: A002
        return await serve_notice.serve_notice(context_of(info), input)

    @strawberry.mutation(description="A statutory ground with its dates and evidence: disapplies, never extends.")
    async def claim_excuse(self, info: Info, input: claim_excuse.ClaimExcuseInput) -> CaseResult:  # noqa: A002
        return await claim_excuse.claim_excuse(context_of(info), input)

    @strawberry.mutation(description="Training councils only: let simulated time pass.")
    async def advance_clock(self, info: Info, input: advance_clock.AdvanceClockInput) -> ClockResult:  # noqa: A002
        return await advance_clock.advance_clock(context_of(info), input)

    @strawberry.mutation(description="Record a child or young person: the council any, a school for its own roll.")
    async def add_child(self, info: Info, input: add_child.AddChildInput) -> AddChildResult:  # noqa: A002
        return await add_child.add_child(context_of(info), input)

    @strawberry.mutation(description="Record a school, college or other place of education.")
    async def add_setting(self, info: Info, input: add_setting.AddSettingInput) -> AddSettingResult:  # noqa: A002
        return await add_setting.add_setting(context_of(info), input)

    @strawberry.mutation(description="Record somebody who signs in, and how they stand to children and settings.")
    async def add_person(self, info: Info, input: add_person.AddPersonInput) -> AddPersonResult:  # noqa: A002
        return await add_person.add_person(context_of(info), input)

    @strawberry.mutation(description="End how somebody stands to a child or a setting; what it gave is gone from the day after.")
    async def end_relation(self, info: Info, input: end_relation.EndRelationInput) -> EndRelationResult:  # noqa: A002
        return await end_relation.end_relation(context_of(info), input)

    @strawberry.mutation(description="Put a child on the roll of another setting, or of none.")
    async def move_child(self, info: Info, input: move_child.MoveChildInput) -> MoveChildResult:  # noqa: A002
        return await move_child.move_child(context_of(info), input)

    @strawberry.mutation(description="Record when a school or college is open: limits in school days are counted on it.")
    async def record_terms(self, info: Info, input: record_terms.RecordTermsInput) -> RecordTermsResult:  # noqa: A002
        return await record_terms.record(context_of(info), input)


@strawberry.type(
    description="What can be watched. Only that something changed travels; the answer is read anew, as this caller may see it."
)
class Subscription:
    @strawberry.subscription(description="A case, each time it changes.")
    async def case_changed(self, info: Info, id: strawberry.ID) -> AsyncIterator[Case]:  # noqa: A002
        key = case_key(id)
        async for change in changes(context_of(info), str(key) if key else ""):
            found = await case_by(change.context, id)
            if found is None:
                return
            if change.moved:
                yield found

    @strawberry.subscription(description="The caller's worklist, each time a case of the council changes, or what they may see.")
    async def worklist_changed(self, info: Info) -> AsyncIterator[CaseConnection]:
        async for change in changes(context_of(info)):
            if change.moved or change.access:
                yield await page_of(change.context, 50, None, only_open=True)


class Traced(SchemaExtension):
    """One span an operation, named by its type: the name that a client gives it could be anything."""

    def on_operation(self) -> Any:
        with tracer.start_as_current_span("graphql", kind=trace.SpanKind.SERVER) as span:
            yield
            context = self.execution_context.context
            kind = self.execution_context.operation_type.value.lower() if self.execution_context.graphql_document else "unknown"
            span.update_name(kind)
            span.set_attribute("graphql.operation.type", kind)
            if isinstance(context, Context) and context.caller:
                span.set_attribute("waymark.tenant", context.caller.tenant)
                if context.case_id:
                    span.set_attribute("waymark.case.id", context.case_id)


class Masked(SchemaExtension):
    """What nobody expected is logged by its type and an id, and the caller gets the id: never a text of the database's."""

    def on_operation(self) -> Any:
        yield
        result = self.execution_context.result
        if result is not None and result.errors:
            result.errors = [_mask(error) for error in result.errors]


class Ended(SchemaExtension):
    """The request's transaction ends with its operation."""

    async def on_operation(self) -> Any:
        try:
            yield
        finally:
            context = self.execution_context.context
            if isinstance(context, Context):
                await context.close()


LONGEST_MESSAGE = 500  # graphql-core repeats the whole of a variable that does not fit, and that may be a file
_GUESS = re.compile(r" Did you mean [^?]*\?")  # the setting of Strawberry hides the guesses at fields alone


AWAY = "UNAVAILABLE"


def _mask(error: GraphQLError) -> GraphQLError:
    original = error.original_error
    if original is None or isinstance(original, GraphQLError):
        extensions = {"code": "BAD_REQUEST", **(error.extensions or {})}
        return GraphQLError(
            _GUESS.sub("", error.message)[:LONGEST_MESSAGE], error.nodes, error.source, error.positions, error.path, None, extensions
        )
    if isinstance(original, OperationalError | InterfaceError | PoolTimeout | OSError):
        log.warning("the database is away", extra={"error": type(original).__name__})
        said = "The records cannot be reached now. Nothing is lost: send it again shortly, with the same key."
        return GraphQLError(said, path=error.path, extensions={"code": AWAY})
    error_id = uuid4().hex
    log.error("unexpected", extra={"error": type(original).__name__, "error_id": error_id})
    said = "Something went wrong on our side. Nothing is lost: send it again with the same key, or tell us this id."
    return GraphQLError(said, path=error.path, extensions={"code": "INTERNAL", "id": error_id})


class WaymarkSchema(strawberry.Schema):
    """Strawberry logs errors with the query's text, which can hold personal data: ours are logged by `Masked`."""

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        return


@lru_cache(maxsize=8)
def schema(introspection: bool = True, compiled: bool = True, only_trusted: bool = False) -> WaymarkSchema:
    """The schema, built once. `compiled` executes what is asked again and again in compiled code; the answers are the same.

    With `only_trusted` the documents of our own clients are answered and no others.
    """
    from strawberry.extensions import DisableIntrospection

    return WaymarkSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        execution_context_class=CompiledExecutor if compiled else None,
        config=StrawberryConfig(scalar_map=dict(SCALARS), disable_field_suggestions=True),
        # Classes, and rules that are always the same ones: a rule made anew for each request would be validated anew each time.
        extensions=[
            *(Traced, Ended, Masked, *([OnlyTrusted] if only_trusted else []), ParserCache, ValidationCache, Costed),
            *([] if introspection else [DisableIntrospection]),
        ],
    )


@cache
def sdl() -> str:
    """The schema in its definition language."""
    return schema().as_str() + "\n"
