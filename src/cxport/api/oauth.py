"""Tokens: `POST /auth/v3/oauth/token` (RFC 6749) and `.../revoke` (RFC 7009).

They have words of their own, and errors of their own.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from cxport.api.auth import Address, Use
from cxport.domain.errors import (
    ClientRefused,
    CxportError,
    GrantRefused,
    InvalidInput,
    LimitReached,
    NotAuthenticated,
)
from cxport.services.signin import TokenPair, TokenRequest

router = APIRouter(include_in_schema=False)

_FORM = "application/x-www-form-urlencoded"
_FIELDS = 20
#: RFC 6749, section 5.1: neither caches nor proxies keep the answer.
_UNCACHED = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class _Malformed(Exception):
    """The request breaks the rules of RFC 6749."""


@router.post("/auth/v3/oauth/token")
async def issue_token(request: Request, services: Use, address: Address) -> JSONResponse:
    """Answer a token request, or its refusal in the words of RFC 6749, section 5.2."""
    try:
        form = _read_form(request.headers.get("content-type", ""), await request.body())
        asked = _asked(form, request, address)
        pair = await run_in_threadpool(services.sign_in.token, asked)
    except _Malformed as error:
        return _refused(HTTPStatus.BAD_REQUEST, "invalid_request", str(error))
    except HTTPException as error:
        return _unread(error)
    except (NotAuthenticated, InvalidInput, LimitReached) as error:
        return _refusal(error)
    return JSONResponse(_answer(pair), headers=_UNCACHED)


@router.post("/auth/v3/oauth/revoke")
async def revoke_token(request: Request, services: Use, address: Address) -> Response:
    """Refuse a token from now on (RFC 7009); one that is none is answered alike."""
    try:
        form = _read_form(request.headers.get("content-type", ""), await request.body())
        asked = _asked({**form, "grant_type": "revoke"}, request, address)
        await run_in_threadpool(services.sign_in.revoke, asked, _needed(form, "token"))
    except _Malformed as error:
        return _refused(HTTPStatus.BAD_REQUEST, "invalid_request", str(error))
    except HTTPException as error:
        return _unread(error)
    except (NotAuthenticated, LimitReached) as error:
        return _refusal(error)
    return Response(headers=_UNCACHED)


def _unread(error: HTTPException) -> JSONResponse:
    """Answer for a body that was not read to its end, with the headers that say so."""
    return _refused(HTTPStatus(error.status_code), "invalid_request", error.detail, error.headers)


def _read_form(content_type: str, body: bytes) -> dict[str, str]:
    if content_type.partition(";")[0].strip().lower() != _FORM:
        raise _Malformed(f"the body must be {_FORM}")
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, max_num_fields=_FIELDS, errors="strict"
        )
    except ValueError as error:
        raise _Malformed("the body is not a form in UTF-8") from error
    form = dict(pairs)
    if len(form) < len(pairs):
        raise _Malformed("a parameter stands there twice")
    if any("\0" in text for text in form.values()):
        raise _Malformed("a parameter holds NUL")
    return form


def _asked(form: Mapping[str, str], request: Request, address: str) -> TokenRequest:
    grant_type = _needed(form, "grant_type")
    basic = _basic(request.headers.get("authorization", ""))
    if basic and form.get("client_secret"):
        raise _Malformed("the client signs in twice: by Basic and in the form")
    client_id, secret = basic or (form.get("client_id", ""), form.get("client_secret", ""))
    return TokenRequest(
        grant_type=grant_type,
        client_id=client_id,
        client_secret=secret,
        username=form.get("username", ""),
        password=form.get("password", ""),
        refresh_token=form.get("refresh_token", ""),
        api_key=request.headers.get("x-api-key", ""),
        address=address,
    )


def _needed(form: Mapping[str, str], name: str) -> str:
    if not form.get(name):
        raise _Malformed(f"{name} is missing")
    return form[name]


def _basic(header: str) -> tuple[str, str] | None:
    """Read HTTP Basic; id and secret are form-encoded inside (RFC 6749, section 2.3.1)."""
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError as error:
        raise _Malformed("the Authorization header is not HTTP Basic") from error
    client_id, _, secret = decoded.partition(":")
    if "\0" in decoded:
        raise _Malformed("the Authorization header holds NUL")
    return unquote_plus(client_id), unquote_plus(secret)


def _answer(pair: TokenPair) -> dict[str, object]:
    return {
        "access_token": pair.access_token,
        "token_type": "bearer",
        "expires_in": pair.expires_in_seconds,
        "refresh_token": pair.refresh_token,
        "scope": "*",
    }


def _refusal(error: CxportError) -> JSONResponse:
    if isinstance(error, GrantRefused):
        return _refused(HTTPStatus.BAD_REQUEST, "invalid_grant", error.message)
    if isinstance(error, LimitReached):
        wait = {"Retry-After": str(error.retry_after_seconds)}
        return _refused(
            HTTPStatus.TOO_MANY_REQUESTS, "temporarily_unavailable", error.message, wait
        )
    if isinstance(error, ClientRefused | NotAuthenticated):
        challenge = {"WWW-Authenticate": 'Basic realm="cxport"'}
        return _refused(HTTPStatus.UNAUTHORIZED, "invalid_client", error.message, challenge)
    return _refused(HTTPStatus.BAD_REQUEST, "unsupported_grant_type", error.message)


def _refused(
    status: HTTPStatus, code: str, message: str, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    content = {"error": code, "error_description": message}
    return JSONResponse(content, status, {**_UNCACHED, **(headers or {})})
