"""The outbox: what there is to tell is written in the transaction in which it becomes true.

So nothing is told that did not happen, and nothing that happened goes untold.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import select

from cxport.domain.notice import DeliveryState, Event, Notice, revoked_notice, run_notice
from cxport.store import rows
from cxport.store.database import Database
from cxport.store.scope import Scope, writing
from cxport.store.tables import deliveries, runs, subscriptions


def run_ended(scope: Scope, run_id: int) -> None:
    """Tell that a run has come to the status that it has now."""
    announce(scope, run_notice(rows.run(scope.get(runs, id=run_id)), datetime.now(UTC)))


def run_revoked(scope: Scope, run_id: int) -> None:
    """Tell that the files of a run were revoked."""
    announce(scope, revoked_notice(rows.run(scope.get(runs, id=run_id)), datetime.now(UTC)))


def announce(scope: Scope, notice: Notice) -> None:
    """Write a delivery for each subscription that wants the event, unless it has the notice."""
    # a subscription that is being removed is waited for, and one that is read stays until the end
    lock = scope.select(subscriptions, active=True).with_for_update(read=True, key_share=True)
    wanting = (row.id for row in scope.all(lock) if notice.event.value in row.events)
    _write(scope, notice, wanting)


def send_to(db: Database, tenant_id: str, subscription_id: str, notice: Notice) -> str:
    """Write a delivery for one subscription and give its id; NotFound where there is none."""
    with writing(db, tenant_id) as scope:
        scope.get(subscriptions, id=subscription_id)
        return _write(scope, notice, [subscription_id])


def wanting(db: Database, event: Event) -> list[str]:
    """Give the tenants that have a subscription for an event."""
    active = select(subscriptions.c.tenant_id, subscriptions.c.events).where(
        subscriptions.c.active.is_(True)
    )
    with db.read() as connection:
        found = connection.execute(active).all()
    return sorted({row.tenant_id for row in found if event.value in row.events})


def tell(db: Database, tenant_id: str, notice: Notice) -> None:
    """Announce something that no transaction of the store makes true."""
    with writing(db, tenant_id) as scope:
        announce(scope, notice)


def _write(scope: Scope, notice: Notice, subscription_ids: Iterable[str]) -> str:
    now, delivery_id = datetime.now(UTC), ""
    for subscription_id in subscription_ids:
        delivery_id = str(uuid4())
        values = {
            "id": delivery_id,
            "subscription_id": subscription_id,
            "notice_id": notice.id,
            "event": notice.event.value,
            "body": notice.body,
            "state": DeliveryState.WAITING.value,
            "attempts": 0,
            "created_at": now,
            "queued_at": now,
            "next_at": now,
            "answer": "",
            "said": None,
        }
        scope.ensure(deliveries, values)
    return delivery_id
