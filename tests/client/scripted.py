"""A server that says what a test wants: for answers that no real service gives."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Self

from cxport.client import Client, ClientSecret

#: Path -> what answers: status, headers, body. Paths begin with the API's own.
Answer = tuple[int, dict[str, str], bytes]
Script = Mapping[str, Callable[[dict[str, str]], Answer]]

TOKEN = "/auth/v3/oauth/token"


def as_json(found: object, status: int = 200) -> Answer:
    """Answer with JSON."""
    return status, {"Content-Type": "application/json"}, json.dumps(found).encode()


def token(name: str = "token", seconds: int = 3600) -> Answer:
    """Answer a sign-in."""
    return as_json({"access_token": name, "expires_in": seconds, "refresh_token": f"r-{name}"})


class Scripted:
    """The server, on a loopback port of its own; `asked` lists method and path."""

    def __init__(self, script: Script) -> None:
        self.asked: list[str] = []
        asked = self.asked
        answers: Script = {TOKEN: lambda _: token(), **script}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(f"{self.command} {self.path}")
                found = answers.get(self.path.partition("?")[0])
                length = int(self.headers.get("Content-Length") or 0)
                given = {**self.headers, "body": self.rfile.read(length).decode()}
                status, headers, body = found(given) if found else as_json({}, 404)
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - the names that the library calls

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def client(self) -> Client:
        """Give a client of this server."""
        return Client(self.url, credentials=ClientSecret("client-1", "hidden-secret"))
