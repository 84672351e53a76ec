"""Cancel, suspend, resume and change: what each does to a job and to one run of it."""

from __future__ import annotations

import pytest

from cxport.domain.run import PartResult, Run, Status
from cxport.domain.selection import Part
from cxport.store import jobs, runs, work
from tests.api.installation import Account, error_of, job_body
from tests.store.samples import a_result


def _job(account: Account, **changed: object) -> tuple[int, Run]:
    """Create a job and give its id and its queued run."""
    created = account.create_job(**changed).json()["id"]
    run = jobs.newest_run(account.installation.db, account.tenant_id, created)
    assert run is not None
    return created, run


def _begin(account: Account, run: Run) -> Run:
    db = account.installation.db
    return runs.begin(
        db, account.tenant_id, run.id, archive_id="a-b", certificate_fingerprint="f" * 64
    )


def _status(account: Account, item_id: int) -> str:
    found: str = account.get(f"/export/jobs/{item_id}").json()["status"]
    return found


def _act(account: Account, word: str, item_id: int) -> int:
    return account.call("POST", f"/export/jobs/{word}/{item_id}").status_code


def _waiting(account: Account, run: Run) -> bool:
    found = work.queued(account.installation.db)
    return any(one[:2] == (account.tenant_id, run.id) for one in found)


def test_a_waiting_run_is_cancelled_at_once(tenant: Account) -> None:
    """Cancelled by its job's id or its own, again without effect; the engine is not given it."""
    for by_job in (True, False):
        job_id, run = _job(tenant)
        item_id = job_id if by_job else run.id
        answer = tenant.call("POST", f"/export/jobs/cancel/{item_id}")

        assert (answer.status_code, answer.content) == (200, b"")
        assert _status(tenant, job_id) == _status(tenant, run.id) == "Cancelled"
        assert not _waiting(tenant, run)
        assert _act(tenant, "cancel", item_id) == 200


def test_a_run_in_progress_is_cancelled_by_its_worker(tenant: Account) -> None:
    """It is Cancelling until the worker sees it; again without effect, and it cannot be held."""
    job_id, run = _job(tenant)
    _begin(tenant, run)

    assert _act(tenant, "cancel", job_id) == 200
    assert _status(tenant, run.id) == "Cancelling"
    assert _act(tenant, "cancel", run.id) == 200
    error = error_of(tenant.call("POST", f"/export/jobs/suspend/{run.id}"), 400)
    assert error["detail"] == {"state": "cancelling"}


def test_what_has_ended_is_neither_held_nor_cancelled(tenant: Account) -> None:
    """400 with the state it is in, by the job's id and by the record's."""
    run, _ = tenant.finished_run(b"x")
    for word in ("cancel", "suspend", "resume"):
        for item_id in (run.id, run.job_id):
            error = error_of(tenant.call("POST", f"/export/jobs/{word}/{item_id}"), 400)
            assert error["detail"] == {"state": "completed"}
            assert "Completed" in error["message"]


def test_a_suspended_job_starts_nothing_until_it_is_resumed(tenant: Account) -> None:
    """Its waiting run is held with it, each answer is JobInfo, and both are idempotent."""
    job_id, run = _job(tenant)
    for _ in range(2):
        held = tenant.call("POST", f"/export/jobs/suspend/{job_id}")
        assert held.status_code == 200
        assert held.json()["status"] == "Suspended"
        assert not _waiting(tenant, run)
    assert tenant.get("/export/jobs?suspend=true").json()["count"] == 1
    for _ in range(2):
        resumed = tenant.call("POST", f"/export/jobs/resume/{job_id}")
        assert resumed.json()["status"] == "Queued"
        assert _waiting(tenant, run)
    assert tenant.get("/export/jobs?suspend=true").status_code == 204


def test_a_run_goes_on_from_the_parts_that_are_done(tenant: Account) -> None:
    """Suspended in the middle by its own id, and resumed: the next stint keeps what there is."""
    db = tenant.installation.db
    job_id, queued = _job(tenant)
    run = _begin(tenant, queued)
    work.mark_submitted(db, tenant.tenant_id, run.id)
    plan = [Part(number=number, slices=()) for number in (1, 2)]
    runs.save_plan(db, tenant.tenant_id, run.id, 1, plan, 10, numbered=True)
    runs.start_part(db, tenant.tenant_id, run.id, 1, 1)

    answer = tenant.call("POST", f"/export/jobs/suspend/{run.id}")
    runs.finish_part(db, tenant.tenant_id, run.id, 1, 1, 1, a_result(), ())

    assert (answer.json()["id"], answer.json()["parentId"]) == (run.id, job_id)
    assert tenant.get("/export/jobs?suspend=true").status_code == 204
    assert not _waiting(tenant, run)
    assert _act(tenant, "resume", run.id) == 200
    assert _waiting(tenant, run)
    assert _begin(tenant, run).attempt == 3
    done = [part.result is not None for part in runs.parts(db, tenant.tenant_id, run.id)]
    assert done == [True, False]


