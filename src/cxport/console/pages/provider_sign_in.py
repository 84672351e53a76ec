"""Signing in at the organisation's identity provider: the way there, and the way back."""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote, unquote

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from cxport.console import cookies
from cxport.console.errors import SIGN_IN
from cxport.console.guard import GuardedRoute
from cxport.console.pages.sign_in import SignInPage
from cxport.console.rendering import own_path, redirect, render
from cxport.console.settings import settings_of
from cxport.console.visit import Anybody, Visit
from cxport.domain.errors import CxportError, ProviderUnavailable, RequestError
from cxport.services.providers import PATIENCE

router = APIRouter(route_class=GuardedRoute)

#: Between what the browser keeps for the service, and where it wanted to go.
_APART = "~"


@router.get(SIGN_IN + "/{provider}")
def go(visit: Anybody, provider: str, next: str = "") -> Response:  # noqa: A002 - as it stands in the address
    """Send the browser to a provider; NotFound for one that is not offered."""
    wanted = own_path(next)
    back = f"{settings_of(visit.request).public_url}{SIGN_IN}/{quote(provider)}/return"
    try:
        address, kept = visit.services.provider_sign_in.start(provider, back)
    except ProviderUnavailable as error:
        return _refused(visit, wanted, error)
    response = RedirectResponse(address, HTTPStatus.SEE_OTHER)
    seconds = int(PATIENCE.total_seconds())
    value = f"{kept}{_APART}{quote(wanted, safe='')}"
    cookies.write(visit.request, response, cookies.PROVIDER, value, seconds=seconds)
    return response


@router.get(SIGN_IN + "/{provider}/return")
def come_back(visit: Anybody, provider: str) -> Response:
    """Begin a session for whom the provider names, and go on to where they wanted."""
    del provider  # what the browser keeps says it too, sealed
    value = cookies.read(visit.request, cookies.PROVIDER)
    kept, _, quoted = value.partition(_APART)
    wanted = own_path(unquote(quoted))
    try:
        answer = dict(visit.request.query_params)
        caller = visit.services.provider_sign_in.finish(answer, kept, visit.address)
    except (RequestError, ProviderUnavailable) as error:
        response = _refused(visit, wanted, error)
    else:
        response = redirect(visit, wanted)
        session = visit.services.sessions.admit(caller)
        cookies.write(visit.request, response, cookies.SESSION, session)
    cookies.remove(visit.request, response, cookies.PROVIDER)
    return response


def _refused(visit: Visit, wanted: str, error: CxportError) -> Response:
    """Show the form again, with what the provider or we had against it."""
    page = SignInPage(
        next=wanted,
        providers=visit.services.provider_sign_in.offered(),
        error=visit.wording.text("signIn.providerFailed"),
        detail=visit.wording.say(error.said),
    )
    return render(visit, page, HTTPStatus.FORBIDDEN)
