"""Schedules as their users write them, and the ticks that follow."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cxport.schedule import ScheduleWords, first_tick, next_tick, read_schedule

#: A Saturday.
NOW = datetime(2026, 3, 28, 12, 0, 30, tzinfo=UTC)


def ticks(count: int = 4, now: datetime = NOW, **words: Any) -> list[str]:
    """Give the first ticks of a schedule that is made now, fewer where it has no more."""
    schedule = read_schedule(ScheduleWords(**words), now)
    tick, found = first_tick(schedule, now), list[str]()
    while tick is not None and len(found) < count:
        found.append(tick.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00"))
        tick = next_tick(schedule, tick)
    return found


def at(text: str) -> datetime:
    """Read a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
