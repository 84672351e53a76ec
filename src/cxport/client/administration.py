"""What an administrator does over the API: users, keys, clients and sources of the own tenant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

from cxport.client.service import OURS, Service, read_json
from cxport.client.shapes import Object


@dataclass(frozen=True, kw_only=True)
class UserInfo:
    """A user; `created_date` is ISO 8601."""

    name: str
    roles: tuple[str, ...]
    created_date: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            name=read.text("name"),
            roles=read.texts("roles"),
            created_date=read.text("createdDate"),
        )


@dataclass(frozen=True, kw_only=True)
class KeyInfo:
    """An API key; with `legacy_roles`, versions 4 and 3 take it without a token."""

    id: str
    name: str
    legacy_roles: tuple[str, ...]
    created_date: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            id=read.text("id"),
            name=read.text("name"),
            legacy_roles=read.texts("legacyRoles"),
            created_date=read.text("createdDate"),
        )


@dataclass(frozen=True, kw_only=True)
class ClientInfo:
    """A program that signs in with its id and a secret."""

    id: str
    name: str
    roles: tuple[str, ...]
    created_date: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            id=read.text("id"),
            name=read.text("name"),
            roles=read.texts("roles"),
            created_date=read.text("createdDate"),
        )


@dataclass(frozen=True, kw_only=True)
class SourceInfo:
    """A source; `checked_date` is empty where it was not checked yet."""

    name: str
    kind: str
    entities: tuple[str, ...]
    created_date: str
    checked_date: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            name=read.text("name"),
            kind=read.text("kind"),
            entities=read.texts("entities"),
            created_date=read.text("createdDate"),
            checked_date=read.text("checkedDate"),
        )


@dataclass(frozen=True, kw_only=True)
class SourceCheck:
    """What a check found; where something is missing, the service kept nothing of it."""

    product: str
    entities: tuple[str, ...]
    media: tuple[str, ...]
    missing: tuple[str, ...]
    warnings: tuple[str, ...]

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            product=read.text("product"),
            entities=read.texts("entities"),
            media=read.texts("media"),
            missing=read.texts("missing"),
            warnings=read.texts("warnings"),
        )


@dataclass(frozen=True, kw_only=True)
class RetentionInfo:
    """Days that files are kept: those that hold, the tenant's own wish, and the most there are."""

    days: int
    own: int | None
    most: int

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            days=read.number("days"), own=read.number_or_none("own"), most=read.number("most")
        )


class Administration:
    """The accounts and sources of the caller's tenant; every method raises ClientError.

    Status 403 where the caller is no administrator, 404 where what is named is not there. A
    secret is given by the method that makes it, and never again.
    """

    def __init__(self, service: Service) -> None:
        self._service = service

    def users(self) -> list[UserInfo]:
        """Give the users, by name."""
        return [UserInfo.from_json(one) for one in self._items("/users")]

    def create_user(
        self, name: str, roles: Sequence[str], password: str = ""
    ) -> tuple[UserInfo, str]:
        """Make a user and give the password, which the service makes where none is given."""
        found = self._post("/users", {"name": name, "roles": list(roles), "password": password})
        return UserInfo.from_json(found), Object(found, "UserInfo").text("password")

    def update_user(
        self, name: str, *, roles: Sequence[str] | None = None, password: str | None = None
    ) -> UserInfo:
        """Change roles or password; a new password ends the user's sessions and tokens."""
        body = {"roles": None if roles is None else list(roles), "password": password}
        return UserInfo.from_json(self._put(f"/users/{_quoted(name)}", body))

    def remove_user(self, name: str) -> None:
        """Remove a user; status 400 for the tenant's last administrator."""
        self._delete(f"/users/{_quoted(name)}")

    def keys(self) -> list[KeyInfo]:
        """Give the API keys, oldest first."""
        return [KeyInfo.from_json(one) for one in self._items("/keys")]

    def create_key(self, name: str, legacy_roles: Sequence[str] = ()) -> tuple[KeyInfo, str]:
        """Make an API key and give it."""
        found = self._post("/keys", {"name": name, "legacyRoles": list(legacy_roles)})
        return KeyInfo.from_json(found), Object(found, "KeyInfo").text("key")

    def remove_key(self, key_id: str) -> None:
        """Let a key be refused from now on."""
        self._delete(f"/keys/{_quoted(key_id)}")

    def clients(self) -> list[ClientInfo]:
        """Give the clients, oldest first."""
        return [ClientInfo.from_json(one) for one in self._items("/clients")]

    def create_client(self, name: str, roles: Sequence[str]) -> tuple[ClientInfo, str]:
        """Make a client and give its secret."""
        found = self._post("/clients", {"name": name, "roles": list(roles)})
        return ClientInfo.from_json(found), Object(found, "ClientInfo").text("secret")

    def update_client(self, client_id: str, roles: Sequence[str]) -> ClientInfo:
        """Change a client's roles."""
        return ClientInfo.from_json(
            self._put(f"/clients/{_quoted(client_id)}", {"roles": list(roles)})
        )

    def renew_secret(self, client_id: str) -> str:
        """Make a new secret of a client and give it; the old one and its tokens end."""
        found = self._put(f"/clients/{_quoted(client_id)}", {"newSecret": True})
        return Object(found, "ClientInfo").text("secret")

    def remove_client(self, client_id: str) -> None:
        """Remove a client; status 400 for the tenant's last administrator."""
        self._delete(f"/clients/{_quoted(client_id)}")

    def sources(self) -> list[SourceInfo]:
        """Give the sources, by name."""
        return [SourceInfo.from_json(one) for one in self._items("/sources")]

    def add_source(self, name: str, dsn: str, *, kind: str = "", mapping: str = "") -> SourceInfo:
        """Add a source where the operator allows it; `mapping` is the text of a mapping file."""
        body = {"name": name, "dsn": dsn, "mapping": mapping, **({"kind": kind} if kind else {})}
        return SourceInfo.from_json(self._post("/sources", body))

    def check_source(self, name: str) -> SourceCheck:
        """Let the service connect to a source and tell what it holds."""
        return SourceCheck.from_json(self._post(f"/sources/{_quoted(name)}/check", None))

    def remove_source(self, name: str) -> None:
        """Let a source be forgotten; what was exported from it stays."""
        self._delete(f"/sources/{_quoted(name)}")

    def retention(self) -> RetentionInfo:
        """Tell how many days files are kept that appear now."""
        return RetentionInfo.from_json(self._service.ask("/retention", base=OURS))

    def change_retention(self, days: int | None) -> RetentionInfo:
        """Have files that appear from now on kept for fewer days; None for as many as there are."""
        return RetentionInfo.from_json(self._put("/retention", {"days": days}))

    def _items(self, path: str) -> list[object]:
        return Object(self._service.ask(path, base=OURS), "list").items("items")

    def _post(self, path: str, body: object) -> object:
        return read_json(self._service.request("POST", path, body=body, base=OURS))

    def _put(self, path: str, body: object) -> object:
        return read_json(self._service.request("PUT", path, body=body, base=OURS))

    def _delete(self, path: str) -> None:
        self._service.request("DELETE", path, base=OURS)


def _quoted(name: str) -> str:
    return quote(name, safe="")
