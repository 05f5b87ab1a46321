"""Traces and logs of a real stack: one trace a request, from the API to the rows, and no personal word in any of it."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import time
from base64 import b64decode
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider

from bootstrap import telemetry
from tests.bootstrap import conftest as here
from tests.bootstrap.collector import Seen
from tests.bootstrap.conftest import Standing, fact, outside

PRIVATE = (*here.CHILD, here.UPN, here.PARENT, here.SUBJECT, here.EMAIL, "marmaladishly", "foxgloved", "Thistlequack")
BY_THE_FAMILY = {"subject": here.SUBJECT, "role": "parent"}
BY_THE_MANAGER = {"subject": "dana.holt", "role": "la_manager"}
durable = pytest.mark.durable


@dataclass(frozen=True)
class Lived:
    """A case that the family opened, with words in it, and one act of an officer's."""

    id: str  # as the API gives it
    opened: str  # the trace of the opening, as its journal row names it
    done: str

    @property
    def plain(self) -> str:
        return plain(self.id)


def plain(case: str) -> str:
    return b64decode(case).decode().partition(":")[2]


def traces(standing: Standing, case: str) -> list[str]:
    """The traces that the journal names, row by row."""
    found = standing.sql(f"select traceparent from waymark.journal where case_id = '{plain(case)}' order by seq")
    return [row.split("-")[1] for row in found.split()]


@pytest.fixture(scope="module")
def lived(standing: Standing) -> Lived:
    for _ in range(5):
        case = standing.open(standing.child_of_the_family(), None, fact("views", text=here.VIEWS), **BY_THE_FAMILY)["id"]
        [opened] = traces(standing, case)
        if "mutation" in {span.name for span in whole(standing, opened)}:
            break  # else the relay, which opens whatever was received, came a moment before the API
    done = standing.act("completeTask", caseId=case, name="consult_family")
    assert done["__typename"] == "CaseChanged", done
    return Lived(case, *traces(standing, case))


def whole(standing: Standing, trace_id: str) -> list[Seen]:
    """The spans of a trace, once its first one, which ends last, has arrived, the activity, and every parent."""

    def there(spans: Iterable[Seen]) -> list[Seen]:
        return [span for span in spans if span.trace_id == trace_id]

    def enough(spans: list[Seen]) -> bool:
        found = there(spans)
        recorded = any(span.name == "RunActivity:record_step" for span in found)
        return recorded and any(not span.parent_id for span in found) and not adrift(found)

    return there(standing.collector.until(enough))


def adrift(spans: list[Seen]) -> list[str]:
    """The spans whose parent is not in their trace."""
    known = {span.span_id for span in spans}
    return [span.name for span in spans if span.parent_id and span.parent_id not in known]


def ways(spans: list[Seen]) -> set[str]:
    """From the first span to each last one, by service and name."""
    by_id, parents = {span.span_id: span for span in spans}, {span.parent_id for span in spans}
    found = set()
    for span in spans:
        if span.span_id in parents:
            continue
        steps, at = [], by_id.get(span.span_id)
        while at is not None:
            steps.append(f"{at.service.removeprefix('waymark-')} {at.name}")
            at = by_id.get(at.parent_id)
        found.add(" > ".join(reversed(steps)))
    return found


@durable
def test_an_opening_is_one_trace_from_the_request_to_the_rows(standing: Standing, lived: Lived) -> None:
    spans = whole(standing, lived.opened)
    assert adrift(spans) == []
    assert [(span.service, span.name, span.kind) for span in spans if not span.parent_id] == [("waymark-api", "mutation", "SERVER")]
    asked = "api mutation > api StartUpdateWithStartWorkflow:waymark.case"
    recorded = f"{asked} > worker StartActivity:record_step > worker RunActivity:record_step"
    assert {f"{asked} > worker HandleUpdate:open", f"{recorded} > worker SELECT", f"{recorded} > worker WITH"} <= ways(spans)
    assert {"api mutation > api SELECT", "api mutation > api INSERT"} <= ways(spans)


