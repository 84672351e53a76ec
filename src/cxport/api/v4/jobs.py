"""`/export/jobs`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cxport.api.auth import Use
from cxport.api.bulk import LEFT_IDS, deleted, ids
from cxport.api.errors import no_404
from cxport.api.jobs import ORDER, warn_of_unknown
from cxport.api.json_body import StrictRoute
from cxport.api.legacy import Flag, Paging, SignedIn, documented
from cxport.api.paging import boolean, given, whole
from cxport.api.v4.job_body import Job, JobUpdate
from cxport.api.v4.shapes import (
    JobInfo,
    JobPage,
    JobStored,
    OperationAnswer,
    job_info,
    job_page,
    job_stored,
)
from cxport.telemetry import traces

router = APIRouter(prefix="/export/jobs", tags=["jobs"], route_class=StrictRoute)

_ORDER = {**ORDER, "type": "data_type", "parentId": "id"}


@router.get("", response_model=JobPage, responses=documented(204, 400))
def list_jobs(  # noqa: PLR0913 - the contract's parameters
    *,
    caller: SignedIn,
    services: Use,
    paging: Paging,
    title: str | None = None,
    type_: Annotated[str | None, Query(alias="type")] = None,
    schedule_type: Annotated[str | None, Query(alias="scheduleType")] = None,
    suspend: Annotated[Flag, Query()] = None,
) -> JobPage | Response:
    """List jobs; 204 where none matches."""
    suspended = boolean("suspend", suspend)
    query = paging.query(
        _ORDER,
        contains=given(
            {
                "title": ("title", title),
                "data_type": ("type", type_),
                "schedule_type": ("scheduleType", schedule_type),
            }
        ),
        equals={} if suspended is None else {"suspended": (suspended,)},
    )
    page = services.jobs.page(caller, query)
    return job_page(page) if page.count else Response(status_code=204)


@router.post("", status_code=202, responses=documented(400))
def create_job(body: Job, response: Response, caller: SignedIn, services: Use) -> JobInfo:
    """Create a job, and begin its run where it says `immediately` and is not suspended."""
    created = services.jobs.create(caller, body.request())
    traces.note_job(created.job.id)
    warn_of_unknown(response, body.unknown())
    return job_info(created)


@router.delete(
    "",
    status_code=204,
    response_class=Response,
    responses={**documented(400), **LEFT_IDS},
)
def delete_jobs(
    job_ids: Annotated[str, Query(alias="jobIDs")], caller: SignedIn, services: Use
) -> Response:
    """Delete jobs (comma-separated ids); their records stay; 500 names what was not deleted."""
    return deleted(services.jobs.delete_all(caller, ids("jobIDs", job_ids)))


@router.post("/cancel/{id}", responses=documented(400, 404))
def cancel_job(id: str, caller: SignedIn, services: Use) -> OperationAnswer:  # noqa: A002 - the contract's name
    """Cancel a run, or a job's current or waiting one; its schedule stays."""
    services.jobs.cancel(caller, whole("id", id))
    return OperationAnswer()


@router.post("/resume/{id}", responses=documented(400, 404))
def resume_job(id: str, caller: SignedIn, services: Use) -> OperationAnswer:  # noqa: A002 - the contract's name
    """Let a job, or one run of it, go on."""
    services.jobs.resume(caller, whole("id", id))
    return OperationAnswer()


@router.post("/suspend/{id}", responses=documented(400, 404))
def suspend_job(id: str, caller: SignedIn, services: Use) -> OperationAnswer:  # noqa: A002 - the contract's name
    """Hold a job's schedule and run, or one run: parts in hand are finished, no other begun."""
    services.jobs.suspend(caller, whole("id", id))
    return OperationAnswer()


@router.get("/{id}", responses=documented(400, 404))
def get_job(id: str, caller: SignedIn, services: Use) -> JobStored:  # noqa: A002 - the contract's name
    """Give the job that an id names, or a history record's, as it was asked for."""
    return job_stored(services.jobs.get(caller, whole("id", id)))


@router.put("/{id}", responses=documented(400, 404))
def update_job(
    id: str,  # noqa: A002 - the contract's name
    body: JobUpdate,
    response: Response,
    caller: SignedIn,
    services: Use,
) -> JobInfo:
    """Change a job of which no run has started."""
    updated = services.jobs.update(caller, whole("id", id), body.changed())
    warn_of_unknown(response, body.unknown())
    return job_info(updated)


@router.delete("/{id}", status_code=204, response_class=Response, responses=documented(400))
def delete_job(id: str, caller: SignedIn, services: Use) -> None:  # noqa: A002 - the contract's name
    """Delete a job and its schedule; its records and files stay until they expire."""
    with no_404():
        services.jobs.delete(caller, whole("id", id))
