"""Runs that the engine should have and has not are handed to it again.

The store says what is wanted, and the engine's tables what was begun. They part where one is
restored from a backup without the other, or where the engine ends a workflow by a fault of its own.
Or an upgrade leaves workflows of a version that no worker has any more. Such a run would stand
still for ever; so each worker looks at its start, and then in rounds.
"""

from __future__ import annotations

import structlog
from dbos import DBOS, WorkflowStatus

from cxport.engine.version import ENGINE_VERSION
from cxport.store import beats, work
from cxport.store.database import Database

_log = structlog.get_logger()

#: Seconds between two rounds.
ROUND_SECONDS = 30.0

#: Of a workflow that may still do something.
_ALIVE = frozenset({"ENQUEUED", "PENDING", "DELAYED"})

#: A worker that has not beaten for so many seconds goes on with nothing.
_GONE_SECONDS = 30.0

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
    served = {ENGINE_VERSION, *beats.living(db, _GONE_SECONDS).values()}
    for start in range(0, len(runs), _AT_ONCE):
        some = runs[start : start + _AT_ONCE]
        ids = [workflow_id(tenant_id, run_id, stint) for tenant_id, run_id, stint, _ in some]
        found = DBOS.list_workflows(workflow_ids=ids, load_input=False, load_output=False)
        known = {one.workflow_id: one for one in found if one.status in _ALIVE}
        for name, (tenant_id, run_id, _, attempt) in zip(ids, some, strict=True):
            workflow = known.get(name)
            if workflow and _served(workflow, served):
                continue
            if work.hand_back(db, tenant_id, run_id, attempt):
                _log.warning("nobody goes on with a run: handed over again", run=run_id)
                if workflow:
                    DBOS.cancel_workflows([name], cancel_children=True)


def _served(workflow: WorkflowStatus, served: set[str]) -> bool:
    """Tell whether a worker lives that can go on with a workflow; one of no version, any can."""
    return workflow.app_version is None or workflow.app_version in served
