"""Files and links to them, as every version answers for them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from cxport.api.bulk import words
from cxport.api.shapes import PreSignedUri
from cxport.domain.tenant import Caller
from cxport.services import Services
from cxport.services.files import FilesMissing

#: The fields of a row that can be ordered by, but for `type`.
ORDER = {
    "name": "name",
    "size": "size",
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
#: Links are not kept by anyone, nor told to the next host.
_PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
#: The answer that names the files that are missing.
MISSING: dict[int | str, dict[str, Any]] = {
    404: {"model": list[PreSignedUri], "description": "the names that were not found"}
}
SEE_OTHER: dict[int | str, dict[str, Any]] = {303: {"description": "the link, in `Location`"}}


def links(caller: Caller, services: Services, names: str) -> JSONResponse:
    """Answer with a link, or an array of them where several files are named."""
    asked = words(names)
    try:
        found = services.files.links(caller, asked)
    except FilesMissing as error:
        return JSONResponse(_paths(error.names), HTTPStatus.NOT_FOUND, _PRIVATE)
    paths = _paths(found)
    return JSONResponse(paths[0] if len(asked) == 1 else paths, headers=_PRIVATE)


def redirect(caller: Caller, services: Services, name: str) -> Response:
    """Answer with a link that needs no header and lives for a minute."""
    headers = {"Location": services.files.link(caller, name), **_PRIVATE}
    return Response(status_code=HTTPStatus.SEE_OTHER, headers=headers)


def _paths(texts: tuple[str, ...]) -> list[dict[str, str]]:
    return [{"path": text} for text in texts]
