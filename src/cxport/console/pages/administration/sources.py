"""The sources: what there is to export, and a form to add to it, where the operator allows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response

from cxport.console.guard import GuardedRoute
from cxport.console.mistakes import Mistakes, done, mistakes_of, whole_number
from cxport.console.rendering import render
from cxport.console.sections import PATH, SectionPage
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain.catalogue import Family
from cxport.domain.errors import InvalidInput
from cxport.domain.places import AllowedPlaces
from cxport.domain.source import StoredSource
from cxport.services.source_setup import SourceDraft

router = APIRouter(route_class=GuardedRoute)

_PATH = f"{PATH}/sources"


@dataclass(frozen=True, kw_only=True)
class SourcesPage(SectionPage):
    """The sources by name, and whether more can be added here."""

    template: ClassVar[str] = "administration/sources.html"
    heading: ClassVar[str] = "admin.sources"
    section: ClassVar[str] = "sources"
    sources: tuple[StoredSource, ...]
    places: AllowedPlaces


@dataclass(frozen=True, kw_only=True)
class NewSourcePage(SectionPage):
    """The form for a new source; what was typed stays."""

    template: ClassVar[str] = "administration/new_source.html"
    heading: ClassVar[str] = "admin.newSource"
    section: ClassVar[str] = "sources"
    places: AllowedPlaces
    families: tuple[Family, ...] = tuple(Family)
    name: str = ""
    family: Family = Family.UCS
    dsn: str = ""
    mapping: str = ""
    readers: str = ""
    rows: str = ""
    mistakes: Mistakes = field(default_factory=dict)


@router.get(_PATH)
def list_sources(visit: Member) -> Response:
    """Show the sources."""
    administration = visit.services.source_administration
    page = SourcesPage(
        sources=administration.list(visit.caller), places=administration.places(visit.caller)
    )
    return render(visit, page)


@router.get(f"{PATH}/source")
def show_new(visit: Member) -> Response:
    """Show the form for a new source."""
    places = visit.services.source_administration.places(visit.caller)
    return render(visit, NewSourcePage(places=places))


@router.post(f"{PATH}/source")
def add_source(  # noqa: PLR0913, PLR0917 - the fields of the form
    visit: Author,
    name: Annotated[str, Form()] = "",
    family: Annotated[Family, Form()] = Family.UCS,
    dsn: Annotated[str, Form()] = "",
    mapping: Annotated[str, Form()] = "",
    readers: Annotated[str, Form()] = "",
    rows: Annotated[str, Form()] = "",
) -> Response:
    """Add a source within what the operator allows; it is to be checked next."""
    typed = NewSourcePage(
        places=visit.services.source_administration.places(visit.caller),
        name=name,
        family=family,
        dsn=dsn,
        mapping=mapping,
        readers=readers,
        rows=rows,
    )
    try:
        added = visit.services.source_administration.add(visit.caller, _draft(typed))
    except InvalidInput as error:
        return _again(visit, typed, error)
    return done(visit, f"{_PATH}/{added.id}", "admin.done.source", name=added.name)


def _draft(typed: NewSourcePage) -> SourceDraft:
    return SourceDraft(
        name=typed.name.strip(),
        family=typed.family,
        dsn=typed.dsn.strip(),
        mapping=typed.mapping,
        max_readers=whole_number("max_readers", typed.readers) or SourceDraft.max_readers,
        max_rows_per_second=whole_number("max_rows_per_second", typed.rows),
    )


def _again(visit: MemberVisit, typed: NewSourcePage, error: InvalidInput) -> Response:
    page = NewSourcePage(**{**vars(typed), "mistakes": mistakes_of(error, visit.wording)})
    return render(visit, page, HTTPStatus.BAD_REQUEST)
