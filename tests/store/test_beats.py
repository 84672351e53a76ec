"""The beats of the workers."""

from __future__ import annotations

import time

from cxport.store import beats
from cxport.store.database import Database


def test_a_worker_lives_while_it_beats(db: Database) -> None:
    """One that beat lately lives; one that did not, or that left, does not."""
    for worker in ("first", "second", "third"):
        beats.beat(db, worker)
    time.sleep(0.3)
    beats.beat(db, "first")
    beats.forget(db, "third")

    assert beats.living(db, 0.2) >= {"first"}
    assert "second" not in beats.living(db, 0.2)
    assert beats.living(db, 60) >= {"first", "second"}
    assert "third" not in beats.living(db, 60)
