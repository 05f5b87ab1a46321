"""A small OTLP/HTTP collector on loopback: it decodes what exporters send, and keeps every byte that arrived."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest, ExportTraceServiceResponse
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Wire

PATH = "/v1/traces"


@dataclass(frozen=True)
class Seen:
    """A span as it arrived."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str  # "" for the first of a trace
    kind: str
    attributes: dict[str, str | int | float | bool]
    links: tuple[str, ...] = ()  # the traces that it points to


class Collector:
    """Spans by trace, and the bytes they came in."""

    def __init__(self) -> None:
        self._spans: list[Seen] = []
        self._arrived: list[bytes] = []
        self._changed = threading.Condition()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, name="collector", daemon=True)

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def spans(self) -> list[Seen]:
        with self._changed:
            return list(self._spans)

    @property
    def arrived(self) -> bytes:
        """Every byte that was sent here, unpacked: for words that must not be in it."""
        with self._changed:
            return b"\n".join(self._arrived)

    def until(self, enough: Callable[[list[Seen]], bool], patience: float = 20.0) -> list[Seen]:
        """The spans as soon as they are enough; what there is when that takes too long, for the test to say what is missing."""
        give_up = time.monotonic() + patience
        with self._changed:
            while not enough(self._spans) and (left := give_up - time.monotonic()) > 0:
                self._changed.wait(left)
            return list(self._spans)

    def take(self, body: bytes) -> None:
        """Keep the spans of one request."""
        request = ExportTraceServiceRequest.FromString(body)
        found = [
            _seen(_plain(resource.resource.attributes).get("service.name", ""), span)
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]
        with self._changed:
            self._arrived.append(body)
            self._spans += found
            self._changed.notify_all()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                if self.headers.get("content-encoding") == "gzip":
                    body = gzip.decompress(body)
                answer = ExportTraceServiceResponse().SerializeToString()
                if self.path == PATH:
                    collector.take(body)
                self.send_response(200 if self.path == PATH else 404)
                self.send_header("content-type", "application/x-protobuf")
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
                return

        return Handler

    def start(self) -> Collector:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector for the length of a block."""
    collector = Collector().start()
    try:
        yield collector
    finally:
        collector.stop()


def _seen(service: str, span: Wire) -> Seen:
    return Seen(
        str(service),
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        Wire.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        _plain(span.attributes),
        tuple(link.trace_id.hex() for link in span.links),
    )


def _plain(attributes: object) -> dict[str, str | int | float | bool]:
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in attributes}  # type: ignore[attr-defined]
