"""What the engine has to do, across tenants: nobody else calls this."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select

from cxport.domain.errors import NotFound
from cxport.domain.run import Status
from cxport.store.database import Database
from cxport.store.scope import writing
from cxport.store.tables import runs


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
