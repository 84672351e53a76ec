"""Rings of keys that no store holds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from cxport.services.key_ring import KeyRing
from cxport.store.key_rings import RingKey


def ring_of(key: bytes) -> KeyRing:
    """Give a ring of one key."""
    now = datetime.now(UTC)
    held = [RingKey(key=key, created_at=now)]
    return KeyRing(lambda: held, timedelta(hours=1), lambda: now)
