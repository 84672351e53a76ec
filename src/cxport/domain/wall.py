"""Between the clock on a wall somewhere and UTC, where clocks are put forward and back.

A time that the clock skips (a gap) stands for the first moment after it; one that it shows twice
(an overlap) for the first of the two.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Give the moment, in UTC, of a naive time in a zone."""
    wall = wall.replace(fold=0)
    first = wall.replace(tzinfo=zone).astimezone(UTC)
    if first.astimezone(zone).replace(tzinfo=None, fold=0) == wall:
        return first
    # PEP 495: in a gap the two folds read as moments on either side of it
    return _changed(wall.replace(tzinfo=zone, fold=1).astimezone(UTC), first, zone)


def _changed(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Give the first second at which a zone has the offset it has at `after`, not at `before`."""
    new = after.astimezone(zone).utcoffset()
    while after - before > _SECOND:
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            middle = before + _SECOND
        if middle.astimezone(zone).utcoffset() == new:
            after = middle
        else:
            before = middle
    return after


def months_later(wall: datetime, months: int) -> datetime:
    """Add months (or take them off); a day that a month lacks becomes its last one."""
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return wall.replace(year=year, month=month + 1, day=min(wall.day, last))
