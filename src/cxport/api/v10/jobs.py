"""`/export/jobs`."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Response

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.json_body import StrictRoute
from cxport.api.paging import Paging, boolean, given, whole
from cxport.api.v10.job_body import Job
from cxport.api.v10.shapes import JobInfo, JobPage, job_info

router = APIRouter(prefix="/export/jobs", tags=["jobs"], route_class=StrictRoute)

_ORDER = {
    "id": "id",
    "title": "title",
    "type": "type",
    "source": "source",
    "status": "status",
    "createdDate": "created_at",
}


@router.post("", status_code=202, responses=documented(400))
def create_job(body: Job, response: Response, caller: SignedIn, services: Use) -> JobInfo:
    """Create a job, and begin its run where it says `immediately`."""
    created = services.jobs.create(caller, body.request())
    if unknown := body.unknown():
        names = ", ".join(quote(name, safe=".-_ ") for name in unknown)
        response.headers["Warning"] = f'299 cxport "unknown fields were ignored: {names}"'
    return job_info(created)


@router.get("", response_model=JobPage, responses=documented(204, 400))
def list_jobs(  # noqa: PLR0913 - the contract's parameters
    *,
    caller: SignedIn,
    services: Use,
    paging: Paging,
    schedule_type: Annotated[str | None, Query(alias="scheduleType")] = None,
    type_: Annotated[str | None, Query(alias="type")] = None,
    suspend: str | None = None,
    title: str | None = None,
    source: str | None = None,
) -> JobPage | Response:
    """List jobs; 204 where none matches."""
    suspended = boolean("suspend", suspend)
    query = paging.query(
        _ORDER,
        contains=given(
            {
                "schedule_type": ("scheduleType", schedule_type),
                "type": ("type", type_),
                "title": ("title", title),
                "source": ("source", source),
            }
        ),
        equals={} if suspended is None else {"suspended": (suspended,)},
    )
    page = services.jobs.page(caller, query)
    if not page.count:
        return Response(status_code=204)
    items = [job_info(found) for found in page.items]
    return JobPage(count=page.count, offset=page.offset, items=items, size=page.limit)


@router.get("/{id}", responses=documented(400, 404))
def get_job(id: str, caller: SignedIn, services: Use) -> JobInfo:  # noqa: A002 - the contract's name
    """Give the job, or the history record, that an id names."""
    return job_info(services.jobs.get(caller, whole("id", id)))
