"""What a user wants of a run: written here, carried out by the engine; found in `runs`.

Every function raises NotFound for an unknown run and WrongState, naming the state, where the run
is in none for it. Doing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, func, select

from cxport.domain.errors import WrongState
from cxport.domain.run import Run, Status, transition
from cxport.domain.said import Said
from cxport.store import outbox, rows
from cxport.store.custody import check_free
from cxport.store.database import Database
from cxport.store.fencing import locked
from cxport.store.scope import Scope, writing
from cxport.store.tables import files, jobs, manifests, run_parts, runs, ticks

_GOING = (Status.SCHEDULED, Status.QUEUED, Status.IN_PROGRESS)
_OPEN = tuple(status.value for status in Status if not status.ended)


def cancel(db: Database, tenant_id: str, run_id: int) -> Run:
    """End a run that is not in progress, and let one that is be ended by its worker."""
    with writing(db, tenant_id) as scope:
        stop(scope, locked(scope, run_id))
        return rows.run(scope.get(runs, id=run_id))


def suspend(db: Database, tenant_id: str, run_id: int) -> Run:
    """Hold a run: parts in hand are finished, further ones are not begun."""
    with writing(db, tenant_id) as scope:
        hold(scope, locked(scope, run_id))
        return rows.run(scope.get(runs, id=run_id))


def resume(db: Database, tenant_id: str, run_id: int) -> Run:
    """Queue a suspended run again; it goes on from the parts that are done."""
    with writing(db, tenant_id) as scope:
        release(scope, locked(scope, run_id))
        return rows.run(scope.get(runs, id=run_id))


def delete(db: Database, tenant_id: str, run_id: int) -> None:
    """Forget a run that has ended, its ticks, parts, files and manifest; objects go before.

    Raises UnderHold.
    """
    with writing(db, tenant_id) as scope:
        row = locked(scope, run_id)
        check_ended(row)
        check_free(row)
        # before the row that shows it in lists, as everybody else takes them
        scope.first(scope.select(jobs, id=row.job_id).with_for_update())
        for table in (files, manifests, run_parts, ticks):
            scope.delete(table, run_id=run_id)
        scope.delete(runs, id=run_id)
        _point_to_newest(scope, row.job_id)


def check_ended(row: Row[Any]) -> None:
    """Raise WrongState where something may still happen to a run."""
    status = Status(row.status)
    if not status.ended:
        raise WrongState(
            Said("cancel it first: it is {status}", status=Said(status.label)), status.value
        )


def stop(scope: Scope, row: Row[Any]) -> None:
    """Cancel a locked run."""
    status = Status(row.status)
    if status in {Status.CANCELLING, Status.CANCELLED}:
        return
    if status is Status.IN_PROGRESS:
        scope.update(runs, {"status": transition(status, Status.CANCELLING)}, id=row.id)
        return
    if status.ended:
        raise WrongState(
            Said("cannot be cancelled: it is {status}", status=Said(status.label)), status.value
        )
    ended = {"status": transition(status, Status.CANCELLED), "ended_at": datetime.now(UTC)}
    scope.update(runs, ended, id=row.id)
    outbox.run_ended(scope, row.id)


def hold(scope: Scope, row: Row[Any]) -> None:
    """Suspend a locked run."""
    status = Status(row.status)
    if status is Status.SUSPENDED:
        return
    if status not in _GOING:
        raise WrongState(
            Said("cannot be suspended: it is {status}", status=Said(status.label)), status.value
        )
    scope.update(runs, {"status": transition(status, Status.SUSPENDED)}, id=row.id)


def release(scope: Scope, row: Row[Any]) -> None:
    """Resume a locked run."""
    status = Status(row.status)
    if status in _GOING:
        return
    if status is not Status.SUSPENDED:
        raise WrongState(
            Said("cannot be resumed: it is {status}", status=Said(status.label)), status.value
        )
    # the engine knows a stint by this number: one that was held before it began has used it up
    queued = {"submitted_at": None, "attempt": row.attempt + 1}
    # a turn of long ago would go before everybody's
    scope.update(run_parts, {"turn": None}, run_id=row.id)
    scope.update(runs, {**queued, "status": transition(status, Status.QUEUED)}, id=row.id)


def open_runs(scope: Scope, job_id: int) -> Sequence[Row[Any]]:
    """Lock the runs of a job that have not ended, and give them by id."""
    found = scope.select(runs, job_id=job_id).where(runs.c.status.in_(_OPEN))
    return scope.all(found.order_by(runs.c.id).with_for_update())


def _point_to_newest(scope: Scope, job_id: int) -> None:
    """Let a job show the newest run it has left; without one it remembers that it has run."""
    newest = select(func.max(runs.c.id)).where(scope.of(runs, job_id=job_id))
    left = scope.all(newest)[0][0]
    if left is not None:
        scope.update(jobs, {"newest_run_id": left}, id=job_id)
