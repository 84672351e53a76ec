"""Failed sign-ins are counted, and after too many the door stays shut for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from cxport.domain.errors import LimitReached

#: How long a failure counts.
WINDOW = timedelta(minutes=15)
#: Names that are remembered at most; the one not seen for longest is forgotten first.
_REMEMBERED = 10_000


class FailedSignIns:
    """Counts failures by name (an account or an address) in this process.

    Attempts that are under way at the same time are not counted yet, so a name may fail a few
    times more than its limit: as many as sign-ins may wait.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._lock = Lock()
        self._failures: OrderedDict[str, list[datetime]] = OrderedDict()

    def check(self, name: str, limit: int) -> None:
        """Raise LimitReached where the name has failed too often."""
        with self._lock:
            recent = self._recent(name)
        if len(recent) >= limit:
            wait = recent[-limit] + WINDOW - self._clock()
            raise LimitReached("too many failed sign-ins", max(1, int(wait.total_seconds()) + 1))

    def failed(self, *names: str) -> None:
        """Count a failure against each name."""
        with self._lock:
            for name in names:
                self._failures[name] = [*self._recent(name), self._clock()]
                self._failures.move_to_end(name)
            while len(self._failures) > _REMEMBERED:
                self._failures.popitem(last=False)

    def succeeded(self, name: str) -> None:
        """Forget the failures of an account that has signed in."""
        with self._lock:
            self._failures.pop(name, None)

    def _recent(self, name: str) -> list[datetime]:
        since = self._clock() - WINDOW
        return [moment for moment in self._failures.get(name, []) if moment > since]
