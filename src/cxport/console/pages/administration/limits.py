"""How much a tenant may have, and how long its files are kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response

from cxport.console.guard import GuardedRoute
from cxport.console.mistakes import Mistakes, done, mistakes_of, whole_number
from cxport.console.rendering import render
from cxport.console.sections import PATH, SectionPage
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain.errors import InvalidInput
from cxport.domain.tenant import Retention, Usage

router = APIRouter(route_class=GuardedRoute)

_PATH = f"{PATH}/limits"


@dataclass(frozen=True, kw_only=True)
class LimitsPage(SectionPage):
    """What holds, and the form for what the tenant may change itself."""

    template: ClassVar[str] = "administration/limits.html"
    heading: ClassVar[str] = "admin.limits"
    section: ClassVar[str] = "limits"
    usage: Usage
    retention: Retention
    days: str
    mistakes: Mistakes = field(default_factory=dict)


@router.get(_PATH)
def show_limits(visit: Member) -> Response:
    """Show them."""
    return render(visit, _page(visit))


@router.post(_PATH)
def change_retention(visit: Author, days: Annotated[str, Form()] = "") -> Response:
    """Have files kept for so many days; empty: as many as there may be."""
    try:
        kept = visit.services.retentions.change(visit.caller, whole_number("days", days))
    except InvalidInput as error:
        page = _page(visit, days, mistakes_of(error, visit.wording))
        return render(visit, page, HTTPStatus.BAD_REQUEST)
    return done(visit, _PATH, "admin.done.retention", days=visit.wording.number(kept.days))


def _page(
    visit: MemberVisit, days: str | None = None, mistakes: Mistakes | None = None
) -> LimitsPage:
    retention = visit.services.retentions.get(visit.caller)
    own = "" if retention.own is None else str(retention.own)
    return LimitsPage(
        usage=visit.services.tenant_limits.get(visit.caller),
        retention=retention,
        days=own if days is None else days,
        mistakes=mistakes or {},
    )
