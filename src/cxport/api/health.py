"""Whether the service lives, and whether it can work."""

from __future__ import annotations

from fastapi import APIRouter

from cxport.api.auth import Use

router = APIRouter(prefix="/health", include_in_schema=False)


@router.get("/live")
def live() -> dict[str, str]:
    """Answer as long as the process can."""
    return {"status": "alive"}


@router.get("/ready")
def ready(services: Use) -> dict[str, str]:
    """Answer 200 where the store answers, else 503."""
    services.ping()
    return {"status": "ready"}
