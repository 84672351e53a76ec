"""The outbox: what is told is what happened, once, and each receiver is served by one at a time."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from cxport.domain.custody import Decision
from cxport.domain.errors import InvalidInput, LostRun, NotFound
from cxport.domain.listing import Query
from cxport.domain.notice import (
    KEPT_FOR,
    TRIED_FOR,
    Attempt,
    Delivery,
    DeliveryState,
    Event,
    Kind,
    Subscription,
    event_of,
    expiring_notice,
    trial_notice,
)
from cxport.domain.run import Status
from cxport.domain.said import Said
from cxport.domain.tenant import Tenant
from cxport.store import deliveries, leftovers, outbox, runs, subscriptions
from cxport.store.database import Database
from cxport.store.deliveries import Claimed
from tests.store.samples import a_begun_run, a_certificate, a_run, an_artifact, publish

FAILED = Attempt(delivered=False, answer=Said("answered 500"))
TAKEN = Attempt(delivered=True, answer=Said("answered 204"))
EVERYTHING = tuple(Event)


def subscribed(db: Database, tenant: Tenant, *events: Event) -> Subscription:
    """Subscribe to events, or to all."""
    return subscriptions.add(
        db,
        tenant.id,
        kind=Kind.WEBHOOK,
        events=events or EVERYTHING,
        language="en",
        sealed=b"sealed",
        created_by="user:ann",
    )


def sent_to(db: Database, found: Subscription) -> list[Delivery]:
    """Give the deliveries of a subscription, the oldest first."""
    query = Query(order="created_at")
    return list(deliveries.page(db, found.tenant_id, found.id, query).items)


def tried(db: Database, found: Subscription) -> str:
    """Write a delivery for a subscription."""
    notice = trial_notice(found.tenant_id, datetime.now(UTC))
    return outbox.send_to(db, found.tenant_id, found.id, notice)


def claim(
    db: Database, found: Subscription, now: datetime | None = None, *, ailing: bool = False
) -> Claimed | None:
    """Claim what is due of one subscription, and let others be."""
    for one in deliveries.claim(db, now or datetime.now(UTC), ailing=ailing, limit=1000):
        if one.subscription.id == found.id:
            return one
    return None


def claimed(db: Database, found: Subscription, now: datetime | None = None) -> Claimed:
    """Claim what is due of one subscription, well or ailing."""
    one = claim(db, found, now) or claim(db, found, now, ailing=True)
    assert one is not None
    return one


def test_every_end_has_its_event() -> None:
    """A state in which a run has ended and that has no event would break the run's end."""
    assert {event_of(status) for status in Status if status.ended} == {
        event for event in Event if event.startswith("run.")
    }


@pytest.mark.promise("S18")
def test_a_run_that_ends_is_told_of(db: Database, tenant: Tenant, other: Tenant) -> None:
    """In each of its ways, to those who want it, and to no other tenant's."""
    everything, failures = subscribed(db, tenant), subscribed(db, tenant, Event.RUN_FAILED)
    others = subscribed(db, other)
    published, failed = a_begun_run(db, tenant), a_begun_run(db, tenant)
    cancelled, waiting = a_begun_run(db, tenant), a_run(db, tenant)

    file = an_artifact(published)
    publish(db, published, [file])
    runs.fail(db, tenant.id, failed.id, failed.attempt, "a reason")
    runs.fail(db, tenant.id, failed.id, failed.attempt, "again")
    runs.cancel(db, tenant.id, cancelled.id)
    runs.cancelled(db, tenant.id, cancelled.id, cancelled.attempt)
    runs.cancel(db, tenant.id, waiting.id)
    runs.cancel(db, tenant.id, waiting.id)
    leftovers.expire_file(db, tenant.id, file.name)

    assert sorted(one.event for one in sent_to(db, everything)) == [
        "run.cancelled",
        "run.cancelled",
        "run.completed",
        "run.expired",
        "run.failed",
    ]
    (told,) = sent_to(db, failures)
    assert f'"runId":{failed.id}' in told.body
    assert "a reason" not in told.body
    assert len({one.notice_id for one in sent_to(db, everything)}) == 5
    assert sent_to(db, others) == []


