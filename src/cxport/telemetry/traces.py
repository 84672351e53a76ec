"""Traces, where OpenTelemetry's own settings name a collector; otherwise nothing is imported.

A run is one trace, whichever processes work for it and however often they begin: its ids follow
from the run, so nothing is handed from one to the next. The steps are its spans; the run as a whole
is sent when it has ended. A request is a trace of its own, and names the job that it made.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from cxport.domain.errors import SetupError
from cxport.domain.tracing import root_span_of, trace_of

if TYPE_CHECKING:
    from cxport.telemetry.otlp import Exporter

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
_DISABLED = "OTEL_SDK_DISABLED"

Attributes = Mapping[str, str | int | float | bool]


class Span(Protocol):
    """Something that takes time; what happens in it may be noted."""

    def note(self, attributes: Attributes) -> None:
        """Add attributes."""

    def failed(self, kind: str) -> None:
        """Say that it failed, by the kind of its error."""


class _NoSpan:
    """What is noted where nobody collects traces."""

    def note(self, attributes: Attributes) -> None:
        """Do nothing."""

    def failed(self, kind: str) -> None:
        """Do nothing."""


_NO_SPAN = _NoSpan()
_exporter: Exporter | None = None


def configure(environment: Mapping[str, str]) -> None:
    """Send traces from now on where the environment names a collector (OTLP over HTTP).

    Raises SetupError where it does and the extra `traces` is not installed.
    """
    global _exporter  # noqa: PLW0603 - as a process has one log, it has one way for its traces
    if not wanted(environment):
        return
    try:
        from cxport.telemetry.otlp import Exporter
    except ImportError:
        raise SetupError(
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, and the extra `traces` is not installed:"
            " pip install 'cxport[traces]'"
        ) from None
    _exporter = Exporter()


def wanted(environment: Mapping[str, str]) -> bool:
    """Tell whether the standard's variables name a collector and do not switch traces off."""
    named = any(environment.get(name) for name in _ENDPOINTS)
    return named and environment.get(_DISABLED, "").lower() != "true"


def close() -> None:
    """Send what waits, within a few seconds, and no more after it."""
    global _exporter  # noqa: PLW0603 - the same
    if _exporter is not None:
        _exporter.close()
        _exporter = None


@contextmanager
def request_span(method: str) -> Iterator[Span]:
    """Trace an HTTP request."""
    if _exporter is None:
        yield _NO_SPAN
        return
    with _exporter.span(method, None, {"http.request.method": method}, server=True) as span:
        yield span


def note_job(job_id: int) -> None:
    """Name the job that the request under way has made: its runs are traces of their own."""
    if _exporter is not None:
        _exporter.current().note({"cxport.job": job_id})


@contextmanager
def run_span(name: str, tenant_id: str, run_id: int, **attributes: int) -> Iterator[Span]:
    """Trace a step of a run, in the trace of the run."""
    if _exporter is None:
        yield _NO_SPAN
        return
    parent = trace_of(tenant_id, run_id), root_span_of(tenant_id, run_id)
    noted = {"cxport.run": run_id, **_named(attributes)}
    with _exporter.span(name, parent, noted) as span:
        yield span


def _named(attributes: Mapping[str, int]) -> dict[str, int]:
    return {f"cxport.{key}": value for key, value in attributes.items()}


def time_spent(on: str, seconds: float, run_id: int, began: datetime, **attributes: int) -> None:
    """Send a span under the one under way: so many seconds of its time, told when it is over."""
    if _exporter is not None:
        noted = {"cxport.run": run_id, **_named(attributes)}
        _exporter.spent(on, noted, began, began + timedelta(seconds=seconds))


def run_ended(  # noqa: PLR0913 - what the span of a run shows
    tenant_id: str,
    run_id: int,
    *,
    job_id: int,
    status: str,
    began: datetime,
    ended: datetime,
    rows: int,
) -> None:
    """Send the span of a run as a whole, under which its steps stand."""
    if _exporter is not None:
        ids = trace_of(tenant_id, run_id), root_span_of(tenant_id, run_id)
        noted: dict[str, Any] = {
            "cxport.run": run_id,
            "cxport.job": job_id,
            "cxport.status": status,
            "cxport.rows": rows,
        }
        _exporter.whole("run", ids, noted, began, ended)
