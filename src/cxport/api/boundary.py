"""The outermost layer: no exception gets past it, and every request leaves one line in the log.

The line names the route, not the path, and no query: names, keys and links stay out of it.
"""

from __future__ import annotations

import traceback
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cxport.api.errors import unexpected

log = structlog.get_logger()

#: Frames of a stack that are named in the log.
_FRAMES = 8


class Boundary:
    """Answers 500 for what nobody expected, and keeps the access log."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the process's own start and stop pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = perf_counter(), 0

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except Exception as error:  # noqa: BLE001 - the last place that could answer
            _log_unexpected(error)
            if not status:
                await unexpected(scope)(scope, receive, noting)
            # else: returning with the answer unfinished makes the server cut the connection
        finally:
            _log_request(scope, status, perf_counter() - began)


def _log_request(scope: Scope, status: int, seconds: float) -> None:
    log.info(
        "request",
        method=scope["method"],
        route=_route(scope),
        status=int(status),
        milliseconds=round(seconds * 1000, 1),
    )


def _route(scope: Scope) -> str:
    """Give the path with its parameters by name; a path that no route takes is not repeated."""
    if "route" not in scope:
        return "none"
    names = {value: f"{{{name}}}" for name, value in scope.get("path_params", {}).items()}
    return "/".join(names.get(word, word) for word in scope["path"].split("/"))


def _log_unexpected(error: BaseException) -> None:
    """Say what and where, not the message: it may hold what a caller sent."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    log.error(
        "unexpected error",
        error=type(error).__qualname__,
        cause=type(error.__cause__).__qualname__ if error.__cause__ else "",
        frames=[f"{frame.name}:{frame.lineno}" for frame in frames],
    )
