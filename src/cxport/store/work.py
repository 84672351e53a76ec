"""What the engine has to do, across tenants: nobody else calls this."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from cxport.domain.errors import NotFound
from cxport.domain.run import Status, transition
from cxport.store import outbox
from cxport.store.database import Database
from cxport.store.scope import writing
from cxport.store.tables import files, manifests, runs


def queued(db: Database) -> list[tuple[str, int, int]]:
    """Give tenant, id and attempts so far of the queued runs that the engine does not have yet.

    The oldest come first.
    """
    waiting = (
        select(runs.c.tenant_id, runs.c.id, runs.c.attempt)
        .where(runs.c.submitted_at.is_(None), runs.c.status == Status.QUEUED)
        .order_by(runs.c.created_at, runs.c.tenant_id, runs.c.id)
    )
    with db.read() as connection:
        return [(row.tenant_id, row.id, row.attempt) for row in connection.execute(waiting)]


def mark_submitted(db: Database, tenant_id: str, run_id: int) -> None:
    """Note that a run was handed to the engine, or raise NotFound."""
    with writing(db, tenant_id) as scope:
        if not scope.update(runs, {"submitted_at": datetime.now(UTC)}, id=run_id):
            raise NotFound


def expired(db: Database, now: datetime, limit: int) -> list[tuple[str, str, str]]:
    """Give tenant, name and object key of files whose time is over, the oldest first."""
    over = (
        select(files.c.tenant_id, files.c.name, files.c.object_key)
        .where(files.c.expires_at <= now)
        .order_by(files.c.expires_at, files.c.tenant_id, files.c.name)
        .limit(limit)
    )
    with db.read() as connection:
        return [(row.tenant_id, row.name, row.object_key) for row in connection.execute(over)]


def ended_since(db: Database, since: datetime) -> list[tuple[str, int, str]]:
    """Give tenant, id and archive id of the runs that began to write and have ended since."""
    ended = select(runs.c.tenant_id, runs.c.id, runs.c.archive_id).where(
        runs.c.ended_at >= since, runs.c.archive_id != ""
    )
    with db.read() as connection:
        return [(row.tenant_id, row.id, row.archive_id) for row in connection.execute(ended)]


def expire_file(db: Database, tenant_id: str, name: str) -> None:
    """Forget a file whose time is over; with its last file a run and its manifest expire.

    Raises NotFound where it is forgotten already.
    """
    with writing(db, tenant_id) as scope:
        row = scope.get(files, name=name)
        scope.delete(files, name=name)
        if scope.first(scope.select(files, run_id=row.run_id).limit(1)) is None:
            run = scope.get(runs, id=row.run_id)
            status = transition(Status(run.status), Status.EXPIRED)
            scope.update(runs, {"status": status, **_NO_FILE}, id=row.run_id)
            scope.delete(manifests, run_id=row.run_id)
            outbox.run_ended(scope, row.run_id)


_NO_FILE = {"first_file": "", "first_file_folded": ""}
