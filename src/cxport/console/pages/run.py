"""One run: how far it is, what came of it, and each of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.acts import Act
from cxport.console.guard import GuardedRoute
from cxport.console.listing import Column, Listing, read_listing
from cxport.console.pages.run_actions import PATH, RUNS, possible
from cxport.console.rendering import Page, redirect, render
from cxport.console.timeline import Bar, Timeline, timeline_of
from cxport.console.visit import Member
from cxport.domain.artifact import manifest_name
from cxport.domain.run import PUBLISHED, Run, Status

router = APIRouter(route_class=GuardedRoute)

#: The parts have one order, that of their numbers.
_COLUMNS = (Column(key="part", term="part"),)


@dataclass(frozen=True, kw_only=True)
class RunPage(Page):
    """A run with a page of its parts."""

    template: ClassVar[str] = "run.html"
    tab: ClassVar[str] = "history"
    heading: ClassVar[str] = "page.run"
    run: Run
    #: The ticks that it covers, in their order.
    ticks: tuple[datetime, ...]
    actions: Mapping[str, Act[int]]
    timeline: Timeline
    bars: tuple[Bar, ...]
    parts: int
    done: int
    listing: Listing
    now: datetime

    @property
    def has_files(self) -> bool:
        """Whether there are files and a manifest, or were until lately."""
        return self.run.status in PUBLISHED - {Status.EXPIRED, Status.NO_DATA}


@router.get(PATH + "/{run_id:int}")
def show(visit: Member, run_id: int) -> Response:
    """Show a run, by its own id or by its job's the newest."""
    run, parts = visit.services.history.detail(visit.caller, run_id)
    now = visit.services.clock()
    line, sensible = timeline_of(run, now), possible(run)
    listing = read_listing(visit.request, f"{PATH}/{run_id}", _COLUMNS, sort="part")
    shown = parts[listing.query.offset : listing.query.offset + listing.size]
    page = RunPage(
        run=run,
        ticks=visit.services.history.covered(visit.caller, run.id),
        actions={word: act for word, act in RUNS.open_to(visit).items() if word in sensible},
        timeline=line,
        bars=tuple(map(line.bar, shown)),
        parts=len(parts),
        done=sum(part.result is not None for part in parts),
        listing=listing,
        now=now,
    )
    return render(visit, page)


@router.get(PATH + "/{run_id:int}/manifest")
def download_manifest(visit: Member, run_id: int) -> Response:
    """Lead to the manifest; NotFound where there is none."""
    run, _ = visit.services.history.detail(visit.caller, run_id)
    return redirect(visit, visit.services.files.link(visit.caller, manifest_name(run.archive_id)))
