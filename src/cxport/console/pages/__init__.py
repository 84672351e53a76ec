"""The pages, a module each: its route, what it shows, and its template of the same name."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from cxport.console import assets
from cxport.console.guard import GuardedRoute
from cxport.console.pages import (
    administration,
    certificate,
    file_actions,
    files,
    history,
    job_actions,
    job_details,
    job_editor,
    job_upcoming,
    jobs,
    live,
    look,
    overview,
    preferences,
    provider_sign_in,
    run,
    run_actions,
    sign_in,
)
from cxport.console.settings import PREFIX

router = APIRouter(route_class=GuardedRoute)


@router.get("/")
@router.get(PREFIX)
def go_to_first_page() -> RedirectResponse:
    """Send whoever types the bare address to the first page."""
    return RedirectResponse(f"{PREFIX}/")


for _page in (
    *(assets, sign_in, provider_sign_in, look, overview),
    *(live, jobs, job_editor, job_upcoming, job_details, job_actions),
    *(history, run, run_actions, files, file_actions, certificate, preferences),
    administration,
):
    router.include_router(_page.router)
