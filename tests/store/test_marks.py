"""Marks of incremental jobs: they move with what is published, and with nothing else."""

from __future__ import annotations

import pytest

from cxport.domain.masking import Mask
from cxport.domain.run import Run, Status
from cxport.domain.table_set import TableMark
from cxport.domain.tenant import Tenant
from cxport.store import jobs, marks, runs
from cxport.store.database import Database
from cxport.store.scope import writing
from cxport.store.tables import tenants
from tests.store.samples import (
    PLAN,
    a_mark,
    a_table_set,
    a_table_spec,
    an_artifact,
    begin,
    publish,
)


def planned(db: Database, tenant: Tenant, *reached: TableMark, job: Run | None = None) -> Run:
    """Give a run, of a new job or of another run's, that will have come to some marks."""
    if job is None:
        _, made = jobs.create(db, tenant.id, a_table_spec(), "user:ann", run_now=True)
        assert made is not None
        job = made
    run = begin(db, job)
    runs.save_plan(
        db, tenant.id, run.id, run.attempt, PLAN, 10, True, reached, ("a column is new",)
    )
    return runs.get(db, tenant.id, run.id)


@pytest.mark.promise("R7")
def test_marks_move_when_the_run_is_published(db: Database, tenant: Tenant) -> None:
    """R7: not before, and with the files, in one transaction."""
    run = planned(db, tenant, a_mark("a"), a_mark("b", "2"))
    assert run.marks == (a_mark("a"), a_mark("b", "2"))
    assert run.notices == ("a column is new",)
    assert marks.of_job(db, tenant.id, run.job_id) == ()

    publish(db, run, [an_artifact(run)])

    assert marks.of_job(db, tenant.id, run.job_id) == (a_mark("a"), a_mark("b", "2"))


def test_marks_stay_where_the_files_cannot_appear(db: Database, tenant: Tenant) -> None:
    """A publication that fails half-way moves no mark."""
    run = planned(db, tenant, a_mark())
    file = an_artifact(run)

    with pytest.raises(Exception, match=r"(?i)unique"):
        publish(db, run, [file, file])

    assert marks.of_job(db, tenant.id, run.job_id) == ()


def test_a_failed_run_moves_no_mark(db: Database, tenant: Tenant) -> None:
    """What it read is read again by the next one."""
    run = planned(db, tenant, a_mark())

    runs.fail(db, tenant.id, run.id, run.attempt, "the disk is full")

    assert marks.of_job(db, tenant.id, run.job_id) == ()


def test_a_run_without_data_moves_its_marks(db: Database, tenant: Tenant) -> None:
    """There was nothing up to there, so nothing is lost."""
    run = planned(db, tenant, a_mark(value="5"))

    publish(db, run, [], status=Status.NO_DATA, manifest=None)

    assert marks.of_job(db, tenant.id, run.job_id) == (a_mark(value="5"),)


def test_a_run_that_is_late_moves_no_mark_back(db: Database, tenant: Tenant) -> None:
    """It was held while another one went on; what lies behind its end was published by that."""
    held = planned(db, tenant, a_mark(value="5"))
    runs.suspend(db, tenant.id, held.id)
    job = jobs.get(db, tenant.id, held.job_id)
    with writing(db, tenant.id) as scope:
        other = runs.queue(scope, job, scope.take(tenants.c.last_id))
    further = planned(db, tenant, a_mark(value="9"), job=other)
    publish(db, further, [an_artifact(further)])
    runs.resume(db, tenant.id, held.id)

    late = begin(db, runs.get(db, tenant.id, held.id))
    publish(db, late, [an_artifact(late)])

    assert marks.of_job(db, tenant.id, held.job_id) == (a_mark(value="9"),)


def test_marks_go_with_their_job(db: Database, tenant: Tenant) -> None:
    """A job that is deleted leaves none behind."""
    run = planned(db, tenant, a_mark())
    publish(db, run, [an_artifact(run)])

    jobs.delete(db, tenant.id, run.job_id)

    assert marks.of_job(db, tenant.id, run.job_id) == ()


def test_a_refresh_changes_the_jobs_of_the_source(db: Database, tenant: Tenant) -> None:
    """Their next runs export the new columns; other sources' jobs and waiting runs do not."""
    made, waiting = jobs.create(db, tenant.id, a_table_spec("Shop"), "user:ann", run_now=True)
    other, _ = jobs.create(db, tenant.id, a_table_spec("Other"), "user:ann", run_now=False)
    assert waiting is not None
    now = a_table_set("later")

    assert marks.refresh(db, tenant.id, "SHOP", [now]) == 1
    assert marks.refresh(db, tenant.id, "Shop", [now]) == 0

    assert jobs.get(db, tenant.id, made.id).spec.tables == now
    assert jobs.get(db, tenant.id, other.id).spec.tables == a_table_set()
    assert runs.get(db, tenant.id, waiting.id).spec.tables == a_table_set()


def test_a_set_is_kept_as_it_was_given(db: Database, tenant: Tenant) -> None:
    """Masks, marks and lags come back from the store as they went in."""
    (table,) = a_table_set("body").tables
    masked = tuple(
        type(column)(name=column.name, mask=Mask(hashed=True)) for column in table.columns
    )
    kept = a_table_set()
    kept = type(kept)(
        name="Orders",
        settle_seconds=7,
        tables=(type(table)(**{**vars(table), "columns": masked, "mark": a_mark().mark}),),
    )

    job, _ = jobs.create(db, tenant.id, a_table_spec(title="kept"), "user:ann", run_now=False)
    marks.refresh(db, tenant.id, "History", [kept])

    assert jobs.get(db, tenant.id, job.id).spec.tables == kept