def test_cancelling_a_held_run_removes_what_it_had_stored(tenant: Account) -> None:
    """Nobody will read it any more."""
    db, blobs = tenant.installation.db, tenant.installation.blobs
    _, queued = _job(tenant)
    run = _begin(tenant, queued)
    runs.save_plan(db, tenant.tenant_id, run.id, 1, [Part(number=1, slices=())], 1, numbered=False)
    runs.start_part(db, tenant.tenant_id, run.id, 1, 1)
    result: PartResult = a_result(object_key=f"{tenant.tenant_id}/part")
    blobs.put(result.object_key, [b"sealed"])
    runs.finish_part(db, tenant.tenant_id, run.id, 1, 1, 1, result, ())
    _act(tenant, "suspend", run.id)

    assert _act(tenant, "cancel", run.id) == 200
    assert list(blobs.keys(f"{tenant.tenant_id}/")) == []


def test_a_job_made_suspended_runs_when_it_is_resumed(tenant: Account) -> None:
    """It is stored and waits; resuming it starts the run it was to have at once."""
    before = len(tenant.installation.queued)
    created = tenant.create_job(suspended=True).json()

    assert (created["status"], created["progress"]) == ("Suspended", 0)
    assert tenant.get("/export/history").status_code == 204
    assert len(tenant.installation.queued) == before
    assert _act(tenant, "suspend", created["id"]) == 200
    assert _act(tenant, "cancel", created["id"]) == 200
    progress = tenant.get(f"/export/history/{created['id']}/progress").json()
    assert progress == {"progress": 0, "status": "Suspended"}
    assert _act(tenant, "resume", created["id"]) == 200
    assert _act(tenant, "resume", created["id"]) == 200
    assert tenant.get("/export/history").json()["count"] == 1
    assert len(tenant.installation.queued) > before


def test_an_updated_job_runs_as_updated(tenant: Account) -> None:
    """What waits to run is changed with it, the list finds it by what it is now."""
    job_id, run = _job(tenant, title="Old", jobParams__media=["chat"])
    body = job_body(title="New", jobParams__media=["email"], jobParams__exportAttachments=True)
    answer = tenant.call("PUT", f"/export/jobs/{job_id}", json=body)

    assert answer.status_code == 200
    assert (answer.json()["title"], answer.json()["media"]) == ("New", ["email"])
    changed = runs.get(tenant.installation.db, tenant.tenant_id, run.id)
    assert changed.spec.selection().media == ("email",)
    assert changed.spec.attachments
    for path in ("/export/jobs", "/export/history"):
        assert tenant.get(f"{path}?title=new").json()["count"] == 1
        assert tenant.get(f"{path}?title=old").status_code == 204
    assert _waiting(tenant, run)


def test_an_update_may_hold_a_job_and_let_it_go(tenant: Account) -> None:
    """`suspended` is a field of the job like any other."""
    job_id, run = _job(tenant)
    tenant.call("PUT", f"/export/jobs/{job_id}", json=job_body(suspended=True))
    assert _status(tenant, job_id) == "Suspended"
    assert not _waiting(tenant, run)
    tenant.call("PUT", f"/export/jobs/{job_id}", json=job_body())
    assert _waiting(tenant, run)
    held = tenant.create_job(suspended=True).json()["id"]
    tenant.call("PUT", f"/export/jobs/{held}", json=job_body())
    assert _status(tenant, held) == "Queued"


def test_only_a_job_that_has_not_started_is_updated(tenant: Account) -> None:
    """400 in progress, when suspended in the middle, when ended, and when its record is gone."""
    job_id, run = _job(tenant)
    _begin(tenant, run)
    ended, _ = tenant.finished_run(b"x")
    gone, _ = tenant.finished_run(b"x")
    tenant.call("DELETE", f"/export/history/{gone.id}")

    def refused(item_id: int) -> str:
        error = error_of(tenant.call("PUT", f"/export/jobs/{item_id}", json=job_body()), 400)
        state: str = error["detail"]["state"]
        return state

    assert refused(job_id) == "inProgress"
    _act(tenant, "suspend", run.id)
    assert refused(run.id) == "suspended"
    assert refused(ended.job_id) == "completed"
    assert refused(gone.job_id) == "expired"
    error_of(tenant.call("PUT", "/export/jobs/999", json=job_body()), 404)


def test_a_wrong_update_changes_nothing(tenant: Account) -> None:
    """It is checked as a new job is, and names the field."""
    job_id, _ = _job(tenant, title="Kept")
    body = job_body(title="New", jobParams__media=["smoke"])
    error = error_of(tenant.call("PUT", f"/export/jobs/{job_id}", json=body), 400)
    assert error["detail"]["field"] == "jobParams.media"
    assert tenant.get(f"/export/jobs/{job_id}").json()["title"] == "Kept"


@pytest.mark.parametrize("word", ["cancel", "suspend", "resume"])
def test_an_id_that_is_none_is_refused(tenant: Account, word: str) -> None:
    """400 for what is no number, 404 for a number that nobody has."""
    error_of(tenant.call("POST", f"/export/jobs/{word}/one"), 400)
    error_of(tenant.call("POST", f"/export/jobs/{word}/{'9' * 30}"), 404)


def test_a_cancelled_job_is_not_resumed(tenant: Account) -> None:
    """Its run has ended, and nothing comes after it."""
    job_id, run = _job(tenant)
    _act(tenant, "cancel", job_id)
    for item_id in (job_id, run.id):
        error_of(tenant.call("POST", f"/export/jobs/resume/{item_id}"), 400)
    assert runs.get(tenant.installation.db, tenant.tenant_id, run.id).status is Status.CANCELLED
