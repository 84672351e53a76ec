"""The algorithms that seal a file, as CMS names them: what is written, and all that is opened."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from cxport.sealing import ber

#: Content types (RFC 5652, 4 and 6; RFC 5083, 2).
DATA = ber.oid("1.2.840.113549.1.7.1")
ENVELOPED_DATA = ber.oid("1.2.840.113549.1.7.3")
AUTH_ENVELOPED_DATA = ber.oid("1.2.840.113549.1.9.16.1.23")

#: Bytes of an AES-256 key, of an AES block, of a GCM nonce and of a GCM tag.
KEY_BYTES, BLOCK_BYTES, NONCE_BYTES, TAG_BYTES = 32, 16, 12, 16

_SHA256 = ber.oid("2.16.840.1.101.3.4.2.1")
_MGF1 = ber.oid("1.2.840.113549.1.1.8")
_AES256_CBC = ber.oid("2.16.840.1.101.3.4.1.42")
_AES256_GCM = ber.oid("2.16.840.1.101.3.4.1.46")


@dataclass(frozen=True)
class KeyTransport:
    """How a content key travels to a recipient: its AlgorithmIdentifier, and its RSA padding."""

    identifier: bytes
    padding: padding.AsymmetricPadding


#: RFC 3370, 4.2.1.
RSA_PKCS1 = KeyTransport(
    ber.encode(ber.SEQUENCE, ber.oid("1.2.840.113549.1.1.1"), ber.encode(ber.NULL)),
    padding.PKCS1v15(),
)


def _oaep(sha256: bytes) -> KeyTransport:
    """Encode RSAES-OAEP (RFC 4055, 4.1) with the AlgorithmIdentifier of SHA-256 as given."""
    parameters = (
        ber.encode(ber.CONTEXT_0_CONSTRUCTED, sha256),
        ber.encode(ber.CONTEXT_1_CONSTRUCTED, ber.encode(ber.SEQUENCE, _MGF1, sha256)),
    )
    return KeyTransport(
        ber.encode(
            ber.SEQUENCE, ber.oid("1.2.840.113549.1.1.7"), ber.encode(ber.SEQUENCE, *parameters)
        ),
        padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None),
    )


#: What should be written, and the older form that is to be read too (RFC 5754, 2).
RSA_OAEP = _oaep(ber.encode(ber.SEQUENCE, _SHA256))
RSA_OAEP_WITH_NULL = _oaep(ber.encode(ber.SEQUENCE, _SHA256, ber.encode(ber.NULL)))

KEY_TRANSPORTS = {scheme.identifier: scheme for scheme in (RSA_PKCS1, RSA_OAEP, RSA_OAEP_WITH_NULL)}


def aes256_cbc(iv: bytes) -> bytes:
    """Give the AlgorithmIdentifier of AES-256-CBC with this IV (RFC 3565, 4.1)."""
    return ber.encode(ber.SEQUENCE, _AES256_CBC, ber.encode(ber.OCTET_STRING, iv))


def aes256_gcm(nonce: bytes) -> bytes:
    """Give the AlgorithmIdentifier of AES-256-GCM with this nonce (RFC 5084, 3.2)."""
    parameters = (ber.encode(ber.OCTET_STRING, nonce), ber.integer(TAG_BYTES))
    return ber.encode(ber.SEQUENCE, _AES256_GCM, ber.encode(ber.SEQUENCE, *parameters))
