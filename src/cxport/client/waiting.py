"""Waiting for a run: often at first, then ever less often, and through short outages."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from cxport.client.errors import ClientError, StillRunning
from cxport.client.shapes import JobInfo

_FIRST_SECONDS = 0.1
_FACTOR = 1.3
_LONGEST_SECONDS = 5.0
#: A service that is started again, or a network that breaks, is waited for this long.
_PATIENCE_SECONDS = 60.0


def pauses() -> Iterator[float]:
    """Give the seconds between two looks."""
    pause = _FIRST_SECONDS
    while True:
        yield pause
        pause = min(pause * _FACTOR, _LONGEST_SECONDS)


def wait(
    look: Callable[[], JobInfo],
    progress: Callable[[JobInfo], None] | None,
    timeout_seconds: float | None,
) -> JobInfo:
    """Look until the run has ended and return it as it is then.

    Raises StillRunning when the time is over, and ClientError when the service refuses, or does
    not answer for a minute.
    """
    began = answered = time.monotonic()
    for pause in pauses():
        try:
            found = look()
        except ClientError as error:
            if not error.transient or time.monotonic() - answered > _PATIENCE_SECONDS:
                raise
            pause = max(pause, min(error.retry_after_seconds, _PATIENCE_SECONDS))  # noqa: PLW2901 - the service asks for a longer one
        else:
            answered = time.monotonic()
            if progress is not None:
                progress(found)
            if found.ended:
                return found
        if timeout_seconds is not None and time.monotonic() - began > timeout_seconds:
            raise StillRunning("the run has not ended yet: it goes on")
        time.sleep(pause)
    raise AssertionError("unreachable")
