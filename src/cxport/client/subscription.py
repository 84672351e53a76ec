"""Subscriptions and their deliveries as the service shows them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from cxport.client.shapes import Object


@dataclass(frozen=True, kw_only=True)
class SubscriptionInfo:
    """A subscription; `secret` is there only when it was just made, `failures` are in a row."""

    id: str
    kind: str
    url: str
    recipients: str
    events: tuple[str, ...]
    language: str
    active: bool
    failures: int
    created_date: str
    created_by: str
    secret: str

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read the service's answer."""
        read = Object(found, cls.__name__)
        return cls(
            id=read.text("id"),
            kind=read.text("kind"),
            url=read.text("url"),
            recipients=read.text("recipients"),
            events=read.texts("events"),
            language=read.text("language"),
            active=read.flag("active"),
            failures=read.number("failures"),
            created_date=read.text("createdDate"),
            created_by=read.text("createdBy"),
            secret=read.text("secret"),
        )


@dataclass(frozen=True, kw_only=True)
class DeliveryInfo:
    """One event on its way; `message_id` stays the same however often it is sent."""

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

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read one row of the service's list."""
        read = Object(found, cls.__name__)
        return cls(
            id=read.text("id"),
            message_id=read.text("messageId"),
            event=read.text("event"),
            state=read.text("state"),
            attempts=read.number("attempts"),
            answer=read.text("answer"),
            created_date=read.text("createdDate"),
            next_date=read.text("nextDate"),
            ended_date=read.text("endedDate"),
            body=read.text("body"),
        )


def subscriptions_of(found: object) -> list[SubscriptionInfo]:
    """Read the list of subscriptions."""
    return [SubscriptionInfo.from_json(one) for one in Object(found, "list").items("items")]


def delivery_of(found: object) -> str:
    """Read the id of a delivery that was ordered."""
    return Object(found, "delivery").text("delivery")
