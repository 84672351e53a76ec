"""Certificates: the one in force is what every run is sealed to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from cxport.domain.access import Action
from cxport.domain.audit import Act
from cxport.domain.certificate import (
    CertificateExpiring,
    StoredCertificate,
    days_left,
    expiring,
)
from cxport.domain.errors import CertificateRefused, InvalidInput, NotFound, TooLarge
from cxport.domain.said import Said
from cxport.domain.tenant import Caller
from cxport.sealing.certificate import (
    MAX_CERTIFICATE_BYTES,
    Recipient,
    check_usable,
    parse_certificates,
    read_recipients,
)
from cxport.services.access import require
from cxport.services.audit import Audit
from cxport.store import certificates
from cxport.store.database import Database

#: A larger file is not looked at.
MAX_UPLOAD_BYTES = MAX_CERTIFICATE_BYTES
_EXPECTED = Said("a valid certificate, uploaded before the job is created")
_NAME = re.compile(r"[^/\\\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]{1,255}")


@dataclass(frozen=True, kw_only=True)
class Examined:
    """A certificate of a file, before it is put in force; `days_left` are whole days."""

    subject: str
    issuer: str
    key_bits: int
    #: SHA-256 in hex.
    fingerprint: str
    not_before: datetime
    not_after: datetime
    days_left: int
    #: Whether exports are sealed to it already.
    in_force: bool


class Certificates:
    """What a caller may do with certificates."""

    def __init__(self, db: Database, clock: Callable[[], datetime], audit: Audit) -> None:
        self._db = db
        self._clock = clock
        self._audit = audit

    def examine(self, caller: Caller, name: str, content: bytes) -> tuple[Examined, ...]:
        """Tell what a file holds, without keeping it; raises what `upload` raises for it."""
        require(caller, Action.CERTIFICATE_UPLOAD)
        now = self._clock()
        found = certificates.in_force(self._db, caller.tenant_id)
        held = {one.fingerprint for one in read_recipients(found.pem)} if found else set()
        return tuple(
            Examined(
                subject=one.subject,
                issuer=one.issuer,
                key_bits=one.key_bits,
                fingerprint=one.fingerprint,
                not_before=one.not_before,
                not_after=one.not_after,
                days_left=int(days_left(one.not_after, now)),
                in_force=one.fingerprint in held,
            )
            for one in self._parsed(name, content, now)
        )

    def upload(self, caller: Caller, name: str, content: bytes) -> StoredCertificate:
        """Check a file (PEM or DER) and put it in force; its name is kept as data, no path.

        Raises InvalidInput for a name, CertificateRefused for a content that will not do, and
        TooLarge above MAX_UPLOAD_BYTES. A refused file is neither kept nor logged.
        """
        require(caller, Action.CERTIFICATE_UPLOAD)
        recipients = self._parsed(name, content, self._clock())
        with self._audit.act(caller, Act.CERTIFICATE_UPLOAD, recipients[0].fingerprint):
            return certificates.add(
                self._db,
                caller.tenant_id,
                name=name,
                pem="".join(recipient.pem for recipient in recipients).encode(),
                size_bytes=len(content),
                fingerprint=recipients[0].fingerprint,
                subject=recipients[0].subject,
                # sealing takes all recipients or none, so the narrowest span counts
                not_before=max(recipient.not_before for recipient in recipients),
                not_after=min(recipient.not_after for recipient in recipients),
                uploaded_by=caller.subject,
            )

    @staticmethod
    def _parsed(name: str, content: bytes, now: datetime) -> tuple[Recipient, ...]:
        _check_name(name)
        if len(content) > MAX_UPLOAD_BYTES:
            raise TooLarge(
                Said(
                    "a certificate file has at most {max_upload_bytes} bytes",
                    max_upload_bytes=MAX_UPLOAD_BYTES,
                )
            )
        return parse_certificates(content, now)

    def in_force(self, caller: Caller) -> StoredCertificate:
        """Give the newest certificate, or raise NotFound where there is none yet."""
        require(caller, Action.CERTIFICATE_READ)
        found = certificates.in_force(self._db, caller.tenant_id)
        if found is None:
            raise NotFound(Said("no certificate has been uploaded yet"))
        return found

    def history(self, caller: Caller) -> list[StoredCertificate]:
        """Give every certificate that was uploaded, the one in force first."""
        require(caller, Action.CERTIFICATE_READ)
        return certificates.history(self._db, caller.tenant_id)

    def warnings(self, caller: Caller) -> list[CertificateExpiring]:
        """Warn where the certificate in force expires within 60 days, or has expired."""
        require(caller, Action.CERTIFICATE_READ)
        found = certificates.in_force(self._db, caller.tenant_id)
        warning = expiring(found, self._clock()) if found else None
        return [warning] if warning else []


def require_certificate(db: Database, tenant_id: str, now: datetime) -> StoredCertificate:
    """Give the certificate in force; InvalidInput where nothing could be sealed to it at `now`."""
    found = certificates.in_force(db, tenant_id)
    if found is None:
        raise InvalidInput(
            "certificate",
            Said("no certificate: upload one first, exports are sealed to it"),
            _EXPECTED,
        )
    try:
        for recipient in read_recipients(found.pem):
            check_usable(recipient, now)
    except CertificateRefused as error:
        raise InvalidInput(
            "certificate",
            Said("{message}: upload another one first", message=error.said),
            _EXPECTED,
        ) from error
    return found


def _check_name(name: str) -> None:
    if name in {".", ".."} or not _NAME.fullmatch(name):
        raise InvalidInput.at(
            "certificatefilename",
            Said("not a file name"),
            Said("1 to 255 characters, without slashes and control characters"),
        )
