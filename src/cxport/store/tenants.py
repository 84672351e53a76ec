"""Tenants, and who signs in for them: keys, clients and users."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, insert, select, update

from cxport.domain.access import Role
from cxport.domain.errors import NotFound
from cxport.domain.said import Said
from cxport.domain.tenant import ApiKey, Client, Tenant, User
from cxport.store.columns import fold
from cxport.store.database import Database
from cxport.store.scope import Scope, reading, taken, writing
from cxport.store.tables import (
    api_keys,
    clients,
    tenants,
    users,
)


@dataclass(frozen=True, kw_only=True, repr=False)
class FirstAccounts:
    """What a new tenant begins with: a key by its SHA-256, a client and a user by their hashes."""

    key_name: str
    key_digest: bytes
    client_id: str
    client_name: str
    client_secret_hash: str
    user_name: str
    user_password_hash: str
    roles: frozenset[Role]


def create(db: Database, name: str, accounts: FirstAccounts | None = None) -> Tenant:
    """Add a tenant, with its first accounts where given: all or nothing.

    InvalidInput where the name, or the client's id, is taken.
    """
    tenant = Tenant(id=str(uuid4()), name=name, created_at=datetime.now(UTC))
    values = {
        "id": tenant.id,
        "name": name,
        "name_folded": fold(name),
        "created_at": tenant.created_at,
        "last_id": 0,
        "last_file": 0,
        "last_certificate": 0,
    }
    with db.write() as connection, taken("name", Said("a tenant of this name exists already")):
        connection.execute(insert(tenants).values(values))
        if accounts is not None:
            _add_accounts(Scope(connection, tenant.id), accounts, tenant.created_at)
    return tenant


def _add_accounts(scope: Scope, accounts: FirstAccounts, now: datetime) -> None:
    roles = {"roles": _names(accounts.roles), "created_at": now}
    key = {"id": str(uuid4()), "name": accounts.key_name, "digest": accounts.key_digest}
    scope.insert(api_keys, {**key, "legacy_key_only": False, "roles": [], "created_at": now})
    client = {"id": accounts.client_id, "name": accounts.client_name}
    scope.insert(clients, {**client, "secret_hash": accounts.client_secret_hash, **roles})
    user = {"id": str(uuid4()), "name": accounts.user_name, "name_folded": fold(accounts.user_name)}
    scope.insert(users, {**user, "password_hash": accounts.user_password_hash, **roles})


def get(db: Database, tenant_id: str) -> Tenant:
    """Give a tenant, or raise NotFound."""
    with db.read() as connection:
        row = connection.execute(select(tenants).where(tenants.c.id == tenant_id)).first()
    if row is None:
        raise NotFound
    return _tenant(row)


def keep_files_for(db: Database, tenant_id: str, days: int | None) -> None:
    """Note how many days a tenant wants its files kept, or raise NotFound."""
    changed = update(tenants).where(tenants.c.id == tenant_id).values(retention_days=days)
    with db.write() as connection:
        if not connection.execute(changed).rowcount:
            raise NotFound


def by_name(db: Database, name: str) -> Tenant | None:
    """Give the tenant of a name, whatever its case."""
    with db.read() as connection:
        found = select(tenants).where(tenants.c.name_folded == fold(name))
        row = connection.execute(found).first()
    return None if row is None else _tenant(row)


def all(db: Database) -> list[Tenant]:  # noqa: A001 - callers say tenants.all
    """Give every tenant, by name."""
    with db.read() as connection:
        rows = connection.execute(select(tenants).order_by(tenants.c.name_folded)).all()
    return [_tenant(row) for row in rows]


def add_key(  # noqa: PLR0913 - what a key is made of
    db: Database,
    tenant_id: str,
    name: str,
    digest: bytes,
    *,
    legacy_key_only: bool = False,
    roles: frozenset[Role] = frozenset(),
) -> ApiKey:
    """Add an API key by its SHA-256; NotFound for an unknown tenant."""
    key = ApiKey(
        id=str(uuid4()),
        tenant_id=tenant_id,
        name=name,
        created_at=datetime.now(UTC),
        legacy_key_only=legacy_key_only,
        roles=roles,
    )
    values = {
        "id": key.id,
        "name": name,
        "digest": digest,
        "legacy_key_only": legacy_key_only,
        "roles": _names(roles),
        "created_at": key.created_at,
    }
    with writing(db, tenant_id) as scope, taken("key", Said("this key exists already")):
        scope.hold()
        scope.insert(api_keys, values)
    return key


def key_by_digest(db: Database, digest: bytes) -> ApiKey | None:
    """Give the key of a SHA-256, whichever tenant it names."""
    with db.read() as connection:
        row = connection.execute(select(api_keys).where(api_keys.c.digest == digest)).first()
    return None if row is None else _key(row)


def keys(db: Database, tenant_id: str) -> list[ApiKey]:
    """Give a tenant's keys, oldest first."""
    order = (api_keys.c.created_at, api_keys.c.id)
    with reading(db, tenant_id) as scope:
        return [_key(row) for row in scope.all(scope.select(api_keys).order_by(*order))]


