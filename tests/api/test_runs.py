"""`/cxport/v1/runs`: all that is known of a run, above all why it ended as it did."""

from __future__ import annotations

import httpx2

from cxport.domain.catalogue import Entity
from cxport.domain.selection import Part, Slice
from cxport.store import runs
from tests.api.installation import Account, Installation, error_of
from tests.api.test_audit import entries


def ask(account: Account, path: str) -> httpx2.Response:
    """Ask our own API."""
    return account.installation.client.get(path, headers=account.headers)


def test_a_failed_run_says_why(installation: Installation, tenant: Account) -> None:
    """The reason of a failed run is there in words, by its own id and by its job's."""
    job_id = tenant.create_job().json()["id"]
    run_id = job_id + 1
    runs.fail(installation.db, tenant.tenant_id, run_id, 0, "the storage of artifacts is full")

    found = ask(tenant, f"/cxport/v1/runs/{run_id}").json()

    assert (found["status"], found["label"]) == ("failed", "Failed")
    assert found["reason"] == "the storage of artifacts is full"
    assert found["jobId"] == job_id
    assert ask(tenant, f"/cxport/v1/runs/{job_id}").json() == found


def test_counts_and_parts_of_a_finished_run(tenant: Account) -> None:
    """Counts add up, and every part is told with its size."""
    run, files = tenant.finished_run(b"first", b"second!")

    found = ask(tenant, f"/cxport/v1/runs/{run.id}").json()

    counts = found["counts"]
    assert counts["selected"] == counts["exported"] + counts["skipped"]
    assert found["size"] == sum(file.size_bytes for file in files)
    assert found["progress"] == 100


def test_rate_and_remaining_time_of_a_run(installation: Installation, tenant: Account) -> None:
    """A run that is read tells both; before that they are null, never a guess."""
    run_id = tenant.create_job().json()["id"] + 1
    waiting = ask(tenant, f"/cxport/v1/runs/{run_id}").json()
    db, tenant_id = installation.db, tenant.tenant_id
    runs.begin(db, tenant_id, run_id, archive_id="a", certificate_fingerprint="f")
    part = Part(number=1, slices=(Slice(entity=Entity.CHAT),))
    runs.save_plan(db, tenant_id, run_id, 1, [part], 1_000_000, numbered=False)
    runs.start_part(db, tenant_id, run_id, 1, 1)
    runs.part_progress(db, tenant_id, run_id, 1, 1, 1, 1000)

    installation.clock.advance(seconds=10)
    going = ask(tenant, f"/cxport/v1/runs/{run_id}").json()
    installation.clock.advance(seconds=-10)

    assert (waiting["rowsPerSecond"], waiting["remainingSeconds"]) == (None, None)
    assert 50 < going["rowsPerSecond"] <= 101
    assert going["remainingSeconds"] >= 9_000


def test_the_manifest_is_given_as_stored(tenant: Account) -> None:
    """By the run's id and by its job's, on record as its download is; gone with the run."""
    run, _ = tenant.finished_run(b"sealed")
    name = f"export-{run.archive_id}.manifest.json"
    for item in (run.id, run.job_id):
        found = ask(tenant, f"/cxport/v1/runs/{item}/manifest")

        assert (found.status_code, found.content) == (200, b'{"parts": []}')
        assert found.headers["content-type"] == "application/json"
        assert entries(tenant)[-1][1:] == ("file.download", "done", name)
    assert tenant.call("DELETE", f"/export/history/{run.id}").status_code == 204
    error_of(ask(tenant, f"/cxport/v1/runs/{run.id}/manifest"), 404)


def test_a_run_without_a_manifest_has_none(tenant: Account) -> None:
    """One that waits, and a job that has not run."""
    job_id = tenant.create_job(suspended=True).json()["id"]
    waiting = tenant.create_job().json()["id"]
    for item in (job_id, waiting, waiting + 1):
        error_of(ask(tenant, f"/cxport/v1/runs/{item}/manifest"), 404)
