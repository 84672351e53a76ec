"""A receiver of webhooks that a test can look into, with or without TLS."""

from __future__ import annotations

import http.server
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cxport.domain.notice import Event
from cxport.notices.outgoing import Outgoing
from cxport.notices.signature import new_secret

HOST = "127.0.0.1"


@dataclass
class Received:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """A receiver: what it answers, and what it got."""

    port: int = 0
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    answer: bytes = b""
    got: list[Received] = field(default_factory=list)
    connections: int = 0
    #: Set to let answers go; they wait while it is not.
    answering: threading.Event = field(default_factory=threading.Event)


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: some tests break connections on purpose."""


@contextmanager
def receiving(tls: tuple[Path, Path] | None = None) -> Iterator[Receiver]:
    """Run a receiver on a loopback port; `tls` is its certificate and key."""
    state = Receiver()
    state.answering.set()

    class Handler(http.server.BaseHTTPRequestHandler):
        def setup(self) -> None:
            state.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            state.got.append(Received(self.path, headers, body))
            state.answering.wait(20)
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(state.answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = _Server((HOST, 0), Handler)
    if tls is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield state
    finally:
        state.answering.set()
        server.shutdown()
        thread.join()
        server.server_close()


def a_message(address: str, *keys: str) -> Outgoing:
    """Give a message."""
    return Outgoing(
        id="msg_1",
        event=Event.RUN_COMPLETED,
        body='{"type":"run.completed","timestamp":"2026-01-01T00:00:00.000Z","data":{"runId":7}}',
        address=address,
        keys=keys or (new_secret(),),
        language="en",
    )
