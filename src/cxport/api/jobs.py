"""What the versions' jobs and history records share: the fields to order by, the warning."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from fastapi import Response

#: The fields that both lists can be ordered by, but for `type` and `parentId`.
ORDER = {
    "id": "id",
    "source": "source",
    "title": "title",
    "fileSplitSize": "split_bytes",
    "fileName": "file_name",
    "fileSize": "size",
    "status": "status",
    "createdDate": "created_at",
    "dateFrom": "date_from",
    "dateTo": "date_to",
    "description": "description",
    "media": "media",
    "progress": "progress",
    "exportAttachments": "attachments",
}


def warn_of_unknown(response: Response, fields: Sequence[str]) -> None:
    """Name the fields that were ignored, in a header that survives any name."""
    if fields:
        names = ", ".join(quote(name, safe=".-_ ") for name in fields)
        response.headers["Warning"] = f'299 cxport "unknown fields were ignored: {names}"'
