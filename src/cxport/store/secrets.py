"""The installation's own keys, sealed by the master key, shared by all its processes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from cxport.domain.vault import SecretBox, dsn_purpose, target_purpose
from cxport.store.database import Database
from cxport.store.tables import secrets, sources, subscriptions


def get_or_create(db: Database, box: SecretBox, name: str, make: Callable[[], bytes]) -> bytes:
    """Give the secret of a name, made where there is none.

    Every process that asks, also at the same moment, is given the same value. Raises
    SetupError where no master key opens it.
    """
    found = _find(db, name)
    if found is None:
        _add(db, name, box.seal(make(), _purpose(name)))
        found = _find(db, name) or b""
    return box.open(found, _purpose(name))


def reseal_all(db: Database, box: SecretBox) -> None:
    """Seal all that is sealed again, by the newest master key: secrets, DSNs, targets.

    All or none: SetupError where one cannot be opened.
    """
    with db.write() as connection:
        for row in connection.execute(select(secrets).with_for_update()).all():
            sealed = _again(box, row.sealed, _purpose(row.name))
            of_row = secrets.c.name == row.name
            connection.execute(update(secrets).where(of_row).values(sealed=sealed))
        for row in connection.execute(select(sources).with_for_update()).all():
            sealed = _again(box, row.sealed_dsn, dsn_purpose(row.tenant_id))
            of_row = (sources.c.tenant_id == row.tenant_id) & (sources.c.id == row.id)
            connection.execute(update(sources).where(of_row).values(sealed_dsn=sealed))
        for row in connection.execute(select(subscriptions).with_for_update()).all():
            sealed = _again(box, row.sealed, target_purpose(row.tenant_id))
            named = (subscriptions.c.tenant_id, row.tenant_id), (subscriptions.c.id, row.id)
            found = [column == value for column, value in named]
            connection.execute(update(subscriptions).where(*found).values(sealed=sealed))


def _purpose(name: str) -> str:
    return f"secret:{name}"


def _again(box: SecretBox, sealed: bytes, purpose: str) -> bytes:
    """Seal again; a source that takes its DSN from the environment has none."""
    return box.seal(box.open(sealed, purpose), purpose) if sealed else sealed


def _find(db: Database, name: str) -> bytes | None:
    with db.read() as connection:
        found = select(secrets.c.sealed).where(secrets.c.name == name)
        sealed: bytes | None = connection.execute(found).scalar()
    return sealed


def _add(db: Database, name: str, sealed: bytes) -> None:
    """Add a secret unless another process was first."""
    values = {"name": name, "sealed": sealed, "created_at": datetime.now(UTC)}
    with suppress(IntegrityError), db.write() as connection:
        connection.execute(insert(secrets).values(values))
