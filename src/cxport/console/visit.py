"""Who looks at a page: what handlers ask for, and what templates see of it as `visit`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Form, Request

from cxport.console import cookies
from cxport.console.guard import form_token, require_form_token
from cxport.console.preferences import Preferences, preferences_of
from cxport.console.settings import PREFIX
from cxport.console.wording import Wording
from cxport.domain.access import Action, allowed
from cxport.domain.errors import NotAuthenticated
from cxport.domain.tenant import Caller
from cxport.services import Services

#: What a page asks again by itself carries this header; it does not count as use of the session.
_UNASKED = "cxport-unasked"


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Anybody; `request` is what they ask."""

    request: Request

    @property
    def services(self) -> Services:
        """The services that the application was made with."""
        found: Services = self.request.app.state.services
        return found

    @property
    def here(self) -> str:
        """The address of this page, where it can be come back to; else that of the first."""
        url = self.request.url
        asked = f"{url.path}?{url.query}" if url.query else url.path
        return asked if self.request.method == "GET" else f"{PREFIX}/"

    @property
    def address(self) -> str:
        """Where they come from, for the limit on failed sign-ins."""
        return self.request.client.host if self.request.client else ""

    @property
    def preferences(self) -> Preferences:
        """How they want to see it."""
        return preferences_of(self.request)

    @property
    def wording(self) -> Wording:
        """The words for them."""
        return Wording(self.preferences.language, self.preferences.zone)


@dataclass(frozen=True, kw_only=True)
class MemberVisit(Visit):
    """Somebody who has signed in."""

    caller: Caller
    session_id: str = field(repr=False)

    @property
    def user_name(self) -> str:
        """The name they signed in with."""
        return self.caller.subject.partition(":")[2]

    @property
    def form_token(self) -> str:
        """What each of their forms carries."""
        return form_token(self.session_id)

    def may(self, action: Action) -> bool:
        """Tell whether their roles allow something."""
        return allowed(self.caller.roles, action)


def visit_of(request: Request) -> Visit:
    """Give whoever asks, without looking who it is."""
    return Visit(request=request)


def resumed(request: Request, *, touch: bool) -> MemberVisit | None:
    """Give whoever asks where their session goes on; with `touch` that counts as use."""
    session_id = cookies.read(request, cookies.SESSION)
    services: Services = request.app.state.services
    caller = services.sessions.resume(session_id, touch=touch) if session_id else None
    if caller is None:
        return None
    visit = MemberVisit(request=request, caller=caller, session_id=session_id)
    request.state.visit = visit  # an error page knows then whom it tells
    return visit


def _member(request: Request) -> MemberVisit:
    visit = resumed(request, touch=_UNASKED not in request.headers)
    if visit is None:
        raise NotAuthenticated
    return visit


def _watcher(request: Request) -> MemberVisit:
    visit = resumed(request, touch=False)
    if visit is None:
        raise NotAuthenticated
    return visit


def _author(
    visit: Annotated[MemberVisit, Depends(_member)], token: Annotated[str, Form()] = ""
) -> MemberVisit:
    require_form_token(visit.session_id, token)
    return visit


#: Anybody, for pages before sign-in.
Anybody = Annotated[Visit, Depends(visit_of)]
#: Who has signed in; others are sent to the sign-in page.
Member = Annotated[MemberVisit, Depends(_member)]
#: The same for what a page asks by itself, again and again: it keeps no session alive.
Watcher = Annotated[MemberVisit, Depends(_watcher)]
#: The same for writes: the form must be one of theirs.
Author = Annotated[MemberVisit, Depends(_author)]
