"""Runs that the engine should have and has not are handed to it again.

The store says what is wanted, and the engine's tables what was begun. They part where one is
restored from a backup without the other, or where the engine ends a workflow by a fault of its own.
Such a run would stand still for ever; so each worker looks at its start, and then in rounds.
"""

from __future__ import annotations

import structlog
from dbos import DBOS

from cxport.store import work
from cxport.store.database import Database

_log = structlog.get_logger()

#: Seconds between two rounds.
ROUND_SECONDS = 30.0

#: Of a workflow that may still do something.
_ALIVE = frozenset({"ENQUEUED", "PENDING", "DELAYED"})

#: Workflows that are asked for at once.
_AT_ONCE = 500


def workflow_id(tenant_id: str, run_id: int, stint: int) -> str:
    """Name a run's workflow in one of its stints; the engine takes a name once."""
    return f"{tenant_id}:{run_id}:{stint}"


def reconcile(db: Database) -> None:
    """Let every run that is under way by the store, and not by the engine, be handed over again.

    The store is asked first and again at the end, so that a run which ends or is handed over
    meanwhile is left alone. One that still has a worker somewhere loses it: its number grows.
    """
    runs = work.handed_over(db)
    for start in range(0, len(runs), _AT_ONCE):
        some = runs[start : start + _AT_ONCE]
        ids = [workflow_id(tenant_id, run_id, stint) for tenant_id, run_id, stint, _ in some]
        known = DBOS.list_workflows(workflow_ids=ids, load_input=False, load_output=False)
        alive = {one.workflow_id for one in known if one.status in _ALIVE}
        for name, (tenant_id, run_id, _, attempt) in zip(ids, some, strict=True):
            if name not in alive and work.hand_back(db, tenant_id, run_id, attempt):
                _log.warning("the engine does not know a run: handed over again", run=run_id)
