"""A run once more, and what becomes of its files: our own API, and what the contract answers."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from cxport.domain.run import Run, Status
from cxport.domain.tenant import Limits
from cxport.sealing.certificate import make_certificate
from cxport.store import jobs, runs
from tests.api.installation import Account, Installation, error_of

REASON = "a lawsuit in Hamburg"


def post(account: Account, path: str, **given: Any) -> httpx2.Response:
    """Ask our own API to act."""
    client = account.installation.client
    return client.post(f"/cxport/v1{path}", headers=account.headers, **given)


def hold(account: Account, run: Run) -> None:
    """Put a run under hold."""
    assert post(account, f"/runs/{run.id}/hold", json={"reason": REASON}).status_code == 200


def failed_run(tenant: Account) -> int:
    """Let a job's first run fail before it began, and give its id."""
    run_id = int(tenant.create_job().json()["id"]) + 1
    runs.fail(tenant.installation.db, tenant.tenant_id, run_id, 0, "the storage is full")
    return run_id


def test_what_is_under_hold_is_not_deleted_in_any_version(tenant: Account) -> None:
    """A single deletion is 403 with the reason, a bulk names what it left; all is still there."""
    run, (file,) = tenant.finished_run(b"evidence")
    hold(tenant, run)
    client, headers = tenant.installation.client, tenant.headers

    record, named = f"export/history/{run.id}", f"files/{file.name}"
    for path in (f"v10/{named}", f"v10/{record}", f"v4/{record}", f"v3/{named}"):
        error = error_of(client.delete(f"/udm/{path}", headers=headers), 403)
        assert REASON in error["message"]
        assert error["detail"] == {"hold": REASON}
    records, names = f"export/history?jobIDs={run.id}", f"files?filename={file.name}"
    bulks = {f"v10/{names}": file.name, f"v10/{records}": run.id, f"v4/{records}": run.id}
    for path, left in {**bulks, f"v3/{names}": file.name}.items():
        answer = client.delete(f"/udm/{path}", headers=headers)
        assert (answer.status_code, answer.json()) == (500, [left])
    assert tenant.get(f"/files/{file.name}").status_code == 303
    manifest = f"export-{run.archive_id}.manifest.json"
    error_of(tenant.call("DELETE", f"/files/{manifest}"), 403)


def test_a_hold_is_told_and_released(tenant: Account) -> None:
    """Who, when and why stand with the run; the first reason stays; then deletion works again."""
    run, (file,) = tenant.finished_run(b"evidence")
    hold(tenant, run)
    again = post(tenant, f"/runs/{run.id}/hold", json={"reason": "another"}).json()["hold"]

    assert (again["reason"], again["by"]) == (REASON, f"client:{tenant.credentials.client_id}")
    assert again["date"]
    for _ in range(2):
        assert post(tenant, f"/runs/{run.id}/release").json()["hold"] is None
    assert tenant.call("DELETE", f"/files/{file.name}").status_code == 204


def test_a_hold_needs_a_reason(tenant: Account) -> None:
    """An empty one, or none, is 400 and names the field."""
    run, _ = tenant.finished_run(b"x")
    for verb in ("hold", "revoke"):
        for body in ({"reason": " "}, {"reason": "x" * 501}, {}):
            error = error_of(post(tenant, f"/runs/{run.id}/{verb}", json=body), 400)
            assert error["detail"]["field"] == "reason"


def test_under_hold_a_file_does_not_expire(own: Installation, certificate: bytes) -> None:
    """It is listed and opened after its time; released, it goes."""
    tenant = own.new_tenant()
    tenant.upload(certificate)
    run, (file,) = tenant.finished_run(b"evidence")
    hold(tenant, run)
    own.clock.advance(days=31)
    tenant.token = tenant.sign_in(grant_type="client_credentials").json()["access_token"]

    assert tenant.get("/file-metadatas").json()["count"] == 1
    assert tenant.get(f"/files/{file.name}").status_code == 303

    post(tenant, f"/runs/{run.id}/release")

    assert tenant.get("/file-metadatas").json()["count"] == 0
    error_of(tenant.get(f"/files/{file.name}"), 404)


def test_what_is_revoked_is_gone_at_once(tenant: Account) -> None:
    """Files, manifest, links and objects go before their time; the record says who, when, why."""
    run, (file,) = tenant.finished_run(b"secret")
    _, (other,) = tenant.finished_run(b"other")
    link = tenant.get(f"/files/{file.name}").headers["location"]

    for _ in range(2):
        told = post(tenant, f"/runs/{run.id}/revoke", json={"reason": "sent in error"}).json()

    assert told["revoked"]["reason"] == "sent in error"
    assert told["status"] == "expired"
    error_of(tenant.installation.client.get(link), 404)
    for name in (file.name, f"export-{run.archive_id}.manifest.json"):
        error_of(tenant.get(f"/files/{name}"), 404)
    names = [row["name"] for row in tenant.get("/file-metadatas").json()["items"]]
    assert names == [other.name]
    assert not (tenant.installation.objects / file.object_key).exists()
    assert tenant.get(f"/export/history/{run.id}").json()["fileName"] == ""


def test_what_is_under_hold_is_not_revoked(tenant: Account) -> None:
    """403 with the reason."""
    run, (file,) = tenant.finished_run(b"evidence")
    hold(tenant, run)
    error = error_of(post(tenant, f"/runs/{run.id}/revoke", json={"reason": "x"}), 403)
    assert error["detail"] == {"hold": REASON}
    assert tenant.get(f"/files/{file.name}").status_code == 303


