"""What the tests of sealing share: key owners, small archives, and the forms of a sealed file."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cxport.domain.sealing import Profile
from cxport.sealing.archive import ZipEncoder
from cxport.sealing.certificate import Recipient, make_certificate, read_recipients
from cxport.sealing.cms import new_sealer
from cxport.sealing.envelope import Envelope
from cxport.sealing.opener import PrivateKey, load_private_key

MODIFIED = datetime(2026, 1, 2, 3, 4, 6, tzinfo=UTC)


@dataclass(frozen=True)
class Form:
    """One of the forms in which an archive is sealed."""

    profile: Profile
    text: bool = True

    def __str__(self) -> str:
        return f"{self.profile.value} {'text' if self.text else 'binary'}"


COMPAT_TEXT = Form(Profile.COMPAT)
COMPAT_BINARY = Form(Profile.COMPAT, text=False)
STRICT = Form(Profile.STRICT, text=False)
FORMS = (COMPAT_TEXT, COMPAT_BINARY, STRICT)


@dataclass(frozen=True)
class Owner:
    """Somebody with a private key and a certificate; both are also files, as OpenSSL wants them."""

    key: PrivateKey
    recipient: Recipient
    key_file: Path
    certificate_file: Path


def new_owner(folder: Path, name: str, bits: int = 2048) -> Owner:
    """Make a key and a certificate in a folder."""
    key_pem, certificate_pem = make_certificate(name, 30, bits)
    key_file, certificate_file = folder / f"{name}.key.pem", folder / f"{name}.pem"
    key_file.write_bytes(key_pem)
    certificate_file.write_bytes(certificate_pem)
    (recipient,) = read_recipients(certificate_pem)
    return Owner(load_private_key(key_pem), recipient, key_file, certificate_file)


def seal(data: bytes, form: Form, *owners: Owner, chunk: int = 1 << 20) -> bytes:
    """Seal bytes, in chunks of a size."""
    recipients = [owner.recipient for owner in owners]
    sealer = new_sealer(form.profile, recipients, text=form.text)
    parts = [sealer.update(data[at : at + chunk]) for at in range(0, len(data), chunk)]
    return b"".join((*parts, sealer.finalize()))


def decrypt(message: Iterable[bytes], key: PrivateKey) -> bytes:
    """Decrypt a CMS message whole, whatever is in it."""
    return b"".join(Envelope(message, key).archive())


def archive_of(members: Mapping[str, bytes]) -> bytes:
    """Pack members into an archive."""
    encoder, out = ZipEncoder(modified=MODIFIED), io.BytesIO()
    for name, data in members.items():
        out.write(encoder.begin(name) + encoder.write(data) + encoder.end())
    return out.getvalue() + encoder.finish()
