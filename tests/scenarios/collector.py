"""A collector of traces: takes OTLP over HTTP (protobuf), and says what it was sent."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span


class Collector:
    """Listens on a loopback port of its own; use it as a context manager."""

    def __init__(self) -> None:
        self.spans: list[Span] = []
        #: All that came, as it came.
        self.raw = bytearray()
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                collector.take(self.path, body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Write nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, path: str, body: bytes) -> None:
        """Read what was sent."""
        assert path == "/v1/traces"
        self.raw += body
        read = ExportTraceServiceRequest.FromString(body)
        for resource in read.resource_spans:
            for scope in resource.scope_spans:
                self.spans += scope.spans

    def until(self, found: Callable[[list[Span]], bool], seconds: float = 20) -> bool:
        """Wait until the spans are as expected."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if found(self.spans):
                return True
            time.sleep(0.1)
        return False


def attributes(span: Span) -> dict[str, object]:
    """Give the attributes of a span."""
    kinds = ("string_value", "int_value", "double_value", "bool_value")
    return {
        one.key: next(getattr(one.value, kind) for kind in kinds if one.value.HasField(kind))
        for one in span.attributes
    }
