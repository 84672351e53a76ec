"""A schedule in its caller's words, read: the contract's `schedulerParam`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from cxport.domain.errors import InvalidInput
from cxport.domain.job import FREQUENCIES, MissedTicks, Schedule
from cxport.domain.said import Said
from cxport.domain.zone import zone_name
from cxport.schedule.cron import NICKNAMES, read_cron
from cxport.schedule.ticks import first_tick

_PLACE = "schedulerParam"
_RUNS_EXPECTED = "a whole number from 1, or one of " + ", ".join(FREQUENCIES)
#: No start may be later: calendars that far are anyone's guess.
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class ScheduleWords:
    """What was said; an empty text means that nothing was."""

    immediately: bool = False
    cron: str = ""
    runs: str = ""
    start_at: datetime | None = None
    timezone: str = ""
    missed_ticks: str = ""


def read_schedule(words: ScheduleWords, now: datetime) -> Schedule:
    """Make the schedule, or raise InvalidInput naming the first field that fails."""
    schedule = Schedule(
        immediately=words.immediately,
        cron=_cron(words.cron),
        runs=_runs(words.runs.strip()),
        start_at=_start(words.start_at),
        timezone=zone_name(words.timezone),
        missed_ticks=_missed(words.missed_ticks),
    )
    _check(schedule, now)
    first_tick(schedule, now)
    return schedule


def _cron(text: str) -> str:
    text = " ".join(text.split())
    if not text:
        return ""
    read_cron(text)
    return text.lower() if text.lower() in NICKNAMES else text


def _runs(text: str) -> str:
    if not text or text.casefold() in FREQUENCIES:
        return text.casefold()
    if not re.fullmatch(r"0*[1-9][0-9]{0,8}", text, re.ASCII):
        raise _refused("runs", Said("neither a number of runs nor a frequency"), _RUNS_EXPECTED)
    return str(int(text))


def _start(start: datetime | None) -> datetime | None:
    if start and start >= _LATEST:
        raise _refused(
            "startDate", Said("too late"), Said("a moment before {day}", day=f"{_LATEST:%Y-%m-%d}")
        )
    return start


def _missed(text: str) -> MissedTicks:
    for word in MissedTicks:
        if word == (text or MissedTicks.ONE).casefold():
            return word
    name = "jobParams.missedTicks"
    raise InvalidInput.at(name, Said("unknown"), ", ".join(MissedTicks))


def _check(schedule: Schedule, now: datetime) -> None:
    """Refuse words that contradict each other."""
    number = schedule.runs.isdigit()
    if schedule.cron:
        if schedule.runs and not number:
            raise _refused(
                "runs", Said("a frequency stands in place of cron"), Said("a whole number")
            )
        return
    if not (schedule.immediately or schedule.runs or schedule.start_at):
        raise InvalidInput.at(
            _PLACE, Said("says nothing"), Said("immediately: true, cron, runs or startDate")
        )
    _check_number(schedule, number=number)
    if schedule.immediately and not schedule.recurs and schedule.start_at:
        _check_past(schedule.start_at, now)


def _check_number(schedule: Schedule, *, number: bool) -> None:
    if not number:
        return
    if not schedule.immediately and schedule.start_at is None:
        raise _refused("runs", Said("says how often, and nothing says when"), Said("cron with it"))
    if schedule.runs != "1":
        raise _refused(
            "runs", Said("nothing says when the further runs come"), Said("1, or cron with it")
        )


def _check_past(start: datetime, now: datetime) -> None:
    if start > now:
        raise _refused(
            "startDate",
            Said("immediately runs now, not then"),
            Said("immediately: false, or no startDate"),
        )


def _refused(field: str, reason: Said, expected: str) -> InvalidInput:
    name = f"{_PLACE}.{field}"
    return InvalidInput.at(name, reason, expected)
