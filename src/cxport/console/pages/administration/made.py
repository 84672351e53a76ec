"""What is shown once: keys, secrets and passwords that were just made.

Making leads to another page (post, redirect, get), so that a reload makes nothing again. What was
made travels there in a cookie that the page takes back: out of reach of scripts, for a minute, and
worth no more than the session's own beside it, which can make the same again.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from typing import ClassVar

from fastapi import APIRouter, Response

from cxport.console import cookies
from cxport.console.guard import GuardedRoute
from cxport.console.notices import Kind, Notice
from cxport.console.rendering import own_path, redirect, render
from cxport.console.sections import PATH, SECTIONS, SectionPage
from cxport.console.visit import Member, MemberVisit
from cxport.domain.access import Action
from cxport.domain.errors import NotFound
from cxport.services.access import require

router = APIRouter(route_class=GuardedRoute)

_PATH = f"{PATH}/made"
_SECONDS = 60
#: Of a name: a cookie holds 4 KB.
_LENGTH = 200


@dataclass(frozen=True, kw_only=True)
class SecretPage(SectionPage):
    """Shows what was made, this once; the texts are `admin.made.<word>`.

    `secrets` are the values with the key of each one's label.
    """

    template: ClassVar[str] = "administration/secret.html"
    heading: ClassVar[str] = "admin.shownOnce"
    section: str  # type: ignore[misc]  # it is that of whoever made it
    word: str
    name: str
    secrets: tuple[tuple[str, str], ...]
    back: str


def show_once(visit: MemberVisit, page: SecretPage) -> Response:
    """Lead to the page that shows it."""
    response = redirect(visit, f"{_PATH}/{page.section}")
    content = json.dumps({**asdict(page), "name": page.name[:_LENGTH]})
    value = base64.urlsafe_b64encode(content.encode()).decode()
    cookies.write(visit.request, response, cookies.MADE, value, seconds=_SECONDS)
    return response


@router.get(_PATH + "/{section}")
def show_made(visit: Member, section: str) -> Response:
    """Show it and forget it; whoever comes again is led to the section, and told why."""
    found = next((one for one in SECTIONS if one.name == section), None)
    if found is None:
        raise NotFound
    require(visit.caller, Action.ACCOUNT_READ)
    page = _kept(visit)
    if page is None or page.section != section:
        text = visit.wording.text("admin.shownBefore")
        return redirect(visit, found.path, Notice(kind=Kind.WARNING, text=text))
    response = render(visit, page)
    cookies.remove(visit.request, response, cookies.MADE)
    return response


def _kept(visit: MemberVisit) -> SecretPage | None:
    """Give what was made, if anything that we could have written."""
    try:
        kept = json.loads(base64.urlsafe_b64decode(cookies.read(visit.request, cookies.MADE)))
        return SecretPage(
            section=str(kept["section"]),
            word=str(kept["word"]),
            name=str(kept["name"]),
            secrets=tuple((str(label), str(value)) for label, value in kept["secrets"]),
            back=own_path(str(kept["back"])),
        )
    except (binascii.Error, ValueError, LookupError, TypeError):
        return None
