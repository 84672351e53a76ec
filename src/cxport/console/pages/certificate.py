"""The certificate that exports are sealed to: seen, understood before it is in force, replaced."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response, UploadFile

from cxport.console.guard import GuardedRoute
from cxport.console.notices import Kind, Notice
from cxport.console.rendering import Page, redirect, render
from cxport.console.settings import PREFIX
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain.access import Action
from cxport.domain.certificate import WARNING_DAYS, CertificateExpiring, StoredCertificate
from cxport.domain.errors import InvalidInput, TooLarge
from cxport.services.certificates import MAX_UPLOAD_BYTES, Examined

router = APIRouter(route_class=GuardedRoute)

PATH = f"{PREFIX}/certificate"


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A file that was understood and waits for a yes; the next form carries it."""

    name: str
    content: str
    certificates: tuple[Examined, ...]


@dataclass(frozen=True, kw_only=True)
class CertificatePage(Page):
    """What is in force and was before, what was offered, and what was wrong with it."""

    template: ClassVar[str] = "certificate.html"
    tab: ClassVar[str] = "certificate"
    heading: ClassVar[str] = "page.certificate"
    warning_days: ClassVar[int] = max(WARNING_DAYS)
    path: ClassVar[str] = PATH
    #: The one in force first.
    history: tuple[StoredCertificate, ...]
    warnings: tuple[CertificateExpiring, ...]
    may_upload: bool
    offer: Offer | None = None
    error: str = ""


@router.get(PATH)
def show(visit: Member) -> Response:
    """Show the certificates."""
    return render(visit, _page(visit))


@router.post(PATH)
def offer(visit: Author, file: UploadFile) -> Response:
    """Show what a file holds; it is not kept before somebody says yes."""
    name, content = _base_name(file.filename or ""), file.file.read(MAX_UPLOAD_BYTES + 1)
    try:
        found = visit.services.certificates.examine(visit.caller, name, content)
    except (InvalidInput, TooLarge) as error:
        return _refused(visit, error)
    encoded = base64.b64encode(content).decode()
    page = _page(visit, Offer(name=name, content=encoded, certificates=found))
    return render(visit, page)


@router.post(f"{PATH}/confirm")
def put_in_force(
    visit: Author, name: Annotated[str, Form()] = "", content: Annotated[str, Form()] = ""
) -> Response:
    """Put in force what was offered; it is checked again."""
    try:
        decoded = base64.b64decode(content, validate=True)
    except binascii.Error:
        decoded = b""
    try:
        visit.services.certificates.upload(visit.caller, name, decoded)
    except (InvalidInput, TooLarge) as error:
        return _refused(visit, error)
    said = visit.wording.text("certificate.done", name=name)
    return redirect(visit, PATH, Notice(kind=Kind.SUCCESS, text=said))


def _refused(visit: MemberVisit, error: InvalidInput | TooLarge) -> Response:
    return render(visit, _page(visit, error=visit.wording.say(error.said)), HTTPStatus.BAD_REQUEST)


def _page(visit: MemberVisit, offer: Offer | None = None, error: str = "") -> CertificatePage:
    certificates = visit.services.certificates
    return CertificatePage(
        history=tuple(certificates.history(visit.caller)),
        warnings=tuple(certificates.warnings(visit.caller)),
        may_upload=visit.may(Action.CERTIFICATE_UPLOAD),
        offer=offer,
        error=error,
    )


def _base_name(path: str) -> str:
    """Take off the folders that some browsers send along."""
    return path.replace("\\", "/").rpartition("/")[2]
