"""The history: every run, of which one or many can be acted on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.acts import Act
from cxport.console.guard import GuardedRoute
from cxport.console.listing import Column, Listing, read_listing
from cxport.console.pages.run_actions import PATH, RUNS
from cxport.console.rendering import Page, render
from cxport.console.visit import Member
from cxport.domain import listing as found
from cxport.domain.catalogue import Family
from cxport.domain.run import Run, Status

router = APIRouter(route_class=GuardedRoute)

_STATUSES = {one.value: f"status.{one}" for one in Status if one is not Status.SCHEDULED}
_FAMILIES = {family.value: f"family.{family}" for family in Family}

_COLUMNS = (
    Column(key="title", term="title", searched=True),
    Column(key="source", term="source", searched=True, minor=True),
    Column(key="type", term="type", choices=_FAMILIES, minor=True),
    Column(key="status", term="status", choices=_STATUSES),
    Column(key="created", label="field.createdDate", term="created_at", daily=True),
    Column(key="rows", term="rows", numeric=True, minor=True),
    Column(key="size", term="size", numeric=True, minor=True),
    Column(key="job", label="field.jobId", term="job_id", numbered=True, hidden=True),
)


@dataclass(frozen=True, kw_only=True)
class HistoryPage(Page):
    """A page of the list, and what may be done to the runs in it."""

    template: ClassVar[str] = "history.html"
    tab: ClassVar[str] = "history"
    heading: ClassVar[str] = "page.history"
    listing: Listing
    rows: found.Page[Run]
    #: The acts that this reader's roles allow, in their order.
    actions: dict[str, Act[int]]
    now: datetime


@router.get(PATH)
def list_runs(visit: Member) -> Response:
    """Show the runs that the address asks for."""
    wanted = read_listing(visit.request, PATH, _COLUMNS, sort="created", descending=True)
    page = HistoryPage(
        listing=wanted,
        rows=visit.services.history.page(visit.caller, wanted.query),
        actions=RUNS.open_to(visit),
        now=visit.services.clock(),
    )
    return render(visit, page)
