"""Rings of keys in the store: what takes over, what is kept, and for how long."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from datetime import timedelta

from cxport.domain.errors import WrongState
from cxport.sealing.vault import Vault, new_master_key
from cxport.store import key_rings
from cxport.store.database import Database
from tests.store.samples import NOON

HOUR = timedelta(hours=1)


def make() -> bytes:
    """Make a key."""
    return os.urandom(32)


def test_a_ring_begins_with_one_key(fresh_db: Database) -> None:
    """Made by whoever asks first, and the same from then on."""
    box = Vault([new_master_key()])
    (first,) = key_rings.ring(fresh_db, box, "ring", make)

    assert key_rings.ring(fresh_db, box, "ring", make) == (first,)
    assert first.retired_at is None
    assert key_rings.ring(fresh_db, box, "ring-of-others", make)[0].key != first.key


def test_a_key_that_is_taken_over_from_stays_for_its_time(fresh_db: Database) -> None:
    """It knows when that was; what is older than asked for goes with the next turn."""
    box = Vault([new_master_key()])
    (first,) = key_rings.ring(fresh_db, box, "ring", make)
    key_rings.turn(fresh_db, box, "ring", make, NOON, HOUR)
    second, old = key_rings.ring(fresh_db, box, "ring", make)

    assert (old.key, old.retired_at) == (first.key, NOON)
    assert (second.created_at, second.retired_at) == (NOON, None)
    for turns in range(1, 12):
        key_rings.turn(fresh_db, box, "ring", make, NOON + turns * HOUR, HOUR)
    kept = key_rings.ring(fresh_db, box, "ring", make)
    assert [key.created_at for key in kept] == [NOON + 11 * HOUR, NOON + 10 * HOUR]


def test_turns_at_the_same_moment_make_no_key_twice(fresh_db: Database) -> None:
    """Each one that is not refused adds a key; the ring is whole afterwards."""
    box = Vault([new_master_key()])
    key_rings.ring(fresh_db, box, "ring", make)
    done: list[bool] = []

    def turn() -> None:
        with suppress(WrongState):
            key_rings.turn(fresh_db, box, "ring", make, NOON, HOUR)
            done.append(True)

    threads = [threading.Thread(target=turn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    kept = key_rings.ring(fresh_db, box, "ring", make)
    assert done
    assert len({key.key for key in kept}) == len(kept) == 1 + len(done)
