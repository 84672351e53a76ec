"""What an operator wants to see of all tenants together: counts, by one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from cxport.domain.figures import Figures
from cxport.domain.run import Status
from cxport.store import beats
from cxport.store.database import Database
from cxport.store.expiry import in_force
from cxport.store.tables import files, jobs, runs

_SOON = timedelta(days=1)


def figures(db: Database, now: datetime) -> Figures:
    """Count what there is; raises StoreUnavailable."""
    alive = len(beats.living(db, beats.DEAD_SECONDS))
    with db.read() as connection:
        of_tenants = _open_runs(connection)
        return Figures(
            taken_at=now,
            runs=_by_status(of_tenants),
            runs_of_tenants=of_tenants,
            oldest_queued_at=_oldest_queued(connection),
            oldest_due_at=_oldest_due(connection, now),
            certificates=in_force(connection),
            files_expiring=_files_until(connection, now + _SOON),
            files_overdue=_files_until(connection, now),
            workers=alive,
        )


def _open_runs(connection: Connection) -> dict[tuple[str, Status], int]:
    counted = (
        select(runs.c.tenant_id, runs.c.status, func.count())
        .where(runs.c.ended_at.is_(None))
        .group_by(runs.c.tenant_id, runs.c.status)
    )
    return {
        (tenant, Status(status)): count for tenant, status, count in connection.execute(counted)
    }


def _by_status(of_tenants: dict[tuple[str, Status], int]) -> dict[Status, int]:
    found = {status: 0 for status in Status if not status.ended}
    for (_, status), count in of_tenants.items():
        found[status] = found.get(status, 0) + count
    return found


def _oldest_queued(connection: Connection) -> datetime | None:
    waiting = runs.c.ended_at.is_(None), runs.c.status == Status.QUEUED
    oldest: datetime | None = connection.execute(
        select(func.min(runs.c.created_at)).where(*waiting)
    ).scalar()
    return oldest


def _oldest_due(connection: Connection, now: datetime) -> datetime | None:
    """Find the tick that waits longest, of jobs without a run that has not ended."""
    going = select(runs.c.id).where(
        runs.c.tenant_id == jobs.c.tenant_id, runs.c.job_id == jobs.c.id, runs.c.ended_at.is_(None)
    )
    due = jobs.c.next_tick_at <= now, jobs.c.suspended.is_(False), ~going.exists()
    oldest: datetime | None = connection.execute(
        select(func.min(jobs.c.next_tick_at)).where(*due)
    ).scalar()
    return oldest


def _files_until(connection: Connection, moment: datetime) -> int:
    over = select(func.count()).select_from(files).where(files.c.expires_at <= moment)
    return int(connection.execute(over).scalar_one())
