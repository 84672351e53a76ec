"""What changes while somebody looks at a page, as server-sent events (WHATWG HTML, section 9.2).

A run comes as it is drawn, so that the page need ask for nothing while it goes on.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Header
from fastapi.responses import StreamingResponse
from jinja2.environment import TemplateModule

from cxport.console.guard import GuardedRoute
from cxport.console.rendering import macros
from cxport.console.settings import PREFIX
from cxport.console.visit import Watcher
from cxport.domain.watching import Change, WatchedJob, WatchedRun
from cxport.services.following import event_id, follow, moment_of

router = APIRouter(route_class=GuardedRoute)

#: Then the browser comes back, and whether the session goes on is looked at again.
_SECONDS = 300.0
_BEGIN = b"retry: 2000\n\n"
_HEARTBEAT = b": still here\n\n"


@router.get(f"{PREFIX}/live")
async def watch(visit: Watcher, last_event_id: Annotated[str, Header()] = "") -> StreamingResponse:
    """Tell of every run that goes on or ends, and of jobs that were changed; keeps no session."""
    since = moment_of(last_event_id)
    followed = follow(visit.services.watching, visit.caller, since, _SECONDS)
    drawn = macros(visit, "components/run.html")
    # nginx would hold events back otherwise
    headers = {"X-Accel-Buffering": "no"}
    return StreamingResponse(
        _events(followed, drawn), media_type="text/event-stream", headers=headers
    )


async def _events(
    followed: AsyncIterator[list[Change]], drawn: TemplateModule
) -> AsyncIterator[bytes]:
    yield _BEGIN
    async for changes in followed:
        yield b"".join(_event(change, drawn) for change in changes) or _HEARTBEAT


def _event(change: Change, drawn: TemplateModule) -> bytes:
    item = change.item
    told: dict[str, object]
    if isinstance(item, WatchedJob):
        name, told = "job", {"id": item.id, "at": item.updated_at.timestamp()}
    else:
        name, told = "run", _run(item, change.seen_at, drawn)
    # JSON escapes line ends, so the data is one line
    return f"id: {event_id(change)}\nevent: {name}\ndata: {json.dumps(told)}\n\n".encode()


def _run(run: WatchedRun, now: datetime, drawn: Any) -> dict[str, object]:
    """Give a run as pages show it; `at`: when it last changed in a way that lists show."""
    return {
        "id": run.id,
        "at": (run.ended_at or run.created_at).timestamp(),
        "state": str(drawn.state(run, now)),
        "pace": str(drawn.pace(run, now)),
    }
