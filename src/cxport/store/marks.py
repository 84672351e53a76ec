"""How far the incremental jobs of a tenant have come with each of their tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from cxport.domain.catalogue import Family
from cxport.domain.job import JobSpec
from cxport.domain.table_set import TableMark, TableSet
from cxport.store.columns import fold
from cxport.store.database import Database
from cxport.store.records import from_json, to_json
from cxport.store.scope import Scope, reading, writing
from cxport.store.tables import jobs, marks


def of_job(db: Database, tenant_id: str, job_id: int) -> tuple[TableMark, ...]:
    """Give a job's marks, by table; none before its first run was published."""
    with reading(db, tenant_id) as scope:
        found = scope.all(scope.select(marks, job_id=job_id).order_by(marks.c.table_name))
    return tuple(from_json(TableMark, row.mark) for row in found)


def advance(scope: Scope, job_id: int, run_id: int, reached: Sequence[TableMark]) -> None:
    """Keep how far a run has come, within the transaction that publishes it.

    Of two runs that began at the same mark the one that is published last counts: whatever lies
    below either mark has been published by then.
    """
    for one in reached:
        scope.delete(marks, job_id=job_id, table_name=one.table)
        row = {"table_name": one.table, "mark": to_json(one), "run_id": run_id}
        scope.insert(marks, {"job_id": job_id, **row})


def refresh(db: Database, tenant_id: str, source: str, sets: Sequence[TableSet]) -> int:
    """Give the jobs of a source its table sets as they are now, and tell how many changed.

    Runs that exist already, and marks, stay as they are; so does a job whose set is gone.
    """
    by_name = {one.name: one for one in sets}
    with writing(db, tenant_id) as scope:
        found = scope.select(jobs, source_folded=fold(source), family=Family.DATASYNC)
        return sum(_refreshed(scope, row.id, by_name) for row in scope.all(found.with_for_update()))


def _refreshed(scope: Scope, job_id: int, sets: dict[str, TableSet]) -> bool:
    old = from_json(JobSpec, scope.get(jobs, id=job_id).spec)
    now = sets.get(old.data_type)
    if now is None or now == old.tables:
        return False
    changed = to_json(old) | {"tables": to_json(now)}
    scope.update(jobs, {"spec": changed, "updated_at": datetime.now(UTC)}, id=job_id)
    return True
