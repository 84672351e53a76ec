"""A run that somebody asks for between the ticks of a job's schedule."""

from __future__ import annotations

from datetime import datetime

from cxport.domain.errors import WrongState
from cxport.domain.run import Run, Status
from cxport.domain.said import Said
from cxport.store import rows
from cxport.store.database import Database
from cxport.store.fencing import locked_job
from cxport.store.intents import open_runs
from cxport.store.limits import check_room
from cxport.store.runs import queue
from cxport.store.scope import writing
from cxport.store.tables import jobs, tenants


def run_now(db: Database, tenant_id: str, job_id: int, *, now: datetime) -> Run:
    """Queue a run of a job, of the window that a tick at this moment would have.

    Its schedule goes on as if nothing had been asked. While a run of it has not ended, that is
    given and no other is made. Raises NotFound, WrongState where the job is suspended, and
    LimitReached.
    """
    with writing(db, tenant_id) as scope:
        row = locked_job(scope, job_id)
        scope.hold()
        if row.suspended:
            raise WrongState(
                Said("a job that is suspended runs nothing: resume it"), Status.SUSPENDED
            )
        if going := open_runs(scope, job_id):
            return rows.run(going[-1])
        check_room(scope, now)
        run = queue(scope, rows.job(row), scope.take(tenants.c.last_id), now=now)
        scope.update(jobs, {"newest_run_id": run.id}, id=job_id)
        return run
