"""The demo's service: a real `cxport serve` as a child, which ends with the demo."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cxport.cli.stop import Stop

if TYPE_CHECKING:
    from cxport.cli.demo.folder import DemoFolder
    from cxport.client import Client

_START_SECONDS = 60.0
_STOP_SECONDS = 30.0
_LOOK_SECONDS = 0.05


@contextmanager
def serving(place: DemoFolder) -> Iterator[Client]:
    """Run the service until the block ends, and give a client that has signed in."""
    from cxport.client import Client, ClientSecret

    profile = json.loads(place.profile.read_text())
    url = f"http://127.0.0.1:{_free_port()}"
    with _running(place, url) as process:
        credentials = ClientSecret(profile["client_id"], profile["client_secret"])
        with Client(url, api_key=profile["api_key"], credentials=credentials) as client:
            _wait_until_ready(client, process, place.log)
            yield client


def _free_port() -> int:
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _running(place: DemoFolder, url: str) -> Iterator[subprocess.Popen[bytes]]:
    host, _, port = url.removeprefix("http://").partition(":")
    command = [sys.executable, "-m", "cxport", "serve", "--data", str(place.data)]
    with place.log.open("wb") as log:
        process = subprocess.Popen(
            [*command, "--host", host, "--port", port],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(client: Client, process: subprocess.Popen[bytes], log: Path) -> None:
    from cxport.client import ClientError

    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            return client.sign_in()
        except ClientError as error:
            if not error.transient:
                raise
        if process.poll() is not None or time.monotonic() > deadline:
            raise Stop("the service did not start", hint=f"its log says why: {log}")
        time.sleep(_LOOK_SECONDS)
