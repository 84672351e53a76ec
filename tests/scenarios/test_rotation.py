"""Every key is rotated while two services serve requests, and nobody notices."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

import httpx
import pytest

from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RunningService


@pytest.fixture
def two(
    running_service: Callable[..., RunningService],
    sample_dsn: Callable[[str], str],
    keys: KeyPair,
) -> Iterator[tuple[RunningService, RunningService, str]]:
    """Run two services of one installation, and give the name of an exported file."""
    first = running_service(public_url="https://export.example")
    first.add_source("history", sample_dsn("sqlite"))
    with first.client() as client, ExitStack() as ended:
        first.upload(client, keys.certificate)
        run = first.run_job(client)
        file = first.files(client, run["id"])[0]["name"]
        second = first.beside()
        ended.callback(second.kill)
        second.start("--no-worker")
        yield first, second, file


def request_round(one: RunningService, other: RunningService, old: str, file: str) -> None:
    """Sign in at one service and use token and link at the other one, and read a sealed DSN."""
    with one.client() as signed_in:
        link = signed_in.get(f"/files/{file}").headers["Location"]
        headers = dict(signed_in.headers)
    there = f"{other.url}{urlsplit(link).path}"
    for answer in (
        httpx.get(f"{other.url}/udm/v10/export/history", headers=headers),
        httpx.get(f"{other.url}/auth/v3/userinfo", headers={"Authorization": f"Bearer {old}"}),
        httpx.get(there),
        httpx.post(f"{other.url}/cxport/v1/sources/history/check", headers=headers, timeout=60),
    ):
        assert answer.status_code == httpx.codes.OK, f"{answer.request.url.path}: {answer.text}"


@contextmanager
def requests_going_on(ask: Callable[[], None]) -> Iterator[Callable[[], None]]:
    """Ask again and again, and give what waits for two more rounds and raises what failed."""
    rounds: list[BaseException | None] = []
    stop = threading.Event()

    def asking() -> None:
        while not stop.is_set():
            try:
                ask()
                rounds.append(None)
            except BaseException as error:  # noqa: BLE001 - raised below, in the test's own thread
                rounds.append(error)

    def two_more() -> None:
        wanted, deadline = len(rounds) + 2, time.monotonic() + 120
        while len(rounds) < wanted and time.monotonic() < deadline:
            time.sleep(0.05)
        assert [error for error in rounds if error] == []
        assert len(rounds) >= wanted

    thread = threading.Thread(target=asking)
    thread.start()
    try:
        yield two_more
    finally:
        stop.set()
        thread.join()


def test_no_request_fails_while_keys_are_rotated(
    two: tuple[RunningService, RunningService, str],
) -> None:
    """Tokens, links and the master key: old ones and new ones serve in both, with no restart."""
    first, second, file = two
    with first.client() as signed_in:
        old = signed_in.headers["Authorization"].removeprefix("Bearer ")

    def ask() -> None:
        request_round(first, second, old, file)
        request_round(second, first, old, file)

    with requests_going_on(ask) as two_more_rounds:
        for what in ("tokens", "links", "master", "tokens", "links"):
            first.admin("key", "rotate", what)
            two_more_rounds()

    listed = json.loads(first.admin("key", "list", "--json"))
    assert [len(listed[kind]) for kind in ("master", "tokens", "links")] == [2, 3, 3]
    assert listed["master"][1]["seals"] == 0
    with first.client() as client:
        assert first.run_job(client)["status"] == "Completed"
