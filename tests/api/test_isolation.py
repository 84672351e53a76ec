"""Two tenants: neither sees, opens or detects what the other has."""

from __future__ import annotations

import pytest

from tests.api.installation import Account, Installation


@pytest.fixture
def neighbour(installation: Installation, certificate: bytes) -> Account:
    """Give another tenant."""
    found = installation.new_tenant()
    found.upload(certificate)
    return found


def test_anothers_ids_and_names_are_unknown_ones(tenant: Account, neighbour: Account) -> None:
    """Status, headers and body are those of an id or name that nobody has, byte for byte."""
    for _ in range(3):
        neighbour.create_job()  # so that its ids are larger than any of ours
    run, files = neighbour.finished_run(b"theirs")
    manifest = f"export-{run.archive_id}.manifest.json"
    pairs = [
        (path.format(item_id), path.format(9_999_999))
        for item_id in (run.id, run.job_id)
        for path in ("/export/jobs/{}", "/export/history/{}", "/export/history/{}/progress")
    ]
    pairs += [
        (f"/files/{name}", f"/files/export-unknown{name[-6:]}")
        for name in (files[0].name, manifest)
    ]
    pairs += [
        (f"/export/history?jobId={run.job_id}", "/export/history?jobId=9999999"),
        (f"/file-metadatas?historyId={run.id}", "/file-metadatas?historyId=9999999"),
    ]
    for theirs, unknown in pairs:
        found, expected = tenant.get(theirs), tenant.get(unknown)
        assert neighbour.get(theirs).status_code in {200, 303}, theirs
        assert (found.status_code, found.content) == (expected.status_code, expected.content)
        assert found.headers == expected.headers, theirs


def test_lists_hold_ones_own(tenant: Account, neighbour: Account) -> None:
    """Jobs, history, files, sources and the certificate are each tenant's own."""
    neighbour.finished_run(b"theirs")
    assert tenant.get("/export/jobs").status_code == 204
    assert tenant.get("/export/history").status_code == 204
    assert tenant.get("/file-metadatas").json()["count"] == 0
    neighbour.upload(b"", "x")
    assert tenant.get("/cipher").json()["ccid"] == tenant.credentials.tenant


def test_anothers_source_is_unknown(
    tenant: Account, installation: Installation, certificate: bytes
) -> None:
    """A job cannot name it, and the refusal does not list it."""
    without = installation.new_tenant(source=False)
    without.upload(certificate)
    answer = without.create_job(source="History")
    assert answer.json()["status"]["detail"]["field"] == "source"
    assert "History" not in answer.json()["status"]["detail"]["expected"]
    assert tenant.create_job(source="History").status_code == 202


def test_ids_tell_nothing_about_others(tenant: Account, neighbour: Account) -> None:
    """Each tenant's sequence is its own."""
    for _ in range(5):
        neighbour.create_job()
    assert tenant.create_job().json()["id"] == 1
