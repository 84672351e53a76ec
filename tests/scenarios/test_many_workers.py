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


def beating(dsn: str) -> int:
    """Count the workers that are there."""
    with psycopg.connect(dsn) as store:
        return int(store.execute("SELECT count(*) FROM beats WHERE engine <> ''").fetchall()[0][0])


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


def test_workers_share_one_snapshot(
    installation: tuple[RunningService, Workers], store_dsn: str, slow_dsn: str, keys: KeyPair
) -> None:
    """Parts of two workers are one picture of PostgreSQL: what came after the plan is in none."""
    service, workers = installation
    for number in (1, 2):
        workers.start(number)
    wait_for(lambda: beating(store_dsn) == 2)
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        job = service.create_job(client)
        wait_for(lambda: bool(states(store_dsn)))
        with psycopg.connect(slow_dsn) as source:
            source.execute(
                "CREATE TEMP TABLE late AS SELECT * FROM interaction ORDER BY id DESC LIMIT 1;"
                " UPDATE late SET id = 'zzzzzzzzzzzzzzzz'; INSERT INTO interaction TABLE late"
            )
        wait_for(lambda: [state for state, _ in states(store_dsn)].count("running") == 2)

        record = service.wait(client, job)

        assert record["status"].startswith("Completed"), record
        lines = exported(service, client, keys, record)
    with psycopg.connect(store_dsn) as store:
        seen = store.execute("SELECT result ->> 'snapshot_at' FROM run_parts").fetchall()
    assert len(seen) > 2
    assert len(set(seen)) == 1
    assert "zzzzzzzzzzzzzzzz" not in {line["id"] for found in lines.values() for line in found}
