"""`/export/history`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cxport.api.auth import Use
from cxport.api.bulk import LEFT_IDS, deleted, ids
from cxport.api.errors import no_404
from cxport.api.jobs import ORDER
from cxport.api.legacy import Paging, SignedIn, documented
from cxport.api.paging import given, whole
from cxport.api.shapes import JobProgress, progress_of
from cxport.api.v4.shapes import JobInfo, JobPage, job_info, job_page

router = APIRouter(prefix="/export/history", tags=["history"])

_ORDER = {**ORDER, "type": "data_type", "parentId": "job_id"}


@router.get("", response_model=JobPage, responses=documented(204, 400))
def list_history(  # noqa: PLR0913 - the contract's parameters
    *,
    caller: SignedIn,
    services: Use,
    paging: Paging,
    title: str | None = None,
    file_name: Annotated[str | None, Query(alias="fileName")] = None,
    type_: Annotated[str | None, Query(alias="type")] = None,
    status: str | None = None,
) -> JobPage | Response:
    """List history records; 204 where none matches."""
    query = paging.query(
        _ORDER,
        contains=given(
            {
                "title": ("title", title),
                "file_name": ("fileName", file_name),
                "data_type": ("type", type_),
            }
        ),
    )
    page = services.history.page(caller, query, status=status or "")
    return job_page(page) if page.count else Response(status_code=204)


@router.delete(
    "",
    status_code=204,
    response_class=Response,
    responses={**documented(400), **LEFT_IDS},
)
def delete_histories(
    job_ids: Annotated[str, Query(alias="jobIDs")], caller: SignedIn, services: Use
) -> Response:
    """Delete history records (comma-separated ids) with their files; 500 names what was not."""
    return deleted(services.history.delete_all(caller, ids("jobIDs", job_ids)))


@router.get("/{id}", responses=documented(400, 404))
def get_history(id: str, caller: SignedIn, services: Use) -> JobInfo:  # noqa: A002 - the contract's name
    """Give a history record by its own id, or the newest by its job's."""
    return job_info(services.history.get(caller, whole("id", id)))


@router.delete("/{id}", status_code=204, response_class=Response, responses=documented(400))
def delete_history(id: str, caller: SignedIn, services: Use) -> None:  # noqa: A002 - the contract's name
    """Delete a history record that has ended, with its files and its manifest, at once."""
    with no_404():
        services.history.delete(caller, whole("id", id))


@router.get("/{id}/progress", responses=documented(400))
def get_progress(id: str, caller: SignedIn, services: Use) -> JobProgress:  # noqa: A002 - the contract's name
    """Give how far a run has come; the contract prints no 404 here, so an unknown id is a 400."""
    with no_404():
        return progress_of(services.history.get(caller, whole("id", id)))