def test_files_that_are_revoked_are_told_of(db: Database, tenant: Tenant) -> None:
    """Once a run, beside its end; who revoked them and why stays here."""
    found = subscribed(db, tenant, Event.FILE_REVOKED, Event.RUN_EXPIRED)
    run = a_begun_run(db, tenant)
    publish(db, run, [an_artifact(run)])
    decision = Decision(by="user:ann", at=datetime.now(UTC), reason="sent in error")

    runs.revoke(db, tenant.id, run.id, decision)
    runs.revoke(db, tenant.id, run.id, decision)

    told = sent_to(db, found)
    assert sorted(one.event for one in told) == ["file.revoked", "run.expired"]
    for one in told:
        assert f'"runId":{run.id}' in one.body
        assert "ann" not in one.body
        assert "sent in error" not in one.body


@pytest.mark.promise("S18")
def test_what_did_not_happen_is_not_told(db: Database, tenant: Tenant) -> None:
    """The event goes with the transaction: a write that is refused tells nothing."""
    found = subscribed(db, tenant)
    run = a_begun_run(db, tenant)

    with pytest.raises(LostRun):
        runs.fail(db, tenant.id, run.id, run.attempt + 1, "not mine")

    assert sent_to(db, found) == []


def test_one_at_a_time(db: Database, tenant: Tenant) -> None:
    """While somebody sends to a receiver, nobody else does; then the next one goes."""
    found = subscribed(db, tenant)
    first, second = tried(db, found), tried(db, found)

    held = claimed(db, found)
    assert held.delivery.id in {first, second}
    assert claim(db, found) is None

    deliveries.record(db, held, TAKEN, datetime.now(UTC))
    following = claimed(db, found)
    assert {held.delivery.id, following.delivery.id} == {first, second}


def test_claims_at_once_are_of_different_receivers(db: Database, tenant: Tenant) -> None:
    """Eight senders at the same moment: every due delivery is taken by one of them."""
    found = [subscribed(db, tenant) for _ in range(10)]
    for one in found:
        tried(db, one)
    barrier, taken = threading.Barrier(8), list[str]()

    def take() -> None:
        barrier.wait()
        got = deliveries.claim(db, datetime.now(UTC), ailing=False, limit=1000)
        taken.extend(one.delivery.id for one in got)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ours = [sent_to(db, one)[0].id for one in found]
    assert sorted(one for one in taken if one in ours) == sorted(ours)


@pytest.mark.promise("S18")
def test_a_sender_that_died_is_replaced_and_may_write_no_more(db: Database, tenant: Tenant) -> None:
    """After its lease another sends, under the same id; what the first one says comes too late."""
    found = subscribed(db, tenant)
    tried(db, found)
    lost = claimed(db, found)
    later = datetime.now(UTC) + deliveries.LEASE

    taken = claimed(db, found, later)
    assert taken.delivery.notice_id == lost.delivery.notice_id
    assert deliveries.record(db, lost, TAKEN, later) is None
    assert sent_to(db, found)[0].state is DeliveryState.WAITING
    assert deliveries.record(db, taken, TAKEN, later) is DeliveryState.DELIVERED
    assert (sent_to(db, found)[0].attempts, sent_to(db, found)[0].answer) == (2, "answered 204")


@pytest.mark.promise("S18")
def test_a_failure_is_tried_again_for_more_than_a_day(db: Database, tenant: Tenant) -> None:
    """With growing waits, in the lane of the ailing; then it is given up, and said."""
    found = subscribed(db, tenant)
    tried(db, found)
    now = began = datetime.now(UTC)
    waits = []
    state: DeliveryState | None = DeliveryState.WAITING
    while state is DeliveryState.WAITING:
        state = deliveries.record(db, claimed(db, found, now), FAILED, now)
        assert claim(db, found, now, ailing=True) is None
        (one,) = sent_to(db, found)
        waits.append((one.next_at - now).total_seconds())
        now = one.next_at

    assert waits[:6] == [5, 30, 120, 600, 1800, 3600]
    assert TRIED_FOR <= now - began < TRIED_FOR + timedelta(hours=3)
    assert (one.state, one.answer) == (DeliveryState.GIVEN_UP, "answered 500")
    assert one.attempts == len(waits) > 30


