"""The schema of a store: brought up to date in two steps, so that nobody has to stop.

*Expand* is what every start does: the store gets all that this version needs, and processes of the
release before work on. *Finish* runs the contracting revisions, when those are gone; the newest of
them is then the store's *floor*: a process that does not know it is not admitted any more. The
floor is kept in the store, as a release cannot know what later ones will do.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, inspect, select, text

from cxport.domain.errors import SetupError
from cxport.domain.upgrade import Process, SchemaState
from cxport.store import clock, migrations
from cxport.store.migrations import Revision
from cxport.store.tables import beats, schema_floor

#: A process that has not beaten for so long is taken for gone.
GONE_SECONDS = 15.0

#: Any number that no other program sharing the database takes for its advisory locks.
_LOCK = 0x637870_6F7274
#: A table that something else holds, as a backup does, is waited for so long: behind a change that
#: waits for a table, everybody else waits too.
_LOCK_WAIT = "5s"


def expand(connection: Connection) -> None:
    """Run what this version needs; a new store gets all there is.

    Contracting revisions at the end wait for `finish`; those of an earlier release, which come
    before an expanding one, are run on the way. Raises SetupError where the store does not admit
    this version, or an earlier release that still runs is in the way.
    """
    _lock(connection)
    admit(connection)
    at, missing = migrations.current(connection), _missing(connection)
    _run(connection, missing if not at else _expanding(missing))


def finish(connection: Connection) -> None:
    """Run all there is, contracting revisions too; raises as `expand` does."""
    _lock(connection)
    admit(connection)
    _run(connection, _missing(connection))


def admit(connection: Connection) -> None:
    """Raise SetupError where this version is too old for the store."""
    newest, floor = migrations.newest(), _floor(connection)
    if floor > newest:
        raise SetupError(
            f"this version is too old for the store: it knows revision {newest} of the schema, and"
            f" {floor} is the oldest that the store admits: install the version of the others"
        )


def state(connection: Connection) -> SchemaState:
    """Tell where the store stands, seen from this version."""
    missing = _missing(connection)
    expanding = _expanding(missing)
    return SchemaState(
        revision=migrations.current(connection),
        known=migrations.newest(),
        floor=_floor(connection),
        expanding=tuple(one.number for one in expanding),
        finishing=tuple(one.number for one in missing[len(expanding) :]),
        processes=_processes(connection),
    )


def _lock(connection: Connection) -> None:
    """Let one process at a time change the schema."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))


def _missing(connection: Connection) -> tuple[Revision, ...]:
    """Give the revisions that are still to be run; none where a later release was here."""
    at, known = migrations.current(connection), migrations.revisions()
    numbers = [one.number for one in known]
    if not at:
        return known
    return known[numbers.index(at) + 1 :] if at in numbers else ()


def _expanding(missing: Sequence[Revision]) -> tuple[Revision, ...]:
    """Leave out the contracting revisions at the end."""
    last = max((place for place, one in enumerate(missing) if not one.contract), default=-1)
    return tuple(missing[: last + 1])


def _run(connection: Connection, steps: Sequence[Revision]) -> None:
    """Run these, in the connection's transaction, each contracting one with nobody in its way."""
    if steps and connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_WAIT}'"))
    for place, step in enumerate(steps):
        if step.contract:
            _nobody_older(connection, step)
            migrations.upgrade(connection, step.number)
            connection.execute(delete(schema_floor))
            connection.execute(insert(schema_floor).values(revision=step.number))
        elif step is steps[-1] or steps[place + 1].contract:
            migrations.upgrade(connection, step.number)


def _nobody_older(connection: Connection, step: Revision) -> None:
    older = [one for one in _processes(connection) if one.revision < step.number]
    if older:
        releases = ", ".join(sorted({one.release or "an early release" for one in older}))
        raise SetupError(
            f"revision {step.number} of the schema cannot be run yet: processes of an older version"
            f" use the store ({len(older)}, of {releases}). Stop them, wait {GONE_SECONDS:.0f}"
            " seconds, and try again"
        )


def _floor(connection: Connection) -> str:
    if not _told(connection):
        return ""
    return connection.execute(select(schema_floor.c.revision)).scalar() or ""


def _told(connection: Connection) -> bool:
    """Tell whether the store says whom it admits and who is there: not before revision 0012."""
    return inspect(connection).has_table(schema_floor.name)


def _processes(connection: Connection) -> tuple[Process, ...]:
    """Give services and workers that run; those of the first release tell no more than that."""
    if not _told(connection):
        return ()
    beating = beats.c.beat_at >= clock.millis(connection) - int(GONE_SECONDS * 1000)
    found = connection.execute(select(beats).where(beating).order_by(beats.c.worker_id))
    return tuple(
        Process(id=row.worker_id, release=row.release or "", revision=row.revision or "")
        for row in found
    )
