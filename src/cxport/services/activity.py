"""What a tenant's runs came to of late, day by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from cxport.domain.access import Action, visible_families
from cxport.domain.activity import Day
from cxport.domain.listing import Page
from cxport.domain.run import Run
from cxport.domain.tenant import Caller
from cxport.services.access import require
from cxport.store import activity
from cxport.store.database import Database


class Activity:
    """What a caller may ask about the days past."""

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def days(self, caller: Caller, count: int, zone: ZoneInfo) -> tuple[Day, ...]:
        """Give the last so many days of a zone, today the last, of the families the roles show."""
        require(caller, Action.RUN_READ)
        today = self._clock().astimezone(zone).date()
        # each by the calendar: where the clock is put on, a day has 23 hours
        dates = [today - timedelta(days=count - 1 - number) for number in range(count + 1)]
        *starts, end = [datetime.combine(date, time(), zone) for date in dates]
        families = visible_families(caller.roles)
        return activity.days(self._db, caller.tenant_id, starts, end, families)

    def failed(self, caller: Caller, since: datetime, limit: int) -> Page[Run]:
        """Give the runs that have failed since a moment, the last first, and how many there are."""
        require(caller, Action.RUN_READ)
        families = visible_families(caller.roles)
        return activity.failed(self._db, caller.tenant_id, since, families, limit)
