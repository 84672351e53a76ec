"""Behind a real server and over a real socket: what the in-process client cannot show."""

from __future__ import annotations

import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest
import uvicorn
from structlog.testing import capture_logs

from cxport.api import ApiSettings, create_app
from tests.api.installation import V10, Installation, error_of


@contextmanager
def served(installation: Installation) -> Iterator[str]:
    """Serve an installation on a port of its own."""
    app = create_app(installation.services, ApiSettings())
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def url(own: Installation) -> Iterator[str]:
    """Give the address of an installation of one's own."""
    with served(own) as found:
        yield found


def test_a_download_that_breaks_off_does_not_look_whole(own: Installation, url: str) -> None:
    """Where the storage ends early the connection is cut, so no client takes it for the end."""
    account = own.new_tenant()
    _, files = account.finished_run(b"x" * 3_000_000)
    path = httpx2.URL(account.get(f"/files/{files[0].name}").headers["location"]).path
    own.blobs.put(files[0].object_key, [b"x" * 2_000_000])

    with capture_logs() as logs, pytest.raises(httpx2.RemoteProtocolError):
        httpx2.get(f"{url}{path}")
    assert "StorageError" in [one.get("cause") for one in logs if one["log_level"] == "error"]


def test_a_body_that_does_not_end_is_cut_off(own: Installation, url: str) -> None:
    """A stream of unknown length is read up to the cap and no further."""
    account = own.new_tenant()
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 500_000_000:
            sent += 65_536
            yield b" " * 65_536

    headers = {**account.headers, "Content-Type": "application/json"}
    with httpx2.Client() as client:
        try:
            answer = client.post(f"{url}{V10}/export/jobs", content=endless(), headers=headers)
        except (httpx2.WriteError, httpx2.ReadError):
            pass  # the server hung up before the client had looked for the answer
        else:
            error_of(answer, 413)
    assert sent < 50_000_000


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_that_is_too_long_gets_its_answer(
    own: Installation, url: str, *, chunked: bool
) -> None:
    """A client that sends everything before it looks for an answer still sees the 413."""
    account = own.new_tenant()
    headers = {**account.headers, "Content-Type": "application/json"}
    address = httpx2.URL(url)
    connection = http.client.HTTPConnection(address.host, address.port, timeout=30)
    body = (b" " * 100_000 for _ in range(50)) if chunked else b" " * 5_000_000
    try:
        connection.request("POST", f"{V10}/export/jobs", body, headers, encode_chunked=chunked)
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("connection")) == (413, "close")
        assert json.loads(answer.read())["status"]["code"] == 413
    finally:
        connection.close()


def test_names_that_climb_are_only_names(own: Installation, url: str) -> None:
    """Sent raw, so that no client tidies them up: 400 or 404, and nothing outside the root."""
    account = own.new_tenant()
    for name in (
        "../../../etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        "%2e%2e",
        "%00",
        "export-%00.smime",
        "export-\\..\\x.smime",
        "con",
        "%e2%80%aeexport",
        "x" * 4096,
        "%ff%fe",
    ):
        status = _raw(url, f"{V10}/files/{name}", account.headers)
        assert status in {400, 404}, name
        assert _raw(url, f"/links/AAAA/{name}", {}) in {400, 404}, name


def _raw(url: str, path: str, headers: dict[str, str]) -> int:
    host = httpx2.URL(url)
    assert host.port is not None
    lines = [f"GET {path} HTTP/1.1", "Host: x", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((host.host, host.port)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return int(connection.makefile("rb").readline().split()[1])
