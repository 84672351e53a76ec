"""The courier: takes what is due out of the outbox and sends it, beside the runs.

Senders wait for others, so they have threads of their own, in two lanes: receivers whose last
attempt failed share one, so that however many of them are dead, those that work are served.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

import structlog

from cxport.domain.errors import CxportError
from cxport.domain.notice import Attempt, DeliveryState, Event, Kind, Target, expiring_notice
from cxport.domain.said import Said
from cxport.domain.vault import target_purpose
from cxport.engine.resources import Resources
from cxport.notices.outgoing import Outgoing, Sender
from cxport.store import certificates, deliveries, outbox
from cxport.store.deliveries import Claimed

_log = structlog.get_logger()

#: Seconds between two looks into the outbox.
ROUND_SECONDS = 1.0
#: Messages that are sent at the same time in each lane.
_AT_ONCE = 4
#: For so long a stop waits for what is being sent; what is cut off is sent again.
_STOP_SECONDS = 5.0


class Courier:
    """Sends by the sender of each kind; a kind without one is given up in time."""

    def __init__(self, at: Resources, senders: Mapping[Kind, Sender]) -> None:
        self._at = at
        self._senders = senders
        self._lanes = {ailing: _Lane(ailing=ailing) for ailing in (False, True)}

    def turn(self) -> None:
        """Begin to send what is due; returns before it is sent. Raises StoreUnavailable."""
        for lane in self._lanes.values():
            if free := lane.free():
                now = self._at.clock()
                for claimed in deliveries.claim(self._at.db, now, ailing=lane.ailing, limit=free):
                    lane.begin(partial(self._deliver, claimed))

    def settled(self, seconds: float) -> bool:
        """Wait, so long at most, until nothing is being sent, and tell whether that is so."""
        return all(lane.wait(seconds) for lane in self._lanes.values())

    def stop(self) -> None:
        """Begin nothing more, and wait a moment for what is being sent."""
        for lane in self._lanes.values():
            lane.stop()

    def _deliver(self, claimed: Claimed) -> None:
        """Send one message and write what came of it; a fault of ours is left to the lease."""
        try:
            sent = self._send(claimed)
        except CxportError as error:
            _log.warning("delivery not recorded", reason=error.message)
        except Exception as error:  # noqa: BLE001 - a fault in one delivery stops no other
            _log.error("delivery failed", error=type(error).__name__)
        else:
            if sent is DeliveryState.GIVEN_UP:
                _log.warning("delivery given up", subscription=claimed.subscription.id)

    def _send(self, claimed: Claimed) -> DeliveryState | None:
        now = self._at.clock()
        sender = self._senders.get(claimed.subscription.kind, _NotSetUp())
        attempt = sender.send(self._outgoing(claimed), now)
        return deliveries.record(self._at.db, claimed, attempt, self._at.clock())

    def _outgoing(self, claimed: Claimed) -> Outgoing:
        held, delivery = claimed.subscription, claimed.delivery
        opened = self._at.box.open(held.sealed, target_purpose(held.tenant_id))
        target = Target.from_bytes(opened)
        rotating = held.previous_until is not None and self._at.clock() < held.previous_until
        keys = (target.secret, target.previous if rotating else "")
        return Outgoing(
            id=delivery.notice_id,
            event=delivery.event,
            body=delivery.body,
            address=target.address,
            keys=tuple(filter(None, keys)),
            language=held.language,
        )


class _Lane:
    """Threads that send; `free` of them have nothing to do."""

    def __init__(self, *, ailing: bool) -> None:
        self.ailing = ailing
        self._busy = 0
        self._change = threading.Condition()
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="courier")

    def free(self) -> int:
        """Tell how many further messages may be sent at once."""
        with self._change:
            return _AT_ONCE - self._busy

    def begin(self, act: Callable[[], None]) -> None:
        """Do something in a thread of the lane."""
        with self._change:
            self._busy += 1
        self._threads.submit(self._done_after, act)

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is under way, so long at most, and tell whether nothing is."""
        with self._change:
            return self._change.wait_for(lambda: not self._busy, seconds)

    def stop(self) -> None:
        """Begin nothing more."""
        self.wait(_STOP_SECONDS)
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _done_after(self, act: Callable[[], None]) -> None:
        try:
            act()
        finally:
            with self._change:
                self._busy -= 1
                self._change.notify_all()


class _NotSetUp:
    """Stands where the operator has set up no way to send."""

    def send(self, message: Outgoing, now: datetime) -> Attempt:
        """Say so."""
        del message, now
        return Attempt(delivered=False, answer=Said("not sent: the operator has not set this up"))


def tell_of_certificates(at: Resources) -> None:
    """Tell those who want to know of certificates in force that end soon, each once."""
    now = at.clock()
    for tenant_id in outbox.wanting(at.db, Event.CERTIFICATE_EXPIRING):
        found = certificates.in_force(at.db, tenant_id)
        notice = expiring_notice(found, now) if found else None
        if notice is not None:
            outbox.tell(at.db, tenant_id, notice)