@durable
def test_an_act_is_one_trace_from_the_request_to_the_rows(standing: Standing, lived: Lived) -> None:
    spans = whole(standing, lived.done)
    assert adrift(spans) == []
    assert [(span.service, span.name, span.kind) for span in spans if not span.parent_id] == [("waymark-api", "mutation", "SERVER")]
    asked = "api mutation > api StartWorkflowUpdate:act"
    handled = f"{asked} > worker HandleUpdate:act > worker StartActivity:record_step > worker RunActivity:record_step"
    assert {f"{asked} > worker ValidateUpdate:act", f"{handled} > worker SELECT", f"{handled} > worker WITH"} <= ways(spans)
    assert lived.done != lived.opened


@durable
def test_the_spans_of_an_act_say_which_council_and_which_case_by_an_opaque_id(standing: Standing, lived: Lived) -> None:
    for trace_id, seq in ((lived.opened, 1), (lived.done, 2)):
        spans = {span.name: span.attributes for span in whole(standing, trace_id)}
        about = {"waymark.tenant": here.COUNCIL, "waymark.case.id": lived.plain}
        assert spans["mutation"] == {**about, "graphql.operation.type": "mutation"}
        assert spans["RunActivity:record_step"].items() >= {**about, "waymark.journal.seq": seq}.items()
        assert spans["WITH"] == {"db.system.name": "postgresql", "db.operation.name": "WITH"}
        assert {key for found in spans.values() for key in found} <= telemetry.ALLOWED


@durable
def test_time_that_passes_in_a_case_is_a_trace_of_its_own_that_points_to_the_opening(standing: Standing) -> None:
    """A case of a month ago: its first warning is due at once, and nobody asked for it."""
    case = standing.open(standing.pupil(), datetime.now(UTC).date() - timedelta(days=30))["id"]
    give_up = time.monotonic() + 20
    while len(rows := traces(standing, case)) < 2 and time.monotonic() < give_up:
        time.sleep(0.1)
    opened, passed = rows
    spans = whole(standing, passed)
    assert adrift(spans) == []
    assert [(span.name, span.links) for span in spans if not span.parent_id] == [("TimePassed", (opened,))]
    assert "worker TimePassed > worker StartActivity:record_step > worker RunActivity:record_step > worker WITH" in ways(spans)
    assert "TimePassed" not in {span.name for span in whole(standing, opened)}


@durable
def test_a_stack_that_nobody_asks_for_anything_sends_no_spans(standing: Standing, lived: Lived) -> None:
    """The relay asks the database every second for every council, and the platform asks whether we are ready."""
    whole(standing, lived.done)
    time.sleep(0.5)  # what the relay still had to do for the case
    before = len(standing.collector.spans)
    time.sleep(1.5)
    assert Counter(span.name for span in standing.collector.spans[before:]) == {}


@durable
def test_an_error_inside_a_request_is_one_line_of_json_with_the_ids_of_its_trace(standing: Standing, lived: Lived) -> None:
    standing.sql("alter table waymark.journal rename to journal_away")
    try:
        answer = standing.ask("query($id: ID!) { case(id: $id) { journal { nodes { say } } } }", id=lived.id)
    finally:
        standing.sql("alter table waymark.journal_away rename to journal")
    [error] = answer["errors"]
    assert "journal" not in error["message"]
    [line] = [line for line in logged(standing, "api") if line.get("error_id") == error["extensions"]["id"]]
    assert (line["event"], line["level"], line["error"]) == ("unexpected", "error", "ProgrammingError")
    spans = standing.collector.until(lambda seen: any(span.span_id == line["span_id"] for span in seen))
    assert [(span.name, span.trace_id) for span in spans if span.span_id == line["span_id"]] == [("query", line["trace_id"])]


