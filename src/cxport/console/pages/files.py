"""The files that exports left behind: find them, and act on one or up to a page of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.acts import Offer
from cxport.console.guard import GuardedRoute
from cxport.console.listing import Column, Listing, read_listing
from cxport.console.pages.file_actions import FETCHING, FILES, OF_RUNS, PATH
from cxport.console.pages.run_actions import RUNS
from cxport.console.rendering import Page, redirect, render
from cxport.console.visit import Member
from cxport.domain import listing as found
from cxport.domain.artifact import Artifact
from cxport.domain.catalogue import Family

router = APIRouter(route_class=GuardedRoute)

_FAMILIES = {family.value: f"family.{family}" for family in Family}

_COLUMNS = (
    Column(key="name", label="field.fileName", term="name", searched=True),
    Column(key="title", label="field.jobTitle", term="title", searched=True, minor=True),
    Column(key="source", term="source", searched=True, minor=True),
    Column(key="type", term="type", choices=_FAMILIES, minor=True),
    Column(key="size", term="size", numeric=True),
    Column(key="made", label="field.uploadDate", term="uploaded_at", daily=True, minor=True),
    Column(key="until", label="field.expirationDate", term="expires_at"),
    Column(key="digest", label="field.sha256", term="sha256", searched=True, minor=True),
    Column(key="run", label="field.historyId", term="run_id", numbered=True, hidden=True),
)


@dataclass(frozen=True, kw_only=True)
class FilesPage(Page):
    """A page of the list, and what may be done to the files in it."""

    template: ClassVar[str] = "files.html"
    tab: ClassVar[str] = "files"
    heading: ClassVar[str] = "page.files"
    listing: Listing
    rows: found.Page[Artifact]
    #: What this reader's roles allow, in the order of the buttons.
    actions: Mapping[str, Offer]
    now: datetime
    may_download: bool

    def days_left(self, file: Artifact) -> int:
        """Give the whole days until a file goes."""
        return max(0, (file.expires_at - self.now).days)


@router.get(PATH)
def list_files(visit: Member) -> Response:
    """Show the files that the address asks for."""
    wanted = read_listing(visit.request, PATH, _COLUMNS, sort="made", descending=True)
    fetching = {word: one for word, one in FETCHING.items() if visit.may(one.needs)}
    of_runs = {word: one for word, one in RUNS.open_to(visit).items() if word in OF_RUNS}
    page = FilesPage(
        listing=wanted,
        rows=visit.services.files.page(visit.caller, wanted.query),
        actions={**fetching, **of_runs, **FILES.open_to(visit)},
        now=visit.services.clock(),
        may_download="download" in fetching,
    )
    return render(visit, page)


@router.get(PATH + "/{name}")
def download(visit: Member, name: str) -> Response:
    """Lead to a file; NotFound where there is none."""
    return redirect(visit, visit.services.files.link(visit.caller, name))
