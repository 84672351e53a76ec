"""The clients: programs that sign in with an id and a secret, which is shown once."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response

from cxport.console.guard import GuardedRoute
from cxport.console.mistakes import Mistakes, done, mistakes_of, refused
from cxport.console.pages.administration.made import SecretPage, show_once
from cxport.console.rendering import render
from cxport.console.sections import PATH, QuestionPage, SectionPage
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain.access import Action, Role
from cxport.domain.errors import InvalidInput, NotFound, WrongState
from cxport.domain.tenant import Client
from cxport.services.access import require

router = APIRouter(route_class=GuardedRoute)

_PATH = f"{PATH}/clients"
_KEYS = f"{PATH}/keys"
Roles = Annotated[list[Role], Form()]


@dataclass(frozen=True, kw_only=True)
class ClientPage(SectionPage):
    """One client, or the form for a new one (`client` is None); what was typed stays."""

    template: ClassVar[str] = "administration/client.html"
    heading: ClassVar[str] = "admin.client"
    section: ClassVar[str] = "keys"
    client: Client | None = None
    name: str = ""
    roles: tuple[Role, ...] = tuple(Role)
    chosen: frozenset[Role] = frozenset()
    mistakes: Mistakes = field(default_factory=dict)


@router.get(f"{PATH}/client")
def show_new(visit: Member) -> Response:
    """Show the form for a new client."""
    require(visit.caller, Action.ACCOUNT_CHANGE)
    return render(visit, ClientPage())


@router.post(f"{PATH}/client")
def add_client(
    visit: Author,
    name: Annotated[str, Form()] = "",
    roles: Roles = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Make a client, and show its secret."""
    held = frozenset(roles)
    try:
        made, secret = visit.services.administration.create_client(visit.caller, name.strip(), held)
    except InvalidInput as error:
        page = ClientPage(name=name, chosen=held, mistakes=mistakes_of(error, visit.wording))
        return render(visit, page, HTTPStatus.BAD_REQUEST)
    return _told(visit, "client", made, secret)


@router.get(_PATH + "/{client_id}")
def show_client(visit: Member, client_id: str) -> Response:
    """Show a client."""
    found = _client(visit, client_id)
    return render(visit, ClientPage(client=found, name=found.name, chosen=found.roles))


@router.post(_PATH + "/{client_id}/roles")
def change_roles(
    visit: Author,
    client_id: str,
    roles: Roles = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Give a client these roles and no others."""
    found = _client(visit, client_id)
    try:
        visit.services.administration.update_client(visit.caller, found.id, frozenset(roles))
    except WrongState as error:
        return refused(visit, f"{_PATH}/{found.id}", error)
    return done(visit, f"{_PATH}/{found.id}", "admin.done.roles", name=found.name)


@router.post(_PATH + "/{client_id}/secret")
def renew_secret(visit: Author, client_id: str) -> Response:
    """Give a client a new secret, which ends what the old one opened."""
    found, secret = visit.services.administration.update_client(
        visit.caller, _client(visit, client_id).id, new_secret_wanted=True
    )
    return _told(visit, "secret", found, secret)


@router.post(_PATH + "/{client_id}/remove")
def remove_client(
    visit: Author, client_id: str, *, confirmed: Annotated[bool, Form()] = False
) -> Response:
    """Ask, then remove a client; the last administrator stays."""
    found = _client(visit, client_id)
    path = f"{_PATH}/{found.id}"
    if not confirmed:
        question = QuestionPage(
            section="keys", word="client", name=found.name, path=f"{path}/remove", back=path
        )
        return render(visit, question)
    try:
        visit.services.administration.remove_client(visit.caller, found.id)
    except WrongState as error:
        return refused(visit, path, error)
    return done(visit, _KEYS, "admin.done.removed", name=found.name)


def _told(visit: MemberVisit, word: str, client: Client, secret: str) -> Response:
    page = SecretPage(
        section="keys",
        word=word,
        name=client.name,
        secrets=(("admin.clientId", client.id), ("admin.clientSecret", secret)),
        back=_KEYS,
    )
    return show_once(visit, page)


def _client(visit: MemberVisit, client_id: str) -> Client:
    clients = visit.services.administration.clients(visit.caller)
    found = next((one for one in clients if one.id == client_id), None)
    if found is None:
        raise NotFound
    return found