def remove_key(db: Database, tenant_id: str, key_id: str) -> None:
    """Remove a key, or raise NotFound."""
    with writing(db, tenant_id) as scope:
        if not scope.delete(api_keys, id=key_id):
            raise NotFound


def add_client(  # noqa: PLR0913, PLR0917 - what a client is made of
    db: Database,
    tenant_id: str,
    client_id: str,
    name: str,
    secret_hash: str,
    roles: frozenset[Role],
) -> Client:
    """Add a client; InvalidInput where any tenant has one of that id, NotFound without tenant."""
    client = Client(
        id=client_id,
        tenant_id=tenant_id,
        name=name,
        secret_hash=secret_hash,
        roles=roles,
        created_at=datetime.now(UTC),
    )
    values = {
        "id": client_id,
        "name": name,
        "secret_hash": secret_hash,
        "roles": _names(roles),
        "created_at": client.created_at,
    }
    with writing(db, tenant_id) as scope, taken("client_id", Said("this client id is taken")):
        scope.hold()
        scope.insert(clients, values)
    return client


def client_by_id(db: Database, client_id: str) -> Client | None:
    """Give the client of an id, whichever tenant it signs in for."""
    with db.read() as connection:
        row = connection.execute(select(clients).where(clients.c.id == client_id)).first()
    return None if row is None else to_client(row)


def add_user(
    db: Database, tenant_id: str, name: str, password_hash: str, roles: frozenset[Role]
) -> User:
    """Add a user; InvalidInput where the name is taken, whatever its case, NotFound as above."""
    user = User(
        id=str(uuid4()),
        tenant_id=tenant_id,
        name=name,
        password_hash=password_hash,
        roles=roles,
        created_at=datetime.now(UTC),
    )
    values = {
        "id": user.id,
        "name": name,
        "name_folded": fold(name),
        "password_hash": password_hash,
        "roles": _names(roles),
        "created_at": user.created_at,
    }
    with writing(db, tenant_id) as scope, taken("name", Said("a user of this name exists already")):
        scope.hold()
        scope.insert(users, values)
    return user


def user_by_name(db: Database, tenant_id: str, name: str) -> User | None:
    """Give a tenant's user of a name, whatever its case."""
    with reading(db, tenant_id) as scope:
        row = scope.first(scope.select(users, name_folded=fold(name)))
    return None if row is None else to_user(row)


def _tenant(row: Row[Any]) -> Tenant:
    return Tenant(
        id=row.id,
        name=row.name,
        created_at=row.created_at,
        retention_days=row.retention_days,
    )


def _key(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        created_at=row.created_at,
        legacy_key_only=row.legacy_key_only,
        roles=_roles(row.roles),
    )


def to_client(row: Row[Any]) -> Client:
    """Read a client's row."""
    return Client(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        secret_hash=row.secret_hash,
        roles=_roles(row.roles),
        created_at=row.created_at,
    )


def to_user(row: Row[Any]) -> User:
    """Read a user's row."""
    return User(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        password_hash=row.password_hash,
        roles=_roles(row.roles),
        created_at=row.created_at,
    )


def _names(roles: Iterable[Role]) -> list[str]:
    return sorted(role.value for role in roles)


def _roles(names: Iterable[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)
