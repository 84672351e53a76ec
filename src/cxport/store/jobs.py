"""The jobs of a tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from cxport.domain.errors import WrongState
from cxport.domain.job import Job, JobSpec
from cxport.domain.listing import Page, Query
from cxport.domain.run import Run, Status
from cxport.domain.said import Said
from cxport.store import rows
from cxport.store.database import Database
from cxport.store.fencing import locked_job
from cxport.store.intents import check_ended, hold, open_runs, release, stop
from cxport.store.limits import check_room
from cxport.store.listed import job_list
from cxport.store.paging import Listing, asked_for, described, plain, word
from cxport.store.runs import queue
from cxport.store.scope import Scope, reading, writing
from cxport.store.tables import jobs, marks, runs, tenants, ticks

#: What a change of a job leaves alone, or writes apart.
_KEPT = ("id", "created_at", "created_by", "newest_run_id", "next_tick_at", "runs_left")

_LISTING = Listing(
    jobs,
    job_list,
    {
        **described(job_list),
        **asked_for(job_list),
        "schedule_type": word(job_list.c.schedule_type),
        "suspended": plain(job_list.c.suspended),
        "last_run_at": plain(job_list.c.last_run_at),
        "next_tick_at": plain(job_list.c.next_tick_at),
    },
)


def create(  # noqa: PLR0913 - what a job begins as
    db: Database,
    tenant_id: str,
    spec: JobSpec,
    created_by: str,
    *,
    run_now: bool,
    next_tick_at: datetime | None = None,
) -> tuple[Job, Run | None]:
    """Add a job and, to run it now, a queued run; NotFound for an unknown tenant.

    `next_tick_at` is the first tick of its schedule, which counts for nothing where the run now
    is the only one.

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
        if run_now:
            check_room(scope, now)
        values = {**rows.of_job(job), "next_tick_at": next_tick_at}
        run = queue(scope, job, first + 1) if run_now else None
        if run is not None:
            values |= _first_run(run, job, next_tick_at)
        scope.insert(jobs, values)
        return rows.job(scope.get(jobs, id=first)), run


def get(db: Database, tenant_id: str, job_id: int) -> Job:
    """Give a job, or raise NotFound."""
    with reading(db, tenant_id) as scope:
        return rows.job(scope.get(jobs, id=job_id))


def newest_run(db: Database, tenant_id: str, job_id: int) -> Run | None:
    """Give a job's newest run, if it ever ran; NotFound for an unknown job."""
    with reading(db, tenant_id) as scope:
        return _state(scope, job_id)[1]


def suspend(db: Database, tenant_id: str, job_id: int) -> tuple[Job, Run | None]:
    """Hold a job's schedule and its runs; again, nothing changes.

    Raises NotFound, and WrongState where nothing is left to hold.
    """
    with writing(db, tenant_id) as scope:
        row = locked_job(scope, job_id)
        going = open_runs(scope, job_id)
        _check_more(scope, row, going, Said("suspended"))
        _settle(scope, row, _suspended(row, suspended=True), going)
        return _state(scope, job_id)


def resume(db: Database, tenant_id: str, job_id: int) -> tuple[Job, Run | None]:
    """Let a job's schedule and its runs go on; again, nothing changes.

    A job that was made suspended and is to run immediately is run now. Raises NotFound, and
    WrongState where nothing is left to go on.
    """
    with writing(db, tenant_id) as scope:
        row = locked_job(scope, job_id)
        going = open_runs(scope, job_id)
        _check_more(scope, row, going, Said("resumed"))
        _settle(scope, row, _suspended(row, suspended=False), going)
        return _state(scope, job_id)


def cancel(db: Database, tenant_id: str, job_id: int) -> list[Run]:
    """Cancel a job's runs that have not ended, and give them; its schedule stays.

    A job that only waits for its next run is suspended instead. Raises NotFound, and WrongState
    where nothing is left to cancel; again, nothing changes.
    """
    with writing(db, tenant_id) as scope:
        row = locked_job(scope, job_id)
        going = open_runs(scope, job_id)
        for one in going:
            stop(scope, one)
        if not going and not _was_cancelled(scope, row):
            _check_more(scope, row, going, Said("cancelled"))
            _settle(scope, row, _suspended(row, suspended=True), going)
        return [rows.run(scope.get(runs, id=one.id)) for one in going]


