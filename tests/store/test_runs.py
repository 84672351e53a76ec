"""A run from its beginning to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from cxport.domain.artifact import StoredManifest
from cxport.domain.errors import NotFound, WrongState
from cxport.domain.listing import Query
from cxport.domain.run import Run, Status
from cxport.domain.tenant import Tenant
from cxport.store import files, runs, work
from cxport.store.database import Database
from tests.store.samples import (
    COUNTS,
    LATER,
    NOON,
    a_begun_run,
    a_manifest,
    a_run,
    an_artifact,
    begin,
    everything_of,
    publish,
)


def test_a_run_begins(db: Database, tenant: Tenant) -> None:
    """It is in progress, at its first attempt, with its archive and certificate."""
    run = begin(db, a_run(db, tenant))

    assert (run.status, run.attempt) == (Status.IN_PROGRESS, 1)
    assert run.started_at is not None
    assert (run.archive_id, run.certificate_fingerprint) == ("2f1e", "f" * 64)
    assert runs.get(db, tenant.id, run.id) == run


def test_a_takeover_keeps_what_the_first_start_set(db: Database, tenant: Tenant) -> None:
    """The attempt grows and the rate counts anew: start time, archive and certificate stay."""
    first = begin(db, a_run(db, tenant))

    second = runs.begin(
        db, tenant.id, first.id, archive_id="other", certificate_fingerprint="e" * 64
    )

    assert second.attempt == 2
    assert {**vars(second), "attempt": 1, "pace": first.pace} == vars(first)


@pytest.mark.parametrize("end", [Status.FAILED, Status.COMPLETED, Status.CANCELLED])
def test_a_run_that_has_ended_does_not_begin(db: Database, tenant: Tenant, end: Status) -> None:
    """The error names the state it is in."""
    run = a_begun_run(db, tenant)
    _end(db, run, end)

    with pytest.raises(WrongState) as caught:
        begin(db, run)

    assert caught.value.state == end.value


def test_an_unknown_run_is_not_found(db: Database, tenant: Tenant) -> None:
    """To be read or begun; a job's id is no run's."""
    run = a_run(db, tenant)

    for run_id in (run.job_id, 99, 10**40):
        with pytest.raises(NotFound):
            runs.get(db, tenant.id, run_id)
        with pytest.raises(NotFound):
            runs.begin(db, tenant.id, run_id, archive_id="", certificate_fingerprint="")


def test_publishing_shows_files_and_manifest(db: Database, tenant: Tenant) -> None:
    """With counts, size, reason and the first file's name in the run."""
    run = a_begun_run(db, tenant)
    artifacts = [an_artifact(run, part=part, parts=2, size_bytes=part) for part in (1, 2)]
    manifest = a_manifest(run)

    publish(
        db,
        run,
        artifacts,
        manifest=manifest,
        status=Status.COMPLETED_WITH_WARNINGS,
        reason="2 rows skipped",
    )

    ended = runs.get(db, tenant.id, run.id)
    assert (ended.status, ended.reason) == (Status.COMPLETED_WITH_WARNINGS, "2 rows skipped")
    assert (ended.counts, ended.size_bytes) == (COUNTS, 3)
    assert (ended.first_file, ended.progress) == (artifacts[0].name, 100)
    assert ended.ended_at is not None
    assert files.of_run(db, tenant.id, run.id) == artifacts
    assert files.get(db, tenant.id, artifacts[1].name, NOON) == artifacts[1]
    assert files.manifest(db, tenant.id, manifest.name) == manifest


