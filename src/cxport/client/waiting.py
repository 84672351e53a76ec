"""Waiting for a run, through short outages: by the service's events, or by looking.

Looks are frequent at first, and then ever less so.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace

from cxport.client.errors import ClientError, StillRunning
from cxport.client.shapes import JobInfo
from cxport.client.watching import JobEvent, RunEvent

_FIRST_SECONDS = 0.1
_FACTOR = 1.3
_LONGEST_SECONDS = 5.0
#: A service that is started again, or a network that breaks, is waited for this long.
_PATIENCE_SECONDS = 60.0
#: Longer than a stream is silent: what is left of a timeout is spent looking.
_LAST_SECONDS = 20.0


def pauses() -> Iterator[float]:
    """Give the seconds between two looks."""
    pause = _FIRST_SECONDS
    while True:
        yield pause
        pause = min(pause * _FACTOR, _LONGEST_SECONDS)


def wait(
    look: Callable[[], JobInfo],
    listen: Callable[[], Iterator[JobEvent | RunEvent | None]],
    progress: Callable[[JobInfo], None] | None,
    timeout_seconds: float | None,
) -> JobInfo:
    """Wait until the run has ended and return it as it is then.

    It is listened for, as long as the service tells events; else it is looked at. Raises
    StillRunning when the time is over, and ClientError when the service refuses, or does not
    answer for a minute.
    """
    waiting = _Waiting(look, listen, progress, timeout_seconds)
    for pause in pauses():
        try:
            found = waiting.followed()
        except ClientError as error:
            if not error.transient or waiting.silent_seconds > _PATIENCE_SECONDS:
                raise
            pause = max(pause, min(error.retry_after_seconds, _PATIENCE_SECONDS))  # noqa: PLW2901 - the service asks for a longer one
        else:
            if found.ended:
                return found
        if waiting.left_seconds < 0:
            raise StillRunning("the run has not ended yet: it goes on")
        time.sleep(pause)
    raise AssertionError("unreachable")


class _Waiting:
    """What is known of the run that is waited for."""

    def __init__(
        self,
        look: Callable[[], JobInfo],
        listen: Callable[[], Iterator[JobEvent | RunEvent | None]],
        progress: Callable[[JobInfo], None] | None,
        timeout_seconds: float | None,
    ) -> None:
        self._look = look
        self._listen = listen
        self._progress = progress or (lambda _: None)
        self._answered = time.monotonic()
        self._until = self._answered + (math.inf if timeout_seconds is None else timeout_seconds)
        self._tells = True

    @property
    def silent_seconds(self) -> float:
        """Since when the service has not answered."""
        return time.monotonic() - self._answered

    @property
    def left_seconds(self) -> float:
        """How long may still be waited; below 0: no longer."""
        return self._until - time.monotonic()

    def followed(self) -> JobInfo:
        """Look at the run, and listen until it or the stream has ended; raises ClientError."""
        found = self._looked()
        if found.ended or not self._tells or self.left_seconds < _LAST_SECONDS:
            return found
        events = self._events()
        for event in events:
            found = self._told(event, found)
            if found.ended or self.left_seconds < _LAST_SECONDS:
                events.close()
        return found

    def _events(self) -> Generator[JobEvent | RunEvent | None]:
        """Give what the service tells; a refusal to tell is remembered, and ends nothing else."""
        try:
            yield from self._listen()
        except ClientError as error:
            if error.transient:
                raise
            self._tells = False

    def _told(self, event: JobEvent | RunEvent | None, found: JobInfo) -> JobInfo:
        """Look again at each sign of life, as what ended before the connection is not told."""
        if event is None:
            return self._looked()
        if isinstance(event, RunEvent) and event.id == found.id:
            if event.ended:
                return self._looked()
            found = replace(found, status=event.status, progress=event.progress)
            self._heard(found)
        return found

    def _looked(self) -> JobInfo:
        found = self._look()
        self._heard(found)
        return found

    def _heard(self, found: JobInfo) -> None:
        self._answered = time.monotonic()
        self._progress(found)
