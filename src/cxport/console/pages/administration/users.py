"""The users: added, given roles and new passwords, and removed."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, ClassVar
from urllib.parse import quote

from fastapi import APIRouter, Form, Response

from cxport.console.guard import GuardedRoute
from cxport.console.mistakes import Mistakes, done, mistakes_of, refused
from cxport.console.pages.administration.made import SecretPage, show_once
from cxport.console.rendering import render
from cxport.console.sections import PATH, QuestionPage, SectionPage
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain.access import Action, Role
from cxport.domain.errors import InvalidInput, NotFound, WrongState
from cxport.domain.tenant import User
from cxport.services.access import require

router = APIRouter(route_class=GuardedRoute)

_PATH = f"{PATH}/users"
Roles = Annotated[list[Role], Form()]


@dataclass(frozen=True, kw_only=True)
class UsersPage(SectionPage):
    """Everybody who may sign in here with a password."""

    template: ClassVar[str] = "administration/users.html"
    heading: ClassVar[str] = "admin.users"
    section: ClassVar[str] = "users"
    users: tuple[User, ...]


@dataclass(frozen=True, kw_only=True)
class UserPage(SectionPage):
    """One user, or the form for a new one (`user` is None); what was typed stays."""

    template: ClassVar[str] = "administration/user.html"
    heading: ClassVar[str] = "admin.user"
    section: ClassVar[str] = "users"
    user: User | None = None
    name: str = ""
    roles: tuple[Role, ...] = tuple(Role)
    chosen: frozenset[Role] = frozenset()
    mistakes: Mistakes = field(default_factory=dict)


@router.get(_PATH)
def list_users(visit: Member) -> Response:
    """Show the users."""
    return render(visit, UsersPage(users=visit.services.administration.users(visit.caller)))


@router.get(f"{PATH}/user")
def show_new(visit: Member) -> Response:
    """Show the form for a new user."""
    require(visit.caller, Action.ACCOUNT_CHANGE)
    return render(visit, UserPage(chosen=frozenset({Role.VIEWER})))


@router.post(f"{PATH}/user")
def add_user(
    visit: Author,
    name: Annotated[str, Form()] = "",
    roles: Roles = [],  # noqa: B006 - FastAPI copies it
    password: Annotated[str, Form()] = "",
) -> Response:
    """Add a user; a password that was made is shown, one that was chosen is not."""
    held = frozenset(roles)
    try:
        made, secret = visit.services.administration.create_user(
            visit.caller, name.strip(), held, password
        )
    except InvalidInput as error:
        page = UserPage(name=name, chosen=held, mistakes=mistakes_of(error, visit.wording))
        return render(visit, page, HTTPStatus.BAD_REQUEST)
    if password:
        return done(visit, _PATH, "admin.done.user", name=made.name)
    return _told(visit, "user", made.name, secret)


@router.get(_PATH + "/{name}")
def show_user(visit: Member, name: str) -> Response:
    """Show a user."""
    found = _user(visit, name)
    return render(visit, UserPage(user=found, name=found.name, chosen=found.roles))


@router.post(_PATH + "/{name}/roles")
def change_roles(visit: Author, name: str, roles: Roles = []) -> Response:  # noqa: B006 - the same
    """Give a user these roles and no others."""
    try:
        visit.services.administration.update_user(visit.caller, name, frozenset(roles))
    except WrongState as error:
        return refused(visit, _path(name), error)
    return done(visit, _path(name), "admin.done.roles", name=name)


@router.post(_PATH + "/{name}/password")
def reset_password(visit: Author, name: str) -> Response:
    """Give a user a new password, which ends what the old one opened."""
    found = _user(visit, name)
    _, secret = visit.services.administration.reset_password(visit.caller, found.name)
    return _told(visit, "password", found.name, secret)


@router.post(_PATH + "/{name}/remove")
def remove_user(
    visit: Author, name: str, *, confirmed: Annotated[bool, Form()] = False
) -> Response:
    """Ask, then remove a user; the last administrator stays."""
    found = _user(visit, name)
    if not confirmed:
        return render(
            visit,
            QuestionPage(
                section="users",
                word="user",
                name=found.name,
                path=f"{_path(found.name)}/remove",
                back=_path(found.name),
            ),
        )
    try:
        visit.services.administration.remove_user(visit.caller, found.name)
    except WrongState as error:
        return refused(visit, _path(found.name), error)
    return done(visit, _PATH, "admin.done.removed", name=found.name)


def _told(visit: MemberVisit, word: str, name: str, secret: str) -> Response:
    secrets = (("field.tenant", visit.caller.tenant_name), ("field.username", name))
    page = SecretPage(
        section="users",
        word=word,
        name=name,
        secrets=(*secrets, ("field.password", secret)),
        back=_PATH,
    )
    return show_once(visit, page)


def _user(visit: MemberVisit, name: str) -> User:
    users = visit.services.administration.users(visit.caller)
    found = next((one for one in users if one.name == name), None)
    if found is None:
        raise NotFound
    return found


def _path(name: str) -> str:
    return f"{_PATH}/{quote(name)}"
