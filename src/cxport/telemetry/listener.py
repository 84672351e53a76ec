"""An address of its own for operators: `/metrics`, `/health/live` and `/health/ready`.

Apart from the service's, so that no proxy publishes it by accident, and the same for a worker,
which has no other. Plain HTTP without sign-in: nothing that is told is secret or anybody's.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self
from urllib.parse import urlsplit

from cxport.domain.errors import SetupError

_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_JSON = "application/json"
#: Whoever connects and says nothing is left.
_PATIENCE_SECONDS = 10

#: Status, type and body.
Answer = tuple[HTTPStatus, str, bytes]


class Listener:
    """Answers from `start` to `close`; SetupError where it cannot listen there."""

    def __init__(
        self,
        host: str,
        port: int,
        metrics: Callable[[], bytes],
        missing: Callable[[], tuple[str, ...]],
    ) -> None:
        answers: dict[str, Callable[[], Answer]] = {
            "/metrics": lambda: (HTTPStatus.OK, _TEXT, metrics()),
            "/health/live": lambda: _json(HTTPStatus.OK, {"status": "alive"}),
            "/health/ready": lambda: _ready(missing()),
        }
        server = _IPv6Server if ":" in host else _Server
        try:
            self._server = server((host, port), _handler(answers))
        except OSError as error:
            raise SetupError(
                f"cannot listen on {host}, port {port} (monitoring_host, monitoring_port):"
                f" {error.strerror}"
            ) from None
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # those that still answer end with the process
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who hangs up is no error of ours, and its address is nobody's business."""


class _IPv6Server(_Server):
    address_family = socket.AF_INET6


def _handler(answers: dict[str, Callable[[], Answer]]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = _PATIENCE_SECONDS
        server_version, sys_version = "cxport", ""

        def do_GET(self) -> None:
            answer = answers.get(urlsplit(self.path).path, _unknown)
            status, kind, body = answer()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Write nothing: probes come every few seconds."""

    return Handler


def _ready(missing: tuple[str, ...]) -> Answer:
    if missing:
        return _json(HTTPStatus.SERVICE_UNAVAILABLE, {"status": "not ready", "missing": missing})
    return _json(HTTPStatus.OK, {"status": "ready"})


def _unknown() -> Answer:
    return _json(HTTPStatus.NOT_FOUND, {"status": "not found"})


def _json(status: HTTPStatus, found: object) -> Answer:
    return status, _JSON, json.dumps(found).encode()
