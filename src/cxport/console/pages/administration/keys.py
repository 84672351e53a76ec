"""API keys and clients: what programs sign in with. What a key is, is shown once."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response

from cxport.console.guard import GuardedRoute
from cxport.console.mistakes import Mistakes, done, mistakes_of
from cxport.console.pages.administration.made import SecretPage, show_once
from cxport.console.rendering import render
from cxport.console.sections import PATH, QuestionPage, SectionPage
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain.access import Action, Role
from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.tenant import ApiKey, Client
from cxport.services.access import require

router = APIRouter(route_class=GuardedRoute)

_PATH = f"{PATH}/keys"


@dataclass(frozen=True, kw_only=True)
class KeysPage(SectionPage):
    """The keys, and the clients beside them."""

    template: ClassVar[str] = "administration/keys.html"
    heading: ClassVar[str] = "admin.keys"
    section: ClassVar[str] = "keys"
    keys: tuple[ApiKey, ...]
    clients: tuple[Client, ...]


@dataclass(frozen=True, kw_only=True)
class KeyPage(SectionPage):
    """The form for a new key; with roles, old versions take it alone."""

    template: ClassVar[str] = "administration/key.html"
    heading: ClassVar[str] = "admin.newKey"
    section: ClassVar[str] = "keys"
    name: str = ""
    roles: tuple[Role, ...] = tuple(Role)
    chosen: frozenset[Role] = frozenset()
    mistakes: Mistakes = field(default_factory=dict)


@router.get(_PATH)
def list_keys(visit: Member) -> Response:
    """Show keys and clients."""
    administration = visit.services.administration
    page = KeysPage(
        keys=administration.keys(visit.caller), clients=administration.clients(visit.caller)
    )
    return render(visit, page)


@router.get(f"{PATH}/key")
def show_new(visit: Member) -> Response:
    """Show the form for a new key."""
    require(visit.caller, Action.ACCOUNT_CHANGE)
    return render(visit, KeyPage())


@router.post(f"{PATH}/key")
def add_key(
    visit: Author,
    name: Annotated[str, Form()] = "",
    roles: Annotated[list[Role], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Make a key and show it."""
    chosen = frozenset(roles)
    try:
        made, key = visit.services.administration.create_key(visit.caller, name.strip(), chosen)
    except InvalidInput as error:
        page = KeyPage(name=name, chosen=chosen, mistakes=mistakes_of(error, visit.wording))
        return render(visit, page, HTTPStatus.BAD_REQUEST)
    shown = SecretPage(
        section="keys",
        word="key",
        name=made.name,
        secrets=(("admin.apiKey", key),),
        back=_PATH,
    )
    return show_once(visit, shown)


@router.post(_PATH + "/{key_id}/remove")
def remove_key(
    visit: Author, key_id: str, *, confirmed: Annotated[bool, Form()] = False
) -> Response:
    """Ask, then refuse a key from now on."""
    found = _key(visit, key_id)
    if not confirmed:
        return render(
            visit,
            QuestionPage(
                section="keys",
                word="key",
                name=found.name,
                path=f"{_PATH}/{found.id}/remove",
                back=_PATH,
            ),
        )
    visit.services.administration.remove_key(visit.caller, found.id)
    return done(visit, _PATH, "admin.done.removed", name=found.name)


def _key(visit: MemberVisit, key_id: str) -> ApiKey:
    keys = visit.services.administration.keys(visit.caller)
    found = next((one for one in keys if one.id == key_id), None)
    if found is None:
        raise NotFound
    return found
