"""The courier: what is in the outbox arrives, and a receiver that is dead is alone with that."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from cxport import blobs
from cxport.blobs.base import BlobSettings
from cxport.domain.listing import Query
from cxport.domain.notice import (
    ROTATION,
    Delivery,
    DeliveryState,
    Event,
    Kind,
    Subscription,
    Target,
    trial_notice,
)
from cxport.domain.tenant import Tenant
from cxport.domain.vault import target_purpose
from cxport.engine.courier import Courier, tell_of_certificates
from cxport.engine.resources import Resources
from cxport.notices.address import Receivers
from cxport.notices.signature import new_secret
from cxport.notices.webhook import Webhooks
from cxport.sealing.signature import new_signing_key
from cxport.sealing.vault import Vault, new_master_key
from cxport.store import certificates, database, deliveries, outbox, subscriptions
from cxport.store.secrets import reseal_all
from tests.notices.receiver import HOST, receiving
from tests.store.samples import a_certificate, new_tenant

KEYS = [new_master_key(), new_master_key()]


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Resources]:
    """Give what a worker has at hand."""
    settings = BlobSettings(url=(tmp_path / "objects").as_uri())
    db = database.connect(f"sqlite:///{tmp_path / 'store.sqlite'}")
    db.migrate()
    yield Resources(
        db=db,
        box=Vault(KEYS[1:]),
        blobs=blobs.connect(settings),
        blob_settings=settings,
        signing_key=new_signing_key(),
        environment={},
        clock=lambda: datetime.now(UTC),
        workers=1,
        part_rows=1000,
        retention=timedelta(days=30),
    )
    db.close()


@pytest.fixture
def courier(at: Resources) -> Iterator[Courier]:
    """Give a courier that may reach this machine."""
    receivers = Receivers.named(f"{HOST}/32")
    found = Courier(at, {Kind.WEBHOOK: Webhooks(receivers, ssl.create_default_context())})
    yield found
    found.stop()


@pytest.fixture
def tenant(at: Resources) -> Tenant:
    """Give a tenant."""
    return new_tenant(at.db)


def subscribed(at: Resources, tenant: Tenant, port: int, secret: str = "") -> Subscription:
    """Subscribe a receiver on a port of this machine to everything."""
    target = Target(address=f"http://{HOST}:{port}/", secret=secret or new_secret())
    return subscriptions.add(
        at.db,
        tenant.id,
        kind=Kind.WEBHOOK,
        events=tuple(Event),
        language="en",
        sealed=at.box.seal(target.to_bytes(), target_purpose(tenant.id)),
        created_by="user:ann",
    )


def tried(at: Resources, found: Subscription) -> None:
    """Send a test event."""
    outbox.send_to(at.db, found.tenant_id, found.id, trial_notice(found.tenant_id, at.clock()))


def sent_to(at: Resources, found: Subscription) -> list[Delivery]:
    """Give the deliveries of a subscription."""
    return list(deliveries.page(at.db, found.tenant_id, found.id, Query()).items)


def test_what_is_in_the_outbox_arrives_once(
    at: Resources, courier: Courier, tenant: Tenant
) -> None:
    """Each event, signed by the subscription's secret, under an id of its own."""
    secret = new_secret()
    with receiving() as receiver:
        found = subscribed(at, tenant, receiver.port, secret)
        for _ in range(5):
            tried(at, found)
        for _ in range(8):
            courier.turn()
            assert courier.settled(5)

    assert len({got.headers["webhook-id"] for got in receiver.got}) == len(receiver.got) == 5
    for got in receiver.got:
        assert Webhook(secret).verify(got.body, got.headers)["type"] == "test"
    assert {one.state for one in sent_to(at, found)} == {DeliveryState.DELIVERED}


@pytest.mark.promise("S18")
def test_what_failed_comes_again_under_its_id(
    at: Resources, courier: Courier, tenant: Tenant
) -> None:
    """A receiver that was down gets the same message when it is back."""
    with receiving() as receiver:
        found = subscribed(at, tenant, receiver.port)
        tried(at, found)
        receiver.status = 503
        courier.turn()
        assert courier.settled(5)
        receiver.status = 204
        deliveries.replay(at.db, tenant.id, found.id, sent_to(at, found)[0].id)
        courier.turn()
        assert courier.settled(5)

    first, second = receiver.got
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert sent_to(at, found)[0].state is DeliveryState.DELIVERED


