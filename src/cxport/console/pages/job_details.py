"""One job: what it is set to in words, when it runs next, how its last runs went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console.acts import Act
from cxport.console.guard import GuardedRoute
from cxport.console.pages.job_actions import JOBS, PATH
from cxport.console.pages.job_upcoming import Preview, shown
from cxport.console.rendering import Page, redirect, render
from cxport.console.schedule_words import period_words
from cxport.console.visit import Member
from cxport.console.wording import Wording
from cxport.domain import listing
from cxport.domain.access import Action
from cxport.domain.catalogue import DataType
from cxport.domain.filter import Filter
from cxport.domain.job import Job
from cxport.domain.listing import Query
from cxport.domain.run import Run
from cxport.domain.tick import Tick
from cxport.services.jobs import JobState

router = APIRouter(route_class=GuardedRoute)

#: Runs and ticks that are shown; the history has all runs.
_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class JobPage(Page):
    """A job, and what its reader may do with it."""

    template: ClassVar[str] = "job.html"
    tab: ClassVar[str] = "jobs"
    heading: ClassVar[str] = "job.heading"
    path: str
    state: JobState
    #: What it exports, in words: label and value.
    settings: tuple[tuple[str, str], ...]
    preview: Preview
    runs: listing.Page[Run]
    #: The newest ticks, and how each was met.
    ticks: listing.Page[Tick]
    actions: dict[str, Act[int]]
    may_change: bool
    may_copy: bool


@router.get(PATH + "/{job_id:int}")
def show(visit: Member, job_id: int) -> Response:
    """Show a job; the id of a run leads to its job. Raises NotFound."""
    found = visit.services.jobs.get(visit.caller, job_id)
    if isinstance(found, Run):
        return redirect(visit, f"{PATH}/{found.job_id}")
    newest = Query(order="id", descending=True, limit=_SHOWN)
    page = JobPage(
        path=f"{PATH}/{job_id}",
        state=found,
        settings=tuple(_settings(found.job, visit.wording)),
        preview=shown(visit, visit.services.schedules.of_job(visit.caller, job_id)),
        runs=visit.services.history.page(visit.caller, newest, item_id=job_id),
        ticks=visit.services.history.ticks(visit.caller, job_id, 0, _SHOWN)[0],
        actions=JOBS.open_to(visit),
        may_change=visit.may(Action.JOB_UPDATE) and _untouched(found),
        may_copy=visit.may(Action.JOB_CREATE),
    )
    return render(visit, page)


def _untouched(state: JobState) -> bool:
    """Tell whether no run has begun, so that the job can still be changed."""
    run = state.run
    return run is None or (run.started_at is None and not run.status.ended)


def _settings(job: Job, wording: Wording) -> list[tuple[str, str]]:
    """Say what a job exports and how, leaving out what it does not ask for."""
    spec, text = job.spec, wording.text
    records = spec.tables is None
    said = [
        ("field.source", f"{spec.source} ({text(f'family.{spec.family}')})"),
        ("field.type", text(f"dataType.{spec.data_type}") if records else spec.data_type),
        ("editor.period", period_words(spec, wording)),
    ]
    if spec.data_type == DataType.INTERACTION and records:
        entities = (text(f"entity.{one}") for one in spec.entities)
        said += [
            ("editor.entities", ", ".join(entities)),
            ("field.media", ", ".join(spec.media) or text("job.allMedia")),
            ("field.exportAttachments", text("job.yes" if spec.attachments else "job.no")),
        ]
    said += [("job.condition", _condition(one, wording)) for one in spec.filters]
    said += [
        ("editor.profile", text(f"profile.{spec.profile}")),
        ("field.fileSplitSize", spec.split_text or wording.size(spec.split_bytes)),
        ("editor.format", text("editor.records" if records else "editor.tables")),
    ]
    if spec.priority:
        said.append(("editor.priority", str(spec.priority)))
    if spec.spreadsheet_safe:
        said.append(("editor.spreadsheetSafe", text("job.yes")))
    return said


def _condition(condition: Filter, wording: Wording) -> str:
    values = ", ".join(
        str(one).lower() if isinstance(one, bool) else str(one) for one in condition.values
    )
    return f"{condition.attribute} {wording.text(f'operator.{condition.operator}')} {values}"
