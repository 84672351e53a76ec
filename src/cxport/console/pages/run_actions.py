"""What can be done to runs, one or many, from the list and from a run's own page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Response

from cxport.console.acts import Act, Answers, Subject, answers
from cxport.console.guard import GuardedRoute
from cxport.console.pages.job_actions import ON_THE_WAY
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
        **ON_THE_WAY,
        "retry": Act(
            icon="refresh",
            needs=Action.RUN_RETRY,
            do=lambda visit, one, _: visit.services.control.retry(visit.caller, one),
        ),
        "rerun": Act(
            icon="player-track-next",
            needs=Action.RUN_RERUN,
            do=lambda visit, one, _: visit.services.control.rerun(visit.caller, one),
        ),
        "clone": Act(
            icon="copy",
            needs=Action.JOB_CREATE,
            do=lambda visit, one, _: visit.services.control.clone(visit.caller, one),
        ),
        "hold": Act(
            icon="lock",
            needs=Action.RUN_HOLD,
            do=lambda visit, one, why: visit.services.control.hold(visit.caller, one, why),
            asks=True,
            reasoned=True,
        ),
        "release": Act(
            icon="key",
            needs=Action.RUN_HOLD,
            do=lambda visit, one, _: visit.services.control.release(visit.caller, one),
            asks=True,
        ),
        "revoke": Act(
            icon="circle-x",
            needs=Action.RUN_REVOKE,
            do=lambda visit, one, why: visit.services.control.revoke(visit.caller, one, why),
            asks=True,
            reasoned=True,
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
    words = {"clone"}
    if run.hold is not None:
        words.add("release")
    elif run.status is not Status.EXPIRED:
        words.add("hold")
    return frozenset(words | (_of_ended(run) if run.status.ended else _of_open(run)))


def _of_open(run: Run) -> set[str]:
    words = {"cancel"} if run.status is not Status.CANCELLING else set[str]()
    if run.status is Status.SUSPENDED:
        words.add("resume")
    if run.status in {Status.QUEUED, Status.IN_PROGRESS}:
        words.add("suspend")
    return words


def _of_ended(run: Run) -> set[str]:
    words = {"rerun"}
    if run.status is Status.FAILED:
        words.add("retry")
    if run.hold is None:
        words.add("delete")
        if run.status in {Status.COMPLETED, Status.COMPLETED_WITH_WARNINGS}:
            words.add("revoke")
    return words


@router.post(PATH + "/{word}")
def act_on_runs(
    visit: Author,
    word: str,
    said: Annotated[Answers, Depends(answers)],
    ids: Annotated[list[int], Form()] = [],  # noqa: B006 - FastAPI copies it
) -> Response:
    """Do it to the runs that were ticked, and say how it went; NotFound for no such act."""
    return RUNS.perform(visit, word, ids, said)
