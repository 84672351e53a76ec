"""`/export/history`: what has run, by the id of a job or of a record."""

from __future__ import annotations

from cxport.domain.job import JobSpec
from cxport.store import jobs, runs
from tests.api.installation import Account, Installation, error_of, names_of


def test_a_finished_run_is_shown_whole(tenant: Account) -> None:
    """A record names its job, its first file and the size of all its files."""
    run, files = tenant.finished_run(b"first", b"second!")
    found = tenant.get(f"/export/history/{run.id}").json()

    assert {
        "id": run.id,
        "parentId": run.job_id,
        "status": "Completed",
        "progress": 100,
        "fileName": files[0].name,
        "fileSize": 12,
    } == {
        key: found[key] for key in ("id", "parentId", "status", "progress", "fileName", "fileSize")
    }
    job = tenant.get(f"/export/jobs/{run.job_id}").json()
    assert {**found, "id": run.job_id, "parentId": None, "createdDate": job["createdDate"]} == job


def test_a_jobs_id_gives_its_newest_run(tenant: Account) -> None:
    """Scripts poll with the id that POST gave them."""
    job_id = tenant.create_job().json()["id"]

    record = tenant.get(f"/export/history/{job_id}").json()
    assert record["parentId"] == job_id
    assert tenant.get(f"/export/history/{record['id']}").json() == record
    for item_id in (job_id, record["id"]):
        progress = tenant.get(f"/export/history/{item_id}/progress")
        assert progress.json() == {"progress": 0, "status": "Queued"}


def test_before_its_first_run_a_job_stands_for_itself(
    tenant: Account, installation: Installation
) -> None:
    """Its own state, with progress 0."""
    spec = JobSpec(source="History", family="UCS", data_type="Interaction", title="t")  # type: ignore[arg-type]
    job, _ = jobs.create(installation.db, tenant.tenant_id, spec, "user:ann", run_now=False)

    found = tenant.get(f"/export/history/{job.id}").json()
    assert (found["id"], found["status"], found["progress"]) == (job.id, "Scheduled", 0)
    progress = tenant.get(f"/export/history/{job.id}/progress")
    assert progress.json() == {"progress": 0, "status": "Scheduled"}


def test_a_run_under_way_tells_its_progress(tenant: Account, installation: Installation) -> None:
    """Percent of the estimate, and the label of its state."""
    run_id = tenant.create_job().json()["id"] + 1
    db = installation.db
    run = runs.begin(db, tenant.tenant_id, run_id, archive_id="a", certificate_fingerprint="f")
    runs.fail(db, tenant.tenant_id, run_id, run.attempt, "the source does not answer")

    assert tenant.get(f"/export/history/{run_id}/progress").json()["status"] == "Failed"


def test_an_unknown_id_of_progress_is_400(tenant: Account) -> None:
    """The contract prints no 404 there, so it is a 400 that says `not found`."""
    error = error_of(tenant.get("/export/history/999/progress"), 400)
    assert error["message"] == "not found"
    assert error_of(tenant.get("/export/history/x/progress"), 400)["detail"]["field"] == "id"


def test_no_history_is_204(tenant: Account) -> None:
    """An empty list is 204, as printed."""
    assert tenant.get("/export/history").status_code == 204
    tenant.create_job()
    assert tenant.get("/export/history?status=failed").status_code == 204


def test_the_list_filters(tenant: Account) -> None:
    """By job or record id exactly, by status in value or label, and by text in part."""
    done, files = tenant.finished_run(b"x", title="Done")
    tenant.create_job(title="Waiting")
    waiting = tenant.get("/export/history?status=Queued").json()["items"][0]

    def ids(query: str) -> list[int]:
        answer = tenant.get(f"/export/history?{query}")
        return names_of(answer.json()["items"], "id") if answer.status_code == 200 else []

    assert ids(f"jobId={done.job_id}") == [done.id]
    assert ids(f"jobId={done.id}") == [done.id]
    assert ids("jobId=99999") == []
    assert ids("status=COMPLETED") == [done.id]
    assert ids("status=queued") == [waiting["id"]]
    assert ids("status=ue") == [waiting["id"]]
    assert ids("status=nothing") == []
    assert ids(f"fileName={files[0].name[:12].upper()}") == [done.id]
    assert ids("title=wait&source=HIST&type=UCS") == [waiting["id"]]
    assert ids("descAsc=true&orderField=title") == [waiting["id"], done.id]
    assert ids("bgUpdate=TRUE") == [done.id, waiting["id"]]


def test_a_job_id_that_is_no_number_is_400(tenant: Account) -> None:
    """`jobId` is compared exactly, so it has to be a number."""
    assert error_of(tenant.get("/export/history?jobId=x"), 400)["detail"]["field"] == "jobId"


def test_every_field_of_a_row_orders(tenant: Account) -> None:
    """Each field of jobs and of records, both ways, as numbers, times or folded text."""
    for number, media in enumerate(([], ["chat"], ["voice", "chat"])):
        tenant.create_job(
            title=f"Title {number}",
            description=str(9 - number),
            timeFrame={"dateFrom": f"2026-0{number + 1}-01"},
            jobParams__media=media,
            jobParams__fileSplitSize=("", "9MB", "100MB")[number],
            jobParams__exportAttachments=number == 1,
        )
    tenant.finished_run(b"done", title="title 1")
    sizes = {"": 512 << 20, "9MB": 9_000_000, "100MB": 100_000_000}
    for path in ("/export/jobs", "/export/history"):
        for field in tenant.get(path).json()["items"][0]:
            for descending in (False, True):
                query = f"{path}?orderField={field}&descAsc={descending}"
                values = [item[field] for item in tenant.get(query).json()["items"]]
                if field == "fileSplitSize":
                    values = [sizes[value] for value in values]
                keys = [value.casefold() if isinstance(value, str) else value for value in values]
                if field == "media":
                    keys = [",".join(value) for value in values]
                if path.endswith("jobs") and field == "parentId":
                    assert keys == [None] * 4
                    continue
                if field != "status":  # in the order of its values, not of its labels
                    assert keys == sorted(keys, reverse=descending), (path, field)


def test_a_job_id_finds_its_records(tenant: Account) -> None:
    """`jobId` is the record's own id or its job's, exactly."""
    run, _ = tenant.finished_run(b"x")
    tenant.finished_run(b"y")
    for item_id in (run.id, run.job_id):
        page = tenant.get(f"/export/history?jobId={item_id}").json()
        assert names_of(page["items"], "id") == [run.id]
