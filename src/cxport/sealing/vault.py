"""Our own secrets at rest: sealed by the installation's master key (ASVS 11.3)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cxport.domain.errors import SetupError

#: Bytes of a master key.
MASTER_KEY_BYTES = 32

_FORM = b"\x01"
_KEY_ID_BYTES = 8
_NONCE_BYTES = 12


def new_master_key() -> bytes:
    """Make a master key from the system's random source."""
    return secrets.token_bytes(MASTER_KEY_BYTES)


class Vault:
    """Seals and opens small secrets: the first master key seals, each of them opens.

    So a rotation puts the new key first, reseals whatever `needs_reseal`, and then drops the old
    one. What was sealed by a key that is not known lets `reread` give the keys anew, so that a
    process that runs follows a rotation. The sealed form is form byte, key id, nonce, AES-256-GCM
    ciphertext and tag; the key is derived from the master key by HKDF (RFC 5869). Raises
    SetupError for a key of another length.
    """

    def __init__(
        self, keys: Sequence[bytes], reread: Callable[[], Sequence[bytes]] | None = None
    ) -> None:
        self._reread = reread
        self._ciphers = _ciphers(keys)

    @property
    def key_ids(self) -> tuple[str, ...]:
        """The ids of the master keys, the one that seals first; they tell nothing of the keys."""
        return tuple(key_id.hex() for key_id in self._ciphers)

    def seal(self, plaintext: bytes, purpose: str) -> bytes:
        """Seal a secret for one purpose: it opens for no other."""
        key_id, cipher = next(iter(self._ciphers.items()))
        head = _FORM + key_id
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = cipher.encrypt(nonce, plaintext, head + purpose.encode())
        return head + nonce + sealed

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Open what was sealed for this purpose.

        Raises SetupError where the master key that sealed it is not among ours, and where it was
        changed or sealed for another purpose.
        """
        head, nonce, rest = _split(sealed)
        cipher = self._cipher_of(head.removeprefix(_FORM))
        if cipher is None:
            raise SetupError("a stored secret was sealed by a master key that is not given")
        try:
            return cipher.decrypt(nonce, rest, head + purpose.encode())
        except (InvalidTag, ValueError):
            raise SetupError("a stored secret was changed, or is not what it should be") from None

    def needs_reseal(self, sealed: bytes) -> bool:
        """Tell whether another master key than the first one sealed it."""
        return sealed_by(sealed) != self.key_ids[0]

    def _cipher_of(self, key_id: bytes) -> AESGCM | None:
        if key_id not in self._ciphers and self._reread is not None:
            self._ciphers = _ciphers(self._reread())
        return self._ciphers.get(key_id)


def sealed_by(sealed: bytes) -> str:
    """Give the id of the master key that sealed a secret."""
    head, _, _ = _split(sealed)
    return head.removeprefix(_FORM).hex()


def _ciphers(keys: Sequence[bytes]) -> dict[bytes, AESGCM]:
    """Derive id and cipher of each master key, in their order."""
    if not keys or any(len(key) != MASTER_KEY_BYTES for key in keys):
        raise SetupError(f"a master key must have {MASTER_KEY_BYTES} bytes")
    return {_derive(key, "id", _KEY_ID_BYTES): _cipher(key) for key in keys}


def _split(sealed: bytes) -> tuple[bytes, bytes, bytes]:
    after_head = len(_FORM) + _KEY_ID_BYTES
    after_nonce = after_head + _NONCE_BYTES
    return sealed[:after_head], sealed[after_head:after_nonce], sealed[after_nonce:]


def _cipher(master_key: bytes) -> AESGCM:
    return AESGCM(_derive(master_key, "seal", 32))


def _derive(master_key: bytes, use: str, length: int) -> bytes:
    return HKDF(hashes.SHA256(), length, None, f"cxport vault 1 {use}".encode()).derive(master_key)
