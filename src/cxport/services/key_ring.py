"""A ring of keys as one process knows it: what it signs with, and what it accepts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from cxport.store.key_rings import RingKey

#: What a process knows of a ring is at most so old when it signs.
FRESH = timedelta(seconds=30)
#: Beyond the lifetime of what it signed, so long a retired key is accepted: processes that have
#: not heard yet go on signing with it, and clocks differ.
OVERLAP = timedelta(minutes=1)


class KeyRing:
    """Follows the store's ring: no rotation needs a restart, in none of any number of processes.

    `read` gives the ring, newest first; `lifetime` is that of what its keys sign.
    """

    def __init__(
        self,
        read: Callable[[], Sequence[RingKey]],
        lifetime: timedelta,
        clock: Callable[[], datetime],
    ) -> None:
        self._read = read
        self._lifetime = lifetime
        self._clock = clock
        self._kept: tuple[datetime, Sequence[RingKey]] | None = None

    @property
    def keep(self) -> timedelta:
        """How long after its retirement a key is accepted."""
        return self._lifetime + OVERLAP

    def current(self) -> bytes:
        """Give the key to sign with."""
        return self._known()[0].key

    def find(self, fits: Callable[[bytes], bool]) -> bytes | None:
        """Give the accepted key that fits; where none does the ring is read anew, once.

        Another process may have signed with a key that this one has not heard of.
        """
        return self._fitting(self._known(), fits) or self._fitting(self._renewed(), fits)

    def _fitting(self, ring: Sequence[RingKey], fits: Callable[[bytes], bool]) -> bytes | None:
        return next((one.key for one in ring if self._accepted(one) and fits(one.key)), None)

    def _accepted(self, one: RingKey) -> bool:
        return one.retired_at is None or self._clock() < one.retired_at + self.keep

    def _known(self) -> Sequence[RingKey]:
        kept = self._kept
        if kept is None or abs(self._clock() - kept[0]) >= FRESH:
            return self._renewed()
        return kept[1]

    def _renewed(self) -> Sequence[RingKey]:
        read_at = self._clock()
        ring = self._read()
        self._kept = read_at, ring
        return ring
