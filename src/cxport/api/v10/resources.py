"""`/resources`."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from cxport.api.v10.shapes import Labels
from cxport.services.labels import labels, language_for

router = APIRouter(prefix="/resources", tags=["resources"])


@router.get("/labels")
def get_labels(request: Request, response: Response) -> Labels:
    """Give the words that people read, in the language of `Accept-Language`; open to all."""
    language = language_for(request.headers.get("accept-language", ""))
    response.headers["Content-Language"] = language
    response.headers["Vary"] = "Accept-Language"
    return Labels(labels=dict(labels(language)), language=language)
