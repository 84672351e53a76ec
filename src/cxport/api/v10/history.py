"""`/export/history`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import Malformed, documented
from cxport.api.paging import Paging, given, whole
from cxport.api.v10.shapes import JobInfo, JobPage, JobProgress, job_info, progress_of
from cxport.domain.errors import NotFound

router = APIRouter(prefix="/export/history", tags=["history"])

_ORDER = {
    "id": "id",
    "parentId": "job_id",
    "title": "title",
    "type": "type",
    "source": "source",
    "status": "status",
    "fileName": "file_name",
    "fileSize": "size",
    "createdDate": "created_at",
}


@router.get("", response_model=JobPage, responses=documented(204, 400))
def list_history(  # noqa: PLR0913 - the contract's parameters
    *,
    caller: SignedIn,
    services: Use,
    paging: Paging,
    job_id: Annotated[str | None, Query(alias="jobId")] = None,
    type_: Annotated[str | None, Query(alias="type")] = None,
    file_name: Annotated[str | None, Query(alias="fileName")] = None,
    status: str | None = None,
    title: str | None = None,
    source: str | None = None,
) -> JobPage | Response:
    """List history records; 204 where none matches."""
    query = paging.query(
        _ORDER,
        contains=given(
            {
                "type": ("type", type_),
                "file_name": ("fileName", file_name),
                "title": ("title", title),
                "source": ("source", source),
            }
        ),
    )
    item_id = whole("jobId", job_id) if job_id else None
    page = services.history.page(caller, query, item_id=item_id, status=status or "")
    if not page.count:
        return Response(status_code=204)
    items = [job_info(run) for run in page.items]
    return JobPage(count=page.count, offset=page.offset, items=items, size=page.limit)


@router.get("/{id}", responses=documented(400, 404))
def get_history(id: str, caller: SignedIn, services: Use) -> JobInfo:  # noqa: A002 - the contract's name
    """Give a history record by its own id, or the newest by its job's."""
    return job_info(services.history.get(caller, whole("id", id)))


@router.get("/{id}/progress", responses=documented(400))
def get_progress(id: str, caller: SignedIn, services: Use) -> JobProgress:  # noqa: A002 - the contract's name
    """Give how far a run has come; the contract prints no 404 here, so an unknown id is a 400."""
    try:
        return progress_of(services.history.get(caller, whole("id", id)))
    except NotFound as error:
        raise Malformed("not found", "id") from error
