"""Secrets: how they are kept, and that verifying them cannot exhaust the machine."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from cxport.domain.errors import LimitReached
from cxport.services.passwords import Passwords
from tests.api.installation import WEAK


def test_what_is_kept_is_argon2id_of_rfc_9106() -> None:
    """The low-memory profile: 64 MiB, three passes, four lanes."""
    kept = Passwords(parallel=1, waiting=1).hash("secret")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_only_the_right_secret_is_verified() -> None:
    """Neither a wrong one, nor any for an unknown account, nor one kept in a damaged form."""
    passwords = Passwords(parallel=1, waiting=1, hasher=WEAK)
    kept = passwords.hash("secret")

    assert passwords.verify(kept, "secret")
    assert not passwords.verify(kept, "Secret")
    assert not passwords.verify(None, "secret")
    assert not passwords.verify(None, "nobody has this password")
    assert not passwords.verify("damaged", "secret")


class _Slow(PasswordHasher):
    """Counts how many verifications run at the same time, until it is let go."""

    def __init__(self) -> None:
        super().__init__(time_cost=1, memory_cost=8, parallelism=1)
        self.running, self.most = 0, 0
        self.lock, self.go = threading.Lock(), threading.Event()

    def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # type: ignore[override]  # noqa: A002
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        self.go.wait(10)
        found = super().verify(hash, password)
        with self.lock:
            self.running -= 1
        return found


def test_verifications_run_a_few_at_a_time_and_a_few_wait() -> None:
    """Two run, three wait, and the sixth is sent away at once."""
    slow = _Slow()
    passwords = Passwords(parallel=2, waiting=3, hasher=slow)
    kept = passwords.hash("secret")
    with ThreadPoolExecutor(6) as pool:
        tries = [pool.submit(passwords.verify, kept, "secret") for _ in range(5)]
        _until(lambda: passwords._seats._value == 0)  # noqa: SLF001 - nobody else counts them
        with pytest.raises(LimitReached) as caught:
            passwords.verify(kept, "secret")
        slow.go.set()
        assert all(one.result(10) for one in tries)

    assert caught.value.retry_after_seconds == 1
    assert slow.most == 2
    assert passwords.verify(kept, "secret")


def _until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it did not become true")
