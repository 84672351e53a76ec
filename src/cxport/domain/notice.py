"""What is told to those who asked for it: events, subscriptions and deliveries."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from cxport.domain.certificate import StoredCertificate, expiring
from cxport.domain.run import Run, Status
from cxport.domain.said import Said


class Event(StrEnum):
    """Something that can be subscribed to; the value is the `type` of its message."""

    RUN_COMPLETED = "run.completed"
    """A run has ended with all there was to export."""
    RUN_COMPLETED_WITH_WARNINGS = "run.completedWithWarnings"
    """A run has ended; some rows were skipped, or are not quite as the source has them."""
    RUN_NO_DATA = "run.noData"
    """A run has ended, and there was nothing to export."""
    RUN_FAILED = "run.failed"
    """A run has failed; the run's history record says why."""
    RUN_CANCELLED = "run.cancelled"
    """A run was cancelled."""
    RUN_EXPIRED = "run.expired"
    """The last file of a run has gone, its time being over."""
    FILE_REVOKED = "file.revoked"
    """The files of a run were revoked before their time was over; `run.expired` is told, too."""
    CERTIFICATE_EXPIRING = "certificate.expiring"
    """The certificate in force ends within 60, 30 or 7 days; each is told once."""
    TEST = "test"
    """Somebody tries a subscription; sent to that one alone, whatever it subscribes to."""


#: What a subscription may name.
SUBSCRIBABLE = tuple(event for event in Event if event is not Event.TEST)

#: How long a receiver is tried at least before a delivery is given up.
TRIED_FOR = timedelta(hours=30)
#: After a new secret, so long the one before signs too.
ROTATION = timedelta(hours=24)
#: How long deliveries are kept.
KEPT_FOR = timedelta(days=90)
#: Waits after the first, second... failure of a delivery; the last one from then on.
_WAITS = (5, 30, 120, 600, 1800, 3600)
_LONGEST_PAUSE = timedelta(minutes=5)


class Kind(StrEnum):
    """How a subscription is served."""

    WEBHOOK = "webhook"
    MAIL = "mail"


class DeliveryState(StrEnum):
    """Where a delivery stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    GIVEN_UP = "givenUp"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One event; its id stays the same however often it is sent."""

    id: str
    event: Event
    at: datetime
    data: Mapping[str, object]

    @property
    def body(self) -> str:
        """The message as JSON, in the form of Standard Webhooks."""
        at = self.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message = {"type": self.event.value, "timestamp": at, "data": self.data}
        return json.dumps(message, separators=(",", ":"))


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Who is told of what; `sealed` holds a Target."""

    id: str
    tenant_id: str
    kind: Kind
    events: tuple[Event, ...]
    language: str
    active: bool
    created_at: datetime
    created_by: str
    sealed: bytes
    #: Until when the secret before signs, too.
    previous_until: datetime | None = None
    #: Failures since something was last delivered.
    failures: int = 0


@dataclass(frozen=True, kw_only=True, repr=False)
class Target:
    """Where a subscription leads, and what its messages are signed with; kept sealed.

    `address` is a URL, or mail addresses separated by commas; a mail has no secret.
    """

    address: str
    secret: str = ""
    previous: str = ""

    def to_bytes(self) -> bytes:
        """Give what is sealed."""
        return json.dumps(vars(self)).encode()

    @classmethod
    def from_bytes(cls, opened: bytes) -> Target:
        """Read what was sealed."""
        return cls(**json.loads(opened))


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """One event on its way to one subscription; `answer` says what came of the last attempt."""

    id: str
    subscription_id: str
    notice_id: str
    event: Event
    body: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime
    ended_at: datetime | None
    answer: str


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What came of one attempt; `answer` holds no address and nothing that was received."""

    delivered: bool
    answer: Said


def wait_after(failures: int) -> timedelta:
    """Give how long a delivery waits after so many failures."""
    return timedelta(seconds=_WAITS[min(failures, len(_WAITS)) - 1])


def pause_after(failures: int) -> timedelta:
    """Give how long a whole subscription rests after so many failures in a row."""
    return min(wait_after(failures), _LONGEST_PAUSE)


def new_notice_id() -> str:
    """Give an id that no other notice has."""
    return f"msg_{uuid.uuid4().hex}"


def event_of(status: Status) -> Event:
    """Give the event of a run that has come to a status in which it has ended."""
    return Event(f"run.{status.value}")


def run_notice(run: Run, now: datetime) -> Notice:
    """Say that a run has ended: ids, status, counts and sizes; nothing that people wrote."""
    return _of_run(event_of(run.status), run, now)


def revoked_notice(run: Run, now: datetime) -> Notice:
    """Say that the files of a run were revoked; why is told by its history record alone."""
    return _of_run(Event.FILE_REVOKED, run, now)


def _of_run(event: Event, run: Run, now: datetime) -> Notice:
    return Notice(
        id=new_notice_id(),
        event=event,
        at=now,
        data={
            "tenantId": run.tenant_id,
            "runId": run.id,
            "jobId": run.job_id,
            "status": run.status.value,
            "counts": vars(run.counts),
            "sizeBytes": run.size_bytes,
            "startedAt": _instant(run.started_at),
            "endedAt": _instant(run.ended_at),
        },
    )


def expiring_notice(certificate: StoredCertificate, now: datetime) -> Notice | None:
    """Say that a certificate ends soon; None where it does not, or has ended.

    The id is that of the certificate and the number of days: each is told once.
    """
    warning = expiring(certificate, now)
    if warning is None or certificate.not_after <= now:
        return None
    named = f"{certificate.tenant_id} {certificate.fingerprint} {warning.within_days}"
    return Notice(
        id=f"msg_{hashlib.sha256(named.encode()).hexdigest()[:32]}",
        event=Event.CERTIFICATE_EXPIRING,
        at=now,
        data={
            "tenantId": certificate.tenant_id,
            "fingerprint": certificate.fingerprint,
            "endsAt": _instant(certificate.not_after),
            "withinDays": warning.within_days,
        },
    )


def trial_notice(tenant_id: str, now: datetime) -> Notice:
    """Say that somebody tries a subscription."""
    return Notice(id=new_notice_id(), event=Event.TEST, at=now, data={"tenantId": tenant_id})


def _instant(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
