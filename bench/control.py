"""What control costs: to create a job, to be there and idle, to start, and to print a help."""

from __future__ import annotations

import math
import statistics
import subprocess
import sys
import tempfile
import time
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from bench.kept import Json
from bench.processes import processor_seconds
from bench.service import Served
from bench.work import Grounds
from tests.scenarios.memory import descendants, resident
from tests.scenarios.running import RunningService, job

_JOBS = 100
_STARTS = 5


def control(grounds: Grounds, given: Namespace) -> Json:
    """Measure a service on SQLite, with a worker inside, from outside."""
    work = grounds.sample("postgresql", 1000)
    with Served(grounds, work) as served:
        idle = _idle(served.pid, given.idle)
        # jobs that wait, so that no run takes the processor from what is measured
        later = job(schedulerParam={"cron": "0 0 1 1 *"})
        creating = [_milliseconds(lambda: _create(served, later)) for _ in range(_JOBS)]
    return {
        "jobs": _JOBS,
        "create_p50_ms": round(statistics.median(creating), 1),
        "create_p95_ms": round(sorted(creating)[math.ceil(_JOBS * 0.95) - 1], 1),
        **idle,
        "start_seconds": round(statistics.median(_start() for _ in range(_STARTS)), 2),
        "help_seconds": round(statistics.median(_help() for _ in range(_STARTS)), 3),
    }


def _create(served: Served, body: Json) -> None:
    answer = served.client.post("/export/jobs", json=body)
    if answer.is_error:
        raise SystemExit(f"a job was refused: {answer.text}")


def _milliseconds(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


def _idle(pid: int, seconds: float) -> Json:
    """Measure a service that has nothing to do."""
    before = processor_seconds(pid)
    time.sleep(seconds)
    used = processor_seconds(pid) - before
    memory = sum(resident(one) for one in (pid, *descendants(pid)))
    return {
        "idle_seconds": seconds,
        "idle_percent": round(used / seconds * 100, 2),
        "idle_bytes": memory,
    }


def _start() -> float:
    """Give the seconds from the command to the first answer of /health/ready."""
    with tempfile.TemporaryDirectory() as folder:
        service = RunningService(Path(folder))
        begun = time.perf_counter()
        with service:
            return time.perf_counter() - begun


def _help() -> float:
    command = [sys.executable, "-m", "cxport", "--help"]
    return _milliseconds(lambda: subprocess.run(command, capture_output=True, check=True)) / 1000
