"""How many requests a tenant may make: one that asks too often delays nobody else."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime
from threading import Lock

from cxport.domain.errors import LimitReached

_SECONDS = 60


class RequestRate:
    """Counts in this process: `per_minute` requests at once, refilled evenly; 0 means no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], datetime]) -> None:
        self._most = per_minute
        self._clock = clock
        self._lock = Lock()
        #: What a tenant had left, and when that was so.
        self._left: dict[str, tuple[float, datetime]] = {}

    def take(self, tenant_id: str) -> None:
        """Count a request, or raise LimitReached saying when the next one will be served."""
        if not self._most:
            return
        with self._lock:
            left = self._refilled(tenant_id)
            if left >= 1:
                self._left[tenant_id] = (left - 1, self._clock())
                return
        wait = math.ceil((1 - left) * _SECONDS / self._most)
        raise LimitReached(f"more than {self._most} requests in a minute", max(1, wait))

    def _refilled(self, tenant_id: str) -> float:
        now = self._clock()
        left, since = self._left.get(tenant_id, (float(self._most), now))
        passed = max(0.0, (now - since).total_seconds())
        return min(float(self._most), left + passed * self._most / _SECONDS)
