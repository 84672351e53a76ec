"""Signing in with tenant, user and password, and signing out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response

from cxport.console import cookies
from cxport.console.errors import SIGN_IN
from cxport.console.guard import GuardedRoute
from cxport.console.notices import Kind, Notice
from cxport.console.rendering import Page, own_path, redirect, render
from cxport.console.settings import PREFIX
from cxport.console.visit import Anybody, Author, Visit
from cxport.domain.errors import GrantRefused
from cxport.domain.provider import Provider
from cxport.services.sessions import REMEMBERED

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class SignInPage(Page):
    """The form; what was typed stays, but for the password."""

    template: ClassVar[str] = "sign_in.html"
    heading: ClassVar[str] = "page.signIn"
    tenant: str = ""
    user: str = ""
    remember: bool = False
    next: str
    #: Where people can sign in instead.
    providers: tuple[Provider, ...]
    error: str = ""
    #: What there is to add in English.
    detail: str = ""


@router.get(SIGN_IN)
def show(visit: Anybody, next: str = "") -> Response:  # noqa: A002 - as it stands in the address
    """Show the form."""
    return render(visit, SignInPage(next=own_path(next), providers=_providers(visit)))


@router.post(SIGN_IN)
def sign_in(  # noqa: PLR0913 - the fields of the form
    visit: Anybody,
    user: Annotated[str, Form()],
    password: Annotated[str, Form()],
    tenant: Annotated[str, Form()] = "",
    next: Annotated[str, Form()] = "",  # noqa: A002 - as the form names it
    *,
    remember: Annotated[bool, Form()] = False,
) -> Response:
    """Begin a session and go on to where they wanted; refused, the form says so."""
    typed = SignInPage(
        tenant=tenant.strip(),
        user=user.strip(),
        remember=remember,
        next=own_path(next),
        providers=_providers(visit),
    )
    try:
        session_id, _ = visit.services.sessions.sign_in(
            typed.tenant, typed.user, password, address=visit.address, remember=remember
        )
    except GrantRefused:
        failed = replace(typed, error=visit.wording.text("message.signInFailed"))
        return render(visit, failed, HTTPStatus.FORBIDDEN)
    seconds = int(REMEMBERED.total_seconds()) if remember else None
    response = redirect(visit, typed.next)
    cookies.write(visit.request, response, cookies.SESSION, session_id, seconds=seconds)
    return response


@router.post(f"{PREFIX}/sign-out")
def sign_out(visit: Author) -> Response:
    """End the session, here and in the store."""
    visit.services.sessions.end(visit.session_id)
    notice = Notice(kind=Kind.SUCCESS, text=visit.wording.text("message.signedOut"))
    response = redirect(visit, SIGN_IN, notice)
    cookies.remove(visit.request, response, cookies.SESSION)
    return response


def _providers(visit: Visit) -> tuple[Provider, ...]:
    return visit.services.provider_sign_in.offered()