def test_a_failed_run_is_retried_as_itself(tenant: Account) -> None:
    """It is queued again under its own id; asked twice it is queued once."""
    run_id = failed_run(tenant)
    queued = len(tenant.installation.queued)

    for _ in range(2):
        told = post(tenant, f"/runs/{run_id}/retry")
        assert (told.status_code, told.json()["status"]) == (202, "queued")

    assert (told.json()["id"], told.json()["reason"]) == (run_id, "")
    assert len(tenant.installation.queued) > queued, "nobody was told"
    assert tenant.get("/export/history").json()["count"] == 1


def test_only_what_failed_is_retried(tenant: Account) -> None:
    """400 that names the state."""
    run, _ = tenant.finished_run(b"x")
    error = error_of(post(tenant, f"/runs/{run.id}/retry"), 400)
    assert error["detail"] == {"state": "completed"}


def test_a_retry_needs_a_valid_certificate(own: Installation) -> None:
    """Where it has expired meanwhile, 400 says to upload another one, and nothing changes."""
    tenant = own.new_tenant()
    tenant.upload(make_certificate("company", 1, 2048)[1])
    run_id = failed_run(tenant)
    own.clock.advance(days=2)
    tenant.token = tenant.sign_in(grant_type="client_credentials").json()["access_token"]
    for verb in ("retry", "rerun"):
        error = error_of(post(tenant, f"/runs/{run_id}/{verb}"), 400)
        assert error["detail"]["field"] == "certificate"
    assert runs.get(own.db, tenant.tenant_id, run_id).status is Status.FAILED


def test_a_run_is_run_anew(tenant: Account) -> None:
    """A further run of its job with its specification; asked twice there is one, until it ended."""
    run, _ = tenant.finished_run(b"x")
    made = [post(tenant, f"/runs/{run.id}/rerun").json() for _ in range(2)]

    assert made[0] == made[1]
    assert (made[0]["jobId"], made[0]["rerunOf"]) == (run.job_id, run.id)
    assert runs.get(tenant.installation.db, tenant.tenant_id, made[0]["id"]).spec == run.spec
    assert tenant.get(f"/export/history/{run.job_id}").json()["id"] == made[0]["id"]
    error_of(post(tenant, f"/runs/{made[0]['id']}/rerun"), 400)
    runs.cancel(tenant.installation.db, tenant.tenant_id, made[0]["id"])
    assert post(tenant, f"/runs/{run.id}/rerun").json()["id"] > made[0]["id"]


def test_a_copy_waits_until_it_is_resumed(tenant: Account) -> None:
    """Suspended, with all that the job asks for; asked twice there is one, until it is used."""
    schedule = {"cron": "0 3 * * *"}
    job_id = tenant.create_job(schedulerParam=schedule, jobParams__priority=3).json()["id"]
    made = [post(tenant, f"/jobs/{job_id}/clone") for _ in range(2)]

    assert {answer.status_code for answer in made} == {201}
    (copy_id,) = {answer.json()["id"] for answer in made}
    db = tenant.installation.db
    origin, copy = (jobs.get(db, tenant.tenant_id, one).spec for one in (job_id, copy_id))
    assert (copy.schedule, copy.priority, copy.suspended) == (origin.schedule, 3, True)
    assert made[0].json()["title"] == "Weekly chats (copy)"
    assert jobs.newest_run(db, tenant.tenant_id, copy_id) is None
    assert tenant.call("POST", f"/export/jobs/resume/{copy_id}").status_code == 200
    assert post(tenant, f"/jobs/{job_id}/clone").json()["id"] > copy_id


def test_a_copy_of_a_run_exports_its_window_once(tenant: Account) -> None:
    """A moving window stands still in the copy, and no schedule comes with it."""
    body = {"timeFrame": {"relative": "P1D"}, "schedulerParam": {"immediately": True}}
    job_id = tenant.create_job(**body).json()["id"]
    run = jobs.newest_run(tenant.installation.db, tenant.tenant_id, job_id)
    assert run is not None
    copy_id = post(tenant, f"/jobs/{run.id}/clone").json()["id"]

    copy = jobs.get(tenant.installation.db, tenant.tenant_id, copy_id).spec
    assert (copy.window, copy.relative) == (run.spec.window, "")
    tenant.call("POST", f"/export/jobs/resume/{copy_id}")
    found = jobs.newest_run(tenant.installation.db, tenant.tenant_id, copy_id)
    assert found is not None
    assert found.spec.window == run.spec.window


@pytest.mark.parametrize(
    ("limits", "expected"),
    [(Limits(queued_runs=1), "wait already"), (Limits(daily_bytes=1), "a day")],
)
def test_beyond_its_limits_a_tenant_is_told_when_to_come_again(
    tenant: Account, limits: Limits, expected: str
) -> None:
    """429 with Retry-After for what somebody asks for, and nothing is stored; then it works."""
    run, _ = tenant.finished_run(b"four")
    assert tenant.create_job().status_code == 202
    tenants = tenant.installation.services.tenants
    tenants.set_limits(tenant.credentials.tenant, limits)
    before = tenant.get("/export/history").json()["count"]

    for answer in (tenant.create_job(), post(tenant, f"/runs/{run.id}/rerun")):
        error = error_of(answer, 429)
        assert expected in error["message"]
        assert int(answer.headers["retry-after"]) > 0
    assert tenant.get("/export/history").json()["count"] == before
    tenants.set_limits(tenant.credentials.tenant, Limits())
    assert tenant.create_job().status_code == 202
