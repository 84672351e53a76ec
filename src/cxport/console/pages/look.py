"""Theme and language, chosen in the top bar of any page, and the time zone."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Response

from cxport.console import cookies
from cxport.console.guard import GuardedRoute
from cxport.console.notices import Kind, Notice
from cxport.console.preferences import THEMES
from cxport.console.rendering import own_path, redirect
from cxport.console.settings import PREFIX
from cxport.console.visit import Anybody
from cxport.domain.zone import zone_names
from cxport.services.labels import LANGUAGES

router = APIRouter(route_class=GuardedRoute)

_YEAR_SECONDS = 365 * 24 * 60 * 60


@router.post(f"{PREFIX}/look")
def choose(
    visit: Anybody,
    theme: Annotated[str, Form()] = "",
    language: Annotated[str, Form()] = "",
    zone: Annotated[str, Form()] = "",
    back: Annotated[str, Form()] = "",
) -> Response:
    """Keep the choice in this browser for a year, and go back; a zone that is none is told."""
    known_zone = not zone or zone in zone_names()
    text = visit.wording.text("wrong.timezone")
    response = redirect(
        visit, own_path(back), None if known_zone else Notice(kind=Kind.WARNING, text=text)
    )
    for name, value, known in (
        (cookies.THEME, theme, THEMES),
        (cookies.LANGUAGE, language, LANGUAGES),
        (cookies.ZONE, zone, zone_names()),
    ):
        if value in known:
            cookies.write(visit.request, response, name, value, seconds=_YEAR_SECONDS)
    return response
