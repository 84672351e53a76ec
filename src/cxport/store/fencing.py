"""The fence around a run: whoever began it last may write, nobody else.

A worker that was stopped, cut off or slow may come back at any time and go on where it was. So
each of its writes first locks the run's row and compares the attempt it works for with the one
that the row holds; beginning a run raises that number under the same lock.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from cxport.domain.errors import LostRun, NotFound, WrongState
from cxport.domain.run import Status
from cxport.domain.said import Said
from cxport.store.scope import Scope
from cxport.store.tables import jobs, runs


def locked(scope: Scope, run_id: int) -> Row[Any]:
    """Lock a run's row until the transaction ends, and give it; NotFound without one."""
    row = scope.first(scope.select(runs, id=run_id).with_for_update())
    if row is None:
        raise NotFound
    return row


def locked_job(scope: Scope, job_id: int) -> Row[Any]:
    """Lock a job's row until the transaction ends, and give it; NotFound without one."""
    row = scope.first(scope.select(jobs, id=job_id).with_for_update())
    if row is None:
        raise NotFound
    return row


def held(scope: Scope, run_id: int, attempt: int) -> Row[Any]:
    """Lock a run's row for the worker of an attempt; LostRun where another has begun it."""
    row = locked(scope, run_id)
    if row.attempt != attempt:
        raise LostRun
    return row


def in_progress(scope: Scope, run_id: int, attempt: int) -> Row[Any]:
    """Lock a run's row for a worker; WrongState where it is not in progress (any more)."""
    row = held(scope, run_id, attempt)
    status = Status(row.status)
    if status is not Status.IN_PROGRESS:
        raise WrongState(Said("the run is {status}", status=Said(status.label)), status.value)
    return row


def going(scope: Scope, run_id: int, attempt: int) -> Row[Any]:
    """Lock a run's row for a part in hand: the run is in progress, or was suspended meanwhile."""
    row = held(scope, run_id, attempt)
    status = Status(row.status)
    if status not in {Status.IN_PROGRESS, Status.SUSPENDED}:
        raise WrongState(Said("the run is {status}", status=Said(status.label)), status.value)
    return row
