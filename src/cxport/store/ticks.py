"""Ticks: written with the run that covers them, in one transaction, each once for its job."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, func, select

from cxport.domain.errors import NotFound
from cxport.domain.job import Job
from cxport.domain.listing import Page
from cxport.domain.run import Run, Status
from cxport.domain.said import Said, together
from cxport.domain.tick import DueJob, Tick, TickPlan, TickState
from cxport.store import rows
from cxport.store.database import Database
from cxport.store.fencing import locked_job
from cxport.store.runs import queue
from cxport.store.scope import Scope, reading, writing
from cxport.store.tables import jobs, runs, tenants, ticks

#: A run in one of these states lets its job's ticks wait; one that is suspended holds nothing up.
_ACTIVE = (Status.QUEUED, Status.IN_PROGRESS, Status.CANCELLING)

#: Jobs that are looked at in one turn; the others come in the next.
_AT_ONCE = 1000


def due(db: Database, now: datetime) -> list[DueJob]:
    """Give the jobs, of all tenants, whose tick has come and which no run of theirs holds up."""
    active = exists().where(
        runs.c.tenant_id == jobs.c.tenant_id,
        runs.c.job_id == jobs.c.id,
        runs.c.status.in_(_ACTIVE),
    )
    found = (
        select(jobs)
        .where(jobs.c.next_tick_at <= now, jobs.c.suspended.is_(False), ~active)
        .order_by(jobs.c.next_tick_at, jobs.c.tenant_id, jobs.c.id)
        .limit(_AT_ONCE)
    )
    with db.read() as connection:
        return [_due(row) for row in connection.execute(found)]


def next_at(db: Database, now: datetime) -> datetime | None:
    """Give when, behind a moment, the next tick of any job comes."""
    ahead = select(func.min(jobs.c.next_tick_at)).where(
        jobs.c.next_tick_at > now, jobs.c.suspended.is_(False)
    )
    with db.read() as connection:
        found: datetime | None = connection.execute(ahead).scalar()
        return found


def of_job(
    db: Database, tenant_id: str, job_id: int, offset: int, limit: int
) -> tuple[Page[Tick], datetime | None]:
    """Give a page of a job's ticks that have passed, the newest first, and the next tick.

    That is the first one which no run covers yet, perhaps one that waits; None: there is none.
    Ticks stay with their runs where the job was deleted; NotFound where there is neither.
    """
    with reading(db, tenant_id) as scope:
        job = scope.first(scope.select(jobs, id=job_id))
        count = scope.all(select(func.count()).where(scope.of(ticks, job_id=job_id)))[0][0]
        if job is None and not count:
            raise NotFound
        found = scope.select(ticks, job_id=job_id).order_by(ticks.c.tick_at.desc())
        items = tuple(
            Tick(tick_at=row.tick_at, state=TickState(row.state), run_id=row.run_id)
            for row in scope.all(found.offset(offset).limit(limit))
        )
    page = Page(items=items, count=count, offset=offset, limit=limit)
    return page, job.next_tick_at if job is not None else None


def of_run(db: Database, tenant_id: str, run_id: int) -> tuple[datetime, ...]:
    """Give the ticks that a run covers, in their order."""
    with reading(db, tenant_id) as scope:
        found = scope.select(ticks, run_id=run_id).order_by(ticks.c.tick_at)
        return tuple(row.tick_at for row in scope.all(found))


def spans(
    db: Database, tenant_id: str, job_id: int, first: datetime, last: datetime
) -> list[tuple[datetime, datetime | None]]:
    """Give from when to when runs of a job went on, of those that did between two moments."""
    found = select(runs.c.created_at, runs.c.ended_at)
    with reading(db, tenant_id) as scope:
        between = found.where(
            scope.of(runs, job_id=job_id),
            runs.c.created_at <= last,
            runs.c.ended_at.is_(None) | (runs.c.ended_at >= first),
        )
        return [(row.created_at, row.ended_at) for row in scope.all(between)]


def take(db: Database, tenant_id: str, seen: DueJob, plan: TickPlan, now: datetime) -> Run | None:
    """Write what becomes of ticks, and queue the run that covers them, all at once or nothing.

    Nothing is written, and None given, where the job is not any more as it was seen: another
    process took the tick, or the job was changed, held or is running. A tick that has its row
    already gets no second one. Raises NotFound for a job that was deleted.
    """
    with writing(db, tenant_id) as scope:
        row = locked_job(scope, seen.job_id)
        if _moved_on(scope, row, seen):
            return None
        written = _written(scope, seen.job_id, (*plan.covered, *plan.skipped))
        covered = [tick for tick in plan.covered if tick not in written]
        skipped = [tick for tick in plan.skipped if tick not in written]
        run = _queue(scope, rows.job(row), covered, skipped, now) if covered else None
        scope.insert(ticks, *_rows(seen.job_id, run, covered, skipped))
        scope.update(jobs, _left(row, run, plan.next_tick_at), id=seen.job_id)
        return run


def _due(row: Row[Any]) -> DueJob:
    spec = rows.job(row).spec
    return DueJob(
        tenant_id=row.tenant_id,
        job_id=row.id,
        schedule=spec.schedule,
        relative=spec.relative,
        next_tick_at=row.next_tick_at,
        updated_at=row.updated_at,
    )


def _moved_on(scope: Scope, row: Row[Any], seen: DueJob) -> bool:
    if (row.next_tick_at, row.updated_at) != (seen.next_tick_at, seen.updated_at) or row.suspended:
        return True
    active = scope.select(runs, job_id=seen.job_id).where(runs.c.status.in_(_ACTIVE))
    return scope.first(active.limit(1)) is not None


def _written(scope: Scope, job_id: int, moments: Sequence[datetime]) -> set[datetime]:
    """Give those ticks that have their row already."""
    first, last = min(moments), max(moments)
    found = select(ticks.c.tick_at).where(
        scope.of(ticks, job_id=job_id), ticks.c.tick_at >= first, ticks.c.tick_at <= last
    )
    return {row.tick_at for row in scope.all(found)}


def _queue(
    scope: Scope, job: Job, covered: Sequence[datetime], skipped: Sequence[datetime], now: datetime
) -> Run:
    covers = Said("covers {count} ticks, {span}", count=len(covered), span=_span(covered))
    missed = sorted([*_skipped_before(scope, job.id), *skipped])
    skips = Said(
        "{count} ticks were missed and skipped, {span}", count=len(missed), span=_span(missed)
    )
    run_id = scope.take(tenants.c.last_id)
    return queue(
        scope,
        job,
        run_id,
        now=now,
        ticks=covered,
        note=together(covers if covered[1:] else "", skips if missed else "") or "",
    )


def _skipped_before(scope: Scope, job_id: int) -> Sequence[datetime]:
    """Give the ticks that were skipped since the last one with a run."""
    covered = select(func.max(ticks.c.tick_at)).where(
        scope.of(ticks, job_id=job_id), ticks.c.run_id.is_not(None)
    )
    last = scope.all(covered)[0][0]
    found = scope.select(ticks, job_id=job_id, state=TickState.SKIPPED)
    if last is not None:
        found = found.where(ticks.c.tick_at > last)
    return [row.tick_at for row in scope.all(found)]


def _span(moments: Sequence[datetime]) -> Said:
    form = "%Y-%m-%dT%H:%M:%SZ"
    first, last = (moments[0], moments[-1]) if moments else (datetime.min, datetime.min)  # noqa: DTZ901 - not told
    return Said("{first} to {last}", first=first.strftime(form), last=last.strftime(form))


def _rows(
    job_id: int, run: Run | None, covered: Sequence[datetime], skipped: Sequence[datetime]
) -> list[dict[str, object]]:
    states = [
        *((tick, TickState.MERGED) for tick in covered[:-1]),
        *((tick, TickState.RUN) for tick in covered[-1:]),
        *((tick, TickState.SKIPPED) for tick in skipped),
    ]
    return [
        {
            "job_id": job_id,
            "tick_at": tick,
            "state": state,
            "run_id": run.id if run and state is not TickState.SKIPPED else None,
        }
        for tick, state in states
    ]


def _left(row: Row[Any], run: Run | None, next_tick_at: datetime | None) -> dict[str, object]:
    """Give what a job's row holds about its further runs."""
    if run is None:
        return {"next_tick_at": next_tick_at}
    return {"newest_run_id": run.id, **rows.after_a_run(row.runs_left, next_tick_at)}