def update(
    db: Database,
    tenant_id: str,
    job_id: int,
    spec: JobSpec,
    next_tick_at: datetime | None = None,
) -> tuple[Job, Run | None]:
    """Change what a job and its waiting run will do, and from which tick on.

    A run that waits counts as one of those that the schedule allows.

    Raises NotFound, and WrongState where a run of it has begun or has ended.
    """
    with writing(db, tenant_id) as scope:
        row = locked_job(scope, job_id)
        waiting = open_runs(scope, job_id)
        _check_untouched(scope, row, waiting)
        scope.update(jobs, _counted(spec, len(waiting), next_tick_at), id=job_id)
        for run in waiting:
            fixed = spec.at(_ticks_of(scope, run) or (run.created_at,))
            scope.update(runs, rows.of_spec(fixed), id=run.id)
        _settle(scope, row, replace(rows.job(row), spec=spec), waiting)
        return _state(scope, job_id)


def delete(db: Database, tenant_id: str, job_id: int) -> None:
    """Forget a job and its schedule; records and files of its runs stay.

    Raises NotFound, and WrongState where a run of it has not ended.
    """
    with writing(db, tenant_id) as scope:
        locked_job(scope, job_id)
        for run in open_runs(scope, job_id):
            check_ended(run)
        scope.delete(ticks, ticks.c.run_id.is_(None), job_id=job_id)
        scope.delete(marks, job_id=job_id)
        scope.delete(jobs, id=job_id)


def page(db: Database, tenant_id: str, query: Query) -> Page[tuple[Job, Run | None]]:
    """Give a page of a tenant's jobs, each with its newest run.

    Columns: those of `paging.described` and `paging.asked_for`, schedule_type, suspended,
    last_run_at and next_tick_at (an absent one first); KeyError for any other. Status (before there
    is a run, scheduled or suspended), file_name, size and progress are those of the newest run.
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


def _state(scope: Scope, job_id: int) -> tuple[Job, Run | None]:
    row = scope.get(jobs, id=job_id)
    newest = scope.first(scope.select(runs, id=row.newest_run_id))
    return rows.job(row), None if newest is None else rows.run(newest)


def _suspended(row: Row[Any], *, suspended: bool) -> Job:
    job = rows.job(row)
    return replace(job, spec=replace(job.spec, suspended=suspended))


def _settle(scope: Scope, row: Row[Any], job: Job, going: Sequence[Row[Any]]) -> None:
    """Write a job, hold or release its runs as it says, and begin its first where it is due."""
    job = replace(job, updated_at=datetime.now(UTC))
    values = rows.of_job(job)
    for kept in _KEPT:
        del values[kept]
    scope.update(jobs, values, id=job.id)
    for one in going:
        (hold if job.spec.suspended else release)(scope, one)
    due = job.spec.schedule.immediately and not job.spec.suspended
    if due and row.newest_run_id is None:
        run = queue(scope, job, scope.take(tenants.c.last_id))
        now = scope.get(jobs, id=job.id)
        scope.update(jobs, _first_run(run, job, now.next_tick_at), id=job.id)


def _first_run(run: Run, job: Job, next_tick_at: datetime | None) -> dict[str, object]:
    """Give what changes in a job's row with the run that it makes immediately."""
    left = rows.after_a_run(job.spec.schedule.limit, next_tick_at)
    return {"newest_run_id": run.id, **left}


def _counted(spec: JobSpec, waiting: int, next_tick_at: datetime | None) -> dict[str, object]:
    """Give what a changed job's row holds about its further runs."""
    limit = spec.schedule.limit
    left = None if limit is None else max(0, limit - waiting)
    return {"runs_left": left, "next_tick_at": None if left == 0 else next_tick_at}


def _ticks_of(scope: Scope, run: Row[Any]) -> list[datetime]:
    """Give the ticks that a run covers, in their order."""
    found = scope.select(ticks, run_id=run.id).order_by(ticks.c.tick_at)
    return [row.tick_at for row in scope.all(found)]


def _check_more(scope: Scope, row: Row[Any], going: Sequence[Row[Any]], done: Said) -> None:
    """Raise WrongState where a job has run and nothing will make it run again."""
    if not going and row.newest_run_id is not None and row.next_tick_at is None:
        raise _over(scope, row, Said("cannot be {done}", done=done))


def _check_untouched(scope: Scope, row: Row[Any], waiting: Sequence[Row[Any]]) -> None:
    begun = any(run.started_at is not None for run in waiting)
    if begun or (not waiting and row.newest_run_id is not None):
        raise _over(scope, row, Said("only a job that has not started can be changed"))


def _over(scope: Scope, row: Row[Any], message: Said) -> WrongState:
    newest = scope.first(scope.select(runs, id=row.newest_run_id))
    status = Status.EXPIRED if newest is None else Status(newest.status)
    return WrongState(
        Said("{message}: it is {status}", message=message, status=Said(status.label)), status.value
    )


def _was_cancelled(scope: Scope, row: Row[Any]) -> bool:
    newest = scope.first(scope.select(runs, id=row.newest_run_id))
    return newest is not None and newest.status == Status.CANCELLED
