"""What has changed of late in the jobs and runs of many tenants, by one look at the store."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select, union_all

from cxport.domain.catalogue import Family
from cxport.domain.custody import Decision
from cxport.domain.pace import Pace
from cxport.domain.run import Status
from cxport.domain.said import known
from cxport.domain.watching import Watched, WatchedJob, WatchedRun
from cxport.store.database import Database
from cxport.store.records import from_json
from cxport.store.tables import jobs, runs

_OPEN = tuple(status.value for status in Status if not status.ended)

#: Of jobs, and of runs, so many at most in one look, those with the highest ids: a look stays
#: bounded, whatever a tenant has.
MOST_ROWS = 5000


def since(db: Database, tenant_ids: Collection[str], moment: datetime) -> list[Watched]:
    """Give the jobs changed since a moment, and the runs that are open, ended or expired since."""
    with db.read() as connection:
        return [
            *map(_job, connection.execute(_jobs(tenant_ids, moment))),
            *map(_run, connection.execute(_runs(tenant_ids, moment))),
        ]


_JOB = (
    jobs.c.tenant_id,
    jobs.c.id,
    jobs.c.family,
    jobs.c.title,
    jobs.c.source,
    jobs.c.suspended,
    jobs.c.next_tick_at,
    jobs.c.updated_at,
)
_RUN = (
    runs.c.tenant_id,
    runs.c.id,
    runs.c.job_id,
    runs.c.family,
    runs.c.title,
    runs.c.source,
    runs.c.status,
    runs.c.reason,
    runs.c.said,
    runs.c.rows_read,
    runs.c.estimate_rows,
    runs.c.size_bytes,
    runs.c.created_at,
    runs.c.started_at,
    runs.c.ended_at,
    runs.c.pace,
    runs.c.expired_at,
    runs.c.revoked,
)


def _jobs(tenant_ids: Collection[str], moment: datetime) -> Select[Any]:
    changed = jobs.c.tenant_id.in_(tenant_ids), jobs.c.updated_at >= moment
    return select(*_JOB).where(*changed).order_by(jobs.c.id.desc()).limit(MOST_ROWS)


def _runs(tenant_ids: Collection[str], moment: datetime) -> Select[Any]:
    """Select by an index for each condition: with all in one they would be passed over.

    A run whose files expire as soon as it has ended is found by the last alone.
    """

    def some(condition: ColumnElement[bool]) -> Select[Any]:
        return select(*_RUN).where(runs.c.tenant_id.in_(tenant_ids), condition)

    expired = runs.c.expired_at >= moment
    before = runs.c.expired_at.is_(None) | (runs.c.expired_at < moment)
    ended = runs.c.status.not_in(_OPEN) & (runs.c.ended_at >= moment) & before
    found = union_all(some(runs.c.status.in_(_OPEN)), some(ended), some(expired)).subquery()
    return select(found).order_by(found.c.id.desc()).limit(MOST_ROWS)


def _job(row: Row[Any]) -> WatchedJob:
    return WatchedJob(**{**row._mapping, "family": Family(row.family)})  # noqa: SLF001 - its public name


def _run(row: Row[Any]) -> WatchedRun:
    typed = {
        "family": Family(row.family),
        "reason": known(row.reason, row.said),
        "status": Status(row.status),
        "pace": from_json(Pace, row.pace) if row.pace else None,
        "revoked": from_json(Decision, row.revoked) if row.revoked else None,
    }
    values = {**row._mapping, **typed}  # noqa: SLF001 - its public name
    del values["said"]
    return WatchedRun(**values)
