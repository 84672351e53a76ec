"""What becomes of ticks that are due: a run, one run for several, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import takewhile

from cxport.domain.job import MissedTicks
from cxport.domain.period import joined
from cxport.domain.tick import DueJob, TickPlan
from cxport.domain.zone import zone_of
from cxport.schedule.ticks import next_tick

#: A tick that nobody took up for so long was missed, unless a run of its job was in its way.
MISSED_AFTER = timedelta(minutes=1)

#: Ticks of one job that are dealt with at once; after a longer absence the rest comes next.
_AT_ONCE = 10_000


def due_ticks(job: DueJob, now: datetime) -> list[datetime]:
    """Give a job's ticks that have come, in their order; `job.next_tick_at` is the first."""
    found: list[datetime] = []
    tick: datetime | None = job.next_tick_at
    while tick is not None and tick <= now and len(found) < _AT_ONCE:
        found.append(tick)
        tick = next_tick(job.schedule, tick)
    return found


def plan_ticks(
    job: DueJob, due: Sequence[datetime], missed: Callable[[datetime], bool]
) -> TickPlan:
    """Decide about due ticks as the job's setting says, at most one run at a time.

    Ticks that waited for a run of the job to end share the next one; of the missed ones, `one`
    lets that run cover them too, `all` gives each its own, `none` skips them. Where windows are
    relative, one run covers only ticks whose windows leave no gap between them.
    """
    taken = _taken(job.schedule.missed_ticks, due, missed)
    skips = job.schedule.missed_ticks is MissedTicks.NONE
    covered = [tick for tick in taken if not (skips and missed(tick))]
    if job.relative and covered:
        zone = zone_of(job.schedule.timezone)
        covered = covered[: joined(job.relative, covered, zone)]
        taken = [tick for tick in taken if tick <= covered[-1]]
    kept = set(covered)
    return TickPlan(
        covered=tuple(covered),
        skipped=tuple(tick for tick in taken if tick not in kept),
        next_tick_at=next_tick(job.schedule, taken[-1]),
    )


def _taken(
    setting: MissedTicks, due: Sequence[datetime], missed: Callable[[datetime], bool]
) -> Sequence[datetime]:
    """Give the ticks to deal with now, from the first."""
    if setting is not MissedTicks.ALL:
        return due
    if missed(due[0]):
        return due[:1]
    return list(takewhile(lambda tick: not missed(tick), due))
