"""A run once more on the real system: retried from its parts, and found again by the engine."""

from __future__ import annotations

import subprocess
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
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk that holds some parts of the sample, and not all."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k", "cxport-test", disk], check=True)
    yield disk
    subprocess.run(["umount", "-l", disk], check=True)


def test_a_retry_redoes_only_what_is_not_finished(
    running_service: Callable[..., RunningService],
    slow_dsn: str,
    keys: KeyPair,
    small_disk: Path,
) -> None:
    """A run that a full disk ended is retried as itself; its finished parts are kept, and whole."""
    objects = small_disk / "objects"
    service = running_service(part_rows="1000", workers="1", blobs=objects.as_uri())
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        job = service.create_job(client)
        failed = service.wait(client, job)
        assert failed["status"] == "Failed", failed
        finished = done(service)
        assert 0 < len(finished) < len(parts(service)), parts(service)
        assert service.files(client, failed["id"]) == []

        subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
        for _ in range(2):
            ours(client, f"runs/{failed['id']}/retry")
        record = service.wait(client, job)

        assert (record["id"], record["status"]) == (failed["id"], "Completed"), record
        assert {number for number, _, starts in parts(service) if starts == 1} >= finished
        assert_complete(exported(service, client, keys, record), slow_dsn)


def ours(client: httpx.Client, path: str) -> None:
    """Act by our own API."""
    url = str(client.base_url).replace("/udm/v10", "/cxport/v1")
    client.post(f"{url.rstrip('/')}/{path}").raise_for_status()


def test_a_run_that_the_engine_has_lost_is_handed_over_again(
    running_service: Callable[..., RunningService], slow_dsn: str, keys: KeyPair
) -> None:
    """With the store of a run in the middle and an empty engine, a start goes on from its parts."""
    service = running_service(part_rows="1000", workers="1")
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        job = service.create_job(client)
        wait_for(lambda: 0 < len(done(service)) < len(parts(service)))
    service.kill()
    finished = done(service)
    for file in service.data.glob("engine.sqlite*"):
        file.unlink()

    service.start()

    with service.client() as client:
        record = service.wait(client, job)
        assert record["status"].startswith("Completed"), record
        assert {number for number, _, starts in parts(service) if starts == 1} >= finished
        assert_complete(exported(service, client, keys, record), slow_dsn)
