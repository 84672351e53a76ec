"""The ticks of a schedule: moments in UTC, each strictly later than the one before.

A schedule lives on the clock of its zone, and each tick is a time that the clock shows. One that
it skips ticks at the first moment after the gap; one that it shows twice ticks the first time.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo

from cxport.domain.job import FREQUENCIES, Schedule
from cxport.domain.said import Said
from cxport.domain.wall import instant
from cxport.domain.zone import zone_of
from cxport.schedule.cron import Cron, read_cron, refused
from cxport.schedule.frequency import AS_CRON, Repeated

_SECOND = timedelta(seconds=1)


class Rule(Protocol):
    """Naive times, one behind the other."""

    def walls(self, after: datetime) -> Iterator[datetime]:
        """Give the naive times behind one."""


def first_tick(schedule: Schedule, now: datetime) -> datetime | None:
    """Give the first tick of a new job, None where it runs immediately and no more.

    One that is to run once, at a start that has passed, ticks now. Raises InvalidInput naming
    `schedulerParam.cron` where no tick will ever come.
    """
    if schedule.recurs:
        found = next_tick(schedule, now)
        if found is None:
            raise refused(Said("it never comes any more"))
        return found
    if schedule.immediately:
        return None
    start = _start(schedule)
    return max(start, now) if start else _after(schedule, now)


def next_tick(schedule: Schedule, after: datetime) -> datetime | None:
    """Give the tick behind a moment; None where the schedule has no further one."""
    return _after(schedule, after) if schedule.recurs else None


def _after(schedule: Schedule, after: datetime) -> datetime | None:
    zone, start = zone_of(schedule.timezone), _start(schedule)
    if start is not None:
        after = max(after, start - _SECOND)
    wall = after.astimezone(zone).replace(tzinfo=None, fold=0)
    ticks = (instant(one, zone) for one in _rule(schedule, zone, start).walls(wall))
    return next((tick for tick in ticks if tick > after), None)


def _start(schedule: Schedule) -> datetime | None:
    """Give the start, which ticks keep to the second."""
    start = schedule.start_at and schedule.start_at.astimezone(UTC)
    if start is None or not start.microsecond:
        return start
    return start.replace(microsecond=0) + _SECOND


def _rule(schedule: Schedule, zone: ZoneInfo, start: datetime | None) -> Rule:
    if schedule.cron:
        return _cron(schedule.cron)
    word = schedule.runs if schedule.runs in FREQUENCIES else "once"
    if start is None or word == "once":
        return _cron(AS_CRON[word])
    return Repeated(word=word, start=start.astimezone(zone).replace(tzinfo=None, fold=0))


@lru_cache(maxsize=1024)
def _cron(text: str) -> Cron:
    return read_cron(text)
