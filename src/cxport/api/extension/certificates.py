"""`/certificates`: all that were uploaded, and whether the one in force expires soon."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter

from cxport.api.auth import SignedIn, Use
from cxport.api.errors import documented
from cxport.api.instants import iso
from cxport.api.shapes import Answer
from cxport.domain.certificate import CertificateExpiring, StoredCertificate, days_left

router = APIRouter(prefix="/certificates", tags=["certificates"])


class CertificateDetail(Answer):
    """A certificate; `daysLeft` is rounded down, below 0 where it has expired."""

    id: int
    name: str
    subject: str
    fingerprint: str
    size: int
    not_before: str
    not_after: str
    days_left: int
    in_force: bool
    uploaded_date: str
    uploaded_by: str


class CertificateWarning(Answer):
    """The certificate in force has come within so many days of its expiry."""

    id: int
    name: str
    not_after: str
    days_left: int
    within_days: int


class CertificateHistory(Answer):
    """The newest first, which is the one in force; `warnings` is empty as long as all is well."""

    items: list[CertificateDetail]
    warnings: list[CertificateWarning]


@router.get("", responses=documented())
def list_certificates(caller: SignedIn, services: Use) -> CertificateHistory:
    """List every certificate that was uploaded, and warn from 60 days before the expiry on."""
    found, now = services.certificates.history(caller), services.clock()
    return CertificateHistory(
        items=[_detail(one, now, in_force=one is found[0]) for one in found],
        warnings=[_warning(one) for one in services.certificates.warnings(caller)],
    )


def _detail(found: StoredCertificate, now: datetime, *, in_force: bool) -> CertificateDetail:
    return CertificateDetail(
        id=int(found.id),
        name=found.name,
        subject=found.subject,
        fingerprint=found.fingerprint,
        size=found.size_bytes,
        not_before=iso(found.not_before),
        not_after=iso(found.not_after),
        days_left=int(days_left(found.not_after, now) // 1),
        in_force=in_force,
        uploaded_date=iso(found.uploaded_at),
        uploaded_by=found.uploaded_by,
    )


def _warning(found: CertificateExpiring) -> CertificateWarning:
    return CertificateWarning(
        id=int(found.certificate_id),
        name=found.name,
        not_after=iso(found.not_after),
        days_left=found.days,
        within_days=found.within_days,
    )
