"""How many rows a second may be read of a source, by all readers of this worker together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

#: What is not used is saved up for so many seconds.
_SAVED_SECONDS = 1.0


class RowLimit:
    """A token bucket that lends: rows are counted when they were read, and waited for after.

    Any number of threads may use it; `clock` gives seconds that never go back.
    """

    def __init__(self, rows_per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._lock = threading.Lock()
        self._clock = clock
        self._rate = rows_per_second
        self._left = 0.0
        self._at = clock()

    def change(self, rows_per_second: int) -> None:
        """Go on with another rate; what is owed stays owed."""
        with self._lock:
            self._refill()
            self._rate = rows_per_second

    def take(self, rows: int) -> float:
        """Count rows that were read, and give the seconds to wait before any more are."""
        with self._lock:
            self._refill()
            self._left -= rows
            return max(0.0, -self._left / self._rate)

    def _refill(self) -> None:
        now = self._clock()
        self._left = min(self._rate * _SAVED_SECONDS, self._left + (now - self._at) * self._rate)
        self._at = now


class RowLimits:
    """The limits of a worker's sources, each shared by all runs of its source."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._limits: dict[str, RowLimit] = {}

    def of(self, source_id: str, rows_per_second: int | None) -> RowLimit | None:
        """Give a source's limit at its present rate; None where it has none."""
        with self._lock:
            if rows_per_second is None:
                self._limits.pop(source_id, None)
                return None
            found = self._limits.setdefault(source_id, RowLimit(rows_per_second))
            found.change(rows_per_second)
            return found