@pytest.mark.promise("S18")
def test_dead_receivers_do_not_hold_up_others(
    at: Resources, courier: Courier, tenant: Tenant
) -> None:
    """While ten receivers that failed before let everybody wait, a good one is served at once."""
    with receiving() as dead, receiving() as good:
        dead.status = 500
        ailing = [subscribed(at, tenant, dead.port) for _ in range(10)]
        for one in ailing:
            tried(at, one)
        while any(one.attempts == 0 for found in ailing for one in sent_to(at, found)):
            courier.turn()
            assert courier.settled(5)
        dead.answering.clear()
        for one in ailing:
            deliveries.replay(at.db, tenant.id, one.id, sent_to(at, one)[0].id)
        courier.turn()
        tried(at, subscribed(at, tenant, good.port))
        courier.turn()
        began = time.monotonic()
        while not good.got:
            assert time.monotonic() - began < 3
            time.sleep(0.01)

        assert not courier.settled(0)
        dead.answering.set()


@pytest.mark.promise("S18")
def test_both_secrets_sign_while_one_is_replaced(
    at: Resources, courier: Courier, tenant: Tenant
) -> None:
    """Until the time is over; then the new one alone."""
    old, new = new_secret(), new_secret()
    with receiving() as receiver:
        found = subscribed(at, tenant, receiver.port, old)
        target = Target(address=f"http://{HOST}:{receiver.port}/", secret=new, previous=old)
        for until in (at.clock() + ROTATION, at.clock() - timedelta(seconds=1)):
            sealed = at.box.seal(target.to_bytes(), target_purpose(tenant.id))
            changed = Subscription(**{**vars(found), "sealed": sealed, "previous_until": until})
            subscriptions.save(at.db, tenant.id, changed)
            tried(at, found)
            courier.turn()
            assert courier.settled(5)

    assert [len(got.headers["webhook-signature"].split()) for got in receiver.got] == [2, 1]
    for key in (old, new):
        Webhook(key).verify(receiver.got[0].body, receiver.got[0].headers)
    Webhook(new).verify(receiver.got[1].body, receiver.got[1].headers)


def test_mail_that_is_not_set_up_is_said(at: Resources, courier: Courier, tenant: Tenant) -> None:
    """A subscription whose mail server the operator has taken away."""
    target = Target(address="ann@company.example")
    found = subscriptions.add(
        at.db,
        tenant.id,
        kind=Kind.MAIL,
        events=(Event.RUN_FAILED,),
        language="de",
        sealed=at.box.seal(target.to_bytes(), target_purpose(tenant.id)),
        created_by="user:ann",
    )
    tried(at, found)
    courier.turn()
    assert courier.settled(5)

    assert sent_to(at, found)[0].answer == "not sent: the operator has not set this up"


def test_a_new_master_key_opens_targets(at: Resources, courier: Courier, tenant: Tenant) -> None:
    """They are sealed again with everything else: the old key alone opens none any more."""
    with receiving() as receiver:
        found = subscribed(at, tenant, receiver.port)
        reseal_all(at.db, Vault(KEYS))
        tried(at, found)
        courier.turn()
        assert courier.settled(5)
        assert receiver.got == []

    sealed = subscriptions.get(at.db, tenant.id, found.id).sealed
    assert Target.from_bytes(Vault(KEYS[:1]).open(sealed, target_purpose(tenant.id))).secret


def test_certificates_that_end_soon_are_told_of_once(at: Resources, tenant: Tenant) -> None:
    """However often and by however many workers they are looked at."""
    found = subscribed(at, tenant, 1)
    a_certificate(at.db, tenant, "c" * 64)
    in_force = certificates.in_force(at.db, tenant.id)
    assert in_force is not None
    soon = Resources(**{**vars(at), "clock": lambda: in_force.not_after - timedelta(days=20)})

    tell_of_certificates(soon)
    tell_of_certificates(soon)

    (one,) = sent_to(at, found)
    assert one.event is Event.CERTIFICATE_EXPIRING
