"""Traces, logs and their link: OpenTelemetry by its standard variables, off without them; structured logs with trace ids.

One trace a request: API, update, activity, SQL. What a case does by itself, weeks later, is a trace of its own with a link to the case's
opening. Attributes are an allow-list: no personal data can leave by a span.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping
from typing import Any

import structlog
from opentelemetry import trace
from opentelemetry.context import Context, attach
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from sqlalchemy import Connection, Engine, event
from temporalio import workflow
from temporalio.contrib.opentelemetry import OpenTelemetryPlugin, create_tracer_provider
from temporalio.plugin import SimplePlugin
from temporalio.worker import (
    ExecuteWorkflowInput,
    Interceptor,
    StartLocalActivityInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)

from statute.types import Kind

RUN = "RunWorkflow:"  # the span of a whole run of a case

# What a span may say. Everything else is dropped before it is exported: a new attribute is a decision, not an accident.
ALLOWED = frozenset(
    {
        "db.operation.name",
        "db.system.name",
        "error.type",
        "feature_flag.context.id",
        "feature_flag.key",
        "feature_flag.provider.name",
        "feature_flag.result.reason",
        "feature_flag.result.variant",
        "graphql.operation.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "temporalActivityID",
        "temporalRunID",
        "temporalUpdateID",
        "temporalWorkflowID",
        "waymark.case.id",
        "waymark.journal.seq",
        "waymark.process",
        "waymark.stage",
        "waymark.tenant",
    }
)

EVENTS = frozenset({"feature_flag.evaluation"})  # told by store.evaluated; every other event may quote data


class AllowListed(SpanProcessor):
    """Passes spans on without what is not allowed: attributes, and the texts of exceptions."""

    def __init__(self, onward: SpanProcessor) -> None:
        self._onward = onward

    def on_start(self, span: Span, parent_context: Any = None) -> None:
        self._onward.on_start(span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        if not span.name.startswith(RUN):  # it ends months after everything in it; see CasesInTime
            self._onward.on_end(clean(span))

    def shutdown(self) -> None:
        self._onward.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._onward.force_flush(timeout_millis)


def clean(span: ReadableSpan) -> ReadableSpan:
    """The span with allowed attributes only, its links without theirs, and without status texts and other events, which quote data."""
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_allowed(span.attributes),
        events=[Event(event.name, _allowed(event.attributes), event.timestamp) for event in span.events if event.name in EVENTS],
        links=[trace.Link(link.context) for link in span.links],
        kind=span.kind,
        status=trace.Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
        instrumentation_scope=span.instrumentation_scope,
    )


def _allowed(attributes: Mapping[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in (attributes or {}).items() if key in ALLOWED}


class CasesInTime(Interceptor):
    """Keeps the traces of a case as long as a request, though its run lasts for months."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002
        return _Run


class _Run(WorkflowInboundInterceptor):
    """A run hangs its opening on the request that asked for it, not on its own span, which nobody sees before the run ends."""

    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(_Steps(outbound))

    async def execute_workflow(self, input: ExecuteWorkflowInput) -> Any:  # noqa: A002
        own = trace.get_current_span()
        asked = getattr(own, "parent", own.get_span_context())  # a span that is not sampled has no parent, and stands for it
        attach(trace.set_span_in_context(trace.NonRecordingSpan(asked)) if asked else Context())  # for good: the task is the run's
        return await super().execute_workflow(input)


class _Steps(WorkflowOutboundInterceptor):
    """A step that no request asked for begins a trace."""

    def start_local_activity(self, input: StartLocalActivityInput) -> workflow.ActivityHandle[Any]:  # noqa: A002
        if workflow.current_update_info() is not None or input.args[0].event.kind is Kind.OPENED:
            return super().start_local_activity(input)
        opening = trace.get_current_span().get_span_context()
        links = [trace.Link(opening)] if opening.is_valid else []
        about = {"temporalWorkflowID": workflow.info().workflow_id}
        with trace.get_tracer("waymark.case").start_as_current_span("TimePassed", Context(), attributes=about, links=links):
            return super().start_local_activity(input)


def is_on(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the standard variables ask for traces."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return any(environment.get(name) for name in ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))


def start(service: str, exporter: SpanExporter | None = None) -> list[SimplePlugin]:
    """Set tracing up for this process; the plugins for its Temporal client (none where tracing is off).

    Temporal's spans come from a provider whose ids are the same on replay, so that a replayed step is not a second one.
    """
    if exporter is None and not is_on():
        return []
    resource = Resource.create({"service.name": service, "service.namespace": "waymark"})
    provider = create_tracer_provider(resource=resource)
    chosen = exporter or OTLPSpanExporter()
    provider.add_span_processor(AllowListed(BatchSpanProcessor(chosen)))
    trace.set_tracer_provider(provider)
    _trace_sql()
    return [OpenTelemetryPlugin(add_temporal_spans=True), SimplePlugin("waymark.CasesInTime", interceptors=[CasesInTime()])]


def _trace_sql() -> None:
    """A span for each statement of a trace, named by its first word: neither its text nor its parameters travel.

    Outside of a trace there is none: the relay asks every council every second, and each question would be a trace.
    """
    tracer = trace.get_tracer("waymark.store")

    @event.listens_for(Engine, "before_cursor_execute")
    def begin(connection: Connection, cursor: Any, statement: str, *_: Any) -> None:
        if not trace.get_current_span().get_span_context().is_valid:
            return
        word = statement.lstrip().partition(" ")[0].upper()[:12]
        span = tracer.start_span(word, kind=trace.SpanKind.CLIENT, attributes={"db.system.name": "postgresql", "db.operation.name": word})
        connection.info["waymark.span"] = span

    @event.listens_for(Engine, "after_cursor_execute")
    def finish(connection: Connection, *_: Any) -> None:
        if (span := connection.info.pop("waymark.span", None)) is not None:
            span.end()

    @event.listens_for(Engine, "handle_error")
    def fail(context: Any) -> None:
        if context.connection is not None and (span := context.connection.info.pop("waymark.span", None)) is not None:
            span.set_status(trace.StatusCode.ERROR)
            span.end()


def stop() -> None:
    """Send what is waiting."""
    shutdown = getattr(trace.get_tracer_provider(), "shutdown", None)
    if shutdown is not None:
        shutdown()


def log_to_stderr(level: int = logging.INFO) -> None:
    """Logs as JSON lines with the trace's ids. Libraries' own messages are kept to warnings: some of them quote requests."""

    def with_trace(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            event["trace_id"], event["span_id"] = f"{context.trace_id:032x}", f"{context.span_id:016x}"
        return event

    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        with_trace,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _exception_type, structlog.processors.JSONRenderer()],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("waymark").setLevel(level)


def _exception_type(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """An exception is named by its type: its text may quote what somebody wrote."""
    error = event.pop("exc_info", None)
    if error:
        kind = error[0] if isinstance(error, tuple) else type(error)
        event["error"] = getattr(kind, "__name__", "Exception")
    return event
