"""`/retention`: how long the tenant's files are kept, for its administrator."""

from __future__ import annotations

from fastapi import APIRouter

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.extension.accounts import Body
from cxport.api.json_body import StrictRoute
from cxport.api.shapes import Answer
from cxport.domain.tenant import Retention

router = APIRouter(prefix="/retention", tags=["administration"], route_class=StrictRoute)


class RetentionChange(Body):
    """The days that files are kept; null: as many as the installation grants."""

    days: int | None


class RetentionInfo(Answer):
    """The days that hold, those that the tenant asked for, and what the installation grants."""

    days: int
    own: int | None
    most: int


@router.get("", responses=documented())
def show_retention(caller: SignedIn, services: Use) -> RetentionInfo:
    """Tell how long files are kept that appear now."""
    return _shown(services.retentions.get(caller))


@router.put("", responses=documented(400))
def change_retention(body: RetentionChange, caller: SignedIn, services: Use) -> RetentionInfo:
    """Have files kept for fewer days that appear from now on."""
    return _shown(services.retentions.change(caller, body.days))


def _shown(found: Retention) -> RetentionInfo:
    return RetentionInfo(days=found.days, own=found.own, most=found.most)
