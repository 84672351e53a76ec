"""What those are told who watch a tenant's jobs and runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cxport.domain.catalogue import Family
from cxport.domain.custody import Decision
from cxport.domain.pace import Pace
from cxport.domain.run import Status, percent, rate_of, seconds_left


@dataclass(frozen=True, kw_only=True)
class WatchedJob:
    """A job as it was made or changed."""

    tenant_id: str
    id: int
    family: Family
    title: str
    source: str
    suspended: bool
    next_tick_at: datetime | None
    updated_at: datetime

    @property
    def moved_at(self) -> datetime:
        """Since when nothing about it has changed."""
        return self.updated_at


@dataclass(frozen=True, kw_only=True)
class WatchedRun:
    """A run as it stands."""

    tenant_id: str
    id: int
    job_id: int
    family: Family
    title: str
    source: str
    status: Status
    reason: str
    rows_read: int
    estimate_rows: int
    size_bytes: int
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    pace: Pace | None = None
    #: When its files were gone, or revoked, which is a decision.
    expired_at: datetime | None = None
    revoked: Decision | None = None

    @property
    def moved_at(self) -> datetime | None:
        """Since when nothing about it has changed; None while something may at any time."""
        return self.expired_at or self.ended_at

    @property
    def progress(self) -> int:
        """Percent, as `Run.progress` counts it."""
        return percent(self.status, self.rows_read, self.estimate_rows)

    def rows_per_second(self, now: datetime) -> float | None:
        """Rows read a second, as `Run.rows_per_second` tells it."""
        return rate_of(self.status, self.pace, self.rows_read, now)

    def remaining_seconds(self, now: datetime) -> int | None:
        """Seconds that remain, as `Run.remaining_seconds` tells it."""
        return seconds_left(self.rows_per_second(now), self.rows_read, self.estimate_rows)


Watched = WatchedJob | WatchedRun


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that is new or has changed, as a look at the store found it at `seen_at`."""

    item: Watched
    seen_at: datetime
