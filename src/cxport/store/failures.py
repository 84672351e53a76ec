"""Failed sign-ins of the last while, by the SHA-256 of whom or what they count against.

Of the installation as a whole, as who fails to sign in has no tenant yet. All processes count in
the same rows.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import delete, insert, select

from cxport.store.database import Database
from cxport.store.tables import failed_sign_ins


def newest(db: Database, digest: bytes, since: datetime, count: int) -> list[datetime]:
    """Give the moments of the newest failures after `since`, newest first, at most `count`."""
    at = failed_sign_ins.c.failed_at
    recent = (
        select(at)
        .where(failed_sign_ins.c.digest == digest, at > since)
        .order_by(at.desc())
        .limit(count)
    )
    with db.read() as connection:
        return list(connection.execute(recent).scalars())


def add(db: Database, digests: list[bytes], now: datetime, since: datetime) -> None:
    """Note a failure against each, and forget all those before `since`."""
    rows = [{"id": str(uuid4()), "digest": digest, "failed_at": now} for digest in digests]
    with db.write() as connection:
        connection.execute(delete(failed_sign_ins).where(failed_sign_ins.c.failed_at <= since))
        connection.execute(insert(failed_sign_ins), rows)


def forget(db: Database, digest: bytes) -> None:
    """Forget the failures against one; nothing is written where there are none."""
    of_digest = failed_sign_ins.c.digest == digest
    with db.read() as connection:
        found = connection.execute(select(failed_sign_ins.c.id).where(of_digest).limit(1)).first()
    if found is not None:
        with db.write() as connection:
            connection.execute(delete(failed_sign_ins).where(of_digest))
