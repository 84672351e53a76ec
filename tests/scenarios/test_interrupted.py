"""Whatever is killed or breaks in the middle: the run ends, complete, and nothing comes twice."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psycopg

from tests.scenarios import independent
from tests.scenarios.opening import KeyPair
from tests.scenarios.running import Json, RunningService, kept_in
from tests.servers import S3Server


def wait_for(condition: Callable[[], bool], seconds: float = 90) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.05)


def parts(service: RunningService) -> list[tuple[int, str, int]]:
    """Give number, state and starts of each part of an embedded service's only run."""
    with sqlite3.connect(service.data / "store.sqlite", timeout=60) as store:
        found = store.execute("SELECT number, state, starts FROM run_parts ORDER BY number")
        return found.fetchall()


def done(service: RunningService) -> set[int]:
    """Give the numbers of the parts that are done."""
    return {number for number, state, _ in parts(service) if state == "done"}


def prepared(service: RunningService, client: httpx.Client, keys: KeyPair, dsn: str) -> None:
    """Add the source and upload the certificate."""
    service.add_source("history", dsn)
    service.upload(client, keys.certificate)


def exported(
    service: RunningService, client: httpx.Client, keys: KeyPair, record: Json
) -> dict[str, list[Json]]:
    """Open all files of a run."""
    files = service.files(client, record["id"])
    return keys.lines(*(service.download(client, row["name"]) for row in files))


def assert_complete(lines: dict[str, list[Json]], dsn: str) -> None:
    """Check that every interaction of the database is there, once, value by value."""
    for entity, expected in independent.interactions(dsn).items():
        assert {line["id"]: line for line in lines.get(entity, [])} == expected
        assert len(lines.get(entity, [])) == len(expected)


def test_a_killed_service_finishes_its_run_after_a_restart(
    running_service: Callable[..., RunningService], slow_dsn: str, keys: KeyPair
) -> None:
    """After SIGKILL the run goes on by itself; finished parts are not redone, no row doubled.

    While the service is down, rows are inserted and every time column changes: a row that was
    there throughout is exported exactly once all the same, since parts are cut by the key.
    """
    service = running_service(part_rows="1000", workers="1")
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        before = set(_all(slow_dsn))
        job = service.create_job(client)
        wait_for(lambda: 0 < len(done(service)) < len(parts(service)))
        service.kill()
    finished = done(service)
    _disturb(slow_dsn)

    service.start()

    with service.client() as client:
        record = service.wait(client, job)
        assert record["status"].startswith("Completed"), record
        lines = exported(service, client, keys, record)
    ids = [line["id"] for found in lines.values() for line in found]
    assert len(ids) == len(set(ids)), "a row came twice"
    assert before <= set(ids), "a row that was there throughout is missing"
    assert {number for number, _, starts in parts(service) if starts == 1} >= finished
    assert finished


def _all(dsn: str) -> list[str]:
    return [key for rows in independent.interactions(dsn).values() for key in rows]


