"""One source: what it holds, a check of it, how it may be read, and its removal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response

from cxport.console.guard import GuardedRoute
from cxport.console.mistakes import Mistakes, done, mistakes_of, refused, whole_number
from cxport.console.rendering import render
from cxport.console.sections import PATH, QuestionPage, SectionPage
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain.errors import InvalidInput, NotFound, WrongState
from cxport.domain.source import StoredSource
from cxport.services.source_administration import Checked, Masked

router = APIRouter(route_class=GuardedRoute)

_LIST = f"{PATH}/sources"
_PATH = _LIST + "/{source_id}"


@dataclass(frozen=True, kw_only=True)
class SourcePage(SectionPage):
    """A source; after a check also what was found, with a record of each kind, masked."""

    template: ClassVar[str] = "administration/source.html"
    heading: ClassVar[str] = "admin.source"
    section: ClassVar[str] = "sources"
    source: StoredSource
    readers: str
    rows: str
    report: Checked | None = None
    samples: Sequence[Masked] = ()
    mistakes: Mistakes = field(default_factory=dict)


@router.get(_PATH)
def show_source(visit: Member, source_id: str) -> Response:
    """Show a source."""
    return render(visit, _page(_source(visit, source_id)))


@router.post(f"{_PATH}/check")
def check_source(visit: Author, source_id: str) -> Response:
    """Connect to it, and show what was found."""
    source = _source(visit, source_id)
    try:
        report, samples = visit.services.source_administration.check(visit.caller, source.name)
    except WrongState as error:
        return refused(visit, f"{_LIST}/{source.id}", error)
    found = _source(visit, source_id)
    page = SourcePage(**{**vars(_page(found)), "report": report, "samples": samples})
    return render(visit, page)


@router.post(f"{_PATH}/limits")
def limit_source(
    visit: Author,
    source_id: str,
    readers: Annotated[str, Form()] = "",
    rows: Annotated[str, Form()] = "",
) -> Response:
    """Set how it may be read from its next run on."""
    source = _source(visit, source_id)
    try:
        visit.services.source_administration.limit(
            visit.caller,
            source.name,
            whole_number("max_readers", readers) or 0,
            whole_number("max_rows_per_second", rows),
        )
    except InvalidInput as error:
        typed = {"readers": readers, "rows": rows, "mistakes": mistakes_of(error, visit.wording)}
        page = SourcePage(**{**vars(_page(source)), **typed})
        return render(visit, page, HTTPStatus.BAD_REQUEST)
    return done(visit, f"{_LIST}/{source.id}", "admin.done.limits", name=source.name)


@router.post(f"{_PATH}/remove")
def remove_source(
    visit: Author, source_id: str, *, confirmed: Annotated[bool, Form()] = False
) -> Response:
    """Ask, then forget it; what was exported from it stays."""
    source = _source(visit, source_id)
    path = f"{_LIST}/{source.id}"
    if not confirmed:
        question = QuestionPage(
            section="sources", word="source", name=source.name, path=f"{path}/remove", back=path
        )
        return render(visit, question)
    visit.services.source_administration.remove(visit.caller, source.name)
    return done(visit, _LIST, "admin.done.removed", name=source.name)


def _page(source: StoredSource) -> SourcePage:
    rows = source.max_rows_per_second
    return SourcePage(
        source=source,
        readers=str(source.max_readers),
        rows="" if rows is None else str(rows),
    )


def _source(visit: MemberVisit, source_id: str) -> StoredSource:
    sources = visit.services.source_administration.list(visit.caller)
    found = next((one for one in sources if one.id == source_id), None)
    if found is None:
        raise NotFound
    return found
