"""`/webhooks`: who is told of what, by webhook or mail."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.instants import iso
from cxport.api.json_body import StrictRoute
from cxport.api.paging import Paging
from cxport.api.shapes import Answer
from cxport.domain.notice import Delivery, Kind
from cxport.services.webhooks import ShownSubscription, SubscriptionDraft

router = APIRouter(prefix="/webhooks", tags=["webhooks"], route_class=StrictRoute)

_ORDER = {"createdDate": "created_at", "state": "state", "event": "event"}


class SubscriptionBody(BaseModel):
    """A subscription: `url` for kind `webhook`, `recipients` (comma-separated) for kind `mail`.

    Without `events` it is for all of them. `language` is that of mails.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    url: str | None = None
    recipients: str | None = None
    events: list[str] | None = None
    language: str | None = None
    active: bool | None = None

    def draft(self, kind: str) -> SubscriptionDraft:
        """Give what is asked for."""
        return SubscriptionDraft(
            kind=kind,
            address=self.recipients if kind == Kind.MAIL else self.url,
            events=self.events,
            language=self.language,
            active=self.active,
        )


class NewSubscription(SubscriptionBody):
    """The same, and its kind."""

    kind: str = Kind.WEBHOOK.value


class SubscriptionInfo(Answer):
    """A subscription; a URL is shown without its query. `failures` are those in a row."""

    id: str
    kind: str
    url: str
    recipients: str
    events: list[str]
    language: str
    active: bool
    failures: int
    created_date: str
    created_by: str


class NewSubscriptionInfo(SubscriptionInfo):
    """The same, with the secret that signs its messages: shown this once."""

    secret: str


class SubscriptionList(Answer):
    """The subscriptions of the tenant."""

    items: list[SubscriptionInfo]


class DeliveryInfo(Answer):
    """One event on its way; `messageId` is its `webhook-id`, the same however often it is sent."""

    id: str
    message_id: str
    event: str
    state: str
    attempts: int
    answer: str
    created_date: str
    next_date: str
    ended_date: str
    body: str


class DeliveryPage(Answer):
    """A page of deliveries; `size` is the limit that was applied."""

    count: int
    items: list[DeliveryInfo]
    size: int
    offset: int = Field(validation_alias="offset", serialization_alias="from")


class Sent(Answer):
    """The delivery of a test event."""

    delivery: str


@router.get("", responses=documented())
def list_webhooks(caller: SignedIn, services: Use) -> SubscriptionList:
    """List the subscriptions."""
    return SubscriptionList(items=[_info(one) for one in services.webhooks.list(caller)])


@router.post("", status_code=201, responses=documented(400))
def create_webhook(
    body: NewSubscription, response: Response, caller: SignedIn, services: Use
) -> NewSubscriptionInfo:
    """Subscribe; the secret is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    return _new(services.webhooks.create(caller, body.draft(body.kind)))


@router.get("/{id}", responses=documented(404))
def get_webhook(id: str, caller: SignedIn, services: Use) -> SubscriptionInfo:  # noqa: A002 - as the contract names it
    """Give a subscription."""
    return _info(services.webhooks.get(caller, id))


@router.put("/{id}", responses=documented(400, 404))
def update_webhook(
    id: str,  # noqa: A002 - as the contract names it
    body: SubscriptionBody,
    caller: SignedIn,
    services: Use,
) -> SubscriptionInfo:
    """Change what the body names: where to, events, language, or whether it is active."""
    kind = Kind.WEBHOOK if body.recipients is None else Kind.MAIL
    return _info(services.webhooks.update(caller, id, body.draft(kind)))


@router.delete("/{id}", status_code=204, response_class=Response, responses=documented(404))
def delete_webhook(id: str, caller: SignedIn, services: Use) -> None:  # noqa: A002 - as the contract names it
    """Remove a subscription with its deliveries."""
    services.webhooks.delete(caller, id)


@router.post("/{id}/rotate", responses=documented(400, 404))
def rotate_webhook(
    id: str,  # noqa: A002 - as the contract names it
    response: Response,
    caller: SignedIn,
    services: Use,
) -> NewSubscriptionInfo:
    """Make a new secret, shown this once; for 24 hours the one before signs, too."""
    response.headers["Cache-Control"] = "no-store"
    return _new(services.webhooks.rotate(caller, id))


@router.post("/{id}/test", status_code=202, responses=documented(404))
def try_webhook(id: str, caller: SignedIn, services: Use) -> Sent:  # noqa: A002 - as the contract names it
    """Send a test event; its delivery says what came of it."""
    return Sent(delivery=services.webhooks.test(caller, id))


@router.get("/{id}/deliveries", responses=documented(400, 404))
def list_deliveries(id: str, paging: Paging, caller: SignedIn, services: Use) -> DeliveryPage:  # noqa: A002 - as the contract names it
    """List what was sent to a subscription, and what came of it."""
    query = paging.query(_ORDER, contains={})
    page = services.webhooks.deliveries(caller, id, query)
    items = [_delivery(one) for one in page.items]
    return DeliveryPage(count=page.count, offset=page.offset, items=items, size=page.limit)


@router.post("/{id}/deliveries/{delivery}/replay", status_code=202, responses=documented(404))
def replay_delivery(id: str, delivery: str, caller: SignedIn, services: Use) -> Sent:  # noqa: A002 - as the contract names it
    """Send a delivery again, under the id that it had."""
    services.webhooks.replay(caller, id, delivery)
    return Sent(delivery=delivery)


def _info(found: ShownSubscription) -> SubscriptionInfo:
    return SubscriptionInfo(**_values(found))


def _new(made: ShownSubscription) -> NewSubscriptionInfo:
    return NewSubscriptionInfo(**_values(made), secret=made.secret)


def _values(found: ShownSubscription) -> dict[str, Any]:
    one = found.subscription
    mail = one.kind is Kind.MAIL
    return {
        "id": one.id,
        "kind": one.kind.value,
        "url": "" if mail else found.address,
        "recipients": found.address if mail else "",
        "events": [event.value for event in one.events],
        "language": one.language,
        "active": one.active,
        "failures": one.failures,
        "created_date": iso(one.created_at),
        "created_by": one.created_by,
    }


def _delivery(one: Delivery) -> DeliveryInfo:
    return DeliveryInfo(
        id=one.id,
        message_id=one.notice_id,
        event=one.event.value,
        state=one.state.value,
        attempts=one.attempts,
        answer=one.answer,
        created_date=iso(one.created_at),
        next_date="" if one.ended_at else iso(one.next_at),
        ended_date=iso(one.ended_at),
        body=one.body,
    )
