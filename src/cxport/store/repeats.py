"""A run or a job once more: retried, run anew, copied; callers find these in `runs` and `jobs`.

Every function raises NotFound for what the tenant does not have, WrongState, naming the state,
where the run is in none for it, and LimitReached. Doing it again while the first time still stands
gives what that made, and makes nothing further.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from cxport.domain.errors import WrongState
from cxport.domain.job import Job, JobSpec
from cxport.domain.run import PUBLISHED, PartState, Run, Status, transition
from cxport.domain.said import Said
from cxport.store import rows
from cxport.store.database import Database
from cxport.store.fencing import locked
from cxport.store.limits import check_room
from cxport.store.parts import copy_plan, put_back
from cxport.store.records import to_json
from cxport.store.scope import Scope, writing
from cxport.store.tables import jobs, run_parts, runs, tenants

_OPEN = tuple(status.value for status in Status if not status.ended)
_GOING = frozenset({Status.QUEUED, Status.IN_PROGRESS})


def retry(
    db: Database, tenant_id: str, run_id: int, *, fingerprint: str, now: datetime
) -> tuple[Run, list[str]]:
    """Queue a failed run again; it goes on from its finished parts, where they are kept.

    They are redone where their time is over, or where the run was sealed to another certificate
    than that of `fingerprint`: a run is sealed to one. Gives the run, and the keys of the objects
    that nothing knows any more. One that waits or goes on already is given as it is.
    """
    with writing(db, tenant_id) as scope:
        row = locked(scope, run_id)
        scope.hold()
        status = Status(row.status)
        if status in _GOING:
            return rows.run(row), []
        if status is not Status.FAILED:
            raise WrongState(
                Said("only a failed run is retried: it is {status}", status=Said(status.label)),
                status.value,
            )
        _check_not_overtaken(scope, rows.run(row))
        check_room(scope, now)
        dropped = _prepare(scope, row, fingerprint, now)
        queued = {"submitted_at": None, "attempt": row.attempt + 1, "ended_at": None}
        queued |= {"parts_until": None, "reason": row.note}
        scope.update(runs, {**queued, "status": transition(status, Status.QUEUED)}, id=run_id)
        return rows.run(scope.get(runs, id=run_id)), dropped


def rerun(db: Database, tenant_id: str, run_id: int, created_by: str, *, now: datetime) -> Run:
    """Queue a further run of a run's job that exports what that run did, by its window and plan.

    While one that was made so has not ended, it is given and no other is made.
    """
    with writing(db, tenant_id) as scope:
        origin = rows.run(scope.get(runs, id=run_id))
        scope.first(scope.select(jobs, id=origin.job_id).with_for_update())
        scope.hold()
        made = scope.first(scope.select(runs, rerun_of=run_id).where(runs.c.status.in_(_OPEN)))
        if made is not None:
            return rows.run(made)
        if not origin.status.ended:
            state = origin.status
            raise WrongState(
                Said(
                    "only a run that has ended is run anew: it is {state}", state=Said(state.label)
                ),
                state,
            )
        check_room(scope, now)
        run = _anew(origin, scope.take(tenants.c.last_id), created_by, now)
        scope.insert(runs, rows.of_run(run))
        if origin.spec.incremental:
            _repeat_plan(scope, origin, run)
        scope.update(jobs, {"newest_run_id": run.id}, id=origin.job_id)
        return run


def clone(  # noqa: PLR0913 - what a copy begins as
    db: Database,
    tenant_id: str,
    origin_id: int,
    spec: JobSpec,
    created_by: str,
    *,
    next_tick_at: datetime | None,
    now: datetime,
) -> Job:
    """Add a copy of a job or a run, suspended, as `spec` says.

    An equal copy of the same origin that nobody has changed, resumed or run is given instead.
    """
    with writing(db, tenant_id) as scope:
        scope.hold()
        for row in _drafts(scope, origin_id):
            if rows.job(row).spec == spec:
                return rows.job(row)
        job = Job(
            id=scope.take(tenants.c.last_id),
            tenant_id=tenant_id,
            spec=spec,
            created_at=now,
            created_by=created_by,
            updated_at=now,
        )
        copied = {"next_tick_at": next_tick_at, "cloned_from": origin_id}
        scope.insert(jobs, {**rows.of_job(job), **copied})
        return job


def _check_not_overtaken(scope: Scope, run: Run) -> None:
    """Refuse to redo an increment that a later run of its job has exported, or is exporting."""
    if not run.spec.incremental:
        return
    covering = (*_OPEN, *PUBLISHED)
    later = scope.select(runs, job_id=run.job_id, rerun_of=None)
    found = later.where(runs.c.id > run.id, runs.c.status.in_(covering)).order_by(runs.c.id)
    row = scope.first(found.limit(1))
    if row is not None:
        raise WrongState(
            Said("run {id} covers what is new: nothing is missing", id=row.id), run.status
        )


def _prepare(scope: Scope, row: Row[Any], fingerprint: str, now: datetime) -> list[str]:
    """Keep the finished parts of a locked run, or put all back and give their object keys."""
    kept = row.parts_until is not None and now < row.parts_until
    dropped: list[str] = []
    if not kept or row.certificate_fingerprint != fingerprint:
        dropped = put_back(scope, row.id)
        scope.update(runs, {"certificate_fingerprint": ""}, id=row.id)
    for state in (PartState.WAITING, PartState.RUNNING):
        # what was tried too often is tried anew; the attempt tells these starts from earlier ones
        scope.update(run_parts, {"starts": 0, "turn": None}, run_id=row.id, state=state)
    return dropped


def _anew(origin: Run, run_id: int, created_by: str, now: datetime) -> Run:
    note = Said("repeats run {id}", id=origin.id)
    return Run(
        id=run_id,
        tenant_id=origin.tenant_id,
        job_id=origin.job_id,
        spec=origin.spec,
        status=Status.QUEUED,
        created_at=now,
        created_by=created_by,
        note=note,
        reason=note,
        rerun_of=origin.id,
    )


def _repeat_plan(scope: Scope, origin: Run, run: Run) -> None:
    """Let a run read the very slices and window of another one.

    Its marks come with them, since the window follows from them; where the job has come further,
    it stays there.
    """
    if not copy_plan(scope, origin.id, run.id):
        raise WrongState(Said("it ended before it was planned: retry it"), origin.status)
    planned = {
        "estimate_rows": origin.estimate_rows,
        "numbered": origin.numbered,
        "marks": to_json(origin.marks),
    }
    scope.update(runs, planned, id=run.id)


def _drafts(scope: Scope, origin_id: int) -> Sequence[Row[Any]]:
    """Give the copies of an origin that are as they were made."""
    found = select(jobs).where(
        scope.of(jobs, cloned_from=origin_id, suspended=True),
        jobs.c.newest_run_id.is_(None),
        jobs.c.updated_at == jobs.c.created_at,
    )
    return scope.all(found.order_by(jobs.c.id))
