"""What a user wants of a job or run: each act once, and no act in a state that it does not fit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cxport.domain.errors import NotFound, WrongState
from cxport.domain.job import Job
from cxport.domain.listing import Query
from cxport.domain.run import Run, Status
from cxport.domain.selection import Window
from cxport.domain.tenant import Tenant
from cxport.store import files, jobs, runs, work
from cxport.store.database import Database
from tests.store.samples import (
    LATER,
    NOON,
    a_begun_run,
    a_manifest,
    a_spec,
    an_artifact,
    publish,
)


def _queued(db: Database, tenant: Tenant) -> tuple[Job, Run]:
    job, run = jobs.create(db, tenant.id, a_spec(), "user:ann", run_now=True)
    assert run is not None
    return job, run


def _ended(db: Database, tenant: Tenant) -> Run:
    run = a_begun_run(db, tenant)
    publish(db, run, [an_artifact(run)], manifest=a_manifest(run))
    return run


def test_a_queued_run_is_cancelled_for_good(db: Database, tenant: Tenant) -> None:
    """It ends at once, is not given to the engine, and cannot be begun."""
    _, run = _queued(db, tenant)
    for _ in range(2):
        cancelled = runs.cancel(db, tenant.id, run.id)
        assert cancelled.status is Status.CANCELLED
        assert cancelled.ended_at is not None
    assert (tenant.id, run.id) not in [one[:2] for one in work.queued(db)]
    with pytest.raises(WrongState):
        runs.begin(db, tenant.id, run.id, archive_id="a", certificate_fingerprint="")
    with pytest.raises(WrongState):
        runs.resume(db, tenant.id, run.id)


def test_a_run_in_progress_is_left_to_its_worker(db: Database, tenant: Tenant) -> None:
    """Cancelling until the worker ends it."""
    run = a_begun_run(db, tenant)
    for _ in range(2):
        assert runs.cancel(db, tenant.id, run.id).status is Status.CANCELLING
    runs.cancelled(db, tenant.id, run.id, run.attempt)
    assert runs.get(db, tenant.id, run.id).status is Status.CANCELLED


def test_a_resumed_run_is_given_to_the_engine_again(db: Database, tenant: Tenant) -> None:
    """Its mark is cleared, so that the next stint begins; each act counts once."""
    run = a_begun_run(db, tenant)
    work.mark_submitted(db, tenant.id, run.id)
    for _ in range(2):
        assert runs.suspend(db, tenant.id, run.id).status is Status.SUSPENDED
    assert (tenant.id, run.id) not in [one[:2] for one in work.queued(db)]
    for _ in range(2):
        assert runs.resume(db, tenant.id, run.id).status is Status.QUEUED
    assert (tenant.id, run.id, run.attempt + 1) in work.queued(db)


def test_each_stint_has_a_number_of_its_own(db: Database, tenant: Tenant) -> None:
    """Also where the one before was held before it began: the engine takes no number twice."""
    _, run = _queued(db, tenant)
    numbers = set()
    for _ in range(3):
        numbers |= {one[2] for one in work.queued(db) if one[:2] == (tenant.id, run.id)}
        work.mark_submitted(db, tenant.id, run.id)
        runs.suspend(db, tenant.id, run.id)
        runs.resume(db, tenant.id, run.id)
    assert numbers == {0, 1, 2}


def test_what_has_ended_takes_no_act_but_deletion(db: Database, tenant: Tenant) -> None:
    """And what has not ended takes any but that one."""
    run = _ended(db, tenant)
    for act in (runs.cancel, runs.suspend, runs.resume, jobs.cancel, jobs.suspend, jobs.resume):
        item_id = run.job_id if act.__module__.endswith("jobs") else run.id
        with pytest.raises(WrongState, match="Completed"):
            act(db, tenant.id, item_id)
    going = a_begun_run(db, tenant)
    with pytest.raises(WrongState, match="cancel it first"):
        runs.delete(db, tenant.id, going.id)
    with pytest.raises(WrongState, match="cancel it first"):
        jobs.delete(db, tenant.id, going.job_id)


def test_a_deleted_run_leaves_nothing(db: Database, tenant: Tenant) -> None:
    """Its parts, files and manifest go with it; its job shows no run, and remembers that it ran."""
    run = _ended(db, tenant)
    runs.delete(db, tenant.id, run.id)

    with pytest.raises(NotFound):
        runs.get(db, tenant.id, run.id)
    assert files.of_run(db, tenant.id, run.id) == []
    assert jobs.newest_run(db, tenant.id, run.job_id) is None
    with pytest.raises(WrongState):
        jobs.update(db, tenant.id, run.job_id, a_spec())
    with pytest.raises(WrongState):
        jobs.resume(db, tenant.id, run.job_id)


def test_a_job_is_held_and_released_with_its_run(db: Database, tenant: Tenant) -> None:
    """The job's own mark, too, by which lists filter."""
    job, run = _queued(db, tenant)
    for _ in range(2):
        held, its_run = jobs.suspend(db, tenant.id, job.id)
        assert held.spec.suspended
        assert its_run is not None
        assert its_run.status is Status.SUSPENDED
    assert jobs.page(db, tenant.id, Query(equals={"suspended": (True,)})).count == 1
    released, its_run = jobs.resume(db, tenant.id, job.id)
    assert not released.spec.suspended
    assert its_run is not None
    assert (its_run.id, its_run.status) == (run.id, Status.QUEUED)


