"""What a tenant may have at the same time, and how much of it is used."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select, update

from cxport.domain.errors import LimitReached, NotFound
from cxport.domain.run import PartState, Status
from cxport.domain.said import Said
from cxport.domain.tenant import Limits, Usage
from cxport.store.database import Database
from cxport.store.scope import Scope, reading
from cxport.store.tables import run_parts, runs, tenants

#: When to come again, in seconds, where runs have to begin first.
_LATER_SECONDS = 60


def of_tenant(db: Database, tenant_id: str) -> Limits:
    """Give a tenant's limits, or raise NotFound."""
    with reading(db, tenant_id) as scope:
        return read(scope.tenant())


def change(db: Database, tenant_id: str, limits: Limits) -> None:
    """Set a tenant's limits, or raise NotFound; runs that have begun are left alone."""
    changed = update(tenants).where(tenants.c.id == tenant_id).values(asdict(limits))
    with db.write() as connection:
        if not connection.execute(changed).rowcount:
            raise NotFound


def usage(db: Database, tenant_id: str, now: datetime) -> Usage:
    """Give a tenant's limits and how much of each is used, or raise NotFound."""
    running = select(func.count()).where(run_parts.c.state == PartState.RUNNING)
    with reading(db, tenant_id) as scope:
        going = [_count(scope, one) for one in (Status.IN_PROGRESS, Status.CANCELLING)]
        return Usage(
            limits=read(scope.tenant()),
            running_runs=sum(going),
            running_parts=scope.all(running.where(scope.of(run_parts)))[0][0],
            queued_runs=_count(scope, Status.QUEUED),
            bytes_today=scope.all(exported_since(day_of(now)).where(scope.of(runs)))[0][0],
        )


def _count(scope: Scope, status: Status) -> int:
    found = scope.all(select(func.count()).where(scope.of(runs, status=status)))
    return int(found[0][0])


def read(row: Row[Any]) -> Limits:
    """Give the limits in a tenant's row, the default where one was not set."""
    return Limits(
        parallel_runs=row.parallel_runs or Limits.parallel_runs,
        parallel_parts=row.parallel_parts,
        queued_runs=row.queued_runs,
        daily_bytes=row.daily_bytes,
    )


def day_of(now: datetime) -> datetime:
    """Give when a moment's day began, in UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def exported_since(moment: datetime) -> Select[tuple[int]]:
    """Select the bytes of the runs that have ended since."""
    return select(func.coalesce(func.sum(runs.c.size_bytes), 0)).where(runs.c.ended_at >= moment)


def check_room(scope: Scope, now: datetime) -> None:
    """Raise LimitReached where a tenant may not ask for a further run now.

    To be called under the tenant's row lock, so that no two take the last place.
    """
    limits = read(scope.tenant())
    if limits.queued_runs is not None:
        _check_queued(scope, limits.queued_runs)
    if limits.daily_bytes is not None:
        _check_bytes(scope, limits.daily_bytes, now)


def _check_queued(scope: Scope, most: int) -> None:
    if _count(scope, Status.QUEUED) >= most:
        message = Said(
            "{most} runs wait already, as many as may: ask again when one has begun", most=most
        )
        raise LimitReached(message, _LATER_SECONDS)


def _check_bytes(scope: Scope, most: int, now: datetime) -> None:
    midnight = day_of(now)
    if scope.all(exported_since(midnight).where(scope.of(runs)))[0][0] >= most:
        message = Said(
            "the {most} bytes a day (UTC) of this tenant are used up: ask again tomorrow", most=most
        )
        wait = midnight + timedelta(days=1) - now
        raise LimitReached(message, max(1, int(wait.total_seconds())))
