"""A certificate that a tenant uploaded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
