"""Errors as pages: what happened, and what to do now. No details of ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import ClassVar
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from starlette.types import Scope

from cxport.console.guard import protected
from cxport.console.rendering import Page, render
from cxport.console.settings import PREFIX
from cxport.console.visit import Visit

SIGN_IN = f"{PREFIX}/sign-in"

#: What has a text of its own; the others share one by their hundred.
_KNOWN = frozenset({403, 404, 413, 429, 503})


@dataclass(frozen=True, kw_only=True)
class ErrorPage(Page):
    """`kind` names the texts; `reason` is what the service says, where that may be told."""

    template: ClassVar[str] = "error.html"
    heading: ClassVar[str] = "page.error"
    code: int
    kind: str
    reason: str = ""


def error_page(
    scope: Scope,
    code: int,
    message: str,
    detail: Mapping[str, object],
    headers: Mapping[str, str],
) -> Response:
    """Answer for an error; whoever is not signed in is sent to do so, and then back."""
    del detail
    request = Request(scope)
    if code == HTTPStatus.UNAUTHORIZED:
        return protected(_to_sign_in(request))
    visit = scope.get("state", {}).get("visit") or Visit(request=request)
    page = ErrorPage(
        code=code, kind=_kind(code), reason=visit.wording.say(message) if _tells(code) else ""
    )
    response = protected(render(visit, page, code))
    response.headers.update({k: v for k, v in headers.items() if k != "WWW-Authenticate"})
    return response


def _to_sign_in(request: Request) -> Response:
    query = f"?{urlencode({'next': Visit(request=request).here})}"
    if "hx-request" in request.headers:  # a part of a page: the whole page goes
        return Response(headers={"HX-Redirect": SIGN_IN})
    return RedirectResponse(f"{SIGN_IN}{query}", HTTPStatus.SEE_OTHER)


def _kind(code: int) -> str:
    if code in _KNOWN:
        return str(code)
    return "400" if code < HTTPStatus.INTERNAL_SERVER_ERROR else "500"


def _tells(code: int) -> bool:
    """Tell whether the message is for the reader: those of 404 and of our faults say no more."""
    return code in {400, 403, 413, 429}
