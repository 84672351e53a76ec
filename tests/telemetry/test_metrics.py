"""Metrics: bounded labels, and figures of the store that cost little."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from cxport.domain.errors import ExportFailed, StorageUnavailable, StoreUnavailable
from cxport.domain.figures import Figures
from cxport.domain.run import Status
from cxport.domain.said import Said
from cxport.telemetry import metrics
from cxport.telemetry.figures import StoreFigures

NOW = datetime(2026, 5, 1, tzinfo=UTC)
FIGURES = Figures(
    taken_at=NOW,
    runs={Status.QUEUED: 3, Status.IN_PROGRESS: 1},
    runs_of_tenants={("tenant-id", Status.QUEUED): 3},
    oldest_queued_at=NOW - timedelta(seconds=90),
    certificates={"tenant-id": NOW + timedelta(days=12), "other": NOW + timedelta(days=400)},
    files_expiring=5,
    workers=2,
)


def shown(collector: StoreFigures) -> str:
    """Give what Prometheus would read."""
    registry = CollectorRegistry()
    registry.register(collector)
    return generate_latest(registry).decode()


def test_figures_are_those_of_the_store() -> None:
    """Counts by status, the age of the queue, and the certificate that expires first."""
    text = shown(StoreFigures(lambda: FIGURES))

    for line in (
        "cxport_store_up 1.0",
        'cxport_runs{status="queued"} 3.0',
        "cxport_queue_oldest_seconds 90.0",
        "cxport_tick_overdue_seconds 0.0",
        "cxport_certificate_days_left 12.0",
        'cxport_certificates_expiring{days="7"} 0.0',
        'cxport_certificates_expiring{days="30"} 1.0',
        "cxport_files_expiring 5.0",
        "cxport_workers 2.0",
    ):
        assert line in text.splitlines()


def test_tenants_are_told_apart_only_where_that_is_wanted() -> None:
    """By their ids, then."""
    assert "tenant-id" not in shown(StoreFigures(lambda: FIGURES))
    text = shown(StoreFigures(lambda: FIGURES, tenants=True))
    assert 'cxport_tenant_runs{status="queued",tenant="tenant-id"} 3.0' in text
    assert 'cxport_tenant_certificate_days_left{tenant="tenant-id"} 12.0' in text


def test_the_store_is_asked_once_in_ten_seconds() -> None:
    """However many collectors come; registering asks it not at all."""
    asked = []

    def ask() -> Figures:
        asked.append(1)
        return FIGURES

    found, registry = StoreFigures(ask), CollectorRegistry()
    registry.register(found)
    assert not asked
    for _ in range(20):
        generate_latest(registry)
    assert len(asked) == 1


def test_a_store_that_is_away_is_told() -> None:
    """All other metrics are still there to be read."""

    def away() -> Figures:
        raise StoreUnavailable

    text = shown(StoreFigures(away))

    assert "cxport_store_up 0.0" in text
    assert "cxport_runs{" not in text


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (StorageUnavailable(), "StorageUnavailable"),
        (ExportFailed(Said("x"), transient=True, cause="StorageUnavailable"), "StorageUnavailable"),
        (ExportFailed(Said("x"), transient=True), "ExportFailed"),
        (ExportFailed(Said("x"), transient=True, cause="AnyName"), "fault"),
        (ValueError("text"), "fault"),
    ],
)
def test_kinds_of_errors_are_few(error: Exception, kind: str) -> None:
    """Ours by their names, also those that a reader process met; any other is a fault."""
    assert metrics.kind_of(error) == kind


def test_no_word_of_a_caller_becomes_a_label() -> None:
    """A method that nobody knows is `other`."""
    metrics.count_request("CANARY", "none", 404, 0.1)

    text = metrics.exposition().decode()
    assert "CANARY" not in text
    assert 'method="other",route="none",status="404"' in text
