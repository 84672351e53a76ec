"""Signatures of manifests (Ed25519, RFC 8032) and the codes in link tokens (HMAC-SHA-256)."""

from __future__ import annotations

import hmac

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey


def new_signing_key() -> bytes:
    """Make a private signing key, 32 bytes."""
    return Ed25519PrivateKey.generate().private_bytes_raw()


def public_of(key: bytes) -> bytes:
    """Give the public key, 32 bytes, of a private one."""
    return Ed25519PrivateKey.from_private_bytes(key).public_key().public_bytes_raw()


def sign(key: bytes, data: bytes) -> bytes:
    """Sign with a private key: 64 bytes, the same for the same data."""
    return Ed25519PrivateKey.from_private_bytes(key).sign(data)


def verify(public: bytes, data: bytes, signature: bytes) -> bool:
    """Tell whether the owner of the public key signed exactly this data.

    False also for a key or a signature that has not even the form of one.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


def mac(key: bytes, data: bytes) -> bytes:
    """Authenticate data among holders of one secret key: 32 bytes."""
    return hmac.digest(key, data, "sha256")


def mac_matches(key: bytes, data: bytes, given: bytes) -> bool:
    """Tell whether `given` is the code of this data; takes as long whatever it is."""
    return hmac.compare_digest(mac(key, data), given)
