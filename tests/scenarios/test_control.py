"""Cancel, suspend and resume on the real system."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RunningService
from tests.scenarios.test_interrupted import (
    assert_complete,
    done,
    exported,
    parts,
    prepared,
    wait_for,
)


@pytest.fixture
def running(
    running_service: Callable[..., RunningService], slow_dsn: str, keys: KeyPair
) -> Iterator[tuple[RunningService, httpx.Client, int]]:
    """Give a service in the middle of a slow run of several parts, a client, and the job's id."""
    service = running_service(part_rows="1000", workers="1")
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        job = service.create_job(client)
        wait_for(lambda: any(state == "running" for _, state, _ in parts(service)))
        yield service, client, job


def status(client: httpx.Client, job: int) -> str:
    """Give the label of the newest run's state."""
    answer = client.get(f"/export/history/{job}/progress")
    return str(answer.raise_for_status().json()["status"])


def objects(service: RunningService) -> list[Path]:
    """Give every file in the storage."""
    return [path for path in (service.data / "objects").rglob("*") if path.is_file()]


def test_cancel_takes_less_than_five_seconds(
    running: tuple[RunningService, httpx.Client, int],
) -> None:
    """A run is cancelled within 5 s, in the middle of a read; nothing of it stays."""
    service, client, job = running
    begun = time.monotonic()
    client.post(f"/export/jobs/cancel/{job}").raise_for_status()
    wait_for(lambda: status(client, job) == "Cancelled")

    assert time.monotonic() - begun < 5
    assert client.post(f"/export/jobs/cancel/{job}").is_success, "once more changes nothing"
    assert status(client, job) == "Cancelled"
    wait_for(lambda: not objects(service), 10)
    assert service.run_job(client)["status"].startswith("Completed"), "the next run works"


def test_a_suspended_run_stops_at_the_next_part_and_goes_on_from_there(
    running: tuple[RunningService, httpx.Client, int], slow_dsn: str, keys: KeyPair
) -> None:
    """The part in hand is finished, no further one begins; a resume redoes no finished part."""
    service, client, job = running
    record = client.get(f"/export/history/{job}").json()
    for _ in range(2):
        client.post(f"/export/jobs/suspend/{record['id']}").raise_for_status()
    assert status(client, job) == "Suspended"
    wait_for(lambda: all(state != "running" for _, state, _ in parts(service)))
    finished, held = done(service), parts(service)
    assert finished
    time.sleep(2)
    assert parts(service) == held, "a part was begun while the run was suspended"

    client.post(f"/export/jobs/resume/{record['id']}").raise_for_status()
    ended = service.wait(client, job)

    assert ended["status"].startswith("Completed"), ended
    assert {number for number, _, starts in parts(service) if starts == 1} >= finished
    assert_complete(exported(service, client, keys, ended), slow_dsn)
