"""Failed sign-ins are counted, and after too many the door stays shut for a while."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from cxport.domain.errors import LimitReached
from cxport.domain.said import Said
from cxport.store import failures
from cxport.store.database import Database

#: How long a failure counts.
WINDOW = timedelta(minutes=15)


class FailedSignIns:
    """Counts failures by name (an account or an address), over all processes of the service.

    Attempts that are under way at the same time are not counted yet, so a name may fail a few
    times more than its limit: as many as sign-ins may wait.
    """

    def __init__(self, db: Database, clock: Callable[[], datetime]) -> None:
        self._db = db
        self._clock = clock

    def check(self, name: str, limit: int) -> None:
        """Raise LimitReached where the name has failed too often."""
        now = self._clock()
        recent = failures.newest(self._db, _digest(name), now - WINDOW, limit)
        if len(recent) >= limit:
            wait = recent[-1] + WINDOW - now
            raise LimitReached(
                Said("too many failed sign-ins"), max(1, int(wait.total_seconds()) + 1)
            )

    def failed(self, *names: str) -> None:
        """Count a failure against each name."""
        now = self._clock()
        failures.add(self._db, [_digest(name) for name in names], now, now - WINDOW)

    def succeeded(self, name: str) -> None:
        """Forget the failures of an account that has signed in."""
        failures.forget(self._db, _digest(name))


def _digest(name: str) -> bytes:
    """Keep no name: it is what somebody typed, perhaps a password in the wrong field."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()
