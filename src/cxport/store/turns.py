"""The one line of all tenants' parts, in which nobody waits for another's backlog.

A turn is a number; parts are exported by it, the lowest first. Each part of a tenant stands one
behind the tenant's last, and the first of one that had none waiting stands right behind what is
being exported now (start-time fair queueing: Goyal, Vin and Cheng, 1996). So a tenant that comes
with one part is next, a tenant with a thousand goes on in between, and none ever waits for good.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from cxport.domain.run import PartState, Status
from cxport.store.database import Database
from cxport.store.fencing import in_progress
from cxport.store.scope import Scope, writing
from cxport.store.tables import run_parts, runs

#: The engine's numbers end here; a line that long has never been empty.
_LAST = 2**31 - 1


def take(db: Database, tenant_id: str, run_id: int, attempt: int) -> list[tuple[int, int, int]]:
    """Give number, starts so far and turn of each part of a run that is not done, by number.

    A part keeps the turn that it has. Raises NotFound, LostRun where the run was begun again since
    `attempt`, and WrongState where it is not in progress.
    """
    with writing(db, tenant_id) as scope:
        in_progress(scope, run_id, attempt)
        scope.hold()
        last = _behind(scope)
        waiting = scope.select(run_parts, run_id=run_id).where(run_parts.c.state != PartState.DONE)
        found = []
        for row in scope.all(waiting.order_by(run_parts.c.number)):
            turn = row.turn
            if turn is None:
                turn = last = min(_LAST, last + 1)
                scope.update(run_parts, {"turn": turn}, run_id=run_id, number=row.number)
            found.append((row.number, row.starts, turn))
        return found


def _behind(scope: Scope) -> int:
    """Give the turn behind which a tenant's next part stands."""
    last = scope.all(_turns(func.max(run_parts.c.turn)).where(scope.of(run_parts)))[0][0]
    running = run_parts.c.state == PartState.RUNNING
    now = scope.all(_turns(func.min(run_parts.c.turn)).where(running))[0][0]
    return max(last or 0, now or 0)


def _turns(of: ColumnElement[int]) -> Select[Any]:
    """Select from the parts, of any tenant, that are to be exported."""
    of_run = (runs.c.tenant_id == run_parts.c.tenant_id) & (runs.c.id == run_parts.c.run_id)
    return (
        select(of)
        .select_from(run_parts.join(runs, of_run))
        .where(runs.c.status == Status.IN_PROGRESS, run_parts.c.state != PartState.DONE)
    )
