"""`/file-metadatas` and `/files`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cxport.api.auth import SignedIn, SignedInWithQueryKey, Use
from cxport.api.errors import documented
from cxport.api.paging import Paging, given, whole
from cxport.api.v10.shapes import FilePage, file_metadata
from cxport.services.values import moment

router = APIRouter(tags=["files"])

_ORDER = {
    "name": "name",
    "size": "size",
    "type": "type",
    "source": "source",
    "jobTitle": "title",
    "jobId": "job_id",
    "historyId": "run_id",
    "uploadDate": "uploaded_at",
    "expirationDate": "expires_at",
    "remainingDays": "expires_at",
    "rows": "rows",
    "sha256": "sha256",
    "part": "part",
    "parts": "parts",
}


@router.get("/file-metadatas", responses=documented(400))
def list_files(  # noqa: PLR0913 - the contract's parameters
    *,
    caller: SignedInWithQueryKey,
    services: Use,
    paging: Paging,
    history_id: Annotated[str | None, Query(alias="historyId")] = None,
    job_title: Annotated[str | None, Query(alias="jobTitle")] = None,
    name: str | None = None,
    type_: Annotated[str | None, Query(alias="type")] = None,
    source: str | None = None,
    start_date: Annotated[str | None, Query(alias="startDate")] = None,
    end_date: Annotated[str | None, Query(alias="endDate")] = None,
) -> FilePage:
    """List files that can be downloaded; `startDate <= uploadDate < endDate`."""
    start, end = moment("startDate", start_date or ""), moment("endDate", end_date or "")
    query = paging.query(
        _ORDER,
        contains=given(
            {
                "title": ("jobTitle", job_title),
                "name": ("name", name),
                "type": ("type", type_),
                "source": ("source", source),
            }
        ),
        equals={"run_id": (whole("historyId", history_id),)} if history_id else {},
        at_least={"uploaded_at": start} if start else {},
        before={"uploaded_at": end} if end else {},
    )
    page = services.files.page(caller, query)
    now = services.clock()
    items = [file_metadata(artifact, now) for artifact in page.items]
    return FilePage(count=page.count, offset=page.offset, items=items, size=page.limit)


@router.get(
    "/files/{filename}",
    status_code=303,
    response_class=Response,
    responses={303: {"description": "the link, in `Location`"}, **documented(404)},
)
def download_file(filename: str, caller: SignedIn, services: Use) -> Response:
    """Answer with a link that needs no header and lives for a minute."""
    headers = {
        "Location": services.files.link(caller, filename),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return Response(status_code=303, headers=headers)
