"""The beats of the workers: who lives, by the store's own clock; nobody but the engine asks."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, text, update

from cxport.store.database import Database
from cxport.store.tables import beats

_CLOCKS = {
    "postgresql": "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)",
    "sqlite": "SELECT CAST((julianday('now') - 2440587.5) * 86400000 AS integer)",
}


def beat(db: Database, worker_id: str) -> None:
    """Note that a worker lives."""
    with db.write() as connection:
        values = {"beat_at": _now(connection)}
        of_worker = beats.c.worker_id == worker_id
        if not connection.execute(update(beats).where(of_worker).values(values)).rowcount:
            connection.execute(insert(beats).values(worker_id=worker_id, **values))


def living(db: Database, seconds: float) -> frozenset[str]:
    """Give the workers that beat within so many seconds."""
    with db.read() as connection:
        since = _now(connection) - int(seconds * 1000)
        found = connection.execute(select(beats.c.worker_id).where(beats.c.beat_at >= since))
        return frozenset(found.scalars())


def forget(db: Database, worker_id: str) -> None:
    """Note that a worker has ended: others may take over what it left, at once."""
    with db.write() as connection:
        connection.execute(delete(beats).where(beats.c.worker_id == worker_id))


def _now(connection: Connection) -> int:
    """Give the database's time in milliseconds since 1970: workers' clocks may differ."""
    clock = _CLOCKS[connection.dialect.name]
    return int(connection.execute(text(clock)).scalar_one())
