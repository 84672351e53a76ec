"""What can be done to runs, one or many, from the list and from a run's own page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from cxport.console.acts import Act, Answers, Subject, answers
from cxport.console.guard import GuardedRoute
from cxport.console.settings import PREFIX
from cxport.console.visit import Author, MemberVisit
from cxport.domain.access import Action
from cxport.domain.run import Run, Status

router = APIRouter(route_class=GuardedRoute)

PATH = f"{PREFIX}/history"


def _title(visit: MemberVisit, run_id: int) -> str:
    return visit.services.history.detail(visit.caller, run_id)[0].spec.title


RUNS = Subject[int](
    name="runs",
    path=PATH,
    acts={
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
        "delete": Act(
            icon="trash",
            needs=Action.RUN_DELETE,
            do=lambda visit, one, _: visit.services.history.delete(visit.caller, one),
            asks=True,
        ),
    },
    name_of=_title,
)


def possible(run: Run) -> frozenset[str]:
    """Give the words of what makes sense with a run as it stands; the services decide."""
    if run.status.ended:
        return frozenset({"delete"})
    words = {"cancel"} if run.status is not Status.CANCELLING else set[str]()
    if run.status is Status.SUSPENDED:
        words.add("resume")
    if run.status in {Status.QUEUED, Status.IN_PROGRESS}:
        words.add("suspend")
    return frozenset(words)


@router.post(PATH + "/{word}")
def act_on_runs(
    visit: Author,
    word: str,
    said: Annotated[Answers, Depends(answers)],
    ids: Annotated[list[int], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Do it to the runs that were ticked, and say how it went; NotFound for no such act."""
    return RUNS.perform(visit, word, ids, said)
