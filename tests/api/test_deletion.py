"""Deletion: what goes, what stays, and what is answered where something could not be deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cxport.domain.artifact import Artifact
from cxport.domain.errors import NotFound, ObjectMissing
from cxport.domain.run import Run
from cxport.store import files, jobs, runs
from tests.api.installation import Account, Installation, error_of


def _manifest(run: Run) -> str:
    return f"export-{run.archive_id}.manifest.json"


def _stored(account: Account, file: Artifact) -> bool:
    try:
        account.installation.blobs.size(file.object_key)
    except ObjectMissing:
        return False
    return True


def _delete(account: Account, path: str) -> tuple[int, bytes]:
    answer = account.call("DELETE", path)
    return answer.status_code, answer.content


@pytest.fixture
def waiting(tenant: Account) -> tuple[int, int]:
    """Give the ids of a job and its run that waits."""
    job_id = tenant.create_job().json()["id"]
    run = jobs.newest_run(tenant.installation.db, tenant.tenant_id, job_id)
    assert run is not None
    return job_id, run.id


@pytest.fixture
def stuck(tenant: Account) -> Iterator[Artifact]:
    """Give a file that the storage cannot delete."""
    _, (file,) = tenant.finished_run(b"stuck")
    folder = (tenant.installation.objects / file.object_key).parent
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.symlink_to(folder.name)  # a circle, which no path leads through
    yield file
    folder.unlink()
    aside.rename(folder)


def test_a_record_goes_with_its_files_and_manifest(tenant: Account) -> None:
    """At once, from lists, links and storage; its job stays, another run's files too."""
    run, gone = tenant.finished_run(b"first", b"second")
    _, kept = tenant.finished_run(b"kept")
    link = tenant.get(f"/files/{gone[0].name}").headers["location"]

    assert _delete(tenant, f"/export/history/{run.id}") == (204, b"")
    assert not any(_stored(tenant, file) for file in gone)
    assert _stored(tenant, kept[0])
    error_of(tenant.get(f"/export/history/{run.id}"), 404)
    for name in (gone[0].name, gone[1].name, _manifest(run)):
        error_of(tenant.get(f"/files/{name}"), 404)
    error_of(tenant.installation.client.get(link), 404)
    assert tenant.get("/file-metadatas").json()["count"] == 1
    assert tenant.get(f"/export/jobs/{run.job_id}").status_code == 200
    with pytest.raises(NotFound):
        files.manifest(tenant.installation.db, tenant.tenant_id, _manifest(run))


def test_a_job_shows_the_newest_run_that_is_left(tenant: Account) -> None:
    """After its last record is gone it has none, and deleting it still works."""
    run, _ = tenant.finished_run(b"x")
    _delete(tenant, f"/export/history/{run.id}")

    assert tenant.get(f"/export/history/{run.job_id}").json()["id"] == run.job_id
    assert tenant.get(f"/export/history/{run.job_id}").json()["fileName"] == ""
    assert _delete(tenant, f"/export/jobs/{run.job_id}") == (204, b"")


def test_a_job_goes_and_its_records_stay(tenant: Account) -> None:
    """Records and files stay until they expire, and are found by the job's id."""
    run, (file,) = tenant.finished_run(b"x")

    assert _delete(tenant, f"/export/jobs/{run.job_id}") == (204, b"")
    error_of(tenant.get(f"/export/jobs/{run.job_id}"), 404)
    assert tenant.get(f"/export/history/{run.id}").json()["parentId"] == run.job_id
    assert tenant.get(f"/export/history?jobId={run.job_id}").json()["count"] == 1
    assert tenant.get(f"/files/{file.name}").status_code == 303
    assert _delete(tenant, f"/export/history/{run.id}") == (204, b"")


def test_what_has_not_ended_is_cancelled_first(tenant: Account, waiting: tuple[int, int]) -> None:
    """400 that says so and names the state, whether it waits, runs or is held."""
    db = tenant.installation.db
    job_id, run_id = waiting

    def refused() -> set[str]:
        paths = (f"/export/jobs/{job_id}", f"/export/history/{run_id}")
        errors = [error_of(tenant.call("DELETE", path), 400) for path in paths]
        assert all("cancel it first" in error["message"] for error in errors)
        return {error["detail"]["state"] for error in errors}

    assert refused() == {"queued"}
    runs.suspend(db, tenant.tenant_id, run_id)
    assert refused() == {"suspended"}
    runs.resume(db, tenant.tenant_id, run_id)
    begun = runs.begin(
        db, tenant.tenant_id, run_id, archive_id="a", certificate_fingerprint="f" * 64
    )
    assert refused() == {"inProgress"}
    runs.cancel(db, tenant.tenant_id, run_id)
    assert refused() == {"cancelling"}
    runs.cancelled(db, tenant.tenant_id, run_id, begun.attempt)
    assert _delete(tenant, f"/export/history/{run_id}") == (204, b"")
    assert _delete(tenant, f"/export/jobs/{job_id}") == (204, b"")


def test_a_job_that_waits_to_be_resumed_may_go(tenant: Account) -> None:
    """Nothing runs, so nothing need be cancelled."""
    job_id = tenant.create_job(suspended=True).json()["id"]
    assert _delete(tenant, f"/export/jobs/{job_id}") == (204, b"")


