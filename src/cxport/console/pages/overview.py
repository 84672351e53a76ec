"""What somebody wants to know in the morning: what runs, what failed, what will soon be gone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.charts import Chart, chart
from cxport.console.guard import GuardedRoute
from cxport.console.rendering import Page, render
from cxport.console.schedule_words import rhythm
from cxport.console.settings import PREFIX
from cxport.console.visit import Member, MemberVisit
from cxport.domain import listing as found
from cxport.domain.activity import OUTCOMES, Day
from cxport.domain.artifact import Artifact
from cxport.domain.certificate import CertificateExpiring
from cxport.domain.errors import NotFound
from cxport.domain.listing import Query
from cxport.domain.run import Run, Status
from cxport.services.jobs import JobState

router = APIRouter(route_class=GuardedRoute)

#: What is shown of each; the counts tell of all.
_SHOWN = 10
_DAYS = 30
_FAILED_SINCE = timedelta(hours=24)
_EXPIRING_WITHIN = timedelta(days=3)
_GOING = (Status.IN_PROGRESS, Status.CANCELLING, Status.QUEUED)
_STILL_GOING = Query(equals={"status": _GOING}, descending=True, limit=_SHOWN)


@dataclass(frozen=True, kw_only=True)
class OverviewPage(Page):
    """The newest runs that go on or failed, what goes and what comes next, and the days past."""

    template: ClassVar[str] = "overview.html"
    tab: ClassVar[str] = "overview"
    heading: ClassVar[str] = "page.overview"
    outcomes: ClassVar[tuple[Status, ...]] = OUTCOMES
    now: datetime
    going: found.Page[Run]
    failed: found.Page[Run]
    expiring: found.Page[Artifact]
    upcoming: found.Page[JobState]
    days: tuple[Day, ...]
    runs: Chart
    rows: Chart
    size_bytes: Chart
    #: What there is to be warned of about the certificate in force, and whether there is one.
    warnings: tuple[CertificateExpiring, ...]
    certified: bool
    rhythm = staticmethod(rhythm)


@router.get(f"{PREFIX}/")
def show(visit: Member) -> Response:
    """Show it, of what the reader's roles let them see."""
    now = visit.services.clock()
    soon = Query(order="expires_at", before={"expires_at": now + _EXPIRING_WITHIN}, limit=_SHOWN)
    days = visit.services.activity.days(visit.caller, _DAYS, visit.preferences.zone)
    page = OverviewPage(
        now=now,
        going=visit.services.history.page(visit.caller, _STILL_GOING),
        failed=visit.services.activity.failed(visit.caller, now - _FAILED_SINCE, _SHOWN),
        expiring=visit.services.files.page(visit.caller, soon),
        upcoming=_upcoming(visit, now),
        days=days,
        runs=_chart(days, lambda day: [(one.value, day.runs.get(one, 0)) for one in OUTCOMES]),
        rows=_chart(days, lambda day: [("rows", day.rows)]),
        size_bytes=_chart(days, lambda day: [("bytes", day.size_bytes)]),
        warnings=tuple(visit.services.certificates.warnings(visit.caller)),
        certified=_certified(visit),
    )
    return render(visit, page)


def _upcoming(visit: MemberVisit, now: datetime) -> found.Page[JobState]:
    """Give the jobs that will run next; a tick that waits for a run to end counts as well."""
    query = Query(
        equals={"suspended": (False,)},
        at_least={"next_tick_at": now - timedelta(days=_DAYS)},
        order="next_tick_at",
        limit=_SHOWN,
    )
    return visit.services.jobs.page(visit.caller, query)


def _certified(visit: MemberVisit) -> bool:
    try:
        visit.services.certificates.in_force(visit.caller)
    except NotFound:
        return False
    return True


def _chart(days: Sequence[Day], values: Callable[[Day], Sequence[tuple[str, int]]]) -> Chart:
    return chart([(day.start, values(day)) for day in days])
