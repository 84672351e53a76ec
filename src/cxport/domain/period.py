"""A window that moves with its run: `relative: "P1D"`, the whole periods before the run's tick.

What is whole is counted on the clock of the job's zone, by the smallest unit that the duration
names: `P1D` is the day before the tick's, from midnight to midnight, `P7D` the seven days before
it, `P1W` the week before, from Monday, and `PT1H` the last full hour. So the windows of ticks
that come once a period leave nothing out and overlap nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said
from cxport.domain.selection import Window
from cxport.domain.wall import instant, months_later

_FIELD = "timeFrame.relative"
_EXPECTED = Said(
    "an ISO 8601 duration of whole periods of a minute or more, as P1D, P1W, P1M or PT6H"
)
_FORM = re.compile(
    r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,5})D)?"
    r"(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?)?",
    re.ASCII,
)
#: Longer windows are better asked for as `all`.
_LONGEST_DAYS = 36_600


@dataclass(frozen=True, kw_only=True)
class Period:
    """A duration in the units of the calendar (ISO 8601), none of them below a minute."""

    months: int = 0
    days: int = 0
    minutes: int = 0
    #: The smallest unit that was named: `Y`, `M`, `W`, `D`, `TH` or `TM`.
    unit: str

    def before(self, tick: datetime, zone: ZoneInfo) -> Window:
        """Give the whole periods that end at the tick, or last ended before it, in UTC.

        Over periods that the zone's clock skipped they reach back to one that it did show.
        """
        wall = _begun(tick.astimezone(zone), self.unit)
        end = instant(wall, zone)
        while (start := instant(wall := self._back(wall), zone)) == end:
            continue
        return Window(start=start, end=end)

    def _back(self, wall: datetime) -> datetime:
        less = timedelta(days=self.days, minutes=self.minutes)
        return months_later(wall, -self.months) - less


def period(text: str) -> Period:
    """Read an ISO 8601 duration; InvalidInput names the field and what it would take."""
    found = _FORM.fullmatch(text)
    years, months, weeks, days, hours, minutes = (
        int(number or 0) for number in (found.groups() if found else ("",) * 6)
    )
    read = Period(
        months=years * 12 + months,
        days=weeks * 7 + days,
        minutes=hours * 60 + minutes,
        unit=_unit(found.groups() if found else ()),
    )
    span = read.months * 31 + read.days + read.minutes // 1440
    if not (read.months or read.days or read.minutes) or span > _LONGEST_DAYS:
        raise InvalidInput.at(_FIELD, Said("no period that can be counted back"), _EXPECTED)
    return read


def union(text: str, ticks: Sequence[datetime], zone: ZoneInfo) -> Window:
    """Give the window of a run that covers these ticks; see `joined` for when it is one."""
    windows = [period(text).before(tick, zone) for tick in ticks]
    starts = [window.start for window in windows if window.start]
    ends = [window.end for window in windows if window.end]
    return Window(start=min(starts), end=max(ends))


def joined(text: str, ticks: Sequence[datetime], zone: ZoneInfo) -> int:
    """Tell how many of these ticks, from the first, have windows that leave no gap between."""
    read, last = period(text), None
    for count, tick in enumerate(ticks):
        window = read.before(tick, zone)
        if last and window.start and window.start > last:
            return count
        last = window.end
    return len(ticks)


def _unit(numbers: Sequence[str | None]) -> str:
    named = [
        unit
        for unit, number in zip(("Y", "M", "W", "D", "TH", "TM"), numbers, strict=False)
        if number
    ]
    return named[-1] if named else ""


def _begun(local: datetime, unit: str) -> datetime:
    """Give when the minute, hour, day, week, month or year of a moment began, on its clock."""
    wall = local.replace(tzinfo=None, second=0, microsecond=0, fold=0)
    if unit == "TM":
        return wall
    if unit == "TH":
        return wall.replace(minute=0)
    wall = wall.replace(hour=0, minute=0)
    if unit == "W":
        return wall - timedelta(days=wall.weekday())
    if unit == "M":
        return wall.replace(day=1)
    return wall.replace(month=1, day=1) if unit == "Y" else wall
