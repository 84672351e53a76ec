"""What a schedule asks for: its next runs, before a job is made and as long as it lives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from cxport.domain.access import Action
from cxport.domain.job import Job, Schedule
from cxport.domain.period import period
from cxport.domain.run import Run
from cxport.domain.selection import Window
from cxport.domain.tenant import Caller
from cxport.domain.zone import zone_of
from cxport.schedule import cron_fields, first_tick, next_tick
from cxport.services.access import require
from cxport.services.job_request import JobRequest, read_job_schedule
from cxport.services.jobs import job_or_run
from cxport.store import jobs
from cxport.store.database import Database

#: Runs that are told, at most.
SHOWN = 5


@dataclass(frozen=True, kw_only=True)
class ComingRun:
    """A run that will come; `window` is what it exports where that moves with it."""

    at: datetime
    window: Window | None


@dataclass(frozen=True, kw_only=True)
class Upcoming:
    """A schedule as it was understood, and its next runs, SHOWN at most."""

    schedule: Schedule
    #: The five fields of cron that say all of the expression; empty where none do.
    cron_fields: str
    runs: tuple[ComingRun, ...]


class Schedules:
    """What a caller may ask about schedules."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def preview(self, caller: Caller, request: JobRequest) -> Upcoming:
        """Tell when a job would run, whatever else is still missing in its request.

        Raises InvalidInput naming the field of the schedule, or the relative period, that fails.
        """
        require(caller, Action.JOB_CREATE)
        now = self._clock()
        schedule = read_job_schedule(request, now)
        if request.relative:
            period(request.relative)
        at_once = [now] if schedule.immediately else []
        ticks = [*at_once, *_ticks(schedule, first_tick(schedule, now))]
        return _upcoming(schedule, request.relative, ticks[: schedule.limit])

    def of_job(self, caller: Caller, item_id: int) -> Upcoming:
        """Tell when a job (by a run's id: its job) runs next, suspended or not; raises NotFound.

        Runs that wait already are none of these. A tick that has passed waits for one to end.
        """
        require(caller, Action.JOB_READ)
        found = job_or_run(self._db, caller, item_id)
        job = self._job_of(caller, found) if isinstance(found, Run) else found.job
        ticks = list(_ticks(job.spec.schedule, job.next_tick_at))
        return _upcoming(job.spec.schedule, job.spec.relative, ticks[: job.runs_left])

    def _job_of(self, caller: Caller, run: Run) -> Job:
        return jobs.get(self._db, caller.tenant_id, run.job_id)


def described(schedule: Schedule) -> Upcoming:
    """Give a schedule as it was understood, without its runs."""
    return _upcoming(schedule, "", [])


def _ticks(schedule: Schedule, first: datetime | None) -> Iterator[datetime]:
    """Give ticks from a first one on, SHOWN at most."""
    return islice(_endless(schedule, first), SHOWN)


def _endless(schedule: Schedule, tick: datetime | None) -> Iterator[datetime]:
    while tick is not None:
        yield tick
        tick = next_tick(schedule, tick)


def _upcoming(schedule: Schedule, relative: str, ticks: list[datetime]) -> Upcoming:
    return Upcoming(
        schedule=schedule,
        cron_fields=cron_fields(schedule.cron) if schedule.cron else "",
        runs=tuple(_coming(schedule, relative, tick) for tick in ticks[:SHOWN]),
    )


def _coming(schedule: Schedule, relative: str, tick: datetime) -> ComingRun:
    zone = zone_of(schedule.timezone)
    window = period(relative).before(tick, zone) if relative else None
    return ComingRun(at=tick, window=window)
