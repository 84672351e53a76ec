"""Whether the service lives, and whether it can work."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from fastapi.responses import Response

from cxport.api.auth import Use
from cxport.api.errors import error_answer

router = APIRouter(prefix="/health", include_in_schema=False)


@router.get("/live")
def live() -> dict[str, str]:
    """Answer as long as the process can."""
    return {"status": "alive"}


@router.get("/ready", response_model=None)
def ready(services: Use) -> dict[str, str] | Response:
    """Answer 200 where all is there that is needed for work, else 503 with what is missing."""
    missing = services.health.missing()
    if missing:
        message = f"not ready: {'; '.join(missing)}"
        return error_answer(HTTPStatus.SERVICE_UNAVAILABLE, message, {"missing": missing})
    return {"status": "ready"}
