"""How many requests a tenant may make: one that asks too often delays nobody else."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from cxport.domain.errors import LimitReached
from cxport.domain.said import Said
from cxport.store import rates
from cxport.store.database import Database

_SECONDS = 60
#: How long a process refuses without asking the store again.
_PAUSE = timedelta(seconds=0.25)


class RequestRate:
    """`per_minute` requests at once, refilled evenly, over all processes; 0 means no limit.

    A process takes a second's worth of them from the store at a time, so a request seldom waits
    for it, and what a process has taken and not used yet is all that a limit may be off by.
    """

    def __init__(self, db: Database, per_minute: int, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._most = per_minute
        self._clock = clock
        self._lock = Lock()
        #: What this process may still serve of a tenant, and until when it refuses one.
        self._held: dict[str, int] = {}
        self._refused: dict[str, datetime] = {}

    def take(self, tenant_id: str) -> None:
        """Count a request, or raise LimitReached saying when the next one will be served."""
        if not self._most or self._of_held(tenant_id):
            return
        now = self._clock()
        if now < self._refused.get(tenant_id, now):
            raise self._reached(0.0)
        wanted = max(1, self._most // _SECONDS)
        granted, left = rates.take(self._db, tenant_id, self._most, wanted, now)
        with self._lock:
            if granted:
                self._held[tenant_id] = self._held.get(tenant_id, 0) + granted - 1
                return
            self._refused[tenant_id] = now + _PAUSE
        raise self._reached(left)

    def _of_held(self, tenant_id: str) -> bool:
        with self._lock:
            held = self._held.get(tenant_id, 0)
            self._held[tenant_id] = max(0, held - 1)
            return held > 0

    def _reached(self, left: float) -> LimitReached:
        wait = math.ceil((1 - left) * _SECONDS / self._most)
        return LimitReached(
            Said("more than {most} requests in a minute", most=self._most), max(1, wait)
        )
