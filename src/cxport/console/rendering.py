"""Pages become HTML in one place, everything in them escaped."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from typing import ClassVar

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.environment import TemplateModule

from cxport.console import cookies, notices
from cxport.console.assets import address
from cxport.console.preferences import THEMES
from cxport.console.settings import PREFIX
from cxport.console.tabs import Tab, tabs_for
from cxport.console.visit import MemberVisit, Visit
from cxport.services.labels import LANGUAGES, labels


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page shows; its template sees it as `page`, and who looks as `visit`."""

    template: ClassVar[str]
    #: The tab that is lit, and the label of the title.
    tab: ClassVar[str] = ""
    heading: ClassVar[str]


def render(visit: Visit, page: Page, status: int = HTTPStatus.OK) -> HTMLResponse:
    """Answer with a page, and with what the act before it has to say."""
    notice = notices.left(visit.request)
    html = (
        environment()
        .get_template(page.template)
        .render(**_words(visit), page=page, tabs=_tabs(visit), notice=notice)
    )
    response = HTMLResponse(html, status, headers={"Vary": "HX-Request, Accept-Language"})
    if notice is not None:
        cookies.remove(visit.request, response, cookies.NOTICE)
    return response


def macros(visit: Visit, template: str) -> TemplateModule:
    """Give what a template of components can draw, for this reader."""
    return environment().get_template(template).make_module(_words(visit))


def redirect(visit: Visit, path: str, notice: notices.Notice | None = None) -> RedirectResponse:
    """Send the browser on to a page of ours, where it hears what there is to say."""
    response = RedirectResponse(path, HTTPStatus.SEE_OTHER)
    if notice is not None:
        notices.leave(visit.request, response, notice)
    return response


def own_path(path: str) -> str:
    """Give a path that somebody sent where it leads to a page of ours, else the first page's."""
    inside = path == PREFIX or path.startswith((f"{PREFIX}/", f"{PREFIX}?"))
    plain = path.isprintable() and "\\" not in path and "//" not in path.partition("?")[0]
    return path if inside and plain else f"{PREFIX}/"


@cache
def environment() -> Environment:
    """Make what renders templates; a name that is not there is an error, never an empty text."""
    made = Environment(
        loader=PackageLoader("cxport.console"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals |= {
        "asset": address,
        "prefix": PREFIX,
        "themes": THEMES,
        "languages": {name: labels(name)["language.name"] for name in LANGUAGES},
    }
    return made


def _words(visit: Visit) -> dict[str, object]:
    wording = visit.wording
    return {"visit": visit, "t": wording.text, "say": wording.say, "wording": wording}


def _tabs(visit: Visit) -> tuple[Tab, ...]:
    return tabs_for(visit) if isinstance(visit, MemberVisit) else ()
