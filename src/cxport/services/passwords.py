"""Secrets that people or programs type: kept as argon2id, verified a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cxport.domain.errors import InvalidInput, LimitReached
from cxport.domain.said import Said

#: Characters of a password that somebody chooses.
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
#: Stands in where an account is unknown, so that the answer takes as long as for a known one.
_NOBODY = "nobody has this password"


class Passwords:
    """Hashes and verifies with argon2id (RFC 9106, the low-memory profile unless told otherwise).

    One verification takes about 150 ms and 64 MiB: `parallel` run at a time, `waiting` more may
    wait; the next one is refused with LimitReached.
    """

    def __init__(
        self, *, parallel: int, waiting: int, hasher: PasswordHasher | None = None
    ) -> None:
        self._hasher = hasher or PasswordHasher()
        self._seats = BoundedSemaphore(parallel + waiting)
        self._turns = BoundedSemaphore(parallel)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash(_NOBODY)

    def hash(self, secret: str) -> str:
        """Give what is kept of a secret."""
        with self._turns:
            return self._hasher.hash(secret)

    def verify(self, kept: str | None, secret: str) -> bool:
        """Compare; for an unknown account (None) work as long and answer False."""
        with self._turn():
            return self._matches(kept or self._nobody, secret) and kept is not None

    def _matches(self, kept: str, secret: str) -> bool:
        try:
            return self._hasher.verify(kept, secret)
        except (VerificationError, InvalidHashError):
            return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._seats.acquire(blocking=False):
            raise LimitReached(Said("too many sign-ins at the same time"), 1)
        try:
            with self._turns:
                yield
        finally:
            self._seats.release()


def check_chosen(field: str, password: str) -> None:
    """Raise InvalidInput, naming the field, where a chosen password is too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise InvalidInput.at(
            field,
            Said("too short, or too long"),
            Said(
                "{shortest_password} to {longest_password} characters",
                shortest_password=SHORTEST_PASSWORD,
                longest_password=LONGEST_PASSWORD,
            ),
        )
