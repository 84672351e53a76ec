"""A tenant's users and clients as an administrator changes them.

One account with the role of administrator always stays, and what signed an account in ends in the
transaction that takes its secret or the account away.
"""

from __future__ import annotations

from sqlalchemy import Table

from cxport.domain.access import Role
from cxport.domain.errors import NotFound, WrongState
from cxport.domain.said import Said
from cxport.domain.tenant import Client, User
from cxport.store import sessions
from cxport.store.columns import fold
from cxport.store.database import Database
from cxport.store.scope import Scope, reading, writing
from cxport.store.tables import clients, refresh_tokens, users
from cxport.store.tenants import to_client, to_user


def all_users(db: Database, tenant_id: str) -> list[User]:
    """Give a tenant's users, by name."""
    with reading(db, tenant_id) as scope:
        return [
            to_user(row) for row in scope.all(scope.select(users).order_by(users.c.name_folded))
        ]


def all_clients(db: Database, tenant_id: str) -> list[Client]:
    """Give a tenant's clients, oldest first."""
    order = (clients.c.created_at, clients.c.id)
    with reading(db, tenant_id) as scope:
        return [to_client(row) for row in scope.all(scope.select(clients).order_by(*order))]


def update_user(
    db: Database,
    tenant_id: str,
    name: str,
    roles: frozenset[Role] | None = None,
    password_hash: str | None = None,
) -> User:
    """Change what is given of a user; a new password ends every sign-in by the old one.

    Raises NotFound, and WrongState where no administrator would be left.
    """
    with writing(db, tenant_id) as scope:
        scope.hold()
        found = to_user(scope.get(users, name_folded=fold(name)))
        _change(scope, users, found.id, roles, {"password_hash": password_hash})
        if password_hash is not None:
            _end_sign_ins(scope, f"user:{found.name}")
        return to_user(scope.get(users, id=found.id))


def replace_password(  # noqa: PLR0913, PLR0917 - which password, for which, and what stays
    db: Database, tenant_id: str, name: str, stamp: str, password_hash: str, session: bytes
) -> bool:
    """Replace the password that `stamp` is of; of the user's sign-ins only that session stays.

    Changes nothing and gives False where the account has gone or has another stamp by now.
    """
    with writing(db, tenant_id) as scope:
        scope.hold()
        row = scope.first(scope.select(users, name_folded=fold(name)))
        if row is None or to_user(row).stamp != stamp:
            return False
        scope.update(users, {"password_hash": password_hash}, id=row.id)
        _end_sign_ins(scope, f"user:{row.name}", session)
    return True


def update_client(
    db: Database,
    tenant_id: str,
    client_id: str,
    roles: frozenset[Role] | None = None,
    secret_hash: str | None = None,
) -> Client:
    """Change what is given of a client, as `update_user` does."""
    with writing(db, tenant_id) as scope:
        scope.hold()
        scope.get(clients, id=client_id)
        _change(scope, clients, client_id, roles, {"secret_hash": secret_hash})
        if secret_hash is not None:
            _end_sign_ins(scope, f"client:{client_id}")
        return to_client(scope.get(clients, id=client_id))


def remove_user(db: Database, tenant_id: str, name: str) -> None:
    """Remove a user; NotFound, and WrongState where no administrator would be left."""
    with writing(db, tenant_id) as scope:
        scope.hold()
        found = to_user(scope.get(users, name_folded=fold(name)))
        scope.delete(users, id=found.id)
        _end_sign_ins(scope, f"user:{found.name}")
        _check_administered(scope)


def remove_client(db: Database, tenant_id: str, client_id: str) -> None:
    """Remove a client, as `remove_user` does."""
    with writing(db, tenant_id) as scope:
        scope.hold()
        if not scope.delete(clients, id=client_id):
            raise NotFound
        _end_sign_ins(scope, f"client:{client_id}")
        _check_administered(scope)


def _change(
    scope: Scope,
    table: Table,
    account_id: str,
    roles: frozenset[Role] | None,
    secret: dict[str, str | None],
) -> None:
    values: dict[str, object] = {name: kept for name, kept in secret.items() if kept is not None}
    if roles is not None:
        values["roles"] = sorted(role.value for role in roles)
    if values:
        scope.update(table, values, id=account_id)
    _check_administered(scope)


def _end_sign_ins(scope: Scope, subject: str, kept: bytes = b"") -> None:
    sessions.end_all(scope, subject, kept)
    scope.delete(refresh_tokens, subject=subject)


def _check_administered(scope: Scope) -> None:
    """Look under the tenant's lock, so that of two last ones that go at once one stays."""
    for table in (users, clients):
        if any(Role.ADMINISTRATOR in row.roles for row in scope.all(scope.select(table))):
            return
    raise WrongState(
        Said("this is the tenant's last administrator: make another one first"), "last"
    )
