"""No request body is read further than it may be long."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cxport.api.errors import error_answer
from cxport.domain.said import Said
from cxport.services.certificates import MAX_UPLOAD_BYTES

#: What a multipart form adds around the one file in it.
_FORM_BYTES = 16 * 1024
#: Bytes beyond the limit that are thrown away before the answer: most clients look for one only
#: after they have sent everything, and would see a broken connection instead.
_PATIENCE_BYTES = 8 * 1024 * 1024
_MESSAGE = Said("the request body is too large")
#: Nothing more is read from this connection.
_CLOSE = {"Connection": "close"}


class BodyLimit:
    """Answers 413 where a body is announced to be too long, or as soon as it is."""

    def __init__(self, app: ASGIApp, max_body_bytes: int) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = self._limit(scope["path"])
        if _announced(scope) > limit:
            await _discard(receive)
            detail = {"maxBytes": limit}
            code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
            answer = error_answer(code, _MESSAGE, detail, _CLOSE, scope)
            await answer(scope, receive, send)
            return
        await self._app(scope, _counted(receive, limit), send)

    def _limit(self, path: str) -> int:
        """Give the limit of a path: a certificate is small, in every version."""
        return MAX_UPLOAD_BYTES + _FORM_BYTES if "/cipher/" in path else self._max_body_bytes


def _announced(scope: Scope) -> int:
    text = Headers(scope=scope).get("content-length", "")
    return int(text) if text.isascii() and text.isdigit() else 0


def _counted(receive: Receive, limit: int) -> Receive:
    received = 0

    async def counting() -> Message:
        nonlocal received
        message = await receive()
        received += len(message.get("body", b""))
        if received > limit:
            if message.get("more_body"):
                await _discard(receive)
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _MESSAGE, _CLOSE)
        return message

    return counting


async def _discard(receive: Receive) -> None:
    """Read to the end of the body, but no further than patience goes."""
    left = _PATIENCE_BYTES
    while left > 0:
        message = await receive()
        left -= len(message.get("body", b""))
        if not message.get("more_body"):
            return
