"""One subscription: what it is told, what became of each delivery, and what can be done to it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Annotated, ClassVar

from fastapi import APIRouter, Form, Response

from cxport.console.guard import GuardedRoute
from cxport.console.listing import Column, Listing, read_listing
from cxport.console.mistakes import Mistakes, done, mistakes_of
from cxport.console.pages.administration.made import SecretPage, show_once
from cxport.console.rendering import own_path, render
from cxport.console.sections import PATH, QuestionPage, SectionPage
from cxport.console.visit import Author, Member, MemberVisit
from cxport.domain import listing as found
from cxport.domain.errors import InvalidInput
from cxport.domain.notice import SUBSCRIBABLE, Delivery, DeliveryState, Event
from cxport.services.labels import LANGUAGES
from cxport.services.webhooks import ShownSubscription, SubscriptionDraft

router = APIRouter(route_class=GuardedRoute)

_LIST = f"{PATH}/notices"
_PATH = _LIST + "/{subscription_id}"

_EVENTS = {event.value: f"event.{event}" for event in Event}
_STATES = {state.value: f"delivery.{state}" for state in DeliveryState}

_COLUMNS = (
    Column(key="at", label="admin.at", term="created_at"),
    Column(key="event", label="admin.event", term="event", choices=_EVENTS),
    Column(key="state", label="field.status", term="state", choices=_STATES),
    Column(key="attempts", label="admin.attempts", numeric=True, minor=True),
    Column(key="answer", label="admin.answer", minor=True),
)


@dataclass(frozen=True, kw_only=True)
class NoticePage(SectionPage):
    """A subscription and a page of its deliveries; what was typed stays."""

    template: ClassVar[str] = "administration/notice.html"
    heading: ClassVar[str] = "admin.notice"
    section: ClassVar[str] = "notices"
    shown: ShownSubscription
    events: tuple[Event, ...] = SUBSCRIBABLE
    languages: tuple[str, ...] = LANGUAGES
    #: A new address; empty: it stays as it is.
    address: str = ""
    chosen: frozenset[Event]
    language: str
    active: bool
    mistakes: Mistakes = field(default_factory=dict)
    listing: Listing
    rows: found.Page[Delivery]


@router.get(_PATH)
def show_notice(visit: Member, subscription_id: str) -> Response:
    """Show it, the newest delivery first."""
    return render(visit, _page(visit, subscription_id))


@router.post(_PATH + "/change")
def change_notice(  # noqa: PLR0913 - the fields of the form
    visit: Author,
    subscription_id: str,
    address: Annotated[str, Form()] = "",
    events: Annotated[list[Event], Form()] = [],  # noqa: B006 - FastAPI copies it
    language: Annotated[str | None, Form()] = None,
    *,
    active: Annotated[bool, Form()] = False,
) -> Response:
    """Change what it is told, and where; the secret stays."""
    draft = SubscriptionDraft(
        address=address.strip() or None, events=events, language=language, active=active
    )
    try:
        visit.services.webhooks.update(visit.caller, subscription_id, draft)
    except InvalidInput as error:
        page = replace(
            _page(visit, subscription_id),
            address=address,
            chosen=frozenset(events),
            active=active,
            mistakes=mistakes_of(error, visit.wording),
        )
        return render(visit, page, HTTPStatus.BAD_REQUEST)
    return done(visit, f"{_LIST}/{subscription_id}", "admin.done.changed")


@router.post(_PATH + "/rotate")
def rotate_secret(visit: Author, subscription_id: str) -> Response:
    """Give it a new secret, shown this once; the one before signs too, for a day."""
    rotated = visit.services.webhooks.rotate(visit.caller, subscription_id)
    page = SecretPage(
        section="notices",
        word="rotated",
        name=rotated.address,
        secrets=(("admin.signingSecret", rotated.secret),),
        back=f"{_LIST}/{subscription_id}",
    )
    return show_once(visit, page)


@router.post(_PATH + "/test")
def send_test(visit: Author, subscription_id: str) -> Response:
    """Send it a test event, which appears among the deliveries."""
    visit.services.webhooks.test(visit.caller, subscription_id)
    return done(visit, f"{_LIST}/{subscription_id}", "admin.done.test")


@router.post(_PATH + "/deliveries/{delivery_id}/replay")
def replay(
    visit: Author, subscription_id: str, delivery_id: str, back: Annotated[str, Form()] = ""
) -> Response:
    """Send a delivery again, under the id that it had."""
    visit.services.webhooks.replay(visit.caller, subscription_id, delivery_id)
    path = own_path(back) if back else f"{_LIST}/{subscription_id}"
    return done(visit, path, "admin.done.replay")


@router.post(_PATH + "/remove")
def remove_notice(
    visit: Author, subscription_id: str, *, confirmed: Annotated[bool, Form()] = False
) -> Response:
    """Ask, then remove it with its deliveries."""
    shown = visit.services.webhooks.get(visit.caller, subscription_id)
    path = f"{_LIST}/{shown.subscription.id}"
    if not confirmed:
        question = QuestionPage(
            section="notices", word="notice", name=shown.address, path=f"{path}/remove", back=path
        )
        return render(visit, question)
    visit.services.webhooks.delete(visit.caller, shown.subscription.id)
    return done(visit, _LIST, "admin.done.removed", name=shown.address)


def _page(visit: MemberVisit, subscription_id: str) -> NoticePage:
    webhooks = visit.services.webhooks
    shown = webhooks.get(visit.caller, subscription_id)
    path = f"{_LIST}/{shown.subscription.id}"
    listing = read_listing(visit.request, path, _COLUMNS, sort="at", descending=True)
    return NoticePage(
        shown=shown,
        chosen=frozenset(shown.subscription.events),
        language=shown.subscription.language,
        active=shown.subscription.active,
        listing=listing,
        rows=webhooks.deliveries(visit.caller, shown.subscription.id, listing.query),
    )
