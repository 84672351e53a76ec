"""Whether a run is still wanted, and trying again what may succeed the next time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import structlog

from cxport.domain.errors import CxportError, StoreUnavailable
from cxport.domain.run import Run, Status
from cxport.engine.resources import Resources
from cxport.export.readers import RunKey
from cxport.store import runs
from cxport.telemetry import metrics

_log = structlog.get_logger()


def key_of(run: Run) -> RunKey:
    """Name a run in its attempt."""
    return run.tenant_id, run.id, run.attempt


def wanted(at: Resources, key: RunKey) -> bool:
    """Tell whether this attempt is the newest, and its parts in hand are to be finished.

    That is so, too, where the run was suspended meanwhile: only new parts are not begun.
    """
    tenant_id, run_id, attempt = key
    run = runs.get(at.db, tenant_id, run_id)
    return run.status in {Status.IN_PROGRESS, Status.SUSPENDED} and run.attempt == attempt


def retrying(at: Resources, act: Callable[[], None], still_wanted: Callable[[], bool]) -> None:
    """Do something, again after each transient failure, as long as it is wanted.

    A store that is away is another matter: see `patiently`.
    """
    for seconds in at.retry_seconds:
        try:
            return act()
        except CxportError as error:
            at.check_stopping()
            if isinstance(error, StoreUnavailable) or not error.transient or not still_wanted():
                raise
            metrics.RETRIES.labels(metrics.kind_of(error)).inc()
            _log.info("trying again", seconds=seconds, reason=error.message)
        at.stopping.wait(seconds)
    return act()


Result = TypeVar("Result")

#: Between two looks whether the store is back, in seconds.
_PATIENCE_SECONDS = 2.0


def patiently(at: Resources, act: Callable[[], Result]) -> Result:
    """Do a step, as often as it takes until the store is there: no end could be told without.

    The step must be one that changes nothing twice.
    """
    while True:
        at.check_stopping()
        try:
            return act()
        except StoreUnavailable as error:
            metrics.count_failure(error, "step")
            _log.warning("waiting for the store", reason=error.message)
        at.stopping.wait(_PATIENCE_SECONDS)
