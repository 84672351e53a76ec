"""What somebody wants to know in the morning: what runs, what failed, what will soon be gone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.guard import GuardedRoute
from cxport.console.rendering import Page, render
from cxport.console.settings import PREFIX
from cxport.console.visit import Member, MemberVisit
from cxport.domain import listing as found
from cxport.domain.artifact import Artifact
from cxport.domain.listing import Query
from cxport.domain.run import Run, Status

router = APIRouter(route_class=GuardedRoute)

#: What is shown of each; the counts tell of all.
_SHOWN = 10
_FAILED_SINCE = timedelta(hours=24)
_EXPIRING_WITHIN = timedelta(days=3)
_GOING = (Status.IN_PROGRESS, Status.CANCELLING, Status.QUEUED)


@dataclass(frozen=True, kw_only=True)
class OverviewPage(Page):
    """The newest runs that go on or failed, and the files that go first."""

    template: ClassVar[str] = "overview.html"
    tab: ClassVar[str] = "overview"
    heading: ClassVar[str] = "page.overview"
    going: found.Page[Run]
    failed: found.Page[Run]
    expiring: found.Page[Artifact]


@router.get(f"{PREFIX}/")
def show(visit: Member) -> Response:
    """Show it, of what the reader's roles let them see."""
    now = visit.services.clock()
    soon = Query(order="expires_at", before={"expires_at": now + _EXPIRING_WITHIN}, limit=_SHOWN)
    page = OverviewPage(
        going=_runs(visit, _GOING),
        failed=_runs(visit, (Status.FAILED,), {"created_at": now - _FAILED_SINCE}),
        expiring=visit.services.files.page(visit.caller, soon),
    )
    return render(visit, page)


def _runs(
    visit: MemberVisit, statuses: tuple[Status, ...], since: Mapping[str, object] | None = None
) -> found.Page[Run]:
    query = Query(equals={"status": statuses}, at_least=since or {}, descending=True, limit=_SHOWN)
    return visit.services.history.page(visit.caller, query)
