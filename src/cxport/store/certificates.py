"""The certificates that a tenant uploaded; the newest is in force."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row

from cxport.domain.certificate import StoredCertificate
from cxport.domain.errors import NotFound
from cxport.store.database import Database
from cxport.store.scope import Scope, reading, writing
from cxport.store.tables import certificates, tenants


def add(  # noqa: PLR0913 - what a certificate is made of
    db: Database,
    tenant_id: str,
    *,
    name: str,
    pem: bytes,
    size_bytes: int,
    fingerprint: str,
    subject: str,
    not_before: datetime,
    not_after: datetime,
    uploaded_by: str,
) -> StoredCertificate:
    """Add a certificate, in force from now on; NotFound for an unknown tenant.

    Newest is the last one added, not the one with the latest time: clocks are set back.
    """
    values = {
        "name": name,
        "pem": pem,
        "size_bytes": size_bytes,
        "fingerprint": fingerprint,
        "subject": subject,
        "not_before": not_before,
        "not_after": not_after,
        "uploaded_at": datetime.now(UTC),
        "uploaded_by": uploaded_by,
    }
    with writing(db, tenant_id) as scope:
        number = scope.take(tenants.c.last_certificate)
        scope.insert(certificates, {**values, "number": number})
        return _certificate(scope.get(certificates, number=number))


def in_force(db: Database, tenant_id: str) -> StoredCertificate | None:
    """Give the certificate in force; whether it is still valid is not looked at."""
    with reading(db, tenant_id) as scope:
        return newest(scope)


def newest(scope: Scope) -> StoredCertificate | None:
    """Give the same within a transaction."""
    latest = certificates.c.number.desc()
    row = scope.first(scope.select(certificates).order_by(latest).limit(1))
    return None if row is None else _certificate(row)


def by_fingerprint(db: Database, tenant_id: str, fingerprint: str) -> StoredCertificate:
    """Give the newest certificate of a fingerprint, or raise NotFound."""
    latest = certificates.c.number.desc()
    with reading(db, tenant_id) as scope:
        found = scope.select(certificates, fingerprint=fingerprint).order_by(latest).limit(1)
        row = scope.first(found)
    if row is None:
        raise NotFound
    return _certificate(row)


def history(db: Database, tenant_id: str) -> list[StoredCertificate]:
    """Give every certificate that was uploaded, the newest first."""
    latest = certificates.c.number.desc()
    with reading(db, tenant_id) as scope:
        return [_certificate(row) for row in scope.all(scope.select(certificates).order_by(latest))]


def _certificate(row: Row[Any]) -> StoredCertificate:
    return StoredCertificate(
        id=str(row.number),
        tenant_id=row.tenant_id,
        name=row.name,
        pem=row.pem,
        size_bytes=row.size_bytes,
        fingerprint=row.fingerprint,
        subject=row.subject,
        not_before=row.not_before,
        not_after=row.not_after,
        uploaded_at=row.uploaded_at,
        uploaded_by=row.uploaded_by,
    )
