"""One shape for every error: `{"status": {"code", "message", "detail"}}`.

`detail` names what a program can use: the field, what it would take, when to come again. No
answer ever holds a stack, a path of the server or an address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import Scope

from cxport.api.contract import contract_of
from cxport.api.surface import surface_of
from cxport.domain.errors import (
    CxportError,
    LimitReached,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    ProviderUnavailable,
    RequestError,
    SourceUnreachable,
    StorageUnavailable,
    StoreUnavailable,
    TooLarge,
)
from cxport.telemetry import metrics

log = structlog.get_logger()

_STATUSES: tuple[tuple[type[CxportError], HTTPStatus], ...] = (
    (NotAuthenticated, HTTPStatus.UNAUTHORIZED),
    (NotAllowed, HTTPStatus.FORBIDDEN),
    (NotFound, HTTPStatus.NOT_FOUND),
    (TooLarge, HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    (LimitReached, HTTPStatus.TOO_MANY_REQUESTS),
    (RequestError, HTTPStatus.BAD_REQUEST),
    (StoreUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (StorageUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
    (SourceUnreachable, HTTPStatus.SERVICE_UNAVAILABLE),
    (ProviderUnavailable, HTTPStatus.SERVICE_UNAVAILABLE),
)
#: When to come again where a part of the service does not answer.
_UNAVAILABLE_SECONDS = "5"
#: Error answers that any operation of a signed-in caller may give.
_ANY = (401, 403, 413, 429, 503)
#: Fields of a body that are named at most when they are not what they should be.
_NAMED = 20


class ErrorStatus(BaseModel):
    """What went wrong."""

    code: int
    message: str
    detail: dict[str, Any]


class ErrorAnswer(BaseModel):
    """The shape of every error."""

    status: ErrorStatus


def documented(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Describe an operation's further answers; those that any operation may give are added."""
    every = sorted({*codes, *_ANY})
    return {code: _described(HTTPStatus(code)) for code in every}


def _described(code: HTTPStatus) -> dict[str, Any]:
    if code is HTTPStatus.NO_CONTENT:
        return {"description": "nothing to show"}
    return {"model": ErrorAnswer, "description": code.phrase}


def error_answer(
    code: int,
    message: str,
    detail: Mapping[str, object] | None = None,
    headers: Mapping[str, str] | None = None,
    scope: Scope | None = None,
) -> Response:
    """Make an error answer; for a request's scope in the shape of what it asks."""
    if scope and (surface := surface_of(scope)):
        return surface.error(scope, code, message, detail or {}, headers or {})
    content = {"status": {"code": code, "message": message, "detail": dict(detail or {})}}
    contract = contract_of(scope) if scope else None
    if scope and contract:
        content = contract.error(content, scope["path"])
    return JSONResponse(content, code, {"Cache-Control": "no-store", **(headers or {})})


def refusal(error: CxportError, scope: Scope | None = None) -> Response:
    """Answer for an error of ours; one that the caller cannot put right says nothing more."""
    code = next((status for kind, status in _STATUSES if isinstance(error, kind)), None)
    if code is None or code >= HTTPStatus.INTERNAL_SERVER_ERROR:
        metrics.count_failure(error, "request")
    if code is None:
        log.error("request failed", error=type(error).__name__)
        return unexpected(scope)
    detail = error.detail() if isinstance(error, RequestError) else {}
    return error_answer(code, error.message, detail, _headers(error, code), scope)


def unexpected(scope: Scope | None = None) -> Response:
    """Answer where the fault is ours: the log says more, the caller learns nothing of it."""
    message = "something went wrong on our side; the service's log says more"
    return error_answer(HTTPStatus.INTERNAL_SERVER_ERROR, message, scope=scope)


class Malformed(HTTPException):
    """A part of the request that cannot be read; of this kind, so that FastAPI hands it on."""

    def __init__(self, message: str, field: str = "body") -> None:
        self.field = field
        super().__init__(HTTPStatus.BAD_REQUEST, message)


@contextmanager
def no_404(field: str = "id") -> Iterator[None]:
    """Answer 400 for what is not found: where the contract prints no 404."""
    try:
        yield
    except NotFound as error:
        raise Malformed("not found", field) from error


def install(app: FastAPI) -> None:
    """Give every error of the application the one shape."""
    app.add_exception_handler(CxportError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)


def _headers(error: CxportError, code: HTTPStatus) -> dict[str, str]:
    if isinstance(error, NotAuthenticated):
        return {"WWW-Authenticate": 'Bearer realm="cxport"'}
    if isinstance(error, LimitReached):
        return {"Retry-After": str(error.retry_after_seconds)}
    if code is HTTPStatus.SERVICE_UNAVAILABLE:
        return {"Retry-After": _UNAVAILABLE_SECONDS}
    return {}


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, CxportError):  # starlette hands over no other
        raise error
    if isinstance(error, NotAllowed):
        await run_in_threadpool(request.app.state.services.audit.not_allowed, error)
    return refusal(error, request.scope)


async def _invalid(request: Request, error: Exception) -> Response:
    """Name the fields that are missing or of a wrong type, never the values they had."""
    if not isinstance(error, RequestValidationError):
        raise error
    found = [
        {"field": _field(each["loc"]), "message": str(each["msg"])}
        for each in error.errors()[:_NAMED]
    ]
    field, message = found[0]["field"], found[0]["message"]
    if field == "body":
        message = "a JSON object is needed, sent as application/json"
    detail = {"field": field, "errors": found}
    return error_answer(400, f"{field}: {message}", detail, scope=request.scope)


def _field(place: Sequence[str | int]) -> str:
    """Name a field as the caller wrote it, without the part of the request it stands in."""
    return ".".join(str(word) for word in place[1:]) or str(place[0])


async def _http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    detail = {"field": error.field} if isinstance(error, Malformed) else {}
    return error_answer(error.status_code, error.detail, detail, error.headers, request.scope)
