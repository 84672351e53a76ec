"""The operators' address: three paths, and nothing else."""

from __future__ import annotations

import socket

import httpx
import pytest

from cxport.domain.errors import SetupError
from cxport.telemetry.listener import Listener


def listener(*missing: str, host: str = "127.0.0.1", port: int = 0) -> Listener:
    """Make one on a free port."""
    return Listener(host, port, lambda: b"cxport_any 1\n", lambda: missing)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_it_tells_metrics_and_health(host: str) -> None:
    """In Prometheus' text form, and as JSON; over IPv6, too."""
    with listener(host=host) as found:
        url = f"http://{f'[{host}]' if ':' in host else host}:{found.port}"
        metrics = httpx.get(f"{url}/metrics?any=1")

        assert metrics.content == b"cxport_any 1\n"
        assert metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert httpx.get(f"{url}/health/live").json() == {"status": "alive"}
        assert httpx.get(f"{url}/health/ready").json() == {"status": "ready"}
        assert httpx.get(f"{url}/").status_code == 404
        assert httpx.post(f"{url}/metrics").status_code == 501


def test_what_is_missing_makes_it_not_ready() -> None:
    """503 with the words."""
    with listener("the store does not answer") as found:
        answer = httpx.get(f"http://127.0.0.1:{found.port}/health/ready")

    assert answer.status_code == 503
    assert answer.json()["missing"] == ["the store does not answer"]


def test_one_that_says_nothing_holds_up_nobody() -> None:
    """A connection that is only opened does not keep others from an answer."""
    with listener() as found, socket.create_connection(("127.0.0.1", found.port)):
        assert httpx.get(f"http://127.0.0.1:{found.port}/metrics").status_code == 200


def test_a_port_that_is_taken_is_said() -> None:
    """By the names of the settings."""
    with listener() as found, pytest.raises(SetupError, match="monitoring_port"):
        listener(port=found.port)
