"""What the janitor has to remove, across tenants: nobody else calls this."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from cxport.domain.run import Status, transition
from cxport.store import outbox
from cxport.store.database import Database
from cxport.store.fencing import locked
from cxport.store.parts import put_back
from cxport.store.scope import reading, writing
from cxport.store.tables import files, manifests, runs

_OF_RUN = (runs.c.tenant_id == files.c.tenant_id) & (runs.c.id == files.c.run_id)
_NO_FILE = {"first_file": "", "first_file_folded": ""}


def expired(db: Database, now: datetime, limit: int) -> list[tuple[str, str, str]]:
    """Give tenant, name and object key of files whose time is over, the oldest first.

    Those of a run under hold are not among them.
    """
    over = (
        select(files.c.tenant_id, files.c.name, files.c.object_key)
        .join(runs, _OF_RUN)
        .where(files.c.expires_at <= now, runs.c.hold.is_(None))
        .order_by(files.c.expires_at, files.c.tenant_id, files.c.name)
        .limit(limit)
    )
    with db.read() as connection:
        return [(row.tenant_id, row.name, row.object_key) for row in connection.execute(over)]


def is_held(db: Database, tenant_id: str, name: str) -> bool:
    """Tell whether the run of a file has come under hold."""
    with reading(db, tenant_id) as scope:
        held = select(runs.c.id).join(files, _OF_RUN).where(scope.of(files, name=name))
        return scope.first(held.where(runs.c.hold.is_not(None))) is not None


def expire_file(db: Database, tenant_id: str, name: str) -> None:
    """Forget a file whose time is over; with its last file a run and its manifest expire.

    Raises NotFound where it is forgotten already.
    """
    with writing(db, tenant_id) as scope:
        row = scope.get(files, name=name)
        scope.delete(files, name=name)
        if scope.first(scope.select(files, run_id=row.run_id).limit(1)) is None:
            run = scope.get(runs, id=row.run_id)
            if run.status != Status.EXPIRED:  # a revoked run is that before its files are gone
                status = transition(Status(run.status), Status.EXPIRED)
                ended = {"status": status, "expired_at": datetime.now(UTC)}
                scope.update(runs, {**ended, **_NO_FILE}, id=row.run_id)
                outbox.run_ended(scope, row.run_id)
            scope.delete(manifests, run_id=row.run_id)


def ended_since(db: Database, since: datetime) -> list[tuple[str, int, int, str]]:
    """Give tenant, id, attempt and archive id of the runs that have written and ended since."""
    ended = select(runs.c.tenant_id, runs.c.id, runs.c.attempt, runs.c.archive_id).where(
        runs.c.ended_at >= since, runs.c.archive_id != ""
    )
    with db.read() as connection:
        return [tuple(row) for row in connection.execute(ended)]


def parts_over(db: Database, moment: datetime) -> list[tuple[str, int, int]]:
    """Give tenant, id and attempt of failed runs whose parts were kept until before a moment."""
    over = select(runs.c.tenant_id, runs.c.id, runs.c.attempt).where(
        runs.c.parts_until < moment, runs.c.hold.is_(None)
    )
    with db.read() as connection:
        return [tuple(row) for row in connection.execute(over)]


def forget_parts(db: Database, tenant_id: str, run_id: int, attempt: int) -> None:
    """Note that a failed run's parts are kept no longer; nothing where it was retried since."""
    with writing(db, tenant_id) as scope:
        row = locked(scope, run_id)
        if row.attempt == attempt and row.status == Status.FAILED:
            put_back(scope, run_id)
            scope.update(runs, {"parts_until": None}, id=run_id)