def _disturb(dsn: str) -> None:
    """Move every time, and insert rows between those that are there."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("UPDATE interaction SET startdate = startdate + interval '400 days'")
        connection.execute(
            "CREATE TEMP TABLE copied AS SELECT * FROM interaction WHERE id LIKE '%7'"
        )
        connection.execute("UPDATE copied SET id = left(id, 15) || 'Z'")
        connection.execute("INSERT INTO interaction SELECT * FROM copied")


def test_a_killed_reader_process_is_replaced(
    running_service: Callable[..., RunningService], slow_dsn: str, keys: KeyPair
) -> None:
    """When a process that exports is killed, its part is done again and the run completes."""
    service = running_service(part_rows="1000")
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        job = service.create_job(client)
        wait_for(lambda: any(state == "running" for _, state, _ in parts(service)))
        readers = children(service)
        os.kill(readers[0], 9)

        record = service.wait(client, job)

        assert record["status"].startswith("Completed"), record
        assert_complete(exported(service, client, keys, record), slow_dsn)
    assert max(starts for _, _, starts in parts(service)) > 1, "the kill hit nothing"


def children(service: RunningService) -> list[int]:
    """Give the processes that read for a service."""
    listed = subprocess.run(
        ["pgrep", "-P", str(service.pid), "-f", "cxport.export.child"],
        capture_output=True,
        text=True,
        check=True,
    )
    return [int(pid) for pid in listed.stdout.split()]


def test_a_source_connection_lost_in_the_middle_is_taken_up_again(
    running_service: Callable[..., RunningService], slow_dsn: str, keys: KeyPair
) -> None:
    """When the database ends the connections of a run, it connects again and completes."""
    service = running_service(part_rows="1000")
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        job = service.create_job(client)
        wait_for(lambda: any(state == "running" for _, state, _ in parts(service)))
        with psycopg.connect(slow_dsn, autocommit=True) as connection:
            ended = connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchone()
        assert ended is not None
        assert ended[0] > 0

        record = service.wait(client, job)

        assert record["status"].startswith("Completed"), record
        assert_complete(exported(service, client, keys, record), slow_dsn)


def test_a_full_disk_fails_the_run_and_the_next_one_works(
    running_service: Callable[..., RunningService],
    sample_dsn: Callable[[str], str],
    keys: KeyPair,
    tmp_path: Path,
) -> None:
    """A full disk ends the run with that reason, shows no file, and leaves the service usable."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "cxport-test", disk], check=True)
    try:
        service = running_service(blobs=(disk / "objects").as_uri())
        with service.client() as client:
            prepared(service, client, keys, sample_dsn("sqlite"))

            record = service.run_job(client)

            assert record["status"] == "Failed"
            assert "full" in _reason(service, record)
            assert service.files(client, record["id"]) == []
            assert record["fileName"] == ""
            assert not [path for path in disk.rglob("*") if path.is_file()], "a half-made object"

            subprocess.run(["mount", "-o", "remount,size=64m", disk], check=True)
            again = service.run_job(client)
            assert again["status"].startswith("Completed"), again
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def _reason(service: RunningService, record: Json) -> str:
    with sqlite3.connect(service.data / "store.sqlite", timeout=60) as store:
        row = store.execute("SELECT reason FROM runs WHERE id = ?", (record["id"],)).fetchone()
    return str(row[0])


def test_a_storage_outage_is_waited_out(
    running_service: Callable[..., RunningService],
    sample_dsn: Callable[[str], str],
    keys: KeyPair,
) -> None:
    """While the S3 service is away a run waits and tries again; then it completes."""
    with S3Server() as storage:
        service = running_service(**kept_in(storage.settings()))
        with service.client() as client:
            prepared(service, client, keys, sample_dsn("sqlite"))
            storage.stop()
            job = service.create_job(client)
            wait_for(lambda: any(starts > 1 for _, _, starts in parts(service)), 120)
            storage.start()

            record = service.wait(client, job)

            assert record["status"].startswith("Completed"), record
            assert_complete(exported(service, client, keys, record), sample_dsn("sqlite"))


def test_an_expired_certificate_fails_the_run_with_that_reason(
    running_service: Callable[..., RunningService],
    sample_dsn: Callable[[str], str],
    keys: KeyPair,
) -> None:
    """A run whose certificate has expired by then fails and says so; a new one repairs it."""
    service = running_service()
    with service.client() as client:
        prepared(service, client, keys, sample_dsn("sqlite"))
        service.stop()
    with sqlite3.connect(service.data / "store.sqlite") as store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(certificates)")]
        kept = store.execute("SELECT not_after FROM certificates").fetchone()[0]
        assert "not_after" in columns
    _queue_while_stopped(service, keys)
    with sqlite3.connect(service.data / "store.sqlite") as store:
        past = type(kept)(0) if not isinstance(kept, str) else kept.replace(kept[:4], "2020")
        store.execute("UPDATE certificates SET not_after = ?", (past,))
    service.start()
    with service.client() as client:
        record = service.wait(client, 1)
        assert record["status"] == "Failed"
        assert "certificate" in _reason(service, record)

        service.upload(client, keys.certificate)
        assert service.run_job(client)["status"].startswith("Completed")


def _queue_while_stopped(service: RunningService, keys: KeyPair) -> None:
    """Queue a run with no worker about: serve without one, create the job, stop."""
    service.start("--no-worker")
    with service.client() as client:
        service.upload(client, keys.certificate)
        service.create_job(client)
    service.stop()


def test_a_stopped_service_ends_cleanly(
    running_service: Callable[..., RunningService], slow_dsn: str, keys: KeyPair
) -> None:
    """SIGTERM in the middle of a run ends the service within 30 s; the next start goes on."""
    service = running_service(part_rows="1000", workers="1")
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        job = service.create_job(client)
        wait_for(lambda: any(state == "running" for _, state, _ in parts(service)))
    begun = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - begun < 30
    assert [state for _, state, _ in parts(service)].count("running") <= 1

    service.start()

    with service.client() as client:
        record = service.wait(client, job)
        assert record["status"].startswith("Completed"), record
        assert_complete(exported(service, client, keys, record), slow_dsn)
