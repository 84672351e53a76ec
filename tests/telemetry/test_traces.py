"""Traces: nothing where nobody collects them, and one trace a run where somebody does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from cxport.domain.errors import SetupError
from cxport.domain.tracing import root_span_of, trace_of
from cxport.telemetry import traces
from tests.scenarios.collector import Collector, attributes

NAMED = "OTEL_EXPORTER_OTLP_ENDPOINT"

_IMPORTS = """
import sys
from cxport.api.app import create_app
from cxport.bootstrap import serving, monitoring
from cxport.engine import worker
from cxport.telemetry import traces
traces.configure({})
with traces.request_span("GET") as span, traces.run_span("plan", "t", 1):
    span.note({"a": 1})
traces.close()
loaded = ("opentelemetry.sdk", "opentelemetry.exporter", "cxport.telemetry.otlp")
print([name for name in sys.modules if name.startswith(loaded)])
"""


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """Collect what this process sends."""
    with Collector() as found:
        monkeypatch.setenv(NAMED, found.url)
        traces.configure({NAMED: found.url})
        yield found
        traces.close()


def test_nothing_is_imported_where_no_collector_is_named() -> None:
    """Who does not use traces pays nothing for them."""
    command = [sys.executable, "-c", _IMPORTS]
    done = subprocess.run(command, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({NAMED: ""}, False),
        ({NAMED: "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318"}, True),
        ({NAMED: "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, False),
    ],
)
def test_the_standards_variables_decide(environment: dict[str, str], wanted: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """A collector must be named, and the SDK not be switched off."""
    assert traces.wanted(environment) == wanted


def test_a_missing_extra_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A collector that is named and never told of anything would be a surprise."""
    monkeypatch.setitem(sys.modules, "cxport.telemetry.otlp", None)

    with pytest.raises(SetupError, match=r"cxport\[traces\]"):
        traces.configure({NAMED: "http://127.0.0.1:4318"})


def test_a_failure_is_told_by_its_kind_alone(collector: Collector) -> None:
    """The text of an error could hold data."""
    with (
        pytest.raises(ValueError, match="CANARY"),
        traces.run_span("part", "tenant", 7, part=3),
    ):
        raise ValueError("CANARY")
    traces.close()
    (span,) = collector.spans

    assert span.trace_id.hex() == trace_of("tenant", 7)
    assert span.parent_span_id.hex() == root_span_of("tenant", 7)
    assert attributes(span) == {"cxport.run": 7, "cxport.part": 3, "error.type": "ValueError"}
    assert span.status.code == 2
    assert b"CANARY" not in collector.raw


def test_runs_of_two_tenants_are_two_traces() -> None:
    """An id tells nothing of the tenant, and is its own for each run."""
    ids = {trace_of(tenant, run) for tenant in ("a", "b", "a:1") for run in range(100)}

    assert len(ids) == 300
    assert all(len(found) == 32 for found in ids)
    assert root_span_of("a", 1) not in trace_of("a", 1)
