"""How somebody wants to see the console: theme, language and time zone, kept in cookies."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fastapi import Request

from cxport.console import cookies
from cxport.domain.errors import InvalidInput
from cxport.domain.zone import zone_of
from cxport.services.labels import LANGUAGES, language_for

#: `auto` follows the browser, as far as scripts run.
THEMES = ("auto", "light", "dark")


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """What was chosen, or else what the browser asks for."""

    theme: str
    language: str
    zone: ZoneInfo


def preferences_of(request: Request) -> Preferences:
    """Read the cookies; a value that none of ours would have counts as none."""
    theme = cookies.read(request, cookies.THEME)
    language = cookies.read(request, cookies.LANGUAGE)
    wanted = request.headers.get("accept-language", "")
    return Preferences(
        theme=theme if theme in THEMES else THEMES[0],
        language=language if language in LANGUAGES else language_for(wanted),
        zone=_zone(cookies.read(request, cookies.ZONE)),
    )


def _zone(name: str) -> ZoneInfo:
    try:
        return zone_of(name)
    except InvalidInput:
        return ZoneInfo("UTC")
