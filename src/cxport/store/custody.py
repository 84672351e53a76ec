"""Hold and revocation of a run's files; callers find these in `runs`.

Every function raises NotFound for an unknown run. Doing it again changes nothing.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row

from cxport.domain.custody import Decision
from cxport.domain.errors import UnderHold, WrongState
from cxport.domain.run import Run, Status, transition
from cxport.domain.said import Said, forms, known, together
from cxport.store import outbox, rows
from cxport.store.database import Database
from cxport.store.fencing import locked
from cxport.store.records import to_json
from cxport.store.scope import writing
from cxport.store.tables import files, manifests, runs

_HAVE_FILES = frozenset({Status.COMPLETED, Status.COMPLETED_WITH_WARNINGS})


def hold(db: Database, tenant_id: str, run_id: int, decision: Decision) -> Run:
    """Let nothing of a run be deleted or expire until it is released.

    One that is held already keeps its first reason. Raises WrongState where the files are gone.
    """
    with writing(db, tenant_id) as scope:
        row = locked(scope, run_id)
        status = Status(row.status)
        if status is Status.EXPIRED:
            raise WrongState(
                Said("nothing is left to hold: it is {status}", status=Said(status.label)),
                status.value,
            )
        if row.hold is None:
            scope.update(runs, {"hold": to_json(decision)}, id=run_id)
        return rows.run(scope.get(runs, id=run_id))


def release(db: Database, tenant_id: str, run_id: int) -> Run:
    """End a hold: files whose time was over meanwhile go."""
    with writing(db, tenant_id) as scope:
        locked(scope, run_id)
        scope.update(runs, {"hold": None}, id=run_id)
        return rows.run(scope.get(runs, id=run_id))


def revoke(db: Database, tenant_id: str, run_id: int, decision: Decision) -> Run:
    """End the time of a run's files now: nobody reads them any more, and what is stored goes.

    Raises UnderHold, and WrongState where a run has no files.
    """
    with writing(db, tenant_id) as scope:
        row = locked(scope, run_id)
        if row.revoked is not None:
            return rows.run(row)
        check_free(row)
        status = Status(row.status)
        if status not in _HAVE_FILES:
            raise WrongState(
                Said("there are no files to revoke: it is {status}", status=Said(status.label)),
                status.value,
            )
        scope.update(files, {"expires_at": decision.at}, run_id=run_id)
        scope.delete(manifests, run_id=run_id)
        scope.update(runs, _revoked(row, decision), id=run_id)
        outbox.run_revoked(scope, run_id)
        outbox.run_ended(scope, run_id)
        return rows.run(scope.get(runs, id=run_id))


def _revoked(row: Row[Any], decision: Decision) -> dict[str, object]:
    """Give what a revocation makes of a run; its reason tells of it wherever a run is told of."""
    reason = together(
        known(row.reason, row.said),
        Said("its files were revoked: {reason}", reason=decision.reason),
    )
    return {
        "status": transition(Status(row.status), Status.EXPIRED),
        "revoked": to_json(decision),
        "expired_at": decision.at,
        "reason": reason,
        "said": (row.said or {}) | forms(reason or ""),
        "first_file": "",
        "first_file_folded": "",
    }


def check_free(row: Row[Any]) -> None:
    """Raise UnderHold where nothing of a locked run may be deleted."""
    if row.hold is not None:
        raise UnderHold(row.hold["reason"])
