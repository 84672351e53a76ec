"""A storage that refuses two ways of signing at once, as Amazon's does, before a real one."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.servers import HOST, S3Server

#: What S3 answers.
REFUSAL = (
    b"<Error><Code>InvalidArgument</Code><Message>Only one auth mechanism allowed; only the"
    b" X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization"
    b" header should be specified</Message></Error>"
)
_DROPPED = {"connection", "transfer-encoding", "content-length"}


class StrictS3(ThreadingHTTPServer):
    """Hands requests on to an S3 server, but for those that are signed twice."""

    def __init__(self, server: S3Server) -> None:
        super().__init__((HOST, 0), _Handler)
        self.endpoint = f"http://{HOST}:{self.server_address[1]}"
        self.upstream_port = server.port


class _Handler(BaseHTTPRequestHandler):
    server: StrictS3
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def _hand_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        if "X-Amz-Signature=" in self.path and "authorization" in self.headers:
            self._answer(400, [("content-type", "application/xml")], REFUSAL)
            return
        connection = http.client.HTTPConnection(HOST, self.server.upstream_port, timeout=30)
        with closing(connection):
            connection.putrequest(
                self.command, self.path, skip_host=True, skip_accept_encoding=True
            )
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            self._answer(answer.status, answer.getheaders(), answer.read())

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _DROPPED:
                self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_PUT = do_POST = do_DELETE = _hand_on  # noqa: N815 - names that the base class asks for


@contextmanager
def strict(server: S3Server) -> Iterator[StrictS3]:
    """Run the server."""
    with StrictS3(server) as between:
        thread = threading.Thread(target=between.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield between
        finally:
            between.shutdown()
            thread.join()
