"""Holds the sizing model against real workers: `python -m bench sizing`.

Workers of one part at a time share a store in PostgreSQL. Runs by one worker calibrate the model;
then 1, 2 and 4 workers export more rows than it has seen, and their times are compared with what it
says.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from argparse import Namespace
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import httpx
import psycopg

from bench.kept import Json
from bench.processes import processor_seconds
from bench.sizing import TOLERANCE, Costs
from bench.work import Grounds, Work
from tests.scenarios.memory import MemoryWatch
from tests.scenarios.running import RunningService
from tests.scenarios.workers import Workers
from tests.servers import PostgresServer

WORKERS = (1, 2, 4)

#: A multiple of every number of workers, so that all end together.
_PARTS = 8
_MANY_PARTS = 24
_RUN_SECONDS = 3600.0


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What one run took."""

    seconds: float
    queued_seconds: float
    worker_processor_seconds: float
    source_processor_seconds: float
    parts: int
    operations: int
    sealed_bytes: int
    #: The largest worker without its readers, and the largest reader.
    worker_bytes: int
    reader_bytes: int


class Farm:
    """A service without a worker, so many workers of one part at a time, and a source."""

    def __init__(self, grounds: Grounds, work: Work, workers: int, parts: int) -> None:
        self._ending = ExitStack()
        self._store = self._ending.enter_context(PostgresServer())
        self._source = grounds.postgres
        self._work = work
        self._count = workers
        self._dsn = self._store.new_database()
        folder = Path(self._ending.enter_context(tempfile.TemporaryDirectory(dir=grounds.folder)))
        settings = {
            "database": self._dsn,
            "blobs": (folder / "objects").as_uri(),
            "workers": "1",
            "part_rows": str(max(1000, work.rows // parts)),
        }
        self._service = RunningService(folder, **settings)
        self._workers = Workers(self._service, folder, **settings)

    def __enter__(self) -> Self:
        """Start all."""
        self._ending.enter_context(self._service.started("--no-worker"))
        self._ending.enter_context(self._workers)
        self._service.add_source("history", self._work.dsn)
        for number in range(self._count):
            self._workers.start(number)
        while self.asked("SELECT count(*) FROM beats WHERE engine <> ''") < self._count:
            time.sleep(0.1)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop all."""
        self._ending.close()

    def asked(self, query: str) -> int:
        """Give the one number that a query of the store gives."""
        with psycopg.connect(self._dsn) as store:
            row = store.execute(query.encode()).fetchone()
        return int(row[0]) if row and row[0] is not None else 0

    @property
    def connections(self) -> int:
        """Connections to the store, this one left out, those of the service as well."""
        service = 1
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return max(1, self.asked(query) - service) // self._count

    def run(self) -> Trial:
        """Export everything once, and tell what it took."""
        with self._service.client() as client, ExitStack() as watching:
            self._upload(client)
            pids = self._workers.pids
            watches = [watching.enter_context(MemoryWatch(pid)) for pid in pids]
            before = self._processors(pids)
            operations = self._operations()
            record = self._service.wait(client, self._service.create_job(client), _RUN_SECONDS)
            after = self._processors(pids)
        if record["status"] not in {"Completed", "Completed with Warnings"}:
            raise SystemExit(f"the run ended as {record['status']}")
        newest = "FROM runs ORDER BY id DESC LIMIT 1"
        return Trial(
            seconds=self._between("ended_at", "started_at", newest),
            queued_seconds=self._between("started_at", "created_at", newest),
            worker_processor_seconds=after[0] - before[0],
            source_processor_seconds=after[1] - before[1],
            parts=self.asked("SELECT count(*) FROM run_parts"),
            operations=self._operations() - operations,
            sealed_bytes=int(record["fileSize"]),
            worker_bytes=max(watch.root_peak for watch in watches),
            reader_bytes=max(watch.child_peak for watch in watches),
        )

    def _upload(self, client: httpx.Client) -> None:
        self._service.upload(client, self._work.certificate)

    def _processors(self, pids: list[int]) -> tuple[float, float]:
        return sum(map(processor_seconds, pids)), processor_seconds(self._source.pid)

    def _between(self, later: str, earlier: str, of: str) -> float:
        milliseconds = f"SELECT 1000 * extract(epoch FROM {later} - {earlier}) {of}"  # noqa: S608 - of our own words
        return self.asked(milliseconds) / 1000

    def _operations(self) -> int:
        """Count the steps and workflows that the engine has recorded."""
        return self.asked(
            "SELECT (SELECT count(*) FROM dbos.operation_outputs)"
            " + (SELECT count(*) FROM dbos.workflow_status)"
        )


def sizing(grounds: Grounds, given: Namespace) -> Json:
    """Calibrate, predict, measure; `failed` where a prediction is too far off."""
    whole = grounds.sample("postgresql", given.interactions)
    costs = calibrated(grounds, whole, given.runs)
    print(f"  {costs}", flush=True)
    checks = [_check(grounds, whole, costs, workers, given.runs) for workers in WORKERS]
    return {
        "rows": whole.rows,
        "runs": given.runs,
        "costs": costs.kept(),
        "checks": checks,
        "failed": any(abs(one["off"]) > TOLERANCE for one in checks),
    }


def calibrated(grounds: Grounds, whole: Work, runs: int) -> Costs:
    """Measure the model's figures by one worker: few rows, many parts, and half of the rows."""
    few = grounds.sample("postgresql", max(2000, whole.rows // 20))
    half = grounds.sample("postgresql", max(4000, whole.rows // 2))
    small, _ = _middle(grounds, few, 1, 1, runs)
    many, _ = _middle(grounds, few, 1, _MANY_PARTS, runs)
    large, connections = _middle(grounds, half, 1, 1, runs)
    part = max(0.001, (many.seconds - small.seconds) / max(1, many.parts - small.parts))
    operations = (many.operations - small.operations) / max(1, many.parts - small.parts)
    more = half.rows - few.rows
    row = (large.seconds - small.seconds - (large.parts - small.parts) * part) / more
    return Costs(
        run_seconds=max(0.0, small.seconds - few.rows * row - small.parts * part),
        part_seconds=part,
        row_seconds=row,
        worker_row_seconds=_more(large, small, "worker_processor_seconds") / more,
        source_row_seconds=_more(large, small, "source_processor_seconds") / more,
        queue_seconds=statistics.median(one.queued_seconds for one in (small, many, large)),
        worker_bytes=large.worker_bytes,
        reader_bytes=large.reader_bytes,
        worker_connections=connections,
        run_operations=small.operations - small.parts * operations,
        part_operations=operations,
        row_bytes=2620.0,
        sealed_row_bytes=large.sealed_bytes / half.rows,
    )


def _more(large: Trial, small: Trial, name: str) -> float:
    difference: float = getattr(large, name) - getattr(small, name)
    return difference


def _middle(grounds: Grounds, work: Work, workers: int, parts: int, runs: int) -> tuple[Trial, int]:
    """Run so many times, and give the run of the middle time, and the connections of a worker."""
    with Farm(grounds, work, workers, parts) as farm:
        found = sorted((farm.run() for _ in range(runs)), key=lambda one: one.seconds)
        return found[len(found) // 2], farm.connections


def _check(grounds: Grounds, work: Work, costs: Costs, workers: int, runs: int) -> Json:
    trial, _ = _middle(grounds, work, workers, _PARTS, runs)
    predicted = costs.seconds(
        rows=work.rows, parts=trial.parts, workers=workers, cores=os.cpu_count() or 1
    )
    found = {
        "workers": workers,
        "parts": trial.parts,
        "predicted_seconds": round(predicted, 2),
        "measured_seconds": round(trial.seconds, 2),
        "off": round(predicted / trial.seconds - 1, 3),
        "predicted_bytes": costs.memory(1),
        "measured_bytes": trial.worker_bytes + trial.reader_bytes,
    }
    print(f"  {found}", flush=True)
    return found
