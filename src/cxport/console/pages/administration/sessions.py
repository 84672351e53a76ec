"""Who is signed in at the console now; any of it can be ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.guard import GuardedRoute
from cxport.console.mistakes import done
from cxport.console.rendering import render
from cxport.console.sections import PATH, SectionPage
from cxport.console.visit import Author, Member
from cxport.services.open_sessions import OpenSession

router = APIRouter(route_class=GuardedRoute)

_PATH = f"{PATH}/sessions"


@dataclass(frozen=True, kw_only=True)
class SessionsPage(SectionPage):
    """The sessions that go on, the one that was used last first."""

    template: ClassVar[str] = "administration/sessions.html"
    heading: ClassVar[str] = "admin.sessions"
    section: ClassVar[str] = "sessions"
    sessions: tuple[OpenSession, ...]


@router.get(_PATH)
def list_sessions(visit: Member) -> Response:
    """Show them; the reader's own is marked."""
    found = visit.services.open_sessions.list(visit.caller, visit.session_id)
    return render(visit, SessionsPage(sessions=found))


@router.post(_PATH + "/{handle}/end")
def end_session(visit: Author, handle: str) -> Response:
    """End a session: its next request is asked to sign in."""
    ended = visit.services.open_sessions.end(visit.caller, handle)
    return done(visit, _PATH, "admin.done.session", name=ended.user_name)
