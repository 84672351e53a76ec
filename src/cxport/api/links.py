"""Links that end in a file: `/links/<signed>/<file name>`, from us for every storage.

Whoever holds one needs no header, and a forwarded `Authorization` is not looked at: scripts
send theirs along when they follow the redirect.
"""

from __future__ import annotations

from email.utils import format_datetime
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from cxport.api.auth import Use
from cxport.api.errors import error_answer
from cxport.api.ranges import Span, Unsatisfiable, entity_tag, wanted
from cxport.services.files import Download

router = APIRouter(include_in_schema=False)


@router.api_route("/links/{token}/{name}", methods=["GET", "HEAD"])
def follow_link(token: str, name: str, request: Request, services: Use) -> Response:
    """Stream a file, or the part of it that is asked for, in constant memory."""
    download = services.files.open(token, name)
    headers = _headers(download)
    try:
        # a range means nothing to HEAD (RFC 9110, section 14.2)
        get = request.method == "GET"
        span = wanted(request.headers, download, headers["Last-Modified"]) if get else None
    except Unsatisfiable:
        return error_answer(
            HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
            "the range lies outside the file",
            {"field": "Range", "sizeBytes": download.size_bytes},
            {"Content-Range": f"bytes */{download.size_bytes}"},
        )
    if span is not None:
        headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{download.size_bytes}"
    return _answer(request.method, download, span, headers)


def _answer(
    method: str, download: Download, span: Span | None, headers: dict[str, str]
) -> Response:
    status = HTTPStatus.OK if span is None else HTTPStatus.PARTIAL_CONTENT
    chosen = span or Span(0, download.size_bytes)
    headers["Content-Length"] = str(chosen.end - chosen.start)
    if method == "HEAD":
        return Response(status_code=status, headers=headers)
    return StreamingResponse(download.read(chosen.start, chosen.end), status, headers)


def _headers(download: Download) -> dict[str, str]:
    json_file = download.name.endswith(".json")
    return {
        "Content-Type": "application/json" if json_file else "application/octet-stream",
        # our own names are letters, digits, dots and dashes: nothing to quote
        "Content-Disposition": f'attachment; filename="{download.name}"',
        "Accept-Ranges": "bytes",
        "ETag": entity_tag(download),
        "Last-Modified": format_datetime(download.created_at, usegmt=True),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
