"""What can be done to jobs, one or many."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from cxport.console.acts import Act, Answers, Subject, answers
from cxport.console.guard import GuardedRoute
from cxport.console.settings import PREFIX
from cxport.console.visit import Author, MemberVisit
from cxport.domain.access import Action
from cxport.domain.job import JobSpec
from cxport.domain.run import Run

router = APIRouter(route_class=GuardedRoute)

PATH = f"{PREFIX}/jobs"


def stored(visit: MemberVisit, item_id: int) -> tuple[JobSpec, int]:
    """Give what an id names, a job or a run, and the id of its job; raises NotFound."""
    found = visit.services.jobs.get(visit.caller, item_id)
    return (found.spec, found.job_id) if isinstance(found, Run) else (found.job.spec, found.job.id)


#: What may be done to a job and to a run alike, by the id of either.
ON_THE_WAY: dict[str, Act[int]] = {
    "suspend": Act(
        icon="player-pause",
        needs=Action.JOB_SUSPEND,
        do=lambda visit, one, _: visit.services.jobs.suspend(visit.caller, one),
    ),
    "resume": Act(
        icon="player-play",
        needs=Action.JOB_RESUME,
        do=lambda visit, one, _: visit.services.jobs.resume(visit.caller, one),
    ),
    "cancel": Act(
        icon="player-stop",
        needs=Action.JOB_CANCEL,
        do=lambda visit, one, _: visit.services.jobs.cancel(visit.caller, one),
        asks=True,
    ),
}

JOBS = Subject[int](
    name="jobs",
    path=PATH,
    acts={
        "run": Act(
            icon="player-track-next",
            needs=Action.RUN_RERUN,
            do=lambda visit, one, _: visit.services.control.run_now(visit.caller, one),
        ),
        **ON_THE_WAY,
        "delete": Act(
            icon="trash",
            needs=Action.JOB_DELETE,
            do=lambda visit, one, _: visit.services.jobs.delete(visit.caller, one),
            asks=True,
        ),
    },
    name_of=lambda visit, one: stored(visit, one)[0].title,
)


@router.post(PATH + "/{word}")
def act_on_jobs(
    visit: Author,
    word: str,
    said: Annotated[Answers, Depends(answers)],
    ids: Annotated[list[int], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Do it to the jobs that were ticked, and say how it went; NotFound for no such act."""
    return JOBS.perform(visit, word, ids, said)
