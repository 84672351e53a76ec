"""`/users`, `/keys` and `/clients`: the tenant's accounts, for its administrator."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.instants import iso
from cxport.api.json_body import StrictRoute
from cxport.api.shapes import Answer
from cxport.domain.access import Role
from cxport.domain.tenant import ApiKey, Client, User

router = APIRouter(tags=["administration"], route_class=StrictRoute)


class Body(BaseModel):
    """A body whose fields are exact; others are refused."""

    model_config = ConfigDict(extra="forbid", alias_generator=to_camel, strict=True)


def _known(names: list[str]) -> list[str]:
    unknown = [name for name in names if name not in set(Role)]
    if unknown:
        raise ValueError(f"one of: {', '.join(Role)}")
    return names


#: Names of roles.
RoleNames = Annotated[list[str], AfterValidator(_known)]


class NewUser(Body):
    """A user to be made; without a password one is made, too."""

    name: str
    roles: RoleNames
    password: str = ""


class UserChange(Body):
    """What to change of a user."""

    roles: RoleNames | None = None
    password: str | None = None


class NewKey(Body):
    """A key to be made; with roles, versions 4 and 3 take it without a token."""

    name: str
    legacy_roles: RoleNames = []


class NewClient(Body):
    """A client to be made."""

    name: str
    roles: RoleNames


class ClientChange(Body):
    """What to change of a client."""

    roles: RoleNames | None = None
    new_secret: bool = False


class UserInfo(Answer):
    """A user; `password` is told once, in the answer that made it."""

    name: str
    roles: list[str]
    created_date: str
    password: str = ""


class KeyInfo(Answer):
    """A key; `key` is told once, in the answer that made it."""

    id: str
    name: str
    legacy_roles: list[str]
    created_date: str
    key: str = ""


class ClientInfo(Answer):
    """A client; `secret` is told once, in the answer that made it."""

    id: str
    name: str
    roles: list[str]
    created_date: str
    secret: str = ""


class UserList(Answer):
    """Every user, by name."""

    items: list[UserInfo]


class KeyList(Answer):
    """Every key, oldest first."""

    items: list[KeyInfo]


class ClientList(Answer):
    """Every client, oldest first."""

    items: list[ClientInfo]


@router.get("/users", responses=documented())
def list_users(caller: SignedIn, services: Use) -> UserList:
    """List the users."""
    return UserList(items=[_user(one) for one in services.administration.users(caller)])


@router.post("/users", status_code=201, responses=documented(400))
def create_user(body: NewUser, caller: SignedIn, services: Use) -> UserInfo:
    """Make a user; the answer alone holds the password."""
    made, password = services.administration.create_user(
        caller, body.name, _roles(body.roles), body.password
    )
    return _user(made, password)


@router.put("/users/{name}", responses=documented(400, 404))
def update_user(name: str, body: UserChange, caller: SignedIn, services: Use) -> UserInfo:
    """Change roles or password; a new password ends the user's sessions and tokens."""
    roles = None if body.roles is None else _roles(body.roles)
    return _user(services.administration.update_user(caller, name, roles, body.password))


@router.delete("/users/{name}", status_code=204, responses=documented(400, 404))
def remove_user(name: str, caller: SignedIn, services: Use) -> None:
    """Remove a user; the tenant's last administrator stays."""
    services.administration.remove_user(caller, name)


@router.get("/keys", responses=documented())
def list_keys(caller: SignedIn, services: Use) -> KeyList:
    """List the API keys; what they are is not shown."""
    return KeyList(items=[_key(one) for one in services.administration.keys(caller)])


@router.post("/keys", status_code=201, responses=documented(400))
def create_key(body: NewKey, caller: SignedIn, services: Use) -> KeyInfo:
    """Make an API key; the answer alone holds it."""
    made, key = services.administration.create_key(caller, body.name, _roles(body.legacy_roles))
    return _key(made, key)


@router.delete("/keys/{id}", status_code=204, responses=documented(400, 404))
def remove_key(id: str, caller: SignedIn, services: Use) -> None:  # noqa: A002 - as in the path
    """Refuse an API key from now on."""
    services.administration.remove_key(caller, id)


@router.get("/clients", responses=documented())
def list_clients(caller: SignedIn, services: Use) -> ClientList:
    """List the clients; their secrets are not kept."""
    return ClientList(items=[_client(one) for one in services.administration.clients(caller)])


@router.post("/clients", status_code=201, responses=documented(400))
def create_client(body: NewClient, caller: SignedIn, services: Use) -> ClientInfo:
    """Make a client; the answer alone holds its secret."""
    made, secret = services.administration.create_client(caller, body.name, _roles(body.roles))
    return _client(made, secret)


@router.put("/clients/{id}", responses=documented(400, 404))
def update_client(
    id: str,  # noqa: A002 - as in the path
    body: ClientChange,
    caller: SignedIn,
    services: Use,
) -> ClientInfo:
    """Change roles, or make a new secret, which the answer alone holds."""
    roles = None if body.roles is None else _roles(body.roles)
    changed, secret = services.administration.update_client(
        caller, id, roles, new_secret_wanted=body.new_secret
    )
    return _client(changed, secret)


@router.delete("/clients/{id}", status_code=204, responses=documented(400, 404))
def remove_client(id: str, caller: SignedIn, services: Use) -> None:  # noqa: A002 - as in the path
    """Remove a client; the tenant's last administrator stays."""
    services.administration.remove_client(caller, id)


def _roles(names: list[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)


def _names(roles: frozenset[Role]) -> list[str]:
    return sorted(role.value for role in roles)


def _user(user: User, password: str = "") -> UserInfo:
    return UserInfo(
        name=user.name,
        roles=_names(user.roles),
        created_date=iso(user.created_at),
        password=password,
    )


def _key(key: ApiKey, secret: str = "") -> KeyInfo:
    return KeyInfo(
        id=key.id,
        name=key.name,
        legacy_roles=_names(key.roles),
        created_date=iso(key.created_at),
        key=secret,
    )


def _client(client: Client, secret: str = "") -> ClientInfo:
    return ClientInfo(
        id=client.id,
        name=client.name,
        roles=_names(client.roles),
        created_date=iso(client.created_at),
        secret=secret,
    )
