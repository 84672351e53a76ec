"""`/events`: every change of jobs and runs, as it happens."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Request
from fastapi.responses import StreamingResponse

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.stream import event_stream

router = APIRouter(prefix="/events", tags=["events"])


@router.get(
    "",
    response_class=StreamingResponse,
    responses={
        **documented(),
        200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}},
    },
)
async def watch(
    request: Request,
    caller: SignedIn,
    services: Use,
    last_event_id: Annotated[str, Header()] = "",
) -> StreamingResponse:
    """Tell of the runs that have not ended, and from then on of every change, as events.

    `run` and `job` events hold one JSON object each. The stream ends by itself after five
    minutes; who comes back with `Last-Event-ID` is told what it missed.
    """
    seconds = request.app.state.settings.stream_seconds
    return event_stream(services.watching, caller, last_event_id, seconds)
