"""A certificate that a tenant uploaded, and when to say that it will expire."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: Days before its expiry from which on a certificate is warned of, and warned of again.
WARNING_DAYS = (60, 30, 7)


@dataclass(frozen=True, kw_only=True)
class StoredCertificate:
    """What was uploaded: one or more recipients in one file; the newest is the one in force."""

    id: str
    tenant_id: str
    name: str
    pem: bytes
    size_bytes: int
    #: Of the first recipient, SHA-256 in hex.
    fingerprint: str
    subject: str
    not_before: datetime
    not_after: datetime
    uploaded_at: datetime
    uploaded_by: str


@dataclass(frozen=True, kw_only=True)
class CertificateExpiring:
    """The certificate in force expires soon, or has expired: then no run can be sealed to it."""

    tenant_id: str
    certificate_id: str
    name: str
    not_after: datetime
    #: Whole days that are left, rounded down; below 0: it has expired.
    days: int
    #: The smallest of WARNING_DAYS that it has come within.
    within_days: int
    #: Whether it came within them since it was last warned of: an event, not a reminder.
    crossed: bool = True


def days_left(not_after: datetime, now: datetime) -> float:
    """Give the days until a moment; below 0 where it has passed."""
    return (not_after - now) / timedelta(days=1)


def expiring(certificate: StoredCertificate, now: datetime) -> CertificateExpiring | None:
    """Warn of a certificate that is within WARNING_DAYS of its expiry; None for any other."""
    left = days_left(certificate.not_after, now)
    within = [days for days in WARNING_DAYS if left <= days]
    if not within:
        return None
    return CertificateExpiring(
        tenant_id=certificate.tenant_id,
        certificate_id=certificate.id,
        name=certificate.name,
        not_after=certificate.not_after,
        days=int(left // 1),
        within_days=min(within),
    )
