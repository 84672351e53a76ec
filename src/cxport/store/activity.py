"""What happened day by day, summed up by the database from one index."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Row, Select, func, literal, select, union_all

from cxport.domain.activity import Day
from cxport.domain.listing import Page
from cxport.domain.run import Run, Status
from cxport.store import rows
from cxport.store.columns import Number
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
    bounds = pairwise((*starts, end))
    with reading(db, tenant_id) as scope:
        each = [
            _summed(number, first, last).where(scope.of(runs), runs.c.family.in_(sorted(families)))
            for number, (first, last) in enumerate(bounds)
        ]
        by_day = union_all(*each).subquery()
        found = scope.all(select(by_day))
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


def _summed(number: int, first: datetime, last: datetime) -> Select[Any]:
    """Sum up a day: a range of the index, so that no row is asked which day it is of."""
    return (
        select(
            literal(number, Number).label("day"),
            runs.c.status,
            func.count().label("runs"),
            func.sum(runs.c.exported).label("rows"),
            func.sum(runs.c.size_bytes).label("size_bytes"),
        )
        .where(runs.c.ended_at >= first, runs.c.ended_at < last)
        .group_by(runs.c.status)
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
