"""How somebody wants to see the console, and where else they are signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.guard import GuardedRoute
from cxport.console.notices import Kind, Notice
from cxport.console.rendering import Page, redirect, render
from cxport.console.settings import PREFIX
from cxport.console.visit import Author, Member
from cxport.domain.zone import zone_names

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class PreferencesPage(Page):
    """The choices; they are kept in the browser."""

    template: ClassVar[str] = "preferences.html"
    heading: ClassVar[str] = "preferences.heading"
    zones: ClassVar[tuple[str, ...]] = zone_names()
    path: ClassVar[str] = f"{PREFIX}/preferences"
    #: The time now in their zone, to see that it is the right one.
    now: str
    #: How many sessions of theirs go on elsewhere.
    others: int


@router.get(PreferencesPage.path)
def show(visit: Member) -> Response:
    """Show them."""
    page = PreferencesPage(
        now=visit.wording.moment(visit.services.clock()),
        others=visit.services.sessions.others(visit.caller, visit.session_id),
    )
    return render(visit, page)


@router.post(f"{PreferencesPage.path}/sign-out-others")
def sign_out_others(visit: Author) -> Response:
    """End their other sessions, as after a computer was lost."""
    count = visit.services.sessions.end_others(visit.caller, visit.session_id)
    text = visit.wording.text("preferences.ended", count=count)
    return redirect(visit, PreferencesPage.path, Notice(kind=Kind.SUCCESS, text=text))
