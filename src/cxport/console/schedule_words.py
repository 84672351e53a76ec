"""A schedule and a period in the reader's words."""

from __future__ import annotations

import re
from datetime import datetime, time

from cxport.console.wording import Wording
from cxport.domain.job import JobSpec, Schedule
from cxport.domain.zone import zone_of
from cxport.services.schedules import Upcoming, described

#: Cron's days of the week as the labels name them; 7 is Sunday too.
_DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_NAMES = {name[:3]: name for name in _DAYS}
_NUMBER = re.compile(r"[0-9]{1,2}")
_STEP = re.compile(r"\*/([0-9]{1,2})")
_PERIOD = re.compile(r"P(?:([0-9]+)([DWMY])|T([0-9]+)([HM]))")


def schedule_words(upcoming: Upcoming, wording: Wording) -> str:
    """Say when a job runs, with the zone where it goes by a clock."""
    schedule = upcoming.schedule
    said = [_core(upcoming, wording)]
    if schedule.kind == "immediate":
        return said[0]
    if schedule.start_at and schedule.recurs:
        said.append(wording.text("schedule.from", moment=_at(schedule, wording)))
    if schedule.recurs and schedule.limit:
        said.append(wording.text("schedule.limit", count=schedule.limit))
    if schedule.recurs and schedule.immediately:
        said.append(wording.text("schedule.alsoNow"))
    return f"{', '.join(said)} ({schedule.timezone})"


def rhythm(schedule: Schedule, wording: Wording) -> str:
    """Say in short how often a job runs."""
    return _core(described(schedule), wording)


def in_plain_words(upcoming: Upcoming) -> bool:
    """Tell whether the schedule's words do without its cron expression."""
    return not upcoming.schedule.cron or _pattern(upcoming.cron_fields) is not None


def period_words(spec: JobSpec, wording: Wording) -> str:
    """Say which rows a job exports by their time."""
    if spec.incremental:
        return wording.text("period.incremental")
    if spec.relative:
        return relative_words(spec.relative, wording)
    start, end = (
        wording.moment(one) if one else "" for one in (spec.window.start, spec.window.end)
    )
    if start and end:
        return wording.text("period.between", start=start, end=end)
    if start or end:
        return (
            wording.text("period.since", start=start)
            if start
            else (wording.text("period.until", end=end))
        )
    return wording.text("period.all")


def relative_words(text: str, wording: Wording) -> str:
    """Say what a relative period is: `P1D` is the day before each run."""
    found = _PERIOD.fullmatch(text)
    if found is None:
        return wording.text("period.relativeOther", period=text)
    count, unit = (found[1], found[2]) if found[1] else (found[3], f"T{found[4]}")
    key = f"period.one{unit}" if int(count) == 1 else f"period.many{unit}"
    return wording.text(key, count=int(count))


def _core(upcoming: Upcoming, wording: Wording) -> str:
    schedule = upcoming.schedule
    if schedule.cron:
        return _cron(upcoming, wording)
    if schedule.kind == "immediate":
        return wording.text("schedule.immediate")
    if schedule.kind == "once":
        at = _at(schedule, wording)
        return wording.text("schedule.once", moment=at) if at else wording.text("schedule.midnight")
    return _repeated(schedule, wording)


def _repeated(schedule: Schedule, wording: Wording) -> str:
    """Say a frequency: it keeps its start's time and day, else those that cron would have."""
    start = schedule.start_at.astimezone(zone_of(schedule.timezone)) if schedule.start_at else None
    return wording.text(
        f"schedule.{schedule.kind}",
        minute=f"{start.minute if start else 0:02}",
        time=_clock(start.hour, start.minute) if start else _clock(0, 0),
        day=wording.text(f"weekday.{_DAYS[start.isoweekday() if start else 1]}"),
        number=start.day if start else 1,
    )


def _cron(upcoming: Upcoming, wording: Wording) -> str:
    found = _pattern(upcoming.cron_fields)
    if found is None:
        return wording.text("schedule.cron", cron=upcoming.schedule.cron)
    key, values = found
    if "days" in values:
        days = [wording.text(f"weekday.{day}") for day in values["days"].split()]
        values = {**values, "day": ", ".join(days)}
    return wording.text(key, **values)


def _pattern(fields: str) -> tuple[str, dict[str, str]] | None:
    """Find the label that says what five fields mean, with its values; None where none does."""
    if not fields:
        return None
    minute, hour, day, month, weekday = fields.split()
    step = _STEP.fullmatch(minute)
    if step and (hour, day, month, weekday) == ("*",) * 4 and 60 % int(step[1] or 1) == 0:
        return "schedule.everyMinutes", {"count": step[1]}
    if not _NUMBER.fullmatch(minute) or month != "*":
        return None
    if (hour, day, weekday) == ("*", "*", "*"):
        return "schedule.hourly", {"minute": f"{int(minute):02}"}
    if not _NUMBER.fullmatch(hour):
        return None
    return _at_a_time(day, weekday, _clock(int(hour), int(minute)))


def _at_a_time(day: str, weekday: str, clock: str) -> tuple[str, dict[str, str]] | None:
    if (day, weekday) == ("*", "*"):
        return "schedule.daily", {"time": clock}
    if day == "*" and (days := _days(weekday)):
        return "schedule.weekly", {"time": clock, "days": " ".join(days)}
    if weekday == "*" and _NUMBER.fullmatch(day):
        return "schedule.monthly", {"time": clock, "number": str(int(day))}
    return None


def _days(text: str) -> list[str]:
    """Give the days of a list, as `1,3` or `MON-FRI`; none where it is anything else."""
    found: list[str] = []
    for term in text.lower().split(","):
        first, _, last = term.partition("-")
        low, high = _day(first), _day(last or first)
        if not 0 <= low <= high:
            return []
        found += _DAYS[low : high + 1]
    return list(dict.fromkeys(found))


def _day(text: str) -> int:
    """Give the number of a day of the week; -1 for what is none."""
    if text in _NAMES:
        return _DAYS.index(_NAMES[text])
    return int(text) if len(text) == 1 and text in "01234567" else -1


def _at(schedule: Schedule, wording: Wording) -> str:
    """Write the start on the clock of the schedule's zone."""
    if schedule.start_at is None:
        return ""
    return Wording(wording.language, zone_of(schedule.timezone)).moment(schedule.start_at)


def _clock(hour: int, minute: int) -> str:
    return time(hour, minute).strftime("%H:%M")


def on_its_clock(moment: datetime, schedule: Schedule, wording: Wording) -> str:
    """Write a moment on the clock of a schedule's zone, with the day of the week."""
    at = moment.astimezone(zone_of(schedule.timezone))
    day = wording.text(f"weekday.{_DAYS[at.isoweekday()]}")
    return f"{day}, {at.strftime(wording.text('format.moment'))}"
