"""The beats of services and workers: who lives, by the store's own clock, and what each is."""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select, update

from cxport import __version__
from cxport.store import clock, migrations
from cxport.store.database import Database
from cxport.store.tables import beats

#: The engine's version of a process that does no work, and that of the first release, which did
#: not tell it.
NO_ENGINE = ""
_FIRST_ENGINE = "1"

#: A process that has not beaten for so many seconds is taken for dead.
DEAD_SECONDS = 15.0


def beat(db: Database, process_id: str, engine: str = NO_ENGINE) -> None:
    """Note that a process lives; `engine` is the version of the workflows that it goes on with."""
    values: dict[str, object] = {
        "release": __version__,
        "revision": migrations.newest(),
        "engine": engine,
    }
    with db.write() as connection:
        values["beat_at"] = clock.millis(connection)
        of_process = beats.c.worker_id == process_id
        if not connection.execute(update(beats).where(of_process).values(values)).rowcount:
            connection.execute(insert(beats).values(worker_id=process_id, **values))


def living(db: Database, seconds: float) -> dict[str, str]:
    """Give the workers that beat within so many seconds, and the engine's version of each."""
    engine = func.coalesce(beats.c.engine, _FIRST_ENGINE).label("engine")
    with db.read() as connection:
        beating = beats.c.beat_at >= clock.millis(connection) - int(seconds * 1000)
        found = select(beats.c.worker_id, engine).where(beating, engine != NO_ENGINE)
        return {row.worker_id: row.engine for row in connection.execute(found)}


def forget(db: Database, process_id: str) -> None:
    """Note that a process has ended: others may take over what a worker left, at once."""
    with db.write() as connection:
        connection.execute(delete(beats).where(beats.c.worker_id == process_id))
