"""Following a subscription from a coroutine: what has changed, as it changes, for a while."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from cxport.domain.tenant import Caller
from cxport.domain.watching import Change
from cxport.services.watching import Subscription, Watching

#: So often at least something is given, be it nothing: a proxy cuts a stream on which nothing
#: happens, and who has gone is seen only by writing.
_HEARTBEAT_SECONDS = 15.0


def follow(
    watching: Watching, caller: Caller, since: datetime | None, seconds: float
) -> AsyncIterator[list[Change]]:
    """Give what has changed for so many seconds, nothing as a sign of life; raises as `subscribe`.

    The subscription is made at once, and left when the iterator ends or is closed.
    """
    loop, ready = asyncio.get_running_loop(), asyncio.Event()

    def notify() -> None:
        loop.call_soon_threadsafe(ready.set)

    subscription = watching.subscribe(caller, notify, since=since)
    return _followed(watching, subscription, ready, seconds)


async def _followed(
    watching: Watching, subscription: Subscription, ready: asyncio.Event, seconds: float
) -> AsyncIterator[list[Change]]:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    try:
        yield []
        while not subscription.closed and (left := until - loop.time()) > 0:
            try:
                await asyncio.wait_for(ready.wait(), min(_HEARTBEAT_SECONDS, left))
            except TimeoutError:
                yield []
                continue
            ready.clear()
            yield subscription.take()
    finally:
        watching.leave(subscription)


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Digits of a moment in milliseconds, until the year 2286.
_ID_DIGITS = 13


def event_id(change: Change) -> int:
    """Name a change by when its look was taken, in milliseconds since 1970."""
    return (change.seen_at - _EPOCH) // timedelta(milliseconds=1)


def moment_of(last_event_id: str) -> datetime | None:
    """Read the name of the last event that a client has; one that is none is passed over."""
    if not (last_event_id.isascii() and last_event_id.isdigit()):
        return None
    if len(last_event_id) > _ID_DIGITS:
        return None
    return _EPOCH + timedelta(milliseconds=int(last_event_id))
