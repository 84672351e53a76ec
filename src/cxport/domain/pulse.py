"""A sign of life that one thread gives and another one reads."""

from __future__ import annotations

import time


class Pulse:
    """Beats by `beat`; any number of threads may use it."""

    def __init__(self) -> None:
        self._beat_at = time.monotonic()

    def beat(self) -> None:
        """Say that whoever beats lives."""
        self._beat_at = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long ago it last beat, or was made."""
        return time.monotonic() - self._beat_at
