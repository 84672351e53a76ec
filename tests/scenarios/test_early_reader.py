"""A small run need not wait for the process that reads it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from tests.scenarios.opening import KeyPair
from tests.scenarios.running import RunningService
from tests.scenarios.test_interrupted import children, parts, prepared, wait_for


def test_a_lone_worker_starts_the_reader_before_the_run(
    running_service: Callable[..., RunningService], slow_dsn: str, keys: KeyPair
) -> None:
    """The process is there when the engine comes to the run, which was handed over before."""
    service = running_service(part_rows="1000", workers="1")
    with service.client() as client:
        prepared(service, client, keys, slow_dsn)
        service.create_job(client)
        wait_for(lambda: any(state == "running" for _, state, _ in parts(service)))

    assert min(map(_started_at, children(service))) < _begun_at(service)


def _begun_at(service: RunningService) -> datetime:
    with sqlite3.connect(service.data / "store.sqlite", timeout=60) as store:
        (found,) = store.execute("SELECT started_at FROM runs").fetchone()
    return datetime.fromisoformat(found).replace(tzinfo=UTC)


def _started_at(process: int) -> datetime:
    """Give when a process was started, to a hundredth of a second."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    since_boot = int(fields[19]) / os.sysconf("SC_CLK_TCK")
    booted = time.time() - time.clock_gettime(time.CLOCK_BOOTTIME)
    return datetime.fromtimestamp(booted + since_boot, UTC)
