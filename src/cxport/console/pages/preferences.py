"""How somebody wants to see the console, their password, and where else they are signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response

from cxport.console.guard import GuardedRoute
from cxport.console.mistakes import Mistakes, done
from cxport.console.notices import Kind, Notice
from cxport.console.rendering import Page, redirect, render
from cxport.console.settings import PREFIX
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain.errors import InvalidInput, LimitReached
from cxport.domain.zone import zone_names
from cxport.services.own_password import CURRENT, NEW

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class PreferencesPage(Page):
    """The choices; they are kept in the browser."""

    template: ClassVar[str] = "preferences.html"
    tab: ClassVar[str] = "preferences"
    heading: ClassVar[str] = "page.preferences"
    zones: ClassVar[tuple[str, ...]] = zone_names()
    path: ClassVar[str] = f"{PREFIX}/preferences"
    #: The time now in their zone, to see that it is the right one.
    now: str
    #: How many sessions of theirs go on elsewhere.
    others: int
    #: Whether they have a password here: who came through a provider has none.
    password: bool
    mistakes: Mistakes = field(default_factory=dict)


@router.get(PreferencesPage.path)
def show(visit: Member) -> Response:
    """Show them."""
    return render(visit, _page(visit, {}))


@router.post(f"{PreferencesPage.path}/password")
def change_password(
    visit: Author,
    current: Annotated[str, Form(alias=CURRENT)] = "",
    new: Annotated[str, Form(alias=NEW)] = "",
) -> Response:
    """Replace their password, which ends what the old one opened elsewhere."""
    try:
        visit.services.own_password.change(
            visit.caller, current, new, address=visit.address, session_id=visit.session_id
        )
    except InvalidInput as error:
        text = visit.wording.text(f"preferences.wrong_{error.field}")
        return render(visit, _page(visit, {error.field: text}), HTTPStatus.BAD_REQUEST)
    except LimitReached:
        told = {CURRENT: visit.wording.text("preferences.tooOften")}
        return render(visit, _page(visit, told), HTTPStatus.TOO_MANY_REQUESTS)
    return done(visit, PreferencesPage.path, "preferences.passwordChanged")


@router.post(f"{PreferencesPage.path}/sign-out-others")
def sign_out_others(visit: Author) -> Response:
    """End their other sessions, as after a computer was lost."""
    count = visit.services.sessions.end_others(visit.caller, visit.session_id)
    text = visit.wording.text("preferences.ended", count=count)
    return redirect(visit, PreferencesPage.path, Notice(kind=Kind.SUCCESS, text=text))


def _page(visit: MemberVisit, mistakes: Mistakes) -> PreferencesPage:
    return PreferencesPage(
        now=visit.wording.moment(visit.services.clock()),
        others=visit.services.sessions.others(visit.caller, visit.session_id),
        password=visit.caller.subject.startswith("user:"),
        mistakes=mistakes,
    )
