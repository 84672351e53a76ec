"""`/version`."""

from __future__ import annotations

from fastapi import APIRouter, Request

from cxport.api.shapes import VersionInfo, version_info

router = APIRouter(tags=["version"])


@router.get("/version")
def get_version(request: Request) -> VersionInfo:
    """Say what serves; neither key nor token is needed."""
    return version_info(request.app.state.settings)
