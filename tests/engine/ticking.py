"""Tickers in processes of their own, killed at random, over a clock that runs fast.

`python -m tests.engine.ticking URL SPEED` is one of them: it says `ready`, and is told BEGAN. Its
clock shows `START` at that real time, and runs SPEED times as fast from there.
"""

from __future__ import annotations

import os
import random
import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from cxport.domain.errors import CxportError
from cxport.domain.job import Schedule
from cxport.domain.run import Status
from cxport.engine.ticker import Ticker
from cxport.store import jobs, runs, tables, tenants
from cxport.store.database import Database, connect
from tests.store.samples import a_spec

ROOT = Path(__file__).parents[2]
START = datetime(2026, 5, 1, tzinfo=UTC)
#: What is asked of each of the jobs: every minute, every second one, each with its own setting.
EVERY = (1, 2, 1, 3)


def fast_clock(began: float, speed: float) -> Callable[[], datetime]:
    """Give the clock that all tickers go by."""
    return lambda: START + timedelta(seconds=(time.time() - began) * speed)


def tick(url: str, clock: Callable[[], datetime]) -> None:
    """Tick until killed; a database that is away comes back."""
    ticker = Ticker(connect(url), clock)
    while True:
        try:
            ticker.turn()
        except CxportError:
            time.sleep(0.1)
        time.sleep(0.005)


class Racer:
    """A ticker in a process of its own."""

    def __init__(self, url: str, speed: float) -> None:
        words = [sys.executable, "-m", "tests.engine.ticking", url, str(speed)]
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(words, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
        self._ready = False

    def wait(self) -> None:
        """Return when it could tick."""
        assert self._output.readline() == "ready\n"
        self._ready = True

    def is_ready(self) -> bool:
        """Tell whether it could tick."""
        self._ready = self._ready or bool(select.select([self._output], [], [], 0)[0])
        return self._ready

    def tell(self, began: float) -> None:
        """Let it tick, as soon as it can."""
        assert self._process.stdin
        self._process.stdin.write(f"{began}\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it at once."""
        with self._process:
            self._process.kill()

    @property
    def _output(self) -> IO[str]:
        assert self._process.stdout
        return self._process.stdout


@dataclass
class Race:
    """Tickers against each other and against kills; `checked` tells what became of the ticks."""

    url: str
    minutes: int
    speed: float
    tickers: int = 3
    #: Called at every kill, with its number; a restart of the database may go here.
    at_kill: Callable[[int], None] = lambda _: None
    kills: int = 0
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def run(self) -> dict[str, int]:
        """Race until the clock has shown so many minutes and nothing is due, then check."""
        db = connect(self.url)
        try:
            return self._run(db)
        finally:
            db.close()

    def _run(self, db: Database) -> dict[str, int]:
        db.migrate()
        self._end = START + timedelta(minutes=self.minutes)
        self._tenant = tenants.create(db, "racing").id
        self._jobs = [self._job(db, every) for every in EVERY]
        racing = [self._started() for _ in range(self.tickers)]
        try:
            for ticker in racing:
                ticker.wait()
            began = time.time()
            for ticker in racing:
                ticker.tell(began)
            clock = fast_clock(began, self.speed)
            while clock() < self._end:
                self._kill_one(racing, began)
                self._end_runs(db)
        finally:
            for ticker in racing:
                ticker.kill()
        self._finish(db)
        return self.checked(db)

    def _job(self, db: Database, every: int) -> int:
        """Add a job that ticks every so many minutes, from START on."""
        schedule = Schedule(immediately=False, cron=f"*/{every} * * * *", start_at=START)
        spec = a_spec(schedule=schedule)
        job, _ = jobs.create(db, self._tenant, spec, "user:ann", run_now=False, next_tick_at=START)
        return job.id

    def _started(self) -> Racer:
        return Racer(self.url, self.speed)

    def _kill_one(self, racing: list[Racer], began: float) -> None:
        """Kill a ticker that ticks: one that has only begun to start has nothing to lose yet."""
        if self.chance.random() > 0.05:
            return
        index = self.chance.randrange(len(racing))
        if not racing[index].is_ready():
            return
        racing[index].kill()
        self.kills += 1
        self.at_kill(self.kills)
        racing[index] = self._started()
        racing[index].tell(began)

    def _end_runs(self, db: Database) -> None:
        """End most runs that wait, so that the next tick need not."""
        try:
            with db.read() as connection:
                queued = sa.select(tables.runs.c.id).where(tables.runs.c.status == Status.QUEUED)
                waiting = [row.id for row in connection.execute(queued)]
            for run_id in waiting:
                if self.chance.random() < 0.8:
                    runs.cancel(db, self._tenant, run_id)
        except CxportError:
            time.sleep(0.1)
        time.sleep(0.02)

    def _finish(self, db: Database) -> None:
        """Let what is still due be taken: no process is left that could die of it."""
        with db.write() as connection:
            ended = {"status": Status.CANCELLED, "ended_at": datetime.now(UTC)}
            connection.execute(tables.runs.update().values(ended))
        Ticker(db, lambda: self._end).turn()

    def checked(self, db: Database) -> dict[str, int]:
        """Compare what is written with what was intended, and count it; raises AssertionError."""
        counts = {"ticks": 0, "runs": 0, "kills": self.kills}
        for job_id, every in zip(self._jobs, EVERY, strict=True):
            rows = self._rows(db, job_id)
            intended = intended_ticks(every, rows[-1]["tick_at"])
            assert [row["tick_at"] for row in rows] == intended
            assert rows[-1]["tick_at"] > self._end - timedelta(minutes=every)
            named = {row["run_id"] for row in rows}
            assert named == self._runs_of(db, job_id)
            assert len(named) == sum(row["state"] == "run" for row in rows)
            counts["ticks"] += len(rows)
            counts["runs"] += len(named)
        return counts

    def _rows(self, db: Database, job_id: int) -> list[Mapping[str, Any]]:
        found = sa.select(tables.ticks).where(tables.ticks.c.job_id == job_id)
        with db.read() as connection:
            rows = connection.execute(found.order_by(tables.ticks.c.tick_at)).mappings()
            return [dict(row) for row in rows]

    def _runs_of(self, db: Database, job_id: int) -> set[int]:
        with db.read() as connection:
            found = sa.select(tables.runs.c.id).where(tables.runs.c.job_id == job_id)
            ids = [row.id for row in connection.execute(found)]
            total = connection.execute(
                sa.select(sa.func.count()).select_from(found.subquery())
            ).scalar()
        assert len(set(ids)) == total
        return set(ids)


def intended_ticks(every: int, last: datetime) -> list[datetime]:
    """Give every so-many-th minute of the hour, from START to the last one."""
    minutes = int((last - START) / timedelta(minutes=1))
    moments = (START + timedelta(minutes=number) for number in range(minutes + 1))
    return [moment for moment in moments if moment.minute % every == 0]


if __name__ == "__main__":
    _, address, factor = sys.argv
    print("ready", flush=True)  # noqa: T201 - to the race, which reads nothing further
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    tick(address, fast_clock(float(sys.stdin.readline()), float(factor)))
