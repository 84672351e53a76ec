"""The audit record: who did what to what, with filters in the address, as a list and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response
from fastapi.responses import StreamingResponse

from cxport.console.guard import GuardedRoute
from cxport.console.listing import Column, read_listing
from cxport.console.notices import Kind, Notice
from cxport.console.pages.administration.period import PeriodListing, in_period
from cxport.console.rendering import own_path, redirect, render
from cxport.console.sections import PATH, SectionPage
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain import listing as found
from cxport.domain.audit import Act, AuditEvent, Outcome, Verdict
from cxport.domain.cell import defused
from cxport.domain.listing import Query

router = APIRouter(route_class=GuardedRoute)

_PATH = f"{PATH}/audit"
#: Entries that are read at once for a download.
_AT_ONCE = 1000

_ACTS = {act.value: f"act.{act}" for act in Act}
_OUTCOMES = {outcome.value: f"outcome.{outcome}" for outcome in Outcome}

_COLUMNS = (
    Column(key="number", label="admin.number", term="id", numeric=True, minor=True),
    Column(key="at", label="admin.at", term="at"),
    Column(key="actor", label="admin.actor", term="actor", searched=True),
    Column(key="act", label="admin.act", term="act", choices=_ACTS),
    Column(key="object", label="admin.object", term="object", searched=True),
    Column(key="outcome", label="admin.outcome", term="outcome", choices=_OUTCOMES, minor=True),
)


@dataclass(frozen=True, kw_only=True)
class AuditPage(SectionPage):
    """A page of the record."""

    template: ClassVar[str] = "administration/audit.html"
    heading: ClassVar[str] = "admin.audit"
    section: ClassVar[str] = "audit"
    listing: PeriodListing
    rows: found.Page[AuditEvent]


@router.get(_PATH)
def list_audit(visit: Member) -> Response:
    """Show what the address asks for, the newest first."""
    listing = _asked(visit)
    rows = visit.services.audit.list(visit.caller, listing.query)
    return render(visit, AuditPage(listing=listing, rows=rows))


@router.post(f"{_PATH}/check")
def check_chain(visit: Author, back: Annotated[str, Form()] = _PATH) -> Response:
    """Follow the chain from end to end, and say whether it holds."""
    verdict = visit.services.audit.check(visit.caller)
    return redirect(visit, own_path(back), _told(visit, verdict))


@router.get(f"{_PATH}.csv")
def download_audit(visit: Member) -> Response:
    """Give all that the address asks for as CSV, oldest first; no cell can become a formula."""
    query = replace(_asked(visit).query, order="id", descending=False, offset=0, limit=_AT_ONCE)
    visit.services.audit.list(visit.caller, query)  # refuses before anything is sent
    return StreamingResponse(
        _lines(visit, query),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="audit.csv"'},
    )


def _asked(visit: MemberVisit) -> PeriodListing:
    listing = read_listing(visit.request, _PATH, _COLUMNS, sort="number", descending=True)
    return in_period(visit, listing, "at")


def _told(visit: MemberVisit, verdict: Verdict) -> Notice:
    text, count = visit.wording.text, visit.wording.number(verdict.entries)
    last = text("admin.chainEnd", number=verdict.number, digest=verdict.digest)
    if verdict.fault:
        said = text("admin.chainBroken", count=count, fault=verdict.fault)
        return Notice(kind=Kind.WARNING, text=said, lines=(last,))
    return Notice(kind=Kind.SUCCESS, text=text("admin.chainHolds", count=count), lines=(last,))


def _lines(visit: MemberVisit, query: Query) -> Iterator[str]:
    """Write the record in batches, each after the last id of the one before."""
    yield _csv([("id", "time", "actor", "act", "object", "outcome", "digest")])
    after = 0
    while True:
        part = replace(query, at_least={**query.at_least, "id": after + 1})
        events = visit.services.audit.list(visit.caller, part).items
        yield _csv([_row(event) for event in events])
        if len(events) < _AT_ONCE:
            return
        after = events[-1].number


def _row(event: AuditEvent) -> tuple[object, ...]:
    entry = event.entry
    return (
        event.number,
        entry.at.isoformat(),
        defused(entry.actor),
        entry.act.value,
        defused(entry.object),
        entry.outcome.value,
        event.digest.hex(),
    )


def _csv(rows: list[tuple[object, ...]]) -> str:
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()
