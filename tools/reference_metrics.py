"""The metrics for the reference, from what the telemetry registers."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import Metric
from prometheus_client.metrics import MetricWrapperBase

from cxport.domain.figures import Figures
from cxport.telemetry import metrics
from cxport.telemetry.figures import StoreFigures
from tools.table import table

_PREFIX = "cxport_"


def registered() -> list[Metric]:
    """Give every metric of ours, of the process and of the store, by name."""
    store = StoreFigures(_never)
    process = [found for found in metrics.REGISTRY.collect() if found.name.startswith(_PREFIX)]
    watchers = list(metrics.Watchers(lambda: 0).collect())
    return sorted([*process, *store.describe(), *watchers], key=lambda found: found.name)


def _never() -> Figures:
    raise NotImplementedError


def sample_names() -> set[str]:
    """Give every name that a query may use."""
    return {name for found in registered() for name in _samples(found)}


def _samples(found: Metric) -> Iterator[str]:
    match found.type:
        case "counter":
            yield f"{found.name}_total"
        case "histogram":
            yield from (f"{found.name}_{part}" for part in ("bucket", "count", "sum"))
        case _:
            yield found.name


def labels_of(collector: object) -> tuple[str, ...]:
    """Give the labels of a metric of the process."""
    return tuple(getattr(collector, "_labelnames", ()))


def metric_table() -> str:
    """List every metric."""
    known = _labels()
    rows = [
        (
            f"`{_shown(found)}`",
            found.type,
            ", ".join(f"`{label}`" for label in known.get(found.name, ())),
            found.documentation,
        )
        for found in registered()
    ]
    return table(("Metric", "Type", "Labels", "Meaning"), rows)


def _shown(found: Metric) -> str:
    return f"{found.name}_total" if found.type == "counter" else found.name


def _labels() -> dict[str, tuple[str, ...]]:
    """Give the labels by the name of the metric."""
    of_process = {
        str(getattr(one, "_name", "")): labels_of(one)
        for one in vars(metrics).values()
        if isinstance(one, MetricWrapperBase)
    }
    of_store = {
        found.name: tuple(getattr(found, "_labelnames", ()))
        for found in StoreFigures(_never).describe()
    }
    return {**of_process, **of_store}
