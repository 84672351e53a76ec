"""A run once more: what a retry keeps, what a rerun repeats, and that neither is done twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from cxport.domain.errors import LostRun, WrongState
from cxport.domain.run import PartState, Run, Status
from cxport.domain.tenant import Tenant
from cxport.store import jobs, marks, runs, work
from cxport.store.database import Database
from cxport.store.scope import writing
from cxport.store.tables import tenants
from tests.store.samples import (
    NOON,
    PLAN,
    a_mark,
    a_result,
    a_run,
    a_table_set,
    an_artifact,
    begin,
    publish,
)

FINGERPRINT = "f" * 64
KEPT_UNTIL = NOON + timedelta(days=3)


def a_failed_run(db: Database, tenant: Tenant, until: datetime | None = KEPT_UNTIL) -> Run:
    """Let a run fail with its first part done and its second under way."""
    run = begin(db, a_run(db, tenant))
    runs.save_plan(db, tenant.id, run.id, run.attempt, PLAN, 1000, numbered=True)
    for number in (1, 2):
        runs.start_part(db, tenant.id, run.id, run.attempt, number)
    runs.finish_part(db, tenant.id, run.id, run.attempt, 1, 1, a_result(), ())
    runs.fail(db, tenant.id, run.id, run.attempt, "full", until)
    return runs.get(db, tenant.id, run.id)


def an_increment(db: Database, tenant: Tenant) -> Run:
    """Add a run of an incremental job."""
    tables = {"data_type": "Orders", "tables": a_table_set(), "incremental": True}
    return a_run(db, tenant, **tables)


def retry(
    db: Database, run: Run, now: datetime = NOON, fingerprint: str = FINGERPRINT
) -> tuple[Run, list[str]]:
    """Retry a run."""
    return runs.retry(db, run.tenant_id, run.id, fingerprint=fingerprint, now=now)


def states(db: Database, run: Run) -> list[tuple[PartState, int]]:
    """Give state and starts of each part."""
    return [(part.state, part.starts) for part in runs.parts(db, run.tenant_id, run.id)]


def test_a_retry_keeps_what_is_done(db: Database, tenant: Tenant) -> None:
    """The same run goes on with the same plan; what was not finished counts its starts anew."""
    failed = a_failed_run(db, tenant)
    work.mark_submitted(db, tenant.id, failed.id)
    queued, dropped = retry(db, failed)

    assert (queued.id, queued.status, queued.reason, dropped) == (failed.id, "queued", "", [])
    assert (tenant.id, failed.id, failed.attempt + 1) in work.queued(db)
    begun = begin(db, queued)
    assert states(db, failed) == [(PartState.DONE, 1), (PartState.WAITING, 0)]
    assert begun.archive_id == failed.archive_id
    assert begun.parts_until is None


def test_a_retry_is_done_once(db: Database, tenant: Tenant) -> None:
    """Again, while it waits or goes on, nothing changes; each retry has a number of its own."""
    failed = a_failed_run(db, tenant)
    first, _ = retry(db, failed)
    assert retry(db, failed)[0] == first
    begun = begin(db, first)
    assert retry(db, failed)[0] == begun


@pytest.mark.parametrize(
    ("now", "fingerprint"), [(KEPT_UNTIL, FINGERPRINT), (NOON, "another"), (NOON, "")]
)
def test_what_cannot_be_kept_is_redone(
    db: Database, tenant: Tenant, now: datetime, fingerprint: str
) -> None:
    """Behind their time, and under another certificate, finished parts go and all wait again."""
    failed = a_failed_run(db, tenant)
    queued, dropped = retry(db, failed, now, fingerprint)

    assert dropped == [a_result().object_key]
    assert states(db, failed) == [(PartState.WAITING, 0), (PartState.WAITING, 0)]
    begun = runs.begin(
        db, tenant.id, queued.id, archive_id="a", certificate_fingerprint=fingerprint
    )
    assert begun.certificate_fingerprint == fingerprint


def test_a_worker_from_before_a_retry_writes_nothing(db: Database, tenant: Tenant) -> None:
    """Also where the part has been started as often again as it was then."""
    failed = a_failed_run(db, tenant)
    begun = begin(db, retry(db, failed)[0])
    assert runs.start_part(db, tenant.id, failed.id, begun.attempt, 2).starts == 1
    with pytest.raises(LostRun):
        runs.finish_part(db, tenant.id, failed.id, failed.attempt, 2, 1, a_result("late"), ())


@pytest.mark.parametrize("act", [runs.cancel, runs.suspend])
def test_what_was_not_failed_is_not_retried(db: Database, tenant: Tenant, act: object) -> None:
    """A cancelled run has nothing left, and a suspended one is resumed."""
    run = a_run(db, tenant)
    assert callable(act)
    act(db, tenant.id, run.id)
    with pytest.raises(WrongState, match="only a failed run"):
        retry(db, run)


def test_an_increment_is_not_exported_twice(db: Database, tenant: Tenant) -> None:
    """Where a later run of the job covers what a failed one would have, it is not retried."""
    failed = begin(db, an_increment(db, tenant))
    runs.fail(db, tenant.id, failed.id, failed.attempt, "full")
    job = jobs.get(db, tenant.id, failed.job_id)
    with writing(db, tenant.id) as scope:
        later = runs.queue(scope, job, scope.take(tenants.c.last_id))
    with pytest.raises(WrongState, match=f"run {later.id} covers"):
        retry(db, failed)
    runs.cancel(db, tenant.id, later.id)
    assert retry(db, failed)[0].status is Status.QUEUED


def test_a_rerun_reads_the_slices_of_an_increment(db: Database, tenant: Tenant) -> None:
    """Plan and window are those of the run it repeats; the job stays where it has come to."""
    origin = begin(db, an_increment(db, tenant))
    plan = (tenant.id, origin.id, origin.attempt, PLAN, 1000)
    runs.save_plan(db, *plan, numbered=True, marks=[a_mark()])
    publish(db, origin, [an_artifact(origin)])

    made = runs.rerun(db, tenant.id, origin.id, "user:ben", now=NOON)

    assert tuple(one.part for one in runs.parts(db, tenant.id, made.id)) == PLAN
    found = runs.get(db, tenant.id, made.id)
    assert (found.marks, found.numbered, found.created_by) == ((a_mark(),), True, "user:ben")
    assert found.selection() == origin.selection()
    further = a_mark(value="99")
    with writing(db, tenant.id) as scope:
        marks.advance(scope, origin.job_id, origin.id, [further])
    publish(db, begin(db, found), [an_artifact(found)])
    assert marks.of_job(db, tenant.id, origin.job_id) == (further,)
    assert found.spec == origin.spec
