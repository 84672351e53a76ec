"""The outermost layer: no exception gets past it, and every request leaves one line in the log.

The line names the route, not the path, and no query: names, keys and links stay out of it. It
carries the request's id, as does every line that is written on the way, and the answer.
"""

from __future__ import annotations

import re
import traceback
import uuid
from time import perf_counter

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bound_contextvars

from cxport.api.errors import unexpected
from cxport.telemetry import metrics, traces

log = structlog.get_logger()

#: Frames of a stack that are named in the log.
_FRAMES = 8
_HEADER = "X-Request-Id"
#: What a caller may name its request: nothing that could look like anything else in a log.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Boundary:
    """Answers 500 for what nobody expected, keeps the access log, counts and traces."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the process's own start and stop pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        with (
            bound_contextvars(request=request_id),
            traces.request_span(scope["method"]) as span,
        ):
            answer = _Answer(send, request_id)
            try:
                await self._app(scope, receive, answer.send)
            except Exception as error:  # noqa: BLE001 - the last place that could answer
                metrics.count_failure(error, "request")
                _log_unexpected(error)
                if not answer.status:
                    await unexpected(scope)(scope, receive, answer.send)
                # else: returning with the answer unfinished makes the server cut the connection
            finally:
                _tell(scope, answer, span)


class _Answer:
    """What was answered, and after how long."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self._began = perf_counter()
        self.status = 0
        #: Until the answer began.
        self.seconds = 0.0

    @property
    def milliseconds(self) -> float:
        """Since the request came."""
        return round((perf_counter() - self._began) * 1000, 1)

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.seconds = perf_counter() - self._began
            MutableHeaders(scope=message)[_HEADER] = self.request_id
        await self._send(message)


def _request_id(scope: Scope) -> str:
    """Take the caller's id where it is one, else make one."""
    given = Headers(scope=scope).get(_HEADER, "")
    return given if _ID.fullmatch(given) else uuid.uuid4().hex


def _tell(scope: Scope, answer: _Answer, span: traces.Span) -> None:
    route, status = _route(scope), int(answer.status)
    metrics.count_request(scope["method"], route, status, answer.seconds)
    span.note(
        {
            "http.route": route,
            "http.response.status_code": status,
            "cxport.request": answer.request_id,
        }
    )
    log.info(
        "request",
        method=scope["method"],
        route=route,
        status=status,
        milliseconds=answer.milliseconds,
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
