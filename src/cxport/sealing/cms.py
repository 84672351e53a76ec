"""Archives sealed as CMS, as a stream: bytes in, bytes out.

COMPAT is EnvelopedData (RFC 5652, 6) with AES-256-CBC and RSA PKCS#1 v1.5, as S/MIME text;
STRICT is AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084) and RSA-OAEP with SHA-256
(RFC 4055), binary. The length is not known ahead, so whatever is around the content has
indefinite lengths (BER) and the content is a row of OCTET STRINGs. Every file has a content key
of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import Encoding

from cxport.domain.errors import CertificateRefused
from cxport.domain.said import Said
from cxport.domain.sealing import Profile
from cxport.sealing import ber, schemes
from cxport.sealing.base import Octets, Sealer
from cxport.sealing.certificate import Recipient
from cxport.sealing.smime import TextEncoder

__all__ = ["Sealer", "new_sealer"]

_SEGMENT = 256 * 1024  # bytes of content in one OCTET STRING; a multiple of the block


def new_sealer(profile: Profile, recipients: Sequence[Recipient], *, text: bool = True) -> Sealer:
    """Begin a sealed file that each of the recipients can open.

    COMPAT comes as S/MIME text, or without `text` as the CMS message alone, which
    `openssl cms -decrypt -inform DER` opens; STRICT is always that. Raises CertificateRefused
    where there is no recipient.
    """
    if not recipients:
        raise CertificateRefused(Said("there is no certificate to seal to"))
    key = secrets.token_bytes(schemes.KEY_BYTES)
    if profile is Profile.STRICT:
        infos = _recipient_infos(recipients, schemes.RSA_OAEP, key)
        return _CmsSealer(schemes.AUTH_ENVELOPED_DATA, infos, _Gcm(key))
    infos = _recipient_infos(recipients, schemes.RSA_PKCS1, key)
    sealer = _CmsSealer(schemes.ENVELOPED_DATA, infos, _Cbc(key))
    return _TextSealer(sealer) if text else sealer


class _Content(Protocol):
    """The encryption of the content."""

    identifier: bytes
    mac_size: int

    def update(self, data: Octets) -> bytes:
        """Encrypt a whole number of blocks."""

    def finalize(self, rest: Octets) -> bytes:
        """Encrypt the rest, which may end anywhere."""

    def mac(self) -> bytes:
        """Give what authenticates the content, as CMS puts it behind it; after finalize."""

    def size(self, n: int) -> int:
        """Tell the size of `n` bytes when encrypted."""


class _Cbc:
    mac_size = 0

    def __init__(self, key: bytes) -> None:
        iv = secrets.token_bytes(schemes.BLOCK_BYTES)
        self.identifier = schemes.aes256_cbc(iv)
        self._encryptor = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
        self.update = self._encryptor.update

    def finalize(self, rest: Octets) -> bytes:
        missing = schemes.BLOCK_BYTES - len(rest) % schemes.BLOCK_BYTES  # RFC 5652, 6.3
        return self.update(bytes(rest) + bytes((missing,)) * missing) + self._encryptor.finalize()

    def mac(self) -> bytes:
        return b""

    def size(self, n: int) -> int:
        return (n // schemes.BLOCK_BYTES + 1) * schemes.BLOCK_BYTES


class _Gcm:
    mac_size = 2 + schemes.TAG_BYTES

    def __init__(self, key: bytes) -> None:
        nonce = secrets.token_bytes(schemes.NONCE_BYTES)
        self.identifier = schemes.aes256_gcm(nonce)
        self._encryptor = Cipher(algorithms.AES256(key), modes.GCM(nonce)).encryptor()
        self.update = self._encryptor.update

    def finalize(self, rest: Octets) -> bytes:
        return self.update(rest) + self._encryptor.finalize()

    def mac(self) -> bytes:
        return ber.encode(ber.OCTET_STRING, self._encryptor.tag)

    def size(self, n: int) -> int:
        return n


class _CmsSealer:
    """Writes the CMS message itself."""

    def __init__(self, kind: bytes, infos: bytes, content: _Content) -> None:
        self._content = content
        self._written = 0
        self._pending = bytearray()
        self._head = b"".join(
            (
                *(_open(ber.SEQUENCE), kind, _open(ber.CONTEXT_0_CONSTRUCTED)),
                *(_open(ber.SEQUENCE), ber.integer(0), infos),
                *(_open(ber.SEQUENCE), schemes.DATA, content.identifier),
                _open(ber.CONTEXT_0_CONSTRUCTED),
            )
        )
        self._fixed_size = len(self._head) + content.mac_size + 5 * len(ber.END_OF_CONTENTS)

    def update(self, data: Octets) -> bytes:
        self._written += len(data)
        self._pending += data
        whole = len(self._pending) // _SEGMENT * _SEGMENT
        parts = [self._take_head()]
        with memoryview(self._pending) as view:
            for start in range(0, whole, _SEGMENT):
                segment = self._content.update(view[start : start + _SEGMENT])
                parts += (ber.header(ber.OCTET_STRING, _SEGMENT), segment)
        del self._pending[:whole]
        return b"".join(parts)

    def finalize(self) -> bytes:
        last = self._content.finalize(self._pending)
        segment = ber.encode(ber.OCTET_STRING, last) if last else b""
        content_end = segment + 2 * ber.END_OF_CONTENTS
        return self._take_head() + content_end + self._content.mac() + 3 * ber.END_OF_CONTENTS

    def bound(self, n: int) -> int:
        segments, last = divmod(self._content.size(self._written + n), _SEGMENT)
        whole = segments * (len(ber.header(ber.OCTET_STRING, _SEGMENT)) + _SEGMENT)
        rest = len(ber.header(ber.OCTET_STRING, last)) + last if last else 0
        return self._fixed_size + whole + rest

    def _take_head(self) -> bytes:
        head, self._head = self._head, b""
        return head


class _TextSealer:
    """Writes S/MIME text around the message."""

    def __init__(self, message: _CmsSealer) -> None:
        self._message = message
        self._text = TextEncoder()

    def update(self, data: Octets) -> bytes:
        return self._text.update(self._message.update(data))

    def finalize(self) -> bytes:
        return self._text.update(self._message.finalize()) + self._text.finalize()

    def bound(self, n: int) -> int:
        return TextEncoder.size(self._message.bound(n))


def _open(tag: int) -> bytes:
    return bytes((tag,)) + ber.INDEFINITE


def _recipient_infos(
    recipients: Sequence[Recipient], transport: schemes.KeyTransport, key: bytes
) -> bytes:
    infos = (_recipient_info(recipient, transport, key) for recipient in recipients)
    return ber.encode(ber.SET, *sorted(infos))


def _recipient_info(recipient: Recipient, transport: schemes.KeyTransport, key: bytes) -> bytes:
    """Encode a KeyTransRecipientInfo (RFC 5652, 6.2.1)."""
    certificate = x509.load_pem_x509_certificate(recipient.pem.encode())
    public_key = certificate.public_key()
    if not isinstance(public_key, RSAPublicKey):
        raise CertificateRefused(Said("the certificate's key is not RSA"))
    return ber.encode(
        ber.SEQUENCE,
        ber.integer(0),
        _issuer_and_serial(certificate.public_bytes(Encoding.DER)),
        transport.identifier,
        ber.encode(ber.OCTET_STRING, public_key.encrypt(key, transport.padding)),
    )


def _issuer_and_serial(certificate: bytes) -> bytes:
    """Copy them out of a certificate as they lie in it (RFC 5280, 4.1): readers compare bytes."""
    reader = ber.Reader([certificate])
    reader.enter(ber.SEQUENCE)
    reader.enter(ber.SEQUENCE)
    if reader.next_tag() == ber.CONTEXT_0_CONSTRUCTED:
        reader.element(ber.CONTEXT_0_CONSTRUCTED)  # the version
    serial = reader.element(ber.INTEGER)
    reader.element(ber.SEQUENCE)  # the algorithm of the signature
    return ber.encode(ber.SEQUENCE, reader.element(ber.SEQUENCE), serial)
