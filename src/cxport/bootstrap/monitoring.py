"""What makes a running process visible to its operator: metrics, probes and traces."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import structlog

from cxport.bootstrap.installation import Installation, utc_now
from cxport.formats.copied import COMPILED
from cxport.store.figures import figures
from cxport.telemetry import metrics, traces
from cxport.telemetry.figures import StoreFigures
from cxport.telemetry.listener import Listener

_log = structlog.get_logger()


@contextmanager
def monitored(installation: Installation) -> Iterator[None]:
    """Serve metrics and probes, where a port is set, and send traces, where a collector is named.

    Raises SetupError where either cannot be.
    """
    settings = installation.settings
    metrics.describe_build(compiled=COMPILED)
    traces.configure(os.environ)
    known = StoreFigures(
        lambda: figures(installation.db, utc_now()), tenants=settings.monitoring_tenants
    )
    watching = metrics.Watchers(lambda: installation.services.watching.watchers)
    with (
        metrics.registered(known),
        metrics.registered(watching),
        _listening(installation) if settings.monitoring_port else nullcontext(),
    ):
        yield
    traces.close()


def _listening(installation: Installation) -> Listener:
    settings = installation.settings
    listener = Listener(
        settings.monitoring_host,
        settings.monitoring_port,
        metrics.exposition,
        installation.services.health.missing,
    )
    _log.info("monitoring", host=settings.monitoring_host, port=listener.port)
    return listener
