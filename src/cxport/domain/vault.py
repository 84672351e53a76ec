"""What seals secrets at rest; the implementation lives in `sealing`."""

from __future__ import annotations

from typing import Protocol


class SecretBox(Protocol):
    """Seals small secrets for a purpose; opened for another purpose they are refused."""

    def seal(self, plaintext: bytes, purpose: str) -> bytes:
        """Seal with the newest master key."""

    def open(self, sealed: bytes, purpose: str) -> bytes:
        """Open with whichever master key sealed it; SetupError where none did."""

    def needs_reseal(self, sealed: bytes) -> bool:
        """Tell whether another master key than the newest one sealed it."""


def dsn_purpose(tenant_id: str) -> str:
    """Name the purpose for which a source's DSN is sealed: no other tenant's row can hold it."""
    return f"source:{tenant_id}"


def target_purpose(tenant_id: str) -> str:
    """Name the purpose for which a subscription's target is sealed, likewise."""
    return f"subscription:{tenant_id}"
