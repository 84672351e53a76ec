"""What the job editor is open for: a new job, one like another, or a change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from cxport.console.pages.job_actions import PATH, stored
from cxport.console.pages.job_editor_page import CloneJobPage, EditJobPage, JobEditorPage
from cxport.console.visit import MemberVisit
from cxport.domain.access import Action
from cxport.domain.errors import NotAllowed
from cxport.domain.job import JobSpec
from cxport.domain.said import Said
from cxport.services.job_request import JobRequest
from cxport.services.jobs import JobState


@dataclass(frozen=True, kw_only=True)
class Task:
    """What the editor is open for: whom it is for, and what saving does."""

    page: type[JobEditorPage]
    path: str
    back: str
    save: Callable[[JobRequest], JobState]
    stored: JobSpec | None = None


def creating(visit: MemberVisit) -> Task:
    """Give the task of making a job; raises NotAllowed."""
    _require(visit, Action.JOB_CREATE)
    return Task(
        page=JobEditorPage,
        path=f"{PATH}/new",
        back=PATH,
        save=lambda request: visit.services.jobs.create(visit.caller, request),
    )


def cloning(visit: MemberVisit, item_id: int) -> tuple[Task, JobSpec]:
    """Give the task of making a job like that of an id, a job's or a run's; raises NotFound too."""
    spec, job_id = stored(visit, item_id)
    task = replace(
        creating(visit),
        page=CloneJobPage,
        path=f"{PATH}/{item_id}/clone",
        back=f"{PATH}/{job_id}",
        stored=spec,
    )
    return task, spec


def editing(visit: MemberVisit, item_id: int) -> tuple[Task, JobSpec]:
    """Give the task of changing the job of an id, its own or a run's; raises NotFound too."""
    _require(visit, Action.JOB_UPDATE)
    spec, job_id = stored(visit, item_id)
    task = Task(
        page=EditJobPage,
        path=f"{PATH}/{job_id}/edit",
        back=f"{PATH}/{job_id}",
        save=lambda request: visit.services.jobs.update(visit.caller, job_id, request),
        stored=spec,
    )
    return task, spec


def _require(visit: MemberVisit, action: Action) -> None:
    """Refuse the page as well, not only what its button does."""
    if not visit.may(action):
        raise NotAllowed(Said("the caller's roles do not allow {action}", action=action))
