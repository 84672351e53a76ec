"""Server-sent events (WHATWG HTML, section 9.2): how a subscription is told to a browser.

The stream ends by itself after some minutes; a client comes back with `Last-Event-ID` and is told
what it missed, from whichever process answers then.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime

from fastapi.responses import StreamingResponse

from cxport.api.instants import iso
from cxport.domain.custody import Decision
from cxport.domain.tenant import Caller
from cxport.domain.watching import Change, WatchedJob, WatchedRun
from cxport.services.following import event_id, follow, moment_of
from cxport.services.watching import Watching

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
    followed = follow(watching, caller, moment_of(last_event_id), seconds)
    return StreamingResponse(_events(followed), media_type="text/event-stream", headers=_HEADERS)


async def _events(followed: AsyncIterator[list[Change]]) -> AsyncIterator[bytes]:
    yield _BEGIN
    async for changes in followed:
        yield b"".join(map(_event, changes)) or _HEARTBEAT


def _event(change: Change) -> bytes:
    item = change.item
    if isinstance(item, WatchedJob):
        name, shown = "job", _job(item)
    else:
        name, shown = "run", _run(item, change.seen_at)
    # JSON escapes line ends, so the data is one line
    data = json.dumps(shown, separators=(",", ":"))
    return f"id: {event_id(change)}\nevent: {name}\ndata: {data}\n\n".encode()


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
        "expiredDate": iso(run.expired_at),
        "revoked": _decision(run.revoked),
    }


def _decision(decision: Decision | None) -> dict[str, str] | None:
    if decision is None:
        return None
    return {"by": decision.by, "date": iso(decision.at), "reason": decision.reason}
