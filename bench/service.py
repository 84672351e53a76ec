"""What the service adds to the bare pipeline: from a worker's claim of a run to its manifest."""

from __future__ import annotations

import sqlite3
import statistics
import tempfile
import time
from argparse import Namespace
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Self

import httpx

from bench.kept import Json
from bench.ours import Ours
from bench.work import Grounds, Work
from tests.scenarios.running import RunningService

#: Bytes of JSON Lines of an interaction of the sample.
ROW_BYTES = 2620

_RUN_SECONDS = 7200.0


class Served:
    """A service with a source `history`, its store in SQLite and its objects in a folder."""

    def __init__(self, grounds: Grounds, work: Work, **settings: str) -> None:
        self._work = work
        self._ending = ExitStack()
        folder = self._ending.enter_context(tempfile.TemporaryDirectory(dir=grounds.folder))
        rows = max(1000, work.rows // work.parts)
        named = {"workers": str(work.readers), "part_rows": str(rows), **settings}
        self._service = RunningService(Path(folder), **named)
        self._client: httpx.Client | None = None

    def __enter__(self) -> Self:
        """Start it, sign in, and upload the certificate."""
        self._ending.enter_context(self._service)
        self._service.add_source("history", self._work.dsn)
        self._client = self._ending.enter_context(self._service.client())
        self._service.upload(self._client, self._work.certificate)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it and remove all."""
        self._ending.close()

    @property
    def pid(self) -> int:
        """The process of the service."""
        return self._service.pid

    @property
    def client(self) -> httpx.Client:
        """A client that is signed in."""
        assert self._client is not None
        return self._client

    def export(self) -> float:
        """Export everything; give the seconds from the claim of the run to its manifest."""
        job = self._service.create_job(self.client)
        record = self._service.wait(self.client, job, _RUN_SECONDS)
        if not record["status"].startswith("Completed"):
            raise SystemExit(f"the run ended as {record['status']}: {record.get('errors')}")
        return self._claim_to_manifest()

    def _claim_to_manifest(self) -> float:
        with sqlite3.connect(self._service.data / "store.sqlite") as store:
            newest = "SELECT started_at, ended_at FROM runs ORDER BY id DESC LIMIT 1"
            began, ended = map(datetime.fromisoformat, store.execute(newest).fetchone())
        return (ended - began).total_seconds()


def service(grounds: Grounds, given: Namespace) -> Json:
    """Run the pipeline alone and the service in turn, over the same parts of the same rows."""
    rows = round(given.gigabytes * 1_000_000_000 / ROW_BYTES)
    work = grounds.sample("postgresql", rows)
    alone, served = [], []
    with Served(grounds, work) as one:
        for _ in range(given.runs):
            begun = time.perf_counter()
            Ours("CXPort", text=True).run(work)
            alone.append(time.perf_counter() - begun)
            served.append(one.export())
            print(f"  alone {alone[-1]:.2f} s, served {served[-1]:.2f} s", flush=True)
    seconds = (statistics.median(alone), statistics.median(served))
    return {
        "gigabytes": given.gigabytes,
        "rows": rows,
        "runs": given.runs,
        "alone_seconds": round(seconds[0], 3),
        "served_seconds": round(seconds[1], 3),
    }
