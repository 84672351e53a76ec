"""Rings of keys: the newest signs, and those that it took over from are still known for a while.

A ring's keys are secrets of the installation: `token-key` is the first of its ring, `token-key/1`
the one that took over from it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, insert, or_, select
from sqlalchemy.exc import IntegrityError

from cxport.domain.errors import WrongState
from cxport.domain.said import Said
from cxport.domain.vault import SecretBox
from cxport.store.database import Database
from cxport.store.secrets import get_or_create, secret_purpose
from cxport.store.tables import secrets


@dataclass(frozen=True, kw_only=True, repr=False)
class RingKey:
    """A key of a ring; `retired_at` is when another one took over, None for the newest."""

    key: bytes
    created_at: datetime
    retired_at: datetime | None = None


def ring(db: Database, box: SecretBox, name: str, make: Callable[[], bytes]) -> tuple[RingKey, ...]:
    """Give the keys of a ring, newest first; the first one is made where there is none.

    Raises SetupError where no master key opens one.
    """
    rows = _rows(db, name)
    if not rows:
        get_or_create(db, box, name, make)
        rows = _rows(db, name)
    retirements = [None, *(row.created_at for row in rows)]
    return tuple(
        RingKey(
            key=box.open(row.sealed, secret_purpose(row.name)),
            created_at=row.created_at,
            retired_at=retired_at,
        )
        for row, retired_at in zip(rows, retirements, strict=False)
    )


def turn(  # noqa: PLR0913, PLR0917 - what a turn is made of
    db: Database,
    box: SecretBox,
    name: str,
    make: Callable[[], bytes],
    now: datetime,
    keep: timedelta,
) -> None:
    """Let a new key take over, and forget those that were retired `keep` ago or earlier.

    Raises WrongState where another turn of this ring is made at the same moment.
    """
    ring(db, box, name, make)
    try:
        with db.write() as connection:
            rows = _newest_first(connection.execute(_of_ring(name).with_for_update()).all())
            following = f"{name}/{_number(rows[0]) + 1}"
            sealed = box.seal(make(), secret_purpose(following))
            values = {"name": following, "sealed": sealed, "created_at": now}
            connection.execute(insert(secrets).values(values))
            retirements = [now, *(row.created_at for row in rows)]
            for row, retired_at in zip(rows, retirements, strict=False):
                if retired_at + keep <= now:
                    connection.execute(delete(secrets).where(secrets.c.name == row.name))
    except IntegrityError:
        raise WrongState(
            Said("these keys are being rotated by somebody else"), "rotating"
        ) from None


def _rows(db: Database, name: str) -> list[Row[Any]]:
    with db.read() as connection:
        return _newest_first(connection.execute(_of_ring(name)).all())


def _of_ring(name: str) -> Select[Any]:
    later = secrets.c.name.startswith(f"{name}/", autoescape=True)
    return select(secrets).where(or_(secrets.c.name == name, later))


def _newest_first(rows: Any) -> list[Row[Any]]:
    return sorted(rows, key=_number, reverse=True)


def _number(row: Row[Any]) -> int:
    return int(row.name.partition("/")[2] or 0)