@pytest.mark.parametrize("taken", ["file", "manifest"])
def test_publishing_shows_all_or_nothing(db: Database, tenant: Tenant, taken: str) -> None:
    """When its last file, or then its manifest, cannot be stored, nothing has changed."""
    published, run = a_begun_run(db, tenant), a_begun_run(db, tenant)
    file, manifest = an_artifact(published), a_manifest(published)
    publish(db, published, [file], manifest=manifest)
    before = everything_of(db, tenant.id)
    names = {
        "file": (file.name, "free.manifest.json"),
        "manifest": ("free.smime", manifest.name),
    }[taken]

    with pytest.raises(IntegrityError):
        publish(
            db,
            run,
            [an_artifact(run), an_artifact(run, name=names[0])],
            manifest=StoredManifest(
                name=names[1], tenant_id=tenant.id, run_id=run.id, content=b"{}"
            ),
        )

    assert everything_of(db, tenant.id) == before


@pytest.mark.parametrize("end", [Status.FAILED, Status.COMPLETED, Status.CANCELLED])
def test_ending_again_changes_nothing(db: Database, tenant: Tenant, end: Status) -> None:
    """A worker that did not hear that it was done may say so again."""
    run = a_begun_run(db, tenant)
    _end(db, run, end)
    before = everything_of(db, tenant.id)

    _end(db, run, end)

    assert everything_of(db, tenant.id) == before


def test_a_run_without_data_ends_without_files(db: Database, tenant: Tenant) -> None:
    """It has no first file and nothing is listed."""
    run = a_begun_run(db, tenant)

    publish(db, run, [], manifest=None, status=Status.NO_DATA)

    ended = runs.get(db, tenant.id, run.id)
    assert (ended.status, ended.first_file, ended.size_bytes) == (Status.NO_DATA, "", 0)
    assert files.page(db, tenant.id, Query(), NOON).count == 0


def test_a_cancelled_run_is_not_published(db: Database, tenant: Tenant) -> None:
    """Nothing of it becomes visible afterwards."""
    run = a_begun_run(db, tenant)
    runs.cancelled(db, tenant.id, run.id, run.attempt)

    with pytest.raises(WrongState, match="Cancelled"):
        publish(db, run, [an_artifact(run)])

    assert files.of_run(db, tenant.id, run.id) == []


def test_a_run_fails_with_its_reason(db: Database, tenant: Tenant) -> None:
    """Also one that never began."""
    run = a_run(db, tenant)

    runs.fail(db, tenant.id, run.id, run.attempt, "there is no certificate: upload one first")

    failed = runs.get(db, tenant.id, run.id)
    assert (failed.status, failed.attempt) == (Status.FAILED, 0)
    assert failed.reason == "there is no certificate: upload one first"


def test_a_file_is_gone_when_it_expires(db: Database, tenant: Tenant) -> None:
    """To the microsecond; the list leaves it out, and the run still knows it."""
    run = a_begun_run(db, tenant)
    file = an_artifact(run)
    publish(db, run, [file])
    last = LATER - timedelta(microseconds=1)

    assert files.get(db, tenant.id, file.name, last) == file
    assert files.page(db, tenant.id, Query(), last).items == (file,)
    with pytest.raises(NotFound):
        files.get(db, tenant.id, file.name, LATER)
    assert files.page(db, tenant.id, Query(), LATER).count == 0
    assert files.of_run(db, tenant.id, run.id) == [file]


def test_a_queued_run_waits_to_be_submitted(db: Database, tenant: Tenant) -> None:
    """Until it was, or is not queued any more; oldest first."""
    first, second, third = (a_run(db, tenant) for _ in range(3))
    work.mark_submitted(db, tenant.id, second.id)
    runs.fail(db, tenant.id, third.id, 0, "reason")

    mine = [run_id for tenant_id, run_id, _ in work.queued(db) if tenant_id == tenant.id]

    assert mine == [first.id]
    with pytest.raises(NotFound):
        work.mark_submitted(db, tenant.id, 99)


def _end(db: Database, run: Run, end: Status) -> None:
    if end is Status.FAILED:
        runs.fail(db, run.tenant_id, run.id, run.attempt, "reason")
    elif end is Status.CANCELLED:
        runs.cancelled(db, run.tenant_id, run.id, run.attempt)
    else:
        publish(db, run, [an_artifact(run)], status=end)
