"""What can be done to jobs, one or many: some of it only after a second page has asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Response

from cxport.console.bulk import each
from cxport.console.confirm import ConfirmPage
from cxport.console.guard import GuardedRoute
from cxport.console.notices import Kind, Notice
from cxport.console.rendering import own_path, redirect, render
from cxport.console.settings import PREFIX
from cxport.console.visit import Author, MemberVisit
from cxport.domain.access import Action
from cxport.domain.errors import NotFound
from cxport.domain.run import Run
from cxport.domain.tenant import Caller
from cxport.services.jobs import Jobs

router = APIRouter(route_class=GuardedRoute)

PATH = f"{PREFIX}/jobs"


@dataclass(frozen=True, kw_only=True)
class JobAction:
    """An action: whom it is open to, what it does, and whether it asks first."""

    icon: str
    needs: Action
    act: Callable[[Jobs, Caller, int], object]
    asks: bool = False


#: By the word that stands in the address and in the labels, in the order of the buttons.
ACTIONS = {
    "suspend": JobAction(icon="player-pause", needs=Action.JOB_SUSPEND, act=Jobs.suspend),
    "resume": JobAction(icon="player-play", needs=Action.JOB_RESUME, act=Jobs.resume),
    "cancel": JobAction(icon="player-stop", needs=Action.JOB_CANCEL, act=Jobs.cancel, asks=True),
    "delete": JobAction(icon="trash", needs=Action.JOB_DELETE, act=Jobs.delete, asks=True),
}


@router.post(PATH + "/{word}")
def act_on_jobs(
    visit: Author,
    word: str,
    ids: Annotated[list[int], Form()] = [],  # noqa: B006 - FastAPI copies it
    back: Annotated[str, Form()] = PATH,
    *,
    confirmed: Annotated[bool, Form()] = False,
) -> Response:
    """Do it to the jobs that were ticked, and say how it went; NotFound for no such action."""
    action = ACTIONS.get(word)
    if action is None:
        raise NotFound
    if not ids:
        nothing = Notice(kind=Kind.WARNING, text=visit.wording.text("message.nothingSelected"))
        return redirect(visit, own_path(back), nothing)
    if action.asks and not confirmed:
        names = [(one, _title(visit, one)) for one in dict.fromkeys(ids)]
        page = ConfirmPage(subject="jobs", word=word, items=tuple(names), back=own_path(back))
        return render(visit, page)
    outcome = each(
        ids,
        lambda one: _title(visit, one),
        lambda one: action.act(visit.services.jobs, visit.caller, one),
    )
    return redirect(visit, own_path(back), outcome.notice(visit.wording, f"done.{word}"))


def _title(visit: MemberVisit, job_id: int) -> str:
    """Name a job; NotFound for one that is not there, or is not for these eyes."""
    found = visit.services.jobs.get(visit.caller, job_id)
    return found.spec.title if isinstance(found, Run) else found.job.spec.title
