"""How fast a run reads, told by what the store keeps of it: no process need remember anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: The rate is that of the last 15 to 30 seconds.
_HALF = timedelta(seconds=15)

#: In less time than this, batches that come at once make any rate.
_LEAST = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """How many rows of a run had been read at a moment."""

    at: datetime
    rows: int


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Two samples of a run that is read: the rate counts from the older one until now."""

    older: Sample
    newer: Sample

    def moved(self, at: datetime, rows: int) -> Pace:
        """Give the pace after a further look; rows that are to be read again begin it anew."""
        if rows < self.older.rows:
            return began(at, rows)
        if at - self.newer.at < _HALF:
            return self
        return Pace(older=self.newer, newer=Sample(at=at, rows=rows))

    def rate(self, at: datetime, rows: int) -> float | None:
        """Give rows per second; None where that cannot be told yet. A run that hangs goes to 0."""
        span = at - self.older.at
        if span < _LEAST or rows < self.older.rows:
            return None
        return (rows - self.older.rows) / span.total_seconds()


def began(at: datetime, rows: int) -> Pace:
    """Give the pace of a run whose reading begins at a moment, perhaps behind finished parts."""
    sample = Sample(at=at, rows=rows)
    return Pace(older=sample, newer=sample)
