"""How far the incremental jobs of a tenant have come, with each table or type of history."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from math import inf

from cxport.domain.catalogue import Family
from cxport.domain.job import JobSpec
from cxport.domain.table_set import MarkKind, TableMark, TableSet
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

    A run that did not begin where the job stands by now (another one came first) moves a mark
    forward or not at all: whatever lies below either mark has been published by then.
    """
    for one in reached:
        found = scope.first(scope.select(marks, job_id=job_id, table_name=one.table))
        if found is not None and _is_behind(one, from_json(TableMark, found.mark)):
            continue
        scope.delete(marks, job_id=job_id, table_name=one.table)
        row = {"table_name": one.table, "mark": to_json(one), "run_id": run_id}
        scope.insert(marks, {"job_id": job_id, **row})


def _is_behind(one: TableMark, now: TableMark) -> bool:
    """Tell whether a mark lies behind the job's, of another run than the next one."""
    if one.mark != now.mark or one.since == now.value:
        return False
    return _order(one) < _order(now)


def _order(one: TableMark) -> float:
    """Give what marks of the same column are ordered by; the beginning comes first."""
    if one.value is None:
        return -inf
    if one.mark.kind is MarkKind.KEY:
        return int(one.value)
    return datetime.fromisoformat(one.value).timestamp()


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
