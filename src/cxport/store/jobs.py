"""The jobs of a tenant."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import case, func, literal

from cxport.domain.job import Job, JobSpec
from cxport.domain.listing import Page, Query
from cxport.domain.run import Run, Status
from cxport.store import rows
from cxport.store.columns import Words
from cxport.store.database import Database
from cxport.store.paging import Listing, plain, text, word
from cxport.store.runs import queue
from cxport.store.scope import reading, writing
from cxport.store.tables import jobs, runs, tenants

_WITH_NEWEST_RUN = jobs.outerjoin(
    runs, (runs.c.tenant_id == jobs.c.tenant_id) & (runs.c.id == jobs.c.newest_run_id)
)

#: That of the newest run; of a job that never ran, its own.
_STATUS = func.coalesce(
    runs.c.status,
    case(
        (jobs.c.suspended, literal(Status.SUSPENDED, Words)),
        else_=literal(Status.SCHEDULED, Words),
    ),
)

_LISTING = Listing(
    jobs,
    _WITH_NEWEST_RUN,
    {
        "id": plain(jobs.c.id),
        "title": text(jobs, "title"),
        "type": word(jobs.c.family),
        "data_type": text(jobs, "data_type"),
        "source": text(jobs, "source"),
        "schedule_type": word(jobs.c.schedule_type),
        "suspended": plain(jobs.c.suspended),
        "created_at": plain(jobs.c.created_at),
        "status": word(_STATUS),
    },
)


def create(
    db: Database, tenant_id: str, spec: JobSpec, created_by: str, *, run_now: bool
) -> tuple[Job, Run | None]:
    """Add a job and, to run it now, a queued run; NotFound for an unknown tenant.

    Ids come from the tenant's one sequence and become visible in their order: who has seen an
    id will never find a smaller one that was not there before.
    """
    now = datetime.now(UTC)
    with writing(db, tenant_id) as scope:
        first = scope.take(tenants.c.last_id, 2 if run_now else 1)
        job = Job(
            id=first,
            tenant_id=tenant_id,
            spec=spec,
            created_at=now,
            created_by=created_by,
            updated_at=now,
        )
        run = queue(scope, job, first + 1) if run_now else None
        scope.insert(jobs, {**rows.of_job(job), "newest_run_id": run and run.id})
    return job, run


def get(db: Database, tenant_id: str, job_id: int) -> Job:
    """Give a job, or raise NotFound."""
    with reading(db, tenant_id) as scope:
        return rows.job(scope.get(jobs, id=job_id))


def newest_run(db: Database, tenant_id: str, job_id: int) -> Run | None:
    """Give a job's newest run, if it ever ran; NotFound for an unknown job."""
    with reading(db, tenant_id) as scope:
        newest = scope.get(jobs, id=job_id).newest_run_id
        row = scope.first(scope.select(runs, id=newest))
    return None if row is None else rows.run(row)


def page(db: Database, tenant_id: str, query: Query) -> Page[tuple[Job, Run | None]]:
    """Give a page of a tenant's jobs, each with its newest run.

    Columns: id, title, type (the family), data_type, source, schedule_type, suspended,
    created_at, status (of the newest run; before there is one, scheduled or suspended);
    KeyError for any other.
    """
    with reading(db, tenant_id) as scope:
        found = _LISTING.page(scope, query, lambda row: (rows.job(row), row.newest_run_id))
        newest = [run_id for _, run_id in found.items if run_id is not None]
        of_page = scope.all(scope.select(runs).where(runs.c.id.in_(newest)))
    by_id = {row.id: rows.run(row) for row in of_page}
    return Page(
        items=tuple((job, by_id.get(run_id)) for job, run_id in found.items),
        count=found.count,
        offset=found.offset,
        limit=found.limit,
    )
