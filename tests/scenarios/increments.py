"""What tests of increments do to a service: further runs, and what gets in their way."""

from __future__ import annotations

import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from cxport.store import rows
from cxport.store.database import connect
from cxport.store.runs import queue
from cxport.store.scope import writing
from cxport.store.tables import jobs, tenants
from tests.scenarios.running import Json, RunningService


def published(run: Json) -> bool:
    """Tell whether a run ended with all there was."""
    return str(run["status"]).startswith("Completed") or run["status"] == "No Data"


def tick(service: RunningService, job_id: int) -> int:
    """Queue a run as a tick of the job's schedule does, without waiting for the full minute."""
    db = connect(f"sqlite:///{service.data / 'store.sqlite'}")
    with db.read() as connection:
        named = select(tenants.c.id).where(tenants.c.name == service.credentials["tenant"])
        tenant_id = connection.execute(named).scalar_one()
    with writing(db, tenant_id) as scope:
        run = queue(scope, rows.job(scope.get(jobs, id=job_id)), scope.take(tenants.c.last_id))
        scope.update(jobs, {"newest_run_id": run.id}, id=job_id)
    db.close()
    return run.id


def filled(disk: Path) -> Path:
    """Fill a disk to the last block, and give the file that does it."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    return filler


def wait_until_begun(service: RunningService, run_id: int) -> None:
    """Wait until a run has its plan."""
    deadline = time.monotonic() + 30
    with sqlite3.connect(service.data / "store.sqlite", timeout=60) as store:
        query = "SELECT count(*) FROM run_parts WHERE run_id = ?"
        while not store.execute(query, (run_id,)).fetchone()[0]:
            assert time.monotonic() < deadline, "no run began"
            time.sleep(0.01)
