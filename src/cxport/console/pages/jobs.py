"""The jobs: a list with their latest run, of which one or many can be acted on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.acts import Act
from cxport.console.guard import GuardedRoute
from cxport.console.listing import Column, Listing, read_listing
from cxport.console.pages.job_actions import JOBS, PATH
from cxport.console.rendering import Page, render
from cxport.console.schedule_words import rhythm
from cxport.console.visit import Member
from cxport.domain import listing as found
from cxport.domain.access import Action
from cxport.domain.catalogue import Family
from cxport.domain.job import FREQUENCIES
from cxport.domain.run import Status
from cxport.services.jobs import JobState

router = APIRouter(route_class=GuardedRoute)

_STATUSES = {status.value: f"status.{status}" for status in Status}
_FAMILIES = {family.value: f"family.{family}" for family in Family}
_KINDS = {kind: f"scheduleType.{kind}" for kind in ("immediate", *FREQUENCIES, "cron")}

_COLUMNS = (
    Column(key="title", term="title", searched=True),
    Column(key="source", term="source", searched=True, minor=True),
    Column(key="type", term="type", choices=_FAMILIES, minor=True),
    Column(key="status", term="status", choices=_STATUSES),
    Column(
        key="schedule", label="field.scheduleType", term="schedule_type", choices=_KINDS, minor=True
    ),
    Column(key="last", label="field.lastRun", term="last_run_at"),
    Column(key="next", label="field.nextRun", term="next_tick_at", minor=True),
)


@dataclass(frozen=True, kw_only=True)
class JobsPage(Page):
    """A page of the list, and what may be done to the jobs in it."""

    template: ClassVar[str] = "jobs.html"
    tab: ClassVar[str] = "jobs"
    heading: ClassVar[str] = "page.jobs"
    listing: Listing
    rows: found.Page[JobState]
    #: The actions that this reader's roles allow, in their order.
    actions: dict[str, Act[int]]
    now: datetime
    may_create: bool
    rhythm = staticmethod(rhythm)


@router.get(PATH)
def list_jobs(visit: Member) -> Response:
    """Show the jobs that the address asks for."""
    wanted = read_listing(visit.request, PATH, _COLUMNS, sort="last", descending=True)
    page = JobsPage(
        listing=wanted,
        rows=visit.services.jobs.page(visit.caller, wanted.query),
        actions=JOBS.open_to(visit),
        now=visit.services.clock(),
        may_create=visit.may(Action.JOB_CREATE),
    )
    return render(visit, page)
