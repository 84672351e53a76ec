"""How a step of a run is told: its log lines carry the run, its span stands in the run's trace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime, timedelta

from structlog.contextvars import bound_contextvars

from cxport.domain.run import Run, Status
from cxport.domain.tracing import trace_of
from cxport.export.task import Spent
from cxport.telemetry import metrics, traces


@contextmanager
def told(step: str, tenant_id: str, run_id: int, **more: int) -> Iterator[traces.Span]:
    """Do a step of a run inside; `more` (a part's number) is told with it."""
    trace = trace_of(tenant_id, run_id)
    with (
        bound_contextvars(run=run_id, trace=trace, **more),
        traces.run_span(step, tenant_id, run_id, **more) as span,
    ):
        yield span


def tell_begun(run: Run) -> None:
    """Count how long a run waited until it was first begun."""
    if run.attempt == 1 and run.started_at is not None:
        metrics.RUN_WAIT.observe((run.started_at - run.created_at).total_seconds())


def tell_exported(run: Run, number: int, spent: Spent, ended: datetime) -> None:
    """Send what the time of a part that was just exported went on, within its span.

    A part is one stream: all three begin with it, and are as long as was spent on them.
    """
    seconds = {field.name: getattr(spent, field.name) for field in fields(spent)}
    began = ended - timedelta(seconds=sum(seconds.values()))
    for name, took in seconds.items():
        traces.time_spent(name, took, run.id, began, part=number)


def tell_ended(run: Run, status: Status, now: datetime, rows: int = 0) -> None:
    """Count a run that has ended, and send its span as a whole."""
    began = run.started_at or run.created_at
    metrics.RUNS_ENDED.labels(status.value).inc()
    metrics.RUN_SECONDS.observe((now - began).total_seconds())
    traces.run_ended(
        run.tenant_id,
        run.id,
        job_id=run.job_id,
        status=status.value,
        began=began,
        ended=now,
        rows=rows,
    )
