"""The administration: what a tenant's administrators look after, a module for each section."""

from __future__ import annotations

from fastapi import APIRouter, Response

from cxport.console.guard import GuardedRoute
from cxport.console.pages.administration import (
    audit,
    clients,
    keys,
    limits,
    made,
    notice,
    notices,
    roles,
    sessions,
    source,
    sources,
    users,
)
from cxport.console.rendering import redirect
from cxport.console.sections import PATH, SECTIONS
from cxport.console.visit import Member

router = APIRouter(route_class=GuardedRoute)


@router.get(PATH)
def go_to_first_section(visit: Member) -> Response:
    """Send whoever opens the tab to the first section; it says whom to ask, where it must."""
    return redirect(visit, SECTIONS[0].path)


for _page in (
    sources,
    source,
    users,
    roles,
    keys,
    clients,
    sessions,
    notices,
    notice,
    made,
    limits,
    audit,
):
    router.include_router(_page.router)
