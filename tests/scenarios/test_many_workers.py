"""Several workers on PostgreSQL and S3: they share the work, and take over from the dead."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RunningService, kept_in
from tests.scenarios.test_interrupted import assert_complete, exported, prepared, wait_for
from tests.scenarios.workers import Workers
from tests.servers import PostgresServer, S3Server


@pytest.fixture
def store_dsn(postgres: PostgresServer) -> str:
    """Give the database of the store."""
    return postgres.new_database()


@pytest.fixture
def installation(
    running_service: Callable[..., RunningService], store_dsn: str, s3: S3Server, tmp_path: Path
) -> Iterator[tuple[RunningService, Workers]]:
    """Give a service without a worker of its own, and what starts workers for it."""
    storage = s3.settings()
    settings = {
        "database": store_dsn,
        **kept_in(storage),
        "part_rows": "1000",
        "workers": "1",
    }
    service = running_service(**settings)
    service.stop()
    service.start("--no-worker")
    with Workers(service, tmp_path, **settings) as workers:
        yield service, workers


def states(dsn: str) -> list[tuple[str, int]]:
    """Give state and starts of every part."""
    with psycopg.connect(dsn) as store:
        return store.execute("SELECT state, starts FROM run_parts").fetchall()


def test_the_work_of_a_killed_worker_goes_on_elsewhere(
    installation: tuple[RunningService, Workers], store_dsn: str, slow_dsn: str, keys: KeyPair
) -> None:
    """Within 30 s of SIGKILL another worker has taken over; the run completes, nothing twice."""
    service, workers = installation
    workers.start(1)
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        job = service.create_job(client)
        wait_for(lambda: ("running", 1) in states(store_dsn))
        workers.start(2)
        workers.kill(1)
        killed = time.monotonic()
        wait_for(lambda: any(starts > 1 for _, starts in states(store_dsn)), 60)
        taken_over = time.monotonic() - killed

        record = service.wait(client, job)

        assert record["status"].startswith("Completed"), record
        assert_complete(exported(service, client, keys, record), slow_dsn)
    assert taken_over < 30


def test_a_stopped_worker_that_comes_back_changes_nothing(
    installation: tuple[RunningService, Workers], store_dsn: str, slow_dsn: str, keys: KeyPair
) -> None:
    """A worker that was stopped until others took over, and then continues, doubles nothing."""
    service, workers = installation
    workers.start(1)
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        job = service.create_job(client)
        wait_for(lambda: ("running", 1) in states(store_dsn))
        workers.signal(1, signal.SIGSTOP)
        workers.start(2)
        wait_for(lambda: any(starts > 1 for _, starts in states(store_dsn)), 60)
        workers.signal(1, signal.SIGCONT)

        record = service.wait(client, job)

        assert record["status"].startswith("Completed"), record
        assert_complete(exported(service, client, keys, record), slow_dsn)
        time.sleep(2)
        assert service.wait(client, job) == record, "the one that came back changed the run"