def test_a_replay_goes_out_at_once_under_its_id(db: Database, tenant: Tenant) -> None:
    """Of what was delivered, given up, or waits; of an unknown delivery it is NotFound."""
    found = subscribed(db, tenant)
    delivery_id = tried(db, found)
    before = claimed(db, found)
    deliveries.record(db, before, TAKEN, datetime.now(UTC))
    assert claim(db, found) is None

    deliveries.replay(db, tenant.id, found.id, delivery_id)

    assert claimed(db, found).delivery.notice_id == before.delivery.notice_id
    with pytest.raises(NotFound):
        deliveries.replay(db, tenant.id, subscribed(db, tenant).id, delivery_id)


def test_one_that_is_switched_off_gets_nothing(db: Database, tenant: Tenant) -> None:
    """Nothing is written for it, and what waits stays where it is until it is on again."""
    found = subscribed(db, tenant)
    tried(db, found)
    subscriptions.save(db, tenant.id, replace(found, active=False))

    run = a_run(db, tenant)
    runs.cancel(db, tenant.id, run.id)
    assert len(sent_to(db, found)) == 1
    assert claim(db, found) is None

    subscriptions.save(db, tenant.id, found)
    assert claim(db, found) is not None


def test_a_subscription_goes_with_its_deliveries(db: Database, tenant: Tenant) -> None:
    """What is being sent meanwhile is written nowhere."""
    found = subscribed(db, tenant)
    tried(db, found)
    held = claimed(db, found)

    subscriptions.remove(db, tenant.id, found.id)

    assert deliveries.record(db, held, TAKEN, datetime.now(UTC)) is None
    with pytest.raises(NotFound):
        sent_to(db, found)


def test_a_certificate_is_told_of_once_for_each_span(db: Database, tenant: Tenant) -> None:
    """At 60, 30 and 7 days; not before, not twice, not after its end."""
    found = subscribed(db, tenant, Event.CERTIFICATE_EXPIRING)
    certificate = a_certificate(db, tenant, "b" * 64)
    for days in (61, 60, 45, 30, 29, 8, 7, 1, 0, -1):
        notice = expiring_notice(certificate, certificate.not_after - timedelta(days=days))
        if notice is not None:
            outbox.tell(db, tenant.id, notice)

    bodies = [one.body for one in sent_to(db, found)]
    assert [body.rpartition('"withinDays":')[2] for body in bodies] == ["60}}", "30}}", "7}}"]


def test_old_deliveries_go(db: Database, tenant: Tenant) -> None:
    """After ninety days."""
    found = subscribed(db, tenant)
    tried(db, found)

    deliveries.forget_old(db, datetime.now(UTC) + KEPT_FOR - timedelta(minutes=1))
    assert len(sent_to(db, found)) == 1
    deliveries.forget_old(db, datetime.now(UTC) + KEPT_FOR + timedelta(minutes=1))
    assert sent_to(db, found) == []


def test_there_is_a_limit(db: Database, tenant: Tenant) -> None:
    """A tenant's fifty-first subscription is refused."""
    for _ in range(subscriptions.MOST):
        subscribed(db, tenant)

    with pytest.raises(InvalidInput):
        subscribed(db, tenant)


def test_removals_break_no_run(db: Database, tenant: Tenant) -> None:
    """Runs that end while subscriptions are removed end all the same."""
    found = [subscribed(db, tenant) for _ in range(20)]
    begun = [a_begun_run(db, tenant) for _ in range(20)]
    faults = list[Exception]()

    def end() -> None:
        try:
            for run in begun:
                runs.fail(db, tenant.id, run.id, run.attempt, "a reason")
        except Exception as error:  # noqa: BLE001 - whatever it is, the test tells
            faults.append(error)

    thread = threading.Thread(target=end)
    thread.start()
    for one in found:
        subscriptions.remove(db, tenant.id, one.id)
    thread.join()

    assert faults == []
    assert {runs.get(db, tenant.id, run.id).status for run in begun} == {Status.FAILED}
