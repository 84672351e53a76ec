"""The console's cookies: of this host alone, and out of reach of scripts unless said."""

from __future__ import annotations

from fastapi import Request, Response

from cxport.console.settings import ConsoleSettings, settings_of

SESSION = "session"
NOTICE = "notice"
#: What was just made and is shown once.
MADE = "made"
#: What a sign-in at a provider is finished with.
PROVIDER = "provider"
THEME = "theme"
LANGUAGE = "language"
#: Written by console.js too, which knows the zone of the browser.
ZONE = "zone"


def read(request: Request, name: str) -> str:
    """Give a cookie's value; empty where there is none."""
    return request.cookies.get(_full(settings_of(request), name), "")


def write(
    request: Request,
    response: Response,
    name: str,
    value: str,
    *,
    seconds: int | None = None,
) -> None:
    """Set a cookie for so long; None: until the browser is closed."""
    settings = settings_of(request)
    response.set_cookie(
        _full(settings, name),
        value,
        max_age=seconds,
        path="/",
        secure=settings.secure,
        httponly=name != ZONE,
        samesite="lax",
    )


def remove(request: Request, response: Response, name: str) -> None:
    """Forget a cookie."""
    write(request, response, name, "", seconds=0)


def _full(settings: ConsoleSettings, name: str) -> str:
    """Give the name that the browser keeps: with the prefix that binds it to this host.

    `__Host-` (RFC 6265bis, section 4.1.3.2) is for TLS only, and the zone is written by a script
    that does not know of it.
    """
    prefix = "__Host-" if settings.secure and name != ZONE else ""
    return f"{prefix}cxport-{name}"
