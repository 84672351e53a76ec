"""What happened day by day, summed up by the database from one index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, case, func, literal, select

from cxport.domain.activity import Day
from cxport.domain.listing import Page
from cxport.domain.run import Run, Status
from cxport.store import rows
from cxport.store.columns import Number, UtcTime
from cxport.store.database import Database
from cxport.store.scope import reading
from cxport.store.tables import runs


def days(
    db: Database,
    tenant_id: str,
    starts: Sequence[datetime],
    end: datetime,
    families: Collection[str],
) -> tuple[Day, ...]:
    """Give what ended on each day, by when the days begin, in their order, and the last ends."""
    with reading(db, tenant_id) as scope:
        ended = select(
            _day(runs.c.ended_at, starts, 0).label("day"),
            *(runs.c.status, runs.c.exported, runs.c.size_bytes),
        ).where(
            scope.of(runs),
            runs.c.ended_at >= starts[0],
            runs.c.ended_at < end,
            runs.c.family.in_(sorted(families)),
        )
        # grouped from outside: PostgreSQL would not see that a repeated expression is the same
        each = ended.subquery()
        summed = select(
            each.c.day,
            each.c.status,
            func.count().label("runs"),
            func.sum(each.c.exported).label("rows"),
            func.sum(each.c.size_bytes).label("size_bytes"),
        ).group_by(each.c.day, each.c.status)
        found = scope.all(summed)
    return tuple(
        _total(start, [row for row in found if row.day == number])
        for number, start in enumerate(starts)
    )


def failed(
    db: Database, tenant_id: str, since: datetime, families: Collection[str], limit: int
) -> Page[Run]:
    """Give the runs that failed since a moment, the last first, and how many there are."""
    bound = (
        runs.c.ended_at >= since,
        runs.c.status == Status.FAILED,
        runs.c.family.in_(sorted(families)),
    )
    with reading(db, tenant_id) as scope:
        count = scope.all(select(func.count()).where(scope.of(runs), *bound))[0][0]
        found = scope.select(runs).where(*bound).order_by(runs.c.ended_at.desc(), runs.c.id.desc())
        items = tuple(map(rows.run, scope.all(found.limit(limit))))
    return Page(items=items, count=count, offset=0, limit=limit)


def _day(moment: ColumnElement[Any], starts: Sequence[datetime], first: int) -> ColumnElement[int]:
    """Give the number of a moment's day; days of any zone, so halved until one is left."""
    if len(starts) == 1:
        return literal(first, Number)
    half = len(starts) // 2
    return case(
        (moment < literal(starts[half], UtcTime), _day(moment, starts[:half], first)),
        else_=_day(moment, starts[half:], first + half),
    )


def _total(start: datetime, found: Sequence[Row[Any]]) -> Day:
    counts = dict[Status, int]()
    for row in found:
        outcome = Status.COMPLETED if row.status == Status.EXPIRED else Status(row.status)
        counts[outcome] = counts.get(outcome, 0) + row.runs
    return Day(
        start=start,
        runs=counts,
        rows=sum(int(row.rows) for row in found),
        size_bytes=sum(int(row.size_bytes) for row in found),
    )
