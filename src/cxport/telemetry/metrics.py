"""Every metric that this process counts itself; what the store knows is in `figures`.

Labels have few values, all of them ours: never a name, an id or a text of somebody's.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

from cxport import __version__
from cxport.domain import errors
from cxport.domain.errors import CxportError, ExportFailed

#: Of this process alone: what libraries register elsewhere is not shown.
REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)

_SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_WAITED = (0.5, 1, 2, 5, 15, 60, 300, 1800, 7200)
_LONG = (0.1, 0.5, 1, 5, 15, 60, 300, 1800, 7200)

BUILD = Gauge(
    "cxport_build_info",
    "What runs: version, Python, and whether records are written by compiled code or in Python.",
    ["version", "python", "encoder"],
    registry=REGISTRY,
)
HTTP_REQUESTS = Counter(
    "cxport_http_requests",
    "HTTP requests answered, by route template; `none` is a path that no route takes.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
HTTP_SECONDS = Histogram(
    "cxport_http_request_seconds",
    "Seconds from an HTTP request to the beginning of its answer.",
    ["method", "route"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
RUNS_ENDED = Counter(
    "cxport_runs_ended", "Runs that this process ended, by how.", ["status"], registry=REGISTRY
)
RUN_WAIT = Histogram(
    "cxport_run_wait_seconds",
    "Seconds from when a run was queued until it was first begun.",
    buckets=_WAITED,
    registry=REGISTRY,
)
RUN_SECONDS = Histogram(
    "cxport_run_seconds",
    "Seconds from the start of a run to its end.",
    buckets=_LONG,
    registry=REGISTRY,
)
ROWS_EXPORTED = Counter("cxport_rows_exported", "Rows in finished parts.", registry=REGISTRY)
ROWS_SKIPPED = Counter(
    "cxport_rows_skipped", "Rows of finished parts that could not be exported.", registry=REGISTRY
)
BYTES_SEALED = Counter(
    "cxport_sealed_bytes", "Bytes of the sealed files of finished parts.", registry=REGISTRY
)
PART_SECONDS = Histogram(
    "cxport_part_seconds",
    "Seconds that a part took, by whether it was finished: `done` or `failed`.",
    ["outcome"],
    buckets=_LONG,
    registry=REGISTRY,
)
PARTS_IN_HAND = Gauge(
    "cxport_parts_in_hand", "Parts that this process exports now.", registry=REGISTRY
)
RETRIES = Counter(
    "cxport_retries",
    "What was tried again after an error that may pass, by the error.",
    ["error"],
    registry=REGISTRY,
)
FAILURES = Counter(
    "cxport_failures",
    "Errors met, by kind and by where: in a `request`, a `part`, a `step` of a run or a `round`"
    " of what is done again and again. Store and storage errors are among them.",
    ["error", "place"],
    registry=REGISTRY,
)
WORKERS_REAPED = Counter(
    "cxport_workers_reaped",
    "Workers that did not beat any more and whose work was handed to others.",
    registry=REGISTRY,
)
TICKS = Counter("cxport_ticks", "Ticks of schedules that became part of a run.", registry=REGISTRY)
TICK_LATENESS = Histogram(
    "cxport_tick_lateness_seconds",
    "Seconds from a tick to the moment when its run was queued.",
    buckets=_WAITED,
    registry=REGISTRY,
)
FILES_EXPIRED = Counter(
    "cxport_files_expired", "Files removed because their time was over.", registry=REGISTRY
)

#: What an error that is none of ours counts as.
_FAULT = "fault"

#: Methods that are named; a request may hold any other word.
_METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})


def exposition() -> bytes:
    """Give all metrics in Prometheus' text format, version 0.0.4."""
    return generate_latest(REGISTRY)


@contextmanager
def registered(collector: Collector) -> Iterator[None]:
    """Show what a collector knows, as long as the context lasts."""
    REGISTRY.register(collector)
    try:
        yield
    finally:
        REGISTRY.unregister(collector)


class Watchers(Collector):
    """How many watch, asked when the metrics are."""

    def __init__(self, count: Callable[[], int]) -> None:
        self._count = count

    def collect(self) -> Iterator[Metric]:
        """Give the one gauge."""
        yield GaugeMetricFamily(
            "cxport_watchers",
            "Streams of events that are open in this process.",
            value=self._count(),
        )


def describe_build(*, compiled: bool) -> None:
    """Say what runs."""
    encoder = "compiled" if compiled else "pure"
    BUILD.labels(__version__, platform.python_version(), encoder).set(1)


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count an HTTP request; a status of 0 is one that was never answered."""
    known = method if method in _METHODS else "other"
    HTTP_REQUESTS.labels(known, route, status).inc()
    HTTP_SECONDS.labels(known, route).observe(seconds)


def count_failure(error: BaseException, place: str) -> None:
    """Count an error by its kind; one that is none of ours is `fault`, whatever it is."""
    FAILURES.labels(kind_of(error), place).inc()


def kind_of(error: BaseException) -> str:
    """Name the kind of an error: what a reader process met keeps the name it had there."""
    if not isinstance(error, CxportError):
        return _FAULT
    cause = error.cause if isinstance(error, ExportFailed) else ""
    return cause if cause in _kinds() else type(error).__name__ if not cause else _FAULT


@cache
def _kinds() -> frozenset[str]:
    """Name every error of ours: a reader process may meet others, and labels are bounded."""
    return frozenset(name for name, found in vars(errors).items() if isinstance(found, type))
