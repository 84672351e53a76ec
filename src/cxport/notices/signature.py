"""Signatures of webhooks, as Standard Webhooks says (version 1.0.0, symmetric)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

_PREFIX = "whsec_"
_BYTES = 32


def new_secret() -> str:
    """Make a secret: `whsec_` and 32 random bytes in base64."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def signed_headers(
    message_id: str, timestamp: int, body: bytes, keys: Sequence[str]
) -> dict[str, str]:
    """Give the headers of a message; several secrets sign it side by side."""
    content = b".".join((message_id.encode(), str(timestamp).encode(), body))
    signatures = " ".join(f"v1,{_mac(key, content)}" for key in keys)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures,
    }


def _mac(key: str, content: bytes) -> str:
    raw = base64.b64decode(key.removeprefix(_PREFIX))
    return base64.b64encode(hmac.digest(raw, content, hashlib.sha256)).decode()
