"""What a sign-in leaves behind: refresh tokens, and access tokens that were signed out.

A sign-in takes a while, and the account may get a new secret meanwhile. What it leaves is kept
only where the account still has the stamp (`domain.tenant`) that the secret was verified with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete

from cxport.store.columns import fold
from cxport.store.database import Database
from cxport.store.scope import Scope, reading, writing
from cxport.store.tables import clients, refresh_tokens, revoked_tokens, users
from cxport.store.tenants import to_client, to_user


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """Whom a refresh token was of, and the account's stamp when it was used."""

    tenant_id: str
    subject: str
    stamp: str


def stamp_of(scope: Scope, subject: str) -> str | None:
    """Give the stamp of `user:<name>` or `client:<id>`; None where the account has gone."""
    kind, _, name = subject.partition(":")
    if kind == "client":
        row = scope.first(scope.select(clients, id=name))
        return to_client(row).stamp if row else None
    row = scope.first(scope.select(users, name_folded=fold(name)))
    return to_user(row).stamp if row else None


def add_refresh_token(  # noqa: PLR0913, PLR0917 - what a refresh token is made of
    db: Database, tenant_id: str, digest: bytes, subject: str, stamp: str, expires_at: datetime
) -> bool:
    """Keep a refresh token by its SHA-256, and forget those of the tenant that have expired.

    Keeps none and gives False where the account has another stamp by now.
    """
    with writing(db, tenant_id) as scope:
        scope.hold()
        if stamp_of(scope, subject) != stamp:
            return False
        scope.delete(refresh_tokens, refresh_tokens.c.expires_at <= datetime.now(UTC))
        values = {"digest": digest, "subject": subject, "expires_at": expires_at}
        scope.insert(refresh_tokens, values)
    return True


def use_refresh_token(db: Database, digest: bytes, now: datetime) -> Refreshed | None:
    """Give whose token it was and remove it: it serves once, and not once expired."""
    removed = (
        delete(refresh_tokens)
        .where(refresh_tokens.c.digest == digest)
        .returning(
            refresh_tokens.c.tenant_id, refresh_tokens.c.subject, refresh_tokens.c.expires_at
        )
    )
    with db.write() as connection:
        row = connection.execute(removed).first()
        if row is None or row.expires_at <= now:
            return None
        # in this transaction: a new secret removes the token first, or gives another stamp after
        stamp = stamp_of(Scope(connection, row.tenant_id), row.subject)
    if stamp is None:
        return None
    return Refreshed(tenant_id=row.tenant_id, subject=row.subject, stamp=stamp)


def revoke_refresh_token(db: Database, tenant_id: str, digest: bytes) -> bool:
    """Remove a refresh token, and tell whether the tenant had it."""
    with writing(db, tenant_id) as scope:
        return bool(scope.delete(refresh_tokens, digest=digest))


def revoke_access_token(db: Database, tenant_id: str, digest: bytes, expires_at: datetime) -> None:
    """Refuse an access token until it expires by itself, and forget those that have expired."""
    with writing(db, tenant_id) as scope:
        scope.hold()
        scope.delete(revoked_tokens, revoked_tokens.c.expires_at <= datetime.now(UTC))
        scope.delete(revoked_tokens, digest=digest)
        scope.insert(revoked_tokens, {"digest": digest, "expires_at": expires_at})


def is_revoked(db: Database, tenant_id: str, digest: bytes) -> bool:
    """Tell whether an access token was revoked."""
    with reading(db, tenant_id) as scope:
        return scope.first(scope.select(revoked_tokens, digest=digest)) is not None
