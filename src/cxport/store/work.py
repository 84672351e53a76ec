"""What the engine has to do, across tenants: nobody else calls this."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Subquery, and_, func, select

from cxport.domain.errors import NotFound
from cxport.domain.run import Status
from cxport.domain.tenant import Limits
from cxport.store.database import Database
from cxport.store.fencing import locked
from cxport.store.limits import day_of, exported_since
from cxport.store.scope import writing
from cxport.store.tables import runs, tenants

_UNDER_WAY = (Status.QUEUED, Status.IN_PROGRESS, Status.CANCELLING)

#: A run that nobody has handed over: a new one, or one that the engine has lost.
_WAITS: ColumnElement[bool] = and_(runs.c.submitted_at.is_(None), runs.c.status.in_(_UNDER_WAY))


def queued(db: Database, now: datetime | None = None) -> list[tuple[str, int, int]]:
    """Give tenant, id and attempts so far of the runs that the engine is to be handed now.

    Of each tenant no more than its limits leave room for, those of the highest priority and then
    the oldest first; the tenants take turns, so that none waits for another's queue.
    """
    line = _line()
    under_way = _under_way()
    place = (func.coalesce(under_way.c.runs, 0) + line.c.place).label("place")
    found = (
        select(line.c.tenant_id, line.c.id, line.c.attempt)
        .join(tenants, tenants.c.id == line.c.tenant_id)
        .outerjoin(under_way, under_way.c.tenant_id == line.c.tenant_id)
        .where(place <= func.coalesce(tenants.c.parallel_runs, Limits.parallel_runs))
        .order_by(place, line.c.created_at, line.c.tenant_id, line.c.id)
    )
    resting = _used_up(db, now or datetime.now(UTC))
    with db.read() as connection:
        rows = connection.execute(found).all()
    return [(row.tenant_id, row.id, row.attempt) for row in rows if row.tenant_id not in resting]


def _line() -> Subquery:
    """Give the waiting runs, those of each tenant numbered as they are to be begun."""
    order = (func.coalesce(runs.c.priority, 0).desc(), runs.c.created_at, runs.c.id)
    place = func.row_number().over(partition_by=runs.c.tenant_id, order_by=order)
    columns = (runs.c.tenant_id, runs.c.id, runs.c.attempt, runs.c.created_at)
    return select(*columns, place.label("place")).where(_WAITS).subquery()


def _under_way() -> Subquery:
    """Count what the engine has of the tenants that have runs waiting."""
    waiting = select(runs.c.tenant_id).where(_WAITS)
    return (
        select(runs.c.tenant_id, func.count().label("runs"))
        .where(
            runs.c.tenant_id.in_(waiting),
            runs.c.status.in_(_UNDER_WAY),
            runs.c.submitted_at.is_not(None),
        )
        .group_by(runs.c.tenant_id)
        .subquery()
    )


def _used_up(db: Database, now: datetime) -> frozenset[str]:
    """Give the tenants that have exported their bytes of the day: their runs wait for the next."""
    limited = select(tenants.c.id, tenants.c.daily_bytes).where(tenants.c.daily_bytes.is_not(None))
    since = exported_since(day_of(now))
    with db.read() as connection:
        return frozenset(
            row.id
            for row in connection.execute(limited).all()
            if connection.execute(since.where(runs.c.tenant_id == row.id)).scalar_one()
            >= row.daily_bytes
        )


def mark_submitted(db: Database, tenant_id: str, run_id: int, stint: int = 0) -> None:
    """Note that a run was handed to the engine, as which stint, or raise NotFound."""
    handed = {"submitted_at": datetime.now(UTC), "stint": stint}
    with writing(db, tenant_id) as scope:
        if not scope.update(runs, handed, id=run_id):
            raise NotFound


def handed_over(db: Database) -> list[tuple[str, int, int, int]]:
    """Give tenant, id, stint and attempts of the runs that the engine has to know."""
    found = select(runs.c.tenant_id, runs.c.id, runs.c.stint, runs.c.attempt).where(
        runs.c.status.in_(_UNDER_WAY), runs.c.submitted_at.is_not(None), runs.c.stint.is_not(None)
    )
    with db.read() as connection:
        return [
            (row.tenant_id, row.id, row.stint, row.attempt) for row in connection.execute(found)
        ]


def hand_back(db: Database, tenant_id: str, run_id: int, attempt: int) -> bool:
    """Let a run that the engine does not know be handed over again, and tell whether it will be.

    Not where it has ended, was held, or was begun again since `attempt`. Its number grows, so that
    nobody who may still have it in hand can write.
    """
    with writing(db, tenant_id) as scope:
        row = locked(scope, run_id)
        if row.attempt != attempt or Status(row.status) not in _UNDER_WAY:
            return False
        scope.update(runs, {"submitted_at": None, "attempt": attempt + 1}, id=run_id)
        return True
