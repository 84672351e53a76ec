"""The keys that sign access tokens and links, as the host's administrator sees and rotates them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial

from cxport.domain.audit import INSTALLATION, Act
from cxport.domain.vault import SecretBox
from cxport.services import tokens
from cxport.services.audit import Audit
from cxport.services.files import BULK_LIFETIME
from cxport.services.key_ring import KeyRing
from cxport.store import key_rings
from cxport.store.database import Database

_KEY_BYTES = 32


class Signed(StrEnum):
    """What the keys sign."""

    TOKENS = "tokens"
    LINKS = "links"


_NAMES = {Signed.TOKENS: "token-key", Signed.LINKS: "link-key"}
_LIFETIMES = {Signed.TOKENS: tokens.LIFETIME, Signed.LINKS: BULK_LIFETIME}


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A key, never itself; `accepted_until` is None for the one that signs."""

    signs: Signed
    id: str
    created_at: datetime
    accepted_until: datetime | None


class SigningKeys:
    """Rotates them without an outage: whatever was signed before stays good until it expires."""

    def __init__(
        self, db: Database, box: SecretBox, clock: Callable[[], datetime], audit: Audit
    ) -> None:
        self._db = db
        self._audit = audit
        self._box = box
        self._clock = clock

    def ring(self, signed: Signed) -> KeyRing:
        """Give the ring, as a process follows it."""
        read = partial(key_rings.ring, self._db, self._box, _NAMES[signed], _new_key)
        return KeyRing(read, _LIFETIMES[signed], self._clock)

    def rotate(self, signed: Signed, *, at_once: bool = False) -> None:
        """Let a new key take over; every process signs with it within half a minute.

        The old one is accepted for as long as something may be alive that it signed, or, with
        `at_once`, by no process for more than half a minute. Raises WrongState where somebody
        else rotates the same keys at this moment.
        """
        keep = timedelta(0) if at_once else self.ring(signed).keep
        name, now = _NAMES[signed], self._clock()
        with self._audit.on_host(INSTALLATION, Act.SIGNING_KEY_ROTATE, signed):
            key_rings.turn(self._db, self._box, name, _new_key, now, keep)

    def all(self) -> tuple[SigningKey, ...]:
        """Give the keys that are accepted, of each kind the newest first."""
        return tuple(key for signed in Signed for key in self._accepted(signed))

    def _accepted(self, signed: Signed) -> list[SigningKey]:
        keep = self.ring(signed).keep
        ring = key_rings.ring(self._db, self._box, _NAMES[signed], _new_key)
        found = [
            SigningKey(
                signs=signed,
                id=tokens.kid(one.key),
                created_at=one.created_at,
                accepted_until=one.retired_at and one.retired_at + keep,
            )
            for one in ring
        ]
        now = self._clock()
        return [key for key in found if key.accepted_until is None or now < key.accepted_until]


def _new_key() -> bytes:
    return secrets.token_bytes(_KEY_BYTES)
