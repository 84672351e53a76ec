"""Download links: one object, for a short time, signed; whoever holds one needs nothing else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote

from cxport.domain.errors import NotFound
from cxport.domain.said import Said
from cxport.services.key_ring import KeyRing

#: How long the link of a redirect lives.
LIFETIME = timedelta(minutes=1)
_MAC_BYTES = 32
_TIME_BYTES = 8
#: Longer texts are no link of ours and are not looked at.
_MOST_CHARACTERS = 512


class Links:
    """Signs and checks links with a ring of keys of at least 32 bytes (HMAC-SHA-256)."""

    def __init__(self, ring: KeyRing, public_url: str, clock: Callable[[], datetime]) -> None:
        self._ring = ring
        self._public_url = public_url.rstrip("/")
        self._clock = clock

    def mint(self, tenant_id: str, name: str, lifetime: timedelta = LIFETIME) -> str:
        """Give an absolute link to one file of a tenant; the file's name ends it."""
        expires = int((self._clock() + lifetime).timestamp()).to_bytes(_TIME_BYTES, "big")
        mac = _mac(self._ring.current(), expires, tenant_id, name)
        signed = mac + expires + tenant_id.encode()
        token = base64.urlsafe_b64encode(signed).rstrip(b"=").decode()
        return f"{self._public_url}/links/{token}/{quote(name, safe='')}"

    def tenant(self, token: str, name: str) -> str:
        """Give the tenant whose file a link opens; NotFound where it is forged or too old."""
        try:
            signed = _decoded(token)
            mac, rest = signed[:_MAC_BYTES], signed[_MAC_BYTES:]
            expires, tenant_id = rest[:_TIME_BYTES], rest[_TIME_BYTES:].decode()
        except ValueError as error:
            raise _dead() from error
        if self._clock().timestamp() >= int.from_bytes(expires, "big"):
            raise _dead()
        signer = self._ring.find(
            lambda key: hmac.compare_digest(mac, _mac(key, expires, tenant_id, name))
        )
        if signer is None:
            raise _dead()
        return tenant_id


def _mac(key: bytes, expires: bytes, tenant_id: str, name: str) -> bytes:
    text = b"\0".join((b"link", expires.hex().encode(), tenant_id.encode(), name.encode()))
    return hmac.digest(key, text, hashlib.sha256)


def _decoded(token: str) -> bytes:
    if len(token) > _MOST_CHARACTERS:
        raise ValueError("too long")
    padded = token + "=" * (-len(token) % 4)
    decoded = base64.b64decode(padded, altchars=b"-_", validate=True)
    if base64.urlsafe_b64encode(decoded).decode().rstrip("=") != token:
        raise binascii.Error("not the one spelling of these bytes")
    return decoded


def _dead() -> NotFound:
    return NotFound(Said("this link is not valid or no longer: ask for a new one"))
