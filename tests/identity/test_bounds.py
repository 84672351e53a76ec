"""What a provider answers is read within bounds, whatever it is made to answer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from cxport.domain.errors import ProviderUnavailable
from cxport.services.providers import http
from tests.identity.provider import IdentityProvider, set_up


@contextmanager
def endless(pause_seconds: float, chunk: bytes) -> Iterator[str]:
    """Serve an answer that never ends; give its address."""

    class Endless(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                while not over.wait(pause_seconds):
                    self.wfile.write(chunk)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    over, server = threading.Event(), ThreadingHTTPServer(("127.0.0.1", 0), Endless)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        over.set()
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.mark.parametrize(("pause_seconds", "chunk"), [(0.0, b"x" * 65536), (0.1, b" ")])
def test_an_answer_without_end_is_given_up(
    provider: IdentityProvider,
    monkeypatch: pytest.MonkeyPatch,
    pause_seconds: float,
    chunk: bytes,
) -> None:
    """By its length where it comes fast, by the time where it drips."""
    monkeypatch.setattr(http, "_WHOLE_SECONDS", 60.0 if len(chunk) > 1 else 1.0)
    with endless(pause_seconds, chunk) as url:
        known = http.ProviderHttp(replace(set_up(provider), issuer=url))
        failed = _failure_within(20, lambda: known.get(url))

    assert isinstance(failed, ProviderUnavailable)
    assert "too much, or too slowly" in failed.message


def _failure_within(seconds: float, act: Callable[[], object]) -> BaseException | None:
    """Give the error with which an act ends; None where it has not ended in time."""
    failures: list[BaseException] = []

    def acting() -> None:
        try:
            act()
        except ProviderUnavailable as error:
            failures.append(error)

    thread = threading.Thread(target=acting, daemon=True)
    thread.start()
    thread.join(seconds)
    return failures[0] if failures else None
