"""`/version`."""

from __future__ import annotations

from fastapi import APIRouter, Request

from cxport import __version__
from cxport.api.settings import ApiSettings
from cxport.api.v10.shapes import VersionInfo

router = APIRouter(tags=["version"])


@router.get("/version")
def get_version(request: Request) -> VersionInfo:
    """Say what serves; neither key nor token is needed."""
    settings: ApiSettings = request.app.state.settings
    return VersionInfo(
        version=__version__,
        build_number=settings.build_number,
        changeset=settings.changeset,
        name="CXPort",
    )