def test_a_job_that_was_made_suspended_begins_once(db: Database, tenant: Tenant) -> None:
    """Resuming it starts its run, resuming it again starts none."""
    spec = replace(a_spec(), suspended=True)
    job, run = jobs.create(db, tenant.id, spec, "user:ann", run_now=False)
    assert run is None
    assert jobs.cancel(db, tenant.id, job.id) == []
    started = {jobs.resume(db, tenant.id, job.id)[1] for _ in range(2)}
    assert len(started) == 1
    assert runs.page(db, tenant.id, Query()).count == 1


def test_a_job_is_changed_with_the_run_that_waits(db: Database, tenant: Tenant) -> None:
    """Not once it has begun."""
    job, run = _queued(db, tenant)
    spec = replace(a_spec(), title="Changed")
    changed, its_run = jobs.update(db, tenant.id, job.id, spec)

    assert changed.spec.title == "Changed"
    assert its_run is not None
    assert its_run.spec.title == "Changed"
    assert changed.updated_at > job.updated_at
    runs.begin(db, tenant.id, run.id, archive_id="a", certificate_fingerprint="")
    with pytest.raises(WrongState):
        jobs.update(db, tenant.id, job.id, spec)


def test_a_run_names_the_first_file_that_is_left(db: Database, tenant: Tenant) -> None:
    """Deleting a file tells whether there was one; a manifest goes by its name."""
    run = a_begun_run(db, tenant)
    first = an_artifact(run)
    second = replace(first, name=f"second-{first.name}", part=2)
    manifest = a_manifest(run)
    publish(db, run, [first, second], manifest=manifest)

    assert files.delete(db, tenant.id, first.name)
    assert not files.delete(db, tenant.id, first.name)
    assert runs.get(db, tenant.id, run.id).first_file == second.name
    assert files.delete(db, tenant.id, manifest.name)
    assert files.find(db, tenant.id, second.name) is not None


def test_lists_order_by_what_a_job_was_asked(db: Database, tenant: Tenant) -> None:
    """By each of these columns, jobs and runs alike, an absent moment first."""
    windows = (Window(start=LATER), Window(), Window(start=NOON, end=LATER))
    made = []
    for number, window in enumerate(windows):
        spec = replace(
            a_spec(),
            window=window,
            description="cab"[number] * 5000,
            media=("x" * 300, "b") if number else (),
            split_bytes=9 - number,
            attachments=number == 1,
        )
        made.append(jobs.create(db, tenant.id, spec, "", run_now=True)[0].id)
    first, second, third = made
    expected = {
        "date_from": [second, third, first],
        "date_to": [first, second, third],
        "description": [second, third, first],
        "media": [first, second, third],
        "split_bytes": [third, second, first],
        "attachments": [first, third, second],
        "progress": [first, second, third],
    }
    for order, ids in expected.items():
        of_jobs = jobs.page(db, tenant.id, Query(order=order)).items
        of_runs = runs.page(db, tenant.id, Query(order=order)).items
        assert [job.id for job, _ in of_jobs] == ids, order
        assert [run.job_id for run in of_runs] == ids, order
    for order in ("file_name", "size"):
        assert jobs.page(db, tenant.id, Query(order=order)).count == 3
