"""Local time: what ticks on the clock of a zone, where clocks are put forward and back.

The oracle looks at every minute around a transition and asks the zone what its clock shows.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from cxport.domain.job import Schedule
from cxport.domain.period import period
from cxport.schedule import next_tick

_MINUTE = timedelta(minutes=1)
_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2038, 1, 1, tzinfo=UTC)
#: No two transitions of a zone are nearer to each other.
_STEP = timedelta(days=7)
_AROUND = timedelta(hours=30)
#: Every zone is tried, at so many of its transitions.
_EACH = 2


@cache
def transitions() -> tuple[tuple[str, datetime], ...]:
    """Give, for every zone with transitions, some of them: the widest and others."""
    chance = random.Random(2037)
    found: list[tuple[str, datetime]] = []
    seen: set[tuple[datetime, ...]] = set()
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        moments = tuple(_moments(zone))
        key = (*moments, _FIRST + (_FIRST.astimezone(zone).utcoffset() or timedelta()))
        if moments and key not in seen:
            seen.add(key)
            widest = max(moments, key=lambda one: abs(_jump(one, zone)))
            others = [one for one in moments if one != widest]
            some = chance.sample(others, min(len(others), _EACH - 1))
            found += [(name, one) for one in (widest, *some)]
    return tuple(found)


def _moments(zone: ZoneInfo) -> Iterator[datetime]:
    low = _FIRST
    while low < _LAST:
        high = low + _STEP
        if low.astimezone(zone).utcoffset() != high.astimezone(zone).utcoffset():
            yield _between(low, high, zone)
        low = high


def _between(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    old = low.astimezone(zone).utcoffset()
    while high - low > _MINUTE:
        middle = low + timedelta(minutes=(high - low) // _MINUTE // 2)
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == old else (low, middle)
    return high


def _jump(moment: datetime, zone: ZoneInfo) -> timedelta:
    before, after = (moment - _MINUTE).astimezone(zone), moment.astimezone(zone)
    return (after.utcoffset() or timedelta()) - (before.utcoffset() or timedelta())


def _ticks(schedule: Schedule, first: datetime, last: datetime) -> list[datetime]:
    found, tick = list[datetime](), next_tick(schedule, first)
    while tick is not None and tick <= last:
        found.append(tick)
        tick = next_tick(schedule, tick)
    return found


def _walls(transition: datetime, zone: ZoneInfo) -> list[datetime]:
    """Give times of day that matter: in the middle of what is skipped or doubled, and its ends."""
    before = (transition - _MINUTE).astimezone(zone).replace(tzinfo=None, fold=0) + _MINUTE
    after = transition.astimezone(zone).replace(tzinfo=None, fold=0)
    ends = sorted((before, after))
    return [ends[0], ends[0] + (ends[1] - ends[0]) // 2, ends[1] - _MINUTE, ends[1]]


class Clock:
    """What a zone's clock shows, minute by minute, around a transition."""

    def __init__(self, transition: datetime, zone: ZoneInfo) -> None:
        count = 2 * _AROUND // _MINUTE
        self.moments = [transition - _AROUND + number * _MINUTE for number in range(count)]
        walls = [one.astimezone(zone).replace(tzinfo=None, fold=0) for one in self.moments]
        self.walls = walls
        self._first = dict(zip(reversed(walls), reversed(self.moments), strict=True))
        self._jumps = [
            (before, moment, wall)
            for moment, (before, wall) in zip(self.moments[1:], pairwise(walls), strict=True)
            if wall - before > _MINUTE
        ]

    def comes(self, wall: datetime) -> datetime | None:
        """Give when a time comes: where it is shown, the first time; else right behind the gap."""
        if wall in self._first:
            return self._first[wall]
        return next((at for before, at, after in self._jumps if before < wall < after), None)

    def daily(self, wall: datetime) -> list[datetime]:
        """Give when a time of day comes, behind the first minute."""
        days = [wall + timedelta(days=number) for number in range(-3, 4)]
        found = {moment for day in days if (moment := self.comes(day))}
        return sorted(found - {self.moments[0]})


@pytest.mark.promise("R14")
def test_a_time_of_day_is_kept_in_every_zone() -> None:
    """Same wall time every day; one in a gap comes right behind it, one that is doubled once."""
    for name, transition in transitions():
        zone = ZoneInfo(name)
        clock = Clock(transition, zone)
        for wall in _walls(transition, zone):
            schedule = Schedule(cron=f"{wall.minute} {wall.hour} * * *", timezone=name)
            found = _ticks(schedule, clock.moments[0], clock.moments[-1])

            assert found == clock.daily(wall), (name, transition, wall)


@pytest.mark.promise("R14")
def test_every_hour_of_the_clock_comes_once_in_every_zone() -> None:
    """What runs every hour keeps its minutes: skipped ones come together, doubled ones once."""
    for name, transition in transitions():
        zone = ZoneInfo(name)
        clock = Clock(transition, zone)
        hours = [clock.walls[0].replace(hour=0, minute=45) + timedelta(hours=n) for n in range(140)]
        found = _ticks(
            Schedule(cron="45 * * * *", timezone=name), clock.moments[0], clock.moments[-1]
        )

        expected = {moment for wall in hours if (moment := clock.comes(wall))}
        assert found == sorted(expected - {clock.moments[0]}), (name, transition)


@pytest.mark.promise("R14")
def test_a_frequency_keeps_the_time_of_its_start() -> None:
    """A daily job whose start names a time of day ticks as the cron expression for it does."""
    for name, transition in transitions()[::5]:
        zone = ZoneInfo(name)
        start = (transition - timedelta(days=20)).replace(second=0)
        wall = start.astimezone(zone)
        end = transition + timedelta(days=3)

        daily = _ticks(Schedule(runs="daily", start_at=start, timezone=name), start, end)
        cron = Schedule(cron=f"{wall.minute} {wall.hour} * * *", timezone=name)

        assert daily == _ticks(cron, start, end), (name, transition)


@pytest.mark.parametrize(("relative", "cron"), [("P1D", "30 2 * * *"), ("PT1H", "0 * * * *")])
def test_windows_join_in_every_zone(relative: str, cron: str) -> None:
    """The window of each tick begins where the last one's ended, also where clocks are changed.

    Only where a zone skipped a whole day are the days around it exported twice.
    """
    for name, transition in transitions():
        zone = ZoneInfo(name)
        schedule = Schedule(cron=cron, timezone=name)
        around = timedelta(days=3) if relative == "P1D" else timedelta(hours=6)
        found = _ticks(schedule, transition - around, transition + around)
        windows = [period(relative).before(tick, zone) for tick in found]

        odd = abs(_jump(transition, zone)) >= timedelta(days=1)
        for one, following in pairwise(windows):
            assert one.end
            assert following.start
            assert one.end == following.start or odd, (name, transition)
            assert one.end >= following.start, (name, transition)
