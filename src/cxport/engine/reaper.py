"""What dead workers left is taken over by those that live.

The engine gives the work of a process that was killed back to nobody but that process. So each
worker looks who owns unfinished workflows and does not beat any more, and hands them back to the
queues. A worker that only seemed dead can change nothing afterwards: the store knows which start
of a part is the newest, and a run is published once.
"""

from __future__ import annotations

import structlog
from dbos import DBOS

from cxport.engine.version import ENGINE_VERSION
from cxport.store import beats
from cxport.store.database import Database
from cxport.telemetry import metrics

_log = structlog.get_logger()


def take_over(db: Database, worker_id: str) -> None:
    """Hand back to the queues what workers that do not beat have in hand."""
    pending = DBOS.list_workflows(
        status="PENDING", app_version=ENGINE_VERSION, load_input=False, load_output=False
    )
    owners = {found.executor_id for found in pending if found.executor_id}
    dead = owners - beats.living(db, beats.DEAD_SECONDS).keys() - {worker_id}
    if dead:
        _log.warning("taking over from workers that do not beat", workers=sorted(dead))
        metrics.WORKERS_REAPED.inc(len(dead))
        DBOS._recover_pending_workflows(sorted(dead))  # noqa: SLF001 - the engine's own recovery, for other ids