def test_each_kind_of_id_has_its_own_list(tenant: Account) -> None:
    """Under jobs a record's id is not found, under history a job's; without a 404, so 400."""
    run, _ = tenant.finished_run(b"x")
    for path in (f"/export/jobs/{run.id}", f"/export/history/{run.job_id}"):
        error = error_of(tenant.call("DELETE", path), 400)
        assert (error["message"], error["detail"]) == ("not found", {"field": "id"})
    assert _delete(tenant, f"/export/jobs?jobIDs={run.id}")[0] == 500
    assert _delete(tenant, f"/export/history?jobIDs={run.job_id}")[0] == 500


@pytest.mark.parametrize("path", ["/export/history", "/export/jobs"])
def test_a_bulk_deletes_what_it_can(tenant: Account, waiting: tuple[int, int], path: str) -> None:
    """204 for all; else 500 with the array of the ids that were not, in the order asked."""
    history = path.endswith("history")
    run, _ = tenant.finished_run(b"x")
    other, _ = tenant.finished_run(b"x")
    good = [run.id, other.id] if history else [run.job_id, other.job_id]
    busy = waiting[1] if history else waiting[0]
    asked = f"888888,{good[0]},{busy}, {good[0]}"

    assert _delete(tenant, f"{path}?jobIDs={asked}") == (500, f"[888888,{busy}]".encode())
    assert _delete(tenant, f"{path}?jobIDs={good[1]}") == (204, b"")
    assert _delete(tenant, f"{path}?jobIDs={good[1]}")[0] == 500
    assert tenant.get(path).json()["count"] == 1


@pytest.mark.parametrize("path", ["/export/history", "/export/jobs"])
@pytest.mark.parametrize("query", ["", "?jobIDs=", "?jobIDs=,%20,", "?jobIDs={},x", "?jobIDs=-1"])
def test_a_bulk_that_is_not_understood_deletes_nothing(
    tenant: Account, path: str, query: str
) -> None:
    """Nothing named, or one that is no number: 400, and all is still there."""
    run, _ = tenant.finished_run(b"x")
    named = run.id if path.endswith("history") else run.job_id
    error = error_of(tenant.call("DELETE", path + query.format(named)), 400)
    assert error["detail"]["field"] == "jobIDs"
    assert tenant.get(path).json()["count"] == 1


def test_a_file_goes_from_storage_too(tenant: Account) -> None:
    """And its record names the next one; deleting what is gone counts as deleted."""
    run, (first, second) = tenant.finished_run(b"first", b"second")

    for _ in range(2):
        assert _delete(tenant, f"/files/{first.name}") == (204, b"")
    assert not _stored(tenant, first)
    assert tenant.get(f"/export/history/{run.id}").json()["fileName"] == second.name
    assert tenant.get("/file-metadatas").json()["count"] == 1
    assert tenant.get(f"/files/{_manifest(run)}").status_code == 303
    assert _delete(tenant, f"/files/{second.name}") == (204, b"")
    assert tenant.get(f"/export/history/{run.id}").json()["fileName"] == ""
    assert _delete(tenant, f"/files/{_manifest(run)}") == (204, b"")
    error_of(tenant.get(f"/files/{_manifest(run)}"), 404)


def test_an_expired_file_is_deleted_for_good(own: Installation) -> None:
    """Though it is not listed any more, what is left of it in storage goes."""
    tenant = own.new_tenant()
    _, (file,) = tenant.finished_run(b"old")
    own.clock.advance(days=31)
    tenant.token = tenant.sign_in(grant_type="client_credentials").json()["access_token"]
    assert tenant.get("/file-metadatas").json()["count"] == 0
    assert _delete(tenant, f"/files?filename={file.name},unknown.smime") == (204, b"")
    assert not _stored(tenant, file)


def test_what_the_storage_keeps_is_named(tenant: Account, stuck: Artifact) -> None:
    """A bulk answers 500 with the names; a single one with our fault; the file is still there."""
    _, (good,) = tenant.finished_run(b"good")
    asked = f"/files?filename={stuck.name},{good.name}"

    assert _delete(tenant, asked) == (500, f'["{stuck.name}"]'.encode())
    assert not _stored(tenant, good)
    assert tenant.call("DELETE", f"/files/{stuck.name}").status_code in {500, 503}
    assert tenant.get(f"/file-metadatas?name={stuck.name}").json()["count"] == 1
    record = stuck.run_id
    assert _delete(tenant, f"/export/history?jobIDs={record}") == (500, f"[{record}]".encode())
    assert tenant.get(f"/export/history/{record}").status_code == 200


def test_files_are_named_or_refused(tenant: Account) -> None:
    """Nothing named is 400."""
    for query in ("", "?filename=", "?filename=,"):
        error = error_of(tenant.call("DELETE", f"/files{query}"), 400)
        assert error["detail"]["field"] == "filename"


@pytest.mark.parametrize(
    "name",
    [
        "..%2F..%2Fetc%2Fpasswd",
        "%00",
        "CON",
        "a" * 4096,
        "%E2%80%AEx",
        "..",
        "%2e%2e%2fx",
        "a%0d%0a",
    ],
)
def test_a_hostile_name_deletes_nothing(tenant: Account, name: str) -> None:
    """It is no file of ours: gone, or no path at all; what there is stays."""
    _, (file,) = tenant.finished_run(b"x")
    for path in (f"/files/{name}", f"/files?filename={name}"):
        assert tenant.call("DELETE", path).status_code in {204, 400, 404, 405}
    assert _stored(tenant, file)
