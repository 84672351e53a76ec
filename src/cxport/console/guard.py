"""What stands around every page: writes come from our own pages, and browsers load nothing else.

A write is taken where the browser says that it comes from this origin (`Sec-Fetch-Site`, or
`Origin`), and of a signed-in person with a token as well, which only our pages know.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from urllib.parse import urlsplit

from fastapi import Request, Response
from fastapi.routing import APIRoute

from cxport.console.settings import settings_of
from cxport.domain.errors import NotAllowed
from cxport.domain.said import Said

Answer = TypeVar("Answer", bound=Response)

#: No inline script or style, no other host, no frame around us. `data:` are the pictures inside
#: the style sheet.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    # nothing is told to others; our own pages need the Origin that `no-referrer` would take away
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_READS = frozenset({"GET", "HEAD"})


class GuardedRoute(APIRoute):
    """A route of the console."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Refuse writes from elsewhere, and protect the answer."""
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            if request.method not in _READS:
                require_own_origin(request)
            return protected(await handle(request))

        return guarded


def protected(response: Answer) -> Answer:
    """Tell the browser what the page may do: next to nothing; it is kept nowhere."""
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def require_own_origin(request: Request) -> None:
    """Raise NotAllowed for a write that no page of ours has sent."""
    site = request.headers.get("sec-fetch-site")
    own = site == "same-origin" if site else _origin(request) in _own_origins(request)
    if not own:
        raise NotAllowed(
            Said("the form was sent from another site: open the console and try again")
        )


def _origin(request: Request) -> str:
    return request.headers.get("origin", "none")


def _own_origins(request: Request) -> set[str]:
    """Give the public address, and that which the request itself names."""
    public = urlsplit(settings_of(request).public_url)
    return {f"{public.scheme}://{public.netloc}", f"{request.url.scheme}://{request.url.netloc}"}


def form_token(session_id: str) -> str:
    """Give what the forms of a session carry; the session's id cannot be told from it."""
    return hmac.new(session_id.encode(), b"cxport console form", hashlib.sha256).hexdigest()


def require_form_token(session_id: str, token: str) -> None:
    """Raise NotAllowed for a form that is not of this session."""
    if not hmac.compare_digest(form_token(session_id).encode(), token.encode()):
        raise NotAllowed(Said("the form is of an earlier session: open the page again"))
