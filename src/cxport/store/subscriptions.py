"""The subscriptions of a tenant: who is told of what, and where to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, func, select

from cxport.domain.errors import InvalidInput, NotFound
from cxport.domain.notice import Event, Kind, Subscription
from cxport.domain.said import Said
from cxport.store.database import Database
from cxport.store.scope import reading, writing
from cxport.store.tables import deliveries, subscriptions

#: Subscriptions of one tenant at most: each event writes a row for each of them.
MOST = 50


def add(  # noqa: PLR0913 - what a subscription is made of
    db: Database,
    tenant_id: str,
    *,
    kind: Kind,
    events: Sequence[Event],
    language: str,
    sealed: bytes,
    created_by: str,
) -> Subscription:
    """Add a subscription, active from now on; NotFound for an unknown tenant.

    InvalidInput where the tenant has MOST already.
    """
    now = datetime.now(UTC)
    made = Subscription(
        id=str(uuid4()),
        tenant_id=tenant_id,
        kind=kind,
        events=tuple(events),
        language=language,
        active=True,
        created_at=now,
        created_by=created_by,
        sealed=sealed,
    )
    values = {**vars(made), "events": [event.value for event in events], "kind": kind.value}
    with writing(db, tenant_id) as scope:
        scope.hold()
        count = select(func.count()).select_from(subscriptions).where(scope.of(subscriptions))
        if scope.all(count)[0][0] >= MOST:
            raise InvalidInput(
                "kind", Said("there are {most} subscriptions already: remove one first", most=MOST)
            )
        sent = {"paused_until": now, "lease": 0, "leased_until": now}
        scope.insert(subscriptions, {**values, **sent})
    return made


def get(db: Database, tenant_id: str, subscription_id: str) -> Subscription:
    """Give a subscription, or raise NotFound."""
    with reading(db, tenant_id) as scope:
        return subscription(scope.get(subscriptions, id=subscription_id))


def list(db: Database, tenant_id: str) -> tuple[Subscription, ...]:  # noqa: A001 - callers say subscriptions.list
    """Give a tenant's subscriptions, the oldest first."""
    order = (subscriptions.c.created_at, subscriptions.c.id)
    with reading(db, tenant_id) as scope:
        found = scope.all(scope.select(subscriptions).order_by(*order))
    return tuple(subscription(row) for row in found)


def save(db: Database, tenant_id: str, changed: Subscription) -> Subscription:
    """Change a subscription, or raise NotFound; what waits is tried at once again."""
    now = datetime.now(UTC)
    values = {
        "events": [event.value for event in changed.events],
        "language": changed.language,
        "active": changed.active,
        "sealed": changed.sealed,
        "previous_until": changed.previous_until,
        "failures": 0,
        "paused_until": now,
    }
    with writing(db, tenant_id) as scope:
        scope.get(subscriptions, id=changed.id)
        scope.update(subscriptions, values, id=changed.id)
    return replace(changed, failures=0)


def remove(db: Database, tenant_id: str, subscription_id: str) -> None:
    """Remove a subscription and its deliveries, or raise NotFound."""
    with writing(db, tenant_id) as scope:
        row = scope.first(scope.select(subscriptions, id=subscription_id).with_for_update())
        if row is None:
            raise NotFound
        scope.delete(deliveries, subscription_id=subscription_id)
        scope.delete(subscriptions, id=subscription_id)


def subscription(row: Row[Any]) -> Subscription:
    """Read a row."""
    return Subscription(
        id=row.id,
        tenant_id=row.tenant_id,
        kind=Kind(row.kind),
        events=tuple(Event(event) for event in row.events),
        language=row.language,
        active=row.active,
        created_at=row.created_at,
        created_by=row.created_by,
        sealed=row.sealed,
        previous_until=row.previous_until,
        failures=row.failures,
    )
