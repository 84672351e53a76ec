"""Who is told what happens: webhooks and mails, listed and added."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response

from cxport.console.guard import GuardedRoute
from cxport.console.mistakes import Mistakes, done, mistakes_of
from cxport.console.pages.administration.made import SecretPage, show_once
from cxport.console.rendering import render
from cxport.console.sections import PATH, SectionPage
from cxport.console.visit import Author, Member
from cxport.domain.errors import InvalidInput
from cxport.domain.notice import SUBSCRIBABLE, Event, Kind
from cxport.services.labels import LANGUAGES
from cxport.services.webhooks import ShownSubscription, SubscriptionDraft

router = APIRouter(route_class=GuardedRoute)

_PATH = f"{PATH}/notices"


@dataclass(frozen=True, kw_only=True)
class NoticesPage(SectionPage):
    """The subscriptions, oldest first."""

    template: ClassVar[str] = "administration/notices.html"
    heading: ClassVar[str] = "admin.notices"
    section: ClassVar[str] = "notices"
    subscriptions: tuple[ShownSubscription, ...]


@dataclass(frozen=True, kw_only=True)
class NewNoticePage(SectionPage):
    """The form for a new subscription; what was typed stays."""

    template: ClassVar[str] = "administration/new_notice.html"
    heading: ClassVar[str] = "admin.newNotice"
    section: ClassVar[str] = "notices"
    kinds: tuple[Kind, ...]
    events: tuple[Event, ...] = SUBSCRIBABLE
    languages: tuple[str, ...] = LANGUAGES
    kind: Kind = Kind.WEBHOOK
    address: str = ""
    chosen: frozenset[Event] = frozenset(SUBSCRIBABLE)
    language: str
    mistakes: Mistakes = field(default_factory=dict)


@router.get(_PATH)
def list_notices(visit: Member) -> Response:
    """Show the subscriptions."""
    return render(visit, NoticesPage(subscriptions=visit.services.webhooks.list(visit.caller)))


@router.get(f"{PATH}/notice")
def show_new(visit: Member) -> Response:
    """Show the form for a new subscription."""
    kinds = visit.services.webhooks.kinds(visit.caller)
    return render(visit, NewNoticePage(kinds=kinds, language=visit.preferences.language))


@router.post(f"{PATH}/notice")
def add_notice(
    visit: Author,
    kind: Annotated[Kind, Form()] = Kind.WEBHOOK,
    address: Annotated[str, Form()] = "",
    events: Annotated[list[Event], Form()] = [],  # noqa: B006 - FastAPI copies it
    language: Annotated[str, Form()] = "",
) -> Response:
    """Subscribe; the secret of a webhook is shown this once."""
    typed = NewNoticePage(
        kinds=visit.services.webhooks.kinds(visit.caller),
        kind=kind,
        address=address,
        chosen=frozenset(events),
        language=language or LANGUAGES[0],
    )
    draft = SubscriptionDraft(
        kind=kind, address=address.strip(), events=events, language=typed.language
    )
    try:
        made = visit.services.webhooks.create(visit.caller, draft)
    except InvalidInput as error:
        page = replace(typed, mistakes=mistakes_of(error, visit.wording))
        return render(visit, page, HTTPStatus.BAD_REQUEST)
    back = f"{_PATH}/{made.subscription.id}"
    if not made.secret:
        return done(visit, back, "admin.done.notice")
    shown = SecretPage(
        section="notices",
        word="webhook",
        name=made.address,
        secrets=(("admin.signingSecret", made.secret),),
        back=back,
    )
    return show_once(visit, shown)
