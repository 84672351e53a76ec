"""What the store knows, as metrics: asked when they are, and not again within some seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from cxport.domain.certificate import WARNING_DAYS, days_left
from cxport.domain.errors import CxportError
from cxport.domain.figures import Figures

#: Several collectors, or one that hurries, cost the store no more than one.
_KEPT_SECONDS = 10.0


class StoreFigures(Collector):
    """Gauges from the store; where it does not answer, `cxport_store_up` alone, which is 0.

    Every process of an installation tells the same: take the largest, not the sum.
    """

    def __init__(self, ask: Callable[[], Figures], *, tenants: bool = False) -> None:
        self._ask = ask
        self._tenants = tenants
        self._lock = threading.Lock()
        self._kept: Figures | None = None
        self._asked_at = float("-inf")

    def describe(self) -> Iterable[Metric]:
        """Name the metrics without asking the store."""
        return [
            _up(None),
            *_gauges(Figures(taken_at=_NEVER), None),
            *_of_tenants(Figures(taken_at=_NEVER)),
        ]

    def collect(self) -> Iterator[Metric]:
        """Give the figures, asked for now or within the last seconds."""
        found = self._figures()
        yield _up(found)
        if found:
            yield from _gauges(found, _fewest_days(found))
            if self._tenants:
                yield from _of_tenants(found)

    def _figures(self) -> Figures | None:
        with self._lock:
            if time.monotonic() - self._asked_at >= _KEPT_SECONDS:
                try:
                    self._kept = self._ask()
                except CxportError:
                    self._kept = None
                self._asked_at = time.monotonic()
            return self._kept


def _up(found: Figures | None) -> Metric:
    return _gauge("cxport_store_up", "1 where the store answers, else 0.", int(found is not None))


def _gauge(name: str, help_text: str, value: float | None = None) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)


def _gauges(found: Figures, fewest_days: float | None) -> Iterator[Metric]:
    now = found.taken_at
    yield _labelled(
        "cxport_runs",
        "Runs that have not ended, by status; those queued are the queue.",
        ["status"],
        {(status.value,): count for status, count in found.runs.items()},
    )
    yield _gauge(
        "cxport_queue_oldest_seconds",
        "For how long the run waits that was queued first; 0 where none waits.",
        _seconds(found.oldest_queued_at, now),
    )
    yield _gauge(
        "cxport_tick_overdue_seconds",
        "How late the schedules are: seconds since the first tick that no run covers; 0: none.",
        _seconds(found.oldest_due_at, now),
    )
    yield _gauge(
        "cxport_certificate_days_left",
        "Days until the first certificate in force of any tenant expires; none without any.",
        fewest_days,
    )
    yield _labelled(
        "cxport_certificates_expiring",
        "Tenants whose certificate in force expires within so many days.",
        ["days"],
        {(str(days),): _within(found, days) for days in WARNING_DAYS},
    )
    yield _gauge(
        "cxport_files_expiring", "Files whose time is over within a day.", found.files_expiring
    )
    yield _gauge(
        "cxport_files_overdue",
        "Files whose time is over and that are not removed yet.",
        found.files_overdue,
    )
    yield _gauge("cxport_workers", "Workers that beat.", found.workers)


def _of_tenants(found: Figures) -> Iterator[Metric]:
    yield _labelled(
        "cxport_tenant_runs",
        "Runs that have not ended, by tenant id and status; only with monitoring_tenants.",
        ["tenant", "status"],
        {(tenant, one.value): count for (tenant, one), count in found.runs_of_tenants.items()},
    )
    yield _labelled(
        "cxport_tenant_certificate_days_left",
        "Days until a tenant's certificate in force expires; only with monitoring_tenants.",
        ["tenant"],
        {
            (tenant,): days_left(until, found.taken_at)
            for tenant, until in found.certificates.items()
        },
    )


def _labelled(
    name: str, help_text: str, labels: list[str], values: Mapping[tuple[str, ...], float]
) -> GaugeMetricFamily:
    found = GaugeMetricFamily(name, help_text, labels=labels)
    for key, value in values.items():
        found.add_metric(list(key), value)
    return found


def _seconds(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _fewest_days(found: Figures) -> float | None:
    days = [days_left(until, found.taken_at) for until in found.certificates.values()]
    return min(days, default=None)


def _within(found: Figures, days: int) -> int:
    return sum(days_left(until, found.taken_at) <= days for until in found.certificates.values())


_NEVER = datetime.min.replace(tzinfo=UTC)
