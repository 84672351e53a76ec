"""S3 without our client: signed requests of one's own, and a server between that fails at will."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.servers import HOST, S3Server

#: Says with which status a request is refused (0 = it is handed on): its number from 0, its
#: method, its path with query.
Judge = Callable[[int, str, str], int]

_EMPTY = hashlib.sha256(b"").hexdigest()
_REGION = "us-east-1"


def signed(server: S3Server, method: str, path: str, query: str = "") -> str:
    """Send a request without a body and return the answer, which must be a good one.

    Signed as AWS Signature Version 4 describes; the query comes sorted and encoded.
    """
    now = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": f"{HOST}:{server.port}", "x-amz-content-sha256": _EMPTY, "x-amz-date": now}
    names = ";".join(headers)
    lines = [f"{name}:{value}" for name, value in headers.items()]
    request = "\n".join([method, path, query, *lines, "", names, _EMPTY])
    scope = f"{now[:8]}/{_REGION}/s3/aws4_request"
    hashed = hashlib.sha256(request.encode()).hexdigest()
    key = f"AWS4{server.secret_key}".encode()
    for word in [*scope.split("/"), f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashed}"]:
        key = hmac.digest(key, word.encode(), "sha256")
    credential = f"Credential={server.access_key}/{scope}"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={key.hex()}"
    )
    connection = http.client.HTTPConnection(HOST, server.port, timeout=10)
    connection.request(method, f"{path}?{query}", headers=headers)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 200, text
    return text


def pending_uploads(server: S3Server) -> list[str]:
    """Give the keys of multipart uploads that were neither completed nor aborted."""
    listing = signed(server, "GET", f"/{server.bucket}", "uploads=")
    return re.findall(r"<Upload>.*?<Key>(.*?)</Key>", listing, re.DOTALL)


class FaultyS3(ThreadingHTTPServer):
    """Stands before an S3 server, hands requests on, and refuses those that it is told to."""

    # Closing waits for requests that are under way
    daemon_threads = False

    def __init__(self, server: S3Server, judge: Judge) -> None:
        super().__init__((HOST, 0), _Handler)
        self.endpoint = f"http://{HOST}:{self.server_address[1]}"
        self.upstream_port = server.port
        self.judge = judge
        self.seen: list[str] = []
        self._lock = threading.Lock()

    def verdict(self, method: str, path: str) -> int:
        """Note a request, and say with which status it is refused."""
        with self._lock:
            self.seen.append(f"{method} {path.partition('?')[2].partition('=')[0]}")
            return self.judge(len(self.seen) - 1, method, path)


class _Handler(BaseHTTPRequestHandler):
    server: FaultyS3

    def log_message(self, *_: object) -> None:
        """Print nothing."""

    def _hand_on(self) -> None:
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            # The client hung up: another part was refused
            return
        status = self.server.verdict(self.command, self.path)
        if status:
            self._answer(status, "", b"")
            return
        connection = http.client.HTTPConnection(HOST, self.server.upstream_port, timeout=30)
        with closing(connection):
            connection.putrequest(self.command, self.path, skip_host=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            answer = connection.getresponse()
            self._answer(answer.status, answer.getheader("etag", ""), answer.read())

    def _answer(self, status: int, etag: str, body: bytes) -> None:
        with suppress(ConnectionError):
            self.send_response_only(status)
            self.send_header("etag", etag)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    do_DELETE = do_POST = do_PUT = _hand_on  # noqa: N815 - names that the base class asks for


@contextmanager
def faulty(server: S3Server, judge: Judge) -> Iterator[FaultyS3]:
    """Run a server that fails at will."""
    with FaultyS3(server, judge) as between:
        thread = threading.Thread(target=between.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield between
        finally:
            between.shutdown()
            thread.join()
