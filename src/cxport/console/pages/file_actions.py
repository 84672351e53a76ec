"""What can be done to files, one or many: fetch them, or a script that does; delete them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends, Form, Response

from cxport.console import scripts
from cxport.console.acts import Act, Answers, Offer, Subject, answers, nothing_selected
from cxport.console.guard import GuardedRoute
from cxport.console.pages.run_actions import RUNS
from cxport.console.rendering import Page, redirect, render
from cxport.console.settings import PREFIX, settings_of
from cxport.console.visit import Author, MemberVisit
from cxport.domain.access import Action
from cxport.domain.artifact import Artifact, manifest_of
from cxport.domain.errors import NotFound
from cxport.domain.listing import Query
from cxport.services.files import MOST_LINKS

router = APIRouter(route_class=GuardedRoute)

PATH = f"{PREFIX}/files"

Names = Annotated[list[str], Form()]
Said = Annotated[Answers, Depends(answers)]

#: What leads to a page from which the files are fetched.
FETCHING = {
    "download": Offer(icon="download", needs=Action.FILE_DOWNLOAD),
    "script": Offer(icon="copy", needs=Action.FILE_DOWNLOAD),
}

#: What becomes of all files of a run together: the page that asks names the runs.
OF_RUNS = ("hold", "release", "revoke")


def _named(visit: MemberVisit, name: str) -> str:
    found = _found(visit, [name])
    if not found:
        raise NotFound
    return found[0].title


FILES = Subject[str](
    name="files",
    path=PATH,
    acts={
        "delete": Act(
            icon="trash",
            needs=Action.FILE_DELETE,
            do=lambda visit, one, _: visit.services.files.delete(visit.caller, one),
            asks=True,
        ),
    },
    name_of=_named,
)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A link to a file or a manifest, without a header, for some minutes."""

    name: str
    href: str


@dataclass(frozen=True, kw_only=True)
class DownloadPage(Page):
    """Links to files, in the order in which a script follows them."""

    template: ClassVar[str] = "download.html"
    tab: ClassVar[str] = "files"
    heading: ClassVar[str] = "page.download"
    files: tuple[tuple[Artifact, str], ...]
    manifests: tuple[Link, ...]
    #: Names that were ticked and are gone.
    missing: tuple[str, ...]
    back: str


@dataclass(frozen=True, kw_only=True)
class ScriptPage(Page):
    """Scripts that fetch and open files, to be copied."""

    template: ClassVar[str] = "script.html"
    tab: ClassVar[str] = "files"
    heading: ClassVar[str] = "page.script"
    files: tuple[Artifact, ...]
    with_cxport: str
    with_openssl: str
    missing: tuple[str, ...]
    back: str


@router.post(PATH + "/download")
def offer_downloads(visit: Author, said: Said, ids: Names = []) -> Response:  # noqa: B006 - FastAPI copies it
    """Show a page of links to the files that were ticked, at most MOST_LINKS."""
    found = _found(visit, ids)
    if not found:
        return redirect(visit, said.back, nothing_selected(visit))
    names = [file.name for file in found]
    manifests = list(dict.fromkeys(map(manifest_of, names)))
    links = visit.services.files.links(visit.caller, names)
    page = DownloadPage(
        files=tuple(zip(found, links, strict=True)),
        manifests=tuple(_manifests(visit, manifests)),
        missing=_missing(ids, found),
        back=said.back,
    )
    return render(visit, page)


@router.post(PATH + "/script")
def offer_scripts(visit: Author, said: Said, ids: Names = []) -> Response:  # noqa: B006 - FastAPI copies it
    """Show scripts for the files that were ticked; no secret is in them."""
    found = _found(visit, ids)
    if not found:
        return redirect(visit, said.back, nothing_selected(visit))
    url = settings_of(visit.request).public_url
    page = ScriptPage(
        files=found,
        with_cxport=scripts.with_cxport(url, found),
        with_openssl=scripts.with_openssl(url, found),
        missing=_missing(ids, found),
        back=said.back,
    )
    return render(visit, page)


@router.post(PATH + "/{word}")
def act_on_files(visit: Author, word: str, said: Said, ids: Names = []) -> Response:  # noqa: B006 - FastAPI copies it
    """Do it to the files that were ticked, or ask about their runs; NotFound for no such act."""
    if word in OF_RUNS:
        found = _found(visit, ids)
        if not found:
            return redirect(visit, said.back, nothing_selected(visit))
        return RUNS.ask(visit, word, [file.run_id for file in found], said)
    return FILES.perform(visit, word, ids, said)


def _found(visit: MemberVisit, names: Sequence[str]) -> tuple[Artifact, ...]:
    """Give the files that are there, by their names."""
    if not names:
        return ()
    asked = Query(equals={"name": tuple(names[:MOST_LINKS])}, order="name")
    return visit.services.files.page(visit.caller, asked).items


def _missing(names: Sequence[str], found: Sequence[Artifact]) -> tuple[str, ...]:
    there = {file.name for file in found}
    return tuple(name for name in dict.fromkeys(names) if name not in there)


def _manifests(visit: MemberVisit, names: Sequence[str]) -> list[Link]:
    """Give links to those manifests that are there."""
    links = []
    for name in names:
        try:
            links.append(Link(name=name, href=visit.services.files.link(visit.caller, name)))
        except NotFound:
            continue
    return links
