"""The installation's own keys, sealed by the master key, shared by all its processes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from cxport.domain.vault import SecretBox, dsn_purpose, target_purpose
from cxport.store.database import Database
from cxport.store.tables import secrets, sources, subscriptions

#: Every column of the store that the master key seals, and for which purpose.
SEALED: Mapping[Column[Any], Callable[[Row[Any]], str]] = {
    secrets.c.sealed: lambda row: secret_purpose(row.name),
    sources.c.sealed_dsn: lambda row: dsn_purpose(row.tenant_id),
    subscriptions.c.sealed: lambda row: target_purpose(row.tenant_id),
}


def get_or_create(db: Database, box: SecretBox, name: str, make: Callable[[], bytes]) -> bytes:
    """Give the secret of a name, made where there is none.

    Every process that asks, also at the same moment, is given the same value. Raises
    SetupError where no master key opens it.
    """
    found = _find(db, name)
    if found is None:
        _add(db, name, box.seal(make(), secret_purpose(name)))
        found = _find(db, name) or b""
    return box.open(found, secret_purpose(name))


def reseal_all(db: Database, box: SecretBox) -> int:
    """Seal by the newest master key what another one sealed, and tell how many that were.

    All or none: SetupError where one of all that there are cannot be opened.
    """
    resealed = 0
    with db.write() as connection:
        for column, purpose_of in SEALED.items():
            for row in connection.execute(_held(column).with_for_update()).all():
                sealed, purpose = getattr(row, column.name), purpose_of(row)
                opened = box.open(sealed, purpose)
                if not box.needs_reseal(sealed):
                    continue
                values = {column.name: box.seal(opened, purpose)}
                of_row = [one == getattr(row, one.name) for one in column.table.primary_key]
                connection.execute(update(column.table).where(*of_row).values(values))
                resealed += 1
    return resealed


def all_sealed(db: Database) -> list[bytes]:
    """Give everything that a master key has sealed, as it is stored."""
    with db.read() as connection:
        return [
            getattr(row, column.name)
            for column in SEALED
            for row in connection.execute(_held(column)).all()
        ]


def secret_purpose(name: str) -> str:
    """Name the purpose for which the secret of a name is sealed."""
    return f"secret:{name}"


def _held(column: Column[Any]) -> Any:
    """Select the rows that hold something: a DSN may come from the environment."""
    return select(column.table).where(column != b"")


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
