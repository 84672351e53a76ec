"""Something that is done again and again, in a thread of its own, whatever happens meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from cxport.domain.errors import CxportError
from cxport.telemetry import metrics

_log = structlog.get_logger()


class Rounds:
    """Does `act` every so many seconds from `start` to `stop`, and sooner when `wake` is set.

    An error ends one round and is logged, by its type alone where it is not one of ours, as its
    text could hold data; the next round comes all the same.
    """

    def __init__(
        self,
        name: str,
        seconds: float,
        act: Callable[[], None],
        wake: threading.Event | None = None,
    ) -> None:
        self._name = name
        self._seconds = seconds
        self._act = act
        self._wake = wake or threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go, name=name, daemon=True)

    def start(self) -> None:
        """Begin with a round now; returns at once."""
        self._thread.start()

    def stop(self, timeout_seconds: float) -> None:
        """Begin no further round, and wait so long at most for the one under way."""
        self._stopping.set()
        self._wake.set()
        self._thread.join(timeout=timeout_seconds)

    def _go(self) -> None:
        while not self._stopping.is_set():
            try:
                self._act()
            except CxportError as error:
                metrics.count_failure(error, "round")
                _log.warning("a round ended early", of=self._name, reason=error.message)
            except Exception as error:  # noqa: BLE001 - a fault, or the engine's database, must not end the rounds
                metrics.count_failure(error, "round")
                _log.warning("a round ended early", of=self._name, error=type(error).__name__)
            self._wake.wait(self._seconds)
            self._wake.clear()
