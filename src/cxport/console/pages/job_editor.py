"""The job editor: a new job, one like another, or a change of one that has not run yet.

Each button sends the whole form, and the answer is the whole page: so it needs no script, and
where scripts run they put the part that changed into the page that is there.
"""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Response

from cxport.console.guard import GuardedRoute
from cxport.console.job_choices import choices_of, settled
from cxport.console.job_errors import form_error
from cxport.console.job_form import JobForm, Typed, form_of
from cxport.console.job_words import request_of
from cxport.console.notices import Kind, Notice
from cxport.console.pages.job_actions import PATH
from cxport.console.pages.job_editor_page import JobEditorPage
from cxport.console.pages.job_estimate import estimate_of
from cxport.console.pages.job_tasks import Task, cloning, creating, editing
from cxport.console.pages.job_upcoming import preview_of
from cxport.console.rendering import redirect, render
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain.errors import NotAllowed, RequestError
from cxport.domain.source import StoredSource

router = APIRouter(route_class=GuardedRoute)

_REMOVE = "remove-"


#: The button that they pressed.
Pressed = Annotated[str, Form(alias="do")]


@router.get(f"{PATH}/new")
def show_new(visit: Member, source: str = "") -> Response:
    """Show an empty form; of a source where one is named, or there is only one."""
    task = creating(visit)
    sources = visit.services.sources.list(visit.caller)
    only = sources[0].name if len(sources) == 1 else ""
    form = JobForm(source=source or only, timezone=visit.preferences.zone.key)
    return render(visit, _page(visit, task, _settled(visit, form)))


@router.post(f"{PATH}/new")
def create(visit: Author, form: Typed, pressed: Pressed = "save") -> Response:
    """Make the job, or show the form as the button asks."""
    return _answer(visit, creating(visit), form, pressed)


@router.get(PATH + "/{job_id:int}/clone")
def show_clone(visit: Member, job_id: int) -> Response:
    """Show a form that says what a job, or the job as a run had it, says."""
    task, spec = cloning(visit, job_id)
    title = visit.wording.text("editor.copyOf", title=spec.title)
    form = replace(form_of(spec), title=title, suspended=False)
    return render(visit, _page(visit, task, form))


@router.post(PATH + "/{job_id:int}/clone")
def clone(visit: Author, job_id: int, form: Typed, pressed: Pressed = "save") -> Response:
    """Make the job, or show the form as the button asks."""
    return _answer(visit, cloning(visit, job_id)[0], form, pressed)


@router.get(PATH + "/{job_id:int}/edit")
def show_edit(visit: Member, job_id: int) -> Response:
    """Show a form that says what the job says."""
    task, spec = editing(visit, job_id)
    return render(visit, _page(visit, task, form_of(spec)))


@router.post(PATH + "/{job_id:int}/edit")
def edit(visit: Author, job_id: int, form: Typed, pressed: Pressed = "save") -> Response:
    """Change the job, or show the form as the button asks."""
    return _answer(visit, editing(visit, job_id)[0], form, pressed)


def _answer(visit: MemberVisit, task: Task, form: JobForm, pressed: str) -> Response:
    """Do what a button says: save, or show the form again with more or less in it."""
    if pressed == "save":
        return _saved(visit, task, form.trimmed())
    if pressed == "estimate":
        return _estimated(visit, task, form.trimmed())
    if pressed == "add":
        return render(visit, _page(visit, task, form.with_filter()))
    if pressed.startswith(_REMOVE):
        form = form.without_filter(pressed.removeprefix(_REMOVE))
    return render(visit, _page(visit, task, _settled(visit, form)))


def _saved(visit: MemberVisit, task: Task, form: JobForm) -> Response:
    """Save it and show the job; refused, show the form with what is wrong beside its field."""
    try:
        state = task.save(request_of(form, _source(visit, form), task.stored))
    except NotAllowed:
        raise
    except RequestError as error:
        page = replace(_page(visit, task, form), error=form_error(error))
        return render(visit, page, HTTPStatus.BAD_REQUEST)
    said = visit.wording.text("editor.saved", title=state.job.spec.title)
    notice = Notice(kind=Kind.SUCCESS, text=said)
    return redirect(visit, f"{PATH}/{state.job.id}", notice)


def _estimated(visit: MemberVisit, task: Task, form: JobForm) -> Response:
    """Show the form with what it would export; what stands in the way is beside its field too."""
    told = estimate_of(visit, form, _source(visit, form), task.stored)
    return render(visit, replace(_page(visit, task, form), estimate=told, error=told.error))


def _page(visit: MemberVisit, task: Task, form: JobForm) -> JobEditorPage:
    source = _source(visit, form)
    return task.page(
        path=task.path,
        back=task.back,
        form=form,
        sources=visit.services.sources.list(visit.caller),
        choices=choices_of(source, form) if source else None,
        preview=preview_of(visit, form),
    )


def _source(visit: MemberVisit, form: JobForm) -> StoredSource | None:
    found = visit.services.sources.named(visit.caller, form.source) if form.source else ()
    return found[0] if found else None


def _settled(visit: MemberVisit, form: JobForm) -> JobForm:
    source = _source(visit, form)
    return settled(form, source) if source else form
