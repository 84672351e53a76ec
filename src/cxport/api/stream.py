"""Server-sent events (WHATWG HTML, section 9.2): how a subscription is told to a browser.

The stream ends by itself after some minutes; a client comes back with `Last-Event-ID` and is told
what it missed, from whichever process answers then.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from fastapi.responses import StreamingResponse

from cxport.api.instants import iso
from cxport.domain.tenant import Caller
from cxport.domain.watching import Change, WatchedJob, WatchedRun
from cxport.services.watching import Subscription, Watching

#: A comment so often keeps proxies from cutting a stream on which nothing happens, and shows us
#: who has gone.
_HEARTBEAT_SECONDS = 15.0
_HEARTBEAT = b": still here\n\n"
#: How long a browser waits before it comes back.
_BEGIN = b"retry: 2000\n\n"

_HEADERS = {
    "Cache-Control": "no-store",
    # nginx would hold events back otherwise
    "X-Accel-Buffering": "no",
}


def event_stream(
    watching: Watching, caller: Caller, last_event_id: str, seconds: float
) -> StreamingResponse:
    """Answer with the caller's events, for so many seconds; raises as `Watching.subscribe`."""
    loop, ready = asyncio.get_running_loop(), asyncio.Event()

    def notify() -> None:
        loop.call_soon_threadsafe(ready.set)

    subscription = watching.subscribe(caller, notify, since=_moment(last_event_id))
    events = _events(watching, subscription, ready, seconds)
    return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)


async def _events(
    watching: Watching, subscription: Subscription, ready: asyncio.Event, seconds: float
) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    try:
        yield _BEGIN
        while not subscription.closed and (left := until - loop.time()) > 0:
            try:
                await asyncio.wait_for(ready.wait(), min(_HEARTBEAT_SECONDS, left))
            except TimeoutError:
                yield _HEARTBEAT
                continue
            ready.clear()
            yield b"".join(map(_event, subscription.take()))
    finally:
        watching.leave(subscription)


def _event(change: Change) -> bytes:
    item = change.item
    if isinstance(item, WatchedJob):
        name, shown = "job", _job(item)
    else:
        name, shown = "run", _run(item, change.seen_at)
    # JSON escapes line ends, so the data is one line
    data = json.dumps(shown, separators=(",", ":"))
    return f"id: {_id(change.seen_at)}\nevent: {name}\ndata: {data}\n\n".encode()


def _job(job: WatchedJob) -> dict[str, object]:
    return {
        "id": job.id,
        "type": job.family.value,
        "title": job.title,
        "source": job.source,
        "suspended": job.suspended,
        "nextRunDate": iso(job.next_tick_at),
        "updatedDate": iso(job.updated_at),
    }


def _run(run: WatchedRun, now: datetime) -> dict[str, object]:
    rate = run.rows_per_second(now)
    return {
        "id": run.id,
        "jobId": run.job_id,
        "type": run.family.value,
        "title": run.title,
        "source": run.source,
        "status": run.status.value,
        "label": run.status.label,
        "reason": run.reason,
        "progress": run.progress,
        "rowsRead": run.rows_read,
        "estimatedRows": run.estimate_rows,
        "rowsPerSecond": None if rate is None else round(rate, 1),
        "remainingSeconds": run.remaining_seconds(now),
        "size": run.size_bytes,
        "createdDate": iso(run.created_at),
        "startedDate": iso(run.started_at),
        "endedDate": iso(run.ended_at),
    }


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Digits of a moment in milliseconds, until the year 2286.
_ID_DIGITS = 13


def _id(moment: datetime) -> int:
    """Name an event by when its look was taken, in milliseconds since 1970."""
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def _moment(event_id: str) -> datetime | None:
    """Read the name of the last event that a client has; one that is none is passed over."""
    if not (event_id.isascii() and event_id.isdigit() and len(event_id) <= _ID_DIGITS):
        return None
    return _EPOCH + timedelta(milliseconds=int(event_id))
