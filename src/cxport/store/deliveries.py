"""Deliveries on their way: who sends which, what came of it, and what is tried again.

One sender at a time holds a subscription, by a lease that runs out where the sender died. Times
are the senders' own clocks: where they differ by more than the lease, something may be sent twice
at once, under the same id.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, exists, select

from cxport.domain.errors import NotFound
from cxport.domain.listing import Page, Query
from cxport.domain.notice import (
    KEPT_FOR,
    TRIED_FOR,
    Attempt,
    Delivery,
    DeliveryState,
    Event,
    Subscription,
    pause_after,
    wait_after,
)
from cxport.domain.said import forms, known
from cxport.store.database import Database
from cxport.store.paging import Listing, plain, word
from cxport.store.scope import Scope, reading, writing
from cxport.store.subscriptions import subscription
from cxport.store.tables import deliveries, subscriptions

#: For so long a sender may take; then others may send.
LEASE = timedelta(seconds=60)

_LISTING = Listing(
    deliveries,
    deliveries,
    {
        "id": plain(deliveries.c.id),
        "created_at": plain(deliveries.c.created_at),
        "state": word(deliveries.c.state),
        "event": word(deliveries.c.event),
        "subscription_id": word(deliveries.c.subscription_id),
    },
)


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """A delivery that is to be sent now, and the lease by which its outcome may be written."""

    delivery: Delivery
    subscription: Subscription
    lease: int


def claim(db: Database, now: datetime, *, ailing: bool, limit: int) -> list[Claimed]:
    """Take what is due of at most so many subscriptions, one delivery of each.

    `ailing` are those whose last attempt failed. Those that waited longest come first.
    """
    due = exists().where(
        deliveries.c.tenant_id == subscriptions.c.tenant_id,
        deliveries.c.subscription_id == subscriptions.c.id,
        deliveries.c.ended_at.is_(None),
        deliveries.c.next_at <= now,
    )
    health = subscriptions.c.failures > 0 if ailing else subscriptions.c.failures == 0
    free = (
        select(subscriptions)
        .where(subscriptions.c.active.is_(True), health, due)
        .where(subscriptions.c.leased_until <= now, subscriptions.c.paused_until <= now)
        .order_by(subscriptions.c.leased_until, subscriptions.c.tenant_id, subscriptions.c.id)
        .limit(limit)
        .with_for_update(key_share=True, skip_locked=True)
    )
    with db.read() as connection:  # mostly there is nothing, and a look locks nobody out
        if (
            connection.execute(select(deliveries.c.id).where(_waiting(now)).limit(1)).first()
            is None
        ):
            return []
    with db.write() as connection:
        found = connection.execute(free).all()
        return [_claimed(Scope(connection, row.tenant_id), row, now) for row in found]


def record(db: Database, claimed: Claimed, attempt: Attempt, now: datetime) -> DeliveryState | None:
    """Write what came of an attempt and give the state; None where the lease is another's."""
    delivery, held = claimed.delivery, claimed.subscription
    with writing(db, held.tenant_id) as scope:
        row = scope.first(scope.select(subscriptions, id=held.id).with_for_update(key_share=True))
        kept = scope.first(scope.select(deliveries, id=delivery.id))
        if row is None or kept is None or row.lease != claimed.lease:
            return None
        state = _state(kept, attempt, now)
        ended = None if state is DeliveryState.WAITING else now
        came = {
            "state": state.value,
            "answer": attempt.answer,
            "said": forms(attempt.answer),
            "ended_at": ended,
        }
        next_at = now + wait_after(kept.attempts)
        scope.update(deliveries, {**came, "next_at": next_at}, id=delivery.id)
        scope.update(subscriptions, _health(row, attempt, now), id=held.id)
        return state


def page(db: Database, tenant_id: str, subscription_id: str, query: Query) -> Page[Delivery]:
    """Give a page of a subscription's deliveries; NotFound for an unknown subscription.

    Columns: id, created_at, state, event; KeyError for any other.
    """
    with reading(db, tenant_id) as scope:
        scope.get(subscriptions, id=subscription_id)
        of_it = {**query.equals, "subscription_id": (subscription_id,)}
        return _LISTING.page(scope, replace(query, equals=of_it), _delivery)


def replay(db: Database, tenant_id: str, subscription_id: str, delivery_id: str) -> None:
    """Send a delivery again, with the id it had; NotFound where the subscription has none.

    One that waits anyhow is tried at once.
    """
    now = datetime.now(UTC)
    again = {"state": DeliveryState.WAITING.value, "attempts": 0, "ended_at": None}
    with writing(db, tenant_id) as scope:
        values = {**again, "queued_at": now, "next_at": now}
        named = {"id": delivery_id, "subscription_id": subscription_id}
        if not scope.update(deliveries, values, **named):
            raise NotFound
        scope.update(subscriptions, {"paused_until": now}, id=subscription_id)


def forget_old(db: Database, now: datetime) -> int:
    """Let go of deliveries that are older than KEPT_FOR, of all tenants."""
    with db.write() as connection:
        old = delete(deliveries).where(deliveries.c.created_at < now - KEPT_FOR)
        return connection.execute(old).rowcount


def _waiting(now: datetime) -> Any:
    return deliveries.c.ended_at.is_(None) & (deliveries.c.next_at <= now)


def _claimed(scope: Scope, row: Row[Any], now: datetime) -> Claimed:
    """Take the lease, and count the attempt: one that kills its sender counts too."""
    ours = scope.select(deliveries, subscription_id=row.id).where(_waiting(now))
    oldest = ours.order_by(deliveries.c.next_at, deliveries.c.id).limit(1)
    delivery = _delivery(scope.all(oldest)[0])
    lease = {"lease": row.lease + 1, "leased_until": now + LEASE}
    scope.update(subscriptions, lease, id=row.id)
    scope.update(deliveries, {"attempts": delivery.attempts + 1}, id=delivery.id)
    return Claimed(delivery=delivery, subscription=subscription(row), lease=row.lease + 1)


def _state(row: Row[Any], attempt: Attempt, now: datetime) -> DeliveryState:
    if attempt.delivered:
        return DeliveryState.DELIVERED
    given_up = now - row.queued_at >= TRIED_FOR
    return DeliveryState.GIVEN_UP if given_up else DeliveryState.WAITING


def _health(row: Row[Any], attempt: Attempt, now: datetime) -> dict[str, object]:
    failures = 0 if attempt.delivered else row.failures + 1
    rest = now + pause_after(failures) if failures else now
    return {"failures": failures, "paused_until": rest, "leased_until": now}


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        subscription_id=row.subscription_id,
        notice_id=row.notice_id,
        event=Event(row.event),
        body=row.body,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        created_at=row.created_at.astimezone(UTC),
        next_at=row.next_at,
        ended_at=row.ended_at,
        answer=known(row.answer, row.said),
    )
