"""The one ticker for all jobs: it turns ticks that have come into queued runs.

Any number of processes may tick at once. What one of them writes, it writes under the job's row
lock and after a look whether the job still is as it was read: so no tick is taken twice, and one
whose process died before its transaction ended is still there to be taken.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from cxport.domain.errors import CxportError, NotFound, StoreUnavailable
from cxport.domain.tick import DueJob
from cxport.schedule.plan import MISSED_AFTER, due_ticks, plan_ticks
from cxport.store import ticks
from cxport.store.database import Database
from cxport.telemetry import metrics

_log = structlog.get_logger()

#: How long at most until the store is looked at again: jobs are made and changed meanwhile.
_LOOK = timedelta(seconds=1)

#: How long a job whose schedule cannot be read here is left alone.
_LEFT_ALONE = timedelta(minutes=1)


class Ticker:
    """Takes ticks as they come; `clock` gives the time, aware."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock
        #: Between these two moments there is nothing to do.
        self._looked_at = self._look_at = datetime.min.replace(tzinfo=clock().tzinfo)
        self._ailing: dict[tuple[str, int], datetime] = {}

    def turn(self) -> int:
        """Take the ticks that have come, and tell how many runs were queued.

        Called early, it does nothing. Raises StoreUnavailable.
        """
        now = self._clock()
        if self._looked_at <= now < self._look_at:
            return 0
        queued = sum(self._take(job, now) for job in ticks.due(self._db, now))
        ahead = ticks.next_at(self._db, now) or now + _LOOK
        self._looked_at, self._look_at = now, min(ahead, now + _LOOK)
        return queued

    def _take(self, job: DueJob, now: datetime) -> int:
        """Take one job's ticks; what is wrong with it keeps no other job waiting."""
        key = (job.tenant_id, job.job_id)
        if now < self._ailing.get(key, now):
            return 0
        try:
            return self._queue(job, now)
        except NotFound:
            return 0
        except StoreUnavailable:
            raise
        except CxportError as error:
            _log.error("ticks cannot be told", job=job.job_id, reason=error.message)
        except Exception as error:  # noqa: BLE001 - a fault of ours in one job stops no other
            _log.error("ticks not taken", job=job.job_id, error=type(error).__name__)
        self._ailing[key] = now + _LEFT_ALONE
        return 0

    def _queue(self, job: DueJob, now: datetime) -> int:
        due = due_ticks(job, now)
        plan = plan_ticks(job, due, self._missed(job, due, now))
        run = ticks.take(self._db, job.tenant_id, job, plan, now)
        if run is None:
            return 0
        metrics.TICKS.inc(len(plan.covered))
        metrics.TICK_LATENESS.observe((now - plan.covered[-1]).total_seconds())
        _log.info("tick", job=job.job_id, run=run.id, ticks=len(plan.covered))
        return 1

    def _missed(
        self, job: DueJob, due: list[datetime], now: datetime
    ) -> Callable[[datetime], bool]:
        """Give what tells whether a tick came while nobody was there to see it."""
        late = now - MISSED_AFTER
        if due[0] > late:
            return lambda _: False
        spans = ticks.spans(self._db, job.tenant_id, job.job_id, due[0], due[-1])

        def missed(tick: datetime) -> bool:
            waited = any(first <= tick and (last is None or tick <= last) for first, last in spans)
            return tick <= late and not waited

        return missed
