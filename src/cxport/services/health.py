"""Whether this process can work, and in words what is missing where it cannot."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from cxport.blobs.base import Blobs
from cxport.domain.errors import CxportError, ObjectMissing
from cxport.domain.pulse import Pulse
from cxport.store.database import Database

#: A worker looks for queued runs twice a second; one that has not done so for this long hangs.
_BEAT_SECONDS = 30.0
#: Whoever asks more often is told what was found last: a probe costs the storage a request.
_KEPT_SECONDS = 2.0
#: An object that is not there: a storage that says so answers.
_PROBE = "health/probe"


class Health:
    """What is missing for work; `pulse` is the worker's of this process, where it has one."""

    def __init__(self, db: Database, blobs: Blobs, pulse: Pulse | None = None) -> None:
        self._checks: list[Callable[[], str]] = [
            lambda: _answers(db.ping, "the store does not answer"),
            lambda: _answers(lambda: _probe(blobs), "the storage does not answer"),
        ]
        if pulse is not None:
            self._checks.append(lambda: _beats(pulse))
        self._lock = threading.Lock()
        self._kept: tuple[str, ...] = ()
        self._looked_at = float("-inf")

    def missing(self) -> tuple[str, ...]:
        """Name what is missing, in words that hold no address; nothing where all is there."""
        with self._lock:
            if time.monotonic() - self._looked_at >= _KEPT_SECONDS:
                self._kept = tuple(filter(None, (check() for check in self._checks)))
                self._looked_at = time.monotonic()
            return self._kept


def _answers(act: Callable[[], None], otherwise: str) -> str:
    try:
        act()
    except CxportError:
        return otherwise
    return ""


def _probe(blobs: Blobs) -> None:
    try:
        blobs.size(_PROBE)
    except ObjectMissing:
        return


def _beats(pulse: Pulse) -> str:
    seconds = pulse.seconds
    return f"the worker has not beaten for {seconds:.0f} s" if seconds > _BEAT_SECONDS else ""