@durable
def test_a_worker_that_cannot_write_says_so_by_code_and_never_by_what_it_was_to_write(standing: Standing, lived: Lived) -> None:
    standing.sql("revoke insert on waymark.journal from waymark_app")
    try:
        told = [fact("impractical_because", text=here.REASONS), fact("evidence", text=here.EVIDENCE)]
        claim = {**BY_THE_MANAGER, "deadline": "decision_notified", "ground": "exceptional_personal_circumstances", "facts": told}
        answer = standing.act("claimExcuse", caseId=lived.id, **claim)
    finally:
        standing.sql("grant insert on waymark.journal to waymark_app")
    assert answer["__typename"] == "Unavailable"
    assert standing.act("claimExcuse", caseId=lived.id, **claim)["__typename"] == "CaseChanged"
    third = {"waymark.case.id": lived.plain, "waymark.journal.seq": 3}
    tried = standing.collector.until(lambda seen: len([span for span in seen if span.attributes.items() >= third.items()]) > 1)
    assert len([span for span in tried if span.attributes.items() >= third.items()]) > 1
    assert [line for line in logged(standing, "worker") if line["level"] in ("warning", "error")]


@durable
def test_no_personal_word_is_in_a_span_or_in_a_log(standing: Standing, lived: Lived) -> None:
    """After those above, so that what is looked through holds their faults; the child's view and the journal show that the words were there."""
    seen = standing.ask("query($id: ID!) { case(id: $id) { child { givenName familyName upn } } }", id=lived.id)["data"]["case"]["child"]
    assert list(seen.values()) == [*here.CHILD, here.UPN]
    assert "marmaladishly" in standing.sql(f"select event from waymark.journal where case_id = '{lived.plain}'")
    whole(standing, lived.done)
    home = standing.stack.settings.home
    places = {path.name: path.read_bytes() for path in (*home.glob("*.log"), *home.glob("*/*.log"))}
    assert {"api.log", "worker.log", "temporal.log", "postgres.log"} <= set(places)
    places["spans"] = standing.collector.arrived
    assert lived.plain.encode() in places["spans"]
    found = [(name, word) for name, text in places.items() for word in PRIVATE if word.lower().encode() in text.lower()]
    assert found == []


@durable
def test_every_line_of_the_logs_is_json(standing: Standing, lived: Lived) -> None:
    for name in ("api", "worker"):
        assert all({"event", "level", "logger", "timestamp"} <= set(line) for line in logged(standing, name))


def logged(standing: Standing, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (standing.stack.settings.home / f"{name}.log").read_text("utf-8").splitlines()]


def test_what_is_not_allowed_would_be_taken_from_a_span_wherever_it_is() -> None:
    """The planted word: as an attribute, in an exception, in a status, and on a link."""
    tracer = TracerProvider().get_tracer("planted")
    elsewhere = tracer.start_span("elsewhere").get_span_context()
    with contextlib.suppress(ValueError), tracer.start_as_current_span("planted") as span:
        span.set_attributes({"waymark.tenant": here.COUNCIL, "child": here.VIEWS})
        span.add_link(elsewhere, {"child": here.VIEWS})
        span.add_event("feature_flag.evaluation", {"feature_flag.key": "mediation", "child": here.VIEWS})
        span.add_event("something else", {"feature_flag.key": here.VIEWS})
        raise ValueError(here.VIEWS)
    assert isinstance(span, ReadableSpan)
    assert "marmaladishly" in span.to_json()
    cleaned = telemetry.clean(span)
    assert "marmaladishly" not in cleaned.to_json()
    assert cleaned.attributes == {"waymark.tenant": here.COUNCIL}
    assert [link.context for link in cleaned.links] == [elsewhere]
    assert [(event.name, event.attributes) for event in cleaned.events] == [("feature_flag.evaluation", {"feature_flag.key": "mediation"})]
    assert cleaned.status.status_code is trace.StatusCode.ERROR


@pytest.mark.parametrize(
    ("environment", "on"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_the_standard_variables_turn_traces_on_and_off(environment: dict[str, str], on: bool) -> None:
    assert telemetry.is_on(environment) is on


def test_without_the_variables_no_thread_exports_and_no_provider_is_set() -> None:
    script = """
import threading
from bootstrap import telemetry
from opentelemetry import trace
print(telemetry.start("waymark-api"), len(threading.enumerate()), type(trace.get_tracer_provider()).__name__)
"""
    told = subprocess.run([sys.executable, "-c", script], env=outside(), capture_output=True, text=True, check=True).stdout
    assert told.split() == ["[]", "1", "ProxyTracerProvider"]
