"""The next runs of what stands in the job editor: a part of its page, told while one types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.guard import GuardedRoute
from cxport.console.job_errors import FormError, form_error
from cxport.console.job_form import JobForm, Typed
from cxport.console.job_words import schedule_request
from cxport.console.pages.job_actions import PATH
from cxport.console.rendering import Page, render
from cxport.console.schedule_words import in_plain_words, on_its_clock, schedule_words
from cxport.console.visit import Author, MemberVisit
from cxport.console.wording import Wording
from cxport.domain.errors import InvalidInput
from cxport.domain.selection import Window
from cxport.domain.zone import zone_of
from cxport.services.schedules import Upcoming

router = APIRouter(route_class=GuardedRoute)


@dataclass(frozen=True, kw_only=True)
class ShownRun:
    """A run that will come: on the clock of its zone, in UTC, and the period that it exports."""

    at: str
    utc: str
    window: str


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A schedule in words with its next runs, or what is wrong with it."""

    words: str = ""
    #: The expression that the words only repeat; a script may say more of it.
    cron: str = ""
    zone: str = ""
    runs: tuple[ShownRun, ...] = ()
    error: FormError | None = None


@dataclass(frozen=True, kw_only=True)
class UpcomingPart(Page):
    """That alone."""

    template: ClassVar[str] = "components/upcoming.html"
    heading: ClassVar[str] = "editor.upcoming"
    preview: Preview


@router.post(f"{PATH}/upcoming")
def show(visit: Author, form: Typed) -> Response:
    """Tell the next runs of what was typed so far."""
    return render(visit, UpcomingPart(preview=preview_of(visit, form)))


def preview_of(visit: MemberVisit, form: JobForm) -> Preview:
    """Tell when the form's job would run, or why it cannot be told."""
    try:
        return shown(visit, visit.services.schedules.preview(visit.caller, schedule_request(form)))
    except InvalidInput as error:
        return Preview(error=form_error(error))


def shown(visit: MemberVisit, upcoming: Upcoming) -> Preview:
    """Put a schedule and its next runs into the reader's words."""
    schedule, wording = upcoming.schedule, visit.wording
    return Preview(
        words=schedule_words(upcoming, wording),
        cron="" if in_plain_words(upcoming) else upcoming.cron_fields or schedule.cron,
        zone=schedule.timezone,
        runs=tuple(
            ShownRun(
                at=on_its_clock(run.at, schedule, wording),
                utc=wording.utc(run.at),
                window=_window(run.window, upcoming, visit),
            )
            for run in upcoming.runs
        ),
    )


def _window(window: Window | None, upcoming: Upcoming, visit: MemberVisit) -> str:
    """Write the span that a run exports, on the clock of its zone; empty where none moves."""
    if window is None or window.start is None or window.end is None:
        return ""
    clock = Wording(visit.wording.language, zone_of(upcoming.schedule.timezone))
    return f"{clock.moment(window.start)} – {clock.moment(window.end)}"  # noqa: RUF001 - a dash between two moments
