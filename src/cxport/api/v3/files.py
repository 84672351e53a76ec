"""`/file-metadatas` and `/files`."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from cxport.api import files
from cxport.api.auth import Use
from cxport.api.bulk import LEFT_NAMES, deleted, words
from cxport.api.legacy import Paging, SignedIn, documented
from cxport.api.paging import given
from cxport.api.shapes import FilePage, PreSignedUri, file_metadata
from cxport.domain.errors import InvalidInput
from cxport.domain.said import Said
from cxport.services.values import moment

router = APIRouter(tags=["files"])

_ORDER = {**files.ORDER, "type": "data_type"}


@router.get("/file-metadatas", responses=documented(400))
def list_files(  # noqa: PLR0913 - the contract's parameters
    *,
    caller: SignedIn,
    services: Use,
    paging: Paging,
    start_date: Annotated[str | None, Query(alias="startDate")] = None,
    end_date: Annotated[str | None, Query(alias="endDate")] = None,
    name: str | None = None,
    job_title: Annotated[str | None, Query(alias="jobTitle")] = None,
    type_: Annotated[str | None, Query(alias="type")] = None,
) -> FilePage:
    """List files that can be downloaded; `startDate <= uploadDate < endDate`."""
    start, end = moment("startDate", start_date or ""), moment("endDate", end_date or "")
    query = paging.query(
        _ORDER,
        contains=given(
            {
                "name": ("name", name),
                "title": ("jobTitle", job_title),
                "data_type": ("type", type_),
            }
        ),
        at_least={"uploaded_at": start} if start else {},
        before={"uploaded_at": end} if end else {},
    )
    page = services.files.page(caller, query)
    now = services.clock()
    items = [file_metadata(artifact, artifact.data_type, now) for artifact in page.items]
    return FilePage(count=page.count, offset=page.offset, items=items, size=page.limit)


@router.get(
    "/files",
    response_model=PreSignedUri | list[PreSignedUri],
    responses={**documented(400), **files.MISSING},
)
def get_links(caller: SignedIn, services: Use, filename: str | None = None) -> Response:
    """Give links that live for 15 minutes: one for one name, an array for several."""
    return files.links(caller, services, filename or "")


@router.delete(
    "/files",
    status_code=204,
    response_class=Response,
    responses={**documented(400), **LEFT_NAMES},
)
def delete_files(filename: str, caller: SignedIn, services: Use) -> Response:
    """Delete files, from storage too; one that is gone already counts as deleted."""
    names = words(filename)
    if not names:
        raise InvalidInput.at("filename", Said("nothing named"), Said("names, separated by commas"))
    return deleted(services.files.delete_all(caller, names))


@router.get(
    "/files/{filename}",
    status_code=303,
    response_class=Response,
    responses={**files.SEE_OTHER, **documented(404)},
)
def download_file(filename: str, caller: SignedIn, services: Use) -> Response:
    """Answer with a link that needs no header and lives for a minute."""
    return files.redirect(caller, services, filename)


@router.delete(
    "/files/{filename}", status_code=204, response_class=Response, responses=documented()
)
def delete_file(filename: str, caller: SignedIn, services: Use) -> None:
    """Delete a file, from storage too; one that is gone already counts as deleted."""
    services.files.delete(caller, filename)
