"""Dashboard, alerts and reference name the metrics that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import yaml

from cxport.domain.errors import StorageUnavailable
from cxport.domain.run import Status
from cxport.telemetry.metrics import kind_of
from tools.reference_metrics import registered, sample_names

ROOT = Path(__file__).parents[2]
DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy/grafana/cxport.json").read_text())
ALERTS: dict[str, Any] = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yaml").read_text())

_NAME = re.compile(r"\bcxport_[a-z_]+")


def queries() -> list[str]:
    """Give every query of the dashboard and of the alerts."""
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    return panels + [rule["expr"] for group in ALERTS["groups"] for rule in group["rules"]]


def test_every_metric_that_is_asked_for_exists() -> None:
    """A query of a name that nobody serves would be silent for ever."""
    asked = {name for query in queries() for name in _NAME.findall(query)}

    assert len(queries()) > 30
    assert asked - sample_names() == set()


def test_every_metric_is_on_the_dashboard_or_for_the_operator_to_ask() -> None:
    """What is measured is shown; only what tells tenants apart is left to who wants it."""
    asked = {name for query in queries() for name in _NAME.findall(query)}
    shown = {
        metric.name
        for metric in registered()
        if any(name.startswith(metric.name) for name in asked)
    }

    assert {metric.name for metric in registered()} - shown == {
        "cxport_tenant_certificate_days_left",
        "cxport_tenant_runs",
    }


def test_states_and_errors_that_are_asked_for_exist() -> None:
    """Label values of the queries are those of the code."""
    text = "\n".join(queries())
    states = set(re.findall(r'status="([a-zA-Z]+)"', text))

    assert states
    assert states <= {status.value for status in Status}
    assert re.match("Storage.*", kind_of(StorageUnavailable()))


def test_every_alert_says_what_to_do() -> None:
    """Whoever is woken reads what it is, how bad, and where to look."""
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"critical", "warning"}
            assert {"summary", "description"} <= rule["annotations"].keys(), rule["alert"]


def test_every_metric_is_documented() -> None:
    """Each stands in the reference with its meaning."""
    page = (ROOT / "docs/reference/metrics.md").read_text()

    for metric in registered():
        assert f"`{metric.name}" in page
        assert len(metric.documentation) > 10
