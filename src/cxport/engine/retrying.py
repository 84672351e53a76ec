"""Whether a run is still wanted, and trying again what may succeed the next time."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from cxport.domain.errors import CxportError
from cxport.domain.run import Run, Status
from cxport.engine.resources import Resources
from cxport.export.readers import RunKey
from cxport.store import runs

_log = structlog.get_logger()


def key_of(run: Run) -> RunKey:
    """Name a run in its attempt."""
    return run.tenant_id, run.id, run.attempt


def wanted(at: Resources, key: RunKey) -> bool:
    """Tell whether this attempt of the run is the newest, and is to go on."""
    tenant_id, run_id, attempt = key
    run = runs.get(at.db, tenant_id, run_id)
    return run.status is Status.IN_PROGRESS and run.attempt == attempt


def retrying(at: Resources, act: Callable[[], None], still_wanted: Callable[[], bool]) -> None:
    """Do something, again after each transient failure, as long as it is wanted."""
    for seconds in at.retry_seconds:
        try:
            return act()
        except CxportError as error:
            if not error.transient or not still_wanted():
                raise
            _log.info("trying again", seconds=seconds, reason=error.message)
        time.sleep(seconds)
    return act()
