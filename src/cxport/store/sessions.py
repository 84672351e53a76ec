"""Sessions of the console, by the SHA-256 of their id: the store alone opens none of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from cxport.domain.access import Role
from cxport.domain.session import Session
from cxport.store.database import Database
from cxport.store.scope import Scope, reading, writing
from cxport.store.sign_ins import stamp_of
from cxport.store.tables import sessions


def add(
    db: Database, tenant_id: str, digest: bytes, session: Session, stamp: str | None = None
) -> bool:
    """Keep a session, and forget those of the tenant that have expired; NotFound without tenant.

    `stamp` is that of the account whose password was verified: keeps none and gives False where
    the account has another one by now.
    """
    roles = session.roles
    values = {
        "digest": digest,
        "subject": session.subject,
        "roles": None if roles is None else sorted(role.value for role in roles),
        "used_at": session.used_at,
        "idle_seconds": int(session.idle.total_seconds()),
        "expires_at": session.expires_at,
    }
    with writing(db, tenant_id) as scope:
        scope.hold()
        if stamp is not None and stamp_of(scope, session.subject) != stamp:
            return False
        scope.delete(sessions, sessions.c.expires_at <= datetime.now(UTC))
        scope.insert(sessions, values)
    return True


def find(db: Database, digest: bytes) -> Session | None:
    """Give the session of a digest, whichever tenant it is of, alive or not."""
    with db.read() as connection:
        row = connection.execute(select(sessions).where(sessions.c.digest == digest)).first()
    return None if row is None else _session(row)


def touch(db: Database, tenant_id: str, digest: bytes, now: datetime) -> bool:
    """Note that a session was used, and tell whether there is one."""
    with writing(db, tenant_id) as scope:
        return bool(scope.update(sessions, {"used_at": now}, digest=digest))


def list(  # noqa: A001 - callers say sessions.list
    db: Database, tenant_id: str
) -> tuple[tuple[bytes, Session], ...]:
    """Give a tenant's sessions by their digests, alive or not; the one used last first."""
    with reading(db, tenant_id) as scope:
        found = scope.select(sessions).order_by(sessions.c.used_at.desc(), sessions.c.digest)
        return tuple((row.digest, _session(row)) for row in scope.all(found))


def end(db: Database, tenant_id: str, digest: bytes) -> bool:
    """Forget a session, and tell whether there was one."""
    with writing(db, tenant_id) as scope:
        return bool(scope.delete(sessions, digest=digest))


def end_others(db: Database, tenant_id: str, subject: str, digest: bytes) -> int:
    """Forget every session of an account but one, and tell how many there were."""
    with writing(db, tenant_id) as scope:
        return scope.delete(sessions, sessions.c.digest != digest, subject=subject)


def end_all(scope: Scope, subject: str, kept: bytes = b"") -> None:
    """Forget every session of an account but `kept`, in the transaction that changes it."""
    scope.delete(sessions, sessions.c.digest != kept, subject=subject)


def _session(row: Row[Any]) -> Session:
    roles = row.roles
    return Session(
        tenant_id=row.tenant_id,
        subject=row.subject,
        roles=None if roles is None else frozenset(Role(name) for name in roles),
        used_at=row.used_at,
        idle=timedelta(seconds=row.idle_seconds),
        expires_at=row.expires_at,
    )
